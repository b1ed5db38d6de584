"""Dates as publishers write them: the literal, the instant in UTC, how it was read, and what is doubtful. Never now.

Order: ISO 8601 and epoch numbers, RFC 822, the outlet's own formats, then dateparser with fixed languages. A text
without a four-digit year is refused: every library makes one up.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crawler.deadline import undisturbed
from index.records import DateFlag, DateReading

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""Before the first news sites; older instants are flagged."""

FUTURE_SLACK = timedelta(days=1)

_ISO = re.compile(
    r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?"
    r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?$",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})T?(\d{2})(\d{2})(\d{2})(Z|[+-]\d{2}:?\d{2})?$")
_EPOCH = re.compile(r"^(\d{10}|\d{13})$")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)|(?<!\d)[１２][０-９]{3}(?!\d)|(?<!\d)1[34]\d{2}(?!\d)")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-]((?:19|20)\d{2})(?!\d)")
_OFFSET = re.compile(r"(?:Z|[+-]\d{2}:?\d{2})\s*$")
_CJK = re.compile(
    r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]?(?:.{0,6}?(\d{1,2})\s*[:時时시]\s*(\d{1,2})?)?"
)

# Offsets that publishers write as letters. PT, ET, CT, MT mean the zone, whatever the season.
_ZONES: dict[str, str | int] = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "BST": 60, "IST": 330, "WEST": 60, "CET": 60, "CEST": 120, "MEZ": 60,
    "MESZ": 120, "EET": 120, "EEST": 180, "MSK": 180, "TRT": 180, "AST": -240, "EST": -300, "EDT": -240, "CST": -360,
    "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "JST": 540, "KST": 540, "HKT": 480, "SGT": 480,
    "PKT": 300, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780, "SAST": 120, "IDT": 180,
    "ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles",
}  # fmt: skip
_ZONE_WORD = re.compile(r"(?<![A-Za-z])(" + "|".join(sorted(_ZONES, key=len, reverse=True)) + r")(?![A-Za-z])")
_WEEKDAYS = {
    "en": "monday tuesday wednesday thursday friday saturday sunday",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "de": "montag dienstag mittwoch donnerstag freitag samstag sonntag",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
    "it": "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "nl": "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "pt": "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
    "ru": "понедельник вторник среда четверг пятница суббота воскресенье",
}
_SHORT = {"mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4, "sat": 5, "sun": 6}
_LABEL = re.compile(
    r"^(?:first\s+)?(?:published|updated|last\s+updated|last\s+modified|posted|modified|publié|mis\s+à\s+jour|"
    r"aktualisiert|veröffentlicht|stand|publicado|actualizado|pubblicato|aggiornato)"
    r"(?:\s+(?:on|at|le|am|el|il))?\s*:?\s*",
    re.IGNORECASE,
)


def read_date(
    text: str | None,
    *,
    now: datetime,
    languages: Sequence[str] = ("en",),
    formats: Sequence[str] = (),
    zone: str = "",
    method: str = "",
) -> DateReading:
    """Read one date. `zone` (IANA) is meant where the text names none; without it UTC is assumed, and said.

    What cannot be read keeps its literal, without an instant, flagged `missing`.
    """
    if text is None or not text.strip():
        return DateReading(None, None, method, (DateFlag.MISSING,))
    literal = text.strip()
    plain = _plain(literal)
    flags: list[DateFlag] = []
    moment, how = _read(plain, languages=languages, formats=formats, flags=flags)
    if moment is None:
        return DateReading(literal, None, method, (DateFlag.MISSING,))
    if moment.tzinfo is None:
        named = _zone(zone)
        if named is None:
            flags.append(DateFlag.ZONE_ASSUMED)
        moment = moment.replace(tzinfo=named or UTC)
    written = _weekday_in(plain)
    if written is not None and written != moment.weekday():
        flags.append(DateFlag.WEEKDAY_CONFLICT)
    try:
        instant = moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return DateReading(literal, None, method, (DateFlag.MISSING,))
    if instant > now + FUTURE_SLACK:
        flags.append(DateFlag.FUTURE)
    if instant < EARLIEST:
        flags.append(DateFlag.TOO_OLD)
    return DateReading(literal, instant, f"{method}:{how}" if method else how, tuple(dict.fromkeys(flags)))


def _plain(text: str) -> str:
    """Fold spaces of all kinds, digits of all scripts, and the words that stand before a date."""
    folded = unicodedata.normalize("NFKC", text).replace("\u200e", "").replace("\u200f", "")
    digits = "".join(str(unicodedata.digit(char)) if char.isdigit() and not char.isascii() else char for char in folded)
    return _LABEL.sub("", " ".join(digits.split())).strip(" |·•-")[:120]


def _read(
    plain: str, *, languages: Sequence[str], formats: Sequence[str], flags: list[DateFlag]
) -> tuple[datetime | None, str]:
    for reader, name in ((_iso, "iso"), (_epoch, "epoch"), (_rfc822, "rfc822"), (_cjk, "iso")):
        try:
            moment = reader(plain)
        except (ValueError, OverflowError, TypeError, IndexError):
            return None, ""
        if moment is not None:
            return moment, name
    for pattern in formats:
        try:
            return _with_zone(datetime.strptime(plain, pattern), plain, pattern), "format"  # noqa: DTZ007 - zone below
        except ValueError:
            continue
    if not _YEAR.search(plain):
        return None, ""
    return _worded(plain, languages, flags), "words"


def _iso(plain: str) -> datetime | None:
    found = _ISO.match(plain) or _COMPACT.match(plain)
    if found is None:
        return None
    year, month, day, hour, minute, second, offset = found.groups()
    moment = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))  # noqa: DTZ001
    return moment if offset is None else moment.replace(tzinfo=_offset(offset))


def _epoch(plain: str) -> datetime | None:
    found = _EPOCH.match(plain)
    if found is None:
        return None
    seconds = int(plain) / (1000 if len(plain) == 13 else 1)
    return datetime.fromtimestamp(seconds, UTC)


def _rfc822(plain: str) -> datetime | None:
    if not re.match(r"^[A-Za-z]{3},? \d{1,2} [A-Za-z]{3} \d{4} \d", plain):
        return None
    if _OFFSET.search(plain) or plain.endswith(("GMT", "UTC")):
        return parsedate_to_datetime(plain)
    return None


def _cjk(plain: str) -> datetime | None:
    found = _CJK.search(plain)
    if found is None:
        return None
    year, month, day, hour, minute = (int(part) if part else 0 for part in found.groups())
    if re.search("午後|下午|오후", plain) and hour < 12:
        hour += 12
    return datetime(year, month, day, hour, minute)  # noqa: DTZ001 - the zone is the caller's to say


def _worded(plain: str, languages: Sequence[str], flags: list[DateFlag]) -> datetime | None:
    """Let dateparser read what is left, in the languages given, with the zone taken out and put back by ours."""
    with undisturbed():
        import dateparser

    zone_word = _ZONE_WORD.search(plain)
    offset = re.search(r"(?:GMT|UTC)?\s*([+-]\d{2}:?\d{2})\s*$", plain)
    bare = plain
    zone: tzinfo | None = None
    if offset is not None:
        zone, bare = _offset(offset.group(1)), plain[: offset.start()]
    elif zone_word is not None:
        zone, bare = _named_zone(zone_word.group(1)), plain[: zone_word.start()] + " " + plain[zone_word.end() :]
    numeric = _NUMERIC.search(bare)
    order = "DMY"
    if numeric is not None:
        first, second = int(numeric.group(1)), int(numeric.group(2))
        order = "MDY" if second > 12 or (first <= 12 and languages[:1] == ("en",)) else "DMY"
        if first <= 12 and second <= 12 and first != second:
            flags.append(DateFlag.DAY_MONTH_GUESSED)
            order = "DMY"
    bare = _without_weekday(bare)
    settings = {
        "DATE_ORDER": order,
        "STRICT_PARSING": True,
        "PARSERS": ["custom-formats", "absolute-time"],
        "RETURN_AS_TIMEZONE_AWARE": False,
        "PREFER_DAY_OF_MONTH": "first",
    }
    known = [code if code != "no" else "nb" for code in languages] or ["en"]
    try:
        moment: datetime | None = dateparser.parse(bare, languages=known, settings=settings)
        if moment is None and "en" not in known:
            moment = dateparser.parse(bare, languages=["en"], settings=settings)
    except (ValueError, OverflowError, TypeError, AttributeError, re.error):
        return None
    return moment if moment is None or zone is None else moment.replace(tzinfo=zone)


def _with_zone(moment: datetime, plain: str, pattern: str) -> datetime:
    """Give a time read by an outlet's format the zone that stands in the text, where the format passed over it."""
    if moment.tzinfo is not None:
        return moment
    word = _ZONE_WORD.search(plain)
    zone = _named_zone(word.group(1)) if word is not None and word.group(1) in pattern else None
    return moment if zone is None else moment.replace(tzinfo=zone)


def _offset(text: str) -> tzinfo | None:
    """Read the offset a text names; None for one that no clock has."""
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    sign = -1 if text.startswith("-") else 1
    digits = re.sub(r"\D", "", text)
    away = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4] or 0))
    return timezone(sign * away) if away < timedelta(hours=24) else None


def _named_zone(word: str) -> tzinfo | None:
    meant = _ZONES[word]
    return timezone(timedelta(minutes=meant)) if isinstance(meant, int) else _zone(meant)


def _zone(name: str) -> tzinfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _weekday_in(plain: str) -> int | None:
    """The weekday a text names, 0 for Monday; None when it names none."""
    words = re.findall(r"[^\W\d_]+(?:-feira)?", plain.casefold())
    for word in words:
        if word in _SHORT:
            return _SHORT[word]
        for names in _WEEKDAYS.values():
            listed = names.split()
            if word in listed:
                return listed.index(word)
    return None


def _without_weekday(text: str) -> str:
    """Take the weekday out: a wrong one makes a parser refuse the whole date, and we judge it ourselves."""
    names = {*_SHORT, *(name for listed in _WEEKDAYS.values() for name in listed.split())}
    return re.sub(
        r"[^\W\d_]+(?:-feira)?[.,]?",
        lambda found: "" if found.group().casefold().rstrip(".,") in names else found.group(),
        text,
    )
