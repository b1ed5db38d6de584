"""Schedules as they are kept, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.when import parse_when
from index.errors import NotFoundError
from index.schedules import Schedule, parse_quiet
from index.store.audit import list_acts
from index.store.schedules import (
    articles_since,
    get_schedule,
    list_schedules,
    note_dealt_with,
    note_wait,
    pause_schedule,
    remove_schedule,
    resume_schedule,
    set_schedule,
)
from tests.factories import an_article, register, save


def put(store, now, when="every 30m", outlet="gazette", **other):
    plan = Schedule(outlet, parse_when(when), since=now, **other)
    with store.write() as tx:
        return set_schedule(tx, plan, origin="operator", by="ann", now=now)


def held(store, outlet="gazette"):
    with store.read() as tx:
        return get_schedule(tx, outlet)


def test_a_schedule_is_kept_as_it_was_set(store, now):
    quiet = (parse_quiet("22:00-06:00"), parse_quiet("12:00-13:00"))
    kept = put(store, now, "15 */2 * * *", zone="Europe/Paris", jitter=timedelta(minutes=3), quiet=quiet)
    assert held(store) == kept
    assert (kept.plan.zone, kept.plan.jitter, kept.plan.quiet) == ("Europe/Paris", timedelta(minutes=3), quiet)
    assert (kept.planned_until, kept.changed_by, kept.origin) == (now, "ann", "operator")


def test_a_schedule_set_anew_takes_the_place_of_the_old_one_and_stays_paused(store, now):
    put(store, now)
    with store.write() as tx:
        pause_schedule(tx, "gazette", reason="They rebuild.", by="ann", now=now)
    later = now + timedelta(hours=5)
    kept = put(store, later, "every 2h")
    assert (kept.plan.when.text, kept.planned_until, kept.paused_reason) == ("every 2h", later, "They rebuild.")
    with store.read() as tx:
        assert len(list_schedules(tx)) == 1


def test_firings_of_a_pause_are_left_out(store, now):
    put(store, now)
    with store.write() as tx:
        pause_schedule(tx, "gazette", reason="", by="ann", now=now)
    later = now + timedelta(days=1)
    with store.write() as tx:
        kept = resume_schedule(tx, "gazette", by="bob", now=later)
    assert (kept.paused_at, kept.planned_until, kept.changed_by) == (None, later, "bob")


def test_resuming_what_is_not_paused_changes_nothing_and_is_not_noted(store, now):
    kept = put(store, now)
    with store.write() as tx:
        before = len(list_acts(tx))
        assert resume_schedule(tx, "gazette", by="bob", now=now + timedelta(days=1)) == kept
        assert len(list_acts(tx)) == before


@pytest.mark.parametrize("meanwhile", ["changed", "paused", "dealt with", "removed"])
def test_a_firing_is_dealt_with_only_by_who_read_the_schedule_as_it_is(meanwhile, store, now):
    kept = put(store, now)
    planned = now + timedelta(minutes=30)
    with store.write() as tx:
        if meanwhile == "changed":
            set_schedule(tx, kept.plan, origin="operator", by="bob", now=now + timedelta(seconds=1))
        elif meanwhile == "paused":
            pause_schedule(tx, "gazette", reason="", by="bob", now=now)
        elif meanwhile == "dealt with":
            assert note_dealt_with(tx, kept, planned)
        else:
            remove_schedule(tx, "gazette", by="ann", now=now)
    with store.write() as tx:
        assert not note_dealt_with(tx, kept, planned)


def test_intervals_of_an_adaptive_schedule_are_counted_from_its_last_firing(store, now):
    kept = put(store, now, "adaptive 10m-6h")
    with store.write() as tx:
        note_wait(tx, kept, timedelta(minutes=20))
        note_wait(tx, kept, timedelta(minutes=40))
    kept = held(store)
    assert kept.plan.wait == timedelta(minutes=20)
    with store.write() as tx:
        note_dealt_with(tx, kept, now + timedelta(minutes=20), wait=timedelta(minutes=45))
    plan = held(store).plan
    assert (plan.since, plan.wait) == (now + timedelta(minutes=20), timedelta(minutes=45))


@pytest.mark.parametrize("act", [pause_schedule, resume_schedule, remove_schedule])
def test_an_outlet_without_a_schedule_is_told_how_to_get_one(act, store, now):
    more = {"by": "ann", "now": now}
    more |= {"reason": ""} if act is pause_schedule else {}
    with pytest.raises(NotFoundError, match="`watchfloor schedule set gazette WHEN` makes one"), store.write() as tx:
        act(tx, "gazette", **more)


def test_articles_of_an_outlet_are_counted_by_the_day_they_were_written(store, now):
    register(store, now)
    for days in (1, 3, 9):
        at = now - timedelta(days=days)
        save(store, an_article(f"d{days}", f"Ships left the harbour {days} days ago.", published_at=at), now)
    with store.read() as tx:
        assert articles_since(tx, "gazette", now - timedelta(days=7), now) == 2
        assert articles_since(tx, "herald", now - timedelta(days=7), now) == 0
