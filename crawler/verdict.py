"""How a run ended, decided from what happened to its URLs. Pure: counts in, state and reason out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from config.errors import (
    EXIT_BLOCKED,
    EXIT_BUDGET,
    EXIT_DONE,
    EXIT_PARTIAL,
    EXIT_STORAGE_FULL,
    EXIT_TRY_AGAIN,
)
from index.outcomes import RETRY_NEXT_RUN, STORED, Outcome

EXIT_CODES = {
    "done": EXIT_DONE,
    "partial": EXIT_PARTIAL,
    "blocked": EXIT_BLOCKED,
    "budget": EXIT_BUDGET,
    "storage_full": EXIT_STORAGE_FULL,
    "failed": EXIT_TRY_AGAIN,
    "killed": EXIT_TRY_AGAIN,
}
"""The exit code of a run by its state."""

REFUSALS = frozenset({Outcome.BLOCKED, Outcome.ROBOTS_DENIED, Outcome.LOGIN_WALL, Outcome.CONSENT_WALL})
PASSING = RETRY_NEXT_RUN - {Outcome.OVER_BUDGET}
FAULTS = PASSING | {Outcome.BLOCKED, Outcome.EXTRACTION_FAILED, Outcome.UNDECODABLE}
"""Outcomes after which a run is not called done: something is to be repaired or repeated."""

OURS = frozenset({"storage_full", "killed"})
"""States of runs that ended by a fault on our side: they say nothing of the outlet."""

STOPPED = "Stopped on request; what is left waits for the next run."
"""The reason of a run that a signal ended in order."""

ANSWERED = STORED | {Outcome.DUPLICATE, Outcome.NOT_ARTICLE, Outcome.GONE}
"""Outcomes that show the outlet talks to us."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state of a finished run, and one sentence why."""

    state: str
    reason: str

    @property
    def exit_code(self) -> int:
        """The code a command that ran this alone ends with."""
        return EXIT_CODES[self.state]


@dataclass(frozen=True, slots=True)
class Ending:
    """What ended the taking of leads: nothing left, a budget, a stop, a full disk, no database; `cause` says it."""

    state: str = "done"  # done, budget, storage_full, partial, killed
    cause: str = ""


def verdict_of(counts: Mapping[str, int], *, ending: Ending, source_faults: tuple[str, ...] = ()) -> Verdict:
    """Say how a run ended. `counts` are outcomes by name; `source_faults` name the feeds and the like that failed.

    The gravest cause wins: what is ours (full storage, no database), refused by the outlet, unreachable, budget, single
    faults.
    """
    if ending.state in OURS:
        return Verdict(ending.state, ending.cause)
    answered = sum(counts.get(outcome, 0) for outcome in ANSWERED)
    refused = sum(counts.get(outcome, 0) for outcome in REFUSALS)
    passing = sum(counts.get(outcome, 0) for outcome in PASSING)
    if refused and not answered:
        return Verdict("blocked", f"The outlet refuses us: {_told(counts, REFUSALS)}.")
    if passing and not answered and ending.state in ("done", "partial") and ending.cause != STOPPED:
        return Verdict("failed", f"Nothing could be fetched: {_told(counts, PASSING)}; try again later.")
    if ending.state != "done":
        return Verdict(ending.state, ending.cause)
    if source_faults:
        told = "; ".join(source_faults[:3])
        return Verdict("partial", f"{len(source_faults)} of the outlet's sources failed: {told}.")
    if any(counts.get(outcome, 0) for outcome in FAULTS):
        return Verdict("partial", f"Some pages failed: {_told(counts, FAULTS)}.")
    return Verdict("done", "")


def exit_code_of(codes: list[int]) -> int:
    """Fold the codes of several runs into one: their own where they agree, storage full where one is, else partial."""
    distinct = set(codes)
    if len(distinct) <= 1:
        return next(iter(distinct), EXIT_DONE)
    return EXIT_STORAGE_FULL if EXIT_STORAGE_FULL in distinct else EXIT_PARTIAL


def _told(counts: Mapping[str, int], causes: frozenset[Outcome]) -> str:
    return ", ".join(f"{counts[outcome]} {outcome}" for outcome in sorted(causes) if counts.get(outcome))
