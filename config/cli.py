"""The root command `watchfloor`: reads the settings, loads each sub-command only when it is named, ends with its code.

Sub-commands are entry points of the group watchfloor.commands, so this package names no other.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
from importlib.metadata import EntryPoint, entry_points, version
from pathlib import Path
from typing import cast

import click

from config.errors import EXIT_INTERNAL, EXIT_STORAGE_FULL, EXIT_USAGE, ConfigurationError, WatchfloorError
from config.logs import cause_of, redact, set_up_logs
from config.roots import check_roots
from config.settings import load_settings

log = logging.getLogger(__name__)

COMMAND_GROUP = "watchfloor.commands"
SUMMARIES = {
    "crawl": "Crawl outlets now, or replay them from a WARC file.",
    "db": "Make, upgrade and check the database schema.",
    "demo": "The main job with no set-up: demo site, crawl, index, search in a browser.",
    "doctor": "Check settings, database, index, disk and guards; say what to do.",
    "extract": "Show what would be extracted from a page, and by which rule.",
    "import": "Take WARC, HTML, text or JSON Lines files through the path a crawled page takes.",
    "index": "Status, sync, rebuild and verify of the full-text index.",
    "init": "Write a commented watchfloor.toml.",
    "outlets": "List, show, check and test outlet definitions.",
    "record": "Save a page as a case of its outlet, the publisher's words replaced.",
    "search": "Search the archive; the same answer as the site.",
    "serve": "Serve the reading site.",
    "why": "Every decision about a URL: found where, fetched when, skipped why.",
}
NEEDS_NO_SETTINGS_FILE = frozenset({"init"})


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
    if ctx.invoked_subcommand in NEEDS_NO_SETTINGS_FILE or "--help" in sys.argv[1:] or "-h" in sys.argv[1:]:
        return
    settings = load_settings(config_file, os.environ)
    set_up_logs(settings.logs.level)
    ctx.obj = settings


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; every error Watchfloor raises on purpose is a sentence on stderr and an exit code."""
    try:
        check_roots()
        outcome = cli.main(args=arguments, prog_name="watchfloor", standalone_mode=False)
    except ConfigurationError as error:
        for fault in error.faults:
            click.echo(f"watchfloor: {fault}", err=True)
        sys.exit(error.exit_code)
    except WatchfloorError as error:
        click.echo(f"watchfloor: {error}", err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("watchfloor: stopped.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output went away (`| head`): nothing is wrong and nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            where = f"{error.filename}: " if error.filename else ""
            full = f"{where}the disk is full; free space, then repeat. What was stored is kept."
            click.echo(f"watchfloor: {full}", err=True)
            sys.exit(EXIT_STORAGE_FULL)
        # A fault of ours. Whoever reports it gets the traceback by asking for it; nobody else is shown one.
        log.debug("unexpected", exc_info=True)
        click.echo(
            f"watchfloor: {redact(cause_of(error))}: a fault of Watchfloor, not of what you typed. What was stored is "
            "kept. Repeat with WATCHFLOOR_LOGS__LEVEL=DEBUG for the way there, and report it.",
            err=True,
        )
        sys.exit(EXIT_INTERNAL)
    sys.exit(outcome if isinstance(outcome, int) else 0)
