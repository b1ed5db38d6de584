"""Tails of counts, shares and means, against sums and simulations written out plainly."""

from __future__ import annotations

import math

import numpy as np
import pytest

from index.health.chances import count_at_least, count_at_most, mean_at_most, none_at_all, share_at_most


@pytest.mark.parametrize(("seen", "expected"), [(0, 3.0), (2, 8.0), (30, 60.0)])
def test_counts_without_spread_are_poisson(seen, expected):
    plain = sum(math.exp(-expected) * expected**k / math.factorial(k) for k in range(seen + 1))
    assert count_at_most(seen, expected, 0.0) == pytest.approx(plain)


def test_the_upper_tail_is_the_rest_of_the_lower_one():
    plain = sum(math.exp(-4.0) * 4.0**k / math.factorial(k) for k in range(10))
    assert count_at_least(10, 4.0, 0.0) == pytest.approx(1 - plain)


def test_counts_that_vary_more_have_longer_tails():
    drawn = np.random.default_rng(1).gamma(1 / 0.2, 0.2 * 20, 400_000)
    counts = np.random.default_rng(2).poisson(drawn)
    assert count_at_most(8, 20.0, 0.2) == pytest.approx((counts <= 8).mean(), rel=0.03)
    assert count_at_least(40, 20.0, 0.2) == pytest.approx((counts >= 40).mean(), rel=0.05)


def test_nothing_at_all_is_the_tail_at_nought():
    assert none_at_all(7.0, 0.1) == pytest.approx(count_at_most(0, 7.0, 0.1))
    assert none_at_all(7.0, 0.0) == pytest.approx(math.exp(-7))


def test_shares_known_exactly_are_binomial():
    plain = sum(math.comb(12, k) * 0.9**k * 0.1 ** (12 - k) for k in range(8))
    assert share_at_most(7, 12, 0.9) == pytest.approx(plain, rel=1e-4)


def test_a_share_known_from_few_tries_is_less_sure():
    assert share_at_most(2, 8, 0.9, weight=20) > 20 * share_at_most(2, 8, 0.9)


def test_means_are_judged_by_how_much_they_vary():
    means = np.random.default_rng(3).gamma(6, 5 / 6, 400_000)
    assert mean_at_most(2.0, 5.0, 6.0) == pytest.approx((means <= 2.0).mean(), rel=0.05)
    assert mean_at_most(2.0, 5.0, 60.0) < 1e-9


@pytest.mark.parametrize("number", [0, 1, 10**6])
def test_no_figure_overflows(number):
    for value in (
        count_at_most(number, 2e6, 0.5),
        count_at_least(number, 0.5, 0.0),
        none_at_all(float(number), 1e-9),
        mean_at_most(float(number), 1e6, 500.0),
    ):
        assert 0 <= value <= 1
