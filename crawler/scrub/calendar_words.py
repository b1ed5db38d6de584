"""Where a text gives a date or a time: the only words of the publisher's that stay, with the digits beside them."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module

LANGUAGES = (
    "en", "fr", "de", "es", "pt", "it", "nl", "sv", "nb", "da", "fi", "ru", "uk", "tr", "ar", "fa", "he", "ko", "el",
    "hi", "cs", "pl", "hu", "ro", "bg", "hr", "sr", "sk", "sl", "lt", "lv", "et", "id", "vi", "ca",
)  # fmt: skip
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
           "december")  # fmt: skip
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_BESIDE_WORDS = (
    "am pm a.m p.m st nd rd th of at on de del um uhr г года р kl le el à às den der klo est edt et pt cet "
    "cest gmt utc bst ist jst kst msk hkt sgt z t h min"
)
_BESIDE = frozenset(_BESIDE_WORDS.split())
_TOKEN = re.compile(r"\d+|[^\W\d_]+(?:\.(?=[^\W\d_]))?[^\W\d_]*\.?|[^\w\s]+|_+|\s+")
_NUMERIC = re.compile(
    r"(?<!\d)(?:\d{4}-\d{1,2}-\d{1,2}(?:[T ]\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?\s?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
    r"|(?:19|20)\d{6}T?\d{4,6}Z?"
    r"|(?:19|20)\d{2}[/.]\d{1,2}[/.]\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)?\d{2}|\d{1,2}:\d{2}(?::\d{2})?"
    r"|(?:19|20)\d{2}\s*[年년]\s*\d{1,2}\s*[月월]\s*\d{1,2}\s*[日일]?(?:[^\d]{0,6}\d{1,2}\s*[:時时시点]\s*\d{0,2}\s*[分분]?)?"
    r"|\d{1,2}\s*[月월]\s*\d{1,2}\s*[日일]|(?:19|20)\d{2})(?!\d)"
)
MOST_GAP = 3


def date_spans(text: str) -> list[tuple[int, int]]:
    """Return where dates, times and years stand in a text, in order, none overlapping another."""
    spans = [found.span() for found in _NUMERIC.finditer(text)]
    if any(sign.isdigit() for sign in text):
        spans += _written_out(text)
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def is_date(text: str) -> bool:
    """Say whether a whole value is a date or an epoch number."""
    bare = text.strip()
    if re.fullmatch(r"1\d{9}(?:\d{3})?", bare):
        return True
    covered = sum(end - begin for begin, end in date_spans(bare))
    return covered > 0 and covered >= len(bare.strip(" .,|")) - MOST_GAP and len(bare) > 4


def _written_out(text: str) -> list[tuple[int, int]]:
    """Runs of numbers, months, weekdays and the little words between them that name a month or a weekday."""
    months, days = _calendar()
    found: list[tuple[int, int]] = []
    run: list[tuple[int, int, bool]] = []
    has_number = has_name = False

    def close() -> None:
        nonlocal run, has_number, has_name
        solid = [(begin, end) for begin, end, is_solid in run if is_solid]
        if has_number and has_name:
            found.append((solid[0][0], solid[-1][1]))
        run, has_number, has_name = [], False, False

    for token in _TOKEN.finditer(text):
        word = token.group()
        plain = word.casefold().rstrip(".")
        if word.isdigit() and len(word) <= 4:
            has_number = True
            run.append((*token.span(), True))
        elif plain in months or plain in days:
            has_name = True
            run.append((*token.span(), True))
        elif plain in _BESIDE:
            run.append((*token.span(), bool(run) and plain in ("am", "pm", "a.m", "p.m", "et", "gmt", "utc", "uhr")))
        elif word.isspace() or (len(word) <= 2 and not word.isalnum()):
            if run:
                run.append((*token.span(), False))
        else:
            close()
    close()
    return found


@cache
def _calendar() -> tuple[frozenset[str], frozenset[str]]:
    months: set[str] = set()
    days: set[str] = set()
    for language in LANGUAGES:
        info = import_module(f"dateparser.data.date_translation_data.{language}").info
        for names, keys in ((months, _MONTHS), (days, _DAYS)):
            names.update(name.casefold().rstrip(".") for key in keys for name in info.get(key, ()) if len(name) > 2)
    return frozenset(months), frozenset(days)
