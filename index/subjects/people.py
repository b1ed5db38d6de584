"""The people and bodies of one text: full names for surnames, and whom `he said` means. Pure, linear in the text."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict

from index.subjects.name_runs import name_in, run_after, tokens_in, written
from index.subjects.reporting import Language
from index.subjects.sources import Source

_NEAR_TOKENS = 6


class People:
    """Names met in a text so far, the last speakers first in mind."""

    def __init__(self, text: str, paragraphs: list[tuple[int, int]], language: Language) -> None:
        self._full: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self._gender: dict[str, str] = {}
        self._focus: list[Source] = []
        self._bodies: list[Source] = []
        for start, end in paragraphs:
            self._read(text, start, end, language)

    def full_name(self, name: str, at: int) -> str:
        """Return the full name that a surname at a place stands for: the last one before it, else the first behind."""
        if " " in name:
            return name
        known = self._full.get(name.casefold())
        if not known:
            return name
        number = bisect_right(known, (at, "\U0010ffff"))
        return known[number - 1 if number else 0][1]

    def meet(self, source: Source) -> None:
        """Keep in mind who was named last."""
        if source.kind == "body":
            self._bodies.append(source)
            return
        if source.gender and source.name:
            self._gender.setdefault(source.name, source.gender)
        self._focus = [*self._focus[-11:], source]

    def meant_by(self, source: Source) -> Source:
        """Return whom a pronoun or `the official` means; the source itself where nobody fits."""
        if source.plural:
            return source
        if source.kind == "pronoun" and source.definite:
            return self._bodies[-1] if self._bodies else source
        for one in reversed(self._focus):
            gender = self._gender.get(one.name, one.gender)
            if not source.gender or not gender or gender == source.gender:
                if source.gender and one.name:
                    self._gender.setdefault(one.name, source.gender)
                return one
        return source

    def _read(self, text: str, start: int, end: int, language: Language) -> None:
        words = language.words
        tokens = tokens_in(text, start, end)
        at = 0
        while at < len(tokens):
            if not tokens[at].is_capital or tokens[at].lower in words.not_names | words.the | words.a | words.of:
                at += 1
                continue
            stop = run_after(tokens, at, words)
            run = tokens[at:stop]
            titles, is_body = name_in(run, words, language=language.code)
            rest = run[titles:]
            at = max(stop, at + 1)
            if is_body or not 2 <= len(rest) <= 6 or not all(token.core for token in rest):
                continue
            name = written(rest)
            for token in rest[1:]:
                if token.is_capital:
                    self._full[token.core.casefold()].append((rest[0].start, name))
