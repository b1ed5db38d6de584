"""A story's reports read from both databases with their dates, copies, links and named sources."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from index.errors import NotFoundError
from index.records import DateFlag, DateReading, Role
from index.store.origins import REPORTS_READ, origins_of_story
from index.store.story_tables import copies, stories, story_members
from index.store.tables import articles
from tests.factories import HOME, a_link, an_article, register, save

OUTLETS = ("gazette", "herald", "courier")


@pytest.fixture(autouse=True)
def _outlets(store, now):
    register(store, now, *OUTLETS)


def put(store, outlet, slug, now, hours, *, text="Ports were shut.", links=(), **other):
    url = f"https://{outlet}.example/{slug}"
    at = now + timedelta(hours=hours)
    values = {"url": url, "outlet": outlet, "text": text, "links": tuple(links), "published_at": at, **other}
    return save(store, an_article(slug, **values), now + timedelta(days=2)).article_id


def a_story(store, now, ids, story_id=1):
    values = {"title": "Ports", "first_at": now, "last_at": now, "outlets": 1, "articles": len(ids), "created_at": now}
    with store.write() as tx:
        tx.execute(insert(stories).values(id=story_id, evidence={}, **values))
        rows = [{"article_id": one, "story_id": story_id, "method": "joined", "score": 0.5} for one in ids]
        tx.execute(insert(story_members), [{**row, "evidence": {}, "placed_at": now} for row in rows])


def copy_of(store, article_id, original_id):
    values = {"article_id": article_id, "original_id": original_id, "shared": 40, "containment": 0.9}
    values["evidence"] = ["it was published earlier"]
    with store.write() as tx:
        tx.execute(insert(copies).values(values))


def origins(store, story_id=1):
    with store.read() as tx:
        return origins_of_story(tx, story_id)


def test_copy_link_and_named_source_are_read(store, now):
    first = put(store, "gazette", "first", now, 0)
    copied = put(store, "herald", "copy", now, 1)
    copy_of(store, copied, first)
    link = a_link(f"{HOME}/first", "Gazette", context="The Gazette had it.")
    linking = put(store, "courier", "linking", now, 2, links=[link])
    naming = put(store, "herald", "naming", now, 3, text="It rained.\n\nPorts are shut, according to Courier.")
    a_story(store, now, [first, copied, linking, naming])
    found = origins(store)
    assert [(step.article_id, step.kind, step.from_id, step.evidence) for step in found.chain] == [
        (first, "own", None, "nothing shows that it follows another"),
        (copied, "copy", first, "90% of the shorter text is the same, 40 runs of words; it was published earlier"),
        (linking, "link", first, "“The Gazette had it.”"),
        (naming, "words", linking, "“Ports are shut, according to Courier.”"),
    ]
    assert (found.outlets, found.independent, found.at_most, found.first_is_certain) == (3, 1, 2, True)


def test_related_lists_and_bylines_are_no_step(store, now):
    first = put(store, "gazette", "first", now, 0)
    roles = (Role.BACKLINK, Role.BYLINE, Role.FURNITURE)
    other = put(store, "herald", "other", now, 1, links=[a_link(f"{HOME}/first", "x", role) for role in roles])
    a_story(store, now, [first, other])
    assert [step.kind for step in origins(store).chain] == ["own", "own"]


def test_an_agency_in_the_byline_is_the_origin(store, now):
    first = put(store, "gazette", "first", now, 0, authors=("Meridian Wire",))
    copied = put(store, "herald", "copy", now, 1, authors=("Meridian Wire",))
    copy_of(store, copied, first)
    a_story(store, now, [first, copied])
    found = origins(store)
    assert [(step.kind, step.origin_name) for step in found.chain] == [
        ("wire", "Meridian Wire"),
        ("copy", "Meridian Wire"),
    ]
    assert found.independent == 1


def test_a_link_to_a_page_of_a_known_outlet_that_is_not_held_is_said(store, now):
    links = [a_link("https://herald.example/missing", "x"), a_link("https://elsewhere.example/y", "y")]
    first = put(store, "gazette", "first", now, 0, links=links)
    a_story(store, now, [first])
    assert [doubt.text for doubt in origins(store).uncertain] == [
        "links to a page of known outlets that we do not hold; its source may be there"
    ]


def test_the_date_that_counts_comes_with_its_doubts(store, now):
    day_only = DateReading("23 November 2026", now, "rule", (DateFlag.ZONE_ASSUMED,))
    first = put(store, "gazette", "first", now, 0, published=day_only)
    undated = put(store, "herald", "undated", now, 0, published=DateReading(None, None))
    a_story(store, now, [first, undated])
    found = origins(store)
    assert found.first is not None
    assert (found.first.article_id, found.first_is_certain) == (first, False)
    assert [(doubt.kind, doubt.article_id) for doubt in found.uncertain] == [
        ("first_date", first),
        ("first_date", first),
        ("undated", undated),
    ]


def test_a_story_that_is_not_there_is_said(store):
    with pytest.raises(NotFoundError, match="There is no story 7"):
        origins(store, 7)


def test_a_story_of_three_thousand_is_cut_and_counted_in_few_statements(store, now):
    first = put(store, "gazette", "first", now, 0)
    with store.write() as tx:
        row = dict(tx.execute(select(articles).where(articles.c.id == first)).one()._mapping)
        del row["id"]
        later = [
            {**row, "canonical_url": f"{HOME}/{one}", "sort_at": now + timedelta(hours=one)} for one in range(3000)
        ]
        tx.execute(insert(articles), later)
        ids = list(tx.execute(select(articles.c.id)).scalars())
    a_story(store, now, ids)
    before = store.statements
    found = origins(store)
    assert store.statements - before <= 15
    assert (len(found.chain), found.not_looked_at) == (REPORTS_READ, 3001 - REPORTS_READ)
    assert found.uncertain[-1].text == f"{3001 - REPORTS_READ:,} later articles were not looked at"


def test_a_link_of_a_later_revision_is_known_to_have_come_with_an_edit(store, now):
    first = put(store, "gazette", "first", now, 0)
    other = put(store, "herald", "other", now, 1)
    a_story(store, now, [first, other])
    link = a_link(f"{HOME}/first", "Gazette", context="The Gazette had it.")
    put(store, "herald", "other", now, 1, links=[link], text="It rained, and then it was edited at length.")
    found = origins(store)
    assert [step.kind for step in found.chain] == ["own", "link"]
    assert [(doubt.kind, doubt.article_id) for doubt in found.uncertain] == [("link_added", other)]
