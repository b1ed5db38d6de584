"""Whom a text names as the source of its news: outlets and agencies beside words such as `according to`. Pure.

The words are a readable table by language, attribution.toml; the names are the outlets' titles and the agencies there.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

_ARTICLE_IN_TITLE = re.compile(r"^(?:The|Le|La|Les|Der|Die|Das|El|Los|Las|Il|De|Het)\s+(?=\S+\s+\S)")
_LEADING_THE = re.compile(r"^(?:The|De|Der|Die|Das)\s")
_AROUND_CHARS = 60
_TEXT_CHARS = 8000
_SENTENCE = re.compile(r"(?<=[.!?…])[\"”»']?\s+|\n+")
_MOST = 8
_PART_OF_NAME = re.compile(r"\b(?:of|for|and|ministry|minister)\s+$")  # "the Ministry of Foreign Affairs said"
_NAME_GOES_ON = re.compile(r"\s(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b)[A-Z]\w")


@dataclass(frozen=True, slots=True)
class Wording:
    """How one language names a source: the patterns that end right before a name and begin right behind it."""

    before: re.Pattern[str]
    after: re.Pattern[str]
    nouns_are_capital: bool = False


@dataclass(frozen=True, slots=True)
class Attribution:
    """That a text names a source, and the sentence that does. `agency` says that it is no outlet of ours."""

    key: str  # the outlet's name, or the agency's
    name: str
    sentence: str
    agency: bool = False


class SourceNames:
    """The names under which outlets and agencies are cited, made once for many texts."""

    def __init__(self, titles: Mapping[str, str]) -> None:
        """Take the outlets' titles by name. An agency that is an outlet of ours is that outlet."""
        self._of: dict[str, tuple[str, str, bool]] = {}
        for agency, spellings in _table().agencies.items():
            for spelling in spellings:
                self._of[spelling] = (agency, agency, True)
        self.outlet_of_agency: dict[str, str] = {}
        for outlet, title in sorted(titles.items()):
            held = self._of.get(title)
            if held is not None and held[2]:
                self.outlet_of_agency[held[0]] = outlet
            for spelling in _spellings(title):
                self._of[spelling] = (outlet, title, False)
        for spelling, (key, _, is_agency) in list(self._of.items()):
            if is_agency and key in self.outlet_of_agency:
                outlet = self.outlet_of_agency[key]
                self._of[spelling] = (outlet, titles[outlet], False)
        longest = sorted(self._of, key=lambda one: (-len(one), one))
        self._pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)")

    def agency_in(self, authors: Sequence[str]) -> tuple[str, str] | None:
        """Return the key and the name of the agency that a byline names: one of the table, or `Meridian Wire`."""
        for author in authors:
            found = self._pattern.match(author.strip())
            if found is not None:
                key, name, agency = self._of[found.group()]
                if agency or key in self.outlet_of_agency.values():
                    return key, name
            if len(author) < 80 and _table().bylines.match(author.strip()):
                return author.strip(), author.strip()
        return None

    def named_in(self, text: str, language: str, *, own: str) -> list[Attribution]:
        """Return the sources a text names, each once, in their order; its own outlet is none of them.

        Only the first 8,000 characters are read: who gives a source late has other sources before.
        """
        wording = wording_of(language)
        found: dict[str, Attribution] = {}
        text = text[:_TEXT_CHARS]
        for match in self._pattern.finditer(text):
            key, name, agency = self._of[match.group()]
            if key == own or key in found or len(found) >= _MOST:
                continue
            before = text[max(0, match.start() - _AROUND_CHARS) : match.start()].lower().replace("’", "'")
            after = text[match.end() : match.end() + _AROUND_CHARS]
            if _PART_OF_NAME.search(before) or (not wording.nouns_are_capital and _NAME_GOES_ON.match(after)):
                continue
            if wording.before.search(before) or wording.after.match(after):
                found[key] = Attribution(key, name, _sentence_around(text, match.start()), agency)
        return list(found.values())


@lru_cache(maxsize=64)
def wording_of(language: str) -> Wording:
    """Return the wording of a language; of English where there is none for it."""
    return _table().languages.get(language.partition("-")[0]) or _table().languages["en"]


@dataclass(frozen=True, slots=True)
class _Table:
    languages: Mapping[str, Wording]
    agencies: Mapping[str, Sequence[str]]
    bylines: re.Pattern[str]


@lru_cache(maxsize=1)
def _table() -> _Table:
    raw = tomllib.loads(files("index.stories").joinpath("attribution.toml").read_text(encoding="utf-8"))
    agencies, bylines = raw.pop("agencies"), "|".join(map(re.escape, raw.pop("bylines")))
    ending = re.compile(rf"\w.*\s(?:{bylines})$", re.IGNORECASE)
    return _Table({code: _wording(words) for code, words in raw.items()}, agencies, ending)


def _wording(words: Mapping[str, Any]) -> Wording:
    articles = "|".join(re.escape(word) + ("" if word.endswith("'") else r"\s+") for word in words["articles"])
    kinds, before = (_any_of(words[name]) for name in ("kinds", "before"))
    capital = bool(words.get("nouns_are_capital", False))
    between = r"\w+" if capital else r"(?![A-Z])\w+"  # "Reuters Institute said" is not Reuters
    return Wording(
        re.compile(rf"(?<!\w)(?:{before})\s*(?:[\[(\"“«]\s*)?(?:{articles})?(?:(?:{kinds})\s+)?[\"“«]?$"),
        re.compile(rf"[\"”»)\]]?,?\s+(?:{between}\s+){{0,2}}?(?:{_any_of(words['after'])})(?!\w)"),
        capital,
    )


def _any_of(words: Sequence[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in words)


def _spellings(title: str) -> list[str]:
    """The forms of a title that no other words have: without its article only where two words are left."""
    title = title.strip()
    if len(title) < 3:
        return []
    forms = [title]
    short = _ARTICLE_IN_TITLE.sub("", title)
    if short != title:
        forms.append(short)
    if _LEADING_THE.match(title):
        forms.append(title[0].lower() + title[1:])
    return forms


def _sentence_around(text: str, at: int) -> str:
    start = 0
    for cut in _SENTENCE.finditer(text):
        if cut.start() > at:
            return text[start : cut.start() + 1].strip()
        start = cut.end()
    return text[start:].strip()
