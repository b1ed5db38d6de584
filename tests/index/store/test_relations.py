"""What stands near an article or a story, read from both databases: bounded rows, a fixed number of statements."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from index.errors import NotFoundError
from index.records import Role
from index.store.links import replace_links
from index.store.relations import surroundings_of_article, surroundings_of_story
from index.store.story_tables import article_names, copies, stories, story_members
from index.store.tables import articles, links
from index.stories.related import related_to
from index.stories.ties import DEGREE_READ
from tests.factories import HOME, a_link, an_article, register, save

MOST_STATEMENTS = 20
TREATY = "https://papers.example/treaty.pdf"
MAP = "https://papers.example/map.pdf"


def put(store, slug, now, *found, outlet="gazette", **other):
    """Save an article with links and give its id."""
    url = f"https://{outlet}.example/{slug}"
    article = an_article(slug, url=url, outlet=outlet, links=found, text=f"Text of {slug}.", **other)
    return save(store, article, now).article_id


def to(slug, role=Role.INLINE, outlet="gazette", context=""):
    return a_link(f"https://{outlet}.example/{slug}", slug, role, context=context)


def name_all(store, *rows):
    with store.write() as tx:
        for article_id, kind, slug, label in rows:
            tx.execute(
                insert(article_names).values(article_id=article_id, kind=kind, slug=slug, label=label, mentions=2)
            )


def a_story(store, story_id, now, ids, *, ago_days=0, **other):
    at = now - timedelta(days=ago_days)
    values = {"title": f"Story {story_id}", "lead_article_id": ids[0], "first_at": at, "last_at": at, "outlets": 1}
    values |= {"articles": len(ids), "evidence": {}, "created_at": now, **other}
    with store.write() as tx:
        tx.execute(insert(stories).values(id=story_id, **values))
        rows = [{"article_id": one, "story_id": story_id, "method": "joined", "score": 0.5} for one in ids]
        tx.execute(insert(story_members), [{**row, "evidence": {}, "placed_at": now} for row in rows])


def copy_of(store, article_id, original_id, containment=0.9):
    with store.write() as tx:
        values = {"article_id": article_id, "original_id": original_id, "shared": 40, "containment": containment}
        tx.execute(insert(copies).values(evidence=[], **values))


def related(store, article_id, now):
    with store.read() as tx:
        return related_to(surroundings_of_article(tx, article_id), now=now)


def kinds_of(found, article_id):
    return {reason.kind: reason.text for one in found.items if one.article.id == article_id for reason in one.reasons}


@pytest.fixture(autouse=True)
def _outlets(store, now):
    register(store, now, "gazette", "herald")


def test_articles_that_link_to_one_another_are_related_with_the_sentence(store, now):
    target = put(store, "ports", now)
    citing = put(store, "later", now, to("ports", context="As reported, the ports are shut."), outlet="herald")
    assert kinds_of(related(store, target, now), citing) == {
        "link": "links to this: “As reported, the ports are shut.”"
    }
    assert kinds_of(related(store, citing, now), target) == {
        "link": "this links to it: “As reported, the ports are shut.”"
    }


def test_furniture_and_bylines_relate_nothing(store, now):
    target = put(store, "about", now)
    citing = put(store, "a", now, to("about", Role.FURNITURE), to("about", Role.BYLINE))
    assert related(store, target, now).items == ()
    assert related(store, citing, now).items == ()


def test_links_of_an_older_revision_relate_nothing(store, now):
    target = put(store, "ports", now)
    citing = put(store, "later", now, to("ports"))
    with store.write() as tx:
        replace_links(tx, citing, [], outlet="gazette", revision=2, now=now)
    assert related(store, target, now).items == ()


def test_two_shared_documents_relate_and_one_does_not(store, now):
    documents = (a_link(TREATY, "the treaty", Role.SOURCE), a_link(MAP, "the map", Role.SOURCE))
    first = put(store, "a", now, *documents)
    both = put(store, "b", now, *documents)
    one = put(store, "c", now, documents[0])
    found = related(store, first, now)
    assert kinds_of(found, both) == {
        "shared_targets": "both cite 2 documents: the map (papers.example); the treaty (papers.example)"
    }
    assert kinds_of(found, one) == {}


def test_a_shared_article_and_a_shared_page_count_together(store, now):
    put(store, "ports", now, title="Ports closed")
    shared = (to("ports"), a_link("https://elsewhere.example/x", "elsewhere"))
    first, second = put(store, "a", now, *shared), put(store, "b", now, *shared)
    text = kinds_of(related(store, first, now), second)["shared_targets"]
    assert text == "both cite 1 article and 1 page: Ports closed; elsewhere (elsewhere.example)"


def test_articles_that_two_others_cite_together_are_related(store, now):
    first, second = put(store, "a", now), put(store, "b", now)
    put(store, "x", now, to("a"), to("b"), title="Week one")
    put(store, "y", now, to("a"), to("b"), title="Week two")
    found = related(store, first, now)
    assert kinds_of(found, second) == {"cocited": "cited together with this by 2 articles: Week one; Week two"}


def test_a_copy_and_its_original_are_related(store, now):
    original = put(store, "wire", now, published_at=now - timedelta(hours=3))
    copied = put(store, "again", now, outlet="herald", published_at=now - timedelta(hours=1))
    other = put(store, "third", now)
    copy_of(store, copied, original)
    copy_of(store, other, original)
    assert kinds_of(related(store, copied, now), original)["copy"] == (
        "the original of this text: 90% of the shorter text, 40 runs of words alike; 2 h apart"
    )
    assert "a copy of this text" in kinds_of(related(store, original, now), copied)["copy"]
    assert "another copy of the same original" in kinds_of(related(store, copied, now), other)["copy"]


def test_articles_of_one_story_are_related_by_its_names_and_hours(store, now):
    first = put(store, "a", now, title="Consulate attacked", published_at=now - timedelta(hours=4))
    second = put(store, "b", now, title="Attack on a consulate: what is known", published_at=now)
    a_story(store, 7, now, [first, second])
    name_all(store, (first, "organisation", "taliban", "Taliban"), (second, "organisation", "taliban", "Taliban"))
    for slug in "cdef":
        put(store, slug, now)
    assert kinds_of(related(store, first, now), second)["story"] == "same story: Taliban, consulate; 4 h apart"


def test_the_story_that_this_one_continues_is_shown_by_its_lead(store, now):
    old = put(store, "old", now - timedelta(days=60))
    new = put(store, "new", now)
    a_story(store, 1, now, [old], ago_days=60)
    a_story(store, 2, now, [new], continues=1)
    assert kinds_of(related(store, new, now), old)["earlier"].startswith(
        "earlier story that this one goes on from: “Story"
    )
    assert kinds_of(related(store, old, now), new)["later"].startswith(
        "later story that goes on from this one: “Story 2”"
    )


def test_a_continued_story_that_was_merged_is_shown_as_what_it_is_now(store, now):
    old, kept, new = put(store, "old", now), put(store, "kept", now), put(store, "new", now)
    a_story(store, 1, now, [old], ago_days=90, merged_into=3)
    a_story(store, 3, now, [kept], ago_days=80)
    a_story(store, 2, now, [new], continues=1)
    assert "earlier" in kinds_of(related(store, new, now), kept)
    assert kinds_of(related(store, new, now), old) == {}


def test_rare_names_make_an_old_closed_story_an_earlier_one_and_an_open_one_similar(store, now):
    old = put(store, "old", now, published_at=now - timedelta(days=90))
    near = put(store, "near", now, published_at=now - timedelta(days=1))
    new = put(store, "new", now, published_at=now)
    for number in range(40):
        put(store, f"other-{number}", now)
    a_story(store, 1, now, [old], ago_days=90)
    a_story(store, 2, now, [near], ago_days=1)
    a_story(store, 3, now, [new])
    names = (("person", "dagny-holt", "Dagny Holt"), ("place", "port-halven", "Port Halven"))
    name_all(store, *((one, *name) for one in (old, near, new) for name in names))
    found = related(store, new, now)
    assert kinds_of(found, old)["earlier"].startswith(
        "earlier story “Story 1” (1 article, last on 25 Aug 2026); the same"
    )
    assert kinds_of(found, near) == {"similar": "the same names: Dagny Holt, Port Halven; in both headlines: report"}


def test_a_story_has_its_own_related_list_without_its_articles(store, now):
    first, second = put(store, "a", now, to("b")), put(store, "b", now)
    for slug in ("a", "b"):
        put(store, f"of-{slug}", now, to(slug))
    outside = put(store, "outside", now, to("a", context="See this."), to("b"))
    a_story(store, 1, now, [first, second])
    with store.read() as tx:
        found = related_to(surroundings_of_story(tx, 1), now=now)
    assert kinds_of(found, outside)["link"] == "cites 2 of these: “See this.”"
    assert {one.article.id for one in found.items}.isdisjoint({first, second})


def test_what_is_not_held_is_said(store):
    with store.read() as tx:
        with pytest.raises(NotFoundError, match="There is no article 9"):
            surroundings_of_article(tx, 9)
        with pytest.raises(NotFoundError, match="There is no story 9"):
            surroundings_of_story(tx, 9)


def test_the_number_of_statements_does_not_grow(store, now):
    ids = [put(store, f"a{number}", now, *(to(f"a{one}") for one in range(number))) for number in range(30)]
    a_story(store, 1, now, ids[5:])
    name_all(store, *((one, "person", f"p{number}", f"P {number}") for one in ids for number in range(8)))
    for read, subject in ((surroundings_of_article, ids[10]), (surroundings_of_story, 1)):
        before = store.statements
        with store.read() as tx:
            read(tx, subject)
        assert store.statements - before <= MOST_STATEMENTS


def many_links(store, ids, target_id, now, *, per_article=1):
    """Put links to one target in many articles at once, below the rows that the store would write itself."""
    values = {"url": f"{HOME}/hub", "url_key": "gazette.example/hub", "host": "gazette.example", "text": "hub"}
    values |= {
        "role": "inline",
        "context": "",
        "target_article_id": target_id,
        "first_seen_at": now,
        "revision_from": 1,
    }
    rows = [
        {**values, "revision_from": 1, "article_id": one, "position": number}
        for one in ids
        for number in range(per_article)
    ]
    with store.write() as tx:
        tx.execute(insert(links), rows)


def many_articles(store, number, now):
    first = put(store, "pattern", now)
    with store.write() as tx:
        row = dict(tx.execute(select(articles).where(articles.c.id == first)).one()._mapping)
        del row["id"]
        tx.execute(insert(articles), [{**row, "canonical_url": f"{HOME}/n{one}"} for one in range(number)])
        return list(tx.execute(select(articles.c.id).where(articles.c.id > first)).scalars())


def test_a_target_with_ten_thousand_citers_is_cut_and_counted(store, now):
    hub = put(store, "hub", now)
    ids = many_articles(store, 10_000, now)
    many_links(store, ids, hub, now)
    with store.read() as tx:
        near = surroundings_of_article(tx, hub)
    assert len(near.links) == 200
    assert near.left_out["links_in"] == 1
    assert near.degrees[hub] == DEGREE_READ
    found = related_to(near, now=now)
    assert len(found.items) == 5
    assert found.left_out["not_shown"] > 0


def test_an_article_with_five_thousand_links_is_cut_and_counted(store, now):
    farm, hub = put(store, "farm", now), put(store, "hub", now)
    many_links(store, [farm], hub, now, per_article=5000)
    with store.read() as tx:
        near = surroundings_of_article(tx, farm)
    assert len(near.links) == 200
    assert near.left_out["links_out"] == 1


def test_ten_thousand_copies_and_members_stay_bounded(store, now):
    ids = many_articles(store, 3_000, now)
    a_story(store, 1, now, ids)
    with store.write() as tx:
        rows = [{"article_id": one, "original_id": ids[0], "shared": 40, "containment": 1.0} for one in ids[1:]]
        tx.execute(insert(copies), [{**row, "evidence": []} for row in rows])
    with store.read() as tx:
        near = surroundings_of_article(tx, ids[1500])
        whole = surroundings_of_story(tx, 1)
    assert len(near.members) == 120
    assert len(near.copies) == 101
    assert near.left_out["copies"] == 1
    assert len(whole.subjects) == 60
    assert whole.left_out["story_articles"] == 2_940
