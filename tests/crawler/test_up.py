"""`watchfloor up` as it is typed: all parts start, are started again, end together, and none is left over."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from config.settings import Settings
from crawler import parts as module
from crawler import stopping
from crawler.parts import Part, command_of, how_it_ended
from crawler.stopping import Stop
from crawler.worker import utc_now
from index.job_records import Job, JobState, Wish
from index.store import open_store
from index.store.articles import count_articles
from index.store.jobs import add_job, get_job
from index.store.runs import list_runs
from tests.loopback_outlet import HOME, LoopbackOutlet, serving

TIMES = int(os.environ.get("TEST_UPS", "1"))
PATIENCE_S = 60.0

pytestmark = pytest.mark.timeout(240 + 60 * TIMES)


def descendants(pid: int) -> set[int]:
    """Every process under this one."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                below = {int(word) for word in task.read_text().split()}
            except (FileNotFoundError, ProcessLookupError):
                continue
            waiting += below - found
            found |= below
    return found


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def part_of(pid: int) -> str:
    """The name of the part a process is."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return next((word for word in words if word in ("serve", "scheduler", "indexer", "worker")), "")


def wait_for(what: Callable[[], object], words: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < deadline, words
        time.sleep(0.05)


@pytest.fixture
def outlet() -> Iterator[LoopbackOutlet]:
    running = LoopbackOutlet()
    for number in range(8):
        running.article(f"n{number}")
    running.feed(*(f"n{number}" for number in range(8)))
    with serving(running):
        yield running


@pytest.fixture
def settings(outlet: LoopbackOutlet, make_settings: Callable[..., Settings], tmp_path: Path) -> Settings:
    return outlet.settings(make_settings, tmp_path / "outlets")


class Up:
    """A running `up`."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        network = settings.network
        hosts = ", ".join(f'"{host}" = "{to}"' for host, to in network.hosts.items())
        (folder / "watchfloor.toml").write_text(
            f'[data]\ndir = "{settings.data.dir}"\n[network]\nprivate_hosts = {list(network.private_hosts)}\n'
            f"hosts = {{ {hosts} }}\n"
            f'[politeness]\nfloor_s = 0\n[crawler]\noutlets_dir = "{settings.crawler.outlets_dir}"\n'
            "min_free_mb = 1\nreaders = 1\n"
            "[operating]\nlease_s = 5\n"
        )
        self.process = subprocess.Popen(
            command_of("up", "--port", "0", "--workers", "2", config_file=folder / "watchfloor.toml"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent.parent.parent,
        )
        self.address = self.process.stdout.readline()
        assert self.address, self.process.communicate(timeout=PATIENCE_S)[1]
        wait_for(lambda: self.parts() == ["indexer", "scheduler", "serve", "worker", "worker"], "not all parts began")

    def parts(self) -> list[str]:
        return sorted(filter(None, map(part_of, self.below())))

    def below(self) -> set[int]:
        return descendants(self.process.pid)

    def end(self, number: int) -> str:
        """Send a signal, wait for the end and return what was said on stderr."""
        self.process.send_signal(number)
        said = self.process.communicate(timeout=PATIENCE_S)[1]
        return str(said)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_up_starts_and_stops_and_leaves_nothing_running(number, settings, tmp_path):
    for _ in range(TIMES):
        up = Up(settings, tmp_path)
        assert up.address.startswith("Watchfloor is at http://127.0.0.1:")
        below = up.below()
        said = up.end(number)
        assert up.process.returncode == 0
        assert "Traceback" not in said
        assert "Fatal" not in said
        assert [pid for pid in below if is_alive(pid)] == []


def test_parts_of_an_up_that_was_killed_end_by_themselves_with_their_crawl(outlet, settings, tmp_path):
    killed = threading.Event()
    outlet.before_answer = lambda _path: killed.wait(PATIENCE_S) if len(outlet.log) > 1 else None
    up = Up(settings, tmp_path)
    store = open_store(settings)
    with store.write() as tx:
        add_job(tx, Wish("harbour"), by="test", now=utc_now())
    wait_for(lambda: len(outlet.log) > 1, "the crawl asked for nothing")
    below = up.below()
    assert len(below) > 5
    up.end(signal.SIGKILL)
    killed.set()
    wait_for(lambda: not [pid for pid in below if is_alive(pid)], "a process was left running")
    with store.read() as tx:
        job = get_job(tx, 1)
        runs = list_runs(tx)
    store.close()
    assert job.state in (JobState.WAITING, JobState.DONE)
    assert [run.state for run in runs if run.state == "running"] == []


def test_a_worker_that_dies_is_started_again_and_its_job_is_seen_through(outlet, settings, tmp_path):
    killed = threading.Event()
    outlet.before_answer = lambda _path: killed.wait(PATIENCE_S) if len(outlet.log) > 1 else None
    up = Up(settings, tmp_path)
    store = open_store(settings)
    with store.write() as tx:
        add_job(tx, Wish("harbour"), by="test", now=utc_now())

    def job() -> Job:
        with store.read() as tx:
            return get_job(tx, 1)

    wait_for(lambda: len(outlet.log) > 1, "the crawl asked for nothing")
    worker = int(job().worker.rpartition(":")[2])
    os.kill(worker, signal.SIGKILL)
    killed.set()
    wait_for(lambda: up.parts().count("worker") == 2 and worker not in up.below(), "no worker was started again")
    wait_for(lambda: job().state is JobState.DONE, "the job was not seen through")
    said = up.end(signal.SIGTERM)
    assert "died (signal 9); it is started again in 1 s" in said
    with store.read() as tx:
        assert count_articles(tx) == 8
        assert len(list_runs(tx)) == 2
    store.close()
    assert job().attempt >= 2


def test_a_part_that_dies_again_and_again_is_started_ever_later():
    part = Part("worker 1", [sys.executable, "-c", "raise SystemExit(3)"])
    waits, now = [], 0.0
    for _ in range(8):
        part.look(now)
        part.process.wait()
        part.look(now)
        waits.append(part.start_again_at - now)
        now = part.start_again_at
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    part.look(now)
    part.process.wait()
    part.look(now + module.LIVED_S)
    assert part.start_again_at == now + module.LIVED_S


SAYS = """
import sys, time
from crawler.parts import end_with_stdin
from crawler.stopping import Stop
stop = Stop()
end_with_stdin(stop)
stop.say_alive()
print(1, flush=True)
time.sleep(60)
"""


def test_a_worker_that_hangs_is_killed_and_started_again(capfd, caplog):
    part = Part("worker 1", [sys.executable, "-c", SAYS], hung_after_s=60.0)
    part.look(0.0)
    first = part.process
    wait_for(lambda: capfd.readouterr().out, "the part did not start")
    part.look(50.0)
    part.look(110.0)
    assert first.poll() is None  # it gave a sign of life, which was read at 50
    part.look(110.1)
    assert first.wait(timeout=PATIENCE_S) == -signal.SIGKILL
    part.look(111.0)
    part.look(112.0)
    assert part.process is not None and part.process is not first
    part.end()
    part.wait(time.monotonic())
    told = [record.getMessage() for record in caplog.records]
    assert "worker 1 gave no sign of life for 60 s and is killed" in told


ENDS = SAYS.replace("time.sleep(60)", "stop.wait(60); print(stop.asked, flush=True)")


def test_a_part_ends_with_its_starter_also_where_its_signs_of_life_were_not_read():
    ours, its = socket.socketpair()
    with its:
        part = subprocess.Popen([sys.executable, "-c", ENDS], stdin=its.fileno(), stdout=subprocess.PIPE, text=True)
    assert part.stdout.readline() == "1\n"
    ours.close()
    assert part.communicate(timeout=PATIENCE_S)[0] == "True\n"


def test_a_part_for_which_the_system_has_no_process_left_is_started_later(monkeypatch, caplog):
    def none_left(*_args, **_more):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    part = Part("worker 1", [sys.executable, "-c", ""])
    with monkeypatch.context() as patched:
        patched.setattr(module.subprocess, "Popen", none_left)
        part.look(0.0)
    assert (part.process, part.start_again_at) == (None, 1.0)
    assert "Resource temporarily unavailable" in caplog.text
    part.look(1.0)
    assert part.process is not None
    part.wait(time.monotonic() + PATIENCE_S)


def test_a_part_that_gives_no_signs_of_life_is_not_taken_for_hung():
    part = Part("the site", [sys.executable, "-c", "import time; time.sleep(60)"])
    part.look(0.0)
    part.look(1e6)
    assert part.process.poll() is None
    part.end()
    part.wait(time.monotonic() + PATIENCE_S)


def test_signs_of_life_that_nobody_listens_to_keep_nobody_waiting(monkeypatch):
    ours, its = socket.socketpair()
    stop = Stop()
    stop.line = its
    clock = iter(range(1, 100_000))
    monkeypatch.setattr(stopping.time, "monotonic", lambda: float(next(clock)))
    for _ in range(5_000):
        stop.say_alive()
    ours.close()
    stop.say_alive()
    stop.close()


@pytest.mark.parametrize(("code", "told"), [(-9, "signal 9"), (3, "exit code 3")])
def test_how_a_part_ended_is_told(code, told):
    assert how_it_ended(code) == told


def test_a_part_that_does_not_end_in_its_grace_is_killed(tmp_path):
    ready = tmp_path / "ready"
    code = (
        "import pathlib, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "pathlib.Path(sys.argv[1]).touch()\n"
        "time.sleep(99)\n"
    )
    part = Part("worker 1", [sys.executable, "-c", code, str(ready)])
    part.start(0.0)
    process = part.process
    wait_for(ready.exists, "the part did not start")
    part.end()
    part.wait(time.monotonic())
    assert process.returncode == -signal.SIGKILL
    assert part.process is None


def test_the_site_of_up_shows_what_a_job_crawled(outlet, settings, tmp_path):
    up = Up(settings, tmp_path)
    store = open_store(settings)
    with store.write() as tx:
        add_job(tx, Wish("harbour"), by="test", now=utc_now())
    store.close()
    address = up.address.split()[-1]

    def found() -> int:
        with urlopen(f"{address}api/v1/search?q=harbour") as answer:
            return int(json.load(answer)["total"])

    wait_for(lambda: found() == 8, f"the articles of {HOME} are not to be found")
    up.end(signal.SIGTERM)
