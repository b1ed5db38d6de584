"""Reading a page under guard: whatever a page does to the extractor ends in an outcome. No store, no network."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from config.errors import WatchfloorError
from config.outlets import OutletSpec
from crawler.deadline import DeadlinePassed, deadline
from crawler.discover.found import Found, SourceKind
from crawler.extract.article import extract_article
from crawler.outlet_code import code_of, own_class
from index.outcomes import Outcome
from index.records import Extraction, JsonObject, Page
from index.recurring import NOTHING_RECURS, Recurrence

log = logging.getLogger(__name__)
DETAIL_CHARS = 300
QUICK_SHARE = 0.25
"""Reading in one pass may take so much of the time a page has; it takes a third of what reading with all care does."""

IMPORT_S = 20.0
"""So long may an outlet's own Python take to be imported, once a process; it is not taken from the time of a page."""


def read_page(
    page: Page,
    *,
    spec: OutletSpec | None,
    outlet: str,
    max_page_s: float,
    quick: bool = False,
    recurring: Mapping[str, Recurrence] = NOTHING_RECURS,
) -> Extraction:
    """Extract a page within `max_page_s` seconds; a slower one is read in one pass and flagged `quick`.

    One that is too slow even so, or that the extractor fails on, is extraction_failed. `quick` begins with one pass;
    `recurring` is what the outlet repeats, left out of the text.
    The outlet's own Python reads it where there is some; what that returns is checked.
    """
    for one_pass in (True,) if quick else (False, True):
        try:
            _import_code(spec)
            with deadline(max_page_s * (QUICK_SHARE if one_pass else 1)):
                if spec is None:
                    at = page.fetched_at
                    return extract_article(page, spec=None, now=at, outlet=outlet, quick=one_pass, recurring=recurring)
                extraction = code_of(spec, quick=one_pass, recurring=recurring).read_page(page)
            wrong = _why_not_kept(extraction, outlet=outlet)
            return Extraction(Outcome.EXTRACTION_FAILED, None, wrong) if wrong else extraction
        except WatchfloorError as error:
            log.warning("outlet cannot be read", extra={"url": page.url, "outlet": outlet, "cause": error})
            return Extraction(Outcome.EXTRACTION_FAILED, None, str(error)[:DETAIL_CHARS])
        except DeadlinePassed:
            log.warning("page took too long", extra={"url": page.url, "outlet": outlet, "quick": one_pass})
        except Exception as error:
            log.exception("extractor raised", extra={"url": page.url, "outlet": outlet})
            detail = f"The extractor raised {type(error).__name__}: {error}"[:DETAIL_CHARS]
            return Extraction(Outcome.EXTRACTION_FAILED, None, detail)
    limit_s = max_page_s * (1 + QUICK_SHARE)
    return Extraction(Outcome.EXTRACTION_FAILED, None, f"Reading it took longer than {limit_s:g} s.")


def read_source(page: Page, kind: SourceKind, *, spec: OutletSpec, max_page_s: float) -> Found:
    """Read a feed, sitemap or listing within `max_page_s` seconds; never raises."""
    try:
        _import_code(spec)
        with deadline(max_page_s):
            found = code_of(spec).leads_in(page, kind)
    except DeadlinePassed:
        return Found((), outcome=Outcome.EXTRACTION_FAILED, detail=f"Reading it took longer than {max_page_s:g} s.")
    except Exception as error:
        log.exception("source not read", extra={"url": page.url, "outlet": spec.name})
        detail = f"Reading it raised {type(error).__name__}: {error}"[:DETAIL_CHARS]
        return Found((), outcome=Outcome.EXTRACTION_FAILED, detail=detail)
    if not isinstance(found, Found):
        detail = f"leads_in of {spec.name} returned {type(found).__name__}, not Found."
        return Found((), outcome=Outcome.EXTRACTION_FAILED, detail=detail)
    return found


def _import_code(spec: OutletSpec | None) -> None:
    """Import an outlet's own Python where it has some. Raises ConfigurationError when it cannot be."""
    if spec is not None:
        with deadline(IMPORT_S):
            own_class(spec)


def _why_not_kept(extraction: object, *, outlet: str) -> str:
    """Say why what an outlet's own code returned cannot be taken; "" when it can."""
    if not isinstance(extraction, Extraction):
        return f"read_page of {outlet} returned {type(extraction).__name__}, not Extraction."
    article = extraction.article
    if extraction.outcome is None and article is None:
        return f"read_page of {outlet} returned neither an article nor an outcome."
    if article is not None and article.outlet != outlet:
        return f"read_page of {outlet} returned an article of {article.outlet!r}."
    if article is not None and not (article.title and article.text):
        return f"read_page of {outlet} returned an article without title or text."
    return ""


def extraction_json(url: str, extraction: Extraction, *, with_trace: bool = False) -> JsonObject:
    """Return what was read as the line that `watchfloor extract` prints; a rejected page has empty fields."""
    article = extraction.article
    found: JsonObject = {
        "url": url,
        "canonical_url": article.canonical_url if article else url,
        "outcome": (extraction.outcome or Outcome.NEW).value,
        "detail": extraction.detail,
        "title": article.title if article else None,
        "search_title": article.search_title or None if article else None,
        "authors": list(article.authors) if article else [],
        "published_at": _instant(article.published.at) if article else None,
        "published_text": article.published.text if article else None,
        "updated_at": _instant(article.updated.at) if article else None,
        "updated_text": article.updated.text if article else None,
        "date_flags": [flag.value for flag in article.date_flags] if article else [],
        "flags": [flag.value for flag in article.flags] if article else [],
        "language": article.language or None if article else None,
        "text": article.text if article else "",
        "read_minutes": article.read_minutes if article else None,
        "links": [
            {"url": link.url, "text": link.text, "role": link.role.value, "context": link.context}
            for link in article.links
        ]
        if article
        else [],
    }
    if with_trace:
        found["trace"] = [
            {
                "field": step.field,
                "rule": step.rule,
                "selector": step.selector,
                "matches": step.matches,
                "raw": step.raw,
                "value": step.value,
            }
            for step in (article.trace if article else ())
        ]
    return found


def _instant(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at is not None else None
