"""When something is done again, as an operator writes it: a cron line, `every 30m`, or `adaptive 10m-6h`. Pure.

What the text means for a given instant is index.schedules' part.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cronsim import CronSim, CronSimError
from cronsim.explain import Expression

from config.counting import counted
from config.errors import UsageError
from config.when_meant import DAYS, meant_whens

LEAST = timedelta(minutes=1)
MOST = timedelta(days=31)

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SPAN = re.compile(r"(\d+)\s*(s|sec|seconds?|m|min|mins|minutes?|h|hr|hrs|hours?|d|days?|w|weeks?)", re.IGNORECASE)
_EVERY = re.compile(rf"(?:every\s+)?{_SPAN.pattern}", re.IGNORECASE)
_ADAPTIVE = re.compile(rf"adaptive(?:\s+{_SPAN.pattern}\s*(?:-|–|to)\s*{_SPAN.pattern})?", re.IGNORECASE)
_NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
    "yearly": "0 0 1 1 *",
    "monthly": "0 0 1 * *",
    "weekly": "0 0 * * 0",
    "daily": "0 0 * * *",
    "hourly": "0 * * * *",
}
_FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")),
    ("day of the week", 0, 7, DAYS),
)
_ANY_TIME = datetime(2024, 1, 1, tzinfo=UTC)
_EXAMPLES = "`every 30m`, `adaptive 10m-6h`, or a cron line such as `15 */2 * * *`"


class WhenError(UsageError):
    """A text that says no time. `meant` is what was probably meant, "" where nobody can tell."""

    def __init__(self, sentence: str, meant: str = "") -> None:
        self.said = sentence
        self.meant = meant
        super().__init__(f"{sentence}{f'; did you mean `{meant}`?' if meant else ''}")


@dataclass(frozen=True, slots=True)
class When:
    """A schedule's times. `text` is the one way to write it; of the others just one is set.

    `cron` is a line of five fields in Debian's meaning, `every` a fixed interval, `between` the shortest and the
    longest interval of a schedule that follows how often its outlet writes.
    """

    text: str
    cron: str = ""
    every: timedelta | None = None
    between: tuple[timedelta, timedelta] | None = None

    @property
    def in_words(self) -> str:
        """Say it in plain words."""
        if self.cron:
            return Expression(["0", *self.cron.upper().split()]).explain()
        if self.every is not None:
            return f"Every {span_told(self.every)}"
        assert self.between is not None
        low, high = self.between
        return f"As often as the outlet writes, every {span_told(low)} at most and every {span_told(high)} at least"


DEFAULT_BETWEEN = (timedelta(minutes=15), timedelta(hours=12))


@lru_cache(maxsize=4096)  # the scheduler reads the same lines at every tick
def parse_when(text: str) -> When:
    """Read a WHEN. Raises WhenError saying what is wrong with it and what was probably meant."""
    given = " ".join(text.split())
    try:
        return _read(given)
    except WhenError as error:
        if error.meant:
            raise
        raise WhenError(error.said, next(filter(_is_when, meant_whens(given)), "")) from None


def _is_when(text: str) -> bool:
    try:
        return bool(_read(text))
    except WhenError:
        return False


def _read(given: str) -> When:
    if not given:
        raise WhenError(f"a schedule needs a time: {_EXAMPLES}")
    if found := _ADAPTIVE.fullmatch(given):
        return _adaptive(given, found)
    if found := _EVERY.fullmatch(given):
        return _every(given, found)
    nickname = _NICKNAMES.get(given.lower())
    if nickname is not None:
        raise WhenError(f"{given}: nicknames are not read, for each program means its own by them", nickname)
    if given.lower().startswith(("every", "adaptive")):
        raise WhenError(f"{given}: no interval can be read from it; write {_EXAMPLES}")
    return _cron(given)


def parse_span(text: str) -> timedelta:
    """Read a span of time, `90s`, `5m`, `2h`. Raises WhenError."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise WhenError(f"{text}: is no span of time; write a number and its unit, as 90s, 5m or 2h")
    return _span(found[1], found[2])


def span_told(span: timedelta) -> str:
    """Say a span in its largest whole unit: `90 minutes`, `2 hours`, `1 day`."""
    seconds = round(span.total_seconds())
    for unit, size in (("week", 604800), ("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size and seconds % size == 0:
            return counted(seconds // size, unit)
    return counted(seconds, "second")


def span_written(span: timedelta) -> str:
    """Write a span as `parse_when` reads it: `90m`, `2h`, `1d`."""
    seconds = round(span.total_seconds())
    for unit in ("d", "h", "m"):
        if seconds % _UNITS[unit] == 0:
            return f"{seconds // _UNITS[unit]}{unit}"
    return f"{seconds}s"


def _span(number: str, unit: str) -> timedelta:
    # A number of a thousand digits is no interval, and no timedelta.
    return timedelta(seconds=min(int(number[:12]), 10**9) * _UNITS[unit[0].lower()])


def _every(given: str, found: re.Match[str]) -> When:
    span = _span(found[1], found[2])
    if span < LEAST:
        raise WhenError(f"{given}: an outlet is crawled once a minute at the most", "every 1m")
    if span > MOST:
        raise WhenError(f"{given}: the longest interval is {span_told(MOST)}", "every 31d")
    return When(f"every {span_written(span)}", every=span)


def _adaptive(given: str, found: re.Match[str]) -> When:
    low, high = DEFAULT_BETWEEN
    if found[1]:
        low, high = _span(found[1], found[2]), _span(found[3], found[4])
    if low > high:
        turned = f"adaptive {span_written(high)}-{span_written(low)}"
        raise WhenError(f"{given}: the shortest interval stands first", turned if high >= LEAST else "")
    if low < LEAST or high > MOST:
        raise WhenError(f"{given}: intervals lie between {span_told(LEAST)} and {span_told(MOST)}", "adaptive 10m-6h")
    return When(f"adaptive {span_written(low)}-{span_written(high)}", between=(low, high))


def _cron(given: str) -> When:
    fields = given.split()
    if len(fields) != len(_FIELDS):
        said = (
            f"{given}: a cron line has five fields (minute, hour, day, month, day of the week), this has {len(fields)}"
        )
        has_seconds = len(fields) == 6 and not re.fullmatch(r"20\d\d", fields[-1])
        if has_seconds and (meant := _mended(fields[1:])):
            raise WhenError(f"{said}; seconds are not read", meant)
        raise WhenError(said if len(fields) > 1 else f"{given}: no time can be read from it; write {_EXAMPLES}")
    fault = _why_no_cron(fields)
    if fault:
        raise WhenError(f"{given}: {fault}", _mended(fields) or _as_interval(fields))
    return When(" ".join(fields), cron=" ".join(fields))


def _why_no_cron(fields: list[str]) -> str:
    """Say what is wrong with five fields; "" where they name a time."""
    for field, (name, low, high, names) in zip(fields, _FIELDS, strict=True):
        alone = ["0", "0", "1", "1", "*"]
        alone[[one[0] for one in _FIELDS].index(name)] = field
        try:
            CronSim(" ".join(alone), _ANY_TIME)
        except CronSimError:
            named = f" or {names[0]} to {names[-1]}" if names else ""
            return f"`{field}` is no {name} ({low} to {high}{named}, `*`, lists, ranges, steps)"
        if _steps(field) > high - low:
            return f"the steps of `{field}` lead past the last {name}, so only the first would count"
    try:
        next(CronSim(" ".join(fields), _ANY_TIME))
    except (CronSimError, StopIteration):
        return "no such day ever comes"
    return ""


def _steps(field: str) -> int:
    """Return the largest step of a field; 0 where it has none."""
    return max((int(step) for step in re.findall(r"/(\d{1,6})", field)), default=0)


def _as_interval(fields: list[str]) -> str:
    """Return the interval that was probably meant by steps of more than an hour or a day; "" where none was."""
    minute, hour, *days = fields
    if days != ["*", "*", "*"]:
        return ""
    if re.fullmatch(r"[*0]/\d+", minute) and hour == "*":
        return f"every {_steps(minute)}m"
    return f"every {_steps(hour)}h" if re.fullmatch(r"[*0]/\d+", hour) and minute.isdecimal() else ""


def _mended(fields: list[str]) -> str:
    """Return the line that was probably meant; "" where that cannot be told."""
    mended = [_mended_field(field, *shape) for field, shape in zip(fields, _FIELDS, strict=True)]
    for day in (mended[2], "30", "29", "28"):
        line = [mended[0], mended[1], day, *mended[3:]]
        if _why_no_cron(line) == "":
            return " ".join(line)
    return ""


def _mended_field(field: str, name: str, low: int, high: int, names: tuple[str, ...]) -> str:
    field = "*" if field == "?" else f"*{field}" if field.startswith("/") else field.rstrip(",").replace("*/0", "*")
    field = re.sub(r"[^\W\d_]{4,}", lambda word: word[0][:3] if word[0][:3].lower() in names else word[0], field)
    field = re.sub(r"\b[A-Za-z]{2}\b", lambda word: _whole_name(word[0], names), field)
    turned = re.fullmatch(r"(\d{1,2})-(\d{1,2})", field)
    if turned and int(turned[1]) > int(turned[2]) and name != "hour":
        return f"{turned[2]}-{turned[1]}"
    if turned and int(turned[1]) > int(turned[2]):
        return f"{turned[1]}-{high},{low}-{turned[2]}"  # 22-6 is the night

    if _steps(field) > high - low:
        return field  # an interval was meant, or nobody can tell

    def within(number: re.Match[str]) -> str:
        value = int(number[0])
        return str(low if value == high + 1 or value < low else min(value, high))

    return re.sub(r"\d{1,4}", within, field)


def _whole_name(part: str, names: tuple[str, ...]) -> str:
    """Return the one name that begins so, `Mon` for `Mo`; the part itself where none or several do."""
    found = [name for name in names if name.startswith(part.lower())]
    return found[0].capitalize() if len(found) == 1 else part
