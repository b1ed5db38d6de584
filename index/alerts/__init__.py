"""What an operator must be told: troubles read from the archive's own rows, and when each is told, once. No I/O here.

`troubles` finds what is wrong, `storms` joins what has one cause, `deciding` says what is told when, `wording` how.
"""
