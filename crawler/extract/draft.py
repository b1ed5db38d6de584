"""A page while it is read: what it is, whose it is, and what has been found so far."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from selectolax.lexbor import LexborHTMLParser, LexborNode

from config.outlets import OutletSpec, RuleSet
from crawler.extract.metadata import Metadata, read_metadata
from crawler.extract.rules import select
from crawler.extract.titles import house_names
from index.records import ArticleFlag, Page, TraceStep
from index.recurring import Recurrence
from index.urls import absolute_url

_SELF_CLOSED_FRAME = re.compile(r"<iframe\b([^<>]*)/>", re.IGNORECASE)
"""A frame that only a browser without script would read, and all that follows as its content: there, it has no end."""

Paragraphs = list[tuple[str, tuple[LexborNode, ...]]]
"""Paragraphs in order, each with the anchors in it."""


@dataclass
class Draft:
    """The parts of a page that every field is read from; fields add their trace and flags. `quick`: one pass only."""

    page: Page
    html: str
    spec: OutletSpec | None
    now: datetime
    quick: bool = False
    recurring: Mapping[str, Recurrence] = field(default_factory=dict)  # paragraphs its outlet repeats, by key
    tree: LexborHTMLParser = field(init=False)
    meta: Metadata = field(init=False)
    headlines: tuple[int, int] = (0, 0)  # links elsewhere on the page as long as a headline: how many, and characters
    trace: list[TraceStep] = field(default_factory=list)
    flags: list[ArticleFlag] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Parse the page and read what it says of itself."""
        self.html = _SELF_CLOSED_FRAME.sub(r"<iframe\1></iframe>", self.html)
        self.tree = LexborHTMLParser(self.html)
        self.meta = read_metadata(self.tree)

    @cached_property
    def rules(self) -> RuleSet:
        """The outlet's rules on the day the page was fetched."""
        return self.spec.rules_on(self.page.fetched_at.date()) if self.spec is not None else RuleSet()

    def drop(self, selectors: Iterable[str]) -> None:
        """Take what the outlet's file says is never part of an article out of the page."""
        dropped = [node for selector in selectors for node in select(self.tree, selector)]
        for node in dropped:
            node.decompose()
        if dropped:
            self.html = self.tree.html or ""

    @cached_property
    def houses(self) -> tuple[str, ...]:
        """The names its publisher goes by."""
        title = self.spec.title if self.spec is not None else ""
        return house_names(self.meta, outlet_title=title, url=self.page.url)

    @cached_property
    def base(self) -> str:
        """The address its relative links count from."""
        node = self.tree.css_first("base[href]")
        href = node.attributes.get("href") if node is not None else None
        return (absolute_url(self.page.url, href) if href else None) or self.page.url

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages its dates may be written in, likeliest first."""
        if self.spec is not None:
            return self.spec.languages
        code = re.split(r"[-_]", self.meta.language.lower())[0]
        return (code,) if len(code) == 2 and code != "en" else ("en",)
