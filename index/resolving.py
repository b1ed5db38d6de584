"""What only the database knows of a question: the articles its links, stories and addresses mean, its outlets by name.

Every value that means nothing here is said in a note: an empty answer is not left to be guessed at.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from index.find_stories import story_asked
from index.linked_ids import linked_ids
from index.names_asked import names_meant
from index.saying import SAID, ids_said_by
from index.search import prepare
from index.search.analysis import tokens
from index.search.fields import NAMES
from index.search.query import Group, Ids, LinkedTo, Node, Query, Term, Word
from index.search.query_lexer import PAGE
from index.search.query_text import text_of
from index.store import Transaction
from index.store.articles import article_id_at
from index.store.outlets import outlet_of_host, outlet_titles

MOST_TOLD = 8
"""Sentences about one question; one with thirty unknown outlets is told of the first of them."""

MOST_OUTLETS = 20
MOST_WORDS = 12
_WORD = re.compile(r"[^\W\d_]{2,}")


def resolved(tx: Transaction, query: Query, notes: list[str]) -> Node | None:
    """Return the tree of a query with ids for what the database knows; what is to be told is added to `notes`."""
    if query.root is None:
        return None

    told: list[str] = []
    outlets = _Outlets(tx, told)

    def articles_of(node: LinkedTo) -> Node:
        if node.direction == PAGE:
            return _of_address(tx, node.target, told)
        if node.direction == "story":
            ids = story_asked(tx, node.target, told)
        elif node.direction == SAID:
            ids = ids_said_by(tx, node.target, told)
        else:
            ids = linked_ids(tx, node, told)
        return Ids(ids, text_of(node))

    def values_of(node: Term) -> tuple[str, ...]:
        if node.field == "outlet":
            return outlets.meant(node.value)
        return names_meant(tx, node, told) if node.field in NAMES else (node.value,)

    root = prepare.resolved(query.root, articles_of=articles_of, values_of=values_of)
    notes += told[:MOST_TOLD]
    return root


class _Outlets:
    """The outlets of one question; all titles are read once, and only where a value is not plainly a name."""

    def __init__(self, tx: Transaction, notes: list[str]) -> None:
        self.tx = tx
        self.notes = notes
        self.titles: dict[str, str] = {}
        self.named: dict[str, set[str]] = {}

    def meant(self, value: str) -> tuple[str, ...]:
        """Return the outlets a reader means: by host, name or title, else those with these words in either.

        A value that is no outlet is returned as it is, which finds nothing, and said.
        """
        by_host = outlet_of_host(self.tx, value) if "." in value else None
        if by_host is not None:
            return (by_host,)
        self.titles = self.titles or outlet_titles(self.tx)
        name = value.casefold().replace(" ", "_")
        if name in self.titles:
            return (name,)
        if not self.named:
            self.named = {one: {_words(title), _words(one.replace("_", " "))} for one, title in self.titles.items()}
        key = _words(value)
        whole = [one for one, texts in self.named.items() if key and key in texts]
        found = whole or [
            one for one, texts in self.named.items() if key and any(f" {key} " in f" {text} " for text in texts)
        ]
        if not found:
            self.notes.append(f"There is no outlet {value[:40]!r}; the list of outlets has their names.")
            return (name,)
        if not whole:
            titles = ", ".join(self.titles[one] for one in found[:MOST_OUTLETS])
            self.notes.append(f"outlet:{value[:40]} is read as {titles}.")
        return tuple(found[:MOST_OUTLETS])


def _words(text: str) -> str:
    return " ".join(token.lower() for token in tokens(text))


def _of_address(tx: Transaction, address: str, notes: list[str]) -> Node:
    """The article at an address; where none is held those that cite it; where none does the words of the address."""
    url = address if "://" in address else f"https://{address}"
    article_id = article_id_at(tx, url)
    if article_id is not None:
        notes.append("This is the article at the address; links: before the address finds who cites it.")
        return Ids(frozenset([article_id]))
    citing = linked_ids(tx, LinkedTo("to", url), [])
    if citing:
        notes.append("No article at this address is held; these cite it.")
        return Ids(citing)
    words = _words_of_address(url)
    if len(words) < 2:
        notes.append("No article at this address is held, and none cites it.")
        return Ids(frozenset())
    notes.append("No article at this address is held, and none cites it; the words of the address are searched.")
    return Group(should=tuple(map(Word, words)))


def _words_of_address(url: str) -> list[str]:
    """The words of the part of a path that has most of them: often the headline."""
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        return []
    parts: list[list[str]] = [
        _WORD.findall(part.rsplit(".", 1)[0] if "." in part else part) for part in path.split("/")
    ]
    longest: list[str] = max(parts, key=lambda part: len(part), default=[])
    return list(dict.fromkeys(longest))[:MOST_WORDS]
