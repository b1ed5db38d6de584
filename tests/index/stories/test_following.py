"""Stories in the database: where the follower puts articles, and what stays of it when they change or go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from index import following
from index.following import follow
from index.records import ArticleFlag
from index.store.articles import delete_article, merge_articles
from index.store.stories import (
    article_ids_of_story,
    copies_of,
    copy_counts,
    get_story,
    list_stories,
    members_of,
    stories_of_articles,
)
from index.store.story_tables import story_features, story_terms
from index.stories.clustering import Clusterer
from index.stories.following import StoryFollower
from index.stories.packing import unpacked
from tests.factories import register, save
from tests.index.stories.events import OUTLETS, stream, telling, text_of


@pytest.fixture(autouse=True)
def _outlets(store, now):
    register(store, now, *OUTLETS)


def saved(store, articles, now):
    return [save(store, article, now).article_id for article in articles]


def placed(store):
    with store.read() as tx:
        return dict(sorted(stories_of_articles(tx, range(1, 2000)).items()))


def everything(store):
    """All that the follower keeps, to be compared."""
    from index.store.story_tables import copies, stories, story_members

    with store.read() as tx:
        return {
            table.name: [tuple(row) for row in tx.execute(select(table).order_by(*table.primary_key.columns))]
            for table in (stories, story_members, copies, story_features, story_terms)
        }


def test_articles_of_one_event_come_into_one_story(store, now):
    saved(store, stream(4, 5, now - timedelta(days=4)), now)
    follow(store, [StoryFollower()], now=now)
    groups = {}
    with store.read() as tx:
        for article_id, story_id in stories_of_articles(tx, range(1, 21)).items():
            groups.setdefault(story_id, []).append(article_id)
        assert sorted(map(len, groups.values())) == [5, 5, 5, 5]
        story = get_story(tx, 1)
        members = members_of(tx, 1)
    assert story.articles == 5
    assert story.outlets == 3
    assert story.first_at < story.last_at
    assert story.lead_article_id in {one.article_id for one in members}
    assert story.title
    assert [one.method for one in members] == ["new", "joined", "joined", "joined", "joined"]


def test_headline_is_one_that_a_member_has(store, now):
    articles = stream(1, 6, now - timedelta(days=2))
    saved(store, articles, now)
    follow(store, [StoryFollower()], now=now)
    with store.read() as tx:
        assert get_story(tx, 1).title in {article.title for article in articles}


def test_restart_after_every_article_changes_nothing(store, now, monkeypatch):
    monkeypatch.setattr(following, "BATCH", 1)
    articles = stream(5, 4, now - timedelta(days=4))
    for article in articles:
        save(store, article, now)
        follow(store, [StoryFollower()], now=now)
    once = everything(store)
    assert {row[1] for row in once["story_members"]} == {1, 2, 3, 4, 5}
    with store.write() as tx:
        from index.store.story_tables import WORKED_OUT, followers, stories

        for table in (*WORKED_OUT, story_terms, stories, followers):
            tx.execute(table.delete())
    monkeypatch.setattr(following, "BATCH", 7)
    follow(store, [StoryFollower()], now=now)
    assert everything(store) == once


def test_edited_article_keeps_its_story_and_is_known_by_its_new_text(store, now):
    first, _ = saved(store, [telling(1, 0, now), telling(2, 1, now)], now)
    follow(store, [StoryFollower()], now=now)
    before = placed(store)
    with store.read() as tx:
        old = tx.execute(select(story_features.c.features).where(story_features.c.article_id == first)).scalar_one()
    save(store, telling(1, 0, now, text=text_of(3, 5)), now)
    follow(store, [StoryFollower()], now=now)
    assert placed(store) == before
    with store.read() as tx:
        new = tx.execute(select(story_features.c.features).where(story_features.c.article_id == first)).scalar_one()
    assert new != old
    late = save(store, telling(3, 2, now), now).article_id
    follow(store, [StoryFollower()], now=now)
    assert placed(store)[late] == before[first]


def test_article_that_goes_leaves_its_story_at_once(store, now):
    ids = saved(store, stream(1, 4, now - timedelta(days=2)), now)
    follow(store, [StoryFollower()], now=now)
    with store.read() as tx:
        before = get_story(tx, 1)
    with store.write() as tx:
        delete_article(tx, before.lead_article_id, reason="asked for", now=now)
    with store.read() as tx:
        after = get_story(tx, 1)
        assert article_ids_of_story(tx, 1) == set(ids) - {before.lead_article_id}
    assert after.articles == 3
    assert after.lead_article_id != before.lead_article_id
    follow(store, [StoryFollower()], now=now)
    with store.read() as tx:
        assert get_story(tx, 1) == after


def test_story_whose_last_article_goes_has_ended_and_its_id_is_not_given_again(store, now):
    first = save(store, telling(1, 0, now), now).article_id
    follow(store, [StoryFollower()], now=now)
    with store.write() as tx:
        delete_article(tx, first, reason="asked for", now=now)
    with store.read() as tx:
        ended = get_story(tx, 1)
    assert (ended.has_ended, ended.title, ended.lead_article_id) == (True, "", None)
    again = save(store, telling(2, 1, now), now).article_id
    follow(store, [StoryFollower()], now=now)
    assert placed(store) == {again: 2}


def test_article_merged_with_another_leaves_its_story(store, now):
    keep, drop, _ = saved(store, [telling(1, 0, now), telling(1, 1, now), telling(1, 2, now)], now)
    follow(store, [StoryFollower()], now=now)
    with store.write() as tx:
        merge_articles(tx, keep, drop, now=now)
    follow(store, [StoryFollower()], now=now)
    with store.read() as tx:
        assert get_story(tx, 1).articles == 2


def test_list_of_now_ranks_by_outlets_that_wrote_for_themselves_and_freshness(store, now):
    day = timedelta(days=1)
    saved(store, [telling(1, number, now - 6 * day) for number in range(3)], now)  # three outlets, old
    saved(store, [telling(2, number, now) for number in range(2)], now)  # two outlets, fresh
    saved(store, [telling(3, 0, now)], now)  # one article is no story of now
    follow(store, [StoryFollower()], now=now)
    with store.read() as tx:
        listed = list_stories(tx, now=now, limit=10)
        assert [one.story.id for one in list_stories(tx, now=now, limit=10, offset=1)] == [listed[1].story.id]
    assert [(one.story.id, one.independent_outlets) for one in listed] == [(2, 2), (1, 3)]
    assert set(listed[1].outlet_names) == set(OUTLETS)


def test_statements_do_not_grow_with_the_articles_of_a_batch(store, now):
    saved(store, stream(2, 3, now - timedelta(days=2)), now)
    before = store.statements
    follow(store, [StoryFollower()], now=now)
    few = store.statements - before
    saved(store, stream(9, 6, now - timedelta(days=2), seed=2), now)
    before = store.statements
    follow(store, [StoryFollower()], now=now)
    assert store.statements - before <= few + 9 + 4  # an update for each story, a chunk more of words


def test_article_of_the_future_does_not_close_the_stories_of_today(store, now):
    saved(store, [telling(1, 0, now), telling(9, 0, now + timedelta(days=9000))], now)
    follow(store, [StoryFollower()], now=now)
    late = save(store, telling(1, 1, now), now).article_id
    follow(store, [StoryFollower()], now=now)
    assert placed(store)[late] == 1
    with store.read() as tx:
        assert get_story(tx, 2).last_at == now


def test_no_copy_is_no_copy(store, now):
    ids = saved(store, [telling(1, 0, now), telling(2, 1, now)], now)
    follow(store, [StoryFollower()], now=now)
    with store.read() as tx:
        assert copies_of(tx, ids) == {}
        assert copy_counts(tx, ids) == {}


def wire(store, now, number, *, hours, cut=None, flags=(), slug=""):
    """A copy of one wire text, perhaps cut, by one of the outlets."""
    text = text_of(1, 77) + " " + text_of(1, 78)
    outlet = OUTLETS[number % len(OUTLETS)]
    told = " ".join(text.split()[:cut]) if cut else text
    article = telling(1, number, now + timedelta(hours=hours), outlet=outlet, text=told, slug=slug or f"wire{number}")
    return save(store, replace(article, flags=flags), now).article_id


def test_copies_are_folded_under_their_original(store, now):
    first = wire(store, now, 0, hours=-5)
    second, third = wire(store, now, 1, hours=-3, cut=150), wire(store, now, 2, hours=-2)
    other = save(store, telling(2, 0, now), now).article_id
    follow(store, [StoryFollower()], now=now)
    with store.read() as tx:
        assert [one.article_id for one in copies_of(tx, [first, other])[first]] == [second, third]
        assert copy_counts(tx, [first, second, third, other]) == {first: 2, second: 2, third: 2}
        assert {one.method for one in members_of(tx, 1)} == {"new", "copy"}
        assert list_stories(tx, now=now, limit=1)[0].copies == 2
        assert list_stories(tx, now=now, limit=1)[0].independent_outlets == 1


def test_copy_takes_the_place_of_an_original_that_goes(store, now):
    first, second, third = (wire(store, now, number, hours=number - 9) for number in range(3))
    follow(store, [StoryFollower()], now=now)
    with store.write() as tx:
        delete_article(tx, first, reason="asked for", now=now)
    with store.read() as tx:
        assert {key: [one.article_id for one in found] for key, found in copies_of(tx, [second, third]).items()} == {
            second: [third]
        }
    follow(store, [StoryFollower()], now=now)
    late = wire(store, now, 0, hours=-1, slug="late")
    follow(store, [StoryFollower()], now=now)
    with store.read() as tx:
        assert [one.article_id for one in copies_of(tx, [second])[second]] == [third, late]


def test_agency_that_comes_late_is_the_original(store, now):
    first, second = wire(store, now, 0, hours=-5), wire(store, now, 1, hours=-4)
    follow(store, [StoryFollower()], now=now)
    agency = wire(store, now, 2, hours=-1, flags=(ArticleFlag.AGENCY,))
    follow(store, [StoryFollower()], now=now)
    with store.read() as tx:
        assert [one.article_id for one in copies_of(tx, [agency])[agency]] == [first, second]


@pytest.mark.parametrize("batch", [1, 3, 100])
def test_edits_and_copies_give_the_same_whatever_the_batches(batch, store, now, monkeypatch):
    monkeypatch.setattr(following, "BATCH", batch)

    def come(article_id=None):
        if batch == 1:
            follow(store, [StoryFollower()], now=now)
        return article_id

    saved(store, stream(2, 3, now - timedelta(days=3)), now)
    original = come(wire(store, now, 0, hours=-9))
    copy = come(wire(store, now, 1, hours=-8))
    longer = text_of(1, 77) + " " + text_of(1, 78) + " " + text_of(1, 79)
    save(store, telling(1, 0, now - timedelta(hours=9), outlet=OUTLETS[0], text=longer, slug="wire0"), now)
    come()
    late = come(wire(store, now, 2, hours=-7))
    follow(store, [StoryFollower()], now=now)
    with store.read() as tx:
        assert [one.article_id for one in copies_of(tx, [original])[original]] == [copy, late]
        assert len({stories_of_articles(tx, [original, copy, late])[one] for one in (original, copy, late)}) == 1
        held = tx.execute(select(story_features.c.features).where(story_features.c.article_id == original)).scalar_one()
    assert unpacked(held).features().words > 120


def test_stories_that_an_article_shows_to_be_one_become_one_and_the_other_redirects(store, now, monkeypatch):
    saved(store, [telling(1, 0, now), telling(1, 1, now), telling(2, 0, now)], now)
    follow(store, [StoryFollower()], now=now)
    real = Clusterer.place

    def place(self, text, **given):
        placement = real(self, text, **given)
        self.merge(1, 2)
        return replace(placement, story_id=1, merged=(2,))

    monkeypatch.setattr(Clusterer, "place", place)
    late = save(store, telling(1, 2, now), now).article_id
    follow(store, [StoryFollower()], now=now)
    monkeypatch.undo()
    assert set(placed(store).values()) == {1}
    with store.read() as tx:
        assert get_story(tx, 2).id == 1
        assert get_story(tx, 2).articles == 4
    later = save(store, telling(2, 1, now), now).article_id
    follow(store, [StoryFollower()], now=now)
    assert placed(store)[later] == placed(store)[late] == 1
