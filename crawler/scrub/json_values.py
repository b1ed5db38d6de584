"""JSON-LD into filler, string by string in the text itself: keys, order, comments and faults stay as they are."""

from __future__ import annotations

import json
import re

from crawler.scrub.addresses import Addresses, looks_like_address
from crawler.scrub.calendar_words import is_date
from crawler.scrub.prose import Prose

# One that never ends is a string up to the end: tried again from each quote, it would take for ever.
_STRING = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)', re.DOTALL)
_NUMBER = re.compile(r"(?<![\w.\"\\-])-?\d{5,}(?:\.\d+)?(?![\w.])")
_COMMENT = re.compile(r"/\*.*?\*/|<!--.*?-->", re.DOTALL)
KEPT_KEYS = frozenset(
    {"@type", "@context", "inlanguage", "isaccessibleforfree", "cssselector", "encodingformat", "pricecurrency"}
)
PICTURE_KEYS = frozenset({"image", "thumbnailurl", "logo", "contenturl", "embedurl", "thumbnail"})
LIST_KEYS = frozenset({"@graph", "itemlistelement", "haspart", "sameas"})
LONG_TEXT_KEYS = frozenset({"articlebody", "text", "transcript", "reviewbody"})


class JsonValues:
    """Scrubs the strings of a JSON text. `json_chars` cuts bodies of articles given as JSON; None: not."""

    def __init__(self, prose: Prose, addresses: Addresses, *, json_chars: int | None = None) -> None:
        """Take what scrubs texts and addresses."""
        self.prose = prose
        self.addresses = addresses
        self.json_chars = json_chars

    def scrub(self, text: str) -> str:
        """Return the JSON text with its values replaced; safe to stand in a script element."""
        bare = _COMMENT.sub("", text)
        pieces: list[str] = []
        at, key = 0, ""
        for found in _STRING.finditer(bare):
            pieces.append(self._between(bare[at : found.start()]))
            at = found.end()
            if re.match(r"\s*:", bare[at : at + 20]):
                key = found.group()[1:-1].lower()
                pieces.append(found.group() if len(key) <= 40 else '"key"')
            else:
                pieces.append(self._value(found.group(), key))
        pieces.append(self._between(bare[at:]))
        return "".join(pieces)

    def _between(self, text: str) -> str:
        """What stands between strings: brackets, numbers, true and null; anything else is a fault of the page."""
        plain = re.sub(
            r"[^\W\d_]{2,}", lambda word: word.group() if word.group() in ("true", "false", "null") else "", text
        )
        return _NUMBER.sub(lambda found: "1" if not is_date(found.group()) else found.group(), plain)

    def _value(self, literal: str, key: str) -> str:
        try:
            value = json.loads(literal, strict=False)
        except ValueError:
            value = literal.strip('"')
        if key in KEPT_KEYS and len(value) <= 80:
            new = value
        elif looks_like_address(value):
            new = self.addresses.scrub(value, picture=key in PICTURE_KEYS)
        elif is_date(value):
            new = value
        else:
            if self.json_chars is not None and key in LONG_TEXT_KEYS:
                value = value[: self.json_chars]
            new = self.prose.scrub(value)
        return json.dumps(new, ensure_ascii=False).replace("</", "<\\/")
