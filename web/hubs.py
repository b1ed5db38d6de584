"""`/hubs`, `/hubs?url=` and `/cited`: addresses that several articles link to, who does, and what is cited most."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from index.errors import NotFoundError
from index.search.query_parser import day_of
from index.store.cited import most_cited
from index.store.hubs import (
    LEAST_CITERS,
    articles_citing,
    cited_address,
    cited_together,
    newest_citers,
    outlets_citing,
    stories_among,
    url_hubs,
)
from index.store.link_checks import check_of
from index.store.outlets import outlet_titles
from web.errors import problem
from web.shapes import cited_json, citing_json, hub_story_json, link_check_json
from web.site import answer, page_number, refuse_page_behind_last, site

pages = Blueprint("hubs", __name__)
PER_PAGE = 50
ARTICLES_PAGE = 25
MOST_URL_CHARS = 8192


@pages.get("/hubs")
def hub_list() -> ResponseReturnValue:
    """Show addresses not held that several articles link to; with ?url= one of them and who links there."""
    if "url" in request.args:
        return hub(request.args["url"].strip()[:MOST_URL_CHARS])
    page = page_number()
    with site().store.read() as tx:
        found = url_hubs(tx, limit=PER_PAGE + 1, offset=(page - 1) * PER_PAGE)
    refuse_page_behind_last(page, found)
    shown = found[:PER_PAGE]
    data = {"page": page, "hubs": [cited_json(one) for one in shown]}
    return answer("hubs.html", data, hubs=shown, page=page, more=len(found) > PER_PAGE)


def hub(url: str) -> ResponseReturnValue:
    """Show one address and the articles that link to it, newest first, with the sentence around each link."""
    page = page_number()
    with site().store.read() as tx:
        found = cited_address(tx, url)
        if found is None or (found.article_id is None and found.citers < LEAST_CITERS):
            raise NotFoundError(f"No two articles held link to {url[:200]!r}; /search?q=links:URL finds whoever does.")
        citing = articles_citing(tx, url, limit=ARTICLES_PAGE + 1, offset=(page - 1) * ARTICLES_PAGE)
        newest = newest_citers(tx, url)
        together = cited_together(tx, url, newest)
        stories = stories_among(tx, newest)
        outlets = outlets_citing(tx, url)
        check = check_of(tx, found.url)
        titles = outlet_titles(tx)
    refuse_page_behind_last(page, citing)
    shown = citing[:ARTICLES_PAGE]
    data = {
        **cited_json(found),
        "page": page,
        "check": link_check_json(check),
        "by_outlet": [{"outlet": name, "articles": number} for name, number in outlets],
        "citing": [citing_json(one) for one in shown],
        "cited_together": [{**cited_json(one), "together": number} for one, number in together],
        "stories": [hub_story_json(one) for one in stories],
        "looked_at": len(newest),
    }
    return answer(
        "hub.html",
        data,
        hub=found,
        citing=shown,
        outlets=outlets,
        together=together,
        stories=stories,
        looked_at=len(newest),
        check=check,
        page=page,
        more=len(citing) > ARTICLES_PAGE,
        titles=titles,
    )


@pages.get("/cited")
def cited() -> ResponseReturnValue:
    """Show what articles cite most, of all that are held or of a span of days."""
    asked = {name: request.args.get(name, "").strip() for name in ("after", "before")}
    days = {name: day_of(value) for name, value in asked.items()}
    wrong = [name for name, value in asked.items() if value and days[name] is None]
    if wrong:
        return problem(400, f"{wrong[0]}: takes a year, a month or a day, as 2024, 2024-06 or 2024-06-22.")
    return _cited(days["after"], days["before"])


def _cited(after: date | None, before: date | None) -> ResponseReturnValue:
    page = page_number()
    with site().store.read() as tx:
        found = most_cited(tx, after=after, before=before, limit=PER_PAGE + 1, offset=(page - 1) * PER_PAGE)
    refuse_page_behind_last(page, found.found)
    shown = found.found[:PER_PAGE]
    data = {
        "after": after.isoformat() if after else None,
        "before": before.isoformat() if before else None,
        "page": page,
        "articles_read": found.articles_read,
        "cut": found.cut,
        "cited": [{**cited_json(one), "articles": number, "all_articles": one.citers} for one, number in shown],
    }
    return answer(
        "cited.html",
        data,
        cited=shown,
        articles_read=found.articles_read,
        cut=found.cut,
        after=after,
        before=before,
        page=page,
        more=len(found.found) > PER_PAGE,
    )
