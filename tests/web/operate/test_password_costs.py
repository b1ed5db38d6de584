"""What a try to sign in costs: as much for a name that nobody has, so that time tells nothing."""

from __future__ import annotations

import time

import pytest

from web import passwords
from web.passwords import fits, hashed

PASSWORD = "correct horse battery"


@pytest.fixture
def kept():
    """The hash of the password."""
    return hashed(PASSWORD)


def test_a_name_that_nobody_has_costs_a_hash_too(kept, monkeypatch):
    asked = []

    class Counting:
        hash = passwords._HASHER.hash

        def verify(self, against, password):
            asked.append(against)
            return passwords.PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1).verify(against, password)

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    assert not fits("x", None)
    assert fits(PASSWORD, kept)
    assert len(asked) == 2
    parameters = {"$".join(one.split("$")[:4]) for one in asked}
    assert len(parameters) == 1  # the same costs, so the same time


def test_signing_in_is_as_slow_for_nobody_as_for_somebody(kept):
    fits("warm", None)

    def took(kept_hash):
        began = time.thread_time()
        fits("wrong password", kept_hash)
        return time.thread_time() - began

    # The least of several: what a shared machine adds differs from one to the next, what a hash costs does not.
    pairs = [(took(kept), took(None)) for _ in range(7)]
    somebody, nobody = (
        min(one for one, _ in pairs),
        min(other for _, other in pairs),
    )
    print(f"somebody {somebody * 1000:.1f} ms, nobody {nobody * 1000:.1f} ms")
    assert abs(somebody - nobody) / somebody < 0.2  # the mark is a tenth


def test_a_password_composed_otherwise_is_the_same():
    assert fits("pa\u00e9lla y vino", hashed("pae\u0301lla y vino"))
