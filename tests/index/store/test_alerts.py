"""Alerts as they are kept, and who is given what to tell."""

from __future__ import annotations

from datetime import timedelta

import pytest

from index.alerts.records import Beat, Part, Said
from index.store.alerts import (
    channels_that_know,
    claim_due,
    count_unsent,
    drop_untold,
    keep_alert,
    list_alerts,
    note_failed,
    note_told,
    open_alerts,
    tell_on,
    told_last_at,
)
from index.store.beats import KEPT, list_beats, note_beat
from tests.index.alerts.making import an_alert

MINUTE = timedelta(minutes=1)


@pytest.fixture
def alert(store, now):
    with store.write() as tx:
        return keep_alert(tx, an_alert(now, id=0, settled_at=now, subject="gaz\x00ette"))


def tell(store, alert, now, *channels, said=Said.BEGAN):
    with store.write() as tx:
        tell_on(tx, alert.id, said, channels or ("mail",), now=now)


def claim(store, now, channel="mail"):
    with store.write() as tx:
        return claim_due(tx, channel, now=now, lease=5 * MINUTE)


def test_an_alert_is_kept_as_it_is_and_open_until_it_ends(store, alert, now):
    assert alert.subject == "gazette"
    with store.read() as tx:
        assert open_alerts(tx) == [alert]
    with store.write() as tx:
        keep_alert(tx, an_alert(now, id=alert.id, settled_at=now, ended_at=now))
    with store.read() as tx:
        assert open_alerts(tx) == []


def test_a_thing_is_told_once_on_each_channel(store, alert, now):
    tell(store, alert, now, "mail")
    tell(store, alert, now, "mail", "webhook")
    assert [len(claim(store, now, channel)) for channel in ("mail", "webhook")] == [1, 1]


def test_what_one_sender_has_taken_no_other_is_given_until_its_lease_is_over(store, alert, now):
    tell(store, alert, now)
    (due,) = claim(store, now)
    assert (due.telling.attempts, due.alert) == (1, alert)
    assert claim(store, now + 4 * MINUTE) == []
    (again,) = claim(store, now + 5 * MINUTE)
    assert (again.telling.id, again.telling.attempts) == (due.telling.id, 2)


def test_what_was_told_is_done_with(store, alert, now):
    tell(store, alert, now)
    with store.write() as tx:
        note_told(tx, claim_due(tx, "mail", now=now, lease=MINUTE), now=now)
    assert claim(store, now + 60 * MINUTE) == []
    with store.read() as tx:
        assert channels_that_know(tx, alert.id) == {"mail"}
        assert told_last_at(tx, "mail") == now
        assert told_last_at(tx, "webhook") is None
        assert count_unsent(tx) == (0, 0)


def test_what_failed_is_kept_with_its_cause_and_waits(store, alert, now):
    tell(store, alert, now)
    (due,) = claim(store, now)
    with store.write() as tx:
        note_failed(tx, due, error="It is full.\x00", again_at=now + 2 * MINUTE, now=now)
    with store.read() as tx:
        assert count_unsent(tx) == (1, 1)
        (told,) = list_alerts(tx)
    assert told.tellings[0].last_error == "It is full."
    assert claim(store, now + MINUTE) == []
    assert len(claim(store, now + 2 * MINUTE)) == 1


def test_what_is_given_up_is_dropped_with_its_cause(store, alert, now):
    tell(store, alert, now)
    (due,) = claim(store, now)
    with store.write() as tx:
        note_failed(tx, due, error="It is full.", again_at=None, now=now)
    with store.read() as tx:
        (told,) = list_alerts(tx)
    assert (told.tellings[0].dropped_at, told.tellings[0].next_try_at) == (now, None)


def test_an_end_that_came_while_a_beginning_was_being_sent_is_told_as_well(store, alert, now):
    tell(store, alert, now)
    due = claim(store, now)
    with store.write() as tx:
        keep_alert(tx, an_alert(now, id=alert.id, settled_at=now, cleared_at=now, ended_at=now))
        drop_untold(tx, alert.id, now=now)
    with store.write() as tx:
        note_told(tx, due, now=now)
    (over,) = claim(store, now)
    assert over.telling.said is Said.OVER


def test_alerts_are_listed_open_ones_first(store, alert, now):
    with store.write() as tx:
        keep_alert(tx, an_alert(now + MINUTE, "herald", id=0, key="outlet:herald", ended_at=now + MINUTE))
    with store.read() as tx:
        assert [one.alert.subject for one in list_alerts(tx)] == ["gazette", "herald"]
        assert [one.alert.subject for one in list_alerts(tx, only_open=True)] == ["gazette"]
        assert len(list_alerts(tx, limit=1)) == 1


def test_the_last_sign_of_life_of_a_process_is_kept(store, now):
    for minutes in (0, 1):
        with store.write() as tx:
            note_beat(tx, Beat(Part.WORKER, "one", 9, now, now + minutes * MINUTE, free_mb=5, least_mb=1))
    with store.read() as tx:
        assert list_beats(tx) == [Beat(Part.WORKER, "one", 9, now, now + MINUTE, free_mb=5, least_mb=1)]


def test_processes_long_gone_are_forgotten_but_the_newest_of_their_part(store, now):
    with store.write() as tx:
        note_beat(tx, Beat(Part.WORKER, "one", 1, now, now))
        note_beat(tx, Beat(Part.SCHEDULER, "one", 2, now, now))
        note_beat(tx, Beat(Part.WORKER, "one", 3, now, now + KEPT + MINUTE))
    with store.read() as tx:
        assert {one.pid for one in list_beats(tx)} == {2, 3}
