"""Splits and merges by hand, and what rebuilds and later articles make of them; both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from config.errors import UsageError
from index.errors import NotFoundError
from index.following import follow
from index.store.articles import delete_article, get_article
from index.store.audit import list_acts
from index.store.stories import get_story, members_of, stories_of_articles
from index.store.story_edits import decisions_about, merge_stories, not_this_story, split_story
from index.store.story_tables import copies, stories, story_features, story_members, story_terms
from index.stories.following import StoryFollower
from index.stories.rebuilding import rebuild_stories
from tests.factories import register, save
from tests.index.stories.events import OUTLETS, stream, telling


@pytest.fixture(autouse=True)
def _outlets(store, now):
    register(store, now, *OUTLETS)


@pytest.fixture
def archive(store, now):
    """Three stories of four articles each; ids 1 to 3."""
    for article in stream(3, 4, now - timedelta(days=4)):
        save(store, article, now)
    follow(store, [StoryFollower()], now=now)
    return store


def groups(store):
    with store.read() as tx:
        found = {}
        for article_id, story_id in sorted(stories_of_articles(tx, range(1, 1000)).items()):
            found.setdefault(story_id, []).append(article_id)
    return found


def event_of(store, story_id, now):
    """Which of the three events a story is about."""
    with store.read() as tx:
        word = get_story(tx, story_id).title.split()[0]
    return next(one for one in range(3) if telling(one, 0, now).title.split()[0] == word)


def everything(store):
    with store.read() as tx:
        return {
            table.name: [tuple(row) for row in tx.execute(select(table).order_by(*table.primary_key.columns))]
            for table in (stories, story_members, copies, story_features, story_terms)
        }


def split(store, story_id, ids, now):
    with store.write() as tx:
        return split_story(tx, story_id, ids, by="ana", note="another event", now=now)


def merge(store, into, gone, now):
    with store.write() as tx:
        return merge_stories(tx, into, gone, by="ana", note="one event", now=now)


def test_rebuild_of_what_nobody_changed_changes_nothing(archive, now):
    before = everything(archive)
    report = rebuild_stories(archive, now=now + timedelta(days=1))
    assert everything(archive) == before
    assert (report.articles, report.stories, report.kept, report.new, report.redirected) == (12, 3, 3, 0, 0)


def test_split_makes_a_new_story_with_who_and_why(archive, now):
    moved = groups(archive)[1][2:]
    new = split(archive, 1, moved, now)
    assert new.id == 4
    assert new.evidence["split_from"] == 1
    assert groups(archive)[4] == moved
    with archive.read() as tx:
        assert get_story(tx, 1).articles == 2
        assert {one.method for one in members_of(tx, 4)} == {"hand"}
        said = decisions_about(tx, 4)
    assert {(one["by"], one["note"]) for one in said} == {("ana", "another event")}


def test_split_is_kept_by_a_rebuild(archive, now):
    moved = groups(archive)[1][1:3]
    split(archive, 1, moved, now)
    before = groups(archive)
    rebuild_stories(archive, now=now)
    assert groups(archive) == before


def test_merge_redirects_and_is_kept_by_a_rebuild(archive, now):
    merge(archive, 1, [3], now)
    before = groups(archive)
    assert sorted(before) == [1, 2]
    rebuild_stories(archive, now=now)
    assert groups(archive) == before
    with archive.read() as tx:
        assert get_story(tx, 3).id == 1
        assert get_story(tx, 3).articles == 8


def test_merges_in_a_row_lead_to_the_last(archive, now):
    merge(archive, 2, [3], now)
    merge(archive, 1, [2], now)
    with archive.read() as tx:
        assert get_story(tx, 3).id == 1


def test_newest_decision_wins(archive, now):
    third = groups(archive)[3]
    merge(archive, 1, [3], now)
    split(archive, 1, third, now)
    before = groups(archive)
    assert before[4] == third
    rebuild_stories(archive, now=now)
    assert groups(archive) == before
    merge(archive, 1, [4], now)
    assert len(groups(archive)[1]) == 8
    rebuild_stories(archive, now=now)
    assert len(groups(archive)[1]) == 8


def test_later_article_follows_what_was_decided(archive, now):
    first = groups(archive)[1]
    event = event_of(archive, 1, now)
    merge(archive, 2, [1], now)
    late = save(archive, telling(event, 9, now, slug="late"), now).article_id
    follow(archive, [StoryFollower()], now=now)
    assert late in groups(archive)[2]
    assert set(first) < set(groups(archive)[2])


def test_not_this_story_takes_one_article_out(archive, now):
    one = groups(archive)[2][0]
    with archive.write() as tx:
        new = not_this_story(tx, one, by="ana", note="", now=now)
    assert groups(archive)[new.id] == [one]
    rebuild_stories(archive, now=now)
    assert groups(archive)[new.id] == [one]


def test_running_follower_sees_what_was_decided_meanwhile(archive, now):
    follower = StoryFollower()
    event = event_of(archive, 1, now)

    def take(number):
        late = save(archive, telling(event, number, now, slug=f"late{number}"), now).article_id
        with archive.write() as tx:
            assert follower.work_out(tx, [get_article(tx, late)], [], now=now)(tx)
        return late

    assert take(8) in groups(archive)[1]
    merge(archive, 2, [1], now)
    assert take(9) in groups(archive)[2]


@pytest.mark.parametrize(
    ("story", "ids", "error", "match"),
    [
        (1, [], UsageError, "Name the articles"),
        (1, [99], UsageError, "Not in story 1: article 99"),
        (9, [1], NotFoundError, "There is no story 9"),
    ],
)
def test_split_that_makes_no_sense_is_refused(story, ids, error, match, archive, now):
    with pytest.raises(error, match=match):
        split(archive, story, ids, now)


def test_split_of_all_articles_is_refused(archive, now):
    with pytest.raises(UsageError, match="leave out those that are to stay"):
        split(archive, 1, groups(archive)[1], now)


def test_merge_into_itself_is_refused(archive, now):
    with pytest.raises(UsageError, match="other than 1"):
        merge(archive, 1, [1], now)


def test_ids_are_never_given_again_over_a_rebuild(archive, now):
    merge(archive, 1, [3], now)
    for article_id in groups(archive)[2]:
        with archive.write() as tx:
            delete_article(tx, article_id, reason="asked for", now=now)
    rebuild_stories(archive, now=now)
    save(archive, telling(8, 0, now), now)
    follow(archive, [StoryFollower()], now=now)
    assert sorted(groups(archive)) == [1, 4]
    with archive.read() as tx:
        assert get_story(tx, 2).has_ended
        assert get_story(tx, 3).id == 1


def test_rebuild_takes_in_what_changed_while_it_worked(archive, now, monkeypatch):
    from index.stories import rebuilding

    held = rebuilding.texts_of
    late = []

    def changing(tx, ids):
        found = held(tx, ids)
        if not late:
            late.append(True)
            save(archive, telling(7, 0, now), now)
            with archive.write() as other:
                delete_article(other, 1, reason="asked for", now=now)
        return found

    monkeypatch.setattr(rebuilding, "texts_of", changing)
    report = rebuild_stories(archive, now=now)
    assert report.articles == 12
    assert sum(map(len, groups(archive).values())) == 12
    assert follow(archive, [StoryFollower()], now=now) == 0


def test_a_split_and_a_merge_are_in_the_log_of_changes_with_their_note(archive, now):
    with archive.write() as tx:
        new = split_story(tx, 1, [1], by="ann", note="Another place.", now=now)
        merge_stories(tx, 2, [3], by="bob", note="", now=now)
        found = [(one.by, one.act, one.subject, one.detail) for one in list_acts(tx)]
    assert found == [
        ("bob", "merged", "story 2", "3 into 2"),
        ("ann", "split", "story 1", f"1 article into story {new.id}: Another place."),
    ]
