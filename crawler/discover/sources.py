"""A source's page into leads, by what the outlet's file says the source is."""

from __future__ import annotations

from config.outlets import OutletSpec
from crawler.discover.feeds import leads_in_feed
from crawler.discover.found import Found, SourceKind
from crawler.discover.listings import leads_in_listing
from crawler.discover.sitemaps import leads_in_sitemap
from crawler.extract.charset import decode
from index.outcomes import Outcome
from index.records import Page


def leads_in_source(page: Page, kind: SourceKind, *, spec: OutletSpec) -> Found:
    """Read a source's page by its kind."""
    if kind is SourceKind.FEED:
        return leads_in_feed(page.body, url=page.url, outlet=spec.name)
    if kind is SourceKind.SITEMAP:
        return leads_in_sitemap(page.body, url=page.url, outlet=spec.name)
    html = decode(page.body, page.content_type)
    if html is None:
        return Found((), outcome=Outcome.UNDECODABLE, detail="The listing cannot be read as text.")
    leads = spec.leads
    return leads_in_listing(
        html, url=page.url, outlet=spec.name, selector=leads.listing_links, next_selector=leads.listing_next
    )
