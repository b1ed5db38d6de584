"""Listing pages (home, section, tag) into leads: the links an outlet's selector picks, or all of them."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from config.counting import counted
from crawler.discover.found import Found
from index.outcomes import Outcome
from index.records import Lead, Via
from index.urls import absolute_url

MAX_LINKS = 5000


def leads_in_listing(html: str, *, url: str, outlet: str, selector: str = "", next_selector: str = "") -> Found:
    """Return the links of a listing in their order; `selector` picks links, or elements that hold them.

    `next_selector` picks the link to its next page; a last page has none.

    Which of them may be articles is the outlet file's to say, where the leads are taken. Never raises.
    """
    tree = LexborHTMLParser(html)
    base = _base(tree, url)
    try:
        picked = tree.css(selector) if selector else tree.css("a[href]")
    except (SelectolaxError, ValueError):
        detail = f"leads.listing_links: {selector!r} is not a valid CSS selector; mend the outlet file."
        return Found((), outcome=Outcome.EXTRACTION_FAILED, detail=detail)
    leads: dict[str, Lead] = {}
    for node in picked[:MAX_LINKS]:
        for link in [node] if node.tag == "a" else node.css("a[href]"):
            address = absolute_url(base, link.attributes.get("href") or "")
            if address is not None:
                title = " ".join(link.text(separator=" ").split())[:500]
                leads.setdefault(address, Lead(address, outlet, Via.LISTING, found_in=url, title=title))
    if selector and not picked:
        detail = f"leads.listing_links: {selector!r} matches nothing on {url}; mend the outlet file."
        return Found((), outcome=Outcome.EXTRACTION_FAILED, detail=detail)
    cut = len(picked) - MAX_LINKS
    detail = f"{counted(cut, 'link')} beyond the first {MAX_LINKS} were left out." if cut > 0 else ""
    next_page, fault = _next_page(tree, base, next_selector)
    if fault:
        return Found(tuple(leads.values()), outcome=Outcome.EXTRACTION_FAILED, detail=fault)
    return Found(tuple(leads.values()), detail=detail, next_page="" if next_page == url else next_page)


def _next_page(tree: LexborHTMLParser, base: str, selector: str) -> tuple[str, str]:
    """Return the address of the list's next page and what is wrong with the selector, each "" where there is none."""
    try:
        node = tree.css_first(selector) if selector else None
    except (SelectolaxError, ValueError):
        return "", f"leads.listing_next: {selector!r} is not a valid CSS selector; mend the outlet file."
    return (absolute_url(base, node.attributes.get("href") or "") if node is not None else None) or "", ""


def _base(tree: LexborHTMLParser, url: str) -> str:
    node = tree.css_first("base[href]")
    return (absolute_url(url, node.attributes.get("href") or "") if node is not None else None) or url
