"""Finding many words and rows of words in a text at once. Pure: forms in, places out.

A form is one word or several: `Strait of Hormuz`, `ballistic missile*`. A star stands for any ending. A word with
a capital is met by capitals alone, one all in capitals (`US`, `NATO`) by capitals throughout; small letters by any. A
text costs one look-up for each of its words; what a word can be is worked out once and remembered.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from index.search.analysis import fold
from index.subjects.inflection import BEGINS, bare, changes, endings_of, longest_ending, stem_of, without_front

_HAN = "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"(?:(?<![^\W_])[^\W\d_]\.){{2,}}|[א-ת]+[\"״][א-ת]+|[^\W_{_HAN}]+|[{_HAN}]+")
_IS_HAN = re.compile(rf"[{_HAN}]")
_GAP = " -‑–—'’\u00a0\n\t\u200c"
_MOST_GAP = 3
_REMEMBERED = 1 << 17
_SIGNS = str.maketrans("", "", ".\"״'’")

ANY, CAPITAL, CAPITALS = range(3)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a form stands in a text, and the numbers of all things it may name."""

    start: int
    end: int
    things: tuple[int, ...]


@dataclass(slots=True)
class _Node:
    below: dict[int, _Node] = field(default_factory=dict)
    things: list[int] = field(default_factory=list)


class Lexicon:
    """All forms of one language."""

    def __init__(self, forms: Iterable[tuple[str, int]], language: str, *, inflected: bool) -> None:
        """Take (form, number of the thing it names); `inflected` lets words take the endings of the language."""
        self._language = language
        self._inflected = inflected
        self._root = _Node()
        self._symbols: dict[tuple[str, int, bool, bool], int] = {}
        self._exact: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        self._begins: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        self._stems: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        self._runs: defaultdict[str, dict[str, list[int]]] = defaultdict(dict)
        self._lengths: dict[str, tuple[int, ...]] = {}
        self._met: dict[str, tuple[int, ...]] = {}
        for form, thing in forms:
            self._add(form, thing)
        for first, runs in self._runs.items():
            self._lengths[first] = tuple(sorted({len(run) for run in runs}, reverse=True))

    def places_in(self, text: str) -> Iterator[Place]:
        """Yield where forms stand, from left to right; the longest at a word, none inside another."""
        words = [(found.group(), found.start()) for found in WORD.finditer(text)]
        met = [self._met.get(word) for word, _ in words]
        at = 0
        while at < len(words):
            word, start = words[at]
            symbols = met[at]
            if symbols is None:
                symbols = met[at] = self._meet(word)
            if not symbols:
                at += 1
            elif symbols == _RUN:
                yield from self._in_run(word, start)
                at += 1
            else:
                taken, things = self._longest(text, words, met, at)
                if things:
                    last, last_start = words[at + taken - 1]
                    yield Place(start, last_start + len(last), things)
                at += max(1, taken)

    def _longest(
        self, text: str, words: list[tuple[str, int]], met: list[tuple[int, ...] | None], at: int
    ) -> tuple[int, tuple[int, ...]]:
        best = 0
        things: tuple[int, ...] = ()
        nodes = [self._root]
        end = words[at][1]
        for number in range(at, len(words)):
            word, start = words[number]
            gap = text[end:start]
            if number > at and (len(gap) > _MOST_GAP or gap.strip(_GAP) or "\n\n" in gap):
                break
            symbols = met[number]
            if symbols is None:
                symbols = met[number] = self._meet(word)
            nodes = [node.below[symbol] for node in nodes for symbol in symbols if symbol in node.below]
            if not nodes:
                break
            ends = [thing for node in nodes for thing in node.things]
            if ends:
                best, things = number - at + 1, tuple(dict.fromkeys(ends))
            end = start + len(word)
        return best, things

    def _in_run(self, run: str, start: int) -> Iterator[Place]:
        at = 0
        while at < len(run):
            for length in self._lengths.get(run[at], ()):
                things = self._runs[run[at]].get(run[at : at + length])
                if things is not None:
                    yield Place(start + at, start + at + length, tuple(things))
                    at += length
                    break
            else:
                at += 1

    def _add(self, form: str, thing: int) -> None:
        if _IS_HAN.search(form):
            things = self._runs[form[0]].setdefault(form, [])
            if thing not in things:
                things.append(thing)
            return
        node = self._root
        for written in _parts(form):
            node = node.below.setdefault(self._symbol(written), _Node())
        if node is not self._root and thing not in node.things:
            node.things.append(thing)

    def _symbol(self, written: str) -> int:
        word = written.rstrip("*")
        starred = written.endswith("*") or self._language in BEGINS
        folded = bare(_folded(word), self._language)
        case = CAPITALS if word.isupper() and len(word) > 1 else CAPITAL if word[:1].isupper() else ANY
        inflects = self._inflected and not starred and case != CAPITALS and changes(folded, self._language)
        key = (folded, case, starred, inflects)
        if key not in self._symbols:
            symbol = self._symbols[key] = len(self._symbols)
            if inflects:
                for stem in dict.fromkeys((stem_of(folded, self._language), folded)):
                    self._stems[stem].append((symbol, case))
            if not starred:
                self._exact[folded].append((symbol, case))
            else:
                self._begins[folded].append((symbol, case))
        return self._symbols[key]

    def _meet(self, word: str) -> tuple[int, ...]:
        """What a word of a text can be, remembered until too many are."""
        if len(self._met) >= _REMEMBERED:
            self._met.clear()
        if _IS_HAN.match(word):
            return _RUN if self._runs else ()
        found: dict[int, None] = {}
        for folded in without_front(_folded(word[:80]), self._language):
            found |= dict.fromkeys(self._ways(word, folded))
        self._met[word] = tuple(found)
        return self._met[word]

    def _ways(self, word: str, folded: str) -> Iterator[int]:
        shown = CAPITALS if word.isupper() else CAPITAL if word[:1].isupper() else ANY
        known = [*self._exact.get(folded, ())]
        for size in range(2, len(folded) + 1):
            known += self._begins.get(folded[:size], ())
        yield from (symbol for symbol, case in known if case <= shown or _has_no_case(word))
        endings = endings_of(self._language) if self._stems else {}
        for size in range(1, min(longest_ending(self._language), len(folded)) + 1):
            small = endings.get(folded[-size:])
            if small is None:
                continue
            yield from (
                symbol
                for symbol, case in self._stems.get(folded[:-size], ())
                if small or case <= shown or _has_no_case(word)
            )


_RUN = (-1,)


def _parts(form: str) -> list[str]:
    """The words of a form; a star stays at the word it follows."""
    parts = []
    for found in WORD.finditer(form):
        star = form[found.end() : found.end() + 1] == "*"
        parts.append(found.group() + ("*" if star else ""))
    return parts


def _folded(word: str) -> str:
    return fold(word.translate(_SIGNS))


def _has_no_case(word: str) -> bool:
    return not word[:1].isupper() and not word[:1].islower()
