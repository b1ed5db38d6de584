"""`/stories` and `/stories/<id>`: the stories of now, and one story with its articles and why each is there."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from index.records import StoredArticle
from index.store import Transaction
from index.store.articles import articles_by_id
from index.store.outlets import outlet_titles
from index.store.stories import (
    continued_by,
    count_stories,
    held_story,
    list_stories,
    members_of,
    outlet_counts,
    stories_by_id,
)
from index.store.story_edits import decisions_about
from index.stories.wording import member_json, ranked_json, story_json, why_here
from index.story_records import Story, StoryMember
from web.related import story_sections
from web.site import answer, page_number, refuse_page_behind_last, site

pages = Blueprint("stories", __name__, url_prefix="/stories")
STORIES_PAGE = 25
MEMBERS_PAGE = 100
COPIES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """An article of a story with why it is there, and those with its text folded under it."""

    article: StoredArticle
    why: str
    copies: tuple[Shown, ...] = ()
    copies_total: int = 0
    copy_outlets: int = 0


@pages.get("")
def story_list() -> ResponseReturnValue:
    """Show the stories of now."""
    page = page_number()
    start = (page - 1) * STORIES_PAGE
    with site().store.read() as tx:
        found = list_stories(tx, now=site().now(), limit=STORIES_PAGE + 1, offset=start)
        total = count_stories(tx, least_articles=2)
        titles = outlet_titles(tx)
    refuse_page_behind_last(page, found)
    shown = found[:STORIES_PAGE]
    data = {"page": page, "total": total, "stories": [ranked_json(one) for one in shown]}
    more = len(found) > STORIES_PAGE
    return answer("stories.html", data, stories=shown, total=total, page=page, more=more, titles=titles)


@pages.get("/<int:story_id>")
def story(story_id: int) -> ResponseReturnValue:
    """Show one story; a merged id leads to the story it is part of now."""
    page = page_number()
    with site().store.read() as tx:
        found = held_story(tx, story_id)
        if found.id != story_id:
            path = url_for(request.endpoint or "stories.story", story_id=found.id)
            return redirect(f"{path}?format=json" if request.args.get("format") == "json" else path, 301)
        members = members_of(tx, found.id)
        groups = _groups(members)
        start = (page - 1) * MEMBERS_PAGE
        chosen = list(groups.items())[start : start + MEMBERS_PAGE]
        refuse_page_behind_last(page, chosen)
        articles = _articles(tx, chosen)
        outlets = outlet_counts(tx, found.id)
        before = stories_by_id(tx, [found.continues]).get(found.continues) if found.continues is not None else None
        later = continued_by(tx, found.id)
        decided = decisions_about(tx, [one.article_id for one in members])
        titles = outlet_titles(tx)
        worked_out, sections = story_sections(tx, found.id, now=site().now())
    by_id = {one.article_id: one for one in members}
    listed = [one for head, copies in chosen for one in (head, *copies) if one in articles]
    data = {
        **story_json(found),
        "page": page,
        "continues": _brief(before) if before is not None else None,
        "continued_by": [_brief(one) for one in later],
        "outlet_counts": outlets,
        "members_total": len(members),
        "members": [member_json(by_id[one], articles[one]) for one in listed],
        **worked_out,
    }
    shown = [_shown(head, copies, by_id, articles) for head, copies in chosen if head in articles]
    return answer(
        "story.html",
        data,
        **sections,
        story=found,
        members=shown,
        outlets=outlets,
        before=before,
        later=later,
        decided=decided,
        page=page,
        more=len(groups) > start + MEMBERS_PAGE,
        titles=titles,
        now=site().now(),
    )


def _groups(members: list[StoryMember]) -> dict[int, list[int]]:
    """Articles by time, each with the copies of its text; a copy whose original is elsewhere stands for itself."""
    held = {one.article_id for one in members}
    groups: dict[int, list[int]] = {}
    for one in members:
        if one.copy is None or one.copy.original_id not in held:
            groups.setdefault(one.article_id, [])
    for one in members:
        if one.copy is not None and one.copy.original_id in groups:
            groups[one.copy.original_id].append(one.article_id)
    return groups


def _articles(tx: Transaction, chosen: list[tuple[int, list[int]]]) -> dict[int, StoredArticle]:
    return articles_by_id(tx, [one for head, copies in chosen for one in (head, *copies[:COPIES_SHOWN])])


def _shown(head: int, copies: list[int], members: dict[int, StoryMember], articles: dict[int, StoredArticle]) -> Shown:
    folded = tuple(Shown(articles[one], why_here(members[one])) for one in copies if one in articles)
    outlets = len({one.article.outlet for one in folded})
    return Shown(articles[head], why_here(members[head]), folded, len(copies), outlets)


def _brief(story: Story) -> dict[str, object]:
    return {"id": story.id, "title": story.title, "last_at": story.last_at.isoformat(), "articles": story.articles}
