"""The last good reading of an outlet beside its newest one: an article of each, with how each field was read.

A run is good when the outlet answered, it missed no minimum, and it brought articles.
"""

from __future__ import annotations

from dataclasses import dataclass

from index.outcomes import Outcome
from index.records import Decision, Run, StoredArticle, StoredRevision, TraceStep
from index.store import Transaction
from index.store.articles import article_by_url, revisions_of
from index.store.decisions import decisions_of_run
from index.store.links import count_references
from index.store.runs import SUCCESSFUL, list_runs

LOOKED_AT = 100
READ = (Outcome.NEW, Outcome.CHANGED)
SAYS_LITTLE = frozenset({Outcome.NOT_MODIFIED, Outcome.UNCHANGED, Outcome.MOVED, Outcome.DUPLICATE})


@dataclass(frozen=True, slots=True)
class Reading:
    """One address as a run read it: an article in the state it then had, or how else it ended."""

    run: Run
    decision: Decision
    article: StoredArticle | None = None
    revision: StoredRevision | None = None
    links: int = 0

    @property
    def trace(self) -> tuple[TraceStep, ...]:
        """Which rule gave which field."""
        return self.revision.trace if self.revision is not None else ()


@dataclass(frozen=True, slots=True)
class FieldPair:
    """A field as it was read in the good run and now: the rule, and the value; both "" where it was not found."""

    name: str
    good_rule: str
    good_value: str
    now_rule: str
    now_value: str

    @property
    def differs(self) -> bool:
        """Say whether another rule gave it, or only one of the two readings has it."""
        return self.good_rule != self.now_rule or bool(self.good_value) != bool(self.now_value)


def is_good(run: Run) -> bool:
    """Say whether a run may stand for how an outlet is when all is well."""
    brought = sum(run.counts.get(outcome.value, 0) for outcome in READ)
    return run.state in SUCCESSFUL and not run.unfit and brought > 0


def good_and_now(tx: Transaction, outlet: str) -> tuple[Reading | None, Reading | None]:
    """Return an article of the last good run before the newest one, and what the newest run read."""
    past = list_runs(tx, outlet=outlet, kind="crawl", ended=True, limit=LOOKED_AT)
    telling = [run for run in past if any(outcome not in _LITTLE for outcome in run.counts)]
    if not telling:
        return None, None
    newest = telling[0]
    good = next((run for run in past if is_good(run) and run.id != newest.id), None)
    return (_reading(tx, good) if good is not None else None), _reading(tx, newest)


def fields_beside(good: Reading | None, now: Reading | None) -> list[FieldPair]:
    """Return the fields of two readings side by side, in the order in which they were read."""
    first, second = _by_field(good), _by_field(now)
    names = list(dict.fromkeys((*first, *second)))
    return [FieldPair(name, *first.get(name, ("", "")), *second.get(name, ("", ""))) for name in names]


_LITTLE = frozenset(outcome.value for outcome in SAYS_LITTLE)
_MOST_VALUE_CHARS = 400


def _by_field(reading: Reading | None) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for step in reading.trace if reading is not None else ():
        rule = f"{step.rule} {step.selector}".strip()
        found.setdefault(step.field, (rule, (step.value or step.raw)[:_MOST_VALUE_CHARS]))
    return found


def _reading(tx: Transaction, run: Run) -> Reading | None:
    """What a run read: an article where it read one, else the ending that most of its addresses had."""
    for outcome in READ:
        if not run.counts.get(outcome.value):
            continue
        for decision in decisions_of_run(tx, run.id, outcome=outcome, limit=5):
            article = article_by_url(tx, decision.url)
            if article is not None:
                return _of_article(tx, run, decision, article)
    ending = _usual_ending(run)
    decisions = decisions_of_run(tx, run.id, outcome=ending, limit=1) if ending is not None else []
    return Reading(run, decisions[0]) if decisions else None


def _of_article(tx: Transaction, run: Run, decision: Decision, article: StoredArticle) -> Reading:
    states = revisions_of(tx, article.id)
    ended = run.finished_at or run.started_at
    then = [state for state in states if state.seen_at <= ended] or states[:1]
    return Reading(run, decision, article, then[-1] if then else None, count_references(tx, article.id))


def _usual_ending(run: Run) -> Outcome | None:
    telling = {name: number for name, number in run.counts.items() if name not in _LITTLE}
    most = max(telling, key=lambda name: telling[name], default=None)
    return next((one for one in Outcome if one.value == most), None)
