"""Stored values as JSON for pages and API. Pure; times in RFC 3339, UTC."""

from __future__ import annotations

from datetime import datetime

from index.entries import entry_instant
from index.records import (
    ArticleFlag,
    DateReading,
    Hub,
    JsonObject,
    OutletRow,
    Run,
    StoredArticle,
    StoredLink,
    StoredRevision,
    Wanted,
)


def instant(at: datetime | None) -> str | None:
    """Return an instant in RFC 3339."""
    return at.isoformat() if at is not None else None


def article_json(article: StoredArticle, *, with_text: bool = False) -> JsonObject:
    """Return an article; its text only where asked for."""
    found: JsonObject = {
        "id": article.id,
        "url": article.canonical_url,
        "title": article.title,
        "search_title": article.search_title or None,
        "outlet": article.outlet,
        "authors": list(article.authors),
        "language": article.language or None,
        "published_at": instant(article.published.at),
        "updated_at": instant(article.updated.at),
        "first_seen_at": instant(article.first_seen_at),
        "last_seen_at": instant(article.last_seen_at),
        "sort_at": instant(article.sort_at),
        "sort_by": article.sort_by,
        "dates": {"published": _date_json(article.published), "updated": _date_json(article.updated)},
        "flags": [flag.value for flag in article.flags],
        "read_minutes": article.read_minutes,
        "revision": article.revision,
        "cites": article.cites,
        "cited_by": article.cited_by,
        "topics": list(article.topics),
        "story_id": article.story_id,
        "copies": article.copies,
    }
    if with_text:
        found["text"] = article.text
        found["entries"] = [
            {"at": instant(at), "paragraph": number} for number, (_, at) in enumerate(paragraphs_of(article)) if at
        ]
    return found


def paragraphs_of(article: StoredArticle) -> list[tuple[str, datetime | None]]:
    """Return the paragraphs of an article; in a live blog those that give an entry's time come with the instant."""
    live = ArticleFlag.LIVE in article.flags
    return [(line, entry_instant(line) if live else None) for line in article.text.split("\n\n")]


def link_json(link: StoredLink) -> JsonObject:
    """Return a link with both its ends."""
    return {
        "url": link.url,
        "text": link.text,
        "role": link.role.value,
        "context": link.context,
        "position": link.position,
        "from": {
            "id": link.article_id,
            "title": link.article_title,
            "outlet": link.article_outlet,
            "at": instant(link.article_at),
        },
        "to": {"id": link.target_article_id, "title": link.target_title, "outlet": link.target_outlet}
        if link.target_article_id is not None
        else None,
        "hub": {"slug": link.hub_slug, "outlet": link.hub_outlet} if link.hub_slug else None,
    }


def revision_json(revision: StoredRevision, *, with_text: bool = False) -> JsonObject:
    """Return a revision and what changed with it."""
    found: JsonObject = {
        "number": revision.number,
        "seen_at": instant(revision.seen_at),
        "title": revision.title,
        "authors": list(revision.authors),
        "changes": revision.changes,
    }
    if with_text:
        found["text"] = revision.text
    return found


def outlet_json(outlet: OutletRow) -> JsonObject:
    """Return an outlet with its counts and its last run."""
    return {
        "name": outlet.name,
        "title": outlet.title,
        "home": outlet.home,
        "country": outlet.country or None,
        "languages": list(outlet.languages),
        "provisional": outlet.provisional,
        "enabled": outlet.enabled,
        "articles": outlet.articles,
        "last_success_at": instant(outlet.last_success_at),
        "last_article_at": instant(outlet.last_article_at),
        "last_run": run_json(outlet.last_run) if outlet.last_run is not None else None,
    }


def run_json(run: Run) -> JsonObject:
    """Return a run with its outcomes."""
    return {
        "id": run.id,
        "kind": run.kind,
        "state": run.state,
        "reason": run.reason,
        "started_at": instant(run.started_at),
        "finished_at": instant(run.finished_at),
        "outcomes": dict(run.counts),
        "numbers": dict(run.numbers),
    }


def hub_json(hub: Hub) -> JsonObject:
    """Return a hub and how many articles point at it."""
    return {"slug": hub.slug, "label": hub.label, "outlet": hub.outlet, "url": hub.url, "articles": hub.citers}


def wanted_json(wanted: Wanted) -> JsonObject:
    """Return a linked address that is not held yet."""
    return {
        "url": wanted.url,
        "articles": wanted.citers,
        "outlets": wanted.outlets,
        "first_seen_at": instant(wanted.first_seen_at),
        "text": wanted.example_text,
        "registered_outlet": wanted.registered_outlet,
    }


def _date_json(reading: DateReading) -> JsonObject:
    return {
        "text": reading.text,
        "at": instant(reading.at),
        "method": reading.method or None,
        "flags": [flag.value for flag in reading.flags],
    }
