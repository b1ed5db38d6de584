"""A query over one snapshot: which articles match, in which order. The formula is `scoring`'s, a segment at a time.

First every leaf is looked up in all segments, for how many documents it has decides what it scores. Then the tree is
gone through segment by segment, so that what it works on stays small; scores are worked out only where they decide
something.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from index.search.backend import SearchAnswer, SearchRequest, cut_after
from index.search.fields import HALF_LIFE_DAYS, NEARNESS
from index.search.lookups import lookup_of
from index.search.nearness import CANDIDATES, Pair, pairs_of
from index.search.query import Alias, Dates, Group, Ids, Leaf, LinkedTo, Node, Phrase, Prefix, Term, Word
from index.search.scoring import DAY_S, emphasis
from index.search.whoosh_best import EQUAL, Candidates, above, gathered, limit_of, ordered
from index.search.whoosh_columns import Docs, Numbers
from index.search.whoosh_facets import Facet
from index.search.whoosh_filters import DatesNode, IdsNode, TermNode
from index.search.whoosh_leaves import Leaves, OutOfTime
from index.search.whoosh_nearness import closeness_of
from index.search.whoosh_nodes import AliasNode, Everything, GroupNode, LeafNode, Matching, Nothing, met_by_all


class TreeSearch:
    """One request on one snapshot. `cut` says what was left out when the budget ran out."""

    def __init__(self, leaves: Leaves, *, budget_s: float, recency_weight: float) -> None:
        """Search what `leaves` looks up."""
        self.leaves = leaves
        self.snapshot = leaves.snapshot
        self.parts = leaves.snapshot.parts
        self.ends_at = 0.0
        self.budget_s = budget_s
        self.recency_weight = recency_weight
        self.languages: tuple[str, ...] = ()
        self.cut = ""
        self.unknown: dict[Leaf, None] = {}
        self.inverse: dict[Leaf, float] = {}
        self._found: dict[Leaf, LeafNode] = {}

    def answer(self, request: SearchRequest) -> SearchAnswer:
        """Answer a request."""
        self.ends_at = time.thread_time() + (self.budget_s if request.budget_s is None else request.budget_s)
        self.leaves.ends_at = self.ends_at
        self.languages = request.languages or tuple(sorted(self.snapshot.languages))
        root = Everything(self.parts) if request.root is None else self.node(request.root)
        nodes = [root, *map(self.node, request.filters)]
        facets = [Facet(name, self.snapshot.segments.names) for name in request.facets]
        total = 0
        found: list[Docs] = []
        for at, part in enumerate(self.parts):
            documents = met_by_all(at, nodes)
            total += len(documents)
            found.append(documents)
            for facet in facets:
                facet.add(part, documents)
        page = self._page(root, found, request) if request.limit and total else above([], [], 0.0)
        ids = gathered(page, self.parts, lambda part: part.properties.article_id)
        return SearchAnswer(
            total=total,
            hits=tuple(zip(map(int, ids.tolist()), page.scores.tolist(), strict=True)),
            facets={facet.name: facet.counted() for facet in facets},
            cut=self.cut or self.leaves.cut,
            unknown=tuple(self.unknown),
        )

    def node(self, node: Node) -> Matching:
        """Return what answers for a node; leaves are looked up in the order of the tree."""
        match node:
            case Word() | Phrase() | Prefix():
                return self._leaf(node)
            case Group():
                must, should = list(map(self.node, node.must)), list(map(self.node, node.should))
                return GroupNode(self.parts, must, should, list(map(self.node, node.must_not)))
            case Alias():
                return AliasNode(self.parts, self.node(node.node), list(map(self.node, node.others)), node.weight)
            case Term():
                return TermNode(self.parts, node)
            case Dates():
                return DatesNode(self.parts, node)
            case Ids():
                return IdsNode(self.parts, node.ids)
            case LinkedTo():
                raise ValueError(f"{node.direction} {node.target}: links are resolved before an engine is asked")

    def _leaf(self, node: Leaf) -> Matching:
        if time.thread_time() >= self.ends_at:
            self.cut = cut_after(self.budget_s)
            return Nothing()
        found = self._found.get(node)
        if found is None:
            try:
                looked_up = self.leaves.find(lookup_of(node, self.languages))
            except OutOfTime:
                self.cut = cut_after(self.budget_s)
                return Nothing()
            found = self._found[node] = LeafNode(looked_up, emphasis(node))
            self.inverse[node] = found.inverse
            if not found.found.number:
                self.unknown[node] = None
        return found

    def _page(self, root: Matching, found: Sequence[Docs], request: SearchRequest) -> Candidates:
        """What is on the page, in its order, with scores."""
        last = request.offset + request.limit
        page = slice(request.offset, last)
        if request.sort == "relevance" and root.ranked:
            return self._best(root, found, request, last).at(page)
        oldest = request.sort == "oldest"
        moments = [part.properties.sort_at.take(numbers) for part, numbers in zip(self.parts, found, strict=True)]
        keys = [-one for one in moments] if oldest else moments
        reached = above(found, keys, limit_of(keys, last))
        unscored = Candidates(reached.parts, reached.documents, np.zeros(len(reached.parts)))
        return self._scored(root, ordered(unscored, self.parts, last, oldest=oldest).at(page))

    def _best(self, root: Matching, found: Sequence[Docs], request: SearchRequest, last: int) -> Candidates:
        """The best by score, with what fresh ones gain and those in which neighbouring words stand together."""
        scores = [root.scores(at, numbers) for at, numbers in enumerate(found)]
        pairs = [pair for pair in pairs_of(request.root) if all(word in self.inverse for word in pair)]
        wanted = max(last, CANDIDATES) if pairs else last
        weight = 0.0 if request.now is None else self.recency_weight
        # Being fresh multiplies by one or more: what does not come near the limit at the most never gets there.
        best = above(found, scores, (limit_of(scores, wanted) - EQUAL) / (1.0 + weight))
        if request.now is not None:
            moments = gathered(best, self.parts, lambda part: part.properties.sort_at)
            ages = np.maximum(0.0, (request.now.timestamp() - moments) / DAY_S)
            factors = 1.0 + self.recency_weight * np.exp2(-ages / HALF_LIFE_DAYS)
            best = Candidates(best.parts, best.documents, best.scores * factors)
        best = ordered(best, self.parts, wanted)
        if not pairs or time.thread_time() >= self.ends_at:
            return best
        return ordered(self._with_nearness(best, pairs), self.parts, wanted)

    def _with_nearness(self, best: Candidates, pairs: Sequence[Pair]) -> Candidates:
        """The first candidates gain by neighbouring words that stand close together; the others stay as they are."""
        weights = [min(self.inverse[word] for word in pair) for pair in pairs]
        scores = best.scores.copy()
        first = best.parts[:CANDIDATES]
        for at in np.unique(first).tolist():
            mine = np.flatnonzero(first == at)
            mine = mine[np.argsort(best.documents[mine])]
            gains = np.zeros(len(mine))
            for pair, weight in zip(pairs, weights, strict=True):
                gains += weight * closeness_of(self.leaves, self.parts[at], pair, best.documents[mine])
            scores[mine] *= 1.0 + NEARNESS * gains / sum(weights)
        return Candidates(best.parts, best.documents, scores)

    def _scored(self, root: Matching, page: Candidates) -> Candidates:
        """What is on a page that was put in order by other things, with its scores."""
        scores: Numbers = np.zeros(len(page.parts))
        for at in np.unique(page.parts).tolist():
            mine = np.flatnonzero(page.parts == at)
            mine = mine[np.argsort(page.documents[mine])]
            scores[mine] = root.scores(at, page.documents[mine])
        return Candidates(page.parts, page.documents, scores)
