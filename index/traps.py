"""Addresses that look endless. Pure: one address is judged by itself; the budgets of a run bound the rest."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import parse_qsl, urlsplit

from config.counting import counted
from config.settings import Settings

SESSION_KEYS = re.compile(
    r"^(phpsessid|jsessionid|aspsessionid\w*|sid|session_?id|sessid|cfid|cftoken)$", re.IGNORECASE
)
SESSION_PATH = re.compile(r";(jsessionid|phpsessid)=", re.IGNORECASE)
MAX_QUERY_KEYS = 12
CALENDAR = re.compile(
    r"(?:^|/)(?:calendar|calendrier|kalender|calendario|agenda|events?|archive-day)"
    r"(?:/.*?)?/(?P<year>[12]\d{3})(?:[/-](?P<month>\d{1,2}))?(?:[/-](?P<day>\d{1,2}))?(?:\.\w{2,5})?/?$",
    re.IGNORECASE,
)
CALENDAR_QUERY = re.compile(r"^(month|year|date|day|week|mois|monat)$", re.IGNORECASE)
CALENDAR_MARK = re.compile(r"(calendar|calendrier|kalender|calendario|agenda|events?)(/|$)", re.IGNORECASE)


def why_trap(url: str, settings: Settings) -> str | None:
    """Say why an address looks endless, None when it does not: too long, too deep, repeating, a session, a calendar.

    A calendar page is never an article, and its links to the next month never end: such addresses are not asked for.
    """
    limits = settings.crawler
    if len(url) > limits.max_url_chars:
        return f"The address has {counted(len(url), 'character')}; the limit is {limits.max_url_chars}."
    try:
        parts = urlsplit(url)
    except ValueError:
        return "The address cannot be read."
    segments = [segment for segment in parts.path.split("/") if segment]
    if len(segments) > limits.max_path_segments:
        return f"The path has {counted(len(segments), 'segment')}; the limit is {limits.max_path_segments}."
    repeated, times = Counter(segments).most_common(1)[0] if segments else ("", 0)
    if times > limits.max_segment_repeats:
        return (
            f"The path repeats {repeated[:60]!r} {counted(times, 'time')}; the limit is {limits.max_segment_repeats}."
        )
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if SESSION_PATH.search(parts.path) or any(SESSION_KEYS.match(key) for key, _ in pairs):
        return "The address carries a session id."
    if len(pairs) > MAX_QUERY_KEYS:
        return f"The query has {counted(len(pairs), 'key')}; the limit is {MAX_QUERY_KEYS}."
    if CALENDAR.search(parts.path):
        return "A calendar page: its links to the next one never end."
    if CALENDAR_MARK.search(parts.path) and any(CALENDAR_QUERY.match(key) for key, _ in pairs):
        return "A calendar page: its links to the next one never end."
    return None
