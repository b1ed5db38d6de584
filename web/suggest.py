"""Completions as pages and API show them: what each is in words, and its address. No routes."""

from __future__ import annotations

from flask import url_for

from config.counting import counted
from index.completing import Completion, complete, starting_points
from index.records import JsonObject
from web.site import site
from web.subjects import topic_labels

KINDS = {
    "country": "Country",
    "place": "Place",
    "organisation": "Organisation",
    "person": "Person",
    "weapon": "Weapon",
    "treaty": "Treaty",
    "outlet": "Outlet",
    "topic": "Topic",
    "word": "Word of headlines",
    "story": "Story",
}


def completions_of(text: str) -> list[JsonObject]:
    """Return what a text may become, best first; of an empty one what to begin with."""
    parts = site()
    if not text.strip():
        return [completion_json(one) for one in starting_points(parts.store, topics=topic_labels())]
    found = complete(parts.store, parts.backend, text, topics=topic_labels(), now=parts.now())
    return [completion_json(one) for one in found]


def completion_json(one: Completion) -> JsonObject:
    """Return a completion: `query` is the whole text with it, null for a page; `url` is where it leads."""
    if one.story_id is not None:
        url = url_for("stories.story", story_id=one.story_id)
    else:
        url = url_for("search.results", q=one.query.strip())
    about = KINDS[one.kind] if one.articles is None else f"{KINDS[one.kind]} · {counted(one.articles, 'article')}"
    return {
        "kind": one.kind,
        "label": one.label,
        "about": about,
        "query": one.query or None,
        "url": url,
        "articles": one.articles,
        "language": one.language or None,
    }
