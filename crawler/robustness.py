"""The mutation score: which fields of an outlet's cases survive when its pages change. No network, no store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from config.outlets import OutletSpec
from crawler.cases import Case
from crawler.extract.charset import decode
from crawler.mutations import KINDS, mutants_of
from crawler.reading import extraction_json, read_page
from index.outcomes import Outcome
from index.records import JsonObject

FIELDS = ("outcome", "title", "authors", "published_at", "updated_at", "language", "text", "links")
"""The fields that are scored, by their names in expected.json."""

ENOUGH = 0.98
"""A text or a list of links survives when its F1 against the expected one is at least this; other fields when equal."""

MUTANTS_EACH = 3
SEED = 20261124


@dataclass(slots=True)
class Score:
    """How often each field survived, by kind of mutation. `failing` names fields that fail without any mutation."""

    outlet: str
    cases: int = 0
    mutants: int = 0
    tried: Counter[tuple[str, str]] = field(default_factory=Counter)
    survived: Counter[tuple[str, str]] = field(default_factory=Counter)
    failing: list[str] = field(default_factory=list)

    def share(self, name: str = "", kind: str = "") -> float | None:
        """Return the share that survived of one field, one kind, or all; None where nothing was tried."""
        chosen = [key for key in self.tried if (not name or key[0] == name) and (not kind or key[1] == kind)]
        tried = sum(self.tried[key] for key in chosen)
        return sum(self.survived[key] for key in chosen) / tried if tried else None

    def add(self, other: Score) -> None:
        """Count another score in."""
        self.cases += other.cases
        self.mutants += other.mutants
        self.tried += other.tried
        self.survived += other.survived

    def to_json(self) -> JsonObject:
        """Return the score as JSON values."""
        return {
            "outlet": self.outlet,
            "cases": self.cases,
            "mutants": self.mutants,
            "score": _rounded(self.share()),
            "fields": {name: _rounded(self.share(name)) for name in FIELDS if self.share(name) is not None},
            "kinds": {kind: _rounded(self.share(kind=kind)) for kind in self.kinds()},
            "lost": {name: lost for name in FIELDS if (lost := self.lost(name))},
            "failing": self.failing,
        }

    def kinds(self) -> list[str]:
        """Return the kinds of mutation that were tried, in their order."""
        tried = {kind for _, kind in self.tried}
        return [kind for kind in KINDS if kind in tried]

    def lost(self, name: str) -> dict[str, float]:
        """Return the share of a field that survived, of those kinds that cost some of it."""
        shares = {kind: self.share(name, kind) for kind in self.kinds()}
        return {kind: round(share, 3) for kind, share in shares.items() if share is not None and share < 1}


def scores_of(
    cases: Sequence[Case],
    specs: Mapping[str, OutletSpec],
    *,
    max_page_s: float,
    seed: int = SEED,
    each: int = MUTANTS_EACH,
) -> list[Score]:
    """Return the score of every outlet that has cases, by name. Equal arguments give equal scores."""
    scores: dict[str, Score] = {}
    for case in cases:
        if case.source is not None:
            continue  # a list has no fields
        score = scores.setdefault(case.outlet, Score(case.outlet))
        _score_case(score, case, specs[case.outlet], max_page_s=max_page_s, seed=seed, each=each)
    return [scores[name] for name in sorted(scores)]


def total_of(scores: Iterable[Score]) -> Score:
    """Return one score over all outlets; every mutant counts alike."""
    total = Score("all")
    for score in scores:
        total.add(score)
    return total


def _score_case(score: Score, case: Case, spec: OutletSpec, *, max_page_s: float, seed: int, each: int) -> None:
    score.cases += 1
    read = extraction_json(case.page.url, read_page(case.page, spec=spec, outlet=case.outlet, max_page_s=max_page_s))
    scored = [name for name in FIELDS if case.expected.get(name) not in (None, [], "")]
    score.failing += [
        f"{case.name}.{name}" for name in scored if not survives(name, case.expected[name], read.get(name))
    ]
    scored = [name for name in scored if f"{case.name}.{name}" not in score.failing]
    markup = decode(case.page.body, case.page.content_type) or ""
    for mutant in mutants_of(markup, seed=seed, name=f"{case.outlet}/{case.name}", each=each):
        page = replace(case.page, body=mutant.body, content_type="text/html; charset=utf-8")
        read = extraction_json(page.url, read_page(page, spec=spec, outlet=case.outlet, max_page_s=max_page_s))
        score.mutants += 1
        for name in scored:
            score.tried[name, mutant.kind] += 1
            score.survived[name, mutant.kind] += survives(name, case.expected[name], read.get(name))


def survives(name: str, wanted: Any, read: Any) -> bool:
    """Say whether a field read from a mutant is still what the case expects."""
    if name == "text":
        return f1(Counter(str(wanted).split()), Counter(str(read or "").split())) >= ENOUGH
    if name == "links":
        return f1(Counter(map(_edge, wanted)), Counter(map(_edge, read or ()))) >= ENOUGH
    if name == "outcome" and wanted in (Outcome.NEW, Outcome.PAYWALLED_STUB):
        return read in (Outcome.NEW, Outcome.PAYWALLED_STUB)
    return bool(wanted == read)


def f1(wanted: Counter[Any], read: Counter[Any]) -> float:
    """Return the F1 of two bags."""
    common = sum((wanted & read).values())
    both = sum(wanted.values()) + sum(read.values())
    return 2 * common / both if both else 1.0


def _edge(link: Mapping[str, Any]) -> tuple[str, str, str]:
    """What makes a link: where to, its role, and its label where it has no address."""
    return (link.get("url") or "", link.get("role") or "", "" if link.get("url") else link.get("text") or "")


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
