"""Whoosh's query parser with a short way for plain questions: words, words joined by AND or OR, phrases, beginnings.

Whoosh tries some fifteen expressions at every letter and then goes over the tree a dozen times: a tenth of a
millisecond for one word, more than a search for it takes. What consists of words, white space and the few marks read
here means the same every time, and becomes the very query Whoosh would make of it. Anything else is left to Whoosh, and
so is everything where a plug-in is not as Whoosh ships it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from whoosh import query
from whoosh.qparser import FuzzyTermPlugin, QueryParser, syntax
from whoosh.query.qcore import NullQuery

from index.search.arrays.tokens import ChunkReader

_PART = re.compile(r"\S+")
_WORD = re.compile(r"(?:(\w+):)?(\w+)(?:(\*)|(~)([0-9])?)?")
_PHRASE = re.compile(r'\s*(?:(\w+):)?"([^"\n]*)"\s*')
_JOINING = {"AND": query.And, "OR": query.Or}
_OPERATORS = frozenset({*_JOINING, "NOT", "ANDNOT", "ANDMAYBE", "REQUIRE"})


class _LongWayError(Exception):
    """There is more to a text than is read here."""


class ArraysQueryParser(QueryParser):  # type: ignore[misc]
    """Parses as Whoosh does. `readers` read words of fields; a field without one is left to Whoosh."""

    def __init__(self, fieldname: str, schema: Any, *, readers: Mapping[str, ChunkReader], **options: Any) -> None:
        """Parse for a schema."""
        self._readers = readers
        self._as_shipped: bool | None = None
        self._has_fuzzy = False
        super().__init__(fieldname, schema, **options)

    def add_plugin(self, pin: Any) -> None:
        """Add a plug-in."""
        self._as_shipped = None
        super().add_plugin(pin)

    def remove_plugin(self, pi: Any) -> None:
        """Remove a plug-in."""
        self._as_shipped = None
        super().remove_plugin(pi)

    def remove_plugin_class(self, cls: Any) -> None:
        """Remove the plug-ins of a class."""
        self._as_shipped = None
        super().remove_plugin_class(cls)

    def parse(self, text: Any, normalize: bool = True, debug: bool = False) -> Any:
        """Return the query a text stands for."""
        if normalize and not debug and isinstance(text, str) and self._is_as_shipped():
            try:
                return self._phrase(text) if '"' in text else self._words(text)
            except _LongWayError:
                pass  # Whoosh knows
        return super().parse(text, normalize=normalize, debug=debug)

    def _is_as_shipped(self) -> bool:
        """Say whether words and marks mean here what they mean to a parser of Whoosh as it is."""
        if self._as_shipped is None:
            own = _plugins_of(self)
            self._has_fuzzy = own == _WITH_FUZZY
            self._as_shipped = (
                own in (_SHIPPED, _WITH_FUZZY)
                and self.termclass is query.Term
                and self.phraseclass is query.Phrase
                and self.group in (syntax.AndGroup, syntax.OrGroup)
            )
        return self._as_shipped

    def _reader(self, name: str) -> ChunkReader:
        reader = self._readers.get(name)
        if reader is None or name not in self.schema:
            raise _LongWayError
        return reader

    def _words(self, text: str) -> Any:
        """Return the query of words that stand in a row or are joined by one operator."""
        parts = [(met[0], met.start()) for met in _PART.finditer(text)]
        joined = self.group.qclass
        if not _OPERATORS.isdisjoint(part for part, _ in parts):
            between = {part for part, _ in parts[1::2]}
            joined = _JOINING.get(min(between, default=""))
            if joined is None or len(between) > 1 or len(parts) % 2 == 0:
                raise _LongWayError
            parts = parts[::2]
        found = dict.fromkeys(one for part, at in parts if (one := self._one(part, at)) is not None)
        if not found:
            return NullQuery
        return next(iter(found)) if len(found) == 1 else joined(list(found))

    def _one(self, part: str, at: int) -> Any:
        """Return the query of one word, a beginning or a near spelling; None for a word that is left out."""
        met = _WORD.fullmatch(part)
        if met is None or part in _OPERATORS:
            raise _LongWayError
        name, text, is_beginning, is_near, edits = met.groups()
        name = name or self.fieldname
        reader = self._reader(name)
        begin, end = at + met.start(2), at + met.end(2)
        if is_beginning or is_near:
            word = reader.word_of(text)
            if word is None or (is_near and not self._has_fuzzy):
                raise _LongWayError
            if is_near:
                return _placed(query.FuzzyTerm(name, word, maxdist=int(edits or 1), prefixlength=0), begin, end)
            return _placed(query.Prefix(name, word), end, end + 1)
        words = reader.words_of(text)
        if len(words) > 1:
            raise _LongWayError
        return _placed(query.Term(name, words[0]), begin, end) if words else None

    def _phrase(self, text: str) -> Any:
        """Return the query of a text that is one phrase."""
        met = _PHRASE.fullmatch(text)
        if met is None:
            raise _LongWayError
        name = met[1] or self.fieldname
        placed = self._reader(name).words_with_places(met[2])
        at = met.start(2)
        if not placed:
            return NullQuery
        ranges = [(begin + at, end + at) for _, begin, end in placed]
        if len(placed) == 1:
            return _placed(query.Term(name, placed[0][0]), *ranges[0])
        return query.Phrase(name, [word for word, _, _ in placed], char_ranges=ranges)


def _placed(one: Any, begin: int, end: int) -> Any:
    """Say where in the text a query stands, as Whoosh's own parser does."""
    one.startchar, one.endchar = begin, end
    return one


def _plugins_of(parser: Any) -> list[Any]:
    """Return what the plug-ins of a parser read and do, for comparison with those of another."""
    return [
        (
            type(plugin),
            getattr(plugin, "removeunknown", None),
            [
                (type(tagger), tagger.expr.pattern, tagger.expr.flags, getattr(tagger, "grouptype", None), priority)
                for tagger, priority in plugin.taggers(parser)
            ],
            [(step.__func__, priority) for step, priority in plugin.filters(parser)],
        )
        for plugin in parser.plugins
    ]


def _shipped(*plugins: Any) -> list[Any]:
    parser = QueryParser("", None)
    parser.add_plugins(plugins)
    return _plugins_of(parser)


_SHIPPED = _shipped()
_WITH_FUZZY = _shipped(FuzzyTermPlugin)
