"""The fields of an article besides its text: each by the outlet's rule, which never falls back, or by the fallbacks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from config.outlets import FieldRule
from crawler.extract import fallback
from crawler.extract.authors import authors_of, byline_in_opening
from crawler.extract.bylines import clean_authors, names_a_person
from crawler.extract.dates import read_date
from crawler.extract.draft import Draft
from crawler.extract.rules import apply_rule, caught, select
from crawler.extract.titles import search_title, title_of
from index.records import DateFlag, DateReading, TraceStep
from index.urls import absolute_url, same_outlet

_CLOCK = re.compile(r"\d\s*[:時时시]|\d{8}T?\d{6}")
"""A time of day in a date's literal."""


def title_in(draft: Draft) -> tuple[str, str]:
    """Return headline and search title. A rule gives the headline; the search title always comes from metadata."""
    rule = draft.rules.title
    if rule is not None:
        reading = apply_rule(draft.tree, "title", rule)
        step, title = reading.step, (reading.values[0] if reading.values else "")
    else:
        step = title_of(draft.tree, draft.meta, houses=draft.houses)
        title = step.value
    draft.trace.append(step)
    return title, search_title(draft.tree, draft.meta, title=title, houses=draft.houses)


def authors_in(draft: Draft, *, title: str) -> tuple[str, ...]:
    """Return the names of the authors, cleaned; `title` is the headline near which a byline is looked for."""
    rule = draft.rules.authors
    if rule is not None:
        reading = apply_rule(draft.tree, "authors", rule)
        draft.trace.append(reading.step)
        return clean_authors(reading.values, houses=draft.houses)
    names, step = authors_of(draft.tree, draft.meta, title=title, houses=draft.houses)
    draft.trace.append(step)
    return names


def authors_in_opening(draft: Draft, authors: tuple[str, ...], opening: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Return the authors and the line they stand in, where the page names no person but a byline opens its text.

    The line is "" where the authors stay as they were.
    """
    if draft.rules.authors is not None or names_a_person(authors, draft.houses):
        return authors, ""
    found = byline_in_opening(opening, houses=draft.houses)
    if found is None:
        return authors, ""
    names, step = found
    draft.trace.append(step)
    return names, step.raw


def date_in(draft: Draft, name: str) -> DateReading:
    """Return `published` or `updated`."""
    rule: FieldRule | None = getattr(draft.rules, name)
    if rule is None:
        if name == "updated" and draft.rules.published is not None:
            return DateReading(None, None)
        reading, step = fallback.date_of(
            draft.tree, draft.meta, name, html=draft.html, url=draft.page.url, now=draft.now, languages=draft.languages
        )
        moved = _in_zone(draft, reading)
        draft.trace.append(step if moved is reading or moved.at is None else replace(step, value=moved.at.isoformat()))
        return moved
    found = apply_rule(draft.tree, name, rule)
    draft.trace.append(found.step)
    if not found.values:
        missing = (DateFlag.MISSING,) if name == "published" else ()
        return DateReading(None, None, "rule", missing)
    literal = _literal(draft, rule) or found.values[0]
    read = read_date(
        found.values[0], now=draft.now, languages=draft.languages, formats=rule.formats, zone=rule.zone, method="rule"
    )
    return _in_zone(draft, DateReading(literal, read.at, read.method, read.flags))


def names_a_time(literal: str) -> bool:
    """Say whether a date's literal names a time of day, not only a day."""
    return _CLOCK.search(literal) is not None


def _in_zone(draft: Draft, reading: DateReading) -> DateReading:
    """Move a time without zone into the outlet's; a day without time stays that day."""
    zone = draft.spec.zone if draft.spec is not None else ""
    if not zone or reading.at is None or DateFlag.ZONE_ASSUMED not in reading.flags:
        return reading
    if not names_a_time(reading.text or ""):
        return reading
    try:
        at = reading.at.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except OverflowError:
        return reading  # the first or the last day a calendar has
    flags = tuple(flag for flag in reading.flags if flag is not DateFlag.ZONE_ASSUMED)
    return DateReading(reading.text, at, reading.method, flags)


def _literal(draft: Draft, rule: FieldRule) -> str:
    """The publisher's own string, with the spaces it was written with; what the pattern caught where there is one."""
    for node in select(draft.tree, rule.selector):
        raw = (node.attributes.get(rule.attribute) or "") if rule.attribute else node.text()
        value = caught(raw.strip(), rule.pattern)
        if value:
            return value
    return ""


def read_minutes_in(draft: Draft) -> int | None:
    """Return the reading time the outlet gives; only a rule finds it."""
    rule = draft.rules.read_minutes
    if rule is None:
        return None
    reading = apply_rule(draft.tree, "read_minutes", rule)
    draft.trace.append(reading.step)
    digits = re.search(r"\d{1,3}", reading.values[0]) if reading.values else None
    return int(digits.group()) if digits else None


def canonical_in(draft: Draft) -> str:
    """The address the page calls its own, where it is of the same outlet; the page's address otherwise."""
    for value, name in ((draft.meta.canonical, "link rel=canonical"), (draft.meta.first("og:url")[0], "og:url")):
        url = absolute_url(draft.page.url, value) if value else None
        if url is None:
            continue
        ours = draft.spec.owns(url) if draft.spec is not None else same_outlet(url, draft.page.url)
        said = url if ours else f"{url} is of another outlet; the page's own address is kept"
        draft.trace.append(TraceStep("canonical_url", name, matches=1, raw=value, value=said))
        if ours and urlsplit(url).path not in ("", "/"):
            return url
        if ours:
            continue
        return draft.page.url
    return draft.page.url
