"""Paragraphs an outlet repeats, on both databases: learned, kept, forgotten; and neither is an edit of any article."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from index.outcomes import Outcome
from index.records import ArticleFlag, LeftOut, TraceStep
from index.recurring import LEAST_ARTICLES, RULE, WINDOW, block_key
from index.store.articles import delete_article, get_article, revisions_of, save_article, twin_of
from index.store.correcting import correct_revision
from index.store.recurring import blocks_of, keys_of, learn_recurring
from tests.factories import an_article, register, save

PITCH = "Get the harbour letter every morning: subscribe to it free of charge on our pages."
KEY = block_key(PITCH)


@pytest.fixture(autouse=True)
def _outlets(store, now):
    register(store, now, "gazette", "herald")


def body(number: int) -> str:
    line = f"Report {number}: the harbour office of pier {number} counted the ships of the northern coast. "
    return (line * 4).strip()


def article(number: int, *more: str, **other):
    return an_article(f"a{number}", text="\n\n".join([body(number), *more]), title=f"News {number}", **other)


def cut(number: int, **other):
    """The same article with the pitch left out and told."""
    step = TraceStep("text", RULE, KEY, 20, PITCH, "left out")
    return article(number, trace=(step,), left_out=(LeftOut(1, PITCH),), **other)


def crawl(store, now, articles):
    return [save(store, one, now) for one in articles]


def learn(store, now, outlet="gazette"):
    with store.write() as tx:
        return learn_recurring(tx, outlet, now=now)


def blocks(store, outlet="gazette"):
    with store.read() as tx:
        return [(one.text, one.recurrence.articles, one.recurrence.of_articles) for one in blocks_of(tx, outlet)]


def changes(store, article_id):
    with store.read() as tx:
        return [one.changes for one in revisions_of(tx, article_id)]


def test_learned_from_the_articles_of_the_outlet_and_kept_with_its_counts(store, now):
    crawl(store, now, [article(n, PITCH) for n in range(LEAST_ARTICLES)])
    crawl(store, now, [article(n) for n in range(100, 105)])
    assert learn(store, now) == (1, 0)
    assert blocks(store) == [(PITCH, LEAST_ARTICLES, LEAST_ARTICLES + 5)]
    assert learn(store, now, "herald") == (0, 0)
    with store.read() as tx:
        assert (keys_of(tx, "gazette"), keys_of(tx, "herald")) == ({KEY}, frozenset())


def test_stays_learned_while_it_is_left_out_and_since_when(store, now):
    crawl(store, now, [article(n, PITCH) for n in range(LEAST_ARTICLES)])
    learn(store, now)
    crawl(store, now, [cut(n) for n in range(LEAST_ARTICLES)])
    crawl(store, now, [cut(n) for n in range(100, 110)])
    assert learn(store, now + timedelta(days=1)) == (0, 0)
    assert blocks(store) == [(PITCH, LEAST_ARTICLES + 10, LEAST_ARTICLES + 10)]
    with store.read() as tx:
        assert [one.learned_at for one in blocks_of(tx, "gazette")] == [now]


def test_forgotten_when_the_latest_articles_no_longer_have_it(store, now):
    crawl(store, now, [article(n, PITCH) for n in range(LEAST_ARTICLES)])
    learn(store, now)
    later = now + timedelta(days=9)
    crawl(store, later, [article(n) for n in range(1000, 1000 + WINDOW)])
    assert learn(store, later) == (0, 1)
    assert blocks(store) == []


def test_texts_that_came_without_a_page_and_live_reports_teach_nothing(store, now):
    with store.write() as tx:
        for n in range(LEAST_ARTICLES):
            save_article(tx, article(n, PITCH), page_id=None, run_id=None, now=now)
    crawl(store, now, [article(n, PITCH, flags=(ArticleFlag.LIVE,)) for n in range(100, 130)])
    assert learn(store, now) == (0, 0)


def test_leaving_it_out_of_an_article_held_with_it_is_no_edit(store, now):
    (saved,) = crawl(store, now, [article(1, PITCH)])
    again = save(store, cut(1), now)
    assert (again.outcome, changes(store, saved.article_id)) == (Outcome.UNCHANGED, ["First revision."])
    with store.read() as tx:
        assert get_article(tx, saved.article_id).text == body(1)


def test_reading_it_again_once_it_is_forgotten_is_no_edit(store, now):
    (saved,) = crawl(store, now, [cut(1)])
    assert save(store, article(1, PITCH), now).outcome is Outcome.UNCHANGED
    assert changes(store, saved.article_id) == ["First revision."]


def test_outlet_that_takes_a_known_block_from_its_page_edits_nothing(store, now):
    saved = crawl(store, now, [article(n, PITCH) for n in range(LEAST_ARTICLES)])
    assert save(store, article(0), now).outcome is Outcome.CHANGED
    learn(store, now)
    assert save(store, article(1), now).outcome is Outcome.UNCHANGED
    assert changes(store, saved[1].article_id) == ["First revision."]


def test_edit_beside_it_is_told_without_it(store, now):
    (saved,) = crawl(store, now, [article(1, PITCH)])
    edited = cut(1)
    edited = replace(edited, text=f"{edited.text}\n\nThe count was stopped at noon, the office said.")
    assert save(store, edited, now).outcome is Outcome.CHANGED
    assert changes(store, saved.article_id)[1:] == ["1 paragraph added."]


def test_headline_that_is_only_the_first_sentence_changes_with_it(store, now):
    flags = (ArticleFlag.TITLE_FROM_TEXT,)
    first = an_article("a1", text=f"{PITCH}\n\n{body(1)}", title=PITCH, flags=flags)
    save(store, first, now)
    step = TraceStep("text", RULE, KEY, 20, PITCH, "left out")
    second = replace(first, text=body(1), title="Report 1", trace=(step,), left_out=(LeftOut(0, PITCH),))
    assert save(store, second, now).outcome is Outcome.UNCHANGED


def test_correction_of_a_revision_is_told_without_it(store, now):
    (saved,) = crawl(store, now, [article(1, PITCH)])
    added = "The count was stopped at noon, the office said."
    save(store, article(1, PITCH, added), now)
    with store.write() as tx:
        corrected = replace(cut(1), text=f"{body(1)}\n\n{added}")
        correct_revision(tx, saved.article_id, 2, corrected, now=now)
    assert changes(store, saved.article_id)[1:] == ["1 paragraph added."]


@pytest.mark.parametrize(("first", "second"), [(article, cut), (cut, article)])
def test_same_text_at_another_address_is_found_with_or_without_it(store, now, first, second):
    more = {article: (PITCH,), cut: ()}
    (saved,) = crawl(store, now, [first(1, *more[first])])
    elsewhere = second(1, *more[second], url="https://gazette.example/moved")
    with store.read() as tx:
        assert twin_of(tx, elsewhere).id == saved.article_id


def test_takedown_of_the_articles_that_had_it_removes_it(store, now):
    saved = crawl(store, now, [article(n, PITCH) for n in range(LEAST_ARTICLES)])
    learn(store, now)
    with store.write() as tx:
        delete_article(tx, saved[0].article_id, reason="asked", now=now)
    assert blocks(store) == []
