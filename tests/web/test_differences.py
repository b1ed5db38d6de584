"""What changed between two texts, and how much work that may be."""

from __future__ import annotations

import random
from difflib import SequenceMatcher

import pytest

from web import differences
from web.differences import marked_changes


def pieces(before: str, after: str) -> list[tuple[str, str]]:
    return [(piece.kind, piece.text) for piece in marked_changes(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a b c", "a x c", [("same", "a"), ("removed", "b"), ("added", "x"), ("same", "c")]),
        ("a b", "a b", [("same", "a b")]),
        ("", "a", [("added", "a")]),
        ("one\n\ntwo", "one\n\nnew\n\ntwo", [("same", "one\n\n"), ("added", "new\n\n"), ("same", "two")]),
        ("one\n\ntwo", "one", [("same", "one"), ("removed", "\n\ntwo")]),
        ("a b\n\nc d", "a b\n\nc e", [("same", "a b\n\nc"), ("removed", "d"), ("added", "e")]),
    ],
)
def test_pieces(before, after, expected):
    assert pieces(before, after) == expected


def test_long_stretches_that_stayed_are_shortened():
    words = [f"w{number}" for number in range(400)]
    changed = [*words[:200], "x", *words[201:]]
    kinds = [kind for kind, _ in pieces(" ".join(words), " ".join(changed))]
    assert kinds == ["skipped", "same", "removed", "added", "same", "skipped"]


def test_both_texts_can_be_put_together_again():
    dice = random.Random(4)
    for _ in range(60):
        before = "\n\n".join(" ".join(dice.choices("abcdef", k=dice.randint(1, 6))) for _ in range(dice.randint(1, 5)))
        paragraphs = before.split("\n\n")
        dice.shuffle(paragraphs)
        after = "\n\n".join([*paragraphs[:3], " ".join(dice.choices("abcxyz", k=4))])
        found = pieces(before, after)
        for text, gone in ((before, "added"), (after, "removed")):
            kept = " ".join(part for kind, part in found if kind != gone)
            assert kept.split() == text.split()


def test_words_are_compared_within_paragraphs_that_changed(monkeypatch):
    compared: list[int] = []

    class Counted(SequenceMatcher):
        def __init__(self, junk, old, new, **other):
            compared.append(len(old) * len(new))
            super().__init__(junk, old, new, **other)

    monkeypatch.setattr(differences, "SequenceMatcher", Counted)
    dice = random.Random(5)
    words = [f"w{number}" for number in range(300)]
    paragraphs = [" ".join(dice.choices(words, k=100)) for _ in range(200)]
    changed = [*paragraphs[:90], paragraphs[90] + " and more", *paragraphs[91:]]
    kinds = {kind for kind, _ in pieces("\n\n".join(paragraphs), "\n\n".join(changed))}
    assert kinds == {"same", "added", "skipped"}
    marked_changes("\n\n".join(paragraphs), "\n\n".join(paragraphs[::-1]))
    marked_changes(" ".join(paragraphs), " ".join(paragraphs[::-1]))
    assert max(compared) <= differences.MOST_PAIRS
