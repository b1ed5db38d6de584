"""What is decided before the program starts: settings, outlet definitions, rules. Imports nothing of ours."""
