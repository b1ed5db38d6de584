"""`watchfloor related` and `watchfloor stories origins` as a user types them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from config.errors import WatchfloorError
from index.cli_related import related
from index.cli_stories import stories
from index.store import open_store
from tests.factories import HOME, a_link, an_article, register, save
from tests.index.store.test_relations import a_story


@pytest.fixture
def held(settings, now):
    """Two articles in one story, the second linking to the first, and a third alone; their ids."""
    with_links = (a_link(f"{HOME}/first", "said", context="As the Gazette said."),)
    store = open_store(settings)
    register(store, now, "gazette", "herald")
    first = save(store, an_article("first", "Ports shut.", published_at=now), now).article_id
    later = {"outlet": "herald", "published_at": now + timedelta(hours=2), "links": with_links}
    second = save(store, an_article(url="https://herald.example/b", text="Still shut.", **later), now).article_id
    alone = save(store, an_article("alone", "Nothing."), now).article_id
    a_story(store, 1, now, [first, second])
    store.close()
    return first, second, alone


def run(command, settings, *arguments):
    return CliRunner().invoke(command, arguments, obj=settings, catch_exceptions=False)


def test_related_tells_reasons_with_weights(settings, held):
    done = run(related, settings, str(held[0]))
    assert done.exit_code == 0
    assert "links to this: “As the Gazette said.”" in done.stdout
    assert "same story: report; 2 h apart" in done.stdout


def test_related_takes_an_address_and_prints_json(settings, held):
    done = run(related, settings, f"{HOME}/first", "--json")
    found = json.loads(done.stdout)
    assert (found["id"], [one["id"] for one in found["related"]]) == (held[0], [held[1]])
    assert [reason["kind"] for reason in found["related"][0]["reasons"]] == ["link", "story"]


def test_related_says_so_where_there_is_nothing(settings, held):
    assert run(related, settings, str(held[2])).stdout == "Nothing held is related to it.\n"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("99", "There is no article 99"),
        ("9" * 30, "There is no article 9"),
        ("https://gazette.example/missing", "no article has this address"),
        ("ports", "is neither an article's id nor an address"),
    ],
)
def test_related_says_what_it_cannot_find(settings, held, given, words):
    with pytest.raises(WatchfloorError, match=words):
        run(related, settings, given)


def test_origins_tell_the_chain(settings, held):
    done = run(stories, settings, "origins", "1")
    assert done.exit_code == 0
    assert "1 independent origin behind 2 outlets; 2 if links and sources named are no more than a nod." in done.stdout
    assert "follows Gazette, which it links to; “As the Gazette said.”" in done.stdout


def test_origins_as_json_name_the_first_and_every_step(settings, held):
    found = json.loads(run(stories, settings, "origins", "1", "--json").stdout)["origins"]
    assert (found["first"]["id"], found["first"]["certain"], found["outlets"], found["independent"]) == (
        held[0],
        True,
        2,
        1,
    )
    assert [(step["id"], step["step"], step["origin"]) for step in found["chain"]] == [
        (held[0], "own", "Gazette"),
        (held[1], "link", "Gazette"),
    ]
    assert found["uncertain"] == []


def test_origins_of_no_story_are_a_sentence(settings, held):
    with pytest.raises(WatchfloorError, match="There is no story 7"):
        run(stories, settings, "origins", "7")
