"""The root of every error Watchfloor raises on purpose, sorted by what its reader must do.

A message is one sentence that names its subject (file, key, URL, outlet) and says what to do.
"""

from __future__ import annotations

EXIT_DONE = 0
EXIT_USAGE = 2
EXIT_CONFIGURATION = 3
EXIT_PARTIAL = 10
EXIT_BLOCKED = 11
EXIT_BUDGET = 12
EXIT_STORAGE_FULL = 13
EXIT_INTERNAL = 70
EXIT_TRY_AGAIN = 75


class WatchfloorError(Exception):
    """Anything the command line shows as one sentence, without a traceback, ending with `exit_code`."""

    exit_code = EXIT_CONFIGURATION


class ConfigurationError(WatchfloorError, ValueError):
    """Fix a setting or an outlet file. Carries every fault found, not only the first."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(faults))


class UsageError(WatchfloorError, ValueError):
    """The command was called with something that cannot be done; say it differently."""

    exit_code = EXIT_USAGE


class TryAgainError(WatchfloorError):
    """Nothing is wrong with the input: wait for another process or server, then repeat."""

    exit_code = EXIT_TRY_AGAIN


class StorageFullError(WatchfloorError):
    """The disk is full or below the guard: free space, then repeat; what was committed is kept."""

    exit_code = EXIT_STORAGE_FULL
