"""A line of text already extracted into an Article. Pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time

from config.outlets import OutletSpec
from crawler.extract.dates import FUTURE_SLACK
from crawler.identity import clean_url
from crawler.import_files import TextRecord
from index.records import Article, ArticleFlag, DateFlag, DateReading

TITLE_CHARS = 120


def article_of_line(
    record: TextRecord, *, outlet: str, spec: OutletSpec | None, language: str, now: datetime
) -> Article:
    """Make the article of a line, by its url or as urn:watchfloor:OUTLET:ID. Raises ValueError for a broken url."""
    text = paragraphs_of(record.text)
    flags = [] if spec is not None else [ArticleFlag.PROVISIONAL_OUTLET]
    title = " ".join(record.title.split())
    if not title:
        title = first_sentence(text)
        flags.append(ArticleFlag.TITLE_FROM_TEXT)
    url = clean_url(record.url, spec) if record.url else f"urn:watchfloor:{outlet}:{record.id}"
    return Article(
        url=url,
        canonical_url=url,
        outlet=outlet,
        title=title,
        text=text,
        published=date_of(record.date, now=now),
        language=language,
        flags=tuple(flags),
        import_id=record.id or None,
    )


def paragraphs_of(text: str) -> str:
    """Return paragraphs joined by a blank line; where there is no blank line, each line is a paragraph."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    parts = re.split(r"\n\s*\n", lines) if re.search(r"\n\s*\n", lines.strip()) else lines.split("\n")
    return "\n\n".join(folded for part in parts if (folded := " ".join(part.split())))


def first_sentence(text: str) -> str:
    """Return the first sentence of a text, cut at a word where it is long."""
    first = text.split("\n\n", 1)[0]
    sentence = re.split(r"(?<=[.!?。！？])\s", first, maxsplit=1)[0]
    if len(sentence) <= TITLE_CHARS:
        return sentence
    return sentence[:TITLE_CHARS].rsplit(" ", 1)[0] + "…"


def date_of(text: str, *, now: datetime) -> DateReading:
    """Read an ISO 8601 date, as archives write it; without a zone UTC is assumed, and said.

    One of the future is flagged as on a page. An early one is not: archives are older than the first news sites.
    """
    literal = text.strip()
    if not literal:
        return DateReading(None, None, flags=(DateFlag.MISSING,))
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", literal):
            moment = datetime.combine(date.fromisoformat(literal), time())
        else:
            moment = datetime.fromisoformat(literal)
        flags: tuple[DateFlag, ...] = () if moment.tzinfo is not None else (DateFlag.ZONE_ASSUMED,)
        instant = moment.astimezone(UTC) if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # no date, or an hour before the year 1 or after 9999 in UTC
        return DateReading(literal, None, flags=(DateFlag.MISSING,))
    if instant > now + FUTURE_SLACK:
        flags += (DateFlag.FUTURE,)
    return DateReading(literal, instant, "import", flags)
