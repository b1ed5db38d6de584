"""What an operator probably meant by a WHEN that cannot be read: texts to try, the likeliest first. Pure guesses."""

from __future__ import annotations

import re
from collections.abc import Iterator

DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")

_MINUTES = {"m": 1, "h": 60, "d": 1440, "w": 10080}
_UNITS = r"(minutes?|mins?|m|hours?|hrs?|hr|h|days?|d|weeks?|w)"
_PART = re.compile(rf"(\d+(?:[.,]\d+)?)\s*{_UNITS}(?![a-z])")
_SPOKEN = {
    "half an hour": 30,
    "half hour": 30,
    "quarter of an hour": 15,
    "quarter hour": 15,
    "twice an hour": 30,
    "twice a day": 720,
    "other hour": 120,
    "other day": 2880,
    "minute": 1,
    "hour": 60,
    "day": 1440,
    "night": 1440,
    "week": 10080,
}
_NUMBERS = {
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "eight": "8",
    "ten": "10",
    "twelve": "12",
    "fifteen": "15",
    "twenty": "20",
    "thirty": "30",
    "forty": "40",
    "sixty": "60",
    "ninety": "90",
}
_CLOCK = re.compile(r"(?<![\d:])(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm|uhr|h)?(?![\w:])")
_SAID_WITH_A_CLOCK = {"": "*", "day": "*", "daily": "*", "night": "*", "weekday": "1-5", "weekend": "0,6"}
_FILLING = re.compile(r"\b(every|each|at|on|and|the|o'clock)\b|[,@]")
_CRON_FIELD = re.compile(r"[\d*/,\-?]+")


def meant_whens(given: str) -> Iterator[str]:
    """Yield what `given` may have been meant as; some of it may be no time either."""
    said = given.lower().removeprefix("@").strip()
    if said.startswith("adaptive"):
        yield from _adaptive(said)
        return
    fields = given.split()
    if len(fields) > 1 and all(_CRON_FIELD.fullmatch(field) for field in fields):
        yield from _cron(fields)
        return
    bare = re.sub(r"^(every|each)\b", "", said).strip(" -+")
    bare = re.sub(r"[a-z]+", lambda word: _NUMBERS.get(word[0], word[0]), bare)
    if found := re.fullmatch(r"(?:\*/)?(\d{1,5})", bare):
        yield f"every {max(1, int(found[1]))}m"
    elif bare in _SPOKEN or bare.removeprefix("an ").removeprefix("a ") in _SPOKEN:
        yield _every(_SPOKEN.get(bare) or _SPOKEN[bare.removeprefix("an ").removeprefix("a ")])
    elif _PART.search(bare) and not re.sub(r"\band\b|[\s,+]", "", _PART.sub("", bare)):
        yield _every(sum(float(number.replace(",", ".")) * _MINUTES[unit[0]] for number, unit in _PART.findall(bare)))
    else:
        yield from _at_a_clock(said)
    if len(fields) > 5:
        yield " ".join(fields[1:6])


def _adaptive(said: str) -> Iterator[str]:
    spans = [f"{number}{unit[0]}" for number, unit in re.findall(rf"(\d+)\s*{_UNITS}(?![a-z])", said)]
    if len(spans) == 1:
        yield f"adaptive {spans[0]}-12h"
        yield f"adaptive 15m-{spans[0]}"
    yield f"adaptive {spans[0]}-{spans[1]}" if len(spans) == 2 else "adaptive 15m-12h"


def _cron(fields: list[str]) -> Iterator[str]:
    fields = ["*" if field == "?" else field for field in fields]
    if len(fields) < 5:
        yield " ".join([*fields, *["*"] * (5 - len(fields))])
    elif len(fields) == 6 and len(fields[-1]) == 4:
        yield " ".join(fields[:5])  # the last one is a year
    else:
        yield " ".join(fields[1:6])  # seconds stand first, and a year may follow


def _at_a_clock(said: str) -> Iterator[str]:
    """Read `6:30`, `every day at 6pm`, `MON-FRI 06:00` as a cron line."""
    clocks = _CLOCK.findall(said)
    if not clocks:
        return
    days = _days(" ".join(_FILLING.sub(" ", _CLOCK.sub(" ", said)).split()))
    hours = [int(hour) % 12 + 12 * (half == "pm") if half in ("am", "pm") else int(hour) for hour, _, half in clocks]
    minutes = {int(minute or 0) for _, minute, _ in clocks}
    if days and len(minutes) == 1:
        yield f"{minutes.pop()} {','.join(map(str, sorted(set(hours))))} * * {days}"


def _days(said: str) -> str:
    """Return the days of the week that some words name, as cron writes them; "" where they name none."""
    if said.removesuffix("s") in _SAID_WITH_A_CLOCK:
        return _SAID_WITH_A_CLOCK[said.removesuffix("s")]
    named = re.findall(r"[a-z]+|-", said)
    known = [word if word == "-" else next((day for day in DAYS if word.startswith(day)), "") for word in named]
    if not all(known):
        return ""
    return re.sub(r",?-,?", "-", ",".join(known))


def _every(minutes: float) -> str:
    whole = max(1, round(minutes))
    return f"every {whole // 60}h" if whole % 60 == 0 else f"every {whole}m"
