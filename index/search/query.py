"""What a query means: one bounded tree of frozen nodes, the same for every engine. Pure.

`query_parser.parse` makes it from text, `query_text.text_of` writes it down again; engines compile it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Word:
    """One word. `exact` (quoted or all capitals) is not stemmed. `field` is "", "title" or "author".

    `times`: how often it was typed; a long question says its subject twice.
    """

    text: str
    exact: bool = False
    field: str = ""
    times: int = 1


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must stand side by side, exact."""

    words: tuple[str, ...]
    field: str = ""


@dataclass(frozen=True, slots=True)
class Prefix:
    """A word's beginning, three letters or more."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """A whole-value match on a keyword field: outlet, topic, language."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Dates:
    """sort_at in [after, before): after includes its day, before excludes it; UTC."""

    after: date | None = None
    before: date | None = None


@dataclass(frozen=True, slots=True)
class LinkedTo:
    """links:URL ("to": who cites it), linkedfrom:URL ("from"), near:URL ("near"), story:ID ("story"), said:NAME.

    A bare address is "page": the article there. The database resolves it.
    """

    direction: str
    target: str


@dataclass(frozen=True, slots=True)
class Ids:
    """A set of article ids: what LinkedTo becomes before an engine sees the tree. `typed`: how it was asked for."""

    ids: frozenset[int]
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Bool node. `must` all match, `should` are optional and ranked, `must_not` none match.

    With no `must`, at least one of `should` has to match; `any_of` marks a written OR (same matching, shown as OR).
    """

    must: tuple[Node, ...] = ()
    should: tuple[Node, ...] = ()
    must_not: tuple[Node, ...] = ()
    any_of: bool = False


@dataclass(frozen=True, slots=True)
class Alias:
    """`node` as typed, or any of `others` in its place at `weight` of their score; the best one counts.

    Never typed: aliases, corrections and the loose reading of hyphenated words become this before an engine sees them.
    """

    node: Node
    others: tuple[Node, ...]
    weight: float = 0.5


Leaf = Word | Phrase | Prefix
Node = Leaf | Term | Dates | LinkedTo | Ids | Group | Alias


def children_of(node: Node) -> tuple[Node, ...]:
    """Return the nodes right under `node`, those that must not match included."""
    match node:
        case Group():
            return (*node.must, *node.should, *node.must_not)
        case Alias():
            return (node.node, *node.others)
        case _:
            return ()


def walk(node: Node | None, *, excluded: bool = True) -> Iterator[Node]:
    """Yield `node` and all below it, in the order of the canonical text; `excluded` False leaves out must_not."""
    waiting = [] if node is None else [node]
    while waiting:
        current = waiting.pop()
        yield current
        below = children_of(current)
        if isinstance(current, Group) and not excluded:
            below = (*current.must, *current.should)
        waiting += reversed(below)


def rewrite(node: Node, change: Callable[[Node], Node | None]) -> Node | None:
    """Rebuild the tree from the leaves up; `change` sees every node with its children done, None removes it.

    A group left without children is removed too.
    """
    match node:
        case Group():
            kept = [
                tuple(done for child in part if (done := rewrite(child, change)) is not None)
                for part in (node.must, node.should, node.must_not)
            ]
            if not any(kept):
                return None
            return change(Group(kept[0], kept[1], kept[2], any_of=node.any_of))
        case Alias():
            typed = rewrite(node.node, change)
            others = tuple(done for child in node.others if (done := rewrite(child, change)) is not None)
            if typed is None:
                return None
            return change(Alias(typed, others, node.weight) if others else typed)
        case _:
            return change(node)


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. `root` is None when nothing is left to search (empty text, only a sort): everything matches.

    `parsed` is the canonical text of the tree (parse(parsed) gives the same tree); `notes` are sentences for the
    reader: unknown field, cut terms, dropped stars.
    """

    text: str
    root: Node | None
    parsed: str
    notes: tuple[str, ...] = ()
    sort: str = ""  # "newest" from sort:new, "oldest" from sort:old, else ""
