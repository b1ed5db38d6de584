"""Bylines into names: who wrote it, cleaned of titles, addresses and house names. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

_BY = re.compile(
    r"^(?:(?:written|reported|posted|story|text|words)\s+)?(?:by|von|par|por|di|door|av|af|от|автор|oleh|przez)\s*:?\s+|^(?:author|autor|auteur|autore)s?\s*:\s*",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"\s*(?:;|\||\n|•|·|/| and | und | et | y | e | og | och | en | & )\s*", re.IGNORECASE)
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
_ADDRESS = re.compile(r"\(?\S+@\S+\.\w+\)?")
_PLACE = re.compile(r"\s+(?:in|à|aus|en)\s+[A-ZÀ-Þ][\w' -]+$")
_LOWER_PARTS = frozenset({"de", "da", "di", "du", "van", "von", "der", "den", "al", "el", "bin", "ibn", "la", "le"})


def clean_authors(raw: Iterable[str], *, outlet_title: str = "") -> tuple[str, ...]:
    """Return the names in bylines, each once, in order; the house's own name only where nobody else is named."""
    names: list[str] = []
    for text in raw:
        names += _names_in(text)
    unique = list({name.casefold(): name for name in reversed(names)}.values())[::-1]
    persons = [name for name in unique if not is_house(name, outlet_title) and not is_agency(name)]
    agencies = [name for name in unique if is_agency(name)]
    return tuple(persons or agencies or unique)


def is_agency(name: str) -> bool:
    """Say whether a byline is a news agency's."""
    return bool(_AGENCIES.match(name.strip()))


def is_house(name: str, outlet_title: str) -> bool:
    """Say whether a byline is the outlet's own name or one of its desks."""
    folded = re.sub(r"[\W_]+", " ", name).strip().casefold()
    house = re.sub(r"[\W_]+", " ", outlet_title).strip().casefold()
    if re.search(
        r"\b(staff|newsroom|desk|editors?|redaktion|redaction|rédaction|redacción|team|news service)\b", folded
    ):
        return True
    return bool(house) and (folded == house or folded in house or house in folded)


def _names_in(text: str) -> list[str]:
    folded = " ".join(text.replace("\xa0", " ").split()) if "\n" not in text else text
    folded = _BY.sub("", _ADDRESS.sub("", folded).strip())
    names = []
    for part in _SPLIT.split(folded):
        names += _parts(_BY.sub("", part.strip()))
    return [name for name in names if name]


def _parts(text: str) -> list[str]:
    """Split at commas: "A, B and C" are names, "A, Reporter" and "A, Paris" are one."""
    bare = _ROLE.sub("", re.sub(r"\([^)]*\)", "", text)).strip(" ,.-–—:")
    pieces = [piece.strip(" .-–—:") for piece in bare.split(",")]
    rest_are_names = all(_looks_like_name(piece) for piece in pieces[1:])
    starts_with_agency = pieces[0].isupper() and is_agency(pieces[0])
    if len(pieces) > 1 and (starts_with_agency or not rest_are_names):
        pieces = pieces[:1]
    return [_cased(piece) for piece in pieces if piece and not _JUNK.search(piece) and len(piece) <= 80]


def _looks_like_name(text: str) -> bool:
    words = text.split()
    return 2 <= len(words) <= 5 and all(word[:1].isupper() or word.casefold() in _LOWER_PARTS for word in words)


def _cased(name: str) -> str:
    """A name shouted in capitals in its usual case; short capitals (AFP) are left alone."""
    words = name.split()
    if name.isupper() and len(words) > 1 and any(len(word) > 3 for word in words):
        return " ".join(re.sub(r"[^\W\d_]+", lambda found: found.group().capitalize(), word) for word in words)
    return " ".join(words)
