"""How each outlet fares: what its runs observed, judged by pure rules into a state, a cause and a sentence.

The store keeps what is observed and judged; no I/O here.
"""
