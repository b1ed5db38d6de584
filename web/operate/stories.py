"""`/operate/stories/<id>`: splitting a story, merging stories, and taking either back."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from config.counting import counted
from config.errors import UsageError
from index.account_records import Role
from index.records import StoredArticle
from index.store import Transaction
from index.store.articles import articles_by_id
from index.store.audit import note_act
from index.store.outlets import outlet_titles
from index.store.stories import held_story, members_of
from index.store.story_edits import merge_stories, split_story
from index.story_records import Story
from web.auth import actor, needs
from web.operate.answering import asked_first, whole_number
from web.site import answer, site, wants_json

pages = Blueprint("operate_stories", __name__, url_prefix="/operate/stories")
MOST_SHOWN = 200
MOST_TOLD = 10


@pages.get("/<int:story_id>")
@needs(Role.OPERATOR)
def story(story_id: int) -> ResponseReturnValue:
    """Show the articles of a story with the forms that split it and merge it with another."""
    back = [one for one in map(whole_number, request.args.getlist("back")) if one]
    with site().store.read() as tx:
        found, articles = _held(tx, story_id)
        titles = outlet_titles(tx)
    data = {
        "id": found.id,
        "title": found.title,
        "articles": [{"id": one.id, "title": one.title, "outlet": one.outlet} for one in articles],
    }
    return answer(
        "operate/story.html",
        data,
        story=found,
        articles=articles,
        back=back[:MOST_SHOWN],
        into=whole_number(request.args.get("into", "")),
        most=MOST_SHOWN,
        titles=titles,
        now=site().now(),
    )


@pages.get("/<int:story_id>/split")
@needs(Role.OPERATOR)
def ask_to_split(story_id: int) -> ResponseReturnValue:
    """Ask whether articles shall leave a story."""
    with site().store.read() as tx:
        found, articles = _held(tx, story_id)
    chosen = set(_chosen())
    moved = [one for one in articles if one.id in chosen]
    if not moved or len(moved) == len(articles):
        raise UsageError("Choose the articles that are to leave the story, and leave at least one of its articles out.")
    told = [f"{counted(len(moved), 'article leaves', 'articles leave')} the story for a new one:", *_told(moved)]
    told.append("They are kept apart from now on, also when stories are worked out anew. A merge takes it back.")
    back = url_for("operate_stories.story", story_id=found.id)
    return asked_first(title=f"Split “{found.title}”?", told=told, button="Split it", back=back)


@pages.post("/<int:story_id>/split")
@needs(Role.OPERATOR)
def split(story_id: int) -> ResponseReturnValue:
    """Move articles of a story into a new one."""
    now = site().now()
    with site().store.write() as tx:
        old = held_story(tx, story_id)
        new = split_story(tx, old.id, _chosen(), by=actor(), note=_note(), now=now)
        note_act(
            tx, by=actor(), act="split the story", subject=f"story {old.id}", detail=f"new: story {new.id}", now=now
        )
    if wants_json():
        return answer("", {"story": old.id, "new": new.id})
    return redirect(url_for("operate_stories.story", story_id=new.id, done="split", into=old.id), 303)


@pages.get("/<int:story_id>/merge")
@needs(Role.OPERATOR)
def ask_to_merge(story_id: int) -> ResponseReturnValue:
    """Ask whether another story shall become part of this one."""
    with site().store.read() as tx:
        found, _ = _held(tx, story_id)
        other, articles = _held(tx, _other())
    if other.id == found.id:
        raise UsageError(f"Story {other.id} is this story; name another.")
    told = [f"Story {other.id}, “{other.title}”, with {counted(other.articles, 'article')}:", *_told(articles)]
    told.append("Its number leads here from now on, and its articles are kept together. A split takes it back.")
    back = url_for("operate_stories.story", story_id=found.id)
    return asked_first(title=f"Merge it into “{found.title}”?", told=told, button="Merge them", back=back)


@pages.post("/<int:story_id>/merge")
@needs(Role.OPERATOR)
def merge(story_id: int) -> ResponseReturnValue:
    """Make another story part of this one."""
    now = site().now()
    with site().store.write() as tx:
        gone, articles = _held(tx, _other())
        story = merge_stories(tx, story_id, [gone.id], by=actor(), note=_note(), now=now)
        subject, detail = f"story {story.id}", f"taken in: story {gone.id}"
        note_act(tx, by=actor(), act="merged stories", subject=subject, detail=detail, now=now)
    if wants_json():
        return answer("", {"story": story.id, "merged": gone.id})
    back = [one.id for one in articles]
    return redirect(url_for("operate_stories.story", story_id=story.id, done="merged", back=back), 303)


def _held(tx: Transaction, story_id: int) -> tuple[Story, list[StoredArticle]]:
    """A story and its first articles by time. Raises NotFoundError where there is none."""
    found = held_story(tx, story_id if story_id < 2**63 else 0)
    members = members_of(tx, found.id)[:MOST_SHOWN]
    articles = articles_by_id(tx, [one.article_id for one in members])
    return found, [articles[one.article_id] for one in members if one.article_id in articles]


def _chosen() -> list[int]:
    return [one for one in map(whole_number, request.values.getlist("article")) if one]


def _other() -> int:
    number = whole_number(request.values.get("with", ""))
    if not number:
        raise UsageError("Write the number of the other story; it stands in the address of its page.")
    return number


def _note() -> str:
    return request.values.get("note", "").strip()


def _told(articles: list[StoredArticle]) -> list[str]:
    told = [f"“{one.title}” ({one.outlet}, article {one.id})" for one in articles[:MOST_TOLD]]
    more = len(articles) - len(told)
    return [*told, f"and {more:,} more"] if more else told
