"""A share of articles beside its usual one: the newest articles are pooled over runs until they are enough. Pure.

A run often reads a handful of articles, which says nothing; the newest 8, 16, 32 … together do. A change counts when
chance makes it rarer than false alarms may be, and it is over when the newest pool is nearer to what was usual.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from index.health.causes import Cause
from index.health.chances import count_at_most, mean_at_most, share_at_most
from index.health.history import LOOKED_BACK, Facts, Measure, Numbers, Strength

SIZES = (4, 8, 16, 32, 64, 128)
"""Articles of the pools that are looked at; the smallest only says whether something is over."""

LEAST_TRIES = 8
SAME = 0.05
"""Shares so close are told as one."""

OLDEST = timedelta(days=28)
LEAST_SHARE = 0.02
"""What is so on fewer articles is as good as never."""

LEAST_USUAL = 24
"""So many articles say what is usual; with fewer nothing is."""

LEAST_CHANCE, MOST_CHANCE, STAYS = 1e-6, 3e-5, 1e-2
"""Between the first two lies the chance below which a change counts; one that counts goes on below the third."""

FALSE_ALARMS = 0.0005
"""False alarms of one share for an outlet and month that are aimed at."""

OF_MEANS = 0.2
"""Means stray further than shares do: they must be so much rarer."""

MANY = 1000
"""Of so many links or characters the grain does not matter."""

ALONE = 1e-9
"""Chance below which one run alone is enough."""


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
    """The share before, and the counts it comes from."""

    share: float
    hits: Numbers
    tries: Numbers

    @property
    def weight(self) -> float:
        """As of how many tries the share is known, given how much it varies."""
        return 1 / (_variation(self.hits, self.tries, self.share) + 1 / float(self.tries.sum()))


@dataclass(frozen=True, slots=True)
class Fall:
    """A share that is less than usual, beyond chance."""

    pool: Pool
    usual: Usual
    strength: Strength


def newest_pools(facts: Facts, measure: Measure) -> list[Pool]:
    """Return the newest tries as pools of growing size; the smallest has at least four, or there is none."""
    hits, tries = facts.history.counted(measure)
    first = facts.history.place(facts.now - OLDEST)
    all_hits = np.cumsum(hits[first:][::-1])
    all_tries = np.cumsum(tries[first:][::-1])
    runs = np.cumsum(tries[first:][::-1] > 0)
    pools: list[Pool] = []
    for size in SIZES:
        at = int(np.searchsorted(all_tries, size))
        if at == len(all_tries):
            break
        begins = facts.history.ends[facts.history.known - 1 - at]
        pool = Pool(int(all_hits[at]), int(all_tries[at]), int(runs[at]), begins)
        if not pools or pool.tries > pools[-1].tries:
            pools.append(pool)
    return pools


def usual_share(facts: Facts, measure: Measure, begins: datetime, *causes: Cause) -> Usual | None:
    """Return the usual share before an instant; None where too few articles say so."""
    ends = facts.usual_ends(begins, *causes)
    part = slice(facts.history.place(ends - LOOKED_BACK), facts.history.place(ends))
    hits, tries = (one[part] for one in facts.history.counted(measure))
    number = int(tries.sum())
    if number < LEAST_USUAL:
        return None
    share = (float(hits.sum()) + 0.5) / (number + 1)
    return Usual(share, hits, tries)


def fallen(
    facts: Facts, measure: Measure, *causes: Cause, least: float = 0.25, held: bool | None = None
) -> Fall | None:
    """Return the share of the newest articles where it fell by `least` or more (or by half) beyond chance.

    `causes` are those under which such a fall is held already; then less is enough for it to go on. `held` says so
    where the causes alone do not.
    """
    pools = newest_pools(facts, measure)
    goes_on = facts.was(*causes) if held is None else held
    ever = _ever(facts, measure)
    lowest = min((pool.share for pool in pools), default=1.0)
    if not pools or (not goes_on and lowest > ever - least / 2 and lowest >= 0.75 * ever):
        return None  # far from it, without a look at what is usual
    worst: Fall | None = None
    usual = _usual_before(facts, measure, pools, *(causes if goes_on else ()))
    for pool in pools if usual is not None else ():
        assert usual is not None
        if not _is_less(pool, usual, least / 2 if goes_on else least, goes_on):
            continue
        if pools[0].share > (pool.share + usual.share) / 2:
            continue  # the newest of all are as before: it is over
        chance = share_at_most(pool.hits, pool.tries, usual.share, usual.weight)
        if chance > (STAYS if goes_on else _enters(facts, measure, pool)):
            continue
        strength = Strength.OVERWHELMING if pool.share <= 0.2 * usual.share else Strength.STRONG
        found = Fall(pool, usual, strength)
        if worst is None or _tells_more(found, worst):
            worst = found
    return worst


def _tells_more(found: Fall, held: Fall) -> bool:
    """Say whether a larger pool tells more: it is graver, or as bad over more articles."""
    if found.strength != held.strength:
        return found.strength > held.strength
    return found.pool.share <= held.pool.share + SAME


def _ever(facts: Facts, measure: Measure) -> float:
    """Return the share of all tries that are known."""
    hits, tries = facts.history.counted(measure)
    return float(hits.sum()) / max(1.0, float(tries.sum()))


def _usual_before(facts: Facts, measure: Measure, pools: list[Pool], *causes: Cause) -> Usual | None:
    """Return the usual share before all of the pools, so that none of them is measured by itself; of a young outlet
    before as many of them as leave enough.
    """
    for pool in reversed(pools):
        usual = usual_share(facts, measure, pool.begins, *causes)
        if usual is not None:
            return usual
    return None


def _enters(facts: Facts, measure: Measure, pool: Pool) -> float:
    """Return the chance below which a change counts: the fewer tries an outlet has, the fewer chances to be wrong."""
    if pool.runs == 1:
        return ALONE
    _, tries = facts.history.counted(measure)
    a_month = float(tries[facts.history.place(facts.now - OLDEST) :].sum())
    return min(MOST_CHANCE, max(LEAST_CHANCE, FALSE_ALARMS / max(1.0, a_month / SIZES[0])))


def below(facts: Facts, measure: Measure, minimum: float, *, held: bool) -> Pool | None:
    """Return the newest pool in which a share is below a minimum of the outlet's file, beyond chance.

    None where the newest articles meet it: what was missing before is over then, however much it weighs in larger
    pools. That takes twice as many articles while it is `held`.
    """
    asked = min(minimum, 0.98)
    pools = newest_pools(facts, measure)
    newest = next((pool for pool in pools if pool.tries >= LEAST_TRIES * (2 if held else 1)), None)
    if newest is not None and newest.share >= asked:
        return None
    for pool in pools:
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


def mean_fallen(facts: Facts, measure: Measure, *causes: Cause, ratio: float) -> MeanFall | None:
    """Return a mean per article (sum, articles) where it fell below `ratio` of the usual, beyond chance.

    How much such means vary is taken from groups of as many articles in the eight weeks before. The fewer groups, the
    less that is known, and the more it takes.
    """
    goes_on = facts.was(*causes)
    limit = (1 + ratio) / 2 if goes_on else ratio
    pools = newest_pools(facts, measure)
    lowest = min((pool.share for pool in pools), default=0.0)
    if not pools or (not goes_on and lowest > (1 + ratio) / 2 * _ever(facts, measure)):
        return None  # far from it, without a look at what is usual
    ends = facts.usual_ends(_begins_clean(facts, measure, pools), *causes)
    for pool in pools:
        before = _means(facts, measure, ends, pool.tries)
        if pool.tries < LEAST_TRIES or len(before) < 4:
            continue
        usual = float(before.mean())
        if usual <= 0 or pool.share > limit * usual or pools[0].share > (pool.share + usual) / 2:
            continue
        chance = _chance_of_mean(pool, before)
        if chance <= (STAYS if goes_on else OF_MEANS * _enters(facts, measure, pool)):
            return MeanFall(pool.share, pool.tries, usual)
    return None


def _chance_of_mean(pool: Pool, before: Numbers) -> float:
    """Return the chance of so small a mean, by those of as many articles before; few of them tell less."""
    usual = float(before.mean())
    varies = max(float(before.var(ddof=1)) / usual**2, 0.01) * (len(before) + 8) / len(before)
    expected = usual * pool.tries
    if expected > MANY:
        return mean_at_most(pool.share, usual, 1 / varies)
    return count_at_most(pool.hits, expected, max(0.0, varies - 1 / expected))


def _begins_clean(facts: Facts, measure: Measure, pools: list[Pool]) -> datetime:
    """Return when the oldest of the pools begins that leaves enough articles before it."""
    clean = (pool.begins for pool in reversed(pools) if usual_share(facts, measure, pool.begins) is not None)
    return next(clean, pools[0].begins)


def _means(facts: Facts, measure: Measure, ends: datetime, size: int) -> Numbers:
    """Return the means of groups of so many articles in the eight weeks before an instant."""
    part = slice(facts.history.place(ends - LOOKED_BACK), facts.history.place(ends))
    totals, counts = facts.history.counted(measure)
    totals, articles = _grouped(totals[part], counts[part], size)
    return np.asarray(totals / articles, dtype=np.float64)


def _grouped(hits: Numbers, tries: Numbers, size: int) -> tuple[Numbers, Numbers]:
    """Join runs to groups of about so many tries each; what is left at the end belongs to no group."""
    if not len(tries):
        return hits, tries
    group = (np.cumsum(tries) - tries) // size
    starts = np.flatnonzero(np.diff(group, prepend=-1.0))
    found, tried = np.add.reduceat(hits, starts), np.add.reduceat(tries, starts)
    whole = tried >= size / 2
    return found[whole], tried[whole]


def _is_less(pool: Pool, usual: Usual, least: float, goes_on: bool) -> bool:
    part = 0.75 if goes_on else 0.5
    if usual.share < LEAST_SHARE:
        return False
    return pool.share <= usual.share - least or pool.share <= part * usual.share


def _variation(hits: Numbers, tries: Numbers, share: float) -> float:
    """Return how much a share varies from group to group beyond chance (0: as dice do), drawn towards a little."""
    found, tried = _grouped(hits, tries, LEAST_TRIES)
    chance = share * (1 - share)
    if len(found) < 3 or chance <= 0:
        return 0.02
    size = float(tried.mean())
    spread = float(((found / tried - share) ** 2).mean())
    beyond = (spread / chance - 1 / size) / (1 - 1 / size) if size > 1 else 0.0
    return min(0.5, max(0.005, (beyond * len(found) + 0.02 * 4) / (len(found) + 4)))
