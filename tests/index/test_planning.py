"""What is known of an outlet before its schedule is looked ahead at."""

from __future__ import annotations

from index.host_records import HostNotes, HostPaceInRun, HostState
from index.planning import planned
from index.plans import read_plan
from index.store.hosts import note_hosts
from tests.factories import a_spec


def test_delay_found_in_force_for_the_home_host_counts_in_a_forecast(store, settings, now):
    spec = a_spec(home="https://www.gazette.example/")
    plan = read_plan("gazette", ("every", "30m"), zone="UTC", jitter=None, quiet=(), now=now)
    (before,) = planned(store, [plan], {"gazette": spec}, settings)
    state, pace = HostState("gazette.example", delay_s=12.0), HostPaceInRun("gazette.example", 1, None, None, 0.0, None)
    with store.write() as tx:
        note_hosts(tx, [HostNotes(state, (), pace)], run_id=1, now=now)
    (after,) = planned(store, [plan], {"gazette": spec}, settings)
    assert (before.delay_s, after.delay_s) == (1.0, 12.0)
