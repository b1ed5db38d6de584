"""`watchfloor doctor`: looks at settings, machine, database, index, parts and outlets, and says what to do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from config.counting import counted
from config.errors import EXIT_CONFIGURATION, ConfigurationError, WatchfloorError
from config.outlets import OutletSpec, read_outlet_files
from config.settings import Settings
from crawler import doctor_guards as guarding
from crawler import doctor_machine as machine
from crawler import doctor_work as work
from crawler.findings import FAULT, OK, WARNING, Finding
from crawler.outlet_code import code_file, own_class

Look = Callable[[], Iterator[Finding]]

NEED_DATABASE = frozenset({"clock", "index", "freshness", "health", "parts", "takedowns"})


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> int:
    """Look at everything a run needs and say what to do. Exit code 0 without faults, else 3."""
    config_file = ctx.find_root().params.get("config_file") or Path("watchfloor.toml")
    found = examine(ctx.obj, now=datetime.now(UTC), config_file=config_file)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in found], ensure_ascii=False, indent=2))
    else:
        for finding in found:
            click.echo(f"{finding.state:<8} {finding.subject:<10} {finding.sentence}")
    return EXIT_CONFIGURATION if any(finding.state == FAULT for finding in found) else 0


def examine(settings: Settings, *, now: datetime, config_file: Path | None = None) -> list[Finding]:
    """Return what was found, one finding or more for every subject, in a fixed order.

    `config_file` is the settings file in force, looked at for who may read it.
    """
    looks: tuple[tuple[str, Look], ...] = (
        ("python", machine.python),
        ("disk", lambda: machine.disk(settings)),
        ("access", lambda: guarding.permissions(settings, config_file)),
        ("outlets", lambda: _outlets(settings)),
        ("contact", lambda: _contact(settings)),
        ("guards", lambda: guarding.guards(settings)),
        ("database", lambda: work.database(settings)),
        ("clock", lambda: machine.clock(settings, now)),
        ("index", lambda: work.index(settings)),
        ("freshness", lambda: work.freshness(settings, now)),
        ("health", lambda: work.health(settings)),
        ("parts", lambda: work.parts(settings, now)),
        ("alerts", lambda: work.alerts(settings)),
        ("takedowns", lambda: work.takedowns(settings)),
    )
    found: list[Finding] = []
    no_database = False  # which is told once, and not waited for again and again
    for subject, look in looks:
        if no_database and subject in NEED_DATABASE:
            found.append(Finding(subject, WARNING, "Not looked at, for the database is not to be had: see there."))
            continue
        try:
            found += look()
        except WatchfloorError as error:
            found.append(Finding(subject, FAULT, str(error).replace("\n", " ")))
            no_database = no_database or subject == "database"
        except OSError as error:
            found.append(Finding(subject, FAULT, f"{error.filename or 'A file'}: {error.strerror}; see to it by hand."))
    return found


def _outlets(settings: Settings) -> Iterator[Finding]:
    files = read_outlet_files(settings.outlet_folders)
    active = sum(spec.enabled for spec in files.specs.values())
    state = OK if files.specs else WARNING
    if files.faults:
        yield Finding("outlets", FAULT, " ".join(files.faults))
    else:
        yield Finding(
            "outlets", state, f"{counted(len(files.specs), 'outlet file')}, {active} of them part of `crawl --all`."
        )
    for faults in files.left_out.values():
        yield Finding("outlets", WARNING, " ".join(faults))
    for spec in files.specs.values():
        fault = _fault_of_code(spec)
        if fault:
            yield Finding("outlets", WARNING, fault)


def _fault_of_code(spec: OutletSpec) -> str:
    if code_file(spec) is None:
        return ""
    try:
        own_class(spec)
    except ConfigurationError as error:
        return str(error)
    return ""


def _contact(settings: Settings) -> Iterator[Finding]:
    if settings.crawler.contact:
        yield Finding("contact", OK, f"Site owners reach you at {settings.crawler.contact}.")
    else:
        sentence = "[crawler] contact is not set: no public host is asked. Set it to a URL or a mail address of yours."
        yield Finding("contact", WARNING, sentence)
