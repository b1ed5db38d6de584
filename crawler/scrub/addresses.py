"""Addresses of a page: host and shape stay, slugs become filler, ids other ids, pictures those of an invented host."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from crawler.scrub.words import WORD, Words, ascii_letters, folded_word
from index.urls import host_of, same_outlet

PICTURES = "https://pictures.example"
IMAGE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg|ico|bmp)(?=$|[?&/,!])", re.IGNORECASE)
VOCABULARY_HOSTS = frozenset({"schema.org", "ogp.me", "w3.org", "rdfs.org", "purl.org", "xmlns.com", "gmpg.org"})
_LOOKS = re.compile(
    r"^(?:https?:)?//[^\s/]|^/[^\s/][^\s]*$|^(?:https?|ftp|mailto|tel|sms|whatsapp|javascript|data|blob):", re.I
)
_EXTENSION = re.compile(
    r"\.(?:html?|s?html|php|aspx?|jsp|xml|rss|pdf|amp|ece|cms|story|print|json|txt)$", re.IGNORECASE
)
_DATE_SEGMENT = re.compile(
    r"(?:19|20)\d{2}|\d{1,2}|(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-3]\d)?|(?:19|20)\d{2}-\d{2}(?:-\d{2})?"
)
_DATE_IN_SLUG = re.compile(
    r"(?<!\d)(?:19|20)\d{2}[-_/]?(?:0[1-9]|1[0-2])[-_/]?[0-3]\d(?!\d)|(?<!\d)(?:19|20)\d{2}(?!\d)"
)
_PERSON_PATH = re.compile(
    r"^(?:authors?|profiles?|people|staff|by|autore?|autoren|auteurs?|journalists?|reporters?|columnists?|contributors?|"
    r"persons?|personen|users?|experts?)$",
    re.IGNORECASE,
)
_ACT = re.compile(
    r"share|intent|sharer|submit|msg|compose|tweet|watch|embed|search|hashtag|profile|status", re.IGNORECASE
)
_OPAQUE = re.compile(r"(?=[^\W_]*\d)(?=[^\W_]*[A-Za-z])[A-Za-z\d]{6,}|[0-9a-f]{16,}")
_PIECE = re.compile(rf"{_DATE_IN_SLUG.pattern}|{_OPAQUE.pattern}|{WORD.pattern}|\d+")
MOST_KEPT_WORDS = 2
MOST_SIGNS = 15
MOST_QUERY = 20


def looks_like_address(value: str) -> bool:
    """Say whether an attribute's or a JSON value is an address."""
    return bool(_LOOKS.match(value.strip())) and not any(sign in value.strip() for sign in " \n<>")


class Addresses:
    """Scrubs addresses of one page; `text` scrubs the prose some of them carry in their query."""

    def __init__(self, words: Words, *, page_url: str, names: set[str], text: Callable[[str], str]) -> None:
        """Take the substitution, and whose page it is."""
        self.words = words
        self.page_url = page_url
        self.names = {folded_word(name) for name in names}
        self._text = text

    def scrub(self, address: str, *, picture: bool = False) -> str:
        """Return the address in its shape; what is no web address loses what stands behind its scheme."""
        bare = address.strip()
        scheme = re.match(r"^([a-z]+):(?!//)", bare, re.IGNORECASE)
        if scheme is not None and not re.match(r"^[^/:]+:\d", bare):
            ends = {"mailto": "desk@mail.example", "tel": "+0000000", "sms": "+0000000", "javascript": "void(0)"}
            return f"{scheme.group(1)}:{ends.get(scheme.group(1).lower(), '')}"
        if not bare or bare == "#":
            return bare
        try:
            parts = urlsplit(bare)
            host = parts.netloc.rpartition("@")[2]
        except ValueError:
            return "#"
        if host_of(bare) in VOCABULARY_HOSTS:
            return bare
        if picture or IMAGE.search(parts.path):
            return f"{PICTURES}/{self.words.token(f'{zlib.crc32(bare.encode()):08x}')}.jpg"
        own = not host or same_outlet(f"http://{host}", self.page_url)
        return urlunsplit(
            (
                parts.scheme,
                host,
                self._path(parts.path, own=own, asked=bool(parts.query)),
                self._query(parts.query),
                self.mark(parts.fragment),
            )
        )

    def mark(self, mark: str) -> str:
        """Return a fragment, an id or another mark: a short one as it is, a slug as filler."""
        if len(WORD.findall(mark)) <= MOST_KEPT_WORDS and len(mark) <= MOST_SIGNS and not re.search(r"\d{4}", mark):
            return mark
        return self.filled(unquote(mark))

    def _path(self, path: str, *, own: bool, asked: bool) -> str:
        segments = path.split("/")
        solid = [place for place, segment in enumerate(segments) if segment]
        done = list(segments)
        person = False
        for place in solid:
            plain = unquote(segments[place], errors="replace")
            # With a query it is that which names the page, and the path a program.
            names_page = place == solid[-1] != solid[0] and not asked
            if not self._stays(plain, own=own, names_page=names_page, person=person):
                done[place] = self._segment(plain)
            person = bool(_PERSON_PATH.match(plain))
        return "/".join(done)

    def _stays(self, segment: str, *, own: bool, names_page: bool, person: bool) -> bool:
        """Whether a segment is the site's structure: a date, a section, a word that says what the address does."""
        if _DATE_SEGMENT.fullmatch(segment):
            return True
        words = WORD.findall(segment)
        if person or self.names & {folded_word(word) for word in words} or re.search(r"\d{3}", segment):
            return False
        if not own:
            return bool(_ACT.search(segment)) and len(segment) <= MOST_SIGNS
        if names_page:
            return len(words) <= 1 + bool(_EXTENSION.search(segment)) and len(segment) <= MOST_SIGNS
        return len(words) <= MOST_KEPT_WORDS + bool(_EXTENSION.search(segment))

    def _segment(self, segment: str) -> str:
        found = _EXTENSION.search(segment)
        extension = found.group() if found is not None else ""
        return self.filled(segment.removesuffix(extension)) + extension

    def filled(self, slug: str) -> str:
        """Return a slug, id or opaque mark with its words, numbers and hashes replaced, dates kept."""
        was_ascii = slug.isascii()

        def fill(found: re.Match[str]) -> str:
            piece = found.group()
            if _DATE_IN_SLUG.fullmatch(piece) or (piece.isdigit() and len(piece) <= 2):
                return piece
            if piece.isdigit():
                return self.words.number(piece)
            if _OPAQUE.fullmatch(piece):
                return self.words.token(piece)
            filler = self.words.word(piece)
            if was_ascii:
                filler = ascii_letters(filler)
                return filler if filler.isascii() else self.words.token(piece)
            return filler

        return quote(_PIECE.sub(fill, slug), safe="-._~!$&'()*+,;=:@%")

    def _query(self, query: str) -> str:
        try:
            pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_QUERY)
        except ValueError:
            return ""
        return urlencode([(key if len(key) <= MOST_SIGNS * 2 else "key", self._value(value)) for key, value in pairs])

    def _value(self, value: str) -> str:
        if looks_like_address(value):
            return self.scrub(value)
        if " " in value:
            return self._text(value)
        if _DATE_SEGMENT.fullmatch(value) or (value.isascii() and value.isalpha() and len(value) <= 3):
            return value
        return unquote(self.filled(value))
