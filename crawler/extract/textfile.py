"""A text file in ForeMedia's form: byline, read time and update line, paragraphs, a line of backlinks. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from config.counting import counted
from crawler.extract.bylines import clean_authors
from crawler.extract.dates import read_date
from crawler.extract.language import language_of
from crawler.extract.links import labels_in
from index.outcomes import Outcome
from index.records import Article, ArticleFlag, DateFlag, DateReading, Extraction, Link, Role, TraceStep

TITLE_CHARS = 300
MIN_CHARS = 140

_BYLINE = re.compile(r"^by\s+(?P<names>.+?)(?:,\s*(?P<outlet>[^,]+))?$", re.IGNORECASE)
_HEADER = re.compile(r"^(?:(?P<minutes>\d{1,3})\s+minutes?\s+read\.?\s*)?(?P<updated>Updated\s.+)?$", re.IGNORECASE)
_BACKLINKS = re.compile(r"^backlinks\s*:", re.IGNORECASE)


def read_text_article(
    text: str, *, outlet: str, filename: str, now: datetime, languages: Sequence[str] = ("en",)
) -> Extraction:
    """Read one text file; its identity is urn:watchfloor:OUTLET:FILENAME, its title the first sentence."""
    lines = [line.strip() for line in text.replace("\ufeff", "").replace("\x00", "").splitlines()]
    lines = [line for line in lines if line]
    trace: list[TraceStep] = []
    minutes: int | None = None
    updated = DateReading(None, None)
    authors, lines = _authors_above(lines, trace)
    header = _HEADER.match(lines[0]) if lines else None
    if header is not None and (header["minutes"] or header["updated"]):
        minutes = int(header["minutes"]) if header["minutes"] else None
        if header["updated"]:
            updated = _updated(header["updated"], now=now, languages=languages)
            trace.append(TraceStep("updated", "header line", matches=1, raw=lines[0], value=str(updated.at)))
        lines = lines[1:]
    links, lines = _backlinks_below(lines, trace)
    body = "\n\n".join(lines)
    if len(body) < MIN_CHARS:
        return Extraction(Outcome.NOT_ARTICLE, None, f"{filename}: only {counted(len(body), 'character')} of text.")
    address = f"urn:watchfloor:{outlet}:{filename}"
    title = first_sentence(body)
    trace.append(TraceStep("title", "first_sentence", value=title))
    article = Article(
        url=address,
        canonical_url=address,
        outlet=outlet,
        title=title,
        text=body,
        authors=authors,
        published=DateReading(None, None, "", (DateFlag.MISSING,)),
        updated=updated,
        language=language_of(body, title=title),
        read_minutes=minutes,
        flags=(ArticleFlag.TITLE_FROM_TEXT,),
        links=links,
        trace=tuple(trace),
    )
    return Extraction(None, article)


def _authors_above(lines: list[str], trace: list[TraceStep]) -> tuple[tuple[str, ...], list[str]]:
    """Return the authors in the first line, where it is a byline, and the lines after it."""
    found = _BYLINE.match(lines[0]) if lines else None
    if found is None or len(lines[0]) > 160:
        return (), lines
    authors = clean_authors([found["names"]], houses=[found["outlet"] or ""])
    trace.append(TraceStep("authors", "byline line", matches=1, raw=lines[0], value=" | ".join(authors)))
    return authors, lines[1:]


def _backlinks_below(lines: list[str], trace: list[TraceStep]) -> tuple[tuple[Link, ...], list[str]]:
    """Return the labels in the last line, where it lists backlinks, and the lines before it."""
    if not lines or not _BACKLINKS.match(lines[-1]):
        return (), lines
    labels = labels_in(lines[-1])
    trace.append(TraceStep("backlinks", "last line", matches=len(labels), raw=lines[-1]))
    return tuple(Link(None, label, Role.BACKLINK, label, number) for number, label in enumerate(labels)), lines[:-1]


def first_sentence(text: str) -> str:
    """Return the first sentence of a text, cut at a word where it is over 300 characters."""
    first = " ".join(text.split("\n\n", 1)[0].split())
    found = re.search(r"(?<=[.!?。！？])[\"'”’»]?(?=\s+[\"'“‘«]?[^\W_a-z])|(?<=[。！？])", first)
    sentence = first[: found.end()].strip() if found is not None else first
    if len(sentence) <= TITLE_CHARS:
        return sentence
    return sentence[:TITLE_CHARS].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def _updated(line: str, *, now: datetime, languages: Sequence[str]) -> DateReading:
    """Read the update line; the literal is the whole of it, as the publisher wrote it."""
    return read_date(line, now=now, languages=languages, method="header")
