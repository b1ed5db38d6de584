"""What the settings say about alerts, as the terms that troubles are judged by. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from config.alert_settings import AlertSettings
from index.alerts.records import Terms


def terms_of(alerts: AlertSettings) -> Terms:
    """Return what the settings say about alerts."""
    return Terms(
        states=frozenset(alerts.states),
        settle=timedelta(minutes=alerts.settle_min),
        gather=timedelta(minutes=alerts.gather_min),
        flap_times=alerts.flap_times,
        flap_within=timedelta(hours=alerts.flap_within_h),
        storm_outlets=alerts.storm_outlets,
        storm_share=alerts.storm_share,
        storm_within=timedelta(hours=1),
        index_lag=timedelta(minutes=alerts.index_lag_min),
        silent=timedelta(minutes=alerts.silent_min),
    )


def terms_of_page(alerts: AlertSettings) -> Terms:
    """Return the terms of the operators' page: what a message would wait to tell is shown at once.

    Outlets that give nothing are shown whatever states are told.
    """
    told = terms_of(alerts)
    states = told.states | {"broken", "blocked", "stale"}
    return replace(told, states=states, settle=timedelta(0), gather=timedelta(0))
