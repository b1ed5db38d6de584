"""Fields without a rule: JSON-LD, then OpenGraph and meta, then what the page shows. Generous by design."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from selectolax.lexbor import LexborHTMLParser

from crawler.deadline import undisturbed
from crawler.extract.dates import read_date
from crawler.extract.metadata import Metadata, texts_in
from index.records import DateFlag, DateReading, TraceStep

PUBLISHED_META = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "parsely-pub-date",
    "sailthru.date", "article.published", "publishdate", "publish-date", "pubdate", "publish_date",
    "cxenseparse:publishtime", "cxenseparse:recs:publishtime", "date", "dc.date.issued", "dcterms.created", "dc.date",
    "dcterms.date",
    "last-published", "article:publicationdate", "originalpublicationdate", "published-date", "created",
    "iso-8601-publish-date",
)  # fmt: skip
UPDATED_META = (
    "article:modified_time", "og:updated_time", "og:article:modified_time", "datemodified", "last-modified",
    "lastmod", "article:updated", "dcterms.modified", "revision_date", "article.updated",
)  # fmt: skip
EARLIEST_YEAR = 1700
"""An earlier one is what a system writes where it has no date; the first newspapers still read came after it."""

TIME_SELECTORS = (
    "time[itemprop='datePublished']", "time[pubdate]", "article time[datetime]", "main time[datetime]",
    "time[datetime]",
)  # fmt: skip


def date_of(
    tree: LexborHTMLParser,
    meta: Metadata,
    name: str,
    *,
    html: str,
    url: str,
    now: datetime,
    languages: Sequence[str],
) -> tuple[DateReading, TraceStep]:
    """Return `published` or `updated`; dateModified is never publication, the last resort gives a day only."""
    ld_keys = ("datePublished", "dateCreated", "uploadDate") if name == "published" else ("dateModified",)
    metas = PUBLISHED_META if name == "published" else UPDATED_META
    candidates = [(f"json_ld {key}", text) for key in ld_keys for text in texts_in(meta.ld.get(key))]
    candidates += [(key, value) for key in metas for value in meta.meta.get(key, ()) if value]
    if name == "published":
        for selector in TIME_SELECTORS:
            candidates += [(selector, node.attributes.get("datetime") or "") for node in tree.css(selector)[:1]]
        if not meta.ld and meta.first("og:type")[0].lower() != "website":  # a home page is dated so as well
            candidates += [
                ("json_ld WebPage datePublished", text) for text in texts_in(meta.ld_page.get("datePublished"))
            ]
    naive: tuple[DateReading, TraceStep] | None = None
    for rule, text in candidates:
        reading = read_date(text, now=now, languages=languages, method=rule.split()[0])
        if reading.at is None or DateFlag.FUTURE in reading.flags or reading.at.year < EARLIEST_YEAR:
            continue
        step = TraceStep(name, rule, matches=1, raw=text, value=reading.at.isoformat())
        if DateFlag.ZONE_ASSUMED not in reading.flags:
            if naive is not None and not _same_wall_clock(naive[0], reading):
                break
            return reading, step
        naive = naive or (reading, step)
    if naive is not None:
        return naive
    if name == "published":
        changed = list(texts_in(meta.ld.get("dateModified")))
        changed += [value for key in UPDATED_META for value in meta.meta.get(key, ())]
        return _day_only(html, url=url, now=now, changed={text[:10] for text in changed})
    return DateReading(None, None), TraceStep(name, "none")


def is_not_free(meta: Metadata) -> bool:
    """Say whether the page calls itself not free to read."""
    said = meta.ld.get("isAccessibleForFree")
    if said is not None:
        return str(said).strip().lower() in ("false", "no", "0")
    tier = meta.first("article:content_tier", "article:opinion:content_tier")[0].lower()
    return tier in ("locked", "premium")


def _same_wall_clock(naive: DateReading, zoned: DateReading) -> bool:
    """Whether a time without zone and one with a zone may be one instant: at most 14 hours apart, minutes equal."""
    if naive.at is None or zoned.at is None:
        return False
    apart = abs(naive.at - zoned.at)
    return apart <= timedelta(hours=14) and naive.at.minute % 15 == zoned.at.minute % 15


def _day_only(html: str, *, url: str, now: datetime, changed: set[str]) -> tuple[DateReading, TraceStep]:
    """A day found anywhere in the page, unless it is only the day of its last change."""
    with undisturbed():
        from htmldate import find_date

    try:
        day = find_date(html[:2_000_000], url=url, original_date=True, extensive_search=False)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        day = None
    if day in changed and day.replace("-", "") not in re.sub(r"\D", "", url):
        day = None
    if not day:
        return DateReading(None, None, "", (DateFlag.MISSING,)), TraceStep("published", "none")
    reading = read_date(day, now=now, method="htmldate")
    return reading, TraceStep("published", "htmldate", matches=1, raw=day, value=day)
