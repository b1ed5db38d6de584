"""What happens to a parsed tree before an engine sees it. Pure: what the database or the engine knows is handed in.

Parsed text stays what was typed; these steps only change what is searched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from itertools import chain
from typing import TypeGuard

from index.search.analysis import is_capital, is_stop, tokens, without_apostrophes
from index.search.languages import ASKING_WORDS, CAPITALS
from index.search.query import (
    Alias,
    Dates,
    Group,
    Ids,
    Leaf,
    LinkedTo,
    Node,
    Phrase,
    Prefix,
    Query,
    Term,
    Word,
    rewrite,
    walk,
)
from index.search.query_text import text_of
from index.search.question_frames import framing

LOOSE_WEIGHT = 0.5
CORRECTED_WEIGHT = 0.8


def keep_rarest(query: Query, frequencies: Mapping[str, int], limit: int) -> Query:
    """Return the query with its `limit` rarest terms, the rest left out and said in a note.

    Filters (outlets, dates, links) are kept before words; among words the rarest by `frequencies` (of `words_of`),
    where a word that no document has is the last to be of use. Ties keep the order typed.
    """
    terms = [node for node in dict.fromkeys(walk(query.root)) if not isinstance(node, Group | Alias)]
    if len(terms) <= limit:
        return query

    def rarity(term: Node) -> tuple[int, int]:
        if not isinstance(term, Word | Phrase | Prefix):
            return (0, 0)
        known = [frequencies.get(word, 0) for word in words_of(term)]
        if isinstance(term, Prefix):
            return (1, 0)  # what a beginning stands for is bounded by itself
        return (1, min(known)) if known and min(known) > 0 else (2, 0)

    kept: set[Node] = set(sorted(terms, key=rarity)[:limit])
    root = None if query.root is None else rewrite(query.root, lambda node: _kept(node, kept))
    note = f"Of {len(terms)} terms the {limit} rarest are searched."
    return replace(query, root=root, parsed=text_of(root, sort=query.sort), notes=(*query.notes, note))


def words_of(node: Node) -> tuple[str, ...]:
    """Return the words of a leaf as typed, to ask an engine for their frequencies."""
    match node:
        case Word(text):
            return (text,)
        case Phrase(words):
            return words
        case _:
            return ()


def resolved(
    root: Node, *, articles_of: Callable[[LinkedTo], Node], values_of: Callable[[Term], tuple[str, ...]]
) -> Node:
    """Put what is known of links:, story: and their like, of addresses, outlets and names, in their place."""

    def resolve(node: Node) -> Node:
        match node:
            case LinkedTo():
                return articles_of(node)
            case Term(field):
                terms = tuple(Term(field, value) for value in values_of(node))
                return terms[0] if len(terms) == 1 else Group(should=terms, any_of=True)
            case Group(any_of=True):
                sides = [side.should if _is_choice(side) else (side,) for side in node.should]
                return replace(node, should=tuple(dict.fromkeys(chain.from_iterable(sides))))
            case _:
                return node

    return rewrite(root, resolve) or root


def _is_choice(node: Node) -> TypeGuard[Group]:
    return isinstance(node, Group) and node.any_of


def without_filters(root: Node | None) -> tuple[Node | None, tuple[Node, ...]]:
    """Take demands that only narrow (outlets, dates, links) out of a tree with optional words, and return both.

    So at least one of the words has to match: `outlet:gazette harvest` is no list of all the Gazette has.
    """
    if not isinstance(root, Group) or root.any_of or not root.must or all(map(_narrows, root.should)):
        return root, ()
    if not all(map(_narrows, root.must)):
        return root, ()
    return Group(should=root.should, must_not=root.must_not), root.must


def _narrows(node: Node) -> bool:
    if isinstance(node, Group):
        return all(map(_narrows, (*node.must, *node.should, *node.must_not)))
    return isinstance(node, Term | Dates | Ids | LinkedTo)


def without_stop_words(root: Node) -> Node:
    """Leave out optional words that say nothing (the, of, und) or only put a question, where anything else is asked.

    Demanded, quoted and excluded words stay, and a query of nothing else is searched as it is.
    """

    def thin(node: Node) -> Node:
        if not isinstance(node, Group) or node.any_of:
            return node
        row = node.should
        typed = [child.text.lower() if isinstance(child, Word) and not child.field else "" for child in row]
        frame = framing(typed, lambda at: _says_nothing(row[at]))
        telling = tuple(child for at, child in enumerate(row) if at not in frame and not _says_nothing(child))
        if not telling and not any(isinstance(child, Leaf | Group) for child in node.must):
            return node
        return replace(node, should=telling)

    return rewrite(root, thin) or root


def loosened(root: Node) -> Node:
    """Let an optional `Israel-Hamas` also find texts with both words apart, at a lower weight.

    Optional letters side by side (`U S policy`) become one phrase, which finds U.S. too: apart they say nothing.
    """

    def loosen(node: Node) -> Node:
        if not isinstance(node, Group) or node.any_of:
            return node
        return replace(node, should=tuple(map(_loose, _with_letters_together(node.should))))

    return rewrite(root, loosen) or root


def corrected(root: Node, corrections: Mapping[Leaf, str]) -> Node:
    """Put the correction of an optional word that no document has beside it; "" corrects nothing."""

    def correct(node: Node) -> Node:
        if not isinstance(node, Word) or not corrections.get(node):
            return node
        return Alias(node, (_corrected(node, corrections),), CORRECTED_WEIGHT)

    return rewrite(root, correct) or root


def correctable(leaf: Leaf) -> bool:
    """Say whether a leaf may be a slip: one bare word of four letters or more, not quoted, not a number or capitals."""
    return isinstance(leaf, Word) and not leaf.exact and leaf.field != "author" and _is_plain(leaf.text)


def replaced(root: Node, corrections: Mapping[Leaf, str]) -> Node:
    """Put the correction in the place of the word, and nothing in that of a half: the text of did-you-mean."""

    def swap(node: Node) -> Node | None:
        if not isinstance(node, Word) or node not in corrections:
            return node
        return _corrected(node, corrections) if corrections[node] else None

    return rewrite(root, swap) or root


def without_rarest_demand(root: Node, found: Callable[[Node], int]) -> tuple[Node, Node] | None:
    """Return the tree without the demand that the fewest documents meet, and that demand; None when nothing is left.

    What is dropped stays as an optional wish, a phrase as its words, so that what comes nearest still ranks first.
    """
    if not isinstance(root, Group) or not root.must:
        return None
    rarest = min(root.must, key=found)
    must = tuple(node for node in root.must if node is not rarest)
    match rarest:
        case Phrase(words, field):
            wishes: tuple[Node, ...] = tuple(Word(word, field=field) for word in words)
        case Word() | Prefix() | Alias() | Group():
            wishes = (rarest,) if must or root.should else ()
        case _:
            wishes = ()
    left = Group(must, (*root.should, *wishes), root.must_not)
    return (left, rarest) if left.must or left.should else None


def _kept(node: Node, kept: Set[Node]) -> Node | None:
    return node if isinstance(node, Group | Alias) or node in kept else None


def _corrected(word: Word, corrections: Mapping[Leaf, str]) -> Word | Phrase:
    """What was meant: another word, or two that were written as one."""
    parts = tuple(corrections[word].split())
    return Phrase(parts, word.field) if len(parts) > 1 else Word(parts[0], field=word.field, times=word.times)


def _says_nothing(node: Node) -> bool:
    if not isinstance(node, Word) or node.field:
        return False
    found = tokens(without_apostrophes(node.text))
    if node.exact and (not is_capital(node.text) or node.text.lower() in CAPITALS or "." in node.text):
        return False
    return len(found) == 1 and (is_stop(found[0].lower()) or found[0] in ASKING_WORDS)


def _with_letters_together(nodes: Sequence[Node]) -> list[Node]:
    kept: list[Node] = []
    letters: list[str] = []
    for node in (*nodes, None):
        if isinstance(node, Word) and not node.field and len(node.text) == 1 and node.text.isalpha():
            letters.append(node.text)
            continue
        if len(letters) >= 3 and letters[0].lower() in ("a", "i"):
            kept.append(Word(letters.pop(0)))
        kept += [Phrase(tuple(letters))] if len(letters) > 1 else map(Word, letters)
        letters = []
        if node is not None:
            kept.append(node)
    return kept


def _loose(node: Node) -> Node:
    if not isinstance(node, Word) or node.exact or node.text.count("-") != 1:
        return node
    parts = node.text.split("-")
    if not all(part.isalpha() and len(part) >= 3 for part in parts):
        return node
    apart = Group(must=tuple(Word(part, exact=is_capital(part), field=node.field) for part in parts))
    return Alias(node, (apart,), LOOSE_WEIGHT)


def _is_plain(text: str) -> bool:
    return text.isalpha() and 4 <= len(text) <= 24
