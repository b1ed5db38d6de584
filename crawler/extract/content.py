"""The text of an article and the links in it: by the outlet's rules, or as the engines find them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from config.counting import counted
from crawler.extract.body import Body, find_body
from crawler.extract.draft import Draft, Paragraphs
from crawler.extract.links import backlinks, body_links
from crawler.extract.metadata import ld_body
from crawler.extract.rules import caught, node_value, select
from crawler.extract.text import filtered, paragraphs_in
from index.records import LeftOut, Link, Role, TraceStep

LEAST_BODY_CHARS = 250


def body_in(
    draft: Draft, *, title: str, authors: tuple[str, ...], listed: list[Link]
) -> tuple[Paragraphs, tuple[str, ...]]:
    """Return the paragraphs, and the lines around the first one; `listed` is the outlet's related list."""
    rule = draft.rules.text
    opening: tuple[str, ...] = ()
    if rule is not None:
        nodes = select(draft.tree, rule.selector)
        pairs = [(caught(node_value(node, rule.attribute), rule.pattern), node) for node in nodes]
        blocks = [(text, tuple(node.css("a[href]"))) for text, node in pairs if text]
        step = TraceStep("text", "rule", rule.selector, len(nodes), value=counted(len(blocks), "paragraph"))
    else:
        body = find_body(
            draft.html, url=draft.page.url, meta=draft.meta, title=title, authors=authors, quick=draft.quick
        )
        blocks, name = _longer(draft, body, title=title, authors=authors)
        step = TraceStep("text", name, matches=len(blocks), value=counted(len(blocks), "paragraph"))
        opening, draft.headlines = body.opening, body.headlines
    draft.trace.append(step)
    if listed and blocks:
        labels = [link.text for link in listed]
        blocks = [block for block in blocks if not _is_label_line(block[0], labels)]
    return blocks, opening


def _longer(draft: Draft, body: Body, *, title: str, authors: tuple[str, ...]) -> tuple[Paragraphs, str]:
    """What the engines found, or the text in JSON-LD where that is much longer; and who found it."""
    told = ld_body(draft.meta)
    chars = sum(len(line) for line in body.paragraphs)
    if chars < LEAST_BODY_CHARS <= len(told) and len(told) > 2 * chars:
        lines = filtered(paragraphs_in(told), title=title, authors=authors)
        return [(line, ()) for line in lines], "json_ld"
    if body.blocks:
        return [(block.text, block.anchors) for block in body.blocks], body.engine
    return [(line, ()) for line in body.paragraphs], body.engine


def _is_label_line(line: str, labels: list[str]) -> bool:
    """Whether a line is the related list itself: its labels and little else."""
    rest = line
    for label in sorted(labels, key=len, reverse=True):
        rest = rest.replace(label, "")
    return len(re.sub(r"[\W_]+", "", rest)) <= 12 and len(rest) < len(line)


def backlinks_in(draft: Draft) -> list[Link]:
    """Return the entries of the outlet's own related list; only a rule finds it."""
    rule = draft.rules.backlinks
    if rule is None:
        return []
    nodes = select(draft.tree, rule.selector)
    found = backlinks(nodes, base=draft.base)
    draft.trace.append(
        TraceStep("backlinks", "rule", rule.selector, len(nodes), value=counted(len(found), "entry", "entries"))
    )
    return found


def links_in(
    draft: Draft,
    blocks: Paragraphs,
    listed: list[Link],
    *,
    authors: tuple[str, ...],
    left_out: Sequence[LeftOut] = (),
) -> tuple[Link, ...]:
    """Return all links of the article, those of its text first, numbered in page order.

    Those of the paragraphs left out are furniture.
    """
    selector = draft.rules.text.selector if draft.rules.text is not None else ""
    aside = frozenset(one.place for one in left_out)
    inside = body_links(blocks, base=draft.base, authors=authors, aside=aside)
    named = {link.url for link in listed if link.url}
    links = [link for link in inside if not (link.url in named and link.role is Role.INLINE and not link.context)]
    entries = {(entry.url, entry.text) for entry in listed}
    links = [link for link in links if link.context != link.text or (link.url, link.text) not in entries]
    draft.trace.append(TraceStep("links", "body_blocks", selector, len(links), value=counted(len(links), "link")))
    ordered = [*links, *listed]
    return tuple(Link(link.url, link.text, link.role, link.context, number) for number, link in enumerate(ordered))
