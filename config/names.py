"""The gazetteers: countries, places, organisations, people, weapons and treaties, read from `gazetteers/` and checked.

Values only; finding names in a text is in index/subjects/names.py.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from config.errors import ConfigurationError

GAZETTEERS = Path(__file__).with_name("gazetteers")
FILES = {
    "places.toml": "place",
    "organisations.toml": "organisation",
    "people.toml": "person",
    "weapons.toml": "weapon",
    "treaties.toml": "treaty",
}
KINDS = ("country", "place", "organisation", "person", "weapon", "treaty")
LATIN = ("en", "fr", "de", "es", "pt", "it", "nl", "sv", "no", "da", "fi", "tr")
"""Languages in which a capital without a name of its own in CLDR is written as in English."""

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_KEYS = {"label", "country", "alone"}
_LETTERS = str.maketrans({"ø": "o", "ı": "i", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "ð": "d", "þ": "th"})

Forms = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that has names. `country` is the one that what is said of it is of too, as a slug, or ""."""

    kind: str
    slug: str
    label: str
    forms: Forms
    country: str = ""
    alone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """How to tell whether a form names `kind`/`slug`; see docs/subjects.md."""

    form: str
    kind: str
    slug: str
    languages: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    person: bool = False
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All names known beforehand; `nothing` are rows of words that hide a name in them."""

    entries: tuple[Entry, ...]
    nothing: Forms
    ambiguous: tuple[Ambiguous, ...]


def slug_of_name(name: str) -> str:
    """Return a name in small Latin letters with hyphens; letters of other scripts stay."""
    plain = "".join(
        char
        for char in unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
        if not unicodedata.combining(char)
    )
    return re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", plain)).strip("-")[:80]


@lru_cache(maxsize=4)
def load_gazetteer(folder: Path = GAZETTEERS) -> Gazetteer:
    """Read and check the folder of gazetteers. Raises ConfigurationError with every fault, with file and key path."""
    faults: list[str] = []
    entries = list(_countries(folder, faults))
    for name, kind in FILES.items():
        entries += _entries(folder / name, kind, faults)
    known = {(entry.kind, entry.slug) for entry in entries}
    faults += [
        f"{folder}: {entry.kind} {entry.slug}: {entry.country!r} is no country of countries.toml."
        for entry in entries
        if entry.country and ("country", entry.country) not in known
    ]
    nothing, ambiguous = _ambiguous(folder / "ambiguous.toml", known, faults)
    if faults:
        raise ConfigurationError(faults)
    return Gazetteer(tuple(entries), nothing, tuple(ambiguous))


def _read(path: Path, faults: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        faults.append(f"{path}: cannot be read as TOML ({error}).")
        return {}


def _words(path: Path, key: str, value: Any, faults: list[str]) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) and word.strip(" *") for word in value):
        faults.append(f"{path}: {key}: must be a list of names in quotes.")
        return ()
    return tuple(value)


def _forms(path: Path, key: str, table: Mapping[str, Any], faults: list[str]) -> dict[str, tuple[str, ...]]:
    found = {}
    for language, words in table.items():
        if not _LANGUAGE.fullmatch(language):
            faults.append(f"{path}: {key}.{language}: unknown key; languages are written as en, all is every one.")
            continue
        found[language] = _words(path, f"{key}.{language}", words, faults)
    return found


def _entries(path: Path, kind: str, faults: list[str]) -> Iterator[Entry]:
    for slug, table in _read(path, faults).items():
        if not isinstance(table, dict) or not isinstance(table.get("label"), str) or slug_of_name(slug) != slug:
            faults.append(f"{path}: {slug}: must be a table with a small-letter name and a label.")
            continue
        forms = _forms(path, slug, {key: value for key, value in table.items() if key not in _KEYS}, faults)
        alone = _words(path, f"{slug}.alone", table.get("alone", []), faults)
        yield Entry(kind, slug, table["label"], forms, str(table.get("country", "")), alone)


def _countries(folder: Path, faults: list[str]) -> Iterator[Entry]:
    path = folder / "countries.toml"
    words = _read(folder / "country_words.toml", faults)
    more: dict[str, dict[str, tuple[str, ...]]] = {}
    for language, table in words.items():
        for code, names in table.items():
            found = _words(folder / "country_words.toml", f"{language}.{code}", names, faults)
            more.setdefault(code, {})[language] = found
    countries = _read(path, faults)
    unknown = sorted(more.keys() - countries.keys())
    faults += [f"{folder / 'country_words.toml'}: {code!r} is no country of countries.toml." for code in unknown]
    for code, table in countries.items():
        label, names, capital = table.get("label"), table.get("names", {}), table.get("capital", "")
        if not isinstance(label, str) or not isinstance(names, dict):
            faults.append(f"{path}: {code}: must be a table with a label and names.")
            continue
        own = more.get(code, {})
        forms = {
            language: ((names[language],) if language in names else ()) + own.get(language, ())
            for language in {*names, *own}
        }
        yield Entry("country", code, label, forms)
        if capital:
            cities = dict.fromkeys(LATIN, capital) | dict(table.get("cities", {}))
            yield Entry("place", slug_of_name(capital), capital, {key: (city,) for key, city in cities.items()}, code)


def _ambiguous(
    path: Path, known: set[tuple[str, str]], faults: list[str]
) -> tuple[dict[str, tuple[str, ...]], list[Ambiguous]]:
    read = _read(path, faults)
    nothing = _forms(path, "nothing", read.get("nothing", {}), faults)
    found = []
    for number, table in enumerate(read.get("form", []), start=1):
        kind, _, slug = str(table.get("names", "")).partition("/")
        unknown = table.keys() - {"form", "names", "languages", "needs", "against", "person", "keep"}
        if unknown or not isinstance(table.get("form"), str) or kind not in KINDS:
            faults.append(f"{path}: form {number}: must have form, names as country/ge, and no {sorted(unknown)}.")
            continue
        if (kind, slug) not in known:
            continue  # a rule for a name that this gazetteer leaves out
        lists = {
            key: _words(path, f"form {number}.{key}", table.get(key, []), faults)
            for key in ("languages", "needs", "against")
        }
        found.append(
            Ambiguous(
                table["form"],
                kind,
                slug,
                lists["languages"],
                lists["needs"],
                lists["against"],
                person=table.get("person") is True,
                keep=table.get("keep") is True,
            )
        )
    return nothing, found
