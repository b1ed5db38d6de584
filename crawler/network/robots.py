"""What a host's robots.txt means for us (RFC 9309). Pure: bytes and a status in, rules out."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego

from index.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one host. `unreadable` says why nothing may be asked although nothing is known to be forbidden."""

    rules: Protego | None = None  # None: everything is allowed
    unreadable: str = ""
    outcome: Outcome = Outcome.SERVER_ERROR  # of a URL that is not asked for because robots.txt is unreadable

    def why_denied(self, url: str, user_agent: str) -> str | None:
        """Say why `url` may not be asked for; None when it may."""
        if self.unreadable:
            return self.unreadable
        if self.rules is None or self.rules.can_fetch(url, user_agent):
            return None
        return f"robots.txt of {urlsplit(url).netloc} forbids it."

    def crawl_delay_s(self, user_agent: str) -> float:
        """Seconds robots.txt asks us to leave between requests; 0 where it says nothing."""
        delay = None if self.rules is None else self.rules.crawl_delay(user_agent)
        return max(0.0, float(delay)) if delay is not None else 0.0


def robots_of_answer(status: int, body: bytes, *, max_bytes: int) -> Robots:
    """Read an answer to /robots.txt: 4xx allows all, 5xx and 429 forbid all for now, anything else is read.

    RFC 9309 sections 2.3.1.3 and 2.3.1.4; 429 is taken for what it means, not for an absent file.
    """
    if status == 429 or status >= 500:
        outcome = Outcome.RATE_LIMITED if status == 429 else Outcome.SERVER_ERROR
        return Robots(unreadable=f"robots.txt answered HTTP {status}, so nothing was asked for.", outcome=outcome)
    if status >= 300:
        return Robots()
    text = body[:max_bytes].decode("utf-8", "replace").replace("\x00", "").lstrip("\ufeff")
    return Robots(rules=Protego.parse(text))


def robots_unreachable(outcome: Outcome, detail: str) -> Robots:
    """The rules of a host whose robots.txt could not be fetched: nothing is asked for now."""
    return Robots(unreadable=f"robots.txt could not be fetched, so nothing was asked for. {detail}", outcome=outcome)
