"""`/metrics`: figures of the archive and of this process, in the text form of Prometheus, for this machine alone.

Another machine may read them with the token of the settings. Who asks is known by the address of the socket, never by
a header; a request that says it was passed on by a proxy is nobody's of this machine.
"""

from __future__ import annotations

import hmac
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address

from flask import Blueprint, Flask, Request, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from config.disk import free_bytes_of
from config.errors import WatchfloorError
from index.alerts.records import Part
from index.health.records import HealthState
from index.store.figures import Figures, gather_figures
from web.errors import problem
from web.site import Site, site

pages = Blueprint("metrics", __name__)

EXTENSION = "watchfloor.metrics"
KEPT_S = 5.0
"""Seconds for which figures that were read are told again: whoever asks oftener reads nothing new."""

PASSED_ON = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
REFUSED = (
    "Figures are told to this machine alone. Another one needs the token of [web] metrics_token: "
    "Authorization: Bearer TOKEN."
)
COVERED = ("fresh", "failing", "stale", "never", "imported")
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(slots=True)
class Gauges:
    """What this process measures of itself, and the registry that tells it with the archive's figures."""

    registry: CollectorRegistry
    requests: Histogram
    searches: Histogram


@pages.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Give all figures in the text form of Prometheus; 403 for whoever may not read them."""
    if not may_read(request, site().settings.web.metrics_token.get_secret_value()):
        return problem(403, REFUSED)
    return Response(generate_latest(_gauges().registry), content_type=CONTENT_TYPE_LATEST)


def may_read(asked: Request, token: str) -> bool:
    """Say whether a request may read the figures: it comes from this machine, or names the token."""
    scheme, _, given = asked.headers.get("Authorization", "").partition(" ")
    if token and scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode()):
        return True
    if any(name in asked.headers for name in PASSED_ON):
        return False
    try:
        address = ip_address(asked.environ.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def register(app: Flask, parts: Site) -> None:
    """Measure every request of an application, and tell its archive's figures."""
    disable_created_metrics()  # type: ignore[no-untyped-call]  # when a count began is of use to nobody here
    registry = CollectorRegistry(auto_describe=False)
    requests = Histogram(
        "watchfloor_request_seconds",
        "Seconds this process took to answer a request, by route.",
        ("route", "status"),
        buckets=SECONDS,
        registry=registry,
    )
    searches = Histogram(
        "watchfloor_search_seconds", "Seconds this process took to search.", buckets=SECONDS, registry=registry
    )
    ProcessCollector(registry=registry)
    registry.register(ArchiveFigures(parts))
    app.extensions[EXTENSION] = Gauges(registry, requests, searches)
    app.before_request(_begin)
    app.after_request(_measure)
    app.register_blueprint(pages)


def note_search(took_ms: float) -> None:
    """Measure one search."""
    _gauges().searches.observe(took_ms / 1000)


def _gauges() -> Gauges:
    found = current_app.extensions[EXTENSION]
    assert isinstance(found, Gauges)
    return found


def _begin() -> None:
    g.asked_at = time.perf_counter()


def _measure(response: Response) -> Response:
    asked_at = g.pop("asked_at", None)
    if asked_at is not None:
        route = request.url_rule.rule if request.url_rule is not None else "none"
        status = f"{response.status_code // 100}xx"
        _gauges().requests.labels(route, status).observe(time.perf_counter() - asked_at)
    return response


@dataclass(eq=False)
class ArchiveFigures(Collector):
    """Reads the archive when it is asked, and at the most every few seconds, whoever asks."""

    parts: Site
    timer: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _read: tuple[float, Figures | None, bool] | None = None

    def collect(self) -> Iterator[Metric]:
        """Give every figure; of a database that does not answer only that it does not."""
        figures, index_up = self._figures()
        yield _gauge("database_up", "Whether the database answers.", float(figures is not None))
        yield _gauge("index_up", "Whether the index opens.", float(index_up))
        free = free_bytes_of(self.parts.settings.data.dir)
        if free is not None:
            yield _gauge("disk_free_bytes", "Bytes free where the data folder is.", free)
        if figures is not None:
            now = self.parts.now()
            yield from _of_outlets(figures, now)
            yield from _of_work(figures, now)
            yield from _of_alerts(figures, now)

    def _figures(self) -> tuple[Figures | None, bool]:
        with self._lock:
            at = self.timer()
            if self._read is None or at - self._read[0] >= KEPT_S:
                self._read = (at, *self._gathered())
            return self._read[1], self._read[2]

    def _gathered(self) -> tuple[Figures | None, bool]:
        parts = self.parts
        try:
            position: int | None = parts.backend.position()
        except WatchfloorError:
            position = None
        try:
            with parts.store.read() as tx:
                stale_after_h = parts.settings.coverage.stale_after_h
                figures = gather_figures(tx, position=position, stale_after_h=stale_after_h, now=parts.now())
        except WatchfloorError:
            return None, position is not None
        return figures, position is not None


def _of_outlets(figures: Figures, now: datetime) -> Iterator[Metric]:
    fresh = Counter(dict.fromkeys(COVERED, 0))
    fresh.update(one.state for one in figures.outlets)
    yield _by_label("outlets", "Outlets by how fresh they are.", "state", fresh)
    states = {state.value: figures.health.get(state.value, 0) for state in HealthState}
    yield _by_label("outlet_health", "Outlets by how they fare.", "state", states)
    ages = {one.outlet: _age(one.last_success_at, now) for one in figures.outlets if one.last_success_at is not None}
    yield _by_label("outlet_last_success_age_seconds", "Seconds since the last run that went well.", "outlet", ages)
    yield _gauge("articles", "Articles held.", figures.articles)
    yield _gauge("leads_waiting", "Addresses that wait to be asked for.", figures.leads_waiting)


def _of_work(figures: Figures, now: datetime) -> Iterator[Metric]:
    for family, name, label, told in (
        ("outcome", "outcomes", "outcome", "Addresses dealt with, by how they ended."),
        ("run", "runs", "state", "Runs that ended, by how."),
        ("job", "jobs_ended", "state", "Jobs that ended, by how."),
    ):
        counter = CounterMetricFamily(f"watchfloor_{name}", told, labels=(label,))
        for value, number in sorted(figures.ended.get(family, {}).items()):
            counter.add_metric((value,), number)
        yield counter
    yield _gauge("runs_running", "Runs under way.", figures.runs_running)
    jobs = {"waiting": figures.jobs_waiting, "leased": figures.jobs_leased}
    yield _by_label("jobs", "Jobs that have not ended, by state.", "state", jobs)
    yield _gauge("jobs_due", "Jobs that could begin now and have no worker.", figures.jobs_due)
    yield _gauge("jobs_oldest_due_age_seconds", "Seconds the oldest of them has waited.", _age(figures.due_since, now))
    if figures.lag is not None:
        yield _gauge("index_lag_changes", "Changes of the database that the index lacks.", figures.lag)
        yield _gauge("index_lag_seconds", "Age of the oldest of them.", _age(figures.lag_since, now))


def _of_alerts(figures: Figures, now: datetime) -> Iterator[Metric]:
    yield _gauge("alerts_open", "Troubles that are not over.", figures.alerts_open)
    yield _gauge("alerts_unsent", "Messages that are to be sent.", figures.alerts_unsent)
    yield _gauge("alerts_refused", "Those of them that were refused at least once.", figures.alerts_refused)
    living = [one for one in figures.beats if one.ended_at is None]
    ages: dict[str, float] = {}
    for beat in living:
        age = _age(beat.at, now)
        ages[beat.part.value] = min(age, ages.get(beat.part.value, age))
    yield _by_label("beat_age_seconds", "Seconds since a part last said that it works.", "part", ages)
    fresh = Counter({part.value: 0 for part in Part})
    fresh.update(one.part.value for one in living if _age(one.at, now) <= 60)
    yield _by_label("parts", "Processes that said so within a minute.", "part", fresh)


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(f"watchfloor_{name}", told, value=value)


def _by_label(name: str, told: str, label: str, values: dict[str, float] | dict[str, int] | Counter[str]) -> Metric:
    gauge = GaugeMetricFamily(f"watchfloor_{name}", told, labels=(label,))
    for value, number in sorted(values.items()):
        gauge.add_metric((value,), number)
    return gauge


def _age(at: datetime | None, now: datetime) -> float:
    return 0.0 if at is None else max(0.0, (now - at).total_seconds())
