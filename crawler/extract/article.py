"""extract_article: a page into an article, or into the outcome that says why there is none. Pure.

A field with a rule of the outlet comes from that rule or is empty; a field without one falls back through JSON-LD,
OpenGraph and meta tags to the page's own text. Every field leaves a line in the trace.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from config.counting import counted
from config.outlets import OutletSpec
from crawler.extract import fallback
from crawler.extract.bylines import is_agency
from crawler.extract.charset import decode
from crawler.extract.content import backlinks_in, body_in, links_in
from crawler.extract.draft import Draft
from crawler.extract.fields import authors_in, authors_in_opening, canonical_in, date_in, read_minutes_in, title_in
from crawler.extract.language import language_of
from crawler.extract.live import timed
from crawler.extract.metadata import types_of
from crawler.extract.recurring import without_recurring
from crawler.extract.refusals import why_other_kind, why_rejected
from crawler.extract.textfile import first_sentence
from index.outcomes import Outcome
from index.records import (
    Article,
    ArticleFlag,
    Extraction,
    Page,
    TraceStep,
)
from index.recurring import NOTHING_RECURS, Recurrence
from index.urls import absolute_url, same_outlet

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 8 * 1024 * 1024
STUB_CHARS = 1500
"""A text shorter than this on a page that says it is not free is a stub, not the article."""


def extract_article(
    page: Page,
    *,
    spec: OutletSpec | None,
    now: datetime,
    outlet: str = "",
    quick: bool = False,
    recurring: Mapping[str, Recurrence] = NOTHING_RECURS,
) -> Extraction:
    """Read a page. `spec` is the outlet's definition, None for a provisional one named `outlet`.

    `quick` reads the text in one pass, for a page that took too long; the article is flagged so. `recurring` are the
    paragraphs the outlet repeats, by key: they are left out of the text, and decide nothing about what the page is.

    Never raises for what a page holds: what a library cannot bear ends as extraction_failed, with its name.
    """
    if len(page.body) > MAX_BODY_BYTES:
        return Extraction(Outcome.TOO_LARGE, None, f"{counted(len(page.body), 'byte')}; the limit is {MAX_BODY_BYTES}.")
    html = decode(page.body, page.content_type)
    if html is None:
        other = why_other_kind(page)
        if other and "octet-stream" not in other:  # which names no kind at all
            return Extraction(Outcome.NOT_ARTICLE, None, other)
        return Extraction(Outcome.UNDECODABLE, None, "The bytes are no text in any charset named or detected.")
    try:
        return _extract(
            Draft(page, html, spec, now, quick=quick, recurring=recurring),
            outlet=outlet or (spec.name if spec is not None else ""),
        )
    except (
        RecursionError,
        MemoryError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        IndexError,
        RuntimeError,
    ) as error:
        # The one door for what parsers raise on hostile pages; it is an outcome and a log line, never silence.
        log.warning("page not understood", extra={"url": page.url, "cause": f"{type(error).__name__}: {error}"[:300]})
        return Extraction(Outcome.EXTRACTION_FAILED, None, f"The page broke the extractor ({type(error).__name__}).")


def _extract(draft: Draft, *, outlet: str) -> Extraction:
    page, spec = draft.page, draft.spec
    listed = backlinks_in(draft)
    draft.drop(draft.rules.drop)
    title, searched = title_in(draft)
    authors = authors_in(draft, title=title)
    published, updated = date_in(draft, "published"), date_in(draft, "updated")
    blocks, opening = body_in(draft, title=title, authors=authors, listed=listed)
    authors, byline = authors_in_opening(draft, authors, opening)
    if byline:
        blocks = [block for block in blocks if block[0] != byline]
    whole = [text for text, _ in blocks]
    refusal = why_rejected(draft, title=title, paragraphs=whole, published=published)
    if refusal is not None:
        outcome, detail = refusal
        trace = tuple(draft.trace) if outcome is Outcome.EXTRACTION_FAILED else ()
        return Extraction(outcome, None, detail, _leads(draft) if outcome is Outcome.NOT_ARTICLE else (), trace)
    kept, left_out = without_recurring(draft, blocks)
    text = "\n\n".join(paragraph for paragraph, _ in kept)
    if not title:
        title = first_sentence(text)
        draft.flags.append(ArticleFlag.TITLE_FROM_TEXT)
        draft.trace.append(TraceStep("title", "first_sentence", value=title))
    paywalled = fallback.is_not_free(draft.meta)
    _flag(draft, authors=authors, paywalled=paywalled)
    article = Article(
        url=page.url,
        canonical_url=canonical_in(draft),
        outlet=outlet,
        title=title,
        search_title=searched,
        text=text,
        authors=authors,
        published=published,
        updated=updated,
        language=language_of(text, title=title, declared=draft.meta.language or (spec.languages[0] if spec else "")),
        read_minutes=read_minutes_in(draft),
        flags=tuple(dict.fromkeys(draft.flags)),
        links=links_in(draft, blocks, listed, authors=authors, left_out=left_out),
        trace=tuple(draft.trace),
        left_out=left_out,
    )
    article = timed(article, draft)
    if paywalled and len("\n\n".join(whole)) < STUB_CHARS:
        shown = counted(len(text), "character is", "characters are")
        return Extraction(Outcome.PAYWALLED_STUB, article, f"Not free; {shown} shown.")
    return Extraction(None, article)


def _flag(draft: Draft, *, authors: tuple[str, ...], paywalled: bool) -> None:
    if draft.quick:
        draft.flags.append(ArticleFlag.QUICK)
    if paywalled:
        draft.flags.append(ArticleFlag.PAYWALLED)
    if "liveblogposting" in types_of(draft.meta.ld):
        draft.flags.append(ArticleFlag.LIVE)
    if any(is_agency(name) for name in authors):
        draft.flags.append(ArticleFlag.AGENCY)


def _leads(draft: Draft) -> tuple[str, ...]:
    """The links of a page that is no article, on its own outlet, in page order."""
    base = draft.base
    found: dict[str, None] = {}
    for node in draft.tree.css("a[href]")[:5000]:
        url = absolute_url(base, node.attributes.get("href") or "")
        if url is None or url == draft.page.url:
            continue
        if draft.spec.owns(url) if draft.spec is not None else same_outlet(url, draft.page.url):
            found.setdefault(url)
    return tuple(found)
