"""Bylines into names: who wrote it, cleaned of titles, addresses and house names. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_BY = re.compile(
    r"^(?:(?:written|reported|posted|story|text|words)\s+)?(?:by|von|par|por|di|door|av|af|от|автор|oleh|przez)\s*:?\s+|^(?:author|autor|auteur|autore)s?\s*:\s*",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"\s*[;|\n•·/、،]\s*")
# "and" in our languages and their neighbours; it parts names only where a whole name stands on either side.
_AND = re.compile(
    r"\s+(?:&|\+|and|und|et|y|e|og|och|en|ja|ve|dan|i|a|és|și|ir|и|та|і|και|و|और)\s+",
    re.IGNORECASE,
)
_JUNK = re.compile(r"https?://|www\.|@|\.(?:com|org|net)\b|^\d+$|^[\W_]*$", re.IGNORECASE)
_AGENCIES = re.compile(
    r"^(?:the\s+)?(?:associated press|ap|afp|agence france[- ]presse|reuters|dpa(?:-infocom)?|ansa|efe|tass|"
    r"interfax|xinhua|bloomberg|pa media|upi|ntb|tt|ritzau|keystone-sda|belga|anp|apa|cp|the canadian press|"
    r"yonhap(?: news agency)?|kyodo|pti|ians|ani|anadolu(?: agency| ajansı)?|aa|mti|pap|čtk|ctk)$",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r",?\s+(?:(?:chief|senior|staff|foreign|political|world|defen[cs]e|security|diplomatic|national|science|health|"
    r"business|deputy|associate|special)\s+)*(?:editor|correspondent|reporter|writer|columnist|contributor|producer|"
    r"journalist|redakteur(?:in)?|korrespondent(?:in)?|journaliste|periodista)\b.*$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\(?\S+@\S+\.\w+\)?|https?://\S+")
_BRACKETS = re.compile(r"\([^)]*\)")
# What follows the names in a byline and is none: the day it was written, who edited or checked it.
_AFTER = re.compile(
    r"\s*\b(?:(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|"
    r"jun|jul|aug|sept?|oct|nov|dec)\.?\s+\d.*|\d{1,2}\.?\s+[^\W\d_]{3,12}\.?\s+\d{4}.*|\d{1,2}:\d{2}.*|"
    r"(?:edited|reviewed|medically reviewed|updated|published|last updated)\b.*)$",
    re.IGNORECASE | re.DOTALL,
)
_PLACE = re.compile(r"\s+(?:in|à|aus|en)\s+[A-ZÀ-Þ][\w' -]+$")
_DESK = re.compile(r"\b(staff|newsroom|desk|editors?|redaktion|redaction|rédaction|redacción|team|news service)\b")
_DENSE_NAME = re.compile(r"^[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,8}$")
_NO_NAMES = frozenset({
    "the", "this", "our", "your", "how", "why", "what", "when", "where", "which", "get", "find", "view", "posts",
    "share", "follow", "subscribe", "newsletter", "updates", "author", "authors", "about", "comments", "with", "for",
    "from", "top", "bio", "minutes"
})  # fmt: skip
"""Words of headings and buttons that stand in no name."""

_LOWER_PARTS = frozenset({"de", "da", "di", "du", "van", "von", "der", "den", "al", "el", "bin", "ibn", "la", "le"})


def clean_authors(raw: Iterable[str], *, houses: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the names in bylines, each once, in order; the house's own name only where nobody else is named."""
    names: list[str] = []
    for text in raw:
        names += _names_in(text)
    unique = list({name.casefold(): name for name in reversed(names)}.values())[::-1]
    named = [name for name in unique if is_agency(name) or not is_house(name, houses)]
    return tuple(named or unique)


def is_agency(name: str) -> bool:
    """Say whether a byline is a news agency's, with or without the place it was written in."""
    return bool(_AGENCIES.match(_PLACE.sub("", name.strip())))


def is_house(name: str, houses: Sequence[str]) -> bool:
    """Say whether a byline is one of the outlet's own names or one of its desks."""
    folded = _plain(name)
    if _DESK.search(folded):
        return True
    return any(house and (_holds(folded, house) or _holds(house, folded)) for house in map(_plain, houses))


def _holds(text: str, part: str) -> bool:
    """Whether a part stands in a text as whole words; "dw" is not in "edward"."""
    return len(part) > 1 and f" {part} " in f" {text} "


def begins_with_by(text: str) -> bool:
    """Say whether a text begins with "By" or its like in another language, or is nothing else."""
    return bool(_BY.match(f"{text} "))


def is_byline(line: str) -> bool:
    """Say whether a line is a byline by its form: "By" and names, or two names and more with nothing else."""
    bare = _BY.sub("", line.strip())
    parts = [part.strip() for whole in _SPLIT.split(bare) for part in _parted(whole)]
    if bare != line.strip():
        return looks_like_name(parts[0].split(",")[0].strip())
    return len(parts) > 1 and not re.search(r"[&?!]", bare) and all(looks_like_name(part) for part in parts)


def names_a_person(names: Sequence[str], houses: Sequence[str]) -> bool:
    """Say whether one of the names is a person's: two words or more, or a name in a script without spaces."""
    return any(
        not is_house(name, houses) and not is_agency(name) and (len(name.split()) > 1 or bool(_DENSE_NAME.match(name)))
        for name in names
    )


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name).strip().casefold()


def _names_in(text: str) -> list[str]:
    folded = " ".join(text.replace("\xa0", " ").split()) if "\n" not in text else text
    folded = _BY.sub("", _AFTER.sub("", _BRACKETS.sub(" ", _ADDRESS.sub("", folded))).strip())
    names = []
    for whole in _SPLIT.split(folded):
        for part in _parted(_BY.sub("", whole.strip())):
            names += _parts(_BY.sub("", part.strip()))
    return [name for name in names if name]


def _parted(text: str) -> list[str]:
    """Split at each "and" between a whole name and more than a word: "Ortega y Gasset" and "Mac & i" are one."""
    parts: list[str] = []
    begin = 0
    for conjunction in _AND.finditer(text):
        before = text[begin : conjunction.start()].split(",")[-1].strip()
        after = re.split(r",|\s+(?:&|and|und|et)\s+", text[conjunction.end() :])[0].split()
        if looks_like_name(before) and (len(after) > 1 or looks_like_name(" ".join(after))):
            parts.append(text[begin : conjunction.start()])
            begin = conjunction.end()
    return [*parts, text[begin:]]


def _parts(text: str) -> list[str]:
    """Split at commas: "A, B and C" are names, "A, Reporter" and "A, Paris" are one."""
    whole = text.strip(" ,.-–—:(")
    bare = _ROLE.sub("", whole).strip(" ,.-–—:")
    if len(bare.split()) < 2 and _DESK.search(whole.casefold()):
        bare = whole  # "Gazette staff reporter" is a desk; "Gazette" would be nobody
    pieces = [piece.strip(" .-–—:") for piece in bare.split(",")]
    rest_are_names = all(looks_like_name(piece) for piece in pieces[1:])
    starts_with_agency = pieces[0].isupper() and is_agency(pieces[0])
    if len(pieces) > 1 and (starts_with_agency or not rest_are_names):
        pieces = pieces[:1]
    return [_cased(piece) for piece in pieces if piece and not _JUNK.search(piece) and len(piece) <= 80]


def looks_like_name(text: str) -> bool:
    """Say whether a text has the form of a person's name, or of an agency's."""
    if is_agency(text) or _DENSE_NAME.match(text):
        return True
    words = text.split()
    if _NO_NAMES.intersection(word.casefold().strip(".,:") for word in words):
        return False
    return 2 <= len(words) <= 5 and all(_begins_name(word) for word in words)


def _begins_name(word: str) -> bool:
    """Whether a word may be part of a name: a capital, a letter of a script without capitals, or a particle."""
    first = word[:1]
    return first.isupper() or (first.isalpha() and first.lower() == first.upper()) or word.casefold() in _LOWER_PARTS


def _cased(name: str) -> str:
    """A name shouted in capitals in its usual case; short capitals (AFP) are left alone."""
    words = name.split()
    if name.isupper() and len(words) > 1 and any(len(word) > 3 for word in words):
        return " ".join(re.sub(r"[^\W\d_]+", lambda found: found.group().capitalize(), word) for word in words)
    return " ".join(words)
