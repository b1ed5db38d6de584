"""Three kinds of events that are easily told wrong, in made-up articles (`hard/*.toml`), and what is kept of them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from index.following import follow
from index.store import Store
from index.store.stories import continued_by, get_story, members_of, stories_of_articles
from index.store.story_edits import merge_stories, split_story
from index.stories.following import StoryFollower
from index.stories.wording import why_here
from tests.factories import an_article, register, save

HARD = Path(__file__).parent / "hard"


@dataclass(frozen=True)
class Told:
    """A case as it is kept: which articles and stories each event has, and which story goes on from which."""

    articles: dict[str, list[int]] = field(default_factory=dict)
    stories: dict[str, list[int]] = field(default_factory=dict)
    continues: dict[int, int | None] = field(default_factory=dict)

    def only(self, event: str) -> int:
        """The one story of an event."""
        (story,) = self.stories[event]
        return story


@pytest.fixture
def tell(store, now):
    """Save a case article by article, as it came, and place it."""

    def told(name: str, *, titles: bool = False) -> Told:
        rows = tomllib.loads((HARD / f"{name}.toml").read_text(encoding="utf-8"))["article"]
        rows.sort(key=lambda row: row["at"])
        register(store, now, *sorted({row["outlet"] for row in rows}))
        found = Told()
        for number, row in enumerate(rows, 1):
            url = f"https://{row['outlet']}.example/{number}"
            text = "" if titles else row["text"]
            article = an_article(url=url, outlet=row["outlet"], title=row["title"], text=text, published_at=row["at"])
            found.articles.setdefault(row["event"], []).append(save(store, article, now).article_id)
            follow(store, [StoryFollower()], now=now)
        return _as_kept(store, found)

    return told


def _as_kept(store: Store, found: Told) -> Told:
    with store.read() as tx:
        for event, articles in found.articles.items():
            found.stories[event] = sorted(set(stories_of_articles(tx, articles).values()))
        for story in {one for stories in found.stories.values() for one in stories}:
            found.continues[story] = get_story(tx, story).continues
    return found


def test_two_launches_17_days_apart_are_two_stories_and_the_second_continues_the_first(tell, store):
    told = tell("launches")
    first, second = told.only("first"), told.only("second")
    assert first != second
    assert told.continues == {first: None, second: first}
    with store.read() as tx:
        assert [one.id for one in continued_by(tx, first)] == [second]
        why = why_here(members_of(tx, second)[0])
    assert why.startswith("A story began with it: the one that it continues (both have the words ")
    assert why.endswith("had been silent for 14 days.")


def test_a_person_may_say_that_two_launches_are_one_story_and_take_it_back(tell, store, now):
    told = tell("launches")
    first, second = told.only("first"), told.only("second")
    with store.write() as tx:
        merge_stories(tx, first, [second], by="ana", note="one campaign", now=now)
    follow(store, [StoryFollower()], now=now)
    with store.read() as tx:
        assert get_story(tx, second).id == first
    with store.write() as tx:
        again = split_story(tx, first, told.articles["second"], by="ana", note="two", now=now).id
    follow(store, [StoryFollower()], now=now)
    with store.read() as tx:
        placed = stories_of_articles(tx, told.articles["first"] + told.articles["second"])
    assert {placed[one] for one in told.articles["first"]} == {first}
    assert {placed[one] for one in told.articles["second"]} == {again}


def test_a_rocket_and_what_its_satellite_does_are_two_stories_though_they_run_at_once(tell):
    told = tell("payload")
    assert told.only("launch") != told.only("satellite")
    assert set(told.continues.values()) == {None}


def test_a_breach_of_months_is_a_chain_of_stories_one_for_each_time_it_was_news(tell):
    told = tell("breach")
    disclosed, more, charged = told.only("disclosure"), told.only("victims"), told.only("indictment")
    assert told.only("resignation") == disclosed
    assert told.continues == {disclosed: None, more: disclosed, charged: more}


@pytest.mark.parametrize("name", ["launches", "payload", "breach"])
def test_titles_alone_mix_no_two_events_that_texts_keep_apart(tell, name):
    told = tell(name, titles=True)
    apart = {"resignation": "disclosure"}  # one story by their texts
    events = {}
    for event, stories in told.stories.items():
        events.setdefault(apart.get(event, event), set()).update(stories)
    assert sum(map(len, events.values())) == len(set().union(*events.values()))


def test_titles_of_one_day_come_together_whatever_the_hour(tell):
    told = tell("payload", titles=True)
    first_day = told.articles["launch"][:4]
    assert len(first_day) == 4
    assert len(told.stories["launch"]) == 2  # the article two days later is a part of its own, which goes on
    assert told.continues[told.stories["launch"][1]] == told.stories["launch"][0]
