"""What changed between two texts as it is shown, and how much work that may be."""

from __future__ import annotations

import random

import pytest

from index.comparing import paragraph_steps
from index.records import TraceStep
from index.recurring import RULE, block_key
from tests.factories import an_article, save
from web.differences import MOST_SHOWN, Budget, changes_json, marked_changes

ONE, TWO, NEW = "Ports were closed on Friday.", "Ships wait off the coast.", "Trains run again."


def shown(before: str, after: str) -> list[tuple[str, list[tuple[str, str]]]]:
    return [(one.kind, [(piece.kind, piece.text) for piece in one.pieces]) for one in marked_changes(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            "12 ships left the port.",
            "14 ships left the port.",
            [("changed", [("removed", "12 "), ("added", "14 "), ("same", "ships left the port.")])],
        ),
        ("", ONE, [("added", [("added", ONE)])]),
        (
            f"{ONE}\n\n{TWO}",
            f"{ONE}\n\n{NEW}\n\n{TWO}",
            [("same", [("same", ONE)]), ("added", [("added", NEW)]), ("same", [("same", TWO)])],
        ),
        (f"{ONE}\n\n{TWO}", ONE, [("same", [("same", ONE)]), ("removed", [("removed", TWO)])]),
        (ONE, ONE, [("skipped", [("skipped", "1 paragraph unchanged")])]),
        (
            f"{ONE}\n\n{TWO}\n\n{NEW}",
            f"{NEW}\n\n{ONE}\n\n{TWO}",
            [
                ("moved", [("same", NEW)]),
                ("same", [("same", ONE)]),
                ("skipped", [("skipped", "1 paragraph unchanged")]),
            ],
        ),
        (
            "港口周五关闭。",
            "港口周六关闭。",
            [("changed", [("same", "港口周"), ("removed", "五"), ("added", "六"), ("same", "关闭。")])],
        ),
        ("", "", []),
    ],
)
def test_paragraphs_and_pieces(before, after, expected):
    assert shown(before, after) == expected


def test_long_stretches_that_stayed_are_shortened():
    words = [f"w{number}" for number in range(400)]
    ((_, pieces),) = shown(" ".join(words), " ".join([*words[:200], "x", *words[201:]]))
    assert [kind for kind, _ in pieces] == ["skipped", "same", "removed", "added", "same", "skipped"]
    assert pieces[0][1] == "170 words unchanged"


def test_changed_paragraph_can_be_put_together_again():
    dice = random.Random(4)
    for _ in range(100):
        before, after = (" ".join(dice.choices("abcdef", k=dice.randint(1, 20))) for _ in range(2))
        for (kind, pieces), step in zip(shown(before, after), paragraph_steps(before, after), strict=True):
            if kind == "changed":
                assert "".join(text for kind, text in pieces if kind != "added").split() == step.before.split()
                assert "".join(text for kind, text in pieces if kind != "removed").split() == step.after.split()


def test_one_budget_holds_for_a_whole_page():
    before, after = (" ".join(f"{side}{n} kept" for n in range(300)) for side in "ab")
    budget = Budget(400_000)
    fine, coarse = (marked_changes(before, after, budget)[0].pieces for _ in range(2))
    assert budget.pairs < 400_000
    assert len(fine) > 100
    assert [piece.kind for piece in coarse] == ["removed", "added", "same"]


def test_of_a_live_report_made_anew_only_so_many_paragraphs_are_shown():
    before, after = ("\n\n".join(f"{side}{n} {side}{n * 7}" for n in range(2000)) for side in "ab")
    found = shown(before, after)
    assert len(found) == MOST_SHOWN + 1
    assert found[-1] == ("skipped", [("skipped", f"{4000 - MOST_SHOWN} paragraphs that changed not shown")])


def test_marks_are_json():
    assert changes_json(marked_changes("", "New.")) == [
        {"kind": "added", "pieces": [{"kind": "added", "text": "New."}]}
    ]


def test_paragraph_left_out_of_one_revision_is_marked_in_none(client, archive, now):
    pitch = "Our harbour letter comes every morning, free of charge."
    step = TraceStep("text", RULE, block_key(pitch), 45, pitch, "left out")
    save(archive, an_article("fleet", f"{ONE}\n\n{pitch}"), now)
    saved = save(archive, an_article("fleet", TWO, trace=(step,)), now)
    newest, first = client.get(f"/articles/{saved.article_id}/revisions?format=json").json["revisions"]
    words = [piece["text"] for paragraph in newest["difference"] for piece in paragraph["pieces"]]
    assert words == [ONE, TWO]
    assert pitch in first["text"]
