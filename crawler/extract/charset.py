"""Bytes into text: byte order mark, header, meta, detection, in this order. Pure."""

from __future__ import annotations

import codecs
import re
import unicodedata

from charset_normalizer import from_bytes

_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"^<\?xml[^>]{0,100}encoding\s*=\s*[\"']([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NO_LETTERS = frozenset({"Cn", "Co", "Cs", "Cc", "Sk"})  # unassigned, private, surrogate, control, lone accents
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

# What browsers mean by these labels (WHATWG Encoding Standard): pages labelled latin-1 are written in cp1252.
_MEANS = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "iso-8859-9": "cp1254",
    "windows-31j": "cp932",
    "unicode": "utf-16",
}


def decode(body: bytes, content_type: str = "") -> str | None:
    """Return the text of a page without NULs, control characters and lone surrogates; None for what is no text.

    A label that does not fit the bytes is passed over; a few bad bytes in an otherwise good text are replaced.
    """
    for bom, name in _BOMS:
        if body.startswith(bom):
            return _clean(body[len(bom) :].decode(name, "replace"))
    if _is_binary(body):
        return None
    try:
        return _clean(body.decode("utf-8"))
    except UnicodeDecodeError:
        return _clean(_by_label(body, content_type))


def _by_label(body: bytes, content_type: str) -> str:
    """Decode what is not quite UTF-8: by the first label that fits, as UTF-8 with few bad bytes, else by detection."""
    for label in (*_labels(body, content_type), "utf-8"):
        text = _decoded(body, label)
        if text is not None:
            return text
    best = from_bytes(body[:200_000]).best()
    if best is not None:
        return body.decode(best.encoding, "replace")
    return body.decode("cp1252", "replace")


def _labels(body: bytes, content_type: str) -> list[str]:
    head = body[:4096]
    found = [match.group(1) for match in (_HEADER.search(content_type),) if match]
    found += [match.group(1).decode("ascii") for match in (_META.search(head), _XML.search(head)) if match]
    return list(dict.fromkeys(label.lower() for label in found))


def _decoded(body: bytes, label: str) -> str | None:
    """Decode as labelled; None for an unknown label, or where more than 1 % of the characters do not fit."""
    try:
        text = body.decode(_MEANS.get(label, label), "replace")
    except (LookupError, UnicodeError):
        return None
    return text if text.count("\ufffd") * 100 <= max(len(text), 1) else None


def _is_binary(body: bytes) -> bool:
    head = body[:2048]
    if head.startswith((b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"\x7fELF")):
        return True
    controls = sum(byte < 9 or 13 < byte < 32 for byte in head if byte != 0x1B)
    return controls * 10 > max(len(head), 1)


def decode_prose(body: bytes) -> str | None:
    """Return what a text file says; None for bytes that nobody wrote as text, whatever charset they are read in."""
    text = decode(body, "text/plain")
    if text is None:
        return None
    odd = sum(unicodedata.category(letter) in _NO_LETTERS for letter in text if letter not in "\t\n\r")
    return text if (odd + text.count("\ufffd")) * 20 <= max(len(text), 1) else None


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("", text)
