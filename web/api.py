"""`/api/v1/…`: the same answers as the pages, as JSON; errors are problem JSON."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from index.errors import NotFoundError
from index.find import result_json
from index.store.articles import article_by_url
from index.store.links import links_to_url, references_of
from web import articles as article_pages
from web import changed as changed_pages
from web import hubs as hub_pages
from web import outlets as outlet_pages
from web import stories as story_pages
from web import wanted as wanted_pages
from web.errors import problem
from web.search import ask, filters_asked
from web.shapes import link_json
from web.site import page_number, refuse_page_behind_last, site
from web.suggest import completions_of

pages = Blueprint("api", __name__, url_prefix="/api/v1")
MOST_CHARS = 200
MOST_URL_CHARS = 8192
LINKS_PAGE = 100


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


@pages.get("/links")
def links() -> ResponseReturnValue:
    """Give the links to an address (?to=) or of the article at one (?from=), a hundred a page."""
    to, source = (request.args.get(name, "").strip()[:MOST_URL_CHARS] for name in ("to", "from"))
    if bool(to) == bool(source):
        return problem(400, "Name ?to=ADDRESS for who links there, or ?from=ADDRESS for what an article links to.")
    page = page_number()
    with site().store.read() as tx:
        if to:
            found = links_to_url(tx, to, limit=LINKS_PAGE + 1, offset=(page - 1) * LINKS_PAGE)
        else:
            article = article_by_url(tx, source)
            if article is None:
                raise NotFoundError(f"No article is held at {source[:200]!r}.")
            start = (page - 1) * LINKS_PAGE
            found = references_of(tx, article.id, limit=LINKS_PAGE + 1, offset=start)
    refuse_page_behind_last(page, found)
    shown = [link_json(link) for link in found[:LINKS_PAGE]]
    return jsonify(
        {"to": to or None, "from": source or None, "page": page, "more": len(found) > LINKS_PAGE, "links": shown}
    )


@pages.get("/hubs")
def hubs() -> ResponseReturnValue:
    """Give addresses that several articles link to; with ?url= one of them and who does."""
    return hub_pages.hub_list()


@pages.get("/cited")
def cited() -> ResponseReturnValue:
    """Give what articles cite most, of all or of a span of days."""
    return hub_pages.cited()


@pages.get("/changed")
def changed() -> ResponseReturnValue:
    """Give articles edited after others cited them."""
    return changed_pages.changed()


@pages.get("/suggest")
def suggest() -> ResponseReturnValue:
    """Give completions of what is typed: words of headlines, and names, outlets, topics and stories with their kind."""
    text = request.args.get("q", "")[:MOST_CHARS]
    words = site().backend.suggest(text) if text.strip() else []
    return jsonify({"query": text, "suggestions": words, "completions": completions_of(text)})
