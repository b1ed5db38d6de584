"""Kestrel Wire: leads from its JSON API, and its stories turned into pages that the outlet file's rules can read."""

from __future__ import annotations

import json
from dataclasses import replace
from html import escape
from urllib.parse import urljoin

from crawler.discover.found import Found, SourceKind
from crawler.discover.instants import instant_in
from crawler.spiders.outlet import OutletSpider
from index.records import Extraction, Lead, Page, Via


class KestrelWire(OutletSpider):
    """Reads the API that fills the outlet's pages."""

    @classmethod
    def leads_in(cls, page: Page, kind: SourceKind) -> Found:
        """Read a page of the list of stories, and where the list goes on."""
        listed = json.loads(page.body)
        leads = tuple(
            Lead(
                url=urljoin(page.url, f"/api/stories/{int(story['id'])}"),
                outlet=cls.spec.name,
                via=Via.LISTING,
                found_in=page.url,
                changed_at=instant_in(story.get("changed")),
                title=story.get("headline", ""),
            )
            for story in listed["stories"]
        )
        after = listed.get("next") or ""
        return Found(leads, next_page=urljoin(page.url, after) if after else "")

    @classmethod
    def read_page(cls, page: Page) -> Extraction:
        """Write the story as a page and let the rules read it. What is kept as fetched is the JSON itself."""
        story = json.loads(page.body)
        when = escape(story["published"])
        html = (
            f'<html lang="en"><head><link rel="canonical" href="{escape(urljoin(page.url, story["path"]))}"></head>'
            f"<body><h1>{escape(story['headline'])}</h1>"
            + "".join(f'<a rel="author">{escape(name)}</a>' for name in story["authors"])
            + f'<time datetime="{when}"></time><article>{story["body_html"]}</article></body></html>'
        )
        return super().read_page(replace(page, body=html.encode(), content_type="text/html; charset=utf-8"))
