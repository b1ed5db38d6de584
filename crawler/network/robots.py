"""What a host's robots.txt means for us (RFC 9309). Pure: bytes and a status in, rules out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from protego import Protego

from index.outcomes import RETRY_NEXT_RUN, Outcome
from index.robots_rules import line_forbidding, lines_for, product_of

_PASSING = RETRY_NEXT_RUN | {Outcome.ADDRESS_REFUSED, Outcome.NOT_IN_ARCHIVE}
"""What may be said of a URL because of its robots.txt; any other fault is the server's, and passes."""


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one host. `unreadable` says why nothing may be asked although nothing is known to be forbidden."""

    rules: Protego | None = None  # None: everything is allowed
    text: str = ""  # what was read of it
    status: int | None = None  # None: it could not be fetched
    unreadable: str = ""
    outcome: Outcome = Outcome.SERVER_ERROR  # of a URL that is not asked for because robots.txt is unreadable
    retry_at: datetime | None = None  # when the host may be asked again, where it said so
    digest: str = ""  # of what it says, "none" where there is no such file, "" where that is not known

    def why_denied(self, url: str, user_agent: str) -> str | None:
        """Say why `url` may not be asked for; None when it may."""
        if self.unreadable:
            return self.unreadable
        if self.rules is None or self.rules.can_fetch(url, product_of(user_agent)):
            return None
        line = line_forbidding(lines_for(self.text, user_agent), url)
        shown = f": line {line.number} `{line.text[:200]}`" if line is not None else ""
        return f"robots.txt of {urlsplit(url).netloc} forbids it{shown}."

    def crawl_delay_s(self, user_agent: str) -> float:
        """Seconds robots.txt asks us to leave between requests, as Crawl-delay or Request-rate; 0 for no word of it."""
        if self.rules is None:
            return 0.0
        product = product_of(user_agent)
        delay, rate = self.rules.crawl_delay(product), self.rules.request_rate(product)
        by_rate = rate.seconds / rate.requests if rate is not None and rate.requests else 0.0
        return max(0.0, float(delay or 0.0), by_rate)


def robots_of_answer(status: int, body: bytes, *, max_bytes: int, retry_at: datetime | None = None) -> Robots:
    """Read an answer to /robots.txt: 4xx allows all, 5xx and 429 forbid all for now, anything else is read.

    RFC 9309 sections 2.3.1.3 and 2.3.1.4; 429 is taken for what it means, not for an absent file.
    """
    if status == 429 or status >= 500:
        outcome = Outcome.RATE_LIMITED if status == 429 else Outcome.SERVER_ERROR
        return Robots(
            unreadable=f"robots.txt answered HTTP {status}, so nothing was asked for.",
            outcome=outcome,
            retry_at=retry_at,
            status=status,
        )
    if status >= 300:
        return Robots(status=status, digest="none")
    read = body[:max_bytes]
    if len(body) > max_bytes:  # a line cut in two could forbid or allow what it does not
        read = read[: read.replace(b"\r", b"\n").rfind(b"\n") + 1]
    text = read.decode("utf-8", "replace").replace("\x00", "").lstrip("\ufeff")
    return Robots(rules=Protego.parse(text), text=text, status=status, digest=digest_of(text))


def digest_of(text: str) -> str:
    """Return a digest of what a robots.txt says to crawlers; comments, white space and sitemaps change nothing."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    said = (":".join(part.strip() for part in line.split(":", 1)) for line in lines if line)
    told = "\n".join(line for line in said if not line.lower().startswith("sitemap:"))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def robots_unreachable(outcome: Outcome, detail: str, *, retry_at: datetime | None = None) -> Robots:
    """The rules of a host whose robots.txt could not be fetched: nothing is asked for now.

    More redirects than are followed mean that there is no robots.txt (RFC 9309 section 2.3.1.2). A fault that would
    end a page for good ends no page here: it is the host's, and the lead waits for the next run.
    """
    if outcome is Outcome.TRAP:
        return Robots(digest="none")
    told = f"robots.txt could not be fetched, so nothing was asked for. {detail}"
    return Robots(unreadable=told, outcome=outcome if outcome in _PASSING else Outcome.SERVER_ERROR, retry_at=retry_at)
