"""`/articles/<id>` with its revisions, links, backlinks and extraction trace."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from index.errors import NotFoundError
from index.records import Role, StoredArticle, StoredLink
from index.store import Transaction
from index.store.articles import addresses_of, get_article, revisions_of
from index.store.links import backlinks_to, hub_labels, references_of
from index.store.outlets import outlet_titles
from index.store.stories import get_story, originals_of
from index.stories.telling import related_json
from web.differences import marked_changes
from web.related import related_to_article, section_of
from web.shapes import article_json, link_json, paragraphs_of, revision_json
from web.site import answer, page_number, refuse_page_behind_last, site, wants_json

pages = Blueprint("articles", __name__, url_prefix="/articles")
BACKLINKS_SHOWN = 20
BACKLINKS_PAGE = 100
REVISIONS_SHOWN = 10
REVISIONS_PAGE = 20
KNOWN_IDS = 2**63 - 1


def held(tx: Transaction, article_id: int) -> StoredArticle:
    """Return an article with its text. Raises NotFoundError, which is answered by a sentence."""
    article = get_article(tx, article_id) if article_id <= KNOWN_IDS else None
    if article is None:
        raise NotFoundError(f"There is no article {article_id}. It may have been merged with another, or taken down.")
    return article


@pages.get("/<int:article_id>")
def article(article_id: int) -> ResponseReturnValue:
    """Show one article: text, dates, what it cites, who cites it, its revisions."""
    with site().store.read() as tx:
        found = held(tx, article_id)
        references = references_of(tx, article_id)
        backlinks = backlinks_to(tx, article_id, limit=BACKLINKS_SHOWN + 1)
        revisions = revisions_of(tx, article_id, with_text=False)
        titles = outlet_titles(tx)
        addresses = addresses_of(tx, article_id)
        labels = hub_labels(tx, found.topics)
        story = get_story(tx, found.story_id) if found.story_id is not None else None
        original = originals_of(tx, [article_id]).get(article_id)
        related = related_to_article(tx, article_id, now=site().now())
    data = {
        **article_json(found, with_text=True),
        "copy_of": original,
        "addresses": addresses,
        "links": [link_json(link) for link in references],
        "backlinks": [link_json(link) for link in backlinks[:BACKLINKS_SHOWN]],
        "revisions": [revision_json(revision) for revision in revisions],
        "related": related_json(related),
    }
    return answer(
        "article.html",
        data,
        **section_of(related),
        article=found,
        paragraphs=paragraphs_of(found),
        references=grouped(references),
        backlinks=backlinks[:BACKLINKS_SHOWN],
        more_backlinks=len(backlinks) > BACKLINKS_SHOWN,
        revisions=revisions[::-1][:REVISIONS_SHOWN],
        revisions_total=len(revisions),
        addresses=[address for address in addresses if address != found.canonical_url],
        titles=titles,
        labels=labels,
        story=story,
        original=original,
        now=site().now(),
    )


@pages.get("/<int:article_id>/revisions")
def revisions(article_id: int) -> ResponseReturnValue:
    """Show the revisions, newest first, with what changed marked in the text; twenty a page."""
    page = page_number()
    with site().store.read() as tx:
        found = held(tx, article_id)
        last = found.revision - (page - 1) * REVISIONS_PAGE
        first = max(1, last - REVISIONS_PAGE + 1)
        states = revisions_of(tx, article_id, first=first - 1, last=last)
    before = {state.number + 1: state.text for state in states}
    shown = [state for state in states[::-1] if state.number >= first]
    refuse_page_behind_last(page, shown)
    data = {"id": article_id, "page": page, "revisions": [revision_json(state, with_text=True) for state in shown]}
    if wants_json():
        return jsonify(data)
    compared = [
        (state, marked_changes(before[state.number], state.text) if state.number in before else None) for state in shown
    ]
    return answer("revisions.html", data, article=found, compared=compared, page=page, more=first > 1)


@pages.get("/<int:article_id>/links")
def links(article_id: int) -> ResponseReturnValue:
    """Show every link of an article, page furniture too."""
    with site().store.read() as tx:
        found = held(tx, article_id)
        references = references_of(tx, article_id)
        titles = outlet_titles(tx)
    data = {"id": article_id, "links": [link_json(link) for link in references]}
    return answer("links.html", data, article=found, references=references, titles=titles)


@pages.get("/<int:article_id>/backlinks")
def backlinks(article_id: int) -> ResponseReturnValue:
    """Show who cites an article, a hundred a page."""
    page = page_number()
    with site().store.read() as tx:
        found = held(tx, article_id)
        citing = backlinks_to(tx, article_id, limit=BACKLINKS_PAGE + 1, offset=(page - 1) * BACKLINKS_PAGE)
        titles = outlet_titles(tx)
    refuse_page_behind_last(page, citing)
    shown = citing[:BACKLINKS_PAGE]
    data = {"id": article_id, "page": page, "backlinks": [link_json(link) for link in shown]}
    return answer(
        "backlinks.html",
        data,
        article=found,
        backlinks=shown,
        page=page,
        more=len(citing) > BACKLINKS_PAGE,
        titles=titles,
        now=site().now(),
    )


@pages.get("/<int:article_id>/trace")
def trace(article_id: int) -> ResponseReturnValue:
    """Show which rule gave which field of the newest revision."""
    with site().store.read() as tx:
        found = held(tx, article_id)
        newest = revisions_of(tx, article_id, first=found.revision)[-1]
    steps = [
        {
            "field": step.field,
            "rule": step.rule,
            "selector": step.selector,
            "matches": step.matches,
            "raw": step.raw,
            "value": step.value,
        }
        for step in newest.trace
    ]
    data = {"id": article_id, "revision": newest.number, "trace": steps}
    return answer("trace.html", data, article=found, revision=newest, steps=steps)


def grouped(references: list[StoredLink]) -> list[tuple[str, list[StoredLink]]]:
    """Sort an article's links for readers: what we hold, documents, elsewhere, the outlet's own lists. No furniture."""
    groups: dict[str, list[StoredLink]] = {
        "Articles we hold": [],
        "Source documents": [],
        "Not held yet": [],
        "The outlet's related list": [],
    }
    for link in references:
        if link.role in (Role.FURNITURE, Role.BYLINE):
            continue
        if link.role is Role.BACKLINK:
            groups["The outlet's related list"].append(link)
        elif link.target_article_id is not None:
            groups["Articles we hold"].append(link)
        elif link.role is Role.SOURCE:
            groups["Source documents"].append(link)
        else:
            groups["Not held yet"].append(link)
    return [(name, found) for name, found in groups.items() if found]
