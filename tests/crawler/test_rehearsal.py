"""An outlet that lived as usual for weeks breaks: real crawls, and what its operator is told. See benchmarks/rehearsal.

Breaks that only time can show (it dries up, a feed stands still) are in the table of docs/operating.md, and in the
simulations of tests/index/health.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.rehearsal import Rehearsal, rehearsing
from benchmarks.rehearsed_outlet import Break

pytestmark = pytest.mark.timeout(400)  # the weeks before are judged hour by hour, on whatever machine

MOST_RUNS = 6
TOLD = {
    Break.LAYOUT: ("layout_changed", "gave no article"),
    Break.FORBIDDEN: ("blocked", "2 lists failed"),
    Break.TOO_MANY: ("rate_limited", "2 lists failed"),
    Break.EMPTY: ("empty_answers", ""),
    Break.ROBOTS: ("robots_denied", "2 lists failed"),
    Break.LOGIN: ("login_wall", "gave no article"),
    Break.CERTIFICATE: ("tls_failed", "2 lists failed"),
}


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    folder: Path = tmp_path_factory.mktemp("rehearsal")
    with rehearsing(folder) as rehearsal:
        rehearsal.live_as_usual(runs=2, judged_hours=24)
        yield rehearsal


def test_an_outlet_that_lives_as_usual_raises_no_alarm(lived):
    assert (lived.judged, lived.false_alarms) == (26, [])


@pytest.mark.parametrize("broken", TOLD, ids=lambda broken: broken.name.lower())
def test_a_break_is_noticed_within_hours_and_named(lived, broken):
    cause, words = TOLD[broken]
    seen = lived.break_it(broken, lived.folder.parent / broken.name, most_runs=MOST_RUNS, mend=False)
    assert (seen.cause, words in seen.sentence) == (cause, True), seen
