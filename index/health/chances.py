"""How likely a figure is by chance: tails of counts and shares that vary more than dice do. Pure, standard library.

Everything is worked out in logarithms, so that nothing overflows; a tail of 0 means less than 1e-300.
"""

from __future__ import annotations

from math import exp, inf, lgamma, log, log1p

_MOST_TERMS = 20_000


def count_at_most(seen: int, expected: float, spread: float) -> float:
    """Return the chance of so few, where `expected` are usual and the variance is expected + spread * expected²."""
    if seen < 0:
        return 0.0
    if expected <= 0:
        return 1.0
    if seen >= expected:
        return 1.0  # no question of too few
    size = inf if spread <= 0 else 1 / spread
    # From `seen` downwards terms fall quickly, so few of them are summed.
    total, term = 0.0, _log_count(seen, expected, size)
    top = term
    for number in range(seen, max(-1, seen - _MOST_TERMS), -1):
        value = _log_count(number, expected, size)
        total += exp(value - top)
        if value < top - 40:
            break
    return min(1.0, exp(top) * total)


def count_at_least(seen: int, expected: float, spread: float) -> float:
    """Return the chance of so many."""
    if expected <= 0:
        return 0.0 if seen > 0 else 1.0
    if seen <= expected:
        return 1.0
    size = inf if spread <= 0 else 1 / spread
    top = _log_count(seen, expected, size)
    total = 0.0
    for number in range(seen, seen + _MOST_TERMS):
        value = _log_count(number, expected, size)
        total += exp(value - top)
        if value < top - 40:
            break
    return min(1.0, exp(top) * total)


def none_at_all(expected: float, spread: float) -> float:
    """Return the chance of nothing where `expected` are usual."""
    if expected <= 0:
        return 1.0
    return exp(-expected) if spread <= 0 else exp(-log1p(spread * expected) / spread)


def share_at_most(hits: int, tries: int, share: float, weight: float = inf) -> float:
    """Return the chance of so few hits, where the usual share is `share`, itself uncertain as of `weight` tries."""
    if tries <= 0 or hits >= tries:
        return 1.0
    share = min(1 - 1e-9, max(1e-9, share))
    if weight == inf:
        weight = 1e9
    a, b = share * weight, (1 - share) * weight
    top = max(_log_share(number, tries, a, b) for number in (0, hits))
    return min(1.0, exp(top) * sum(exp(_log_share(number, tries, a, b) - top) for number in range(hits + 1)))


def mean_at_most(seen: float, usual: float, shape: float) -> float:
    """Return the chance of so small a mean, where means are usually `usual` with a variance of usual² / shape."""
    if usual <= 0 or seen >= usual:
        return 1.0
    if seen <= 0:
        return 0.0
    point = shape * seen / usual
    term = shape * log(point) - point - lgamma(shape + 1)
    total, part, number = 1.0, 1.0, shape
    while part > 1e-12 * total:
        number += 1
        part *= point / number
        total += part
    return min(1.0, exp(term) * total)


def _log_count(number: int, expected: float, size: float) -> float:
    if size == inf:
        return number * log(expected) - expected - lgamma(number + 1)
    return (
        lgamma(number + size)
        - lgamma(size)
        - lgamma(number + 1)
        - size * log1p(expected / size)
        + number * (log(expected) - log(size + expected))
    )


def _log_share(hits: int, tries: int, a: float, b: float) -> float:
    chosen = lgamma(tries + 1) - lgamma(hits + 1) - lgamma(tries - hits + 1)
    return chosen + _log_beta(hits + a, tries - hits + b) - _log_beta(a, b)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
