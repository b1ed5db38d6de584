"""No process of ours outlives the one that started it, and none but a crawl of ours is killed by its number."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from crawler.lifeline import end_crawl

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="what processes there are is read in /proc"
)

DEAF = """
import os, signal, sys, time
from crawler.lifeline import end_after_parent
signal.signal(signal.SIGTERM, signal.SIG_IGN)
end_after_parent(os.getppid(), grace_s=0.1)
print(os.getpid(), flush=True)
time.sleep(60)
"""
PARENT = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {DEAF!r}]); time.sleep(60)"
SLEEPS = "import time; print(1, flush=True); time.sleep(60)"


def started(*words: str) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process


def test_a_process_that_does_not_listen_is_gone_soon_after_its_parent():
    parent = started("-c", PARENT)
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    assert parent.stdout.read() == ""  # which ends when nobody is left who could write
    parent.stdout.close()
    with pytest.raises(ProcessLookupError):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            os.kill(child, 0)
            time.sleep(0.05)


@pytest.mark.parametrize(
    ("words", "begun_before_s", "killed"),
    [(["crawler.child"], 0.0, True), ([], 0.0, False), (["crawler.child"], 3600.0, False)],
    ids=["a crawl", "something else", "a crawl that has the number of an older one"],
)
def test_a_crawl_is_killed_by_its_number_and_nothing_else(words, begun_before_s, killed):
    process = started("-c", SLEEPS, *words)
    process.stdout.readline()
    begun_at = datetime.now(UTC) + timedelta(seconds=1 - begun_before_s)
    assert end_crawl(process.pid, begun_at=begun_at) is killed
    if not killed:
        assert process.poll() is None
        process.kill()
    assert process.wait(timeout=20) == -signal.SIGKILL
    process.stdout.close()


def test_a_number_that_nobody_has_is_no_crawl():
    assert end_crawl(2**22 + 1, begun_at=datetime.now(UTC)) is False
