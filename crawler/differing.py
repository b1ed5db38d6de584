"""What differs between two readings of one page, field by field. Pure: values in, values out; nothing is stored."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from index.records import Article, DateReading, Link, StoredArticle, StoredLink, StoredRevision
from index.store.columns import storable, storable_or_none
from index.store.links import MAX_LINKS

FIELDS = (
    "outcome",
    "outlet",
    "title",
    "search_title",
    "authors",
    "published",
    "updated",
    "language",
    "read_minutes",
    "flags",
    "text",
    "links",
)
"""Every field a difference may be in, in the order it is told."""

ARTICLE = "article"
"""What stands for an outcome where a page gives an article."""

SAMPLES = 3
SAMPLE_CHARS = 160
MAX_PARAGRAPHS = 2000
"""Beyond this many paragraphs only how many differ is counted: difflib's time grows with the square."""

LINK_TEXT_CHARS = 1000
"""As long as the store keeps it; a longer one would differ for ever."""

State = Mapping[str, Any]
"""A reading as plain values by field; fields that a state does not know are not compared."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that differs. `told` is one line for people, `values` the same for programs."""

    field: str
    told: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PageChange:
    """A page that is read differently now. `revision` is the one it decides, None where it gave no article."""

    url: str
    revision: int | None
    fields: tuple[FieldChange, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the change as JSON values."""
        return {
            "url": self.url,
            "revision": self.revision,
            "fields": {change.field: dict(change.values) for change in self.fields},
        }


def state_of(article: Article) -> State:
    """Return a fresh reading as it would be stored."""
    return {
        "outcome": ARTICLE,
        **({"outlet": article.outlet} if article.outlet else {}),
        "title": storable(article.title),
        "search_title": storable(article.search_title),
        "authors": tuple(storable(name) for name in article.authors),
        "published": _date(article.published),
        "updated": _date(article.updated),
        "language": article.language,
        "read_minutes": article.read_minutes,
        "flags": tuple(flag.value for flag in article.flags),
        "text": storable(article.text),
        "links": tuple(_link(link) for link in article.links[:MAX_LINKS]),
    }


def state_of_stored(article: StoredArticle, links: Sequence[StoredLink]) -> State:
    """Return the current state of an article held."""
    return {
        "outcome": ARTICLE,
        "outlet": article.outlet,
        "title": article.title,
        "search_title": article.search_title,
        "authors": article.authors,
        "published": _date(article.published),
        "updated": _date(article.updated),
        "language": article.language,
        "read_minutes": article.read_minutes,
        "flags": tuple(flag.value for flag in article.flags),
        "text": article.text,
        "links": tuple(_link(link) for link in links),
    }


def state_of_revision(revision: StoredRevision) -> State:
    """Return an earlier state, of which only headline, byline and text are kept."""
    return {"outcome": ARTICLE, "title": revision.title, "authors": revision.authors, "text": revision.text}


def compare(before: State, after: State) -> tuple[FieldChange, ...]:
    """Return the fields both states know and that differ, in the order of FIELDS."""
    changes = []
    for field in FIELDS:
        if field not in before or field not in after or before[field] == after[field]:
            continue
        old, new = before[field], after[field]
        if field == "text":
            changes.append(_text_change(old, new))
        elif field == "links":
            changes.append(_link_change(old, new))
        else:
            values = {"before": _value(field, old), "after": _value(field, new)}
            changes.append(FieldChange(field, f"{_shown(old)} -> {_shown(new)}", values))
    return tuple(changes)


def _text_change(old: str, new: str) -> FieldChange:
    """Count paragraphs and characters that are gone and that came; a changed paragraph is one of each."""
    before, after = old.split("\n\n") if old else [], new.split("\n\n") if new else []
    if max(len(before), len(after)) > MAX_PARAGRAPHS:
        gone, came = (
            list((Counter(before) - Counter(after)).elements()),
            list((Counter(after) - Counter(before)).elements()),
        )
    else:
        gone, came = [], []
        matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
        for tag, start, end, new_start, new_end in matcher.get_opcodes():
            if tag != "equal":
                gone += before[start:end]
                came += after[new_start:new_end]
    values = {
        "paragraphs_added": len(came),
        "paragraphs_removed": len(gone),
        "characters_added": sum(map(len, came)),
        "characters_removed": sum(map(len, gone)),
        "added": [_clip(text) for text in came[:SAMPLES]],
        "removed": [_clip(text) for text in gone[:SAMPLES]],
    }
    told = (
        f"paragraphs +{len(came)} -{len(gone)}, "
        f"characters +{values['characters_added']} -{values['characters_removed']}"
    )
    return FieldChange("text", told, values)


def _link_change(old: Sequence[tuple[str, ...]], new: Sequence[tuple[str, ...]]) -> FieldChange:
    """Count by role the links that came and went; those with the same target and text changed role or sentence."""
    gone, came = Counter(old) - Counter(new), Counter(new) - Counter(old)
    roles: dict[tuple[str, str], int] = {}
    sentences = 0
    waiting: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for link in came.elements():
        waiting.setdefault(link[1:3], []).append(link)
    for link in list(gone.elements()):
        same = waiting.get(link[1:3])
        if not same:
            continue
        twin = next((other for other in same if other[0] == link[0]), same[0])
        same.remove(twin)
        gone[link] -= 1
        came[twin] -= 1
        if twin[0] == link[0]:
            sentences += 1
        else:
            roles[(link[0], twin[0])] = roles.get((link[0], twin[0]), 0) + 1
    gone, came = +gone, +came
    added, removed = _by_role(came), _by_role(gone)
    told = [f"+{len(urls)} {role}" for role, urls in added.items()]
    told += [f"-{len(urls)} {role}" for role, urls in removed.items()]
    told += [f"{count} from {old_role} to {new_role}" for (old_role, new_role), count in sorted(roles.items())]
    told += [f"{sentences} with another sentence around"] if sentences else []
    told += [] if told else ["another order"]
    values = {
        "added": {role: urls[:50] for role, urls in added.items()},
        "removed": {role: urls[:50] for role, urls in removed.items()},
        "roles": [{"from": a, "to": b, "links": count} for (a, b), count in sorted(roles.items())],
        "sentences": sentences,
    }
    return FieldChange("links", ", ".join(told), values)


def _by_role(links: Counter[tuple[str, ...]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for link in links.elements():
        found.setdefault(link[0], []).append(link[1] or link[2])
    return dict(sorted(found.items()))


def _link(link: Link | StoredLink) -> tuple[str, ...]:
    url = storable_or_none(link.url) or ""
    return (link.role.value, url, storable(link.text)[:LINK_TEXT_CHARS], storable(link.context)[:2000])


def _date(reading: DateReading) -> tuple[str | None, str | None, tuple[str, ...]]:
    at = reading.at.isoformat().replace("+00:00", "Z") if isinstance(reading.at, datetime) else None
    return storable_or_none(reading.text), at, tuple(flag.value for flag in reading.flags)


def _value(field: str, value: Any) -> Any:
    """One value for programs; a date with its three parts named."""
    if field in ("published", "updated"):
        text, at, flags = value
        return {"text": text, "at": at, "flags": list(flags)}
    return list(value) if isinstance(value, tuple) else value


def _shown(value: object) -> str:
    """One value in a line; a date as its instant, its literal and its flags."""
    if isinstance(value, tuple) and len(value) == 3 and isinstance(value[2], tuple):
        text, at, flags = value
        literal = f" ({_clip(str(text))!r})" if text and text != at else ""
        return f"{at or 'none'}{literal}" + (f" [{', '.join(flags)}]" if flags else "")
    if isinstance(value, tuple):
        return _clip(", ".join(map(str, value))) or "none"
    return "none" if value in (None, "") else _clip(str(value))


def _clip(text: str) -> str:
    folded = " ".join(text.split())
    return folded if len(folded) <= SAMPLE_CHARS else f"{folded[:SAMPLE_CHARS]}…"
