"""Stored fields as JSON. A tuple comes back as a list.

Where all values are plain or dates, as nearly always, the names stand before the values: `at:datetime id title`, a line
feed, `["2026-01-01T00:00:00","7","Ships leave"]`. The names of a row were met before and are not read again, which is
half of the time a row takes. Else a row is an object, with tags for what JSON has no word for.
"""

from __future__ import annotations

import base64
import json
import zlib
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from index.search.arrays.errors import UnsupportedFieldError

_TAG = "\x01"
_SQUEEZED = b"z"
_LONG_BYTES = 512
_DATE = ":datetime"
_PLAIN = {str, int, float, bool, datetime}
_MOST_HEADS = 256
_heads: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}  # names of a row, and which of them are dates
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=lambda value: _tagged(value)).encode


def packed(values: dict[str, Any]) -> bytes:
    """Return stored values as bytes; long ones are compressed."""
    kinds = {type(value) for value in values.values()}
    written = (
        _in_a_row(values) if values and kinds <= _PLAIN and all(map(str.isidentifier, values)) else _encode(values)
    )
    text = written.encode("utf-8", "surrogatepass")
    return text if len(text) < _LONG_BYTES else _SQUEEZED + zlib.compress(text, 1)


def unpacked(data: bytes) -> dict[str, Any]:
    """Return the stored values of bytes made by `packed`."""
    if data[:1] == _SQUEEZED:
        data = zlib.decompress(data[1:])
    text = data.decode("utf-8", "surrogatepass")
    if not text.startswith("{"):
        return _from_a_row(text)
    found: dict[str, Any] = (_decode_tagged if _TAG_TEXT in text else _decode)(text)[0]
    return found


def _in_a_row(values: dict[str, Any]) -> str:
    names = " ".join(f"{name}{_DATE}" if type(value) is datetime else name for name, value in values.items())
    return f"{names}\n{_encode([value.isoformat() if type(value) is datetime else value for value in values.values()])}"


def _from_a_row(text: str) -> dict[str, Any]:
    head, _, values = text.partition("\n")
    known = _heads.get(head)
    if known is None:
        if len(_heads) >= _MOST_HEADS:
            _heads.clear()
        parts = head.split(" ")
        names = tuple(part.removesuffix(_DATE) for part in parts)
        known = _heads[head] = names, tuple(part.removesuffix(_DATE) for part in parts if part.endswith(_DATE))
    names, dates = known
    found = dict(zip(names, _scan(values, 0)[0], strict=True))
    for name in dates:
        found[name] = datetime.fromisoformat(found[name])
    return found


_TAG_TEXT = json.dumps(_TAG)[1:-1]


def _tagged(value: Any) -> dict[str, Any]:
    match value:
        case datetime():
            return {f"{_TAG}datetime": value.isoformat()}
        case date():
            return {f"{_TAG}date": value.isoformat()}
        case bytes():
            return {f"{_TAG}bytes": base64.b64encode(value).decode("ascii")}
        case Decimal():
            return {f"{_TAG}decimal": str(value)}
        case set() | frozenset():
            return {f"{_TAG}set": sorted(value)}
        case _:
            raise UnsupportedFieldError(f"a stored value of type {type(value).__name__} has no form in JSON")


def _untagged(found: dict[str, Any]) -> Any:
    if len(found) != 1:
        return found
    ((name, value),) = found.items()
    match name:
        case "\x01datetime":
            return datetime.fromisoformat(value)
        case "\x01date":
            return date.fromisoformat(value)
        case "\x01bytes":
            return base64.b64decode(value)
        case "\x01decimal":
            return Decimal(value)
        case "\x01set":
            return set(value)
        case _:
            return found


_decode = json.JSONDecoder().raw_decode
_scan: Any = vars(json.JSONDecoder())["scan_once"]
_decode_tagged = json.JSONDecoder(object_hook=_untagged).raw_decode
