"""An outlet is read for weeks, then breaks: what its operator is told, after how many runs, and in which words.

The usual weeks are simulated: pages of the outlet go through the extraction and the accumulator of every crawl, hour
by hour. From then on each hour is a real crawl, a process of its own over loopback, only by a clock that is ahead.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.rehearsed_outlet import (
    FEEDS,
    HOME,
    HOST,
    OUTLET_FILE,
    SAFE_HOST,
    Break,
    Item,
    RehearsedOutlet,
    items_between,
)
from benchmarks.rehearsed_server import USUAL_S, make_certificate, serving
from config.outlets import OutletSpec, load_outlets
from config.settings import Settings, load_settings
from crawler.discover.found import Found
from crawler.lifeline import environment_of_child
from crawler.network.robots import robots_of_answer
from crawler.observing import Observing
from crawler.orders import Limits, Order
from crawler.reading import read_page
from index.health.records import Health, HealthState, Observation
from index.judging_outlets import judge_outlet
from index.outcomes import Outcome
from index.records import Lead, Page, Run, Via
from index.store import Store, Transaction, open_store
from index.store.health import changes_of, get_health, save_observation
from index.store.runs import finish_run, start_run

HOUR = timedelta(hours=1)
BEGINS = datetime(2026, 10, 5, tzinfo=UTC)
"""A Monday. Four weeks and two days later the real crawls begin, on a Wednesday morning."""

GOES_LIVE = BEGINS + timedelta(days=30, hours=6)
ENDS = GOES_LIVE + timedelta(days=7)
USUAL_RUNS = 8
MOST_RUNS = 48
"""Hourly runs after which a break that nobody noticed is given up."""

JUDGED_HOURS = 7 * 24
"""Of the simulated weeks the last one is judged hour by hour, for false alarms."""

OnRun = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Noticed:
    """What the operator saw of a break: after how many runs and how long, the state, and in which words.

    `runs` is None where it was never noticed. `mended_runs` says how many runs after it was mended the outlet was
    called well again; None where it was not, within as many runs as the break had.
    """

    broken: Break
    runs: int | None
    state: str
    cause: str
    sentence: str
    mended_runs: int | None = None

    @property
    def after(self) -> timedelta | None:
        """The time from the break until it was noticed: a run an hour."""
        return None if self.runs is None else self.runs * HOUR


@dataclass(slots=True)
class Rehearsal:
    """The outlet, the folder of its archive, and its clock."""

    outlet: RehearsedOutlet
    folder: Path
    on_run: OnRun = lambda _line: None
    false_alarms: list[str] = field(default_factory=list)
    judged: int = 0

    @property
    def settings(self) -> Settings:
        """Settings under which this outlet, and only it, is crawled without delay."""
        hosts = {host: f"127.0.0.1:{port}" for host, port in self.outlet.ports.items()}
        return load_settings(
            environ={},
            data={"dir": str(self.folder)},
            network={"private_hosts": [HOST, SAFE_HOST], "hosts": hosts, "timeout_s": 10},
            politeness={"floor_s": 0, "max_wait_in_run_s": 2},
            crawler={"outlets_dir": str(self.folder.parent / "outlets"), "min_free_mb": 1},
            logs={"level": "ERROR"},
        )

    def live_as_usual(self, *, runs: int = USUAL_RUNS, judged_hours: int = JUDGED_HOURS) -> None:
        """Fill the archive, lay four usual weeks before it, and crawl on as usual; alarms meanwhile are false."""
        (self.folder.parent / "outlets").mkdir(parents=True, exist_ok=True)
        (self.folder.parent / "outlets" / "harbour.toml").write_text(OUTLET_FILE, encoding="utf-8")
        self.outlet.now = GOES_LIVE
        self._crawl()
        with self._store() as store:
            self._simulate_weeks(store, judged_hours)
        for _ in range(runs):
            self._note(self.next_run())

    def next_run(self) -> Health:
        """Let an hour go by, crawl, and return what is judged of the outlet then."""
        self.outlet.now += HOUR
        told = self._crawl()
        with self._store() as store, store.read() as tx:
            health = get_health(tx, "harbour")
        assert health is not None, told
        self.on_run(f"{self.outlet.now:%a %H:%M}  {told:<40}  {health.state} {health.cause}")
        return health

    def break_it(self, broken: Break, folder: Path, *, most_runs: int = MOST_RUNS, mend: bool = True) -> Noticed:
        """Break the outlet, on a copy of the archive in `folder`; crawl until it is noticed, then mend it."""
        shutil.copytree(self.folder, folder)
        before = self.outlet.now
        there = Rehearsal(self.outlet, folder, self.on_run)
        self.outlet.broken, self.outlet.broken_at = broken, before
        try:
            for run in range(1, most_runs + 1):
                health = there.next_run()
                if health.state is not HealthState.HEALTHY:
                    seen = Noticed(broken, run, health.state.value, health.cause, health.sentence)
                    return replace(seen, mended_runs=there._mend(most_runs)) if mend else seen
            return Noticed(broken, None, "healthy", "", "")
        finally:
            self.outlet.broken, self.outlet.broken_at, self.outlet.now = None, None, before

    def told(self, folder: Path) -> list[str]:
        """Return the changes of state in an archive, the oldest first, as sentences."""
        with Rehearsal(self.outlet, folder)._store() as store, store.read() as tx:
            return [f"{one.at:%a %H:%M} {one.state}: {one.sentence}" for one in reversed(changes_of(tx, "harbour"))]

    def _mend(self, most_runs: int) -> int | None:
        self.outlet.broken = None
        for run in range(1, most_runs + 1):
            if self.next_run().state is HealthState.HEALTHY:
                return run
        return None

    def _note(self, health: Health) -> None:
        self.judged += 1
        if health.state is not HealthState.HEALTHY:
            self.false_alarms.append(f"{health.judged_at:%a %d %H:%M} {health.state}: {health.sentence}")

    def _crawl(self) -> str:
        """Crawl in a process whose clock is the outlet's; return how it ended, or why it did not begin."""
        ahead = (self.outlet.now - datetime.now(UTC)).total_seconds()
        ended = subprocess.run(
            [sys.executable, "-m", "benchmarks.later_child", str(ahead)],
            input=Order(self.settings, "harbour", Limits()).to_json().encode(),
            stdout=subprocess.PIPE,
            env=environment_of_child(),
            check=False,
            timeout=300,
        )
        messages = [json.loads(line) for line in ended.stdout.splitlines()]
        for message in reversed(messages):
            if "report" in message:
                return f"{message['report']['state']} {message['report']['outcomes']}"
            if "error" in message:
                return str(message["error"]["message"])
        raise RuntimeError(f"the crawl process ended with {ended.returncode} and told nothing")

    @contextmanager
    def _store(self) -> Iterator[Store]:
        store = open_store(self.settings)
        try:
            yield store
        finally:
            store.close()

    def _simulate_weeks(self, store: Store, judged_hours: int) -> None:
        spec = load_outlets(self.settings.outlet_folders)["harbour"]
        chance = random.Random(7)
        hours = round((GOES_LIVE - BEGINS) / HOUR)
        for hour in range(1, hours + 1):
            at = BEGINS + hour * HOUR
            with store.write() as tx:
                run = self._simulated_run(tx, at, is_last=hour == hours)
                save_observation(tx, self._observed(run, spec, at, chance))
                is_judged = hours - hour < judged_hours
                judged = judge_outlet(tx, "harbour", spec, now=at, settings=self.settings) if is_judged else None
            if judged is not None:
                self._note(judged.health)

    def _simulated_run(self, tx: Transaction, at: datetime, *, is_last: bool) -> Run:
        """The row of a simulated run; that of the last hour is there, it filled the archive."""
        new = len(self._published(at))
        counts = {"new": new} if new else {}
        if is_last:
            return Run(1, "harbour", "crawl", at, at, "done", "", counts)
        run = start_run(tx, "harbour", kind="crawl", now=at, pid=os.getpid(), host="simulated")
        ended = finish_run(
            tx, run.id, state="done", reason="", numbers={"fetched": new + 2}, now=at + timedelta(minutes=1)
        )
        return replace(ended, counts=counts)

    def _observed(self, run: Run, spec: OutletSpec, at: datetime, chance: random.Random) -> Observation:
        """What a crawl of that hour would have seen, by the rules that every crawl goes by."""
        seen, items = Observing(), self._published(at)
        world = replace(self.outlet, now=at, broken=None)
        for item in items:
            page = Page(f"{HOME}{item.path}", world.page(item).encode(), at, content_type="text/html; charset=utf-8")
            extraction = read_page(page, spec=spec, outlet="harbour", max_page_s=10)
            seen.read(extraction, Outcome.NEW, is_new=True, at=at, body_bytes=len(page.body))
            _answered(seen, at, 200, chance)
        for name, url in FEEDS.items():
            fresh = sum(item.feed == name for item in items)
            leads = tuple(
                Lead(f"{HOME}{item.path}", "harbour", Via.FEED, published_at=item.at) for item in world.listed(name)
            )
            seen.source_read(url, Found(leads), fresh=fresh, unchanged=not fresh)
            _answered(seen, at, 200 if fresh else 304, chance)
        said = robots_of_answer(200, world.robots().encode(), max_bytes=1 << 16)
        seen.network.take_robots(HOME, said, crawl_delay_s=0.0, at=at)
        return seen.observation(run, finished_at=run.finished_at or at, source_endings=(), whole=True)

    def _published(self, at: datetime) -> list[Item]:
        return [item for item in self.outlet.items if at - HOUR < item.at <= at]


def _answered(seen: Observing, at: datetime, status: int, chance: random.Random) -> None:
    host = seen.network.of(HOST)
    host.started(at=at, clock=0.0, waited_s=0.0)
    host.answered(at=at, status=status, seconds=chance.uniform(USUAL_S, 1.5 * USUAL_S), failed=False)


@contextmanager
def rehearsing(folder: Path, on_run: OnRun = lambda _line: None) -> Iterator[Rehearsal]:
    """Serve the outlet and give a rehearsal whose archive is in `folder`."""
    outlet = RehearsedOutlet(items_between(BEGINS, ENDS), GOES_LIVE)
    with serving(outlet, make_certificate(folder)):
        yield Rehearsal(outlet, folder / "usual", on_run)


def counts_of(noticed: Mapping[Break, Noticed]) -> str:
    """Say in one sentence how many breaks were noticed, and how fast."""
    runs = sorted(one.runs for one in noticed.values() if one.runs is not None)
    median = f", half of them within {runs[len(runs) // 2]} runs" if runs else ""
    return f"{len(runs)} of {len(noticed)} breaks were noticed{median}."
