"""Features of an article as one short text, made to be kept by the ten thousand and read back only where asked for.

A window is ready when the keys that find an article are (`keys`, `anchors`): its words come out of the text later, or
never. Little endian numbers behind a fixed head, then the words; base64 because the column is JSON.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from functools import lru_cache
from hashlib import blake2b
from struct import Struct

import numpy as np

from index.records import JsonObject
from index.stories.copies import anchors_of
from index.stories.values import Features, features_from_json

_HEAD = Struct("<BxHHHHHHI")
_VERSION = 2
_KEY_BYTES = 8


class Packed:
    """Features in their packed form. Numbers of words and shingles are read at once, the rest when asked for."""

    __slots__ = ("_anchors", "_kept", "_names", "_raw", "_shingles", "_terms", "_title", "_words")

    def __init__(self, raw: bytes) -> None:
        version, *numbers = _HEAD.unpack_from(raw)
        assert version == _VERSION, "features of another version are packed anew before they come here"
        self._raw = raw
        self._terms: int
        self._kept: int
        self._anchors: int
        self._terms, self._title, self._names, self._shingles, self._anchors, self._kept, self._words = numbers

    @property
    def kept(self) -> int:
        """Return how many different shingles there are."""
        return self._kept

    @property
    def terms(self) -> int:
        """Return how many words are weighed."""
        return self._terms

    @property
    def anchors(self) -> int:
        """Return how many anchors there are."""
        return self._anchors

    def key_bytes(self) -> bytes:
        """Return the keys of the words (`key_of`), eight bytes each."""
        return self._raw[_HEAD.size : _HEAD.size + _KEY_BYTES * self._terms]

    def anchor_bytes(self) -> bytes:
        """Return the anchors of the text, four bytes each."""
        start = _HEAD.size + _KEY_BYTES * self._terms
        return self._raw[start : start + 4 * self._anchors]

    def features(self) -> Features:
        """Return the features."""
        at = _HEAD.size + _KEY_BYTES * self._terms + 4 * self._anchors
        parts = []
        for number in (self._terms, self._title, self._names, self._names, self._shingles):
            parts.append(np.frombuffer(self._raw, dtype="<u4", count=number, offset=at).tolist())
            at += 4 * number
        weights, title_weights, places, name_weights, shingles = parts
        written = self._raw[at:].decode("utf-8", "surrogatepass").split("\n")
        terms, title = written[: self._terms], written[self._terms : self._terms + self._title]
        return Features(
            terms=dict(zip(terms, weights, strict=True)),
            title=dict(zip(title, title_weights, strict=True)),
            names={terms[place]: weight for place, weight in zip(places, name_weights, strict=True)},
            shingles=tuple(shingles),
            words=self._words,
            agency=written[-1],
        )


def pack(features: Features) -> str:
    """Return features as they are kept in a table; `unpacked(...).features()` gives equal ones back."""
    terms, title = list(features.terms), list(features.title)
    place_of = {term: place for place, term in enumerate(terms)}
    names = {place_of[term]: weight for term, weight in features.names.items()}
    anchors = anchors_of(features.shingles)
    head = _HEAD.pack(
        *(_VERSION, len(terms), len(title), len(names), len(features.shingles), len(anchors)),
        *(len(set(features.shingles)), features.words),
    )
    numbers = (anchors, features.terms.values(), features.title.values(), names, names.values(), features.shingles)
    raw = b"".join(
        (
            head,
            np.array([key_of(term) for term in terms], dtype="<u8").tobytes(),
            *(np.array(list(part), dtype="<u4").tobytes() for part in numbers),
            "\n".join((*terms, *title, features.agency.replace("\n", " "))).encode("utf-8", "surrogatepass"),
        )
    )
    return b64encode(raw).decode("ascii")


def unpacked(kept: str | JsonObject) -> Packed:
    """Return what `pack` gave; an object is how features were kept before that, and still are in older archives."""
    return Packed(b64decode(kept if isinstance(kept, str) else pack(features_from_json(kept))))


@lru_cache(maxsize=1 << 17)
def key_of(term: str) -> int:
    """Return the number under which a word is found in a window; that two words share one will not be seen."""
    return int.from_bytes(blake2b(term.encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES).digest(), "little")
