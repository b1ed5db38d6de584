"""The root command `watchfloor`: reads the settings, loads each sub-command only when it is named, ends with its code.

Sub-commands are entry points of the group watchfloor.commands, so this package names no other.
"""

from __future__ import annotations

import errno
import io
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint, entry_points, version
from pathlib import Path
from types import FrameType
from typing import cast

import click

from config.errors import EXIT_INTERNAL, EXIT_STORAGE_FULL, EXIT_USAGE, ConfigurationError, WatchfloorError
from config.logs import cause_of, redact, set_up_logs
from config.roots import check_roots
from config.settings import load_settings

log = logging.getLogger(__name__)

COMMAND_GROUP = "watchfloor.commands"
SUMMARIES = {
    "alerts": "What is wrong and what was told of it; a test of the ways to tell.",
    "backup": "Write a backup of everything while crawls run.",
    "crawl": "Crawl outlets now, or replay them from a WARC file.",
    "db": "Make, upgrade and check the database schema.",
    "demo": "The main job with no set-up: demo site, crawl, index, search in a browser.",
    "doctor": "Check settings, database, index, disk and guards; say what to do.",
    "extract": "Show what would be extracted from a page, and by which rule.",
    "hosts": "How each host is asked: robots.txt, delays, rests, breaker, pace.",
    "import": "Take WARC, HTML, text or JSON Lines files through the path a crawled page takes.",
    "index": "Status, sync, rebuild and verify of the full-text index.",
    "indexer": "Bring the index up whenever the database has changed, until stopped.",
    "init": "Write a commented watchfloor.toml.",
    "jobs": "List jobs, ask for a run, call one off.",
    "links": "What is cited most, whether linked addresses still answer, reading links anew.",
    "outlets": "List, show, make, check and test outlet definitions.",
    "record": "Save a page as a case of its outlet, the publisher's words replaced.",
    "reextract": "Run today's rules again over the stored pages of an outlet; no network.",
    "related": "What is related to an article, and why.",
    "restore": "Bring a backup back into an empty data folder.",
    "retention": "Remove what was kept for longer than the settings say.",
    "runs": "The history of runs, one beside the usual one of its outlet, stopping one.",
    "schedule": "When outlets are crawled: set, pause, resume, forecast.",
    "scheduler": "Make a job of each firing of a schedule, until stopped.",
    "search": "Search the archive; the same answer as the site.",
    "serve": "Serve the reading site.",
    "stories": "Put articles into stories, score them, and correct them by hand.",
    "takedown": "Remove an article for good, from database, index and raw records.",
    "up": "Everything on one machine: scheduler, workers, indexer and site, until stopped.",
    "user": "Who may sign in to the site: add, list, disable, role, password.",
    "why": "Everything about a URL: found where, fetched when, skipped why, when next.",
    "worker": "Run jobs, one at a time, until stopped.",
}
NEEDS_NO_SETTINGS_FILE = frozenset({"init"})
EXIT_INTERRUPTED = 128 + signal.SIGINT
EXIT_TERMINATED = 128 + signal.SIGTERM


class Terminated(KeyboardInterrupt):
    """SIGTERM came: a command ends in order, as on Ctrl-C."""


class LazyGroup(click.Group):
    """A group whose commands are entry points, imported only when they run; `--help` imports none."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_commands())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = _commands().get(cmd_name)
        return None if entry is None else cast("click.Command", entry.load())

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, SUMMARIES.get(name, "")) for name in self.list_commands(ctx)])


def _commands() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=COMMAND_GROUP)}


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    help="Settings file; default: watchfloor.toml in this folder, where there is one.",
)
@click.version_option(version("watchfloor"), prog_name="watchfloor")
@click.pass_context
def cli(ctx: click.Context, config_file: Path | None) -> None:
    """Watchfloor: crawl security news, keep articles with their links, search across related stories."""
    if ctx.invoked_subcommand in NEEDS_NO_SETTINGS_FILE or _asks_for_help(sys.argv[1:]):
        return
    settings = load_settings(config_file, os.environ)
    set_up_logs(settings.logs.level, form=settings.logs.format)
    ctx.obj = settings


def _asks_for_help(arguments: list[str]) -> bool:
    """Say whether help is asked for; what stands behind two dashes is no option but, say, a query."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--help" in options or "-h" in options


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; every error Watchfloor raises on purpose is a sentence on stderr and an exit code."""
    _write_utf8()
    output = sys.stdout
    try:
        check_roots()
        with _terminated_in_order():
            outcome = cli.main(args=arguments, prog_name="watchfloor", standalone_mode=False)
    except ConfigurationError as error:
        for fault in error.faults:
            _tell(fault)
        sys.exit(error.exit_code)
    except WatchfloorError as error:
        _tell(str(error))
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_USAGE)
    except (click.Abort, KeyboardInterrupt) as stop:
        _tell("stopped.")
        terminated = isinstance(stop, Terminated) or isinstance(stop.__cause__, Terminated)
        sys.exit(EXIT_TERMINATED if terminated else EXIT_INTERRUPTED)
    except BrokenPipeError:
        _leave_closed_pipe()
    except SystemExit:
        if sys.stdout is not output:  # so click leaves a closed pipe, with an exit code 1
            sys.stdout = output
            _leave_closed_pipe()
        raise
    except Exception as error:
        log.debug("unexpected", exc_info=True)
        sys.exit(_tell_unexpected(error))
    sys.exit(outcome if isinstance(outcome, int) else 0)


def _write_utf8() -> None:
    """Write UTF-8 whatever the locale: JSON is UTF-8, and half a surrogate pair is written as its escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


@contextmanager
def _terminated_in_order() -> Iterator[None]:
    """Raise Terminated on SIGTERM, so that runs are ended and files closed; only the main thread may."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(_signum: int, _frame: FrameType | None) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _leave_closed_pipe() -> None:
    """End quietly: the reader of our output went away (`| head`); nothing is wrong and nobody is left to tell."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)


def _tell(sentence: str) -> None:
    click.echo(f"watchfloor: {redact(sentence)}", err=True)


def _tell_unexpected(error: Exception) -> int:
    """Tell a full disk as what it is, anything else as a fault of ours; return the exit code.

    Whoever reports a fault gets the traceback by asking for it; nobody else is shown one.
    """
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        where = f"{error.filename}: " if error.filename else ""
        _tell(f"{where}the disk is full; free space, then repeat. What was stored is kept.")
        return EXIT_STORAGE_FULL
    _tell(
        f"{cause_of(error)}: a fault of Watchfloor, not of what you typed. What was stored is kept. Repeat with "
        "WATCHFLOOR_LOGS__LEVEL=DEBUG for the way there, and report it."
    )
    return EXIT_INTERNAL
