"""What is wrong with a value of a settings or outlet file, or with a name, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

_WANTED = {
    "missing": "is needed and is not there",
    "model_type": "must be a table",
    "dict_type": "must be a table",
    "tuple_type": "must be a list",
    "too_short": "must not be empty",
    "string_type": "must be a text in quotes",
    "string_too_short": "must not be empty",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "date_from_datetime_parsing": "must be a day, as 2026-06-30",
    "date_parsing": "must be a day, as 2026-06-30",
    "date_type": "must be a day, as 2026-06-30",
    "path_type": "must be a path in quotes",
}
"""By pydantic's kinds of fault; its other sentences say well enough what is wanted."""


def wanted_by(problem: Any) -> str:
    """Say what a value must be, for one of pydantic's problems."""
    context = problem.get("ctx", {})
    for bound, words in (("ge", "at least"), ("le", "at most"), ("gt", "more than"), ("lt", "less than")):
        if bound in context:
            return f"must be {words} {context[bound]:g}"
    return _WANTED.get(problem["type"], str(problem["msg"]).removeprefix("Value error, "))


def akin(name: str, known: Iterable[str]) -> str:
    """Return ", perhaps X or Y" for the names that are like `name` or hold it, "" without any."""
    names = sorted(known)
    holding = [other for other in names if len(name) > 2 and name.lower() in other]
    like = list(dict.fromkeys([*get_close_matches(name.lower(), names), *holding]))[:4]
    return f", perhaps {' or '.join(like)}" if like else ""
