"""`watchfloor stories rebuild|list|show|split|merge` on a small archive."""

from __future__ import annotations

import json
from datetime import timedelta

import click
import pytest
from click.testing import CliRunner

from config.errors import UsageError
from index.cli_stories import stories
from index.errors import NotFoundError
from index.following import follow
from index.store import open_store
from index.stories.following import StoryFollower
from tests.factories import register, save
from tests.index.stories.events import OUTLETS, stream


@pytest.fixture
def archive(settings, now):
    store = open_store(settings)
    register(store, now, *OUTLETS)
    for article in stream(2, 4, now - timedelta(days=4)):
        save(store, article, now)
    follow(store, [StoryFollower()], now=now)
    yield store
    store.close()


@pytest.fixture
def run(settings, archive):
    """Run `watchfloor stories ...`; what it prints, or the fault it ends with."""

    def invoke(*arguments):
        done = CliRunner().invoke(stories, arguments, obj=settings, standalone_mode=False)
        if done.exception is not None:
            raise done.exception
        return done.stdout

    return invoke


def test_list_and_show(run):
    listed = json.loads(run("list", "--json"))
    assert listed["total"] == 2
    assert {one["id"] for one in listed["stories"]} == {1, 2}
    shown = json.loads(run("show", "1", "--json"))
    assert len(shown["members"]) == shown["articles"] == 4
    assert all(one["why"] for one in shown["members"])
    plain = run("show", "1")
    assert "A story began with it: nothing held was like it." in plain
    assert "shares the words" in plain
    assert "2 stories of two articles or more" in run("list")


def test_split_merge_and_rebuild(run):
    ids = [one["id"] for one in json.loads(run("show", "1", "--json"))["members"]]
    assert "Story 3 has 2" in run("split", "1", *map(str, ids[:2]), "--note", "another event", "--by", "ana")
    assert "another event" in run("show", "3")
    rebuilt = json.loads(run("rebuild", "--json"))
    assert (rebuilt["stories"], rebuilt["new"]) == (3, 0)
    assert "Story 1 has 4" in run("merge", "1", "3", "--note", "the same after all")
    assert "Story 3 is part of story 1 now." in run("show", "3")
    assert "8 articles in 2 stories" in run("rebuild")


@pytest.mark.parametrize(
    ("arguments", "fault", "sentence"),
    [
        (("show", "9"), NotFoundError, "There is no story 9."),
        (("show", "x"), click.UsageError, "is not a valid integer"),
        (("split", "1", "77"), UsageError, "Not in story 1: article 77."),
        (("merge", "1", "1"), UsageError, "Name a story other than 1"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(arguments, fault, sentence, run):
    with pytest.raises(fault, match=sentence):
        run(*arguments)
