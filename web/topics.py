"""`/topics` and `/topics/<slug>`: the hubs that outlets' related lists name, and the articles that name them."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from index.errors import NotFoundError
from index.store.links import articles_of_hub, get_hub, hubs_by_citers
from index.store.outlets import outlet_titles
from web.shapes import article_json, hub_json
from web.site import answer, page_number, refuse_page_behind_last, site
from web.subjects import is_topic, topic_counts, topic_page

pages = Blueprint("topics", __name__, url_prefix="/topics")
HUBS_PAGE = 100
ARTICLES_PAGE = 25


@pages.get("")
def topic_list() -> ResponseReturnValue:
    """Show the hubs that most articles point at."""
    page = page_number()
    with site().store.read() as tx:
        hubs = hubs_by_citers(tx, limit=HUBS_PAGE + 1, offset=(page - 1) * HUBS_PAGE)
        titles = outlet_titles(tx)
        security = topic_counts(tx)
    refuse_page_behind_last(page, hubs)
    shown = hubs[:HUBS_PAGE]
    data = {"page": page, "security": security, "topics": [hub_json(hub) for hub in shown]}
    return answer(
        "topics.html", data, hubs=shown, page=page, more=len(hubs) > HUBS_PAGE, titles=titles, security=security
    )


@pages.get("/<slug>")
def topic(slug: str) -> ResponseReturnValue:
    """Show one hub and the articles that name it, newest first."""
    page = page_number()
    with site().store.read() as tx:
        hub = get_hub(tx, slug)
        if is_topic(slug):
            return topic_page(slug, hub)
        if hub is None:
            raise NotFoundError(f"No article names a topic {slug[:80]!r}.")
        articles = articles_of_hub(tx, slug, limit=ARTICLES_PAGE + 1, offset=(page - 1) * ARTICLES_PAGE)
        titles = outlet_titles(tx)
    refuse_page_behind_last(page, articles)
    shown = articles[:ARTICLES_PAGE]
    data = {**hub_json(hub), "page": page, "latest": [article_json(article) for article in shown]}
    return answer(
        "topic.html",
        data,
        hub=hub,
        articles=shown,
        page=page,
        more=len(articles) > ARTICLES_PAGE,
        titles=titles,
        now=site().now(),
    )
