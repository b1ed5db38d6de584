"""Values that tests of alerts make."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from index.alerts.records import Alert, AlertKind, Due, OutletFacts, Said, Telling, Terms, Trouble
from index.health.records import Health, HealthState


def terms(**other: Any) -> Terms:
    values: dict[str, Any] = {
        "states": frozenset({"stale", "blocked", "broken"}),
        "settle": timedelta(minutes=10),
        "gather": timedelta(minutes=5),
        "flap_times": 4,
        "flap_within": timedelta(hours=24),
        "storm_outlets": 5,
        "storm_share": 0.7,
        "storm_within": timedelta(hours=1),
        "index_lag": timedelta(minutes=30),
        "silent": timedelta(minutes=5),
    }
    return Terms(**{**values, **other})


def a_trouble(outlet: str = "gazette", *, since: datetime, **other: Any) -> Trouble:
    values: dict[str, Any] = {"state": "broken", "sentence": "Its pages have another layout.", **other}
    return Trouble(f"outlet:{outlet}", AlertKind.OUTLET, outlet, since=since, **values)


def an_alert(first_at: datetime, outlet: str = "gazette", **other: Any) -> Alert:
    values: dict[str, Any] = {
        "id": 7,
        "kind": AlertKind.OUTLET,
        "subject": outlet,
        "state": "broken",
        "sentence": "Its pages have another layout.",
        "key": f"outlet:{outlet}",
        **other,
    }
    return Alert(first_at=first_at, **values)


def a_due(alert: Alert, said: Said = Said.BEGAN, number: int = 1) -> Due:
    return Due(Telling(number, alert.id, "mail", said, alert.first_at, attempts=1), alert)


def a_health(outlet: str, state: HealthState, at: datetime, cause: str = "", sentence: str = "So it is.") -> Health:
    return Health(outlet, state, cause or state.value, sentence, since=at, judged_at=at)


def outlet_facts(outlet: str, state: HealthState, at: datetime, **other: Any) -> OutletFacts:
    return OutletFacts(outlet, a_health(outlet, state, at), asked_at=other.pop("asked_at", at), **other)
