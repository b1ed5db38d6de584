"""What became of each paragraph between two texts, and how much work that may be."""

from __future__ import annotations

import random

import pytest

from index import comparing
from index.comparing import Kind, paragraph_steps, word_steps, words_of

A, B, C, D = (
    "Ports were closed on Friday.",
    "Ships wait off the coast.",
    "The minister said nothing.",
    "Trains still run.",
)


def kinds(before: list[str], after: list[str]) -> list[str]:
    return [step.kind.value for step in paragraph_steps("\n\n".join(before), "\n\n".join(after))]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([A, B], [A, B], ["same", "same"]),
        ([A, B], [A, C, B], ["same", "added", "same"]),
        ([A, C, B], [A, B], ["same", "removed", "same"]),
        ([A, B], [A, "Many ships wait off the coast."], ["same", "changed"]),
        ([A, B], [A, D], ["same", "removed", "added"]),
        ([A, B, C], [C, A, B], ["moved", "same", "same"]),
        ([A, B], [A.upper(), f"“{B}”"], ["same", "same"]),
        ([A, B, "4 min read"], ["Share", A, B], ["same", "same"]),
        ([A, A, B], [A, B, B], ["same", "removed", "added", "same"]),
        ([], [A], ["added"]),
        ([A], [], ["removed"]),
        ([], [], []),
        (["港口周五关闭。", "船只等待。"], ["港口周六关闭。", "船只等待。"], ["changed", "same"]),
        (
            ["أغلقت الموانئ يوم الجمعة.", "السفن تنتظر."],
            ["أغلقت الموانئ يوم السبت.", "السفن تنتظر."],
            ["changed", "same"],
        ),
    ],
)
def test_paragraphs(before, after, expected):
    assert kinds(before, after) == expected


def test_paragraph_is_paired_with_the_one_it_was_made_of():
    before, after = (
        f"{A}\n\n{B}\n\n{C}",
        f"{A}\n\nNobody knows why.\n\nThe minister said nothing at all.\n\nSea is calm.",
    )
    changed = [(step.before, step.after) for step in paragraph_steps(before, after) if step.kind is Kind.CHANGED]
    assert changed == [(C, "The minister said nothing at all.")]


def test_steps_hold_every_paragraph_of_both_texts_once():
    dice = random.Random(7)
    for _ in range(200):
        pool = [" ".join(dice.choices("abcdefgh", k=dice.randint(1, 9))) for _ in range(8)]
        before, after = dice.choices(pool, k=dice.randint(0, 9)), dice.choices(pool, k=dice.randint(0, 9))
        steps = paragraph_steps("\n\n".join(before), "\n\n".join(after))
        assert [step.after for step in steps if step.after] == after
        assert sorted(step.before for step in steps if step.before) == sorted(before)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ports closed.", ["Ports ", "closed."]),
        ("港口关闭 now", ["港", "口", "关", "闭 ", "now"]),
        ("أغلقت الموانئ", ["أغلقت ", "الموانئ"]),
        ("ท่าเรือ", list("ท่าเรือ")),
        ("", []),
    ],
)
def test_words_are_the_text_again(text, words):
    assert words_of(text) == words
    assert "".join(words_of(text)) == text


def test_words_that_changed():
    runs, _ = word_steps("12 men left Sarn", "14 men left Vess", most_pairs=99)
    assert [(run.before, run.after) for run in runs if not run.is_same] == [
        (("12 ",), ("14 ",)),
        (("Sarn",), ("Vess",)),
    ]


def test_no_more_words_are_compared_than_the_budget_allows():
    before, after = " ".join(f"a{n}" for n in range(50)), " ".join(f"b{n}" for n in range(50))
    runs, cost = word_steps(f"x {before} y", f"x {after} y", most_pairs=2000)
    assert cost == 0
    assert [len(run.before) for run in runs] == [1, 50, 1]


def test_likeness_is_looked_for_while_the_budget_lasts(monkeypatch):
    counted: list[str] = []
    bag = comparing._bag
    monkeypatch.setattr(comparing, "_bag", lambda text: counted.append(text) or bag(text))
    before, after = ([f"{side}{n} " * 60 for n in range(3000)] for side in "ab")
    found = kinds(before, after)
    assert (found.count("removed"), found.count("added"), counted) == (3000, 3000, [])
