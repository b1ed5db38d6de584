"""Stored fields as JSON, with tags for what JSON has no word for. A tuple comes back as a list."""

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
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=lambda value: _tagged(value)).encode


def packed(values: dict[str, Any]) -> bytes:
    """Return stored values as bytes; long ones are compressed."""
    text = _encode(values).encode("utf-8", "surrogatepass")
    return text if len(text) < _LONG_BYTES else _SQUEEZED + zlib.compress(text, 1)


def unpacked(data: bytes) -> dict[str, Any]:
    """Return the stored values of bytes made by `packed`."""
    if data[:1] == _SQUEEZED:
        data = zlib.decompress(data[1:])
    text = data.decode("utf-8", "surrogatepass")
    found: dict[str, Any] = (_decode_tagged if _TAG_TEXT in text else _decode)(text)[0]
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
_decode_tagged = json.JSONDecoder(object_hook=_untagged).raw_decode
