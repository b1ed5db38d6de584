"""What is known of outlets before their schedules are looked ahead at, and a forecast as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from config.outlets import OutletSpec
from config.settings import Settings
from index.forecasts import Forecast, Planned
from index.records import JsonObject
from index.schedules import Schedule
from index.store import Store
from index.store.hosts import get_host
from index.store.runs import list_runs
from index.usual import LOOKED_AT, usual_of


def planned(
    store: Store, plans: Iterable[Schedule], specs: Mapping[str, OutletSpec], settings: Settings
) -> list[Planned]:
    """Add to each schedule what is known of its outlet: home host, pace, usual run."""
    found = []
    with store.read() as tx:
        for plan in plans:
            spec = specs[plan.outlet]
            host = urlsplit(spec.home).hostname or ""
            past = list_runs(tx, outlet=plan.outlet, kind="crawl", limit=2 * LOOKED_AT)
            known = get_host(tx, host)
            delay_s = max(spec.pace.delay_s, settings.floor_s_for(host), known.delay_s if known is not None else 0.0)
            found.append(Planned(plan, host, delay_s, usual_of(past)))
    return found


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
                "run_requests": one.run_requests,
                "requests": one.requests,
            }
            for one in seen.outlets
            if outlet in (None, one.outlet)
        ],
        "host_hours": {
            host: {hour.isoformat(): number for hour, number in sorted(hours.items())}
            for host, hours in sorted(seen.host_hours.items())
        },
        "clashes": list(seen.clashes),
        "unknown": list(seen.unknown),
    }


def _instants(instants: Sequence[datetime]) -> list[str]:
    return [at.isoformat() for at in instants]
