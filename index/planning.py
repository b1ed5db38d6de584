"""What is known of outlets before their schedules are looked ahead at, and a forecast as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from config.counting import counted
from config.outlets import OutletSpec, fold_host
from config.settings import Settings
from config.when import span_told
from index.forecasts import AskedHost, Forecast, OutletForecast, Planned
from index.records import JsonObject
from index.schedules import Schedule
from index.store import Store
from index.store.hosts import requests_of_runs, states_of
from index.store.runs import list_runs
from index.urls import host_of
from index.usual import LOOKED_AT, lasting, usual_by_host, usual_of, whole_of

HOSTS_TOLD = 4
"""So many hosts of an outlet are named in a sentence; all stand in the JSON."""


def planned(
    store: Store, plans: Iterable[Schedule], specs: Mapping[str, OutletSpec], settings: Settings
) -> list[Planned]:
    """Add to each schedule what is known of its outlet: home host, usual run, the hosts that asks and their pace."""
    wanted = list(plans)
    homes = {plan.outlet: fold_host(host_of(specs[plan.outlet].home)) for plan in wanted}
    with store.read() as tx:
        past = {
            plan.outlet: whole_of(list_runs(tx, outlet=plan.outlet, kind="crawl", limit=2 * LOOKED_AT))
            for plan in wanted
        }
        asked = requests_of_runs(tx, [run.id for runs in past.values() for run in runs])
        usual = {name: usual_by_host([asked.get(run.id, {}) for run in runs]) for name, runs in past.items()}
        known = states_of(tx, {*homes.values(), *(host for by_host in usual.values() for host in by_host)})

    def delay_s(outlet: str, host: str) -> float:
        in_force = known[host].delay_s if host in known else 0.0
        return max(specs[outlet].pace.delay_s, settings.floor_s_for(host), in_force)

    return [
        Planned(
            plan,
            home := homes[plan.outlet],
            delay_s(plan.outlet, home),
            usual_of(past[plan.outlet]),
            tuple(AskedHost(host, number, delay_s(plan.outlet, host)) for host, number in usual[plan.outlet].items()),
        )
        for plan in wanted
    ]


def cost_told(one: OutletForecast, seen: Forecast) -> str:
    """Say what a run of an outlet costs and asks of each host: `a run about 36 s, 20 requests; …`."""
    if one.run_s is None or one.run_requests is None:
        return "what a run costs is not known yet: the outlet has too few whole runs"
    busiest = {host.host: host.busiest for host in seen.hosts}
    shown = one.hosts[:HOSTS_TOLD]
    told = ", ".join(f"{host.host} at most {busiest.get(host.host, 0):,} an hour" for host in shown)
    more = f" and {counted(len(one.hosts) - len(shown), 'other host')}" if len(one.hosts) > len(shown) else ""
    return f"a run about {lasting(one.run_s)}, {counted(round(one.run_requests), 'request')}; {told}{more}"


def counted_as(plan: Schedule) -> str:
    """Say which interval an adaptive schedule is counted at; "" for others."""
    if plan.when.between is None:
        return ""
    if plan.wait is None:
        return f"Counted at its shortest interval, {span_told(plan.when.between[0])}: the most it can ask"
    return f"Counted at the interval in force, {span_told(plan.wait)}"


def forecast_json(seen: Forecast, outlet: str | None = None) -> JsonObject:
    """Return a forecast as JSON values."""
    return {
        "begins": seen.begins.isoformat(),
        "ends": seen.ends.isoformat(),
        "workers": seen.workers,
        "busy": round(seen.busy, 4),
        "longest_wait_s": round(seen.longest_wait.total_seconds()),
        "outlets": [
            {
                "outlet": one.outlet,
                "host": one.host,
                "firings": _instants(one.firings),
                "folded": one.folded,
                "run_s": one.run_s,
                "run_requests": _rounded(one.run_requests),
                "run_hosts": {host.host: _rounded(host.requests) for host in one.hosts},
                "requests": _rounded(one.requests),
            }
            for one in seen.outlets
            if outlet in (None, one.outlet)
        ],
        "host_hours": {
            host: {hour.isoformat(): number for hour, number in sorted(hours.items())}
            for host, hours in sorted(seen.host_hours.items())
        },
        "hosts": [
            {
                "host": one.host,
                "delay_s": one.delay_s,
                "requests": one.requests,
                "busiest": one.busiest,
                "busiest_at": one.busiest_at.isoformat(),
                "most_an_hour": one.most_an_hour,
            }
            for one in seen.hosts
        ],
        "clashes": list(seen.clashes),
        "unknown": list(seen.unknown),
    }


def _instants(instants: Sequence[datetime]) -> list[str]:
    return [at.isoformat() for at in instants]


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 2)
