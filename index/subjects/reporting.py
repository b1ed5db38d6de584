"""How a language says who is quoted: verbs, pronouns, titles (`config/reporting_verbs.toml`). Pure but for the file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path

import config.settings
from config.errors import ConfigurationError
from index.search.languages import LANGUAGES

REPORTING_FILE = Path(config.settings.__file__).with_name("reporting_verbs.toml")
_Words = frozenset[str]
_NAMES_TOO = frozenset({"will", "von", "van", "de", "la", "le", "al", "della", "del", "der", "den", "don", "may"})


@dataclass(frozen=True, slots=True)
class Reporting:
    """One language. All words are in lower case; the fields are explained at the head of the file."""

    says: _Words = frozenset()
    reports: _Words = frozenset()
    quotes: _Words = frozenset()
    goes_on: _Words = frozenset()
    according: _Words = frozenset()
    that: _Words = frozenset()
    joins: _Words = frozenset()
    papers: _Words = frozenset()
    he: _Words = frozenset()
    she: _Words = frozenset()
    it: _Words = frozenset()
    they: _Words = frozenset()
    first: _Words = frozenset()
    between: _Words = frozenset()
    blocked: _Words = frozenset()
    the: _Words = frozenset()
    whose: _Words = frozenset()
    a: _Words = frozenset()
    of: _Words = frozenset()
    titles: _Words = frozenset()
    spokes: _Words = frozenset()
    bodies: _Words = frozenset()
    persons: _Words = frozenset()
    he_words: _Words = frozenset()
    she_words: _Words = frozenset()
    peoples: _Words = frozenset()
    not_names: _Words = frozenset()
    drops_pronouns: bool = False
    ends_with_verb: bool = False

    pronouns: _Words = field(init=False)  # every word that stands for one who was named before
    no_part_of_names: _Words = field(init=False)  # every word that no name goes on with, capital or not

    def __post_init__(self) -> None:
        """Put together once what is asked of every word."""
        pronouns = self.he | self.she | self.it | self.they
        object.__setattr__(self, "pronouns", pronouns)
        object.__setattr__(self, "no_part_of_names", self.not_names | pronouns | self.first)

    def is_person(self, word: str) -> bool:
        """Whether a noun means one person: the minister, the woman, the 23-year-old."""
        return word in self.persons | self.titles | self.he_words | self.she_words or word.endswith("-year-old")


@dataclass(frozen=True, slots=True)
class Language:
    """The rules of a language, and what finds its verbs and its words for `according to` in a text."""

    code: str
    words: Reporting
    verbs: re.Pattern[str] | None
    according: re.Pattern[str] | None
    begins_no_name: _Words = frozenset()  # capital or not


def reporting_in(language: str, *, path: Path = REPORTING_FILE) -> Language:
    """Return the rules of a language (an ISO code); of one that has none, rules without any word."""
    code = re.split(r"[-_]", language.lower(), maxsplit=1)[0]
    return load_reporting(path).get(code) or Language(code, Reporting(), None, None)


@lru_cache(maxsize=4)
def load_reporting(path: Path = REPORTING_FILE) -> Mapping[str, Language]:
    """Read the rules of all languages. Raises ConfigurationError naming the file and each entry that is wrong."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError([f"{path}: cannot be read as TOML ({error})."]) from None
    faults: list[str] = []
    found = {code: _language(f"{path}: [{code}]", code, table, faults) for code, table in tables.items()}
    if faults:
        raise ConfigurationError(faults)
    return found


def _language(where: str, code: str, table: object, faults: list[str]) -> Language:
    if not isinstance(table, dict):
        faults.append(f"{where}: must be a table.")
        return Language(code, Reporting(), None, None)
    known = {one.name: one.type for one in fields(Reporting) if one.init}
    values: dict[str, frozenset[str] | bool] = {}
    for name, value in table.items():
        if name not in known:
            faults.append(f"{where}: {name}: there is no such entry; the head of the file lists them.")
        elif known[name] == "bool":
            if isinstance(value, bool):
                values[name] = value
            else:
                faults.append(f"{where}: {name}: must be true or false, not {value!r}.")
        elif isinstance(value, list) and all(isinstance(word, str) and word == word.lower() for word in value):
            values[name] = frozenset(value)
        else:
            faults.append(f"{where}: {name}: must be a list of words in lower case.")
    stop = LANGUAGES[code].stop if code in LANGUAGES else frozenset()
    values["not_names"] = frozenset(values.get("not_names") or ()) | (stop - _NAMES_TOO)  # type: ignore[arg-type]
    words = Reporting(**values)  # type: ignore[arg-type]
    verbs = words.says | words.reports | words.quotes | words.goes_on
    no_name = words.not_names | words.the | words.a | words.of
    return Language(code, words, _any_of(verbs), _any_of(words.according), no_name)


def _any_of(phrases: frozenset[str]) -> re.Pattern[str] | None:
    """What finds the longest of some phrases, whole words only, in any case."""
    if not phrases:
        return None
    by_letter: dict[str, list[str]] = {}  # so that a word is compared with those of its first letter alone
    for phrase in sorted(phrases, key=len, reverse=True):
        by_letter.setdefault(phrase[0], []).append(re.escape(phrase[1:]).replace(r"\ ", r"\s"))
    sides = "|".join(f"{re.escape(first)}(?:{'|'.join(rests)})" for first, rests in by_letter.items())
    return re.compile(rf"(?<![\w'’-])(?:{sides})(?!\w)", re.IGNORECASE)
