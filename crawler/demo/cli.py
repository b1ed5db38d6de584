"""`watchfloor demo`: the demo site on loopback, crawled by the real spiders, indexed, opened in the reading site."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
from tqdm import tqdm

from config.errors import EXIT_PARTIAL, TryAgainError, UsageError
from config.settings import Settings, load_settings
from crawler.cli import as_text
from crawler.demo.content_files import HOSTS
from crawler.demo.server import serving
from crawler.demo.truth import compare, load_truth
from crawler.indexing import sync_index
from crawler.orders import RunReport
from crawler.run import crawl_outlet
from index.outcomes import Outcome
from index.records import LeadState
from index.store import Store, open_store
from index.store.changes import held
from index.store.leads import count_leads

FOLDER = "demo-data"
MARK = "demo.json"
LEAST_UNCHANGED = 0.95
MOST_ROUNDS = 4
"""Rounds over the outlets: an outlet's links may be leads of another, which ran before it."""

SEARCHES = (
    ("who reports on the cut cable, and since when", "cable cut"),
    ("what is said of Grey Heron since 20 June, not in French", '"Grey Heron" after:2024-06-20 -lang:fr'),
    ("who cites one report", "links:http://foremedia.example/2024/06/lumen-pact-promises-help-within-a-day.html"),
)


@dataclass(frozen=True, slots=True)
class Crawled:
    """The runs of one crawl of the demo site."""

    reports: tuple[RunReport, ...]

    @property
    def outcomes(self) -> Counter[str]:
        """How many URLs ended in which outcome."""
        total: Counter[str] = Counter()
        for report in self.reports:
            total.update(report.counts)
        return total


@click.command()
@click.option("--no-serve", is_flag=True, help="End after the index and a second crawl; print the comparison.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison with the truth as JSON.")
@click.option("--port", type=click.IntRange(0, 65535), default=None, help="Port of the site; default: [web] port.")
@click.pass_context
def demo(ctx: click.Context, no_serve: bool, as_json: bool, port: int | None) -> int:
    """Do the main job with no set-up: three fictional outlets on loopback, crawled, indexed, open to search.

    Data is kept in [data] dir where that is set, else in ./demo-data. With --no-serve the crawl is made anew and
    compared with what is known of the site; exit code 0 only when everything agrees, else 10.
    """
    settings: Settings = ctx.obj
    folder = _folder(settings)
    config_file = ctx.find_root().params.get("config_file")
    if no_serve or as_json:
        return _compared(folder, settings, as_json=as_json)
    if _is_complete(folder):
        click.echo(f"The demo was crawled before; its data is in {folder}. Remove that folder to crawl it again.")
    else:
        with _crawled(folder, settings):
            pass
    return _serve(folder, port=port, config_file=config_file)


def demo_settings(folder: Path, server_port: int, settings: Settings) -> Settings:
    """Return settings for a crawl of the demo site: its hosts on loopback, no pause between requests there."""
    hosts = dict.fromkeys(HOSTS.values(), f"127.0.0.1:{server_port}")
    return load_settings(
        environ={},
        data={"dir": str(folder)},
        network={"private_hosts": list(hosts), "hosts": hosts},
        politeness={"floor_s": 0.0},
        crawler={"min_free_mb": min(100, settings.crawler.min_free_mb)},
        logs={"level": "WARNING" if settings.logs.level == "INFO" else settings.logs.level},  # a table is told instead
    )


def crawl_site(settings: Settings, *, rounds: int = MOST_ROUNDS) -> Crawled:
    """Crawl every demo outlet, and those again that others' links gave leads to.

    A run ends in order on Ctrl-C or SIGTERM; then no other is begun, and KeyboardInterrupt is raised.
    """
    reports: list[RunReport] = []
    names = list(HOSTS)
    for _ in range(rounds):
        bar = tqdm(names, desc="crawling", unit="outlet", disable=not sys.stderr.isatty(), leave=False)
        for name in bar:
            reports.append(crawl_outlet(name, settings=settings))
            if reports[-1].stop_asked:
                raise KeyboardInterrupt
        store = open_store(settings)
        try:
            with store.read() as tx:
                names = [name for name in HOSTS if count_leads(tx, name)[LeadState.WAITING]]
        finally:
            store.close()
        if not names:
            break
    return Crawled(tuple(reports))


@contextmanager
def _crawled(folder: Path, settings: Settings) -> Iterator[tuple[Crawled, Settings]]:
    """Crawl the site before and after its outlets edited, moved and added articles, and index; it is served on."""
    with serving() as server:
        _clear(folder)
        chosen = demo_settings(folder, server.port, settings)
        _tell("Crawling three outlets of the demo site; the first once more, for what the others link to ...")
        first = crawl_site(chosen)
        _tell(as_text(list(first.reports)))
        server.advance()
        _tell("Crawling them again after they edited two articles, moved one and added one ...")
        again = crawl_site(chosen)
        _tell(as_text(list(again.reports)))
        _tell(sync_index(chosen))
        reports = (*first.reports, *again.reports)
        ended = {report.state for report in reports}
        if ended != {"done"}:
            reasons = "; ".join(dict.fromkeys(report.reason for report in reports if report.reason))
            raise TryAgainError(f"The demo site was not crawled to its end ({reasons}); repeat.")
        (folder / MARK).write_text(json.dumps({"complete": True}), encoding="utf-8")
        yield Crawled(reports), chosen


def _compared(folder: Path, settings: Settings, *, as_json: bool) -> int:
    """Crawl anew, then once more, and print how all of it agrees with the truth."""
    with _crawled(folder, settings) as (crawled, chosen):
        store = open_store(chosen)
        try:
            before = _revisions(store)
            outcomes = crawl_site(chosen, rounds=1).outcomes
            revised = _revisions(store) - before
            found = compare(store, load_truth())
        finally:
            store.close()
        sync_index(chosen)
    same = outcomes[Outcome.UNCHANGED] + outcomes[Outcome.NOT_MODIFIED]
    share = same / max(1, sum(outcomes.values()))
    result: dict[str, Any] = {
        **found.to_json(),
        "outcomes": dict(sorted(crawled.outcomes.items())),
        "second_crawl": {
            "new": outcomes[Outcome.NEW],
            "unchanged_share": round(share, 4),
            "new_revisions": revised,
        },
        "faults": found.faults,
    }
    agrees = not found.faults and outcomes[Outcome.NEW] == 0 and revised == 0 and share >= LEAST_UNCHANGED
    click.echo(json.dumps(result, ensure_ascii=False, indent=2) if as_json else _as_text(result, agrees=agrees))
    return 0 if agrees else EXIT_PARTIAL


def _as_text(result: dict[str, Any], *, agrees: bool) -> str:
    links, second = result["links"], result["second_crawl"]
    share = second["unchanged_share"]
    return "\n".join(
        (
            f"articles   {result['articles']['found']} of {result['articles']['expected']}",
            f"links      {links['found']} of {links['expected']}, {links['wrong_role']} with a wrong role",
            f"revisions  {result['revisions']['found']} of {result['revisions']['expected']}",
            "outcomes   " + ", ".join(f"{name} {number}" for name, number in result["outcomes"].items()),
            f"again      {second['new']} new, {second['new_revisions']} revised, {share:.0%} unchanged",
            *result["faults"],
            "Everything agrees with the truth." if agrees else "Not everything agrees with the truth.",
        )
    )


def _serve(folder: Path, *, port: int | None, config_file: Path | None) -> int:
    """Open the site as a process of its own, say where, and wait for its end."""
    command = [sys.executable, "-c", "from config.cli import main; main()"]
    command += ["--config", str(config_file)] if config_file else []
    command += ["serve", "--until-stdin-ends", *(["--port", str(port)] if port is not None else [])]
    environment = {**os.environ, "WATCHFLOOR_DATA__DIR": str(folder)}
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True, start_new_session=True
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        line = process.stdout.readline().strip()
        address = line.rpartition(" ")[2]
        if not address.startswith("http"):
            return process.wait()
        click.echo(f"\n{line}   (Ctrl-C ends it)\n\nThree searches worth trying:")
        for what, query in SEARCHES:
            click.echo(f"  {what}\n    {address}search?q={quote(query)}")
        sys.stdout.flush()
        return process.wait()
    except KeyboardInterrupt:
        click.echo("\nStopped.", err=True)
        return 0
    finally:
        process.stdin.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _folder(settings: Settings) -> Path:
    default = load_settings(None, {}, data={}).data.dir
    return Path(FOLDER) if settings.data.dir == default else settings.data.dir


def _clear(folder: Path) -> None:
    """Empty a demo folder. Raises UsageError for a folder with anything else in it."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise UsageError(f"{folder}: holds something that is no demo; name an empty folder as [data] dir, or move it.")
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, mode=0o700)
    (folder / MARK).write_text(json.dumps({"complete": False}), encoding="utf-8")


def _is_complete(folder: Path) -> bool:
    try:
        found = json.loads((folder / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("complete") is True


def _revisions(store: Store) -> int:
    with store.read() as tx:
        return sum(revision for _, revision in held(tx))


def _tell(text: str) -> None:
    click.echo(text, err=True)
