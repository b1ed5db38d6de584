"""`/stories` and `/stories/<id>`: the stories of now, and one story with its articles and why each is there."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from index.records import JsonObject, StoredArticle
from index.store import Transaction
from index.store.articles import articles_by_id
from index.store.outlets import outlet_titles
from index.store.stories import (
    RANKED,
    continued_by,
    count_stories,
    held_story,
    list_stories,
    member_page,
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
MEMBERS_PAGE = 50
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
    return answer("stories.html", data, stories=shown, total=total, ranked=RANKED, page=page, more=more, titles=titles)


@pages.get("/<int:story_id>")
def story(story_id: int) -> ResponseReturnValue:
    """Show one story; a merged id leads to the story it is part of now."""
    page = page_number()
    with site().store.read() as tx:
        found = held_story(tx, story_id)
        if found.id != story_id:
            path = url_for(request.endpoint or "stories.story", story_id=found.id)
            return redirect(f"{path}?format=json" if request.args.get("format") == "json" else path, 301)
        told, shown = _members(tx, found, page)
        around, about = _around(tx, found)
        worked_out, sections = story_sections(tx, found.id, now=site().now())
    data = {**story_json(found), "page": page, **around, **told, **worked_out}
    return answer("story.html", data, **sections, **about, **shown, story=found, page=page, now=site().now())


def _members(tx: Transaction, found: Story, page: int) -> tuple[JsonObject, JsonObject]:
    """Return the JSON of the articles of a story on this page, and what the page shows of them."""
    start = (page - 1) * MEMBERS_PAGE
    groups = member_page(tx, found.id, limit=MEMBERS_PAGE + 1, offset=start, copies_shown=COPIES_SHOWN)
    refuse_page_behind_last(page, groups)
    chosen = groups[:MEMBERS_PAGE]
    articles = _articles(tx, [one for head, copies, _ in chosen for one in (head, *copies)])
    titles = {one: article.title for one, article in articles.items()}
    listed = [one for head, copies, _ in chosen for one in (head, *copies) if one.article_id in articles]
    told: JsonObject = {
        "members_total": found.articles,
        "members": [member_json(one, articles[one.article_id]) for one in listed],
    }
    shown: JsonObject = {
        "members": [_shown(*group, articles, titles) for group in chosen if group[0].article_id in articles],
        "more": len(groups) > MEMBERS_PAGE,
        "decided": decisions_about(tx, found.id),
    }
    return told, shown


def _around(tx: Transaction, found: Story) -> tuple[JsonObject, JsonObject]:
    """Return the outlets of a story and the stories before and after it, as JSON and as the page shows them."""
    before = stories_by_id(tx, [found.continues]).get(found.continues) if found.continues is not None else None
    later = continued_by(tx, found.id)
    outlets = outlet_counts(tx, found.id)
    told: JsonObject = {
        "continues": _brief(before) if before is not None else None,
        "continued_by": [_brief(one) for one in later],
        "outlet_counts": outlets,
    }
    return told, {"before": before, "later": later, "outlets": outlets, "titles": outlet_titles(tx)}


def _articles(tx: Transaction, shown: list[StoryMember]) -> dict[int, StoredArticle]:
    """Return the articles shown, and those that the reasons name."""
    reasons = {one.copy.original_id for one in shown if one.copy is not None}
    reasons |= {first for one in shown if isinstance(first := one.evidence.get("has_text_of"), int)}
    return articles_by_id(tx, {*(one.article_id for one in shown), *reasons})


def _shown(
    head: StoryMember,
    copies: list[StoryMember],
    copies_total: int,
    articles: dict[int, StoredArticle],
    titles: dict[int, str],
) -> Shown:
    folded = tuple(
        Shown(articles[one.article_id], why_here(one, titles)) for one in copies if one.article_id in articles
    )
    outlets = len({one.article.outlet for one in folded})
    return Shown(articles[head.article_id], why_here(head, titles), folded, copies_total, outlets)


def _brief(story: Story) -> dict[str, object]:
    return {"id": story.id, "title": story.title, "last_at": story.last_at.isoformat(), "articles": story.articles}
