"""Words of a text through a schema's own analyser, each distinct stretch of text analysed once.

Most of a text was met before: what stands between two white spaces is looked up as a whole, and only new stretches go
through the analyser. That is exact where the analyser cuts at white space anyway and looks at one word at a time; for
any other there is no reader here, and the writer asks the field itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import analysis, fields, formats

MOST_REMEMBERED = 1 << 17
_LONGEST_REMEMBERED = 64
# Patterns that look around themselves, or at places, may read a stretch otherwise than the text it stands in.
_LOOKS_AROUND = re.compile(r"\(\?[<=!]|[\^$]|\\[AZbBsS]")
_BLANKS = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u2003\u2028\u3000"


class Numbered(dict[str, int]):
    """Numbers for texts, in the order they come."""

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


class ChunkReader:
    """Reads stretches of text without white space into words, remembering both."""

    def __init__(self, analyzer: Any) -> None:
        """Use the analyser's own pattern and filters."""
        pattern = analyzer.items[0].expression
        self._find = re.compile(re.sub(r"(?<!\\)\((?!\?)", "(?:", pattern.pattern), pattern.flags).findall
        self._find_places = pattern.finditer
        self._steps: list[Callable[[str], str | None]] = [_step_of(step) for step in analyzer.items[1:]]
        self._words: dict[str, str | None] = {}
        self._chunks: dict[str, tuple[str, ...]] = {}

    def words_of(self, chunk: str) -> tuple[str, ...]:
        """Return the words of a stretch."""
        words = self._chunks.get(chunk)
        if words is None:
            words = tuple(word for raw in self._find(chunk) if (word := self.word_of(raw)) is not None)
            if len(chunk) <= _LONGEST_REMEMBERED:
                if len(self._chunks) >= MOST_REMEMBERED:
                    self._chunks.clear()
                self._chunks[chunk] = words
        return words

    def first_place(self, chunks: Sequence[str]) -> int:
        """Return the position of the first word of a text: Whoosh counts what is left out before it, not after it."""
        place = 0
        for chunk in chunks:
            for raw in self._find(chunk):
                if self.word_of(raw) is not None:
                    return place
                place += 1
        return place

    def words_in(self, text: str) -> list[str]:
        """Return the words of a text."""
        return [word for chunk in text.split() for word in self.words_of(chunk)]

    def counts_in(self, text: str) -> Counter[str]:
        """Return how often each word is in a text."""
        return Counter(chain.from_iterable(self._words_of_each(text.split())))

    def places_of(self, chunks: Sequence[str], wanted: frozenset[str]) -> list[int]:
        """Return which of some stretches have a wanted word."""
        return [at for at, words in enumerate(self._words_of_each(chunks)) if not wanted.isdisjoint(words)]

    def _words_of_each(self, chunks: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the words of some stretches; what was met before is had without a call for each."""
        known = self._chunks
        try:
            return list(map(known.__getitem__, chunks))
        except KeyError:
            return [known[chunk] if chunk in known else self.words_of(chunk) for chunk in chunks]

    def words_with_places(self, text: str) -> list[tuple[str, int, int]]:
        """Return the words of a text and where each begins and ends."""
        found = self._find_places(text)
        return [(word, met.start(), met.end()) for met in found if (word := self.word_of(met[0])) is not None]

    def word_of(self, raw: str) -> str | None:
        """Return what becomes of one word as the pattern cuts it from a text; None for one that is left out."""
        word = self._words.get(raw, raw)
        if word is not raw or raw in self._words:
            return word
        for step in self._steps:
            word = step(word)
            if word is None:
                break
        if len(raw) <= _LONGEST_REMEMBERED:
            if len(self._words) >= MOST_REMEMBERED:
                self._words.clear()
            self._words[raw] = word
        return word


def chunk_reader(field: Any) -> ChunkReader | None:
    """Return a reader for a text field, None where the analyser has to see the whole text."""
    if not isinstance(field, fields.TEXT) or type(field.format) is not formats.Positions:
        return None
    steps = getattr(field.analyzer, "items", None)
    if not steps or type(steps[0]) is not analysis.RegexTokenizer or steps[0].gaps:
        return None
    if not all(_is_known(step) for step in steps[1:]):
        return None
    pattern = steps[0].expression
    if _LOOKS_AROUND.search(pattern.pattern):
        return None
    crosses = any((met := pattern.search(f"a{blank}a")) is not None and met.end() > 1 for blank in _BLANKS)
    return None if crosses else ChunkReader(field.analyzer)


def expanded(chunks: NDArray[Any], words: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the words of a row of stretches, one after the other, and how many each stretch has."""
    sizes = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
    flat = np.fromiter((word for one in words for word in one), dtype=np.int64, count=int(sizes.sum()))
    begins = np.cumsum(sizes) - sizes
    counts = sizes[chunks]
    ends = np.cumsum(counts)
    at = np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(begins[chunks] - (ends - counts), counts)
    return flat[at], counts


def _is_known(step: Any) -> bool:
    match step:
        case analysis.StopFilter():
            return type(step) is analysis.StopFilter and bool(step.renumber)
        case analysis.StemFilter():
            return type(step) is analysis.StemFilter
        case _:
            return type(step) is analysis.LowercaseFilter


def _step_of(step: Any) -> Callable[[str], str | None]:
    """Return what a filter does to one word, None meaning that it is left out."""
    match step:
        case analysis.StopFilter(stops=stops, min=least, max=most):

            def kept(word: str) -> str | None:
                if word in stops or len(word) < least or (most is not None and len(word) > most):
                    return None
                return word

            return kept
        case analysis.StemFilter(ignore=ignored):
            # Its cache evicts by use, which costs more than a look-up; words are remembered here anyway.
            stem = step._stem if step.lang else step.stemfn

            def stemmed(word: str) -> str | None:
                return word if word in ignored else str(stem(word))

            return stemmed
        case _:
            return str.lower
