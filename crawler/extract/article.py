"""extract_article: a page into an article, or into the outcome that says why there is none. Pure.

A field with a rule of the outlet comes from that rule or is empty; a field without one falls back through JSON-LD,
OpenGraph and meta tags to the page's own text. Every field leaves a line in the trace.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from config.outlets import FieldRule, OutletSpec, RuleSet
from crawler.extract import fallback
from crawler.extract.bylines import clean_authors, is_agency
from crawler.extract.charset import decode
from crawler.extract.dates import read_date
from crawler.extract.language import language_of
from crawler.extract.links import backlinks, body_links
from crawler.extract.metadata import Metadata, read_metadata, types_of
from crawler.extract.refusals import why_other_kind, why_rejected
from crawler.extract.rules import apply_rule, caught, node_value, select
from crawler.extract.text import body_of, filtered, paragraphs_in
from crawler.extract.textfile import first_sentence
from index.outcomes import Outcome
from index.records import (
    Article,
    ArticleFlag,
    DateFlag,
    DateReading,
    Extraction,
    Link,
    Page,
    Role,
    TraceStep,
)
from index.urls import absolute_url, same_outlet

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 8 * 1024 * 1024
STUB_CHARS = 1500
"""A text shorter than this on a page that says it is not free is a stub, not the article."""


@dataclass(slots=True)
class _Draft:
    """What has been read so far."""

    page: Page
    tree: LexborHTMLParser
    html: str
    meta: Metadata
    rules: RuleSet
    spec: OutletSpec | None
    now: datetime
    trace: list[TraceStep] = field(default_factory=list)
    flags: list[ArticleFlag] = field(default_factory=list)

    @property
    def outlet_title(self) -> str:
        return self.spec.title if self.spec is not None else self.meta.first("og:site_name")[0]

    @property
    def languages(self) -> tuple[str, ...]:
        if self.spec is not None:
            return self.spec.languages
        code = re.split(r"[-_]", self.meta.language.lower())[0]
        return (code,) if len(code) == 2 and code != "en" else ("en",)


def extract_article(page: Page, *, spec: OutletSpec | None, now: datetime, outlet: str = "") -> Extraction:
    """Read a page. `spec` is the outlet's definition, None for a provisional one named `outlet`.

    Never raises for what a page holds: what a library cannot bear ends as extraction_failed, with its name.
    """
    if len(page.body) > MAX_BODY_BYTES:
        return Extraction(Outcome.TOO_LARGE, None, f"{len(page.body)} bytes; the limit is {MAX_BODY_BYTES}.")
    html = decode(page.body, page.content_type)
    if html is None:
        other = why_other_kind(page)
        if other and "octet-stream" not in other:  # which names no kind at all
            return Extraction(Outcome.NOT_ARTICLE, None, other)
        return Extraction(Outcome.UNDECODABLE, None, "The bytes are no text in any charset named or detected.")
    try:
        return _extract(page, html, spec=spec, now=now, outlet=outlet or (spec.name if spec is not None else ""))
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


def _extract(page: Page, html: str, *, spec: OutletSpec | None, now: datetime, outlet: str) -> Extraction:
    tree = LexborHTMLParser(html)
    rules = spec.rules_on(page.fetched_at.date()) if spec is not None else RuleSet()
    draft = _Draft(page, tree, html, read_metadata(tree), rules, spec, now)
    listed = _backlinks(draft)
    if rules.drop:
        for selector in rules.drop:
            for node in select(tree, selector):
                node.decompose()
        draft.html = tree.html or ""
    title, search_title = _title(draft)
    authors = _authors(draft)
    published, updated = _date(draft, "published"), _date(draft, "updated")
    paragraphs = _paragraphs(draft, title, authors, listed)
    text = "\n\n".join(paragraphs)
    refusal = why_rejected(
        page, tree, draft.meta, spec=spec, title=title, paragraphs=paragraphs, has_date=published.at is not None
    )
    if refusal is not None:
        outcome, detail = refusal
        return Extraction(outcome, None, detail, leads=_leads(draft) if outcome is Outcome.NOT_ARTICLE else ())
    if not title:
        title = first_sentence(text)
        draft.flags.append(ArticleFlag.TITLE_FROM_TEXT)
        draft.trace.append(TraceStep("title", "first_sentence", value=title))
    stub = fallback.is_not_free(draft.meta) and len(text) < STUB_CHARS
    _flag(draft, authors=authors, paywalled=fallback.is_not_free(draft.meta))
    article = Article(
        url=page.url,
        canonical_url=_canonical(draft),
        outlet=outlet,
        title=title,
        search_title=search_title if search_title != title else "",
        text=text,
        authors=authors,
        published=published,
        updated=updated,
        language=language_of(text, title=title, declared=draft.meta.language or (spec.languages[0] if spec else "")),
        read_minutes=_read_minutes(draft),
        flags=tuple(dict.fromkeys(draft.flags)),
        links=_links(draft, paragraphs, listed),
        trace=tuple(draft.trace),
    )
    if stub:
        return Extraction(Outcome.PAYWALLED_STUB, article, f"Not free; {len(text)} characters are shown.")
    return Extraction(None, article)


def _title(draft: _Draft) -> tuple[str, str]:
    """Return headline and search title. A rule gives the headline; the search title always comes from metadata."""
    searched = fallback.search_title(draft.meta, outlet_title=draft.outlet_title)
    rule = draft.rules.title
    if rule is not None:
        reading = apply_rule(draft.tree, "title", rule)
        draft.trace.append(reading.step)
        return (reading.values[0] if reading.values else ""), searched
    step = fallback.title_of(draft.tree, draft.meta, outlet_title=draft.outlet_title)
    draft.trace.append(step)
    return step.value, searched


def _authors(draft: _Draft) -> tuple[str, ...]:
    rule = draft.rules.authors
    if rule is not None:
        reading = apply_rule(draft.tree, "authors", rule)
        draft.trace.append(reading.step)
        return clean_authors(reading.values, outlet_title=draft.outlet_title)
    names, step = fallback.authors_of(draft.tree, draft.meta, outlet_title=draft.outlet_title)
    draft.trace.append(step)
    return names


def _date(draft: _Draft, name: str) -> DateReading:
    rule: FieldRule | None = getattr(draft.rules, name)
    if rule is None:
        if name == "updated" and draft.rules.published is not None:
            return DateReading(None, None)
        reading, step = fallback.date_of(
            draft.tree, draft.meta, name, html=draft.html, url=draft.page.url, now=draft.now, languages=draft.languages
        )
        draft.trace.append(step)
        return reading
    found = apply_rule(draft.tree, name, rule)
    draft.trace.append(found.step)
    if not found.values:
        missing = (DateFlag.MISSING,) if name == "published" else ()
        return DateReading(None, None, "rule", missing)
    literal = _literal(draft, rule) or found.values[0]
    read = read_date(
        found.values[0], now=draft.now, languages=draft.languages, formats=rule.formats, zone=rule.zone, method="rule"
    )
    return DateReading(literal, read.at, read.method, read.flags)


def _literal(draft: _Draft, rule: FieldRule) -> str:
    """The publisher's own string, with the spaces it was written with; what the pattern caught where there is one."""
    for node in select(draft.tree, rule.selector):
        raw = (node.attributes.get(rule.attribute) or "") if rule.attribute else node.text()
        value = caught(raw.strip(), rule.pattern)
        if value:
            return value
    return ""


def _read_minutes(draft: _Draft) -> int | None:
    rule = draft.rules.read_minutes
    if rule is None:
        return None
    reading = apply_rule(draft.tree, "read_minutes", rule)
    draft.trace.append(reading.step)
    digits = re.search(r"\d{1,3}", reading.values[0]) if reading.values else None
    return int(digits.group()) if digits else None


def _paragraphs(draft: _Draft, title: str, authors: tuple[str, ...], listed: list[Link]) -> list[str]:
    rule = draft.rules.text
    if rule is not None:
        nodes = select(draft.tree, rule.selector)
        raw = [caught(node_value(node, rule.attribute), rule.pattern) for node in nodes]
        paragraphs = [text for text in raw if text]
        draft.trace.append(TraceStep("text", "rule", rule.selector, len(nodes), value=f"{len(paragraphs)} paragraphs"))
    else:
        paragraphs = filtered(body_of(draft.html, url=draft.page.url), title=title, authors=authors)
        name = "trafilatura"
        ld_body = fallback.ld_body(draft.meta)
        if len(" ".join(paragraphs)) < 250 and len(ld_body) > 2 * len(" ".join(paragraphs)) and len(ld_body) >= 250:
            paragraphs, name = filtered(paragraphs_in(ld_body), title=title, authors=authors), "json_ld"
        draft.trace.append(TraceStep("text", name, matches=len(paragraphs), value=f"{len(paragraphs)} paragraphs"))
    if listed and paragraphs:
        labels = [link.text for link in listed]
        paragraphs = [line for line in paragraphs if not _is_label_line(line, labels)]
    return paragraphs


def _is_label_line(line: str, labels: list[str]) -> bool:
    """Whether a line is the related list itself: its labels and little else."""
    rest = line
    for label in sorted(labels, key=len, reverse=True):
        rest = rest.replace(label, "")
    return len(re.sub(r"[\W_]+", "", rest)) <= 12 and len(rest) < len(line)


def _backlinks(draft: _Draft) -> list[Link]:
    rule = draft.rules.backlinks
    if rule is None:
        return []
    nodes = select(draft.tree, rule.selector)
    found = backlinks(nodes, base=_base(draft))
    draft.trace.append(TraceStep("backlinks", "rule", rule.selector, len(nodes), value=f"{len(found)} entries"))
    return found


def _links(draft: _Draft, paragraphs: list[str], listed: list[Link]) -> tuple[Link, ...]:
    selector = draft.rules.text.selector if draft.rules.text is not None else ""
    inside = body_links(draft.tree, paragraphs, base=_base(draft), selector=selector)
    named = {link.url for link in listed if link.url}
    links = [link for link in inside if not (link.url in named and link.role is Role.INLINE and not link.context)]
    links = [link for link in links if not any(link.text == entry.text and link.url == entry.url for entry in listed)]
    draft.trace.append(TraceStep("links", "body_blocks", selector, len(links), value=f"{len(links)} links"))
    ordered = [*links, *listed]
    return tuple(Link(link.url, link.text, link.role, link.context, number) for number, link in enumerate(ordered))


def _base(draft: _Draft) -> str:
    node = draft.tree.css_first("base[href]")
    href = node.attributes.get("href") if node is not None else None
    return (absolute_url(draft.page.url, href) if href else None) or draft.page.url


def _canonical(draft: _Draft) -> str:
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


def _flag(draft: _Draft, *, authors: tuple[str, ...], paywalled: bool) -> None:
    if paywalled:
        draft.flags.append(ArticleFlag.PAYWALLED)
    if "liveblogposting" in types_of(draft.meta.ld):
        draft.flags.append(ArticleFlag.LIVE)
    if any(is_agency(name) for name in authors):
        draft.flags.append(ArticleFlag.AGENCY)


def _leads(draft: _Draft) -> tuple[str, ...]:
    """The links of a page that is no article, on its own outlet, in page order."""
    base = _base(draft)
    found: dict[str, None] = {}
    for node in draft.tree.css("a[href]")[:5000]:
        url = absolute_url(base, node.attributes.get("href") or "")
        if url is None or url == draft.page.url:
            continue
        if draft.spec.owns(url) if draft.spec is not None else same_outlet(url, draft.page.url):
            found.setdefault(url)
    return tuple(found)
