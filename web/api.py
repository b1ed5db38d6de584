"""`/api/v1/…`: the same answers as the pages, as JSON; errors are problem JSON."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from index.find import result_json
from web import articles as article_pages
from web import outlets as outlet_pages
from web import stories as story_pages
from web import wanted as wanted_pages
from web.errors import problem
from web.search import ask, filters_asked
from web.site import site

pages = Blueprint("api", __name__, url_prefix="/api/v1")
MOST_CHARS = 200


@pages.get("/search")
def search() -> ResponseReturnValue:
    """Answer a query; the arguments are those of /search."""
    filters, faults = filters_asked()
    if faults:
        return problem(400, " ".join(faults))
    return jsonify(result_json(ask(request.args.get("q", ""), filters)))


@pages.get("/articles/<int:article_id>")
def article(article_id: int) -> ResponseReturnValue:
    """Give one article with text, links, backlinks and revisions."""
    return article_pages.article(article_id)


@pages.get("/articles/<int:article_id>/backlinks")
def backlinks(article_id: int) -> ResponseReturnValue:
    """Give who cites an article."""
    return article_pages.backlinks(article_id)


@pages.get("/stories")
def stories() -> ResponseReturnValue:
    """Give the stories of now."""
    return story_pages.story_list()


@pages.get("/stories/<int:story_id>")
def story(story_id: int) -> ResponseReturnValue:
    """Give one story with its articles; a merged id leads to the story it is part of now."""
    return story_pages.story(story_id)


@pages.get("/outlets")
def outlets() -> ResponseReturnValue:
    """Give every outlet with its counts."""
    return outlet_pages.outlet_list()


@pages.get("/wanted")
def wanted() -> ResponseReturnValue:
    """Give addresses that are cited and not held."""
    return wanted_pages.wanted()


@pages.get("/suggest")
def suggest() -> ResponseReturnValue:
    """Give completions of the last word typed, from words of titles."""
    text = request.args.get("q", "")[:MOST_CHARS]
    return jsonify({"query": text, "suggestions": site().backend.suggest(text) if text.strip() else []})
