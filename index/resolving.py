"""What only the database knows of a question: the articles its links, stories and addresses mean, its outlets by name.

Every value that means nothing here is said in a note: an empty answer is not left to be guessed at.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from index.find_stories import story_asked
from index.linked_ids import linked_ids
from index.names_asked import notes_on_names
from index.saying import SAID, ids_said_by
from index.search import prepare
from index.search.analysis import tokens
from index.search.query import Group, Ids, LinkedTo, Node, Query, Word
from index.search.query_lexer import PAGE
from index.search.query_text import text_of
from index.store import Transaction
from index.store.articles import article_by_url
from index.store.outlets import outlet_of_host, outlet_titles

MOST_OUTLETS = 20
MOST_WORDS = 12
_WORD = re.compile(r"[^\W\d_]{2,}")


def resolved(tx: Transaction, query: Query, notes: list[str]) -> Node | None:
    """Return the tree of a query with ids for what the database knows; what is to be told is added to `notes`."""
    if query.root is None:
        return None

    def articles_of(node: LinkedTo) -> Node:
        if node.direction == PAGE:
            return _of_address(tx, node.target, notes)
        if node.direction == "story":
            ids = story_asked(tx, node.target, notes)
        elif node.direction == SAID:
            ids = ids_said_by(tx, node.target, notes)
        else:
            ids = linked_ids(tx, node, notes)
        return Ids(ids, text_of(node))

    notes += notes_on_names(tx, query.root)
    return prepare.resolved(
        query.root, articles_of=articles_of, outlets_of=lambda value: outlets_meant(tx, value, notes)
    )


def outlets_meant(tx: Transaction, value: str, notes: list[str]) -> tuple[str, ...]:
    """Return the outlets a reader means: by host, name or title, else those with these words in their name or title.

    A value that is no outlet is returned as it is, which finds nothing, and said.
    """
    by_host = outlet_of_host(tx, value) if "." in value else None
    if by_host is not None:
        return (by_host,)
    titles = outlet_titles(tx)
    name = value.casefold().replace(" ", "_")
    if name in titles:
        return (name,)
    key = _words(value)
    named = {one: {_words(title), _words(one.replace("_", " "))} for one, title in titles.items()}
    whole = tuple(one for one, texts in named.items() if key and key in texts)
    if whole:
        return whole[:MOST_OUTLETS]
    found = [one for one, texts in named.items() if key and any(f" {key} " in f" {text} " for text in texts)]
    if not found:
        notes.append(f"There is no outlet {value[:40]!r}; the list of outlets has their names.")
        return (name,)
    notes.append(f"outlet:{value[:40]} is read as {', '.join(titles[one] for one in found[:MOST_OUTLETS])}.")
    return tuple(found[:MOST_OUTLETS])


def _words(text: str) -> str:
    return " ".join(token.lower() for token in tokens(text))


def _of_address(tx: Transaction, address: str, notes: list[str]) -> Node:
    """The article at an address; where none is held those that cite it; where none does the words of the address."""
    url = address if "://" in address else f"https://{address}"
    article = article_by_url(tx, url)
    if article is not None:
        notes.append("This is the article at the address; links: before the address finds who cites it.")
        return Ids(frozenset([article.id]))
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
