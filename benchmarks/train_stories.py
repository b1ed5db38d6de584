"""Make index/stories/weights.toml and words.toml from the labelled stories; the same files every time.

`python -m benchmarks.train_stories` prints the figures in-sample and cross-validated by story; `--write` writes the
files. Cross-validated: every article is judged, amid all others, by weights learned without any article of its story's
fold. The thresholds are not learned: they stand in the recipes, chosen by the table in docs/decisions/0008.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.story_prior import prior_of
from benchmarks.story_sets import NEVER, SHARED, Labelled, WeightsOf, examples, folds, read_set, stream
from index.stories.scoring import Scores
from index.stories.weights import JoinWeights, Weights

STORIES = Path(__file__).parent.parent / "index" / "stories"
RIDGE = 1.0
SHOWN = ("bcubed_p", "bcubed_r", "bcubed_f1", "pair_p", "pair_r", "pair_f1", "conll_f1")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is learned for one kind of article. `fixed` factors are given, not learned."""

    kind: str
    names: tuple[str, ...]
    fixed: Mapping[str, float]
    thresholds: tuple[float, ...]
    merges: tuple[float, ...]
    folds: int
    seeds: tuple[int, ...]


RECIPES = (
    Recipe(
        "text",
        ("centroid", "title", "names", "best", "best_three", "days", "size"),
        {},
        (0.15,),
        (0.8,),
        5,
        (1, 2, 3),
    ),
    # The labelled headlines are those of two days, and no story has both. So a day weighs much here: a title alone of
    # the next day begins a story of its own unless it is much alike. Articles with a text are judged by `text`.
    Recipe(
        "headline",
        ("centroid", "best_three", "days", "size"),
        {},
        (0.03,),
        (0.3,),
        3,
        (1,),
    ),
)


def learn(labelled: Labelled, prior: Weights, recipe: Recipe) -> JoinWeights:
    """Return weights for a set: a ridged logistic fit, then the thresholds that serve the stream best."""
    rows, right = examples(labelled, prior, recipe.names)
    bias, factors = fit(rows, right, recipe)
    tried = []
    for threshold, merge in product(recipe.thresholds, recipe.merges):
        weights = JoinWeights(bias, factors, threshold, merge)
        scores = stream(labelled, prior, _always(weights))
        tried.append((scores.bcubed_f1 + scores.pair_f1, weights))
    return max(tried, key=lambda one: one[0])[1]


def _always(weights: JoinWeights) -> WeightsOf:
    return lambda _: weights


def fit(rows: NDArray[np.float64], right: NDArray[np.float64], recipe: Recipe) -> tuple[float, dict[str, float]]:
    """Return bias and factors by Newton's method, rounded: a machine's last digits do not matter."""
    given = np.array([recipe.fixed.get(name, 0.0) for name in recipe.names])
    free = np.array([name not in recipe.fixed for name in recipe.names])
    offset = rows @ given
    mean, spread = rows[:, free].mean(0), rows[:, free].std(0) + 1e-9
    scaled = np.hstack([np.ones((len(rows), 1)), (rows[:, free] - mean) / spread])
    ridge = np.diag([1e-6, *[RIDGE] * int(free.sum())])
    beta = np.zeros(scaled.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(scaled @ beta + offset, -30, 30)))
        curve = (scaled * (chance * (1 - chance))[:, None]).T @ scaled + ridge
        step = np.linalg.solve(curve, scaled.T @ (right - chance) - ridge @ beta)
        beta += step
        if float(np.abs(step).max()) < 1e-9:
            break
    learned = iter((beta[1:] / spread).tolist())
    factors = {name: recipe.fixed[name] if name in recipe.fixed else next(learned) for name in recipe.names}
    bias = beta[0] - float((beta[1:] / spread * mean).sum())
    return round(float(bias), 2), {name: round(value, 2) for name, value in factors.items()}


def cross_validated(labelled: Labelled, prior: Weights, recipe: Recipe) -> list[Scores]:
    """Return the scores of the whole stream, one for each way of sharing the stories out."""
    found = []
    for seed in recipe.seeds:
        weights: dict[str, JoinWeights] = {}
        for fold in folds(labelled, recipe.folds, seed):
            weights.update(dict.fromkeys(fold, learn(labelled.without(fold), prior, recipe)))
        found.append(stream(labelled, prior, weights.__getitem__))
    return found


def told(scores: Sequence[Scores]) -> str:
    """Return the means of scores in one line."""
    return " ".join(f"{name} {np.mean([getattr(one, name) for one in scores]):.3f}" for name in SHOWN)


def main() -> None:
    """Learn, tell, and write where asked."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true", help="write weights.toml and words.toml")
    arguments.add_argument("--fast", action="store_true", help="no cross-validation")
    arguments.add_argument("--only", choices=[one.kind for one in RECIPES], help="one kind; nothing is written")
    options = arguments.parse_args()
    articles, terms = prior_of(SHARED / "corpus" / "articles.jsonl.gz")
    prior = Weights(NEVER, NEVER, articles, terms)
    learned = {}
    for recipe in RECIPES:
        if options.only not in (None, recipe.kind):
            continue
        labelled = read_set(recipe.kind)
        learned[recipe.kind] = weights = learn(labelled, prior, recipe)
        print(f"{recipe.kind}: {weights}", flush=True)
        print(f"{recipe.kind}, in-sample:       {told([stream(labelled, prior, _always(weights))])}", flush=True)
        if not options.fast:
            for one in cross_validated(labelled, prior, recipe):
                print(f"{recipe.kind}, cross-validated: {told([one])}", flush=True)
    if options.write and options.only is None:
        prior = replace(prior, text=learned["text"], headline=learned["headline"])
        (STORIES / "weights.toml").write_text(_weights_file(prior), encoding="utf-8")
        (STORIES / "words.toml").write_text(_words_file(prior), encoding="utf-8")


def _weights_file(weights: Weights) -> str:
    lines = [
        "# Join or new: an article joins a story where 1 / (1 + exp(-(bias + sum of factor x feature))) is at least",
        "# `threshold`; two stories are one where articles of the smaller reach `merge` on the mean (2: never).",
        "# Made by `python -m benchmarks.train_stories --write`; what each feature is stands in joining.py.",
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
