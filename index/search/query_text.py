"""A query tree written down again as text that parses to the same tree: chips, saved searches, links. Pure."""

from __future__ import annotations

import re

from index.search.analysis import is_capital
from index.search.query import Alias, Dates, Group, Ids, LinkedTo, Node, Phrase, Prefix, Term, Word

FIELD_NAMES = {
    "outlet": "outlet",
    "topic": "topic",
    "language": "lang",
    "country": "country",
    "person": "person",
    "organisation": "org",
    "place": "place",
    "weapon": "weapon",
    "treaty": "treaty",
}
LINK_NAMES = {"to": "links", "from": "linkedfrom", "near": "near", "said": "said", "story": "story"}
SORT_NAMES = {"newest": "sort:new", "oldest": "sort:old"}
_BARE_CAPITALS = re.compile(r"\w+(?:-\w+)*|(?:\w\.){2,}")
_BARE_VALUE = re.compile(r"[^\s\"()]+")


def text_of(root: Node | None, *, sort: str = "") -> str:
    """Return the canonical text of a parsed tree. Aliases are written as typed, ids as they were asked for."""
    parts = [] if root is None else _parts(root) if isinstance(root, Group) and not root.any_of else [_side(root)]
    return " ".join([*filter(None, parts), *filter(None, [SORT_NAMES.get(sort, "")])])


def _parts(group: Group) -> list[str]:
    if group.any_of:
        return [" OR ".join(_side(child) if isinstance(child, Group) else _leaf(child) for child in group.should)]
    alone = len(group.must) == 1 and not group.should and not group.must_not
    return [
        *(_as_typed(child, _demanded(child) if alone else _apart(_demanded(child))) for child in group.must),
        *(_as_typed(child, _side(child)) for child in group.should),
        *(f"-{_excluded(child)}" for child in group.must_not),
    ]


def _as_typed(node: Node, written: str) -> str:
    """A word as often as it was typed."""
    typed = node.node if isinstance(node, Alias) else node
    return " ".join([written] * typed.times) if isinstance(typed, Word) else written


def _side(node: Node) -> str:
    """A node where nothing is said about whether it must match: optional, or one side of OR."""
    if isinstance(node, Group) and not node.must and not node.should and len(node.must_not) == 1:
        return f"-{_excluded(node.must_not[0])}"
    return f"({' '.join(_parts(node))})" if isinstance(node, Group) else _leaf(node, optional=True)


def _demanded(node: Node) -> str:
    match node:
        case Group(should=(only,), any_of=True):
            return _demanded(only)
        case Group(any_of=True):
            return _parts(node)[0]
        case Group():
            return f"+({' '.join(_parts(node))})"
        case Word(field="") | Prefix(field="") | LinkedTo(direction="page"):
            written = _leaf(node)
            return written if written.startswith('"') else f"+{written}"
        case _:
            return _leaf(node)


def _apart(written: str) -> str:
    """Brackets round an OR beside other parts, for people; not where they might make the text nest too deep."""
    return f"({written})" if " OR " in written and "(" not in written and '"' not in written else written


def _excluded(node: Node) -> str:
    return f"({' '.join(_parts(node))})" if isinstance(node, Group) else _leaf(node)


def _leaf(node: Node, *, optional: bool = False) -> str:
    match node:
        case Word(text, exact, field):
            plain = optional or _BARE_CAPITALS.fullmatch(text) is not None  # quotes would demand what was optional
            bare = not exact or (text != "OR" and is_capital(text) and plain)
            written = text if bare else f'"{text}"'
            return f"{field}:{written}" if field else written
        case Phrase(words, field):
            written = f'"{" ".join(words)}"'
            return f"{field}:{written}" if field else written
        case Prefix(text, field):
            return f"{field}:{text}*" if field else f"{text}*"
        case Term(field, value):
            return f"{FIELD_NAMES[field]}:{value_text(value)}"
        case Dates(after, before):
            dates = {"after": after, "before": before}
            return " ".join(f"{name}:{day.isoformat()}" for name, day in dates.items() if day is not None)
        case LinkedTo("page", target):
            return target
        case LinkedTo(direction, target):
            return f"{LINK_NAMES[direction]}:{value_text(target)}"
        case Alias(typed):
            return _side(typed)
        case Ids(_, typed):
            return typed
        case Group():
            return ""


def value_text(value: str) -> str:
    """Return a field's value as it is typed: in quotes where it has more than one word."""
    return value if _BARE_VALUE.fullmatch(value) else f'"{value}"'
