"""What the settings of alerts mean for messages, and for the page that shows at once what they would wait for."""

from __future__ import annotations

from datetime import timedelta

from index.alerts.terms import terms_of, terms_of_page


def test_a_page_shows_at_once_what_a_message_waits_to_tell(make_settings):
    alerts = make_settings(alerts={"settle_min": 20, "index_lag_min": 7, "states": ["degraded"]}).alerts
    told, shown = terms_of(alerts), terms_of_page(alerts)
    assert (told.settle, shown.settle, shown.gather) == (timedelta(minutes=20), timedelta(0), timedelta(0))
    assert told.index_lag == shown.index_lag == timedelta(minutes=7)
    assert told.states == {"degraded"}
    assert shown.states == {"degraded", "broken", "blocked", "stale"}
