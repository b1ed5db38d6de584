"""`/changed`: articles edited after others cited them, newest edit first; and notices as other pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint
from flask.typing import ResponseReturnValue

from index.records import JsonObject
from index.revising import State
from index.store import Transaction
from index.store.notices import EditedTarget, Notice, newest_edited_targets, states_of
from index.store.outlets import outlet_titles
from index.telling import what_changed
from web.differences import Budget, MarkedParagraph, changes_json, marked_changes
from web.shapes import instant
from web.site import answer, page_number, refuse_page_behind_last, site

pages = Blueprint("changed", __name__)
PER_PAGE = 20
COMPARED = 10
"""Notices of one article whose texts are compared; further ones name the edits without showing them."""

MOST_CHARS = 400_000
"""Characters of the two states of a text that are compared within the page of another article."""


@dataclass(frozen=True, slots=True)
class Told:
    """A notice with what changed since it was cited: in a sentence, and marked where that is not too much."""

    notice: Notice
    sentence: str
    paragraphs: tuple[MarkedParagraph, ...]


@pages.get("/changed")
def changed() -> ResponseReturnValue:
    """Show the newest edits of articles that others had cited."""
    page = page_number()
    with site().store.read() as tx:
        found = newest_edited_targets(tx, limit=PER_PAGE + 1, offset=(page - 1) * PER_PAGE)
        titles = outlet_titles(tx)
    refuse_page_behind_last(page, found)
    shown = found[:PER_PAGE]
    data = {"page": page, "changed": [_edited_json(one) for one in shown]}
    return answer(
        "changed.html", data, found=shown, page=page, more=len(found) > PER_PAGE, titles=titles, now=site().now()
    )


def told_notices(tx: Transaction, notices: Sequence[Notice]) -> list[Told]:
    """Compare for each notice the text that was cited with the current one; one statement."""
    compared = notices[:COMPARED]
    states = states_of(
        tx, [(one.target_id, number) for one in compared for number in (one.cited_revision, one.revision)]
    )
    budget = Budget()
    told = []
    for one in notices:
        before, after = (states.get((one.target_id, number)) for number in (one.cited_revision, one.revision))
        told.append(_told(one, before, after, budget))
    return told


def notice_json(notice: Notice) -> JsonObject:
    """Return a notice: who cites what, when it was cited, when the cited text was edited, and how sure that is."""
    return {
        "certain": notice.is_certain,
        "from": {
            "id": notice.article_id,
            "title": notice.article_title,
            "outlet": notice.article_outlet,
            "at": instant(notice.article_at),
        },
        "to": {"id": notice.target_id, "title": notice.target_title, "outlet": notice.target_outlet},
        "text": notice.text,
        "context": notice.context,
        "cited_at": instant(notice.cited_at),
        "cited_by": notice.cited_by,
        "cited_revision": notice.cited_revision,
        "revision": notice.revision,
        "held_until": instant(notice.held_until),
        "edited_by": instant(notice.edited_by),
        "last_edited_by": instant(notice.last_edited_by),
    }


def told_json(told: Told) -> JsonObject:
    """Return a notice with what changed."""
    return {**notice_json(told.notice), "changes": told.sentence, "difference": changes_json(told.paragraphs)}


def _told(notice: Notice, before: State | None, after: State | None, budget: Budget) -> Told:
    if before is None or after is None:
        return Told(notice, notice.changes, ())
    if len(before.text) + len(after.text) > MOST_CHARS:
        return Told(notice, notice.changes, ())
    sentence = notice.changes if notice.edits == 1 else what_changed(before, after)
    return Told(notice, sentence, tuple(marked_changes(before.text, after.text, budget)))


def _edited_json(one: EditedTarget) -> JsonObject:
    return {
        "id": one.article_id,
        "title": one.title,
        "outlet": one.outlet,
        "edited_by": instant(one.edited_by),
        "changes": one.changes,
        "citing_earlier": one.citers,
        "notices": [notice_json(notice) for notice in one.notices],
    }
