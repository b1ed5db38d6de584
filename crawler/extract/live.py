"""Live blogs: the times of their entries, kept in the text before each entry and in the trace. Pure.

Where an entry begins is told by its first words, so the text itself stays what the engines or the rules found; an
entry whose words are not in the text is said in the trace and changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from crawler.extract.dates import read_date
from crawler.extract.draft import Draft
from crawler.extract.metadata import texts_in, types_of
from crawler.extract.rules import node_value, select
from index.entries import entry_line, unread_line
from index.records import Article, ArticleFlag, TraceStep

MAX_ENTRIES = 500
KEY_CHARS = 60
MIN_KEY_CHARS = 12
TEXT_TAGS = frozenset({"p", "li", "h2", "h3", "h4", "h5", "blockquote", "div", "section", "article", "td"})
LOOK_AHEAD = 40
"""Elements looked at behind an entry's time for the text it belongs to."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a live blog: its time as written and as read, and the texts it may begin with, likeliest first."""

    raw: str
    at: datetime | None
    openings: tuple[str, ...]


def with_entry_times(article: Article, entries: Sequence[Entry], *, rule: str, selector: str = "") -> Article:
    """Return the article with each entry's time before its text, a step in the trace for each, and the flag `live`.

    An entry whose time cannot be read gets its literal there, so that it does not stand under the time before it.
    """
    if not entries:
        return article
    paragraphs = article.text.split("\n\n")
    keys = [_key(paragraph) for paragraph in paragraphs]
    times: dict[int, str] = {}
    steps = []
    for entry in entries[:MAX_ENTRIES]:
        number = _begins_at(entry, keys, taken=times)
        value = entry_line(entry.at) if entry.at is not None else ""
        if number is not None:
            times[number] = value or unread_line(entry.raw)
        steps.append(TraceStep("entry", rule, selector, int(number is not None), entry.raw[:200], value))
    lines: list[str] = []
    for number, paragraph in enumerate(paragraphs):
        if number in times:
            lines.append(times[number])
        lines.append(paragraph)
    flags = tuple(dict.fromkeys((*article.flags, ArticleFlag.LIVE)))
    return replace(article, text="\n\n".join(lines), flags=flags, trace=(*article.trace, *steps))


def timed(article: Article, draft: Draft) -> Article:
    """Return the article with the times of its entries, by the outlet's rule or as JSON-LD gives them."""
    rule = draft.rules.entry_times
    if rule is not None:
        return with_entry_times(article, _by_rule(draft), rule="rule", selector=rule.selector)
    return with_entry_times(article, _by_json_ld(draft), rule="json_ld liveBlogUpdate")


def _by_rule(draft: Draft) -> list[Entry]:
    """Each time the rule selects, with the text that stands behind it on the page."""
    rule = draft.rules.entry_times
    if rule is None or draft.tree.body is None:
        return []
    chosen = {node.mem_id: node for node in select(draft.tree, rule.selector)[:MAX_ENTRIES]}
    entries: list[Entry] = []
    raw, left = "", 0
    openings: list[str] = []
    for node in draft.tree.body.traverse(include_text=False):
        if node.mem_id in chosen:
            if raw:
                entries.append(_entry(draft, raw, openings))
            raw, openings, left = node_value(node, rule.attribute), [], LOOK_AHEAD
        elif left and node.tag in TEXT_TAGS:
            left -= 1
            openings.append(" ".join(node.text()[:4000].split()))
    return [*entries, *([_entry(draft, raw, openings)] if raw else [])]


def _entry(draft: Draft, raw: str, openings: Sequence[str]) -> Entry:
    rule = draft.rules.entry_times
    own = draft.spec.zone if draft.spec is not None else ""
    formats, zone = (rule.formats, rule.zone or own) if rule is not None else ((), own)
    reading = read_date(raw, now=draft.now, languages=draft.languages, formats=formats, zone=zone)
    return Entry(raw, reading.at, tuple(openings))


def _by_json_ld(draft: Draft) -> list[Entry]:
    """The updates that a LiveBlogPosting lists, by what they say of themselves."""
    if "liveblogposting" not in types_of(draft.meta.ld):
        return []
    updates = draft.meta.ld.get("liveBlogUpdate")
    entries = []
    for update in _nodes(updates):
        raw = next(iter(texts_in(update.get("datePublished")) or texts_in(update.get("dateModified"))), "")
        said = [*texts_in(update.get("headline")), *texts_in(update.get("articleBody"))]
        if raw:
            openings = tuple(re.sub(r"<[^>]{0,300}>", " ", text) for text in said)
            entries.append(_entry(draft, raw, openings))
    return entries


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    for item in (value if isinstance(value, list) else [value])[:MAX_ENTRIES]:
        if isinstance(item, dict):
            yield item


def _begins_at(entry: Entry, keys: Sequence[str], *, taken: Mapping[int, str]) -> int | None:
    """Return the number of the paragraph an entry begins with, or None when its words are not in the text."""
    for opening in entry.openings:
        key = _key(opening)
        for number, other in enumerate(keys):
            if number not in taken and other and _same_beginning(key, other):
                return number
    return None


def _same_beginning(key: str, other: str) -> bool:
    """Whether a paragraph begins as an opening does; short ones must be equal."""
    length = min(len(key), len(other))
    return key == other if length < MIN_KEY_CHARS else key[:length] == other[:length]


def _key(text: str) -> str:
    """Letters and digits alone, so that white space and quotes make no difference."""
    return re.sub(r"[\W_]+", "", text.casefold())[:KEY_CHARS]
