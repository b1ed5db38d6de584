"""The sentence that says what changed: a table, and texts that are no articles."""

from __future__ import annotations

import pytest

from index.revising import State
from index.telling import NOTHING, what_changed

KEPT = "Ports were closed on Friday."
SAID = "The minister said: “We will open them again on Sunday”."
MORE = "Ships wait off the coast."
LAST = "Trains still run to the border."


def told(before: str, after: str) -> str:
    return what_changed(State("T", (), before), State("T", (), after))


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (f"{KEPT}\n\n{SAID}\n\n{MORE}", KEPT, "2 paragraphs removed, one with a quotation."),
        (KEPT, f"{KEPT}\n\n{SAID}", "1 paragraph added, with a quotation."),
        (f"{KEPT}\n\n{MORE}", f"{KEPT}\n\nMany ships wait off the coast.", "1 paragraph changed."),
        (SAID, SAID.replace("Sunday", "Monday"), "1 paragraph changed, in a quotation."),
        (SAID, SAID.replace("said", "claimed"), "1 paragraph changed."),
        (f"{KEPT}\n\n{MORE}\n\n{LAST}", f"{LAST}\n\n{KEPT}\n\n{MORE}", "1 paragraph moved."),
        (
            "At least 12 men left the port.",
            "At least 14 men left the port.",
            "1 paragraph changed; a number changed from 12 to 14.",
        ),
        (
            "It cost $3,000 or 5%, he said.",
            "It cost $4,000 or 6%, he said.",
            "1 paragraph changed; a number changed from $3,000 to $4,000; a number changed from 5% to 6%.",
        ),
        ("A 1 b 2 c 3 d 4 e.", "A 5 b 6 c 7 d 8 e.", "1 paragraph changed; 4 numbers changed, the first from 1 to 5."),
        (KEPT, f"{KEPT}\n\nCorrection: on Saturday.", "A correction notice was added; 1 paragraph added."),
        (f"{KEPT}\n\nCorrection: on Saturday.", KEPT, "A correction notice was removed; 1 paragraph removed."),
        (KEPT, f"{KEPT}\n\nDieser Artikel wurde korrigiert.", "A correction notice was added; 1 paragraph added."),
        ("港口有12人离开。", "港口有14人离开。", "1 paragraph changed; a number changed from 12 to 14."),
        ("وزير الدفاع قال إن الموانئ مغلقة", "وزير الدفاع قال إن الموانئ مفتوحة", "1 paragraph changed."),
        (
            "2026-11-23 12:00 UTC\n\nFirst.",
            "2026-11-23 12:30 UTC\n\nSecond news came.\n\n2026-11-23 12:00 UTC\n\nFirst.",
            "1 paragraph added; 1 entry added.",
        ),
        (
            f"{KEPT}\n\n{MORE}\n\n{LAST}",
            "One here now.\n\nTwo of it.\n\nThree of all.",
            "Text rewritten, 3 paragraphs before and 3 now.",
        ),
        ("", KEPT, "1 paragraph added."),
        (KEPT, "", "1 paragraph removed."),
        ("", "", NOTHING),
        (KEPT, KEPT.upper(), NOTHING),
    ],
)
def test_text(before, after, sentence):
    assert told(before, after) == sentence


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (("Ana Ruiz",), ("Li Wei",), "Author changed."),
        (("Ana Ruiz",), ("Ana Ruiz", "Li Wei"), "1 author added."),
        (("Ana Ruiz", "Li Wei"), (), "2 authors removed."),
        (("Ana Ruiz", "Li Wei"), ("Ben Roy",), "Authors changed."),
        (("Ana Ruiz",), ("ANA RUIZ",), NOTHING),
    ],
)
def test_authors(before, after, sentence):
    assert what_changed(State("T", before, KEPT), State("T", after, KEPT)) == sentence


def test_all_at_once_in_the_order_of_weight():
    before = State("12 dead in port", ("Ana Ruiz",), f"{KEPT}\n\n{SAID}\n\n{MORE}\n\n{LAST}")
    after = State("14 dead in port", ("Li Wei",), f"{KEPT}\n\n{LAST}\n\nCorrection: 14 died.")
    assert what_changed(before, after) == (
        "Headline changed; author changed; a correction notice was added; "
        "2 paragraphs removed, one with a quotation; 1 paragraph added; a number changed from 12 to 14."
    )


def test_title_only():
    assert what_changed(State("A", (), ""), State("B", (), "")) == "Headline changed."


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x" * 2_000_000, "y" * 2_000_000),
        (
            "\n\n".join(f"Line {n} of it." for n in range(80_000)),
            "\n\n".join(f"Row {n} for us." for n in range(80_000)),
        ),
        ("港" * 60_000, "口" * 60_000),
        ("12 " * 60_000, "13 " * 60_000),
    ],
    ids=["one word", "many paragraphs", "Chinese", "numbers"],
)
def test_texts_of_megabytes_are_told_in_a_sentence(before, after):
    sentence = told(before, after)
    assert sentence.endswith(".")
    assert len(sentence) < 300
