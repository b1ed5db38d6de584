"""The measures against values worked by hand, and against the scorer beside the checkout where it is there."""

import importlib.util
import random
from pathlib import Path
from types import ModuleType

import pytest

from index.stories.scoring import score_clusters, score_copies

SCORER = Path(__file__).parents[4] / "shared" / "score" / "stories.py"


def test_values_worked_by_hand():
    scores = score_clusters(dict(zip("abcdefg", "1111122", strict=True)), dict(zip("abcdefg", "xxxyyyy", strict=True)))
    assert scores.bcubed_p == pytest.approx(5 / 7)
    assert scores.bcubed_r == pytest.approx((9 / 5 + 4 / 5 + 2) / 7)
    assert (scores.pair_p, scores.pair_r) == (pytest.approx(5 / 9), pytest.approx(5 / 11))
    assert scores.ceaf_e_f1 == pytest.approx((6 / 8 + 4 / 6) / 2)


def test_an_article_not_placed_costs_recall_and_one_without_label_nothing():
    scores = score_clusters({"a": "1", "b": "1"}, {"a": "x", "z": "x"})
    assert (scores.missing, scores.found, scores.bcubed_p, scores.bcubed_r) == (1, 2, 1.0, 0.5)


def test_partial_copies_count_neither_way():
    labelled = [("1", "2", "copy"), ("3", "4", "partial")]
    assert score_copies(labelled, [("2", "1"), ("3", "4"), ("1", "5")]) == (0.5, 1.0, 1, 1)


@pytest.mark.skipif(not SCORER.exists(), reason="the scorer is not beside the checkout")
@pytest.mark.parametrize("seed", range(8))
def test_equal_to_the_scorer_beside_the_checkout(seed: int):
    chance = random.Random(seed)
    ids = [f"a{number}" for number in range(60)]
    labelled = {one: str(chance.randrange(12)) for one in ids}
    found = {one: str(chance.randrange(3 + 3 * seed)) for one in ids if chance.random() > 0.1}
    theirs, ours = _scorer().score(labelled, found), score_clusters(labelled, found)
    for name in ("bcubed_p", "bcubed_r", "bcubed_f1", "pair_p", "pair_r", "muc_f1", "ceaf_e_f1", "conll_f1"):
        assert getattr(ours, name) == pytest.approx(theirs[name]), name


def _scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("shared_story_scorer", SCORER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
