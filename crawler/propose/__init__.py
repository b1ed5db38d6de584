"""What an outlet file should say, worked out from one article: sources, address pattern, rules. Pure, no I/O."""
