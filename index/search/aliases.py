"""Names that mean the same (`config/aliases.toml`), put into a query tree beside what was typed. Pure but for the file.

Applied when a query is answered, never to what is indexed. What was typed in quotes stays as it is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import config.settings
from config.errors import ConfigurationError
from index.search.analysis import is_capital, is_stop, tokens, without_apostrophes
from index.search.query import Alias, Group, Node, Phrase, Word

ALIASES_FILE = Path(config.settings.__file__).with_name("aliases.toml")
WEIGHT = 0.7
_MOST_WORDS = 8

Names = Mapping[tuple[str, ...], tuple[str, ...]]
"""The tokens of a name -> the other names of the same thing."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """A tree with aliases, and the names that were added, in their order."""

    root: Node
    also: tuple[str, ...]


@lru_cache(maxsize=4)
def load_aliases(path: Path = ALIASES_FILE) -> Names:
    """Read a file of aliases. Raises ConfigurationError naming the file and the entry that is wrong."""
    try:
        groups = tomllib.loads(path.read_text(encoding="utf-8")).get("names", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError([f"{path}: cannot be read as TOML ({error})."]) from None
    others: dict[tuple[str, ...], dict[str, None]] = {}
    faults = []
    for number, group in enumerate(groups, start=1):
        if not isinstance(group, list) or len(group) < 2 or not all(isinstance(name, str) for name in group):
            faults.append(f"{path}: names: entry {number} must be a list of two names or more, not {group!r}.")
            continue
        keys = {name: tuple(tokens(name)) for name in group}
        for name, key in keys.items():
            if not 0 < len(key) <= _MOST_WORDS:
                faults.append(f"{path}: names: {name!r} must have one to {_MOST_WORDS} words.")
            others.setdefault(key, {}).update({other: None for other, same in keys.items() if same != key})
    if faults:
        raise ConfigurationError(faults)
    return {key: tuple(names) for key, names in others.items()}


def with_aliases(root: Node, names: Names) -> Expanded:
    """Put the other names of every name in the tree beside it, at a lower weight.

    A name may stand in several words next to each other, as long as all are demanded or all are optional. Excluded
    words, quoted ones and those of other fields than title are left alone.
    """
    also: dict[str, None] = {}

    whole = _expanded(Group(should=(root,)) if isinstance(root, Word) else root, names, also)
    return Expanded(whole, tuple(also))


def _expanded(node: Node, names: Names, also: dict[str, None]) -> Node:
    if not isinstance(node, Group):
        return node
    must = tuple(_expanded(child, names, also) for child in node.must)
    should = tuple(_expanded(child, names, also) for child in node.should)
    most = 1 if node.any_of else _MOST_WORDS
    return Group(
        must=_replaced(must, names, also, demanded=True, most=most),
        should=_replaced(should, names, also, demanded=False, most=most),
        must_not=node.must_not,
        any_of=node.any_of,
    )


def _replaced(
    nodes: Sequence[Node], names: Names, also: dict[str, None], *, demanded: bool, most: int
) -> tuple[Node, ...]:
    """Replace the longest names first found from the left."""
    kept: list[Node] = []
    at = 0
    while at < len(nodes):
        size, found = _longest(nodes, at, names, most)
        typed = nodes[at : at + size]
        if not found:
            kept.append(nodes[at])
            at += 1
            continue
        field = typed[0].field if isinstance(typed[0], Word) else ""
        whole = typed[0] if size == 1 else Group(must=tuple(typed)) if demanded else Group(should=tuple(typed))
        also.update(dict.fromkeys(found))
        kept.append(Alias(whole, tuple(_node_of(name, field) for name in found), WEIGHT))
        at += size
    return tuple(kept)


def _longest(nodes: Sequence[Node], at: int, names: Names, most: int) -> tuple[int, tuple[str, ...]]:
    """The most nodes from `at` that make a name together, and the other names; (1, ()) where none do.

    A word that says nothing (is, la, au) is a name only in capitals.
    """
    best: tuple[int, tuple[str, ...]] = (1, ())
    key: tuple[str, ...] = ()
    first = nodes[at]
    for size, node in enumerate(nodes[at : at + most], start=1):
        if not isinstance(node, Word) or not isinstance(first, Word) or node.field != first.field:
            break
        if node.field == "author" or (node.exact and not is_capital(node.text)):
            break
        key += tuple(tokens(without_apostrophes(node.text)))
        if len(key) > _MOST_WORDS:
            break
        if key in names and not (len(key) == 1 and not node.exact and is_stop(key[0].lower())):
            best = (size, names[key])
    return best


def _node_of(name: str, field: str) -> Node:
    words = tuple(name.split())
    return Phrase(words, field) if len(words) > 1 else Word(name, exact=is_capital(name), field=field)
