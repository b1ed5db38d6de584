"""How near clusters are to labelled ones: BCubed, pairs, CoNLL. Pure; ids and clusters are strings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Table = Counter[tuple[str, str]]
"""How many articles stand in a labelled and a found cluster both."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Precision, recall and F1 by three measures. An article that was not placed counts as a cluster of its own."""

    articles: int
    labelled: int
    found: int
    missing: int
    bcubed_p: float
    bcubed_r: float
    bcubed_f1: float
    pair_p: float
    pair_r: float
    pair_f1: float
    muc_f1: float
    ceaf_e_f1: float
    conll_f1: float


def score_clusters(labelled: Mapping[str, str], found: Mapping[str, str]) -> Scores:
    """Compare found clusters, by article, with labelled ones; articles without a label do not count."""
    alone = {one: f"+{found[one]}" if one in found else f"-{one}" for one in labelled}
    table: Table = Counter((labelled[one], alone[one]) for one in labelled)
    ours, theirs = Counter(alone.values()), Counter(labelled.values())
    bcubed_p, bcubed_r = _bcubed(table, theirs, ours)
    pair_p, pair_r = _pairs(table, theirs, ours)
    muc = _f1(_linked(table, ours, side=1), _linked(table, theirs, side=0))
    alike = sum(_best_matching(part) for part in _parts(table, theirs, ours))
    ceaf = _f1(alike / max(1, len(ours)), alike / max(1, len(theirs)))
    bcubed = _f1(bcubed_p, bcubed_r)
    return Scores(
        articles=len(labelled),
        labelled=len(theirs),
        found=len(ours),
        missing=sum(one not in found for one in labelled),
        bcubed_p=bcubed_p,
        bcubed_r=bcubed_r,
        bcubed_f1=bcubed,
        pair_p=pair_p,
        pair_r=pair_r,
        pair_f1=_f1(pair_p, pair_r),
        muc_f1=muc,
        ceaf_e_f1=ceaf,
        conll_f1=(muc + bcubed + ceaf) / 3,
    )


def score_copies(
    labelled: Iterable[tuple[str, str, str]], found: Iterable[tuple[str, str]]
) -> tuple[float, float, int, int]:
    """Return precision and recall of pairs of copies, how many are labelled and how many were found.

    Labels are `copy` and `partial`; pairs of the second kind count neither way.
    """
    labels = {frozenset((a, b)): label for a, b, label in labelled}
    wanted = {pair for pair, label in labels.items() if label == "copy"}
    named = {frozenset(pair) for pair in found}
    named -= {pair for pair, label in labels.items() if label == "partial"}
    right = len(wanted & named)
    return (right / len(named) if named else 1.0), (right / len(wanted) if wanted else 1.0), len(wanted), right


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _bcubed(table: Table, theirs: Counter[str], ours: Counter[str]) -> tuple[float, float]:
    articles = max(1, table.total())
    precision = sum(count * count / ours[key[1]] for key, count in table.items()) / articles
    return precision, sum(count * count / theirs[key[0]] for key, count in table.items()) / articles


def _pairs(table: Table, theirs: Counter[str], ours: Counter[str]) -> tuple[float, float]:
    both, labelled, found = (_pairs_in(one.values()) for one in (table, theirs, ours))
    return (both / found if found else 1.0), (both / labelled if labelled else 1.0)


def _pairs_in(sizes: Collection[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


def _linked(table: Table, clusters: Counter[str], *, side: int) -> float:
    """Return the share of the links that hold the clusters of one side together which the other side keeps (MUC)."""
    pieces = Counter(key[side] for key in table)
    links = clusters.total() - len(clusters)
    return (clusters.total() - pieces.total()) / links if links else 1.0


def _parts(table: Table, theirs: Counter[str], ours: Counter[str]) -> Iterable[NDArray[np.float64]]:
    """Yield the likeness of clusters, 2 x shared / sizes, for each set of clusters that hang together."""
    beside: dict[tuple[int, str], set[tuple[int, str]]] = defaultdict(set)
    for left, right in table:
        beside[0, left].add((1, right))
        beside[1, right].add((0, left))
    unseen = dict.fromkeys(sorted(beside))
    while unseen:
        part, edge = [], [next(iter(unseen))]
        while edge:
            node = edge.pop()
            if node in unseen:
                del unseen[node]
                part.append(node)
                edge += beside[node]
        rows = sorted(name for side, name in part if side == 0)
        columns = sorted(name for side, name in part if side == 1)
        yield np.array([[2 * table[r, c] / (theirs[r] + ours[c]) for c in columns] for r in rows])


def _best_matching(alike: NDArray[np.float64]) -> float:
    """Return the greatest sum of an assignment of rows to columns, each used once at most.

    By shortest augmenting paths over reduced costs: each row in turn is matched, rows before it shifted as it pays.
    """
    cost = -(alike if alike.shape[0] <= alike.shape[1] else alike.T)
    rows, columns = cost.shape
    row_price, column_price = np.zeros(rows), np.zeros(columns)
    row_at = np.full(columns, -1)
    for start in range(rows):
        distance, came_from = np.full(columns, np.inf), np.full(columns, -1)
        done = np.zeros(columns, dtype=bool)
        row, column, reached = start, -1, 0.0
        while True:
            through = reached + cost[row] - row_price[row] - column_price
            shorter = ~done & (through < distance)
            distance[shorter], came_from[shorter] = through[shorter], column
            column = int(np.where(done, np.inf, distance).argmin())
            reached = float(distance[column])
            done[column] = True
            if row_at[column] < 0:
                break
            row = int(row_at[column])
        row_price[start] += reached
        for one in np.flatnonzero(done):
            column_price[one] += distance[one] - reached
            if row_at[one] >= 0:
                row_price[row_at[one]] += reached - distance[one]
        while column >= 0:
            before = int(came_from[column])
            row_at[column] = row_at[before] if before >= 0 else start
            column = before
    return float(-sum(cost[row_at[column], column] for column in range(columns) if row_at[column] >= 0))
