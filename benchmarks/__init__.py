"""Measurements beside a peer in the same run; each file has --help. Figures are printed, never assumed."""
