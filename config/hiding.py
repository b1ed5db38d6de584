"""A settings file as it may be carried about: without passwords, tokens, and addresses of webhooks."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

from config.logs import redact
from config.settings import HIDDEN, SECRETS

_NAMES = "|".join(sorted({"password", "passphrase", "secret", "token", r"api_?key", r"private_?key", *SECRETS}))
_SECRET = re.compile(_NAMES, re.IGNORECASE)
_LINE = re.compile(rf"^(?P<keep>[ \t]*(?:#[#\s]*)?[\w.\"'-]*(?:{_NAMES})[\w.\"'-]*[ \t]*=[ \t]*).+$", re.I | re.M)
"""A line that sets one of them, be it in a comment."""


def without_secrets(text: str) -> str:
    """Return a settings file with `***` for what is secret in it.

    Its lines and comments stay as they are, unless a secret is written so that lines do not tell (over several of
    them, in a table of one line): then all of it is written anew.
    """
    told = _LINE.sub(rf'\g<keep>"{HIDDEN}"', redact(text))
    held = _read(text)
    if held is None or _read(told) == _hidden(held):
        return told
    return _written(_hidden(held))


def _read(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _hidden(held: Any) -> Any:
    if isinstance(held, dict):
        return {name: HIDDEN if _SECRET.search(name) else _hidden(value) for name, value in held.items()}
    if isinstance(held, list):
        return [_hidden(value) for value in held]
    return redact(held) if isinstance(held, str) else held


def _written(held: dict[str, Any]) -> str:
    lines = [f"{_key(name)} = {_value(value)}" for name, value in held.items() if not isinstance(value, dict)]
    for name, table in held.items():
        if isinstance(table, dict):
            lines += [f"[{_key(name)}]", *(f"{_key(key)} = {_value(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)


def _value(value: Any) -> str:
    """A value as TOML has it; texts of JSON are texts of TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(name)} = {_value(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str | bool) else str(value)
