"""Quotations in the database: kept by the follower, found by name, gone with their article; on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from index.following import follow
from index.store.articles import delete_article, merge_articles
from index.store.quotations import ids_quoting, quotations_of, sentences_said
from index.store.story_tables import quotation_speakers, quotations
from index.subjects.quotations_following import QuotationsFollower
from tests.factories import an_article, register, save

CHANG = "Security Adviser Chang Ho-jin said the ferry had left. Officials said it was late."
BERG = '"It is late," said Éva Berg-Szabó of the harbour.'


@pytest.fixture(autouse=True)
def _outlet(store, now):
    register(store, now)


def kept(store, now, text, slug="a"):
    article_id = save(store, an_article(slug, text), now).article_id
    follow(store, [QuotationsFollower()])
    return article_id


def rows(store, table):
    with store.read() as tx:
        return tx.execute(select(func.count()).select_from(table)).scalar_one()


def test_the_follower_keeps_who_is_quoted(store, now):
    article_id = kept(store, now, CHANG)
    with store.read() as tx:
        first, second = quotations_of(tx, article_id)
    assert (first.speaker, first.role, first.verb, first.quote) == ("Chang Ho-jin", "Security Adviser", "said", "")
    assert first.sentence == "Security Adviser Chang Ho-jin said the ferry had left."
    assert (second.speaker, second.role) == ("", "Officials")


@pytest.mark.parametrize(
    ("name", "finds"),
    [
        ("Chang Ho-jin", True),
        ("chang ho jin", True),
        ("Chang", True),
        ("chang jin", True),
        ("jin chang", False),
        ("Chan", False),
        ("Officials", False),
        ("%", False),
        ("_", False),
        ("", False),
        ("\x00 \ud800", False),
        ("x" * 5_000, False),
    ],
)
def test_a_name_is_found_by_its_words_in_their_order(store, now, name, finds):
    article_id = kept(store, now, CHANG)
    with store.read() as tx:
        assert ids_quoting(tx, name) == (frozenset({article_id}) if finds else frozenset())


@pytest.mark.parametrize("name", ["Eva Berg Szabo", "ÉVA BERG-SZABÓ", "berg szabó"])
def test_accents_hyphens_and_case_do_not_count(store, now, name):
    article_id = kept(store, now, BERG)
    with store.read() as tx:
        assert ids_quoting(tx, name) == {article_id}


def test_the_last_stored_are_found_where_there_are_too_many(store, now):
    ids = [kept(store, now, CHANG, slug) for slug in "abc"]
    with store.read() as tx:
        assert ids_quoting(tx, "chang", limit=2) == frozenset(ids[1:])


def test_the_sentence_of_a_name_is_its_first(store, now):
    article_id = kept(store, now, f"{CHANG} Chang said it would come back.")
    with store.read() as tx:
        assert sentences_said(tx, [article_id], "chang") == {
            article_id: "Security Adviser Chang Ho-jin said the ferry had left."
        }
        assert sentences_said(tx, [article_id], "berg") == {}


def test_an_edit_replaces_them(store, now):
    article_id = kept(store, now, CHANG)
    assert kept(store, now, BERG) == article_id
    with store.read() as tx:
        assert [one.speaker for one in quotations_of(tx, article_id)] == ["Éva Berg-Szabó"]
        assert ids_quoting(tx, "chang") == frozenset()


def test_they_go_with_an_article_taken_down(store, now):
    article_id = kept(store, now, CHANG)
    with store.write() as tx:
        delete_article(tx, article_id, reason="asked for", now=now)
    assert (rows(store, quotations), rows(store, quotation_speakers)) == (0, 0)


def test_they_go_with_an_article_merged_into_another(store, now):
    keep, drop = kept(store, now, BERG), kept(store, now, CHANG, "b")
    with store.write() as tx:
        merge_articles(tx, keep, drop, now=now)
    assert (rows(store, quotations), rows(store, quotation_speakers)) == (1, 3)


def test_taking_again_changes_nothing(store, now):
    article_id = kept(store, now, CHANG)
    before = rows(store, quotations), rows(store, quotation_speakers)
    with store.read() as tx:
        found = quotations_of(tx, article_id)
    follower = QuotationsFollower()
    follower.version = "other rules"
    follow(store, [follower])
    assert (rows(store, quotations), rows(store, quotation_speakers)) == before
    with store.read() as tx:
        assert quotations_of(tx, article_id) == found


def test_other_verbs_are_other_rules(tmp_path):
    path = tmp_path / "verbs.toml"
    path.write_text("[en]\nsays = ['said']\n", encoding="utf-8")
    first = QuotationsFollower(path).version
    path.write_text("[en]\nsays = ['said', 'told']\n", encoding="utf-8")
    assert QuotationsFollower(path).version != first
