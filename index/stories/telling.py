"""Related articles and origins in words and as JSON, the same on the site and on the command line. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from config.counting import counted
from index.records import JsonObject
from index.stories.origins import Doubt, Origins, Step
from index.stories.related import RelatedList

CHAIN_SHOWN = 200
DOUBTS_SHOWN = 50


LEFT_OUT = {
    "story_articles": ("{} article of the story was not looked at", "{} articles of the story were not looked at"),
    "links_out": ("articles with more links than were followed: {}",) * 2,
    "links_in": ("articles whose newest citers alone were looked at: {}",) * 2,
    "targets": ("{} linked page was not compared with others'", "{} linked pages were not compared with others'"),
    "citers": ("{} citing article was not looked into", "{} citing articles were not looked into"),
    "copies": ("more copies of the text are held than were looked at",) * 2,
    "names": ("more names stand in it than were compared",) * 2,
    "articles": (
        "{} article that has little in common was left out",
        "{} articles that have little in common were left out",
    ),
    "not_shown": ("{} more is related less", "{} more are related less"),
}
STEPS = {
    "own": "its own report",
    "wire": "carries {}",
    "copy": "a copy of {}",
    "link": "follows {}, which it links to",
    "words": "names {} as its source",
    "outlet": "goes on from its own outlet's report",
}


def origins_sentence(found: Origins) -> str:
    """Return the count in a sentence: how many origins behind how many outlets, and how sure that is."""
    if found.first is None:
        return "No article of this story is held."
    outlets, origins = counted(found.outlets, "outlet"), counted(found.independent, "independent origin")
    if found.at_most > found.independent:
        return f"{origins} behind {outlets}; {found.at_most} if links and sources named are no more than a nod."
    return f"{origins} behind {outlets}."


def step_words(step: Step) -> str:
    """Return in words how an article came by its news."""
    if step.kind == "link" and step.from_outlet == step.outlet:
        return "follows its own outlet's earlier report, which it links to"
    return STEPS[step.kind].format(step.from_name or "another")


def left_out_words(left_out: Mapping[str, int]) -> list[str]:
    """Return in words what was not looked at or not shown."""
    return [LEFT_OUT[name][count != 1].format(count) for name, count in left_out.items() if count and name in LEFT_OUT]


def related_json(found: RelatedList) -> list[JsonObject]:
    """Return related articles, the strongest first, each with its reasons."""
    return [
        {
            "id": one.article.id,
            "title": one.article.title,
            "outlet": one.article.outlet,
            "at": _instant(one.article.at),
            "story_id": one.article.story_id,
            "weight": one.weight,
            "reasons": [{"kind": why.kind, "text": why.text, "weight": why.weight} for why in one.reasons],
        }
        for one in found.items
    ]


def origins_json(found: Origins) -> JsonObject:
    """Return the origins of a story; the chain's first two hundred steps and fifty doubts, the others counted."""
    return {
        "first": _first_json(found),
        "sentence": origins_sentence(found),
        "reports": len(found.chain) + found.not_looked_at,
        "outlets": found.outlets,
        "independent": found.independent,
        "at_most": found.at_most,
        "chain": [_step_json(step) for step in found.chain[:CHAIN_SHOWN]],
        "chain_left_out": max(0, len(found.chain) - CHAIN_SHOWN) + found.not_looked_at,
        "uncertain": [_doubt_json(doubt) for doubt in found.uncertain[:DOUBTS_SHOWN]],
        "uncertain_left_out": max(0, len(found.uncertain) - DOUBTS_SHOWN),
    }


def _first_json(found: Origins) -> JsonObject | None:
    if found.first is None:
        return None
    first = _step_json(found.first)
    kept = ("id", "title", "outlet", "at", "instant")
    return {**{name: first[name] for name in kept}, "certain": found.first_is_certain}


def _step_json(step: Step) -> dict[str, Any]:
    return {
        "id": step.article_id,
        "title": step.title,
        "outlet": step.outlet,
        "at": _instant(step.at),
        "instant": step.instant,
        "step": step.kind,
        "from": {"id": step.from_id, "name": step.from_name} if step.from_name else None,
        "words": step_words(step),
        "evidence": step.evidence,
        "origin": step.origin_name,
    }


def _doubt_json(doubt: Doubt) -> JsonObject:
    return {"kind": doubt.kind, "text": doubt.text, "id": doubt.article_id}


def _instant(at: datetime) -> str:
    return at.isoformat()
