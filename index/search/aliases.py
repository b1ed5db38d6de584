"""Names that mean the same (`config/aliases.toml`), put into a query tree beside what was typed. Pure but for the file.

Applied when a query is answered, never to what is indexed. What was typed in quotes stays as it is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import config.settings
from config.errors import ConfigurationError
from index.search.analysis import is_capital, is_stop, tokens, without_apostrophes
from index.search.english_spellings import other_spellings
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
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError([f"{path}: cannot be read as TOML ({error})."]) from None
    others: dict[tuple[str, ...], dict[str, None]] = {}
    faults = []
    for number, group in enumerate(table.get("names", []), start=1):
        if not isinstance(group, list) or len(group) < 2 or not all(isinstance(name, str) for name in group):
            faults.append(f"{path}: names: entry {number} must be a list of two names or more, not {group!r}.")
            continue
        keys = _with_other_spellings(group)
        for name, key in keys.items():
            if not 0 < len(key) <= _MOST_WORDS:
                faults.append(f"{path}: names: {name!r} must have one to {_MOST_WORDS} words.")
            others.setdefault(key, {}).update({other: None for other, same in keys.items() if same != key})
    for head, tails in table.get("compounds", {}).items():
        if not isinstance(tails, str):
            faults.append(f"{path}: compounds: {head} must be a text of words with spaces between them, not {tails!r}.")
            continue
        for forms in (_forms_of_compound(head, tail) for tail in tails.split()):
            for name in forms:
                others.setdefault(tuple(tokens(name)), {}).update(dict.fromkeys(one for one in forms if one != name))
    if faults:
        raise ConfigurationError(faults)
    return {key: tuple(names) for key, names in others.items()}


def _with_other_spellings(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Names with their tokens; those of several words also as spelt on the other side of the Atlantic."""
    keys: dict[tuple[str, ...], str] = {}
    for name in names:
        keys.setdefault(tuple(tokens(name)), name)
    for name in list(keys.values()):
        words = [_spelt_otherwise(word) for word in name.split()]
        if len(words) > 1:
            keys.setdefault(tuple(tokens(" ".join(words))), " ".join(words))
    return {name: key for key, name in keys.items()}


def _spelt_otherwise(word: str) -> str:
    other = next(iter(other_spellings(word.lower())), "")
    if not other or other.endswith("ized"):  # improvised is no verb with two endings
        return word
    return other.capitalize() if word.istitle() else other


def _forms_of_compound(head: str, tail: str) -> list[str]:
    """air, strike: airstrike, which finds its plural, and the two words apart, as one and as many."""
    many = f"{tail[:-3]}men" if tail.endswith("man") else f"{tail}s"
    joined = [f"{head}{tail}"] if many == f"{tail}s" else [f"{head}{tail}", f"{head}{many}"]
    return [*joined, f"{head} {tail}", f"{head} {many}"]


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
        also.update(dict.fromkeys(found))
        others = tuple(_node_of(name, field) for name in found)
        if size == 1:
            kept.append(Alias(typed[0], others, WEIGHT))
        elif demanded:
            kept.append(Alias(Group(must=tuple(typed)), others, WEIGHT))
        else:
            # One thing, one word's worth: three common words of a name must not outweigh the rare word beside it.
            whole = Phrase(tuple(word.text for word in typed if isinstance(word, Word)), field)
            kept.append(Alias(whole, (*others, Group(should=tuple(typed))), WEIGHT))
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
        if len(key) == 1 and not node.exact and is_stop(key[0].lower()):
            continue
        known = key if key in names else (*key[:-1], _of_one(key[-1]))
        if known in names:
            best = (size, names[known])
    return best


def _of_one(token: str) -> str:
    """A name in the plural as that of one: drones, UAVs, Huthis."""
    return token[:-1] if len(token) > 3 and token.endswith("s") else token


def _node_of(name: str, field: str) -> Node:
    words = tuple(name.split())
    return Phrase(words, field) if len(words) > 1 else Word(name, exact=is_capital(name), field=field)
