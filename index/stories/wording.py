"""Why an article is in its story, in words; and stories as JSON for the site and the command line. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from index.records import JsonObject, StoredArticle
from index.story_records import CopyLink, RankedStory, Story, StoryMember

WORDS_TOLD = 6


def why_here(member: StoryMember, titles: Mapping[int, str] | None = None) -> str:
    """Say in one sentence why an article is in its story; with `titles`, other articles by title, else by id."""
    evidence = member.evidence
    if member.method == "hand":
        return _by_hand(member)
    if member.method == "copy" or member.copy is not None:
        return _as_copy(member, titles)
    words = [str(word) for word in evidence.get("words", ())][:WORDS_TOLD]
    days = evidence.get("days")
    if member.method == "new":
        return _as_first(words, days)
    parts = []
    if words:
        parts.append(f"shares the words {', '.join(words)}")
    if isinstance(days, int | float):
        parts.append("falls within its time" if days == 0 else f"{span_words(24 * days)} from the articles before")
    parts.append(f"likeness {member.score:.2f}")
    return f"Joined: {'; '.join(parts)}."


def story_json(story: Story) -> JsonObject:
    """Return a story; times in RFC 3339."""
    return {
        "id": story.id,
        "title": story.title,
        "language": story.language or None,
        "lead_article_id": story.lead_article_id,
        "first_at": story.first_at.isoformat(),
        "last_at": story.last_at.isoformat(),
        "articles": story.articles,
        "outlets": story.outlets,
        "continues": story.continues,
        "evidence": dict(story.evidence),
    }


def ranked_json(one: RankedStory) -> JsonObject:
    """Return a story of now with what ranks it."""
    return {
        **story_json(one.story),
        "independent_outlets": one.independent_outlets,
        "copies": one.copies,
        "outlet_names": list(one.outlet_names),
        "score": one.score,
    }


def member_json(member: StoryMember, article: StoredArticle) -> JsonObject:
    """Return an article of a story with why it is there."""
    return {
        "id": article.id,
        "url": article.canonical_url,
        "title": article.title,
        "outlet": article.outlet,
        "language": article.language or None,
        "sort_at": article.sort_at.isoformat(),
        "sort_by": article.sort_by,
        "placed_at": member.placed_at.isoformat(),
        "method": member.method,
        "score": member.score,
        "evidence": dict(member.evidence),
        "why": why_here(member),
        "copy_of": _copy_json(member.copy) if member.copy is not None else None,
    }


def _copy_json(copy: CopyLink) -> JsonObject:
    return {
        "id": copy.original_id,
        "shared": copy.shared,
        "containment": copy.containment,
        "evidence": list(copy.evidence),
    }


def _as_first(words: list[str], days: object) -> str:
    if not isinstance(days, int | float):
        return "A story began with it: nothing held was like it."
    shared = f" (both have the words {', '.join(words)})" if words else ""
    return f"A story began with it: the one that it continues{shared} had been silent for {span_words(24 * days)}."


def _by_hand(member: StoryMember) -> str:
    evidence = member.evidence
    who, note = str(evidence.get("by", "")), str(evidence.get("note", ""))
    what = "Put here by hand"
    if "split_from" in evidence:
        what = f"Split from story {evidence['split_from']} by hand"
    elif "merged_from" in evidence:
        what = f"Came with story {evidence['merged_from']}, merged by hand"
    said = f" ({who})" if who else ""
    return f"{what}{said}{': ' + note if note else ''}."


def _as_copy(member: StoryMember, titles: Mapping[int, str] | None) -> str:
    copy = member.copy
    if copy is None:
        first = _named(member.evidence.get("has_text_of"), titles)
        return f"Came with {first}, which has its text; this one is taken for the original."
    reasons = f"; the original because {', '.join(copy.evidence)}" if copy.evidence else ""
    return f"Has {copy.containment:.0%} of the shorter text in common with {_named(copy.original_id, titles)}{reasons}."


def _named(article_id: object, titles: Mapping[int, str] | None) -> str:
    if titles is None:
        return f"article {article_id}"
    title = titles.get(article_id) if isinstance(article_id, int) else None
    return f"“{title}”" if title else "another article"


def span_words(hours: float) -> str:
    """Return a length of time in its largest fitting unit: `12 min`, `4 h`, `3 days`."""
    if hours < 1.5:
        return f"{60 * hours:.0f} min"
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"
