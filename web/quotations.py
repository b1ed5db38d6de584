"""Who is quoted in an article, for its page and its JSON. Pure but for the read."""

from __future__ import annotations

from collections.abc import Sequence

from index.records import JsonObject
from index.store.quotations import StoredQuotation

SHOWN = 24
"""Quotations on the page; the JSON has all."""

Grouped = list[tuple[str, str, list[StoredQuotation]]]
"""(speaker, role, what is quoted) in the order the speakers come in the text."""


def by_speaker(found: Sequence[StoredQuotation]) -> Grouped:
    """Group the first quotations by speaker; one who is not named by the words the text has for him."""
    groups: dict[tuple[str, str], list[StoredQuotation]] = {}
    roles: dict[tuple[str, str], str] = {}
    for one in found[:SHOWN]:
        key = (one.speaker, "" if one.speaker else one.role.casefold())
        groups.setdefault(key, []).append(one)
        roles[key] = roles.get(key) or one.role
    return [(speaker, roles[speaker, role], said) for (speaker, role), said in groups.items()]


def quotation_json(one: StoredQuotation) -> JsonObject:
    """Return a quotation; `speaker` is null where the text names nobody, `quote` where the words are the writer's."""
    return {
        "position": one.position,
        "speaker": one.speaker or None,
        "role": one.role or None,
        "verb": one.verb or None,
        "quote": one.quote or None,
        "sentence": one.sentence,
    }
