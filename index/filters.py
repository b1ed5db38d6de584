"""What a reader narrows a search by, beside the query, and what a question says of languages and outlets. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from index.search.query import Dates, Group, Node, Term, walk


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader narrowed besides the query; values of one kind are alternatives. `after` includes its day."""

    outlets: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    after: date | None = None
    before: date | None = None


def filter_nodes(filters: Filters) -> tuple[Node, ...]:
    """Return what a reader narrowed as nodes, which all have to match."""
    kinds = {
        "outlet": filters.outlets,
        "topic": filters.topics,
        "language": filters.languages,
        "author": filters.authors,
    }
    nodes: list[Node] = [
        Group(should=tuple(Term(kind, value) for value in values), any_of=True)
        for kind, values in kinds.items()
        if values
    ]
    if filters.after is not None or filters.before is not None:
        nodes.append(Dates(after=filters.after, before=filters.before))
    return tuple(nodes)


def languages_asked(root: Node | None, filters: Filters) -> tuple[str, ...]:
    """Return the languages all hits are in, so that words are stemmed in no other; empty: any may answer."""
    demanded: list[str] = []
    for node in root.must if isinstance(root, Group) else ():
        sides = node.should if isinstance(node, Group) and node.any_of else (node,)
        values = [side.value for side in sides if isinstance(side, Term) and side.field == "language"]
        demanded += values if len(values) == len(sides) else ()
    return tuple(dict.fromkeys([*filters.languages, *demanded]))


def outlets_asked(root: Node | None, filters: Filters) -> tuple[str, ...]:
    """Return the outlets a question names."""
    typed = [node.value for node in walk(root, excluded=False) if isinstance(node, Term) and node.field == "outlet"]
    return tuple(dict.fromkeys([*filters.outlets, *typed]))
