"""What is wrong with a value of a settings or outlet file, in words. Pure."""

from __future__ import annotations

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
    return _WANTED.get(problem["type"], str(problem["msg"]).removeprefix("Value error, "))
