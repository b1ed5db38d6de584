"""`/articles/<id>` with its revisions, links, backlinks and extraction trace."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from index.errors import NotFoundError, TakenDownError
from index.records import JsonObject, Role, StoredArticle, StoredLink
from index.recurring import left_out_in, without_blocks
from index.store import Transaction
from index.store.articles import addresses_of, articles_by_id, get_article, revisions_of
from index.store.links import backlinks_to, count_references, hub_labels, references_of
from index.store.notices import count_citing_earlier, notices_about, notices_in
from index.store.outlets import outlet_titles
from index.store.pages import raw_removed_at
from index.store.quotations import quotations_of
from index.store.stories import get_story, originals_of
from index.store.takedowns import tombstone_of
from index.stories.telling import related_json
from index.titles import title_history
from web.changed import notice_json, told_json, told_notices
from web.differences import Budget, changes_json, marked_changes
from web.quotations import SHOWN as QUOTATIONS_SHOWN
from web.quotations import by_speaker, quotation_json
from web.related import related_to_article, section_of
from web.shapes import article_json, instant, link_json, paragraphs_of, revision_json
from web.site import answer, page_number, refuse_page_behind_last, site
from web.subjects import subjects_json, subjects_of

pages = Blueprint("articles", __name__, url_prefix="/articles")
LINKS_SHOWN = 100
LINKS_PAGE = 200
OF_THE_PAGE = (Role.FURNITURE, Role.BYLINE)
"""Links that the article's own page does not show."""

BACKLINKS_SHOWN = 20
BACKLINKS_PAGE = 100
NOTICES = 1000
REVISIONS_SHOWN = 10
REVISIONS_PAGE = 20
KNOWN_IDS = 2**63 - 1

_Section = tuple[JsonObject, JsonObject]
"""What the JSON tells, and what the page shows."""


def held(tx: Transaction, article_id: int) -> StoredArticle:
    """Return an article with its text.

    Raises NotFoundError, and TakenDownError where there was one: each is answered by its sentence.
    """
    article = get_article(tx, article_id) if article_id <= KNOWN_IDS else None
    barred = tombstone_of(tx, article_id=article_id) if article is None and article_id <= KNOWN_IDS else None
    if barred is not None:
        why = f" The reason given: {barred.reason.rstrip('.')}." if barred.reason.strip() else ""
        day = f"{barred.at:%-d %B %Y at %H:%M} UTC"
        raise TakenDownError(f"The article at {barred.url} was taken down on {day}. Its text is no longer held.{why}")
    if article is None:
        raise NotFoundError(f"There is no article {article_id}. It may have been merged with another, or taken down.")
    return article


@pages.get("/<int:article_id>")
def article(article_id: int) -> ResponseReturnValue:
    """Show one article: text, dates, its story, what is related, what it cites, who cites it, its revisions."""
    with site().store.read() as tx:
        found = held(tx, article_id)
        parts = (_surroundings(tx, found), _cited(tx, found), _revised(tx, found), _said(tx, found))
        titles = outlet_titles(tx)
    data = article_json(found, with_text=True)
    shown: JsonObject = {}
    for told, section in parts:
        data |= told
        shown |= section
    return answer(
        "article.html",
        data,
        **shown,
        article=found,
        paragraphs=paragraphs_of(found),
        titles=titles,
        now=site().now(),
    )


def _surroundings(tx: Transaction, found: StoredArticle) -> _Section:
    original = originals_of(tx, [found.id]).get(found.id)
    story = get_story(tx, found.story_id) if found.story_id is not None else None
    related = related_to_article(tx, found.id, now=site().now())
    told: JsonObject = {"copy_of": original, "related": related_json(related)}
    shown = articles_by_id(tx, [original]).get(original) if original is not None else None
    return told, {**section_of(related), "story": story, "original": shown}


def _cited(tx: Transaction, found: StoredArticle) -> _Section:
    references = references_of(tx, found.id, limit=LINKS_SHOWN)
    of_text = references_of(tx, found.id, limit=LINKS_SHOWN, but=OF_THE_PAGE)
    backlinks = backlinks_to(tx, found.id, limit=BACKLINKS_SHOWN + 1)
    edited = told_notices(tx, notices_in(tx, found.id))
    told: JsonObject = {
        "links": [link_json(link) for link in references],
        "links_total": count_references(tx, found.id),
        "backlinks": [link_json(link) for link in backlinks[:BACKLINKS_SHOWN]],
        "changed_after_cited": [told_json(one) for one in edited],
    }
    return told, {
        "references": grouped(of_text),
        "more_references": max(0, count_references(tx, found.id, but=OF_THE_PAGE) - len(of_text)),
        "backlinks": backlinks[:BACKLINKS_SHOWN],
        "more_backlinks": len(backlinks) > BACKLINKS_SHOWN,
        "edited": {one.notice.link_id: one for one in edited},
    }


def _revised(tx: Transaction, found: StoredArticle) -> _Section:
    revisions = revisions_of(tx, found.id, with_text=False)
    history = title_history(revisions)
    addresses = addresses_of(tx, found.id)
    told: JsonObject = {
        "addresses": addresses,
        "revisions": [revision_json(revision) for revision in revisions],
        "titles": [{"title": one.title, "since": instant(one.since), "revision": one.revision} for one in history],
    }
    return told, {
        "addresses": [address for address in addresses if address != found.canonical_url],
        "revisions": revisions[::-1][:REVISIONS_SHOWN],
        "revisions_total": len(revisions),
        "history": history,
    }


def _said(tx: Transaction, found: StoredArticle) -> _Section:
    subjects = subjects_of(tx, found.id)
    quotations = quotations_of(tx, found.id)
    told = {**subjects_json(subjects), "quotations": [quotation_json(one) for one in quotations]}
    return told, {
        "labels": hub_labels(tx, found.topics),
        "subjects": subjects,
        "quotations": by_speaker(quotations),
        "more_quotations": max(0, len(quotations) - QUOTATIONS_SHOWN),
    }


@pages.get("/<int:article_id>/revisions")
def revisions(article_id: int) -> ResponseReturnValue:
    """Show the revisions, newest first, with what changed marked in the text; twenty a page."""
    page = page_number()
    with site().store.read() as tx:
        found = held(tx, article_id)
        last = found.revision - (page - 1) * REVISIONS_PAGE
        first = max(1, last - REVISIONS_PAGE + 1)
        states = revisions_of(tx, article_id, first=first - 1, last=last)
    keys = {key for state in states for key in left_out_in(state.trace)}
    texts = {state.number: without_blocks(state.text, keys) for state in states}
    shown = [state for state in states[::-1] if state.number >= first]
    refuse_page_behind_last(page, shown)
    budget = Budget()
    compared = []
    for state in shown:
        old, new = texts.get(state.number - 1), texts[state.number]
        fits = old is not None and budget.takes(old, new)
        compared.append((state, marked_changes(old, new, budget) if old is not None and fits else None))
    told = [
        {**revision_json(state, with_text=True), "difference": None if marked is None else changes_json(marked)}
        for state, marked in compared
    ]
    data = {"id": article_id, "page": page, "revisions": told}
    return answer("revisions.html", data, article=found, compared=compared, page=page, more=first > 1)


@pages.get("/<int:article_id>/links")
def links(article_id: int) -> ResponseReturnValue:
    """Show every link of an article, page furniture too; two hundred a page."""
    page = page_number()
    start = (page - 1) * LINKS_PAGE
    with site().store.read() as tx:
        found = held(tx, article_id)
        references = references_of(tx, article_id, limit=LINKS_PAGE, offset=start)
        total = count_references(tx, article_id)
        titles = outlet_titles(tx)
    refuse_page_behind_last(page, references)
    data = {"id": article_id, "page": page, "total": total, "links": [link_json(link) for link in references]}
    more = total > start + len(references)
    shown: JsonObject = {"references": references, "total": total, "page": page, "more": more, "titles": titles}
    return answer("links.html", data, article=found, **shown)


@pages.get("/<int:article_id>/backlinks")
def backlinks(article_id: int) -> ResponseReturnValue:
    """Show who cites an article, a hundred a page."""
    page = page_number()
    with site().store.read() as tx:
        found = held(tx, article_id)
        citing = backlinks_to(tx, article_id, limit=BACKLINKS_PAGE + 1, offset=(page - 1) * BACKLINKS_PAGE)
        citing_earlier = count_citing_earlier(tx, article_id)
        notices = notices_about(tx, [article_id], limit=NOTICES) if citing_earlier else []
        titles = outlet_titles(tx)
    refuse_page_behind_last(page, citing)
    shown = citing[:BACKLINKS_PAGE]
    earlier = {notice.link_id: notice for notice in notices}
    told = [
        {**link_json(link), "cites_earlier": notice_json(earlier[link.id]) if link.id in earlier else None}
        for link in shown
    ]
    data = {"id": article_id, "page": page, "citing_earlier": citing_earlier, "backlinks": told}
    return answer(
        "backlinks.html",
        data,
        article=found,
        backlinks=shown,
        page=page,
        more=len(citing) > BACKLINKS_PAGE,
        citing_earlier=citing_earlier,
        earlier=earlier,
        titles=titles,
        now=site().now(),
    )


@pages.get("/<int:article_id>/trace")
def trace(article_id: int) -> ResponseReturnValue:
    """Show which rule gave which field of the newest revision."""
    with site().store.read() as tx:
        found = held(tx, article_id)
        newest = revisions_of(tx, article_id, first=found.revision)[-1]
        removed_at = raw_removed_at(tx, newest.page_id)
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
    data = {"id": article_id, "revision": newest.number, "raw_removed_at": instant(removed_at), "trace": steps}
    return answer("trace.html", data, article=found, revision=newest, steps=steps, raw_removed_at=removed_at)


def grouped(references: list[StoredLink]) -> list[tuple[str, list[StoredLink]]]:
    """Sort an article's links for readers: what we hold, documents, elsewhere, the outlet's own lists. No furniture."""
    groups: dict[str, list[StoredLink]] = {
        "Articles we hold": [],
        "Source documents": [],
        "Not held yet": [],
        "The outlet's related list": [],
    }
    for link in references:
        if link.role in OF_THE_PAGE:
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
