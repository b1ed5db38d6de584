"""Times of the Baltic Isles: marks its exclusive reports in the headline, which is no part of it."""

from __future__ import annotations

from dataclasses import replace

from crawler.spiders.outlet import OutletSpider
from index.records import Extraction, Page


class BalticTimes(OutletSpider):
    """Takes the mark off."""

    @classmethod
    def read_page(cls, page: Page) -> Extraction:
        """Read the page by the rules; the headline loses its mark."""
        extraction = super().read_page(page)
        if extraction.article is None:
            return extraction
        title = extraction.article.title.removeprefix("EXCLUSIVE |").strip()
        return replace(extraction, article=replace(extraction.article, title=title))
