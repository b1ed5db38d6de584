"""Search engines under one call, each in a process of its own: `python -m benchmarks.engines.run NAME ...`.

Every engine holds the same articles and answers the same thirteen kinds of questions with ten hits. An engine imports
its own library only, so a peer runs in an environment of its own.
"""
