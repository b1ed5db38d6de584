"""A query tree over one snapshot: which documents match, with which score. The formula is `scoring`'s, on arrays.

Every node becomes two arrays over all documents, matching and score, so a node costs the same whatever it matches.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from datetime import time as clock

import numpy as np

from index.search.backend import SearchAnswer, SearchRequest, cut_after
from index.search.fields import HALF_LIFE_DAYS, K1, MORE_WORDS, NEARNESS, SEVERAL
from index.search.lookups import lookup_of
from index.search.nearness import CANDIDATES, pairs_of
from index.search.query import Alias, Dates, Group, Ids, Leaf, LinkedTo, Node, Phrase, Prefix, Term, Word
from index.search.scoring import DAY_S, alias_share, emphasis, idf
from index.search.whoosh_columns import Codes, Flags, Names, Numbers
from index.search.whoosh_leaves import Leaves
from index.search.whoosh_nearness import closeness_of

WHOLE_ORDER = 4096
"""Up to so many matches all are put in order; of more, only those that can be on the page."""


@dataclass(frozen=True, slots=True)
class Found:
    """Which documents match, and their scores (0 where they do not). `ranked` says whether scores mean anything."""

    matching: Flags
    scores: Numbers
    ranked: bool


class TreeSearch:
    """One request on one snapshot. `cut` says what was left out when the budget ran out."""

    def __init__(self, leaves: Leaves, *, budget_s: float, recency_weight: float) -> None:
        """Search what `leaves` looks up."""
        self.leaves = leaves
        self.snapshot = leaves.snapshot
        self.names: Names = leaves.segments.names
        self.ends_at = 0.0
        self.budget_s = budget_s
        self.recency_weight = recency_weight
        self.languages: tuple[str, ...] = ()
        self.cut = ""
        self.unknown: dict[Leaf, None] = {}
        self.inverse: dict[Leaf, float] = {}

    def answer(self, request: SearchRequest) -> SearchAnswer:
        """Answer a request."""
        self.ends_at = time.thread_time() + (self.budget_s if request.budget_s is None else request.budget_s)
        self.languages = request.languages or tuple(sorted(self.snapshot.languages))
        found = self._find(request.root) if request.root is not None else self._those(self.snapshot.alive)
        matching, scores = found.matching, found.scores
        for node in request.filters:
            matching = matching & self._find(node).matching
        numbers = np.flatnonzero(matching)
        if request.now is not None and request.sort == "relevance" and len(numbers):
            ages = np.maximum(0.0, (request.now.timestamp() - self.snapshot.columns.sort_at[numbers]) / DAY_S)
            scores = scores.copy()
            scores[numbers] *= 1.0 + self.recency_weight * np.exp2(-ages / HALF_LIFE_DAYS)
        if request.sort == "relevance" and request.limit:
            scores = self._with_nearness(numbers, scores, request)
        page = self._page(numbers, scores, request)
        ids = self.snapshot.columns.article_id
        return SearchAnswer(
            total=len(numbers),
            hits=tuple((int(ids[number]), float(scores[number])) for number in page.tolist()),
            facets={name: self._facet(name, numbers, matching) for name in request.facets},
            cut=self.cut or self.leaves.cut,
            unknown=tuple(self.unknown),
        )

    def _with_nearness(self, numbers: Codes, scores: Numbers, request: SearchRequest) -> Numbers:
        """The scores with what the best candidates gain by neighbouring words that stand close together."""
        pairs = [pair for pair in pairs_of(request.root) if all(word in self.inverse for word in pair)]
        if not pairs or time.thread_time() >= self.ends_at:
            return scores
        best = np.sort(self._page(numbers, scores, replace(request, offset=0, limit=CANDIDATES)))
        gains = np.zeros(len(best))
        whole = 0.0
        for pair in pairs:
            weight = min(self.inverse[word] for word in pair)
            whole += weight
            gains += weight * closeness_of(self.leaves, pair, best)
        if whole > 0:
            scores = scores.copy()
            scores[best] *= 1.0 + NEARNESS * gains / whole
        return scores

    def _page(self, numbers: Codes, scores: Numbers, request: SearchRequest) -> Codes:
        """Best first; ties by newest, then by id, highest first."""
        columns = self.snapshot.columns
        last = request.offset + request.limit
        if not request.limit or not len(numbers):
            return numbers[:0]
        if request.sort == "relevance":
            first_key = -np.round(scores[numbers], 9)
        else:
            first_key = columns.sort_at[numbers] * (1.0 if request.sort == "oldest" else -1.0)
        if len(numbers) > WHOLE_ORDER and last < len(numbers):
            limit = np.partition(first_key, last - 1)[last - 1]
            near = first_key <= limit  # ties at the edge stay, so that the order below decides on them
            numbers, first_key = numbers[near], first_key[near]
        moments, ids = columns.sort_at[numbers], columns.article_id[numbers]
        keys = (ids, moments, first_key) if request.sort == "oldest" else (-ids, -moments, first_key)
        return numbers[np.lexsort(keys)][request.offset : last]

    def _find(self, node: Node) -> Found:
        match node:
            case Word() | Phrase() | Prefix():
                return self._leaf(node)
            case Group():
                return self._group(node)
            case Alias():
                return self._alias(node)
            case Term():
                return self._those(self._term(node))
            case Dates():
                return self._those(self._dates(node))
            case Ids():
                ids = np.fromiter(node.ids, dtype=np.int64, count=len(node.ids))
                return self._those(self.snapshot.alive & np.isin(self.snapshot.columns.article_id, ids))
            case LinkedTo():
                raise ValueError(f"{node.direction} {node.target}: links are resolved before an engine is asked")

    def _those(self, matching: Flags) -> Found:
        return Found(matching, np.zeros(len(matching)), ranked=False)

    def _leaf(self, node: Word | Phrase | Prefix) -> Found:
        if time.thread_time() >= self.ends_at:
            self.cut = cut_after(self.budget_s)
            nothing = np.zeros(len(self.snapshot.alive))
            return Found(nothing > 0, nothing, ranked=True)
        weights = self.leaves.weights(lookup_of(node, self.languages))
        matching = weights > 0
        number = int(np.count_nonzero(matching))
        if not number:
            self.unknown[node] = None
        inverse = self.inverse[node] = idf(self.snapshot.documents, number)
        scores = emphasis(node) * inverse * weights * (K1 + 1.0) / (K1 + weights)
        return Found(matching, scores, ranked=True)

    def _group(self, node: Group) -> Found:
        must = [self._find(child) for child in node.must]
        should = [self._find(child) for child in node.should]
        if must:
            matching = np.logical_and.reduce([found.matching for found in must])
        elif should:
            matching = np.logical_or.reduce([found.matching for found in should])
        else:
            matching = self.snapshot.alive
        for child in node.must_not:
            matching = matching & ~self._find(child).matching
        ranked = [found for found in (*must, *should) if found.ranked]
        if not ranked:
            return self._those(matching)
        scores = np.add.reduce([found.scores for found in ranked])
        if len(ranked) > 1:
            met = np.add.reduce([found.matching for found in ranked], dtype=np.int64)
            scores = scores * (1.0 + MORE_WORDS * np.maximum(met - 1, 0) / (len(ranked) - 1))
        return Found(matching, np.where(matching, scores, 0.0), ranked=True)

    def _alias(self, node: Alias) -> Found:
        typed = self._find(node.node)
        scores, matching = typed.scores, typed.matching
        most = float(scores.max(initial=0.0))
        for other in node.others:
            found = self._find(other)
            share = alias_share(most, float(found.scores.max(initial=0.0)), node.weight)
            scores = np.maximum(scores, share * found.scores)
            matching = matching | found.matching
        return Found(matching, scores, ranked=True)

    def _term(self, node: Term) -> Flags:
        columns = self.snapshot.columns
        code = self.names.known(node.field, node.value)
        match node.field:
            case "outlet" | "language":
                flags: Flags = (columns.outlet if node.field == "outlet" else columns.language) == code
            case field if field in SEVERAL:
                several = columns.several[field]
                flags = np.zeros(len(self.snapshot.alive), dtype=bool)
                flags[several.documents[several.codes == code]] = True
            case _:
                raise KeyError(node.field)
        return np.logical_and(self.snapshot.alive, flags)

    def _dates(self, node: Dates) -> Flags:
        moments, flags = self.snapshot.columns.sort_at, self.snapshot.alive
        if node.after is not None:
            flags = flags & (moments >= _midnight(node.after))
        if node.before is not None:
            flags = flags & (moments < _midnight(node.before))
        return flags

    def _facet(self, name: str, numbers: Codes, matching: Flags) -> tuple[tuple[str, int], ...]:
        columns = self.snapshot.columns
        named: Callable[[int], str] = lambda code: self.names.of(name, code)  # noqa: E731 - one of two, chosen below
        match name:
            case field if field in SEVERAL:
                several = columns.several[field]
                codes = several.codes[matching[several.documents]]
            case "month":
                codes = columns.month[numbers]
                named = _month
            case _:
                codes = (columns.outlet if name == "outlet" else columns.language)[numbers]
        values, counts = np.unique(codes, return_counts=True)
        pairs = [(named(int(value)), int(number)) for value, number in zip(values, counts, strict=True)]
        return tuple(sorted((pair for pair in pairs if pair[0]), key=lambda pair: (-pair[1], pair[0])))


def _midnight(day: date) -> float:
    return datetime.combine(day, clock(), UTC).timestamp()


def _month(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
