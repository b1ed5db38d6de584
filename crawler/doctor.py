"""`watchfloor doctor`: looks at settings, database, index, disk and guards, and says what to do."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version

import click

from config.addresses import why_refused
from config.counting import counted
from config.errors import EXIT_CONFIGURATION, ConfigurationError, WatchfloorError
from config.outlets import OutletSpec, read_outlet_files
from config.settings import Settings
from crawler.outlet_code import code_file, own_class
from index.search.opening import open_backend
from index.store import open_store
from index.store.changes import last_change
from index.store.outlets import coverage

OK, WARNING, FAULT = "ok", "warning", "fault"
METADATA_ADDRESS = "169.254.169.254"
"""Where clouds answer with credentials: the address no crawler may ever be sent to."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: its state, and a sentence that says what to do where something is to be done."""

    subject: str
    state: str
    sentence: str


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def doctor(settings: Settings, as_json: bool) -> int:
    """Look at everything a run needs and say what to do. Exit code 0 without faults, else 3."""
    found = examine(settings, now=datetime.now(UTC))
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in found], ensure_ascii=False, indent=2))
    else:
        for finding in found:
            click.echo(f"{finding.state:<8} {finding.subject:<10} {finding.sentence}")
    return EXIT_CONFIGURATION if any(finding.state == FAULT for finding in found) else 0


def examine(settings: Settings, *, now: datetime) -> list[Finding]:
    """Return what was found, one finding or more for every subject, in a fixed order."""
    looks: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
        ("python", _python),
        ("disk", lambda: _disk(settings)),
        ("outlets", lambda: _outlets(settings)),
        ("contact", lambda: _contact(settings)),
        ("guards", lambda: _guards(settings)),
        ("database", lambda: _database(settings)),
        ("index", lambda: _index(settings)),
        ("freshness", lambda: _freshness(settings, now)),
    )
    found: list[Finding] = []
    for subject, look in looks:
        try:
            found += look()
        except WatchfloorError as error:
            found.append(Finding(subject, FAULT, str(error).replace("\n", " ")))
    return found


def _python() -> Iterator[Finding]:
    parts = ", ".join(f"{name} {version(name)}" for name in ("watchfloor", "scrapy", "sqlalchemy", "whoosh-reloaded"))
    yield Finding("python", OK, f"{sys.version.split()[0]} with {parts}.")


def _disk(settings: Settings) -> Iterator[Finding]:
    folder = settings.data.dir
    held = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    free_mb = shutil.disk_usage(held).free // (1 << 20)
    least = settings.crawler.min_free_mb
    if free_mb < least:
        yield Finding("disk", FAULT, f"{folder}: {free_mb} MB free, crawls need {least} (crawler.min_free_mb).")
    else:
        yield Finding("disk", OK, f"{folder}: {free_mb} MB free.")


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


def _guards(settings: Settings) -> Iterator[Finding]:
    if why_refused(METADATA_ADDRESS) is None:
        yield Finding("guards", FAULT, f"The address guard would let {METADATA_ADDRESS} through; do not crawl.")
        return
    private = settings.network.private_hosts
    if private:
        yield Finding(
            "guards", WARNING, f"Private addresses are open for {', '.join(private)} (network.private_hosts)."
        )
    else:
        yield Finding("guards", OK, "No private address is asked.")


def _database(settings: Settings) -> Iterator[Finding]:
    store = open_store(settings)
    try:
        with store.read() as tx:
            end = last_change(tx)
        yield Finding("database", OK, f"{store.dialect}, {counted(end, 'change')} so far.")
    finally:
        store.close()


def _index(settings: Settings) -> Iterator[Finding]:
    store, backend = open_store(settings), open_backend(settings)
    try:
        with store.read() as tx:
            end = last_change(tx)
        behind = end - backend.position()
        if behind > 0:
            yield Finding(
                "index", WARNING, f"{counted(behind, 'change')} behind the database: run `watchfloor index sync`."
            )
        elif behind < 0:
            yield Finding("index", FAULT, "The index is ahead of the database: run `watchfloor index rebuild`.")
        else:
            yield Finding("index", OK, f"{backend.name}, {counted(backend.count(), 'document')}, up to date.")
    finally:
        backend.close()
        store.close()


def _freshness(settings: Settings, now: datetime) -> Iterator[Finding]:
    store = open_store(settings)
    try:
        with store.read() as tx:
            covered = coverage(tx, now=now, stale_after_h=settings.coverage.stale_after_h)
    finally:
        store.close()
    late = [one.outlet for one in covered if one.state in ("stale", "never")]
    if late:
        shown = ", ".join(late[:10]) + (f" and {len(late) - 10} more" if len(late) > 10 else "")
        yield Finding("freshness", WARNING, f"Not read in the last {settings.coverage.stale_after_h:g} h: {shown}.")
    else:
        yield Finding("freshness", OK, f"{counted(len(covered), 'outlet')} held, none stale.")
