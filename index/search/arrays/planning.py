"""Which queries have their best few found by bounds, and how: one list, any or all of some, a phrase, a constant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from whoosh import query

from index.search.arrays.best import Best
from index.search.arrays.bounded import Keeps, add_all, add_any, add_phrase, add_term
from index.search.arrays.evaluate import Evaluator
from index.search.arrays.leaves import Docs, Leaf, Statistics


def add_best(best: Best, statistics: Statistics, leaves: Sequence[Leaf], q: Any) -> bool:
    """Add the best documents of all leaves; say whether that is done here for such a query. Raises Unsupported.

    Nothing is added where the answer is no.
    """
    if isinstance(q, query.MultiTerm):
        return _add_constant(best, statistics, leaves, q)
    evaluators = [Evaluator(statistics, leaf) for leaf in sorted(leaves, key=lambda leaf: -leaf.size)]
    if _is_term(q):
        _add_any_term(best, evaluators, [q])
    elif type(q) is query.Or and _are_plain(q) and len(set(map(_key, q.subqueries))) == len(q.subqueries):
        _add_any_term(best, evaluators, q.subqueries)
    elif type(q) is query.And and q.boost == 1.0 and not any(isinstance(one, query.Not) for one in q.subqueries):
        return _add_all(best, evaluators, q)
    elif type(q) is query.Phrase and q.slop == 1 and len(q.words) > 1 and q.boost > 0:
        plans = [(one.leaf, lists) for one in evaluators if (lists := one.words_of(q)) is not None]
        for leaf, lists in plans:
            add_phrase(best, leaf, lists)
    else:
        return False
    return True


def _is_term(q: Any) -> bool:
    return type(q) is query.Term and q.boost > 0 and not q.minquality


def _are_plain(q: Any) -> bool:
    return len(q.subqueries) > 0 and all(map(_is_term, q.subqueries)) and not q.scale and q.boost == 1.0


def _key(term: Any) -> tuple[str, Any]:
    return term.fieldname, term.text


def _add_any_term(best: Best, evaluators: Sequence[Evaluator], terms: Sequence[Any]) -> None:
    for evaluator in evaluators:
        lists = [found for one in terms if (found := evaluator.postings(one)) is not None]
        if len(lists) == 1:
            add_term(best, evaluator.leaf, lists[0])
        elif lists:
            add_any(best, evaluator.leaf, lists)


def _add_all(best: Best, evaluators: Sequence[Evaluator], q: Any) -> bool:
    terms = [one for one in q.subqueries if _is_term(one)]
    ranges = [one for one in q.subqueries if isinstance(one, query.NumericRange) and one.boost >= 0]
    if not terms or len(terms) + len(ranges) < len(q.subqueries):
        return False
    more = float(sum(one.boost for one in ranges))
    plans = []
    for evaluator in evaluators:
        kept = [evaluator.within(one) for one in ranges]
        if any(one is None for one in kept):
            return False
        plans.append((evaluator.leaf, evaluator.lists(terms), [one for one in kept if one is not None]))
    for leaf, lists, keeps in plans:
        if lists is not None and len(lists) == 1:
            add_term(best, leaf, lists[0], _all_of(keeps), more=more)
        elif lists is not None:
            add_all(best, leaf, lists, _all_of(keeps), more=more)
    return True


def _all_of(kept: Sequence[Keeps]) -> Keeps | None:
    if len(kept) < 2:
        return kept[0] if kept else None
    return lambda docs: np.logical_and.reduce([keeps(docs) for keeps in kept])


def _add_constant(best: Best, statistics: Statistics, leaves: Sequence[Leaf], q: Any) -> bool:
    """All score alike, so the first documents are the best."""
    if not getattr(q, "constantscore", False) or q.boost <= 0 or isinstance(q, query.NumericRange):
        return False
    name = q.field()
    for leaf in leaves:
        field = leaf.data.fields.get(name)
        if field is None or not statistics.knows(name):
            continue
        docs: Docs = Evaluator(statistics, leaf).docs_of(q, field)
        if leaf.alive is not None:
            docs = docs[leaf.alive[docs]]
        docs = docs[: best.wanted]
        best.add(docs, np.full(len(docs), float(q.boost)), leaf.base)
        if best.least >= q.boost:
            break
    return True
