"""A large archive in minutes: rows written as they lie, without the work that a crawl does for each article.

For measuring what reads, not what writes. Every third article begins a story, names are made up, no follower is run.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert

from index.search.backend import IndexDocument, SearchBackend
from index.store import Store
from index.store.names import half_lives, rows_of_name
from index.store.story_tables import name_words, names, stories, story_members
from index.store.tables import articles, hubs, links, outlets, revisions

BATCH = 5_000
NEW_NAMES = 0.6
"""New names an article, as in 6,500 articles of newswire a fifth; real news of many outlets has more."""

_FIRST_NAMES = "Anna Boris Chen Dalia Emre Farid Greta Hanna Igor Jana Kofi Lena Marek Nadia Omar Petra Rosa Said Wei"
_SYLLABLES = "ba ber chi dor el fra gor hal in jo ka lem mor nad os pet ran sto tev ul vik wa zor"
FIRST, LAST = tuple(_FIRST_NAMES.split()), tuple(_SYLLABLES.split())


def fill(store: Store, backend: SearchBackend, made: Sequence[IndexDocument], *, now: datetime) -> None:
    """Write articles with their texts, stories, topics of outlets and names into an empty archive, and index them."""
    dice = random.Random(5)
    with store.write() as tx:
        tx.execute(insert(outlets), [_outlet(name, now) for name in sorted({one.outlet for one in made})])
        tx.execute(insert(hubs), [_hub(number, made[0].outlet) for number in range(1, 2_001)])
    for start in range(0, len(made), BATCH):
        batch = made[start : start + BATCH]
        told = [one for one in batch if one.article_id % 3 == 1]
        with store.write() as tx:
            tx.execute(insert(articles), [_article(one, now) for one in batch])
            tx.execute(insert(revisions), [_revision(one, now) for one in batch])
            tx.execute(insert(links), [_link(one, dice, now) for one in batch])
            tx.execute(insert(stories), [_story(one, now) for one in told])
            tx.execute(insert(story_members), [_member(one, now) for one in batch])
        backend.apply(batch, (), start + len(batch))
    while backend.tidy():
        pass
    found = [_name(dice) for _ in range(int(len(made) * NEW_NAMES))]
    whole = {label.lower().replace(" ", "-"): (label, count, at) for label, count, at in found}
    rows = [
        rows_of_name(("person", slug), [(label, half_lives(now) - at)] * count)
        for slug, (label, count, at) in whole.items()
    ]
    with store.write() as tx:
        tx.execute(insert(names), [row for row, _ in rows])
        tx.execute(insert(name_words), [word for _, words in rows for word in words])


def _name(dice: random.Random) -> tuple[str, int, float]:
    """A name, in how many articles it is, and how many half lives ago."""
    last = "".join(dice.choice(LAST) for _ in range(dice.randint(2, 4))).capitalize()
    return f"{dice.choice(FIRST)} {last}", min(2_000, int(dice.paretovariate(1.1))), dice.expovariate(0.3)


def _outlet(name: str, now: datetime) -> dict[str, object]:
    home = f"https://{name}.example/"
    given = {"name": name, "title": name.title(), "home": home, "country": "", "languages": ["en"]}
    return {**given, "provisional": False, "enabled": True, "registered_at": now}


def _hub(number: int, outlet: str) -> dict[str, object]:
    label = f"{chr(97 + number % 26)}{chr(97 + number // 26 % 26)}rea brief {number}"
    return {"id": number, "outlet": outlet, "slug": label.replace(" ", "-"), "label": label.capitalize(), "url": None}


def _article(one: IndexDocument, now: datetime) -> dict[str, object]:
    given: dict[str, object] = dict.fromkeys(("search_title", "digest", "published_text", "updated_text"), "")
    given |= dict.fromkeys(("published_method", "updated_method"), "test") | dict.fromkeys(("updated_at", "import_id"))
    given |= {name: [] for name in ("published_flags", "updated_flags", "flags")}
    given |= {"id": one.article_id, "canonical_url": f"https://{one.outlet}.example/{one.article_id}"}
    given |= {"outlet": one.outlet, "title": one.title, "authors": list(one.authors), "language": one.language}
    given |= {"published_at": one.sort_at, "sort_at": one.sort_at, "sort_by": "published"}
    return given | {"first_seen_at": one.sort_at, "last_seen_at": now, "read_minutes": None, "revision": 1}


def _revision(one: IndexDocument, now: datetime) -> dict[str, object]:
    given = {"article_id": one.article_id, "number": 1, "seen_at": now, "title": one.title, "authors": []}
    return {**given, "text": one.text, "changes": "", "trace": [], "page_id": None, "run_id": None}


def _link(one: IndexDocument, dice: random.Random, now: datetime) -> dict[str, object]:
    given = {"article_id": one.article_id, "position": 0, "url": None, "url_key": None, "host": None, "text": "Brief"}
    given |= {"role": "backlink", "context": "", "target_article_id": None, "first_seen_at": now, "revision_from": 1}
    return {**given, "hub_id": min(2_000, int(dice.paretovariate(0.7))), "revision_to": None}


def _story(one: IndexDocument, now: datetime) -> dict[str, object]:
    given = {"id": one.article_id, "title": one.title, "lead_article_id": one.article_id, "first_at": one.sort_at}
    given |= {"last_at": one.sort_at, "articles": 3, "outlets": 2, "merged_into": None, "continues": None}
    return {**given, "evidence": {}, "created_at": now}


def _member(one: IndexDocument, now: datetime) -> dict[str, object]:
    story = (one.article_id - 1) // 3 * 3 + 1
    given = {"article_id": one.article_id, "story_id": story, "placed_at": now, "method": "joined"}
    return {**given, "score": 1.0, "evidence": {}}
