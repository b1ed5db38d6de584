"""Northmark Record: a list without end, whose further parts come as HTML inside JSON, found by a cursor."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from urllib.parse import quote, urljoin

from crawler.discover.found import Found, SourceKind
from crawler.spiders.outlet import OutletSpider
from index.records import Page

CURSOR = re.compile(r'data-cursor="([^"]+)"')


class NorthmarkRecord(OutletSpider):
    """Asks for the next part of the list as the page's own script does."""

    @classmethod
    def leads_in(cls, page: Page, kind: SourceKind) -> Found:
        """Read the first page, or a part loaded later; `listing_links` picks the links in both."""
        html, cursor = page.body.decode("utf-8", "replace"), ""
        if html.startswith("{"):
            part = json.loads(html)
            html, cursor = part["html"], part.get("cursor") or ""
        elif found := CURSOR.search(html):
            cursor = found.group(1)
        read = super().leads_in(replace(page, body=html.encode(), content_type="text/html; charset=utf-8"), kind)
        return replace(read, next_page=urljoin(page.url, f"/news/more?before={quote(cursor)}") if cursor else "")
