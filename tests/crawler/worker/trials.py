"""A fake crawl, and jobs as tests of workers need them."""

from __future__ import annotations

import os
import socket
from datetime import timedelta

from crawler.orders import RunReport
from index.job_records import Wish
from index.store.jobs import add_job, attach_run, claim_job, get_job
from index.store.runs import finish_run, start_run

NOBODY = 2**22 + 1


class FakeCrawl:
    """Answers with reports or errors in turn, and lets the watcher look a few times before."""

    def __init__(self, *ends, looks=0, meanwhile=lambda: None):
        self.ends = list(ends)
        self.looks = looks
        self.meanwhile = meanwhile
        self.asked = []
        self.ended_by_watch = False

    def __call__(self, name, limits=None, *, settings, url=None, job=None, watch=None):
        self.asked.append((name, limits.pages, url, job))
        self.meanwhile()
        for _ in range(self.looks):
            if watch(os.getpid()):
                self.ended_by_watch = True
                break
        end = self.ends.pop(0)
        if isinstance(end, Exception):
            raise end
        return end


def report(state="done", reason="", **counts):
    return RunReport(1, "gazette", state, reason, counts=counts)


def ask(store, now, **wish):
    with store.write() as tx:
        return add_job(tx, Wish(**{"outlet": "gazette", **wish}), by="ann", now=now)


def held(store, job):
    with store.read() as tx:
        return get_job(tx, job.id)


def lost_job(store, now, *, state=None, reason="", pid=NOBODY):
    """Leave a job whose worker died after it had begun a run, which perhaps came to its end."""
    job = ask(store, now)
    with store.write() as tx:
        taken = claim_job(tx, worker="dead", now=now, lease=timedelta(seconds=60)).job
        run = start_run(tx, "gazette", kind="crawl", now=now, pid=pid, host=socket.gethostname())
        attach_run(tx, taken.id, taken.attempt, run.id)
        if state is not None:
            finish_run(tx, run.id, state=state, reason=reason, numbers={}, now=now)
    return job, run
