"""What a reader may have meant: corrections of words that no article has, suggestions for words that hardly any has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeGuard

from index.search import prepare
from index.search.analysis import fold
from index.search.backend import SearchBackend
from index.search.query import Alias, Group, Leaf, Node, Phrase, Word, walk
from index.search.spelling import splits_of

HARDLY_ANY = 20
"""A word in more articles than this is never taken for a slip."""

TIMES_RARER = 100
MOST_CORRECTED = 4
MOST_LOOKED_AT = 2
MOST_SPLITS = 3
"""What a look for a slip costs is some hundred look-ups: so many words of a query, cuts of a word, and no more."""


def corrections(
    backend: SearchBackend, root: Node, unknown: Sequence[Leaf], typed: Node, count: Callable[[Node], int]
) -> dict[Leaf, str]:
    """For every word typed that no document has, the commonest word close to it, or the two words it is made of.

    Where it and a word beside it are the halves of a known one, that word; the other half then means nothing ("").
    """
    asked = {node for node in walk(typed, excluded=False) if isinstance(node, Leaf)}
    missed = [leaf for leaf in _without_other_names(root, unknown) if leaf in asked]
    found: dict[Leaf, str] = _together(backend, typed, missed[:MOST_CORRECTED])
    slips = [leaf for leaf in missed if leaf not in found and prepare.correctable(leaf)]
    for leaf in slips[: MOST_CORRECTED - len(found)]:
        word = prepare.words_of(leaf)[0]
        close = backend.corrections(word, 1) or _apart(backend, word, count)
        if close:
            found[leaf] = close[0]
    return found


def suggestions(backend: SearchBackend, typed: Node) -> dict[Leaf, str]:
    """For words typed that hardly any document has, the word close to them that is a hundred times as common."""
    leaves = {node: node.text for node in walk(typed, excluded=False) if isinstance(node, Word)}
    leaves = {leaf: word for leaf, word in leaves.items() if prepare.correctable(leaf)}
    if not leaves or backend.count() < TIMES_RARER:
        return {}
    counts = backend.frequencies(list(leaves.values()))
    rare = sorted((leaf for leaf in leaves if 0 < counts[leaf.text] <= HARDLY_ANY), key=lambda leaf: counts[leaf.text])
    found: dict[Leaf, str] = {}
    for leaf in rare[:MOST_LOOKED_AT]:
        close = backend.corrections(leaf.text, 1)
        if close and backend.frequencies(close)[close[0]] >= TIMES_RARER * counts[leaf.text]:
            found[leaf] = close[0]
    return found


def _together(backend: SearchBackend, typed: Node, missed: Sequence[Leaf]) -> dict[Leaf, str]:
    """What becomes a known word with its neighbour (`hawa iian`): the unknown half is that word, the other is ""."""
    row = list(typed.should) if isinstance(typed, Group) and not typed.any_of else []
    joints = {
        (one, other): one.text + other.text
        for one, other in pairwise(row)
        if _is_part(one) and _is_part(other) and (one in missed or other in missed)
    }
    counts = backend.frequencies(sorted(set(joints.values()))) if joints else {}
    found: dict[Leaf, str] = {}
    for (one, other), joined in joints.items():
        if counts[joined] and one not in found and other not in found:
            found |= {one: joined, other: ""} if one in missed else {other: joined, one: ""}
    return found


def _is_part(node: Node) -> TypeGuard[Word]:
    return isinstance(node, Word) and not node.exact and not node.field and node.text.isalpha()


def _apart(backend: SearchBackend, word: str, count: Callable[[Node], int]) -> list[str]:
    """The two words that stand side by side in some document and make up the one that none has."""
    splits = splits_of(fold(word))
    if not splits:
        return []
    counts = backend.frequencies(sorted({part for split in splits for part in split}))
    known = [split for split in splits if min(counts[part] for part in split)]
    known.sort(key=lambda split: -min(counts[part] for part in split))
    for split in known[:MOST_SPLITS]:
        if count(Phrase(split)):
            return [" ".join(split)]
    return []


def _without_other_names(root: Node, unknown: Sequence[Leaf]) -> list[Leaf]:
    """The words no document has, but for those of which another name was found: they are no slips."""
    answered = {
        below
        for node in walk(root)
        if isinstance(node, Alias) and any(isinstance(other, Leaf) and other not in unknown for other in node.others)
        for below in walk(node)
    }
    return [leaf for leaf in unknown if leaf not in answered]
