"""`watchfloor takedown`: what it says and prints, and with which exit code it ends."""

from __future__ import annotations

import fcntl
import json

import pytest
from click.testing import CliRunner

from index.cli_takedown import takedown
from index.store import open_store
from index.store.articles import article_by_url
from tests.factories import HOME, a_link, an_article, register, save


@pytest.fixture
def held(settings, now):
    store = open_store(settings)
    register(store, now)
    save(store, an_article("a", "Ships left the harbour at noon, and nobody said where they went."), now)
    save(store, an_article("b", "Another text.", links=(a_link(f"{HOME}/a", "an earlier report"),)), now)
    yield store
    store.close()


def call(settings, *arguments):
    return CliRunner().invoke(takedown, list(arguments), obj=settings)


def test_it_says_what_was_removed_and_what_stays(settings, held):
    found = call(settings, f"{HOME}/a", "--reason", "a court's order")
    assert found.exit_code == 0, found.output
    assert "was removed: 1 revision, 1 page" in found.output
    assert "1 article links to it; what they say in their own sentences is theirs and stays." in found.output
    with held.read() as tx:
        assert article_by_url(tx, f"{HOME}/a") is None


def test_a_dry_run_says_what_would_go(settings, held):
    found = call(settings, f"{HOME}/a", "--dry-run")
    assert "would be removed: 1 revision" in found.output
    with held.read() as tx:
        assert article_by_url(tx, f"{HOME}/a") is not None


def test_json_names_everything(settings, held):
    told = json.loads(call(settings, f"{HOME}/a", "--json", "--by", "ann").output)
    assert (told["done"], told["article_id"], told["by"], told["cited_by"]) == (True, 1, "ann", 1)
    assert told["addresses"] == [f"{HOME}/a"]


def test_an_index_in_use_ends_with_try_again(settings, held, monkeypatch):
    monkeypatch.setattr("index.cli_takedown.WAIT_S", 0.2)
    settings.index_dir.mkdir(parents=True, exist_ok=True)
    with (settings.index_dir / "writer.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = call(settings, f"{HOME}/a")
    assert found.exit_code == 75
    assert "Not done yet: The index has not let go of its words yet" in found.output


def test_lifting_says_that_nothing_comes_back(settings, held):
    call(settings, f"{HOME}/a")
    found = call(settings, f"{HOME}/a", "--lift")
    assert found.output == "1 address may be crawled again; nothing was brought back.\n"


def test_lifting_what_is_not_taken_down_is_told(settings, held):
    found = call(settings, f"{HOME}/a", "--lift")
    assert "nothing to lift" in str(found.exception)
