"""Outcome: the closed list of ways a URL can end. Counted once, where it is decided."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """One named ending of one URL in one run; `sentence` says it to an operator."""

    sentence: str

    def __new__(cls, name: str, sentence: str = "") -> Outcome:
        member = str.__new__(cls, name)
        member._value_ = name
        member.sentence = sentence
        return member

    NEW = "new", "An article we did not hold; stored."
    CHANGED = "changed", "An article we hold whose text or headline changed; a revision was added."
    UNCHANGED = (
        "unchanged",
        "An article we hold with nothing new: fetched and equal, or skipped because no source says it changed.",
    )
    NOT_MODIFIED = "not_modified", "The server answered 304 to our ETag or Last-Modified."
    MOVED = "moved", "An article we hold answers at another address now; the address was added to it."
    DUPLICATE = "duplicate", "The same page under another address: canonical link, AMP or mobile twin."
    NOT_ARTICLE = "not_article", "The page is no article: home, section, index, empty, or another kind of file."
    LOGIN_WALL = "login_wall", "The page asks for a login and shows no article."
    CONSENT_WALL = "consent_wall", "The page asks for consent to cookies and shows no article."
    PAYWALLED_STUB = "paywalled_stub", "An article of which only the free beginning is shown; stored and marked."
    ROBOTS_DENIED = "robots_denied", "robots.txt forbids the URL; it was not asked for."
    ADDRESS_REFUSED = "address_refused", "The host resolves to a private or reserved address, or an unlisted port."
    SCHEME_REFUSED = "scheme_refused", "Not http or https, or a redirect to such an address."
    TRAP = "trap", "The URL looks endless: repeated path segments, calendar steps, session ids."
    OVER_BUDGET = "over_budget", "The run's budget of pages, new URLs or time was used up; kept for the next run."
    TOO_DEEP = "too_deep", "More link steps from a source than the depth limit allows."
    TOO_LARGE = "too_large", "The body is over the size limit, before or after decompression."
    TIMEOUT = "timeout", "No complete answer within the time limit."
    CONNECTION_FAILED = "connection_failed", "No connection: name not found, refused, reset or cut short."
    TLS_FAILED = "tls_failed", "The certificate or the TLS handshake was not accepted."
    SERVER_ERROR = "server_error", "The server answered 5xx after the retries."
    BLOCKED = "blocked", "The server refuses us: 401, 403, 451 or a bot challenge."
    RATE_LIMITED = "rate_limited", "The server asked us to slow down (429, or 503 with Retry-After); tried later."
    GONE = "gone", "404 or 410: nothing is at this address (any more)."
    UNDECODABLE = "undecodable", "The bytes cannot be read as text in any charset named or detected."
    EXTRACTION_FAILED = "extraction_failed", "A page we did not understand: an alarm, not silence."
    NOT_IN_ARCHIVE = "not_in_archive", "A replay or re-extraction asked for a page that no WARC file holds."
    TAKEN_DOWN = "taken_down", "The article was taken down here and is not fetched again."


STORED = frozenset(
    {Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED, Outcome.NOT_MODIFIED, Outcome.MOVED, Outcome.PAYWALLED_STUB}
)
"""Outcomes after which the article is held; every other one is a rejection with a cause."""

RETRY_NEXT_RUN = frozenset(
    {
        Outcome.OVER_BUDGET,
        Outcome.TIMEOUT,
        Outcome.CONNECTION_FAILED,
        Outcome.TLS_FAILED,
        Outcome.SERVER_ERROR,
        Outcome.RATE_LIMITED,
    }
)
"""Passing faults: the lead waits for the next run instead of ending."""

WAITS_AGAIN = RETRY_NEXT_RUN | {Outcome.NOT_IN_ARCHIVE}
"""After these the lead still waits: what a replay did not find, the outlet was never asked for."""
