"""The best few documents of the usual queries, found without scoring, or even meeting, most of what matches.

A block of 128 postings has a bound no score in it is above, and a list has the greatest of its bounds. As soon as there
are enough hits, only what can be better than the last of them is looked at; what can give most comes first, so that is
soon. How many match in all is counted when somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from index.search.arrays.best import Best
from index.search.arrays.layout import BLOCK, Ints
from index.search.arrays.leaves import Docs, Leaf, Postings
from index.search.arrays.phrases import side_by_side
from index.search.arrays.rows import first_of_equal, intersection
from index.search.arrays.scoring import Scores

Keeps = Callable[[Docs], NDArray[np.bool_]]
_FIRST_BLOCKS = 16
_FIRST_DOCUMENTS = 128
_GROWS = 4
_SHORT = 512


def add_term(best: Best, leaf: Leaf, one: Postings, keeps: Keeps | None = None, *, more: float = 0.0) -> None:
    """Add the best documents of one term that `keeps` keeps, each for `more` than the term gives."""
    if one.size <= _FIRST_BLOCKS * BLOCK:
        _add(best, leaf, one.docs, one.scores(), keeps, more)
        return
    for chosen in _steps(best, one.bounds(), more, _FIRST_BLOCKS):
        docs, scores = _near(best, *one.blocks(chosen), more)
        _add(best, leaf, docs, scores, keeps, more)


def add_all(
    best: Best, leaf: Leaf, lists: Sequence[Postings], keeps: Keeps | None = None, *, more: float = 0.0
) -> None:
    """Add the best documents with all of some terms that `keeps` keeps, each for `more` than the terms give."""
    for docs, scores in _having_all(best, lists, more, _FIRST_DOCUMENTS):
        _add(best, leaf, docs, scores, keeps, more, anew=True)


def add_phrase(best: Best, leaf: Leaf, lists: Sequence[Postings]) -> None:
    """Add the best documents in which terms stand side by side. Their scores are known before their places are read."""
    if best.least == -np.inf:
        met = all_lists(lists)
        found = [] if met is None else [(met[0], sum_of(lists, met[1]))]
    else:
        found = list(_having_all(best, lists, 0.0, _FIRST_DOCUMENTS))
    for docs, scores in found:
        for chosen in _steps(best, scores, 0.0, _FIRST_DOCUMENTS, gradually=True):
            few = docs.take(chosen)
            kept = side_by_side(lists, [intersection(few, one.docs)[1] + one.begin for one in lists])
            _add(best, leaf, few.take(kept), scores.take(chosen.take(kept)), None, 0.0)


def _having_all(best: Best, lists: Sequence[Postings], more: float, step: int) -> Iterator[tuple[Docs, Scores]]:
    """Yield documents with all of some terms that are among the best: the rarest names them, others are looked up."""
    rarest, *others = sorted(lists, key=lambda one: one.size)
    rests = _rests(others, more)
    for docs, scores in _nearest(best, rarest, rests[0], step):
        for one, rest in zip(others, rests[1:], strict=True):
            if not len(docs):
                break
            mine, theirs = intersection(docs, one.docs)
            docs, scores = docs.take(mine), scores.take(mine)
            scores += one.scores_at(theirs + one.begin)
            docs, scores = _near(best, docs, scores, rest)
        yield docs, scores


def add_any(best: Best, leaf: Leaf, lists: Sequence[Postings]) -> None:
    """Add the best documents with any of some terms.

    Short lists are taken together as they are. Of the others those with the most to give come first. What is left of
    them names documents only as long as it can lift one into the best by itself; else it is looked up for documents
    that others have named.
    """
    short = [one for one in lists if one.size <= _SHORT]
    ordered = sorted((one for one in lists if one.size > _SHORT), key=lambda one: -one.most())
    rests = _rests(ordered, 0.0)
    if short:
        docs, scores = _together(short)
        _add_looked_up(best, leaf, *_near(best, docs, scores, rests[0]), ordered, rests)
    for at, one in enumerate(ordered):
        if rests[at] < best.limit:
            return
        for docs, scores in _nearest(best, one, rests[at + 1], _FIRST_DOCUMENTS):
            # Who has a term that came before was named then, with all it has.
            _add_looked_up(best, leaf, docs, scores, ordered[at + 1 :], rests[at + 1 :], anew=True)


def _together(lists: Sequence[Postings]) -> tuple[Docs, Scores]:
    """Return the documents of some lists and their scores, all lists together."""
    if len(lists) == 1:
        return lists[0].docs, lists[0].scores()
    docs = np.concatenate([one.docs for one in lists])
    scores = np.concatenate([one.scores() for one in lists])
    order = docs.argsort(kind="stable")
    docs = docs[order]
    first = first_of_equal(docs).nonzero()[0]
    return docs[first], np.add.reduceat(scores[order], first)


def _add_looked_up(
    best: Best,
    leaf: Leaf,
    docs: Docs,
    scores: Scores,
    others: Sequence[Postings],
    rests: Sequence[float],
    *,
    anew: bool = False,
) -> None:
    """Add documents with what other lists have of them; `rests` says what these and those behind each give at most."""
    for other, rest in zip(others, rests[1:], strict=True):
        if not len(docs):
            return
        mine, theirs = intersection(docs, other.docs)
        scores[mine] += other.scores_at(theirs + other.begin)
        docs, scores = _near(best, docs, scores, rest)
    _add(best, leaf, docs, scores, None, 0.0, anew=anew)


def all_lists(lists: Sequence[Postings]) -> tuple[Docs, list[Ints]] | None:
    """Return the documents that are in all of some lists, and their postings in each; None where there are none."""
    order = sorted(range(len(lists)), key=lambda at: lists[at].size)
    rarest = lists[order[0]]
    docs, found = rarest.docs, {order[0]: np.arange(rarest.begin, rarest.end)}
    for at in order[1:]:
        mine, theirs = intersection(docs, lists[at].docs)
        if not len(mine):
            return None
        docs = docs[mine]
        found = {other: postings[mine] for other, postings in found.items()}
        found[at] = theirs + lists[at].begin
    return docs, [found[at] for at in range(len(lists))]


def sum_of(lists: Sequence[Postings], at: Sequence[Ints]) -> Scores:
    """Return what some documents have of all terms, `at` being their postings in each: the rarest first."""
    order = sorted(range(len(lists)), key=lambda one: lists[one].size)
    scores = lists[order[0]].scores_at(at[order[0]])
    for one in order[1:]:
        scores += lists[one].scores_at(at[one])
    return scores


def _nearest(best: Best, one: Postings, rest: float, step: int) -> Iterator[tuple[Docs, Scores]]:
    """Yield the postings of a term that are among the best with `rest` more: `step` with the most, then the others.

    With a long list those that came first come again.
    """
    if one.size <= _FIRST_BLOCKS * BLOCK:
        docs, scores = one.docs, one.scores()
        for chosen in _steps(best, scores, rest, step):
            yield docs.take(chosen), scores.take(chosen)
        return
    bounds = one.bounds()
    if best.least == -np.inf:
        docs, scores = one.blocks(_greatest(bounds, _FIRST_BLOCKS))
        chosen = _greatest(scores, step)
        yield docs.take(chosen), scores.take(chosen)
    near = (bounds >= best.limit - rest).nonzero()[0]
    if len(near):
        yield _near(best, *one.blocks(near), rest)


def _greatest(values: Scores, number: int) -> Ints:
    """Return where the greatest values are, ascending."""
    if len(values) <= number:
        return np.arange(len(values))
    found = values.argpartition(len(values) - number)[len(values) - number :]
    found.sort()
    return found


def _steps(best: Best, values: Scores, rest: float, step: int, *, gradually: bool = False) -> Iterator[Ints]:
    """Yield where values are that are among the best with `rest` more, ascending, the greatest in the first step.

    While they come the best become better and fewer are left. When there are enough hits all that are left come at
    once, or `gradually`, where it costs much to look at one.
    """
    left = values
    while True:
        if best.least > -np.inf and not gradually:
            step = len(values)
        near = (left >= best.limit - rest).nonzero()[0]
        if len(near) <= step:
            if len(near):
                yield near
            return
        chosen = near.take(_greatest(left.take(near), step))
        yield chosen
        if left is values:
            left = values.copy()
        left[chosen] = np.nan
        step *= _GROWS


def _near(best: Best, docs: Docs, scores: Scores, rest: float) -> tuple[Docs, Scores]:
    """Leave out what is not among the best with `rest` more."""
    if best.least == -np.inf:
        return docs, scores
    near = (scores >= best.limit - rest).nonzero()[0]
    return (docs, scores) if len(near) == len(docs) else (docs.take(near), scores.take(near))


def _rests(lists: Sequence[Postings], more: float) -> list[float]:
    """Return for each place in a row of terms what it and those behind it give at the most, and what none gives."""
    rests = [more]
    for one in reversed(lists):
        rests.append(rests[-1] + one.most())
    return rests[::-1]


def _add(
    best: Best, leaf: Leaf, docs: Docs, scores: Scores, keeps: Keeps | None, more: float, *, anew: bool = False
) -> None:
    if leaf.alive is not None:
        alive = leaf.alive[docs]
        docs, scores = docs[alive], scores[alive]
    if keeps is not None:
        kept = keeps(docs)
        docs, scores = docs[kept], scores[kept]
    if len(docs):
        best.add(docs, scores + more if more else scores, leaf.base, anew=anew)
