"""Which paragraphs of an outlet recur: the table of what is learned and of what never is."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import defaultdict
from datetime import UTC, datetime

import pytest

from index.records import Article, LeftOut, TraceStep
from index.recurring import (
    LEAST_ARTICLES,
    RULE,
    WINDOW,
    SeenText,
    block_key,
    learn,
    left_out_in,
    may_be_block,
    without_blocks,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = datetime(2026, 12, 1, 12, tzinfo=UTC)
PITCH = "Get the harbour letter every morning: subscribe to it free of charge on our pages."
TITLES = ("Ferry late", "Grain sold", "Pilot retires", "Crane moved", "Fog lifts", "Cable laid", "Mole built")


def text(number: int, *more: str, title: str = "", own: int = 300, **other) -> SeenText:
    words = f"Report {number} of the northern coast tells what the harbour office of pier {number} counted. "
    body = (words * (own // len(words) + 1)).strip()
    return SeenText(title or TITLES[number % len(TITLES)], other.pop("authors", ()), (body, *more), **other)


def learned(texts, known=()):
    return [block.text for block in learn(texts, {block.key: block for block in known}, now=NOW)]


def outlet(with_it: int, without: int, *more: str, **other) -> list[SeenText]:
    return [text(n, *(more if n < with_it else ()), **other) for n in range(with_it + without)]


def test_paragraph_in_a_fifth_of_the_articles_is_learned_with_its_counts():
    (block,) = learn(outlet(8, 32, PITCH), {}, now=NOW)
    assert (block.text, block.recurrence.articles, block.recurrence.of_articles) == (PITCH, 8, 40)
    assert (block.key, block.learned_at) == (block_key(PITCH), NOW)


@pytest.mark.parametrize(
    "texts",
    [
        outlet(7, 33, PITCH),
        outlet(LEAST_ARTICLES - 1, 0, PITCH),
        outlet(15, 25, "Follow us everywhere"),
        outlet(30, 10, f"Correction: {PITCH}"),
        outlet(30, 10, f"“{PITCH}”"),
        outlet(30, 10, "MURNPORT, 23 November (Coast Press Agency)"),
        outlet(30, 10, "MURNPORT —"),
        outlet(30, 10, PITCH * 20),
        outlet(30, 10, "…"),
    ],
    ids=["too rare", "too few", "short line", "correction", "quotation", "dateline", "place", "very long", "no words"],
)
def test_is_not_learned(texts):
    assert learned(texts) == []


def test_short_line_on_half_of_the_articles_is_learned():
    assert learned(outlet(20, 20, "Follow us everywhere")) == ["Follow us everywhere"]


def test_script_without_spaces_says_as_much_in_fewer_characters():
    line = "欢迎订阅本港每日新闻简报并关注我们的官方账号"
    assert len(line) < 40
    assert learned(outlet(8, 32, line)) == [line]


def test_copies_of_one_text_teach_nothing():
    shared = tuple(f"{PITCH} This is passage {n} of what the agency wrote." for n in range(6))
    copies = [SeenText(f"Copy {n}", (), (f"By our own desk, edition {n}.", *shared)) for n in range(10)]
    assert learned([*copies, *outlet(0, 30)]) == []
    assert learned([*copies, *outlet(8, 32, PITCH)]) == [PITCH]


def test_short_article_told_again_and_again_is_left_whole():
    notes = [SeenText(f"Note {n}", (), ("The harbour office has nothing to tell today, it said.",)) for n in range(15)]
    assert learned([*notes, *outlet(0, 30)]) == []


def test_background_of_one_subject_is_no_block():
    background = "The canal dispute began in March, when the island closed its canal to foreign ships."
    story = [text(n, background, title=f"Canal dispute, day {n}") for n in range(10)]
    assert learned([*story, *(text(n) for n in range(10, 40))]) == []
    elsewhere = [text(n, background) for n in range(10)]
    assert learned([*elsewhere, *(text(n) for n in range(10, 40))]) == [background]


def test_line_on_an_author_is_judged_by_that_authors_articles():
    bio = "Ana Ruiz writes on the northern coast for these pages and has lived there for years."
    hers = [text(n, bio, authors=("Ana Ruiz",)) for n in range(3)]
    others = [text(n, authors=("Li Wei",)) for n in range(3, 43)]
    (block,) = learn([*hers, *others], {}, now=NOW)
    assert (block.text, block.recurrence.articles, block.recurrence.of_articles) == (bio, 3, 3)
    nameless = [text(n, bio.replace("Ana Ruiz", "She"), authors=("Ana Ruiz",)) for n in range(3)]
    assert learned([*nameless, *others]) == []


def test_what_was_left_out_of_texts_counts_on():
    known = learn(outlet(8, 32, PITCH), {}, now=NOW)
    key = block_key(PITCH)
    later = [text(n, left_out=frozenset([key]) if n < 8 else frozenset()) for n in range(40)]
    (block,) = learn(later, {key: known[0]}, now=LATER)
    assert (block.text, block.recurrence.articles, block.learned_at) == (PITCH, 8, NOW)


def test_block_stays_down_to_half_the_share_it_came_at():
    known = learn(outlet(8, 32, PITCH), {}, now=NOW)
    assert learned(outlet(4, 36, PITCH), known) == [PITCH]
    assert learned(outlet(3, 37, PITCH), known) == []


def test_order_of_the_articles_counts_for_nothing():
    texts = [*outlet(9, 31, PITCH, "Follow us everywhere"), *outlet(20, 0, PITCH.upper())]
    mixed = list(texts)
    random.Random(7).shuffle(mixed)
    assert learn(mixed, {}, now=NOW) == learn(texts, {}, now=NOW) != []


def test_nothing_is_learned_of_nothing():
    assert learned([]) == []
    assert learned([SeenText("", (), ("",))] * 30) == []


def test_key_is_the_same_for_other_capitals_spaces_and_widths():
    assert block_key("Follow  Us\n on　Ｘ") == block_key("follow us on x")
    assert block_key("follow us on x") != block_key("follow us on y")
    assert len({block_key("\ud800a"), block_key("a\x00"), block_key("a")}) == 1


def test_text_without_blocks():
    assert without_blocks(f"One.\n\n{PITCH}\n\nTwo.", {block_key(PITCH)}) == "One.\n\nTwo."
    assert without_blocks("One.", ()) == "One."


def test_keys_stand_in_the_trace():
    steps = [
        TraceStep("text", RULE, "abc", 9, PITCH, "left out"),
        TraceStep("text", "recurring_kept"),
        TraceStep("x", "y"),
    ]
    assert left_out_in(steps) == {"abc"}


@pytest.mark.parametrize(
    "paragraph", [PITCH, "关注我们的官方账号", "Reporting for these pages is paid for by readers (all of them)."]
)
def test_may_be_a_block(paragraph):
    assert may_be_block(paragraph)


def test_whole_text_has_what_was_left_out_in_its_place():
    article = Article("u", "u", "gazette", "T", "b\n\nd", left_out=(LeftOut(0, "a"), LeftOut(2, "c"), LeftOut(9, "e")))
    assert article.whole_text == "a\n\nb\n\nc\n\nd\n\ne"
    assert Article("u", "u", "gazette", "T", "").whole_text == ""


def test_real_newswire_of_one_agency_teaches_nothing(shared):
    """Cut into sentences, which is harder than paragraphs."""
    with gzip.open(shared / "corpus" / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    texts = [SeenText(row["title"], (), tuple(re.split(r'(?<=[.!?])\s+(?=[A-Z"])', row["text"]))) for row in rows]
    windows = [texts[start : start + WINDOW] for start in range(0, len(texts) - WINDOW, WINDOW // 2)]
    assert (len(windows), [block.text for window in windows for block in learn(window, {}, now=NOW)]) == (63, [])


def test_real_articles_of_several_outlets_teach_their_notices_alone(shared, monkeypatch):
    monkeypatch.setattr("index.recurring.LEAST_ARTICLES", 8)  # few of the outlets have more
    outlets = defaultdict(list)
    with gzip.open(shared / "stories" / "news-fulltext-dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            paragraphs = tuple(line.strip() for line in row["text"].split("\n") if line.strip())
            outlets[row["outlet"]].append(SeenText(row["title"], (), paragraphs))
    found = [text for texts in outlets.values() for text in learned(texts)]
    notices = re.compile(r"copyright|transcripts are|newsletter sign up|continue reading", re.IGNORECASE)
    assert (len(found), [text for text in found if not notices.search(text)]) == (6, [])
