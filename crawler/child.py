"""The process of one crawl: `python -m crawler.child` reads an order from stdin and tells its progress on stdout.

Each line on stdout is one JSON object: {"run_id"}, {"progress"}, and at the end {"report"} or {"error"}. Logs go to
stderr. It ends in order on SIGTERM, and also when its parent dies.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
import time
from datetime import UTC, datetime
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess

from config.errors import EXIT_INTERNAL, EXIT_TRY_AGAIN, ConfigurationError, WatchfloorError
from config.logs import OUR_PACKAGES, label_process, set_up_logs
from config.outlets import load_outlets
from config.settings import Settings
from crawler.lifeline import die_with_parent, end_after_parent
from crawler.loader import spider_class_of
from crawler.network.handler import REQUESTS
from crawler.network.replay import opened
from crawler.network.settings import scrapy_settings
from crawler.orders import Order, RunReport
from crawler.run import STOP_GRACE_S
from crawler.session import RunSession
from crawler.spiders.outlet import OutletSpider
from index.errors import DATABASE_LOST
from index.run_logs import RunLog

log = logging.getLogger(__name__)

CLOSING_S = 15.0
"""Seconds a run that has come to its end waits for a database that does not take it; half the grace of a stop."""


class Channel:
    """The line to the parent: standard output, which nobody else in this process may write to."""

    def __init__(self) -> None:
        """Keep the real standard output, and let what libraries print go to stderr."""
        self._descriptor = os.dup(sys.stdout.fileno())
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def send(self, message: dict[str, Any]) -> None:
        """Write one message; a parent that has gone is no fault of the run."""
        line = json.dumps(message, ensure_ascii=False).encode() + b"\n"
        try:
            while line:
                line = line[os.write(self._descriptor, line) :]
        except BrokenPipeError:
            return


def main() -> int:
    """Run the order on stdin and return the exit code of its run."""
    parent = os.getppid()
    channel = Channel()
    die_with_parent()
    order = Order.from_json(sys.stdin.read())
    run_log = set_up_run_logs(order.settings)
    label_process(**about(order))
    if os.getppid() != parent:
        return EXIT_TRY_AGAIN  # it died before we asked to be told
    end_after_parent(parent, grace_s=STOP_GRACE_S)
    try:
        return run_order(order, channel, run_log)
    except WatchfloorError as error:
        log.warning("run not begun, or ended early: %s", error)
        return tell_error(channel, error)
    except Exception:
        log.exception("crawl process failed")
        return EXIT_INTERNAL  # without a report: the parent marks the run and lets its leads wait again
    finally:
        run_log.close()


def set_up_run_logs(settings: Settings) -> RunLog:
    """Send what is logged to stderr from the operator's level on, and from INFO on into the log of the run.

    Requests, a line each, go to the log of the run alone.
    """
    set_up_logs(settings.logs.level, form=settings.logs.format)
    root = logging.getLogger()
    run_log = RunLog(settings)
    for handler in root.handlers:
        handler.setLevel(settings.logs.level)
    root.addHandler(run_log)
    for handler in root.handlers:
        handler.addFilter(is_for_operators)
    for package in OUR_PACKAGES:
        logging.getLogger(package).setLevel(min(logging.INFO, logging.getLevelName(settings.logs.level)))
    requests = logging.getLogger(REQUESTS)
    requests.propagate = False
    requests.handlers[:] = [run_log]
    return run_log


def about(order: Order) -> dict[str, int | str]:
    """Return what every line of this process is about; its run is told when it has its number."""
    if order.job is None:
        return {"outlet": order.outlet}
    job, attempt = order.job
    worker = f"{socket.gethostname()}:{os.getppid()}"  # as a worker names itself
    return {"outlet": order.outlet, "job": job, "attempt": attempt, "worker": worker}


def is_for_operators(record: logging.LogRecord) -> bool:
    """Say whether a line may be shown: Scrapy turns its own loggers to DEBUG, of which only warnings are of use."""
    return record.levelno >= logging.WARNING or not record.name.startswith(("scrapy", "twisted"))


def run_order(order: Order, channel: Channel, run_log: RunLog) -> int:
    """Crawl as ordered, in this process, and return the exit code."""
    specs = load_outlets(order.settings.outlet_folders)
    spec = specs[order.outlet]
    if order.replay is not None and (damage := opened(order.replay).damage):
        log.warning("replay file is damaged", extra={"cause": damage})
    parts = scrapy_settings(order.settings, spec, replay=order.replay)
    process = AsyncCrawlerProcess({**parts, "LOG_INSTALL_ROOT_HANDLER": False})
    crawler = process.create_crawler(spider_class_of(spec))

    def tell(message: dict[str, Any]) -> None:
        if "run_id" in message:
            label_process(run=message["run_id"])
            run_log.begin(message["run_id"])
        channel.send(message)

    process.crawl(crawler, order=order, tell=tell)
    process.start()
    spider = crawler.spider
    if isinstance(spider, OutletSpider):
        if spider.trouble is not None:
            return tell_error(channel, spider.trouble)
        if spider.session is not None:
            # Closed in order the report is made already; not so after a second signal, or without a database.
            report = finished(spider.session)
            channel.send({"report": report.to_json()})
            return report.exit_code if spider.session.lost is None else tell_error(channel, spider.session.lost)
    return EXIT_TRY_AGAIN


def finished(session: RunSession) -> RunReport:
    """End a run and return its report; a database that is away for a moment is waited for."""
    give_up_at = time.monotonic() + CLOSING_S
    while True:
        try:
            return session.finish("shutdown", now=datetime.now(UTC))
        except DATABASE_LOST:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.5)


def tell_error(channel: Channel, error: WatchfloorError) -> int:
    """Send an error to the parent, which raises it there, and return its exit code."""
    faults = list(error.faults) if isinstance(error, ConfigurationError) else [str(error)]
    channel.send(
        {"error": {"kind": type(error).__name__, "message": str(error), "faults": faults, "exit_code": error.exit_code}}
    )
    return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
