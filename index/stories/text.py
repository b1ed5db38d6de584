"""An article as weighted words and shingles: what likeness is measured on. Nothing is compared or decided here."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log, sqrt

import numpy as np

from index.search.analysis import fold, reader_of
from index.stories.values import StoryText

SCALE = 1 << 14
"""The length of a vector: weights are whole numbers, so that the sum over a story does not depend on an order."""

FIRST_WORDS = 250
TITLE_COUNTS = 3
MAX_TERMS = 160
WRITTEN_CHARS = 4000
SHINGLE_WORDS = 5
SHINGLED_WORDS = 4000

_REPORTING = (
    "say said says saying told tell tells telling report reported reports reporting reportedly according accord added "
    "add adds announced announce announces confirmed confirm confirms claimed claim claims stated statement spokesman "
    "spokeswoman spokesperson asked ask replied explained describe described noted warned news read image copyright "
    "caption photo picture video getty images ap reuters afp bbc cnn"
)
_DAYS = (
    "monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun today yesterday tomorrow "
    "day week month year last next morning evening night"
)


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each stem stands in an article: in the title, in title (thrice) and first words; which are names."""

    title: Mapping[str, int]
    terms: Mapping[str, int]
    names: frozenset[str]
    words: int


def counts_of(text: StoryText) -> Counts:
    """Read an article into counted stems."""
    title, title_names = _stems(text.title.split(), text)
    body, names = _stems(text.text.split(maxsplit=FIRST_WORDS)[:FIRST_WORDS], text)
    terms: Counter[str] = Counter(body)
    in_title = Counter(title)
    for stem, times in in_title.items():
        terms[stem] += TITLE_COUNTS * times
    return Counts(in_title, terms, frozenset(names if names else title_names), len(body))


def _stems(chunks: list[str], text: StoryText) -> tuple[list[str], set[str]]:
    """Return the stems of chunks, and those which are names or numbers: capitals inside a sentence, or digits."""
    read = reader_of(text.title + " " + text.text[:4000], text.language)
    stems: list[str] = []
    names: set[str] = set()
    inside = False
    for chunk in chunks:
        found = [stem for stem in read(chunk)[1] if stem not in _NO_EVENT]
        stems += found
        first = chunk.lstrip("\"'“‘(")[:1]
        if (inside and first.isupper()) or first.isdigit():
            names.update(found)
        inside = chunk[-1] not in '.!?:”"|'
    return stems, names


def as_written(stems: Sequence[str], text: StoryText) -> list[str]:
    """Return each stem as the article writes it: the shortest word that begins so, the stem itself where none does."""
    written = dict.fromkeys(_WORD.findall(f"{text.title} {text.text[:WRITTEN_CHARS]}".lower()))
    all_begins = [(stem, stem[:-1] + "y") if stem.endswith("i") else (stem,) for stem in stems]  # English has i for y
    wanted = tuple(begin for begins in all_begins for begin in begins)
    words: dict[str, str] = {}
    for word in written:
        plain = word if word.isascii() else fold(word)
        if plain.startswith(wanted):
            words[plain] = word
    folded = sorted(words, key=lambda word: (len(word), word))
    found = []
    for stem, begins in zip(stems, all_begins, strict=True):
        found.append(next((words[word] for word in folded if word.startswith(begins)), stem))
    return found


_NO_EVENT = frozenset((_REPORTING + " " + _DAYS).split())


def weigh(counts: Mapping[str, int], documents: Mapping[str, int], seen: int) -> dict[str, int]:
    """Return (1 + log tf) x log((N+1)/(df+.5)) at unit length, the heaviest `MAX_TERMS` only."""
    raw = {
        term: (1 + log(times)) * max(0.05, log((seen + 1) / (documents.get(term, 0) + 0.5)))
        for term, times in counts.items()
    }
    if len(raw) > MAX_TERMS:
        raw = dict(sorted(raw.items(), key=lambda item: (-item[1], item[0]))[:MAX_TERMS])
    return unit(raw)


def unit(raw: Mapping[str, float]) -> dict[str, int]:
    """Return a vector in whole numbers, of length `SCALE`."""
    length = sqrt(sum(value * value for value in raw.values()))
    if length == 0:
        return {}
    return {term: round(value * SCALE / length) for term, value in sorted(raw.items())}


_AGENCIES = {
    "reuters": "Reuters",
    "ap": "AP",
    "associated press": "AP",
    "afp": "AFP",
    "agence france-presse": "AFP",
    "press association": "PA",
    "dpa": "dpa",
    "efe": "EFE",
    "ansa": "ANSA",
    "tass": "TASS",
    "interfax": "Interfax",
    "ria novosti": "RIA Novosti",
    "xinhua": "Xinhua",
    "yonhap": "Yonhap",
    "kyodo": "Kyodo",
    "anadolu agency": "Anadolu",
    "ukrinform": "Ukrinform",
    "pti": "PTI",
    "ani": "ANI",
}
_AGENCY_OUTLETS = {
    "reuters": "Reuters",
    "apnews": "AP",
    "ap": "AP",
    "afp": "AFP",
    "tass": "TASS",
    "interfax": "Interfax",
    "xinhuanet": "Xinhua",
    "yna": "Yonhap",
    "yonhap": "Yonhap",
    "kyodonews": "Kyodo",
}
_NAMED = "|".join(sorted(_AGENCIES, key=len, reverse=True))
_DATELINE = re.compile(rf"(?:\((?:{_NAMED})\)|^(?:by\s+)?(?:{_NAMED})\b|\b(?:{_NAMED})\s*[-–—])", re.IGNORECASE)
_AGENCY = re.compile(rf"\b(?:{_NAMED})\b", re.IGNORECASE)


def agency_of(text: StoryText) -> str:
    """Return the agency an article names in its dateline or last line; `=` before it where the outlet is the agency."""
    host = text.outlet.lower().removeprefix("www.").split(".")[0]
    if text.is_agency or host in _AGENCY_OUTLETS:
        return "=" + _AGENCY_OUTLETS.get(host, text.outlet)
    head, tail = text.text[:200].strip(), text.text[-120:]
    found = _DATELINE.search(head) or _DATELINE.search(tail)
    named = _AGENCY.search(found[0]) if found is not None else None
    return _AGENCIES[named[0].lower()] if named is not None else ""


_WORD = re.compile(r"\w+")


def shingles_of(text: str) -> tuple[int, ...]:
    """Return the hashes of a text's 5-word shingles, one in four by its hash, in their order, each once."""
    words = _WORD.findall(text.lower())[:SHINGLED_WORDS]
    if len(words) < SHINGLE_WORDS:
        return ()
    hashed = np.fromiter((_word_hash(word) for word in words), dtype=np.uint64, count=len(words))
    mixed = np.zeros(len(words) - SHINGLE_WORDS + 1, dtype=np.uint64)
    for offset in range(SHINGLE_WORDS):
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + hashed[offset : offset + len(mixed)]
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(32)
    kept = mixed[(mixed & np.uint64(3)) == 0] >> np.uint64(32)
    return tuple(dict.fromkeys(kept.tolist()))


@lru_cache(maxsize=1 << 16)
def _word_hash(word: str) -> int:
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


def dot(a: Mapping[str, int], b: Mapping[str, int]) -> int:
    """Return the sum of products of two vectors."""
    return sum([a[term] * b[term] for term in a.keys() & b.keys()])


def heaviest(vector: Mapping[str, int], most: int) -> list[str]:
    """Return the terms of most weight, heaviest first."""
    return sorted(vector, key=lambda term: (-vector[term], term))[:most]


def shared_terms(a: Iterable[str], b: Mapping[str, int]) -> list[str]:
    """Return the terms of `a`, in its order, that `b` has too."""
    return [term for term in a if term in b]
