"""The numbers of the learned join, read from weights.toml.

Made by `python -m benchmarks.train_stories`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class JoinWeights:
    """A logistic score over features of an article and a story: join where it is at least `threshold`.

    Two stories are one where the articles of the smaller would join the larger with `merge` on the mean.
    """

    bias: float
    factors: Mapping[str, float]
    threshold: float
    merge: float = 2.0


@dataclass(frozen=True, slots=True)
class Weights:
    """`text` judges articles with a text, `headline` those of which hardly more than the title is held."""

    text: JoinWeights
    headline: JoinWeights
    prior_articles: int = 0
    prior_terms: Mapping[str, int] = field(default_factory=dict)


@cache
def load_weights() -> Weights:
    """Return the weights that ship with the package."""
    read = tomllib.loads(files("index.stories").joinpath("weights.toml").read_text(encoding="utf-8"))
    return Weights(text=_join(read["text"]), headline=_join(read["headline"]))


def _join(read: Mapping[str, float]) -> JoinWeights:
    factors = {name: value for name, value in read.items() if name not in ("bias", "threshold", "merge")}
    return JoinWeights(bias=read["bias"], factors=factors, threshold=read["threshold"], merge=read["merge"])
