"""A share of articles beside its usual one: the newest articles are pooled over runs until they are enough. Pure.

A run often reads a handful of articles, which says nothing; the newest 8, 16, 32 … together do. A change counts when
chance makes it as rare as `ENTERS`, and it is over when the newest pool is nearer to what was usual.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log

from index.health.causes import Cause
from index.health.chances import share_at_most
from index.health.history import LOOKED_BACK, Facts, Strength
from index.health.records import Observation

SIZES = (4, 8, 16, 32, 64, 128)
"""Articles of the pools that are looked at; the smallest only says whether something is over."""

LEAST_TRIES = 8

OLDEST = timedelta(days=28)
LEAST_USUAL = 24
"""So many articles say what is usual; with fewer nothing is."""

ENTERS, STAYS = 1e-6, 1e-2
"""Chance below which a change counts, and below which one that counts still does."""

ALONE = 1e-9
"""Chance below which one run alone is enough."""

Counted = Callable[[Observation], tuple[int, int]]
"""(hits, tries) of one observation."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The newest tries of some runs: how many were hits, and since when."""

    hits: int
    tries: int
    runs: int
    begins: datetime

    @property
    def share(self) -> float:
        """Hits of the tries."""
        return self.hits / self.tries


@dataclass(frozen=True, slots=True)
class Usual:
    """The share before; `weight` is as of how many tries it is known, given how much it varies."""

    share: float
    tries: int
    weight: float


@dataclass(frozen=True, slots=True)
class Fall:
    """A share that is less than usual, beyond chance."""

    pool: Pool
    usual: Usual
    strength: Strength


def newest_pools(facts: Facts, counts: Counted) -> list[Pool]:
    """Return the newest tries as pools of growing size; the smallest has at least four, or there is none."""
    pools: list[Pool] = []
    hits = tries = runs = 0
    sizes = iter(SIZES)
    size = next(sizes)
    for one in reversed(facts.history.seen):
        if facts.now - one.finished_at > OLDEST:
            break
        found, tried = counts(one)
        if not tried:
            continue
        hits, tries, runs = hits + found, tries + tried, runs + 1
        if tries >= size:
            pools.append(Pool(hits, tries, runs, one.finished_at))
            while tries >= size:
                size = next(sizes, 0)
                if not size:
                    return pools
    return pools


def usual_share(facts: Facts, counts: Counted, begins: datetime, *causes: Cause) -> Usual | None:
    """Return the usual share before an instant; None where too few articles say so."""
    ends = facts.usual_ends(begins, *causes)
    hits = tries = 0
    groups: list[tuple[int, int]] = []
    held_hits = held_tries = 0
    for one in facts.history.between(ends - LOOKED_BACK, ends):
        found, tried = counts(one)
        hits, tries = hits + found, tries + tried
        held_hits, held_tries = held_hits + found, held_tries + tried
        if held_tries >= LEAST_TRIES:
            groups.append((held_hits, held_tries))
            held_hits = held_tries = 0
    if tries < LEAST_USUAL:
        return None
    share = (hits + 0.5) / (tries + 1)
    varies = _variation(groups, share)
    return Usual(share, tries, 1 / (varies + 1 / tries))


def fallen(facts: Facts, counts: Counted, *causes: Cause, least: float = 0.25, held: bool | None = None) -> Fall | None:
    """Return the share of the newest articles where it fell by `least` or more (or by half) beyond chance.

    `causes` are those under which such a fall is held already; then less is enough for it to go on. `held` says so
    where the causes alone do not.
    """
    pools = newest_pools(facts, counts)
    if not pools:
        return None
    goes_on = facts.was(*causes) if held is None else held
    worst: Fall | None = None
    for pool in pools:
        usual = usual_share(facts, counts, pool.begins, *(causes if goes_on else ()))
        if usual is None or pool.tries < LEAST_TRIES:
            continue
        if not _is_less(pool, usual, least / 2 if goes_on else least, goes_on):
            continue
        if pools[0].share > (pool.share + usual.share) / 2:
            continue  # the newest of all are as before: it is over
        chance = share_at_most(pool.hits, pool.tries, usual.share, usual.weight)
        if chance > (STAYS if goes_on else ENTERS) or (pool.runs == 1 and chance > ALONE and not goes_on):
            continue
        strength = Strength.OVERWHELMING if pool.share <= 0.2 * usual.share else Strength.STRONG
        if worst is None or strength > worst.strength:
            worst = Fall(pool, usual, strength)
    return worst


def below(facts: Facts, counts: Counted, minimum: float, *, held: bool) -> Pool | None:
    """Return the newest pool in which a share is below a minimum of the outlet's file, beyond chance."""
    asked = min(minimum, 0.98)
    for pool in newest_pools(facts, counts):
        bound = 0.05 if held else 1e-4 if pool.tries < 2 * LEAST_TRIES else 1e-3
        if pool.tries >= LEAST_TRIES and pool.share < asked and share_at_most(pool.hits, pool.tries, asked) <= bound:
            return pool
    return None


@dataclass(frozen=True, slots=True)
class MeanFall:
    """A mean per article that fell: what it is now over how many articles, and what it was."""

    mean: float
    articles: int
    usual: float


def mean_fallen(facts: Facts, counts: Counted, *causes: Cause, ratio: float, drawn: float) -> MeanFall | None:
    """Return a mean per article (sum, articles) where it fell below `ratio` of the usual, and below all it ever was.

    Means of links or characters have no distribution to go by, so pools are compared with those of the same size in
    the eight weeks before, in logarithms; `drawn` keeps small means from weighing too much.
    """
    goes_on = facts.was(*causes)
    limit = (1 + ratio) / 2 if goes_on else ratio
    pools = newest_pools(facts, counts)
    for pool in pools:
        ends = facts.usual_ends(pool.begins, *causes)
        before = _means(facts.history.between(ends - LOOKED_BACK, ends), counts, pool.tries)
        if pool.tries < LEAST_TRIES or len(before) < 4 or (pool.runs == 1 and len(before) < 8):
            continue
        logs = [log(mean + drawn) for mean in before]
        middle = sum(logs) / len(logs)
        usual = sum(before) / len(before)
        if pool.share > limit * usual or pools[0].share > (pool.share + usual) / 2:
            continue
        varies = max(0.12, (sum((one - middle) ** 2 for one in logs) / (len(logs) - 1)) ** 0.5)
        deviations = (middle - log(pool.share + drawn)) / varies
        # Few pools tell little of how far such means stray: the bound is that of Student's t, roughly.
        bound = 2.0 if goes_on else 4.5 * (1 + 4 / len(before))
        if deviations >= bound and (goes_on or pool.share < 0.9 * min(before)):
            return MeanFall(pool.share, pool.tries, usual)
    return None


def _means(seen: Sequence[Observation], counts: Counted, size: int) -> list[float]:
    means: list[float] = []
    total = articles = 0
    for one in seen:
        found, tried = counts(one)
        total, articles = total + found, articles + tried
        if articles >= size:
            means.append(total / articles)
            total = articles = 0
    return means


def _is_less(pool: Pool, usual: Usual, least: float, goes_on: bool) -> bool:
    part = 0.75 if goes_on else 0.5
    return pool.share <= usual.share - least or pool.share <= part * usual.share


def _variation(groups: Sequence[tuple[int, int]], share: float) -> float:
    """Return how much a share varies from group to group beyond chance (0: as dice do), drawn towards a little."""
    chance = share * (1 - share)
    if len(groups) < 3 or chance <= 0:
        return 0.02
    mean_tries = sum(tried for _, tried in groups) / len(groups)
    spread = sum((found / tried - share) ** 2 for found, tried in groups) / len(groups)
    beyond = (spread / chance - 1 / mean_tries) / (1 - 1 / mean_tries) if mean_tries > 1 else 0.0
    return min(0.5, max(0.005, (beyond * len(groups) + 0.02 * 4) / (len(groups) + 4)))
