"""A query tree over the leaves of one snapshot: which documents match, with which score. The formula is `scoring`'s."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from datetime import time as clock

from index.search.backend import SearchAnswer, SearchRequest
from index.search.lookups import lookup_of
from index.search.query import Alias, Dates, Group, Ids, Leaf, LinkedTo, Node, Phrase, Prefix, Term, Word
from index.search.scoring import alias_scores, group_score, idf, leaf_score, recency_factor
from index.search.whoosh_leaves import Leaves
from index.search.whoosh_schema import Row

_OF_ROW: dict[str, Callable[[Row], Iterable[str]]] = {
    "outlet": lambda row: (row.outlet,),
    "language": lambda row: (row.language,) if row.language else (),
    "topic": lambda row: row.topics,
    "author": lambda row: row.authors,
    "month": lambda row: (row.sort_at.strftime("%Y-%m"),),
}


@dataclass(frozen=True, slots=True)
class Found:
    """Documents that match, by number. `ranked` says whether their scores mean anything."""

    scores: Mapping[int, float]
    ranked: bool


class TreeSearch:
    """One request on one snapshot. `cut` says what was left out when the budget ran out."""

    def __init__(self, leaves: Leaves, *, budget_s: float, recency_weight: float) -> None:
        self.leaves = leaves
        self.snapshot = leaves.snapshot
        self.ends_at = time.monotonic() + budget_s
        self.budget_s = budget_s
        self.recency_weight = recency_weight
        self.languages: tuple[str, ...] = ()
        self.cut = ""
        self.unknown: dict[Leaf, None] = {}

    def answer(self, request: SearchRequest) -> SearchAnswer:
        """Answer a request."""
        self.languages = request.languages or tuple(sorted(self.snapshot.languages))
        found = self._find(request.root) if request.root is not None else Found(self._everything(), ranked=False)
        scores = dict(found.scores)
        for node in request.filters:
            allowed = self._find(node).scores
            scores = {number: score for number, score in scores.items() if number in allowed}
        rows = {number: self.snapshot.row(number) for number in scores}
        if request.now is not None and request.sort == "relevance":
            for number, row in rows.items():
                scores[number] *= recency_factor(row.sort_at, request.now, self.recency_weight)
        order = self._order(scores, rows, request.sort)
        page = order[request.offset : request.offset + request.limit]
        return SearchAnswer(
            total=len(scores),
            hits=tuple((rows[number].article_id, scores[number]) for number in page),
            facets={name: _facet(name, rows.values()) for name in request.facets},
            cut=self.cut or self.leaves.cut,
            unknown=tuple(self.unknown),
        )

    def _order(self, scores: Mapping[int, float], rows: Mapping[int, Row], sort: str) -> list[int]:
        """Best first; ties by newest, then by id, highest first."""

        def newest(number: int) -> tuple[float, int]:
            return (-rows[number].sort_at.timestamp(), -rows[number].article_id)

        if sort == "newest":
            return sorted(scores, key=newest)
        if sort == "oldest":
            return sorted(scores, key=newest, reverse=True)
        return sorted(scores, key=lambda number: (-round(scores[number], 9), *newest(number)))

    def _find(self, node: Node) -> Found:
        match node:
            case Word() | Phrase() | Prefix():
                return self._leaf(node)
            case Group():
                return self._group(node)
            case Alias():
                return self._alias(node)
            case Term():
                return self._rows(lambda row: node.value in _OF_ROW[node.field](row))
            case Dates():
                return self._dates(node)
            case Ids():
                return self._rows(lambda row: row.article_id in node.ids)
            case LinkedTo():
                raise ValueError(f"{node.direction} {node.target}: links are resolved before an engine is asked")

    def _leaf(self, node: Word | Phrase | Prefix) -> Found:
        if time.monotonic() > self.ends_at:
            self.cut = f"The search was cut after {self.budget_s:g} s; the last words were not looked up."
            return Found({}, ranked=True)
        weights = self.leaves.weights(lookup_of(node, self.languages))
        if not weights:
            self.unknown[node] = None
        inverse = idf(self.snapshot.documents, len(weights))
        return Found({number: leaf_score(weighted, inverse) for number, weighted in weights.items()}, ranked=True)

    def _group(self, node: Group) -> Found:
        must = [self._find(child) for child in node.must]
        should = [self._find(child) for child in node.should]
        if must:
            numbers = set(must[0].scores)
            for found in must[1:]:
                numbers &= found.scores.keys()
        elif should:
            numbers = {number for found in should for number in found.scores}
        else:
            numbers = set(self._everything())
        for child in node.must_not:
            numbers -= self._find(child).scores.keys()
        ranked = [found.scores for found in (*must, *should) if found.ranked]
        if not ranked:
            return Found(dict.fromkeys(numbers, 0.0), ranked=False)
        scores = {}
        for number in numbers:
            parts = [found[number] for found in ranked if number in found]
            scores[number] = group_score(parts, len(ranked))
        return Found(scores, ranked=True)

    def _alias(self, node: Alias) -> Found:
        others = [self._find(other).scores for other in node.others]
        return Found(alias_scores(self._find(node.node).scores, others, node.weight), ranked=True)

    def _dates(self, node: Dates) -> Found:
        after = datetime.combine(node.after, clock(), UTC) if node.after is not None else None
        before = datetime.combine(node.before, clock(), UTC) if node.before is not None else None
        return self._rows(
            lambda row: (after is None or row.sort_at >= after) and (before is None or row.sort_at < before)
        )

    def _rows(self, test: Callable[[Row], bool]) -> Found:
        return Found({number: 0.0 for number, row in self.snapshot.live() if test(row)}, ranked=False)

    def _everything(self) -> dict[int, float]:
        return {number: 0.0 for number, _ in self.snapshot.live()}


def _facet(name: str, rows: Iterable[Row]) -> tuple[tuple[str, int], ...]:
    counts = Counter(value for row in rows for value in dict.fromkeys(_OF_ROW[name](row)))
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
