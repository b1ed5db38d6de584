"""Lantern Daily: live blogs whose entries say the hour, under headings that say the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser

from crawler.extract.live import Entry, with_entry_times
from crawler.spiders.outlet import OutletSpider
from index.records import Extraction, Page

CITY = ZoneInfo("Europe/Oslo")


class LanternDaily(OutletSpider):
    """Gives each entry its whole time."""

    @classmethod
    def read_page(cls, page: Page) -> Extraction:
        """Read the page by the rules, then put the entries' times into what was read."""
        extraction = super().read_page(page)
        if extraction.article is None:
            return extraction
        article = with_entry_times(extraction.article, entries_in(page), rule="lantern_daily.py", selector=".entry")
        return replace(extraction, article=article)


def entries_in(page: Page) -> list[Entry]:
    """Return the entries of a live blog in page order; none on other pages."""
    entries, day = [], ""
    for node in LexborHTMLParser(page.body.decode("utf-8", "replace")).css("h2.day, .entry"):
        if node.tag == "h2":
            day = node.text(strip=True)
            continue
        clock, first = node.css_first(".clock"), node.css_first("p")
        if clock is None or first is None:
            continue
        raw = f"{day} {clock.text(strip=True)}"
        try:
            at = datetime.strptime(raw, "%d %B %Y %H:%M").replace(tzinfo=CITY)
        except ValueError:
            at = None  # the entry keeps its literal, and has no other's time
        entries.append(Entry(raw, at, (first.text(),)))
    return entries
