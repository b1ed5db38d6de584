"""What an answer says of the address asked: a table, for a rule without network or store."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.link_states import seen_of
from index.link_states import LinkState
from index.outcomes import Outcome
from index.records import Page

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ASKED = "https://harbour.example/a"


def page(url: str = ASKED, *, status: int = 200, asked: str = "") -> Page:
    return Page(url, b"", NOW, requested_url=asked, status=status)


@pytest.mark.parametrize(
    ("outcome", "found", "led_to", "state"),
    [
        (Outcome.NEW, page(), "", LinkState.ALIVE),
        (Outcome.NOT_ARTICLE, page(), "", LinkState.ALIVE),
        (Outcome.NOT_MODIFIED, None, "", LinkState.ALIVE),
        (Outcome.TOO_LARGE, None, "", LinkState.ALIVE),
        (Outcome.GONE, page(status=404), "", LinkState.DEAD),
        (Outcome.GONE, page("https://harbour.example/lost", status=404, asked=ASKED), "", LinkState.DEAD),
        (Outcome.TIMEOUT, None, "", LinkState.UNREACHABLE),
        (Outcome.CONNECTION_FAILED, None, "", LinkState.UNREACHABLE),
        (Outcome.TLS_FAILED, None, "", LinkState.UNREACHABLE),
        (Outcome.SERVER_ERROR, page(status=503), "", LinkState.UNREACHABLE),
        (Outcome.NEW, page("https://harbour.example/b", asked=ASKED), "", LinkState.REDIRECTED),
        (Outcome.NOT_ARTICLE, None, "https://elsewhere.example/", LinkState.REDIRECTED),
        (Outcome.NEW, page("https://www.harbour.example/a/", asked=ASKED), "", LinkState.ALIVE),
        (Outcome.BLOCKED, page(status=403), "", LinkState.UNKNOWN),
        (Outcome.RATE_LIMITED, None, "", LinkState.UNKNOWN),
        (Outcome.ROBOTS_DENIED, None, "", LinkState.UNKNOWN),
        (Outcome.ROBOTS_DENIED, None, "https://harbour.example/b", LinkState.UNKNOWN),
        (Outcome.EXTRACTION_FAILED, None, "", LinkState.UNKNOWN),
        (Outcome.TRAP, None, "", LinkState.UNKNOWN),
    ],
)
def test_state_of_an_address(outcome, found, led_to, state):
    assert seen_of(ASKED, outcome, page=found, hops=(), led_to=led_to).state is state


def test_redirect_names_its_status_and_where_it_leads():
    seen = seen_of(ASKED, Outcome.NEW, page=page("https://h.example/b", asked=ASKED), hops=((ASKED, 301),), led_to="")
    assert (seen.status, seen.leads_to) == (301, "https://h.example/b")
