"""`/`: the search box, the stories of now, the newest articles, what is cited most, and how fresh the outlets are."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from index.find import coverage_json
from index.store.articles import count_articles, latest_articles
from index.store.hubs import count_wanted
from index.store.links import hubs_by_citers
from index.store.outlets import coverage, outlet_titles
from index.store.stories import list_stories
from index.store.subjects import articles_of_topic
from index.stories.wording import ranked_json
from web.shapes import article_json
from web.site import answer, site
from web.subjects import chosen_topic, topic_counts

pages = Blueprint("home", __name__)
NEWEST = 15
HUBS = 12
STORIES = 8


@pages.get("/")
def now() -> ResponseReturnValue:
    """Show what the archive holds now."""
    at, settings = site().now(), site().settings
    chosen = chosen_topic()
    with site().store.read() as tx:
        articles = articles_of_topic(tx, chosen, limit=NEWEST) if chosen else latest_articles(tx, limit=NEWEST)
        security = topic_counts(tx)
        total = count_articles(tx)
        stories = list_stories(tx, now=at, limit=STORIES, topic=chosen)
        hubs = hubs_by_citers(tx, limit=HUBS)
        covered = coverage(tx, now=at, stale_after_h=settings.coverage.stale_after_h)
        titles = outlet_titles(tx)
        missing = count_wanted(tx)
    data = {
        "articles_total": total,
        "topic": chosen or None,
        "security": security,
        "wanted_total": missing,
        "coverage": [coverage_json(one) for one in covered],
        "topics": [{"slug": hub.slug, "label": hub.label, "articles": hub.citers} for hub in hubs],
        "stories": [ranked_json(one) for one in stories],
        "articles": [article_json(article) for article in articles],
    }
    return answer(
        "home.html",
        data,
        articles=articles,
        chosen=chosen,
        security=security,
        stories=stories,
        total=total,
        hubs=hubs,
        covered=sorted(covered, key=lambda one: one.state == "imported"),  # those that can be late come first
        titles=titles,
        missing=missing,
        now=at,
    )
