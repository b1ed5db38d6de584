"""Files broken the way networks, servers and enemies break them. Seeded: equal arguments give equal bytes."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Callable, Iterator, Sequence

HOSTILE = (
    b"\x00" * 64,
    b"\xff\xfe\xfd",
    b"\xed\xa0\x80",  # a lone surrogate, as some encoders write it
    b"&#xD800;&#0;&#x110000;",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>&a;",
    b"<![CDATA[" + b"]]" * 20,
    b"<div>" * 3000,
    b"<b><i>" * 1500,
    b"<!--" + b"-" * 500,
    b"<script>" + b"x" * 2000,
    b'<a href="javascript:alert(1)">x</a><a href="http://[::1">y</a><a href="//\xff\xff/">z</a>',
    b'<base href="data:text/html,x">',
    b'<script type="application/ld+json">{"@type":["NewsArticle",1,null],"headline":{"a":[]},"author":[[[]]]}</script>',
    b'<script type="application/ld+json">{"@type":"NewsArticle","datePublished":[1e400,"now"],"url":5}</script>',
    b"<item>" * 400,
    b"</item></channel></rss>",
    "\u202e\u2028\ufeff\U0010ffff".encode(),
)
DATES = (
    b"Mon, 01 Jan 1719 00:00:00 GMT",
    b"1719-05-12T10:00:00Z",
    b"0000-00-00T00:00:00Z",
    b"2024-02-30T25:61:61+99:99",
    b"99999-01-01",
    b"now",
    b"today at noon",
    b"-1",
    b"9" * 400,
    b"Fri, 31 Dec 9999 23:59:59 -1200",
    "十二月三日".encode(),
)
CHARSETS = (b"utf-8", b"utf-16", b"koi8-r", b"shift_jis", b"iso-8859-15", b"windows-1251", b"x-nonsense", b"utf-7", b"")
_DATE = re.compile(rb"\d{4}-\d\d-\d\d[T0-9:.Z+-]*|\w{3}, \d\d? \w{3} \d{4} [\d:]+ [\w+-]+")
_CHARSET = re.compile(rb"(?:encoding|charset)=[\"']?([\w-]+)", re.IGNORECASE)
_TAG = re.compile(rb"<[^<>]{1,200}>")

Mutation = Callable[[bytes, random.Random, Sequence[bytes]], bytes]


def mutants(files: Sequence[bytes], *, seed: int, count: int) -> Iterator[bytes]:
    """Yield `count` broken files, each by one to four mutations of one file in turn."""
    for number in range(count):
        dice = random.Random(zlib.crc32(f"{seed}:{number}".encode()))
        body = files[number % len(files)]
        for _ in range(dice.randint(1, 4)):
            body = dice.choice(MUTATIONS)(body, dice, files)
        yield body


def _cut(body: bytes, dice: random.Random, _files: Sequence[bytes]) -> bytes:
    return body[: dice.randrange(len(body) + 1)]


def _lose(body: bytes, dice: random.Random, _files: Sequence[bytes]) -> bytes:
    start = dice.randrange(len(body) + 1)
    return body[:start] + body[start + dice.randrange(2000) :]


def _flip(body: bytes, dice: random.Random, _files: Sequence[bytes]) -> bytes:
    changed = bytearray(body)
    for _ in range(min(len(body), 40)):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def _repeat(body: bytes, dice: random.Random, _files: Sequence[bytes]) -> bytes:
    start = dice.randrange(len(body) + 1)
    piece = body[start : start + dice.randrange(3000)]
    return body[:start] + piece * dice.randrange(40) + body[start:]


def _insert(body: bytes, dice: random.Random, _files: Sequence[bytes]) -> bytes:
    spots = [found.end() for found in _TAG.finditer(body)] or [0]
    at = dice.choice(spots)
    return body[:at] + dice.choice(HOSTILE) + body[at:]


def _redate(body: bytes, dice: random.Random, _files: Sequence[bytes]) -> bytes:
    return _DATE.sub(lambda _found: dice.choice(DATES), body)


def _relabel(body: bytes, dice: random.Random, _files: Sequence[bytes]) -> bytes:
    return _CHARSET.sub(lambda found: found.group().replace(found.group(1), dice.choice(CHARSETS)), body)


def _recode(body: bytes, dice: random.Random, _files: Sequence[bytes]) -> bytes:
    text = body.decode("utf-8", "replace")
    return text.encode(dice.choice(("utf-16", "utf-32", "cp1251", "shift_jis", "utf-7")), "replace")


def _splice(body: bytes, dice: random.Random, files: Sequence[bytes]) -> bytes:
    other = dice.choice(files)
    return body[: dice.randrange(len(body) + 1)] + other[dice.randrange(len(other) + 1) :]


def _shuffle_tags(body: bytes, dice: random.Random, _files: Sequence[bytes]) -> bytes:
    tags = _TAG.findall(body)
    return _TAG.sub(lambda found: dice.choice(tags) if dice.random() < 0.05 else found.group(), body)


MUTATIONS: tuple[Mutation, ...] = (
    _cut,
    _lose,
    _flip,
    _repeat,
    _insert,
    _redate,
    _relabel,
    _recode,
    _splice,
    _shuffle_tags,
)
