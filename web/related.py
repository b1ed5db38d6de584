"""The sections Related and Origins: what article and story pages include of them. No routes of their own."""

from __future__ import annotations

from datetime import datetime

from index.records import JsonObject
from index.store import Transaction
from index.store.origins import origins_of_story
from index.store.relations import surroundings_of_article, surroundings_of_story
from index.stories.related import Reason, RelatedList, related_to
from index.stories.telling import left_out_words, origins_json, related_json

KINDS = {
    "copy": "same text",
    "story": "same story",
    "link": "link",
    "shared_targets": "shared sources",
    "cocited": "cited together",
    "earlier": "earlier story",
    "later": "later story",
    "similar": "same names",
}
STEP_KINDS = {
    "own": "own report",
    "wire": "agency",
    "copy": "same text",
    "link": "link",
    "words": "source named",
    "outlet": "same outlet",
}
STEPS_SHOWN = 40
DOUBTS_SHOWN = 10


def related_to_article(tx: Transaction, article_id: int, *, now: datetime) -> RelatedList:
    """Return what is related to an article held, with reasons; a fixed number of statements."""
    return related_to(surroundings_of_article(tx, article_id), now=now)


def related_to_story(tx: Transaction, story_id: int, *, now: datetime) -> RelatedList:
    """Return what is related to a story and not in it, with reasons; a fixed number of statements."""
    return related_to(surroundings_of_story(tx, story_id), now=now)


def section_of(found: RelatedList) -> JsonObject:
    """Return what related.html shows."""
    return {
        "related": found.items,
        "related_left_out": left_out_words(found.left_out),
        "REASON_KINDS": KINDS,
        "reason_words": reason_words,
    }


def reason_words(reason: Reason) -> str:
    """Return a reason without the words that its label, shown beside it, says already."""
    said = KINDS[reason.kind]
    for opening in (f"{said}: ", f"{said}; ", f"the {said}: ", f"{said} “"):
        if reason.text.startswith(opening):
            return reason.text.removeprefix("the ").removeprefix(said).lstrip(":; ")
    return reason.text


def origins_section_of(answer: JsonObject) -> JsonObject:
    """Return what origins.html shows, of the JSON of a story's origins: the first steps, the others folded."""
    return {
        "origins": answer,
        "origins_steps": [{**step, "at": datetime.fromisoformat(step["at"])} for step in answer["chain"][:STEPS_SHOWN]],
        "origins_titles": {step["id"]: step["title"] for step in answer["chain"]},
        "STEP_KINDS": STEP_KINDS,
        "origins_more": len(answer["chain"][STEPS_SHOWN:]) + answer["chain_left_out"],
        "origins_doubts": answer["uncertain"][:DOUBTS_SHOWN],
        "origins_doubts_more": len(answer["uncertain"][DOUBTS_SHOWN:]) + answer["uncertain_left_out"],
    }


def story_sections(tx: Transaction, story_id: int, *, now: datetime) -> tuple[JsonObject, JsonObject]:
    """Return the JSON (`related`, `origins`) of a story and what its page needs to include both sections."""
    found = related_to_story(tx, story_id, now=now)
    answer = origins_json(origins_of_story(tx, story_id))
    return {"related": related_json(found), "origins": answer}, {**section_of(found), **origins_section_of(answer)}
