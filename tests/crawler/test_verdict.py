"""How a run ended, as a table of counts."""

from __future__ import annotations

import pytest

from config.errors import EXIT_DONE, EXIT_PARTIAL, EXIT_STORAGE_FULL
from crawler.verdict import EXIT_CODES, Ending, exit_code_of, verdict_of

BUDGET = Ending("budget", "The budget of 5 pages is used up.")
FULL = Ending("storage_full", "The disk is full.")


@pytest.mark.parametrize(
    ("counts", "ending", "faults", "state"),
    [
        ({}, Ending(), (), "done"),
        ({"new": 3, "not_article": 2}, Ending(), (), "done"),
        ({"new": 3, "gone": 1, "trap": 4, "robots_denied": 1}, Ending(), (), "done"),
        ({"new": 3, "extraction_failed": 1}, Ending(), (), "partial"),
        ({"new": 3, "timeout": 1}, Ending(), (), "partial"),
        ({"new": 3}, Ending(), ("http://a.example/feed (gone)",), "partial"),
        ({"blocked": 4}, Ending(), ("http://a.example/feed (blocked)",), "blocked"),
        ({"robots_denied": 2}, Ending(), (), "blocked"),
        ({"blocked": 4, "new": 1}, Ending(), (), "partial"),
        ({"connection_failed": 1}, Ending(), ("http://a.example/feed",), "failed"),
        ({"new": 5}, BUDGET, (), "budget"),
        ({"new": 5, "timeout": 1}, BUDGET, (), "budget"),
        ({"new": 5}, FULL, (), "storage_full"),
        ({"blocked": 5}, FULL, (), "storage_full"),
    ],
)
def test_state_of_a_run_follows_from_its_outcomes(counts, ending, faults, state):
    assert verdict_of(counts, ending=ending, source_faults=faults).state == state


def test_every_state_but_done_says_why():
    assert verdict_of({"blocked": 1}, ending=Ending()).reason == "The outlet refuses us: 1 blocked."
    assert verdict_of({"new": 1}, ending=BUDGET).reason == BUDGET.cause


def test_states_have_the_exit_codes_of_the_contract():
    expected = {
        "done": 0, "partial": 10, "blocked": 11, "budget": 12, "storage_full": 13, "failed": 75, "killed": 75,
    }  # fmt: skip
    assert expected == EXIT_CODES


@pytest.mark.parametrize(
    ("codes", "folded"),
    [([], EXIT_DONE), ([0, 0], 0), ([12, 12], 12), ([0, 12], EXIT_PARTIAL), ([0, 13, 75], EXIT_STORAGE_FULL)],
)
def test_codes_of_several_runs_fold_into_one(codes, folded):
    assert exit_code_of(codes) == folded
