"""Make index/stories/weights.toml and words.toml; the same files every time.

The weights for articles with a text are stated here, those for titles alone are learned from the labelled headlines.
`python -m benchmarks.train_stories` prints figures: of the weights that ship, in-sample; of the same with stories left
out by chance; and of weights learned, cross-validated by story: every article is judged, amid all others, by weights
learned without any article of its story's fold, with the stories shared out by chance, and with each on its own.
`--write` writes the files. Thresholds are not learned: they stand in the recipes, chosen by the table in
docs/decisions/0008.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.story_prior import prior_of
from benchmarks.story_sets import NEVER, SHARED, Labelled, WeightsOf, examples, folds, read_set, stream
from index.stories.scoring import Scores
from index.stories.weights import JoinWeights, Weights

STORIES = Path(__file__).parent.parent / "index" / "stories"
LEFT_OUT = 10
SHOWN = ("bcubed_p", "bcubed_r", "bcubed_f1", "pair_p", "pair_r", "pair_f1", "conll_f1")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one kind of article is judged; `stated` weights ship as they are, those learned are only compared."""

    kind: str
    names: tuple[str, ...]
    threshold: float
    merge: float
    stated: JoinWeights | None
    folds: int
    seeds: tuple[int, ...]
    ridge: float


SIGNS = {"centroid": 1, "title": 1, "names": 1, "best": 1, "best_three": 1, "days": -1, "late": -1}
"""What is known before anything is learned: being alike never speaks against a story, and silence never for it."""

SEVEN = ("centroid", "title", "names", "best", "best_three", "days", "size")
RECIPES = (
    # Seven factors learned on these labels by others, with another reading of words, and seen to hold on stories kept
    # from them (.93 to .94 / .87 to .90). Factors learned here fit these stories better and left-out stories worse.
    Recipe(
        "text",
        SEVEN,
        0.2,
        0.8,
        JoinWeights(-4.5, dict(zip(SEVEN, (7.6, 2.4, -0.9, 6.2, 5.5, -1.6, -0.8), strict=True)), 0.2, 0.8),
        10,
        (1, 2, 3, 4, 5),
        1.0,
    ),
    # The labelled headlines are those of two days, and no story has both. So a day weighs much here: a title alone of
    # the next day begins a story of its own. Articles with a text are judged by `text`. As days tell all of them apart,
    # only the ridge says how much a day weighs: with one of 1, folds without the two look-alike stories of different
    # days learned half the weight of the others, and took the two for one.
    Recipe("headline", ("centroid", "best_three", "late", "size"), 0.12, 0.45, None, 10, (1, 2, 3), 0.03),
)


def learn(labelled: Labelled, prior: Weights, recipe: Recipe) -> JoinWeights:
    """Return weights for a set by a ridged logistic fit."""
    rows, right = examples(labelled, prior, recipe.names)
    bias, factors = fit(rows, right, recipe.names, ridge=recipe.ridge)
    return JoinWeights(bias, factors, recipe.threshold, recipe.merge)


def _always(weights: JoinWeights) -> WeightsOf:
    return lambda _: weights


def fit(
    rows: NDArray[np.float64], right: NDArray[np.float64], names: Sequence[str], *, ridge: float
) -> tuple[float, dict[str, float]]:
    """Return bias and factors, rounded: a machine's last digits do not matter.

    Factors that come out against `SIGNS` are left out, the worst first, until none does (an active set).
    """
    mean, spread = rows.mean(0), rows.std(0) + 1e-9
    scaled = np.hstack([np.ones((len(rows), 1)), (rows - mean) / spread])
    held = np.diag([1e-6, *[ridge] * len(names)])
    signs = np.array([0, *(SIGNS.get(name, 0) for name in names)])
    kept = np.arange(scaled.shape[1])
    while True:
        beta = np.zeros(scaled.shape[1])
        beta[kept] = _newton(scaled[:, kept], right, held[np.ix_(kept, kept)])
        against = signs * beta
        if not (against < 0).any():
            break
        kept = kept[kept != int(against.argmin())]
    learned = (beta[1:] / spread).tolist()
    bias = beta[0] - float((beta[1:] / spread * mean).sum())
    return round(float(bias), 2), {name: round(value, 2) for name, value in zip(names, learned, strict=True)}


def _newton(scaled: NDArray[np.float64], right: NDArray[np.float64], held: NDArray[np.float64]) -> NDArray[np.float64]:
    beta = np.zeros(scaled.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(scaled @ beta, -30, 30)))
        curve = (scaled * (chance * (1 - chance))[:, None]).T @ scaled + held
        step = np.linalg.solve(curve, scaled.T @ (right - chance) - held @ beta)
        beta += step
        if float(np.abs(step).max()) < 1e-9:
            break
    return beta


def cross_validated(labelled: Labelled, prior: Weights, recipe: Recipe) -> list[Scores]:
    """Return the scores of the whole stream, one for each way of sharing the stories out."""
    return [_left_out(labelled, prior, recipe, folds(labelled, recipe.folds, seed)) for seed in recipe.seeds]


def each_left_out(labelled: Labelled, prior: Weights, recipe: Recipe) -> Scores:
    """Return the scores of the whole stream, each story judged by what all the others taught. No chance in it."""
    return _left_out(labelled, prior, recipe, [frozenset([story]) for story in sorted(set(labelled.story.values()))])


def _left_out(labelled: Labelled, prior: Weights, recipe: Recipe, shared: Sequence[frozenset[str]]) -> Scores:
    weights: dict[str, JoinWeights] = {}
    for fold in shared:
        weights.update(dict.fromkeys(fold, learn(labelled.without(fold), prior, recipe)))
    return stream(labelled, prior, weights.__getitem__)


def with_fewer(labelled: Labelled, prior: Weights, weights: JoinWeights) -> list[Scores]:
    """Return the scores of one set of weights with a fifth of the stories left out by chance."""
    return [stream(labelled.without(folds(labelled, 5, seed)[0]), prior, _always(weights)) for seed in range(LEFT_OUT)]


def told(scores: Sequence[Scores]) -> str:
    """Return the means of scores in one line, with the spread where there are several."""
    found = {name: [getattr(one, name) for one in scores] for name in SHOWN}
    spread = {name: f"±{np.std(values):.3f}" if len(values) > 1 else "" for name, values in found.items()}
    return " ".join(f"{name} {np.mean(values):.3f}{spread[name]}" for name, values in found.items())


def main() -> None:
    """Learn, tell, and write where asked."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true", help="write weights.toml and words.toml")
    arguments.add_argument("--fast", action="store_true", help="in-sample figures only")
    arguments.add_argument("--only", choices=[one.kind for one in RECIPES], help="one kind; nothing is written")
    options = arguments.parse_args()
    articles, terms = prior_of(SHARED / "corpus" / "articles.jsonl.gz")
    prior = Weights(NEVER, NEVER, articles, terms)
    learned = {}
    for recipe in RECIPES:
        if options.only not in (None, recipe.kind):
            continue
        labelled = read_set(recipe.kind)
        learned[recipe.kind] = weights = recipe.stated or learn(labelled, prior, recipe)
        print(f"{recipe.kind}: {weights}", flush=True)
        print(
            f"{recipe.kind}, in-sample:                {told([stream(labelled, prior, _always(weights))])}", flush=True
        )
        if not options.fast:
            print(f"{recipe.kind}, a fifth left out:         {told(with_fewer(labelled, prior, weights))}", flush=True)
            print(
                f"{recipe.kind}, learned, cross-validated: {told(cross_validated(labelled, prior, recipe))}", flush=True
            )
            print(
                f"{recipe.kind}, learned, each left out:   {told([each_left_out(labelled, prior, recipe)])}", flush=True
            )
    if options.write and options.only is None:
        prior = replace(prior, text=learned["text"], headline=learned["headline"])
        (STORIES / "weights.toml").write_text(_weights_file(prior), encoding="utf-8")
        (STORIES / "words.toml").write_text(_words_file(prior), encoding="utf-8")


def _weights_file(weights: Weights) -> str:
    lines = [
        "# Join or new: an article joins a story where 1 / (1 + exp(-(bias + sum of factor x feature))) is at least",
        "# `threshold`; two stories are one where articles of the smaller reach `merge` on the mean (2: never).",
        "# Made by `python -m benchmarks.train_stories --write`; what each feature is stands in joining.py.",
        "# [text] is stated there, [headline] learned.",
    ]
    for kind, by in (("text", weights.text), ("headline", weights.headline)):
        lines += ["", f"[{kind}]", f"bias = {by.bias}", f"threshold = {by.threshold}", f"merge = {by.merge}"]
        lines += [f"{name} = {value}" for name, value in by.factors.items()]
    return "\n".join(lines) + "\n"


def _words_file(weights: Weights) -> str:
    lines = [
        "# In how many of so many older articles (newswire of 1987) a stem stands: counts only.",
        "# Made by `python -m benchmarks.train_stories --write`.",
        f"articles = {weights.prior_articles}",
        "",
        "[terms]",
        *(f"{term} = {number}" for term, number in weights.prior_terms.items()),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
