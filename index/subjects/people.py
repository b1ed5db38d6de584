"""The people and bodies of one text: full names for surnames, and whom `he said` means. Pure, linear in the text."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence

from index.subjects.name_runs import Token, name_in, run_after, tokens_in, written
from index.subjects.naming import Source
from index.subjects.reporting import Language, Reporting

_MOST_NAMESAKES = 200
_CALLING_WORDS = 8  # `, a former driver of the mayor,`


class People:
    """Names met in a text so far, the last speakers first in mind."""

    def __init__(self, text: str, paragraphs: list[tuple[int, int]], language: Language) -> None:
        self._full: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self._gender: dict[str, str] = {}
        self._focus: list[Source] = []
        self._bodies: list[Source] = []
        self._spoke: Source | None = None
        self._speakers: set[str] = set()
        self._small: set[str] = set()  # words that stand in small letters somewhere
        self._inside: set[str] = set()  # capital words that stand inside a sentence
        self._titled: set[str] = set()  # names with a title or a calling beside them
        self._alone: set[str] = set()  # capital words that stand by themselves, as surnames do
        for start, end in paragraphs:
            self._read(text, start, end, language)

    def full_name(self, name: str, at: int) -> str:
        """Return the full name that a surname at a place stands for: the last one before it, else the first behind."""
        key = name.casefold()
        known = self._full.get(key.rsplit(" ", 1)[-1])
        if known and " " in key:
            known = [one for one in known[:_MOST_NAMESAKES] if one[1].casefold().endswith(f" {key}")]
        if not known:
            return name
        namesakes = {one[1] for one in known[:_MOST_NAMESAKES]}
        if len(namesakes) > 1:  # the one who speaks, else the one named most
            spoke = [one.name for one in reversed(self._focus) if one.name in namesakes and one.name in self._speakers]
            if spoke:
                return spoke[0]
            counts = Counter(one[1] for one in known[:_MOST_NAMESAKES])
            (first, most), (_, second) = counts.most_common(2)
            if most > second:
                return first
        number = bisect_right(known, (at, "\U0010ffff"))
        return known[number - 1 if number else 0][1]

    def is_name(self, word: str) -> bool:
        """Whether a capital word at the beginning of a sentence is a name, by what the rest of the text shows."""
        key = word.casefold()
        if not word[:1].isupper():
            return True  # a script without capitals
        if key in self._inside or key in self._full:
            return True
        return key not in self._small and not key.endswith("s")

    def knows(self, name: str) -> bool:
        """Whether a surname stands with other names somewhere in the text."""
        return name.casefold() in self._full

    def meet(self, source: Source, *, speaks: bool = False) -> None:
        """Keep in mind who was named last, and who spoke last."""
        if speaks:
            self._spoke = source
            self._speakers.add(source.name)
        if source.kind == "body":
            self._bodies.append(source)
            return
        if source.gender and source.name:
            self._gender.setdefault(source.name, source.gender)
        self._focus = [*self._focus[-11:], source]

    def meant_by(self, source: Source, *, goes_on: bool = False) -> Source:
        """Return whom a pronoun or `the official` means; the source itself where nobody fits.

        `goes_on`: the verb says that the last speaker speaks again (`he added`).
        """
        if source.plural:
            return source
        if source.kind == "pronoun" and source.definite:
            if self._spoke is not None and not self._spoke.gender and self._spoke.kind != "pronoun":
                return self._spoke
            return self._bodies[-1] if self._bodies else source
        near = [*self._focus, self._spoke] if goes_on and self._spoke is not None else self._focus
        for one in reversed(near):
            if source.kind == "noun" and not self._is_person(one):
                continue
            gender = self._gender.get(one.name, one.gender)
            if not source.gender or not gender or gender == source.gender:
                if source.gender and one.name:
                    self._gender.setdefault(one.name, source.gender)
                return one
        return source

    def _is_person(self, one: Source) -> bool:
        """Whether the text shows that a name is a person's: only such a one is `the driver`."""
        if one.kind != "name":
            return one.kind == "noun"
        if one.gender or one.name in self._gender or one.name in self._titled:
            return True
        first, _, last = one.name.rpartition(" ")
        return bool(first) and last.casefold() in self._alone

    def _read(self, text: str, start: int, end: int, language: Language) -> None:
        words = language.words
        tokens = tokens_in(text, start, end)
        for number, token in enumerate(tokens):
            if not token.is_capital:
                self._small.add(token.lower)
            elif number and not tokens[number - 1].pauses:
                self._inside.add(token.lower)
        at, no_names = 0, language.begins_no_name
        while at < len(tokens):
            if not tokens[at].is_capital or tokens[at].lower in no_names:
                at += 1
                continue
            stop = run_after(tokens, at)
            run = tokens[at:stop]
            titles, is_body = name_in(run, words, language=language.code)
            rest = run[titles:]
            if len(run) == 1:
                self._alone.add(run[0].core.casefold())
            if not is_body and rest and (titles or _tells_a_calling(tokens[stop - 1 : stop + _CALLING_WORDS], words)):
                self._titled.add(written(rest))
            at = max(stop, at + 1)
            if is_body or not 2 <= len(rest) <= 6 or not all(token.core for token in rest):
                continue
            name = written(rest)
            for token in rest[1:]:
                if token.is_capital:
                    self._full[token.core.casefold()].append((rest[0].start, name))


def _tells_a_calling(tokens: Sequence[Token], words: Reporting) -> bool:
    """Whether a comma and words such as `a driver from Osten` follow the last word of a name, the first token."""
    if len(tokens) < 2 or not tokens[0].written.endswith(",") or tokens[1].lower not in words.a | words.the:
        return False
    for token in tokens[2:]:
        if words.is_person(token.lower):
            return True
        if token.pauses or token.lower in words.of:
            return False
    return False
