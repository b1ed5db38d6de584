"""Work that may never end is broken off."""

from __future__ import annotations

import re
import signal
import threading
import time

import pytest

from crawler.deadline import DeadlinePassed, deadline, undisturbed


def test_endless_work_is_broken_off():
    started = time.monotonic()
    with pytest.raises(DeadlinePassed), deadline(0.1):
        while True:
            pass
    assert time.monotonic() - started < 2


def test_work_that_swallows_the_first_alarm_is_broken_off_by_the_next():
    def stubborn() -> None:
        try:
            while True:
                pass
        except DeadlinePassed:
            while True:
                pass

    with pytest.raises(DeadlinePassed), deadline(0.1):
        stubborn()


def test_exponential_expression_is_broken_off():
    with pytest.raises(DeadlinePassed), deadline(0.1):
        re.match(r"(a+)+$", "a" * 40 + "b")


def test_quick_work_is_left_alone_and_no_alarm_rings_later():
    before = signal.getsignal(signal.SIGALRM)
    with deadline(60):
        done = 1
    assert done
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before


def test_other_threads_work_without_a_deadline():
    results: list[int] = []

    def work() -> None:
        with deadline(0.01):
            time.sleep(0.05)
            results.append(1)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert results == [1]


def test_an_import_is_not_broken_off_and_takes_no_time_of_the_page():
    with deadline(0.2):
        with undisturbed():
            time.sleep(0.4)
        time.sleep(0.05)


def test_after_it_the_time_runs_on():
    with pytest.raises(DeadlinePassed), deadline(0.2):
        with undisturbed():
            time.sleep(0.01)
        while True:
            pass
