"""What an answer says of the address that was asked: is it alive, does it lead elsewhere, is it gone? Pure."""

from __future__ import annotations

from dataclasses import dataclass

from index.link_states import LinkState
from index.outcomes import RETRY_NEXT_RUN, Outcome
from index.records import Page
from index.urls import url_key

PASSING = RETRY_NEXT_RUN - {Outcome.OVER_BUDGET, Outcome.RATE_LIMITED}
ANSWERED = frozenset({Outcome.NOT_MODIFIED, Outcome.TOO_LARGE})
"""Outcomes without a page that still show that the address answers."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The state of an address, with the HTTP status and where it leads."""

    url: str
    state: LinkState
    status: int | None = None
    leads_to: str = ""


def seen_of(url: str, outcome: Outcome, *, page: Page | None, hops: tuple[tuple[str, int], ...], led_to: str) -> Seen:
    """Say what is known of `url` after it was asked, UNKNOWN where the answer says nothing (refused, robots.txt).

    Only 404, 410 and the like are dead. A fault that passes (time limit, 5xx, no connection) is unreachable. An
    address whose other spelling answers (https, www) is alive.
    """
    status = page.status if page is not None else None
    target = page.url if page is not None and page.requested_url else led_to
    if outcome is Outcome.GONE:
        return Seen(url, LinkState.DEAD, status)
    if outcome in PASSING:
        return Seen(url, LinkState.UNREACHABLE, status)
    if target and url_key(target) != url_key(url):
        if page is not None or outcome is Outcome.NOT_ARTICLE:
            return Seen(url, LinkState.REDIRECTED, hops[0][1] if hops else None, target)
        return Seen(url, LinkState.UNKNOWN)
    if outcome in ANSWERED or (page is not None and page.status in (200, 203)):
        return Seen(url, LinkState.ALIVE, status)
    return Seen(url, LinkState.UNKNOWN)
