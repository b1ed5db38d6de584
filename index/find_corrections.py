"""What a reader may have meant: corrections of words that no article has, suggestions for words that hardly any has."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from index.search import prepare
from index.search.analysis import fold
from index.search.backend import SearchBackend
from index.search.query import Alias, Leaf, Node, Phrase, Word, walk
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
    """For every word typed that no document has, the commonest word close to it, or the two words it is made of."""
    asked = {node for node in walk(typed, excluded=False) if isinstance(node, Leaf)}
    found: dict[Leaf, str] = {}
    slips = [leaf for leaf in _without_other_names(root, unknown) if leaf in asked and prepare.correctable(leaf)]
    for leaf in slips[:MOST_CORRECTED]:
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
