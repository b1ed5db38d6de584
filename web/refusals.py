"""Requests that are understood and refused: not signed in, not allowed, too often. Each a sentence with its status."""

from __future__ import annotations

from config.errors import WatchfloorError


class RefusedError(WatchfloorError):
    """A request that is answered by `status` and the sentence of the error."""

    status = 400


class SignInNeededError(RefusedError):
    """Only somebody who is signed in may see or do this."""

    status = 401


class ForbiddenError(RefusedError):
    """Whoever is signed in may not do this, or did not mean it."""

    status = 403


class TooOftenError(RefusedError):
    """Too many wrong tries; `wait_s` seconds from now another is looked at."""

    status = 429

    def __init__(self, told: str, *, wait_s: int) -> None:
        super().__init__(told)
        self.wait_s = wait_s
