"""British and American spellings of a word, the old ones of newspapers among them. Pure.

A query word stands for both, so `defence` finds `defense`. What is made by rule and is no word is in no index and
finds nothing; rules that would make another word (`filled`, `filed`) are kept from it by what must stand before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_ENDINGS = tuple(
    (f"{british}{ending}", f"{american}{ending}")
    for british, american, endings in (
        ("isation", "ization", ("", "s", "al")),
        ("is", "iz", ("e", "ed", "es", "ing", "er", "ers")),
        ("ys", "yz", ("e", "ed", "es", "ing", "er", "ers")),
        ("ogue", "og", ("", "s")),
    )
    for ending in endings
)
_OUR = (
    "armour behaviour candour clamour colour endeavour favour fervour flavour harbour honour humour labour neighbour "
    "odour parlour rancour rigour rumour saviour splendour tumour valour vapour vigour"
)
_BEGINNINGS = (
    *((stem, stem.replace("our", "or")) for stem in _OUR.split()),
    ("aeroplane", "airplane"),
    ("aluminium", "aluminum"),
    ("anaesth", "anesth"),
    ("archaeolog", "archeolog"),
    ("defence", "defense"),
    ("encyclopaed", "encycloped"),
    ("enquir", "inquir"),
    ("gaol", "jail"),
    ("grey", "gray"),
    ("haemo", "hemo"),
    ("jewellery", "jewelry"),
    ("judgement", "judgment"),
    ("licence", "license"),
    ("manoeuvr", "maneuver"),
    ("moslem", "muslim"),
    ("mould", "mold"),
    ("offence", "offense"),
    ("paediatr", "pediatr"),
    ("plough", "plow"),
    ("pretence", "pretense"),
    ("programme", "program"),
    ("sceptic", "skeptic"),
    ("smoulder", "smolder"),
    ("sulph", "sulf"),
)
_WHOLE = tuple(
    (f"{word}re{british}", f"{word}er{american}")
    for word in ("cent", "theat", "fib", "kilomet", "met", "lit", "calib", "sab", "spect", "sepulch")
    for british, american in (("", ""), ("s", "s"), ("d", "ed"))
)
_DOUBLED = re.compile(r"([a-z]*[aeiouy][a-z]*[^aeiou][ae])l(l?)(ed|ing|er|ers)")


def _both_ways(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {one: other for pair in pairs for one, other in (pair, pair[::-1])}


_OTHER_WORD, _OTHER_BEGINNING, _OTHER_ENDING = map(_both_ways, (_WHOLE, _BEGINNINGS, _ENDINGS))
_BEGINS = re.compile("|".join(sorted(_OTHER_BEGINNING, key=len, reverse=True)))
_ENDS = re.compile(f"(?:{'|'.join(_OTHER_ENDING)})$")


@lru_cache(maxsize=4096)
def other_spellings(word: str) -> tuple[str, ...]:
    """Return how else a lower-case English word may be spelt on the other side of the Atlantic; often nothing."""
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return ()
    found = [_OTHER_WORD[word]] if word in _OTHER_WORD else []
    begins = _BEGINS.match(word)
    if begins is not None:
        found.append(_OTHER_BEGINNING[begins.group()] + word[begins.end() :])
    ends = _ENDS.search(word) if len(word) > 5 else None
    if ends is not None:
        found.append(word[: ends.start()] + _OTHER_ENDING[ends.group()])
    doubled = _DOUBLED.fullmatch(word)
    if doubled is not None:
        head, twice, ending = doubled.groups()
        found.append(f"{head}{'l' if twice else 'll'}{ending}")
    return tuple(found)
