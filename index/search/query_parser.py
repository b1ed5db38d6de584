"""Query text into its tree (`query`). Pure, bounded, total: only a text too long or nested too deep is refused.

The grammar, loosest first:

    query   = { run }                     words are optional, the rest is demanded
    run     = unit { "OR" unit }          at least one has to match
    unit    = ["+" | "-"] ( word | word* | "phrase" | field:value | "(" query ")" )

Quotes, fields and written ORs demand. A bracket with one unit inside is that unit. Reading is iterative but for the
brackets, whose depth is bounded before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

from config.counting import counted
from config.settings import SearchSettings
from index.errors import QueryTooLargeError
from index.search.analysis import fold, is_capital, is_stop
from index.search.fields import NAMES
from index.search.known_names import slug_named
from index.search.languages import code_of
from index.search.query import Dates, Group, LinkedTo, Node, Phrase, Prefix, Query, Term, Word
from index.search.query_lexer import PAGE, WORD_FIELDS, Item, Notes, items_in, trimmed
from index.search.query_text import text_of
from index.urls import host_of, slug_of

SORTS = {"new": "newest", "newest": "newest", "date": "newest", "old": "oldest", "oldest": "oldest", "relevance": ""}
_DAY = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?)?")
_DIRECTIONS = {"links": "to", "linkedfrom": "from"}
_KEYWORDS = frozenset({"outlet", "topic", "language", *NAMES})


def parse(text: str, *, limits: SearchSettings) -> Query:
    """Return the query that `text` means.

    All terms are kept here, however many; `find` cuts them, knowing which are rare. Raises QueryTooLargeError over
    `max_query_chars` characters or `max_query_depth` nested brackets, and nothing else. parse(parsed) is the same tree
    unless the canonical text outgrows those limits.
    """
    if len(text) > limits.max_query_chars:
        raise QueryTooLargeError(
            f"The query has {counted(len(text), 'character')}; at most {limits.max_query_chars} are read. Shorten it."
        )
    notes = Notes()
    reader = _Reader(items_in(text, limits=limits, notes=notes), notes)
    root = _root(reader.units())
    if root is None and not reader.sort and text.strip():
        notes.say("Nothing of this can be searched; every article is shown.")
    return Query(
        text=text,
        root=root,
        parsed=text_of(root, sort=reader.sort),
        notes=tuple(notes.said),
        sort=reader.sort,
    )


@dataclass(frozen=True, slots=True)
class _Unit:
    """A node and whether it has to match ("+"), must not ("-") or may ("")."""

    mark: str
    node: Node


class _Reader:
    """Walks over the items once."""

    def __init__(self, items: list[Item], notes: Notes) -> None:
        self.items = items
        self.notes = notes
        self.at = 0
        self.sort = ""

    def units(self, field: str = "") -> list[_Unit]:
        """Read up to the closing bracket or the end; runs joined by OR become one unit."""
        runs: list[list[_Unit]] = []
        joins = False
        while self.at < len(self.items):
            item = self.items[self.at]
            self.at += 1
            if item.kind == "close":
                break
            if item.kind == "or":
                joins = bool(runs)
                continue
            for unit in self._read(item):
                if joins:
                    runs[-1].append(unit)
                else:
                    runs.append([unit])
                joins = False
        units = [_joined(run) for run in runs]
        if field in _KEYWORDS and len(units) > 1 and all(unit.mark != "-" for unit in units):
            return [_joined(units)]
        return _with_one_value(_with_times(units))

    def _read(self, item: Item) -> list[_Unit]:
        name = item.field
        if item.kind == "open":
            return self._bracket(item)
        if name in WORD_FIELDS:
            node = _words(item, name)
            if node is None:
                return []
            demands = item.kind == "quoted" or bool(name)
            return [_Unit(item.mark or ("+" if demands else ""), node)]
        if name == "sort" and item.text.strip().lower() in SORTS:
            self.sort = SORTS[item.text.strip().lower()]
            return []
        value = _value_node(name, item.text)
        if name == PAGE and value is not None:
            return [_Unit(item.mark, value)]
        if value is not None:
            return [_Unit("-" if item.mark == "-" else "+", value)]
        return self._as_text(item, name)

    def _bracket(self, item: Item) -> list[_Unit]:
        inside = self.units(item.field)
        if not inside:
            return []
        if len(inside) > 1:
            return [_Unit(item.mark or ("+" if item.field else ""), _group(inside))]
        only = inside[0]
        if item.mark == "-" and only.mark == "-":
            return [_Unit("-", Group(must_not=(only.node,)))]
        if item.mark == "-":
            return [_Unit("-", only.node)]
        return [_Unit("-" if only.mark == "-" else item.mark or only.mark, only.node)]

    def _as_text(self, item: Item, name: str) -> list[_Unit]:
        """A field whose value it cannot have: both are words."""
        shown = {"language": "lang"}.get(name, name)
        if name in ("before", "after"):
            self.notes.say(f"{shown}: takes a year, a month or a day as 2024, 2024-06 or 2024-06-22; searched as text.")
        else:
            self.notes.say(f"{shown}: cannot be {item.text.strip()[:40]!r}; searched as text.")
        words = [trimmed(word) for word in (shown, *re.split(r"[\s:\"()]+", item.text))]
        nodes = [_words(Item("word", word, item.mark), "") for word in words if word != "OR"]
        return [_Unit(item.mark, node) for node in nodes if node is not None]


def _words(item: Item, field: str) -> Node | None:
    """The node of a word, word* or quoted text; None when no letter or digit is in it."""
    if item.kind == "quoted":
        if len(item.words) > 1:
            return Phrase(item.words, field)
        return Word(item.words[0], exact=True, field=field) if item.words else None
    if item.beginning:
        return Prefix(item.text, field)
    return Word(item.text, exact=is_capital(item.text), field=field) if item.text else None


def _value_node(name: str, raw: str) -> Node | None:
    """The node of a field that takes a whole value; None when the value cannot be one."""
    value = raw.strip()
    if not value:
        return None
    match name:
        case "outlet":
            if "/" in value:
                value = host_of(value if "://" in value else f"http://{value}")
            name = value.strip().lower()
            return Term("outlet", name) if name else None
        case "topic":
            slug = slug_of(value)
            return Term("topic", slug) if slug and slug_of(slug) == slug else None
        case "language":
            return Term("language", code_of(value))
        case kind if kind in NAMES:
            slug = slug_named(kind, value)
            return Term(kind, slug) if slug else None
        case "page" | "links" | "linkedfrom" | "near" | "story":
            return LinkedTo(_DIRECTIONS.get(name, name), value)
        case "said":
            return LinkedTo("said", " ".join(value.split()))
        case "before" | "after":
            day = day_of(value)
            if day is None:
                return None
            return Dates(before=day) if name == "before" else Dates(after=day)
        case _:
            return None


def day_of(value: str) -> date | None:
    """Return the first day that YYYY, YYYY-MM or YYYY-MM-DD means (2024/6/1 too), None for anything else."""
    found = _DAY.fullmatch(value)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return None


def _joined(run: list[_Unit]) -> _Unit:
    """Several units joined by OR as one that has to match; an OR inside an OR is part of it."""
    sides: dict[Node, None] = {}
    for unit in map(_once, run):
        if unit.mark == "-":
            sides[Group(must_not=(unit.node,))] = None
        elif isinstance(unit.node, Group) and unit.node.any_of:
            sides.update(dict.fromkeys(unit.node.should))
        else:
            sides[unit.node] = None
    if len(sides) == 1:
        return run[0]
    return _Unit("+", Group(should=tuple(sides), any_of=True))


def _with_times(units: list[_Unit]) -> list[_Unit]:
    """Each unit once, in the order typed; a telling word keeps how often that was, in whatever case."""
    first: dict[object, _Unit] = {}
    times: dict[object, int] = {}
    for unit in units:
        node, key = unit.node, cast("object", unit)
        if isinstance(node, Word):
            key = (unit.mark, node.text if node.exact else node.text.lower(), node.exact, node.field)
        first.setdefault(key, _once(unit))
        times[key] = times.get(key, 0) + (node.times if isinstance(node, Word) else 1)
    return [
        replace(unit, node=replace(unit.node, times=times[key]))
        if isinstance(unit.node, Word) and unit.mark != "-" and not is_stop(fold(unit.node.text))
        else unit
        for key, unit in first.items()
    ]


def _once(unit: _Unit) -> _Unit:
    node = unit.node
    return replace(unit, node=replace(node, times=1)) if isinstance(node, Word) and node.times > 1 else unit


def _with_one_value(units: list[_Unit]) -> list[_Unit]:
    """An article has one outlet and one language: demanding two of a kind means either."""
    for field in ("outlet", "language"):
        same = {
            unit: at
            for at, unit in enumerate(units)
            if unit.mark == "+" and isinstance(unit.node, Term) and unit.node.field == field
        }
        if len(same) > 1:
            first = min(same.values())
            either = _joined(list(same))
            units = [
                either if at == first else unit for at, unit in enumerate(units) if at == first or unit not in same
            ]
    return units


def _group(units: list[_Unit]) -> Group:
    parts = {mark: tuple(unit.node for unit in units if unit.mark == mark) for mark in ("+", "", "-")}
    return Group(must=parts["+"], should=parts[""], must_not=parts["-"])


def _root(units: list[_Unit]) -> Node | None:
    """The whole query is a group, so that its demands are in one place; a bracket round all of it says nothing."""
    if not units:
        return None
    only = units[0].node
    if len(units) == 1 and units[0].mark != "-" and isinstance(only, Group) and not only.any_of:
        return only
    return _group(units)
