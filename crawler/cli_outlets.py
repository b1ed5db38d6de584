"""`watchfloor outlets`: list, show, make, check and test outlet definitions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from config.counting import counted
from config.errors import EXIT_PARTIAL, ConfigurationError, UsageError
from config.faults import akin
from config.outlets import OutletSpec, read_outlet_files
from config.settings import Settings
from crawler.cases import Case, case_folders, differences, load_cases
from crawler.check_report import as_text
from crawler.checks import check_outlet
from crawler.cli_outlets_health import health
from crawler.cli_outlets_new import new
from crawler.learned import learned_of
from crawler.robustness import FIELDS, MUTANTS_EACH, SEED, Score, scores_of, total_of
from crawler.run import find_outlet

SHOWN_CHARS = 200


@click.group()
def outlets() -> None:
    """Outlet definitions: one file each, in config/outlets, the operator's own folder and installed packages."""


@outlets.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_(settings: Settings, as_json: bool) -> None:
    """List every outlet there is a file for."""
    specs = _specs(settings, told=True)
    if as_json:
        click.echo(json.dumps([_summary(spec) for spec in specs.values()], ensure_ascii=False, indent=2))
        return
    for name, spec in sorted(specs.items()):
        said = ", ".join(
            [*([] if spec.enabled else ["not part of crawl --all"]), *([] if spec.verified else ["not verified"])]
        )
        click.echo(f"{name:<24} {spec.title}  {spec.home}" + (f"  ({said})" if said else ""))
    if not specs:
        click.echo("No outlet yet; make one with `watchfloor outlets new URL` (docs/adding-an-outlet.md).")


@outlets.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def show(settings: Settings, name: str, as_json: bool) -> None:
    """Show one outlet as its file was understood, defaults filled in, and what was learned from its crawl.

    Learned are the paragraphs it repeats on its pages, each with the number of articles that hold it and of those
    compared; where `left_out` is true they are left out of its texts.
    """
    spec = find_outlet(name, settings)
    values = {**spec.model_dump(mode="json"), "learned": learned_of(spec, settings)}
    if as_json:
        click.echo(json.dumps(values, ensure_ascii=False, indent=2))
        return
    for line in _lines(values):
        click.echo(line)


@outlets.command()
@click.argument("name")
@click.option("--pages", type=click.IntRange(1, 200), default=10, show_default=True, help="Pages fetched at the most.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def check(settings: Settings, name: str, pages: int, as_json: bool) -> int:
    """Dry run: fetch the sources and a few pages live, keep nothing, say what is not as expected (exit code 10).

    Told are: what robots.txt says, the leads each source gave, how many articles have each field and which rule or
    fallback read it, what was rejected and why, and what the file could expect.
    """
    report = check_outlet(name, settings=settings, pages=pages)
    click.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=2) if as_json else as_text(report))
    return EXIT_PARTIAL if report.problems else 0


@outlets.command("test")
@click.argument("names", nargs=-1)
@click.option(
    "--cases",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="Run the cases in this folder (DIR/<outlet>/<case>/) instead of those beside the outlet files.",
)
@click.option("--mutations", is_flag=True, help="Change the pages as publishers do and score which fields survive.")
@click.option("--seed", type=int, default=SEED, show_default=True, help="Which mutants: equal seeds, equal score.")
@click.option(
    "--mutants",
    type=click.IntRange(1, 50),
    default=MUTANTS_EACH,
    show_default=True,
    metavar="N",
    help="Mutants of a case for each kind of mutation in which chance has a part.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def test_(
    settings: Settings,
    names: tuple[str, ...],
    folder: Path | None,
    mutations: bool,
    seed: int,
    mutants: int,
    as_json: bool,
) -> int:
    """Run the cases of all outlets, or of NAMES: stored pages against expected fields and links. No network.

    With --mutations each page is changed in ten ways (class names, wrappers, no JSON-LD, no meta tags, adverts,
    headings as div, and so on) and read again; the score is the share of fields still what the case expects.
    Exit code 10 when a case fails as it is.
    """
    specs = _specs(settings)
    unknown = [name for name in names if name not in specs]
    if unknown:
        like = akin(unknown[0], specs)
        raise UsageError(f"{', '.join(unknown)}: no outlet of that name{like}; `watchfloor outlets list` names all.")
    places = (folder,) if folder is not None else case_folders(settings)
    cases = [case for case in load_cases(places, outlets=names) if case.outlet in specs]
    if not cases and (names or folder is not None):
        whose = f"{', '.join(names)}: no case" if names else "no case of an outlet there is"
        raise UsageError(f"{whose} in {' or '.join(map(str, places))}; a case is a folder <outlet>/<case>/ there.")
    if mutations:
        scores = scores_of(cases, specs, max_page_s=settings.crawler.max_page_s, seed=seed, each=mutants)
        told = {"seed": seed, "all": total_of(scores).to_json(), "outlets": [score.to_json() for score in scores]}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2) if as_json else scores_as_text(scores))
        return EXIT_PARTIAL if any(score.failing for score in scores) else 0
    results = [_result(case, specs[case.outlet], max_page_s=settings.crawler.max_page_s) for case in cases]
    _tell_results(results, as_json=as_json)
    return EXIT_PARTIAL if any(not result["passed"] for result in results) else 0


def _result(case: Case, spec: OutletSpec, *, max_page_s: float) -> dict[str, Any]:
    found = differences(case, spec, max_page_s=max_page_s)
    pairs = {field: {"expected": wanted, "read": read} for field, (wanted, read) in found.items()}
    return {"outlet": case.outlet, "case": case.name, "passed": not found, "differences": pairs}


def _tell_results(results: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    failed = sum(not result["passed"] for result in results)
    if as_json:
        told = {"cases": len(results), "failed": failed, "results": results}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for result in results:
        click.echo(f"{'passed' if result['passed'] else 'FAILED'}  {result['outlet']}/{result['case']}")
        for field, pair in result["differences"].items():
            click.echo(f"  {field}: expected {_short(pair['expected'])}")
            click.echo(f"  {' ' * len(field)}  read     {_short(pair['read'])}")
    click.echo(f"{counted(len(results), 'case')}, {failed} failed." if results else "There are no cases.")


outlets.add_command(new)
outlets.add_command(health)


def _specs(settings: Settings, *, told: bool = False) -> dict[str, OutletSpec]:
    """Return all outlets; with `told`, what packages bring and cannot be used is said on stderr."""
    files = read_outlet_files(settings.outlet_folders)
    if files.faults:
        raise ConfigurationError(files.faults)
    for faults in files.left_out.values() if told else ():
        for fault in faults:
            click.echo(f"watchfloor: {fault}", err=True)
    return files.specs


def scores_as_text(scores: list[Score]) -> str:
    """Write a table of outlets and fields, then for each outlet what cost it which field."""
    if not scores:
        return "There are no cases."
    total = total_of(scores)
    lines = [f"{'outlet':<24}{'mutants':>8}{'all':>6}" + "".join(f"{name[:9]:>10}" for name in FIELDS)]
    for score in [*scores, *([total] if len(scores) > 1 else [])]:
        shares = "".join(f"{_percent(score.share(name)):>10}" for name in FIELDS)
        lines.append(f"{score.outlet:<24}{score.mutants:>8}{_percent(score.share()):>6}{shares}")
    for score in scores:
        lines += [f"{score.outlet}: {case} fails without any mutation; not scored" for case in score.failing]
        for name in FIELDS:
            lost = ", ".join(f"{kind} {share:.0%}" for kind, share in score.lost(name).items())
            lines += [f"{score.outlet}: {name} survives only {lost}"] if lost else []
    return "\n".join(lines)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _summary(spec: OutletSpec) -> dict[str, Any]:
    keys = ("name", "title", "home", "country", "languages", "enabled", "verified", "file", "package")
    values = spec.model_dump(mode="json")
    return {key: values[key] for key in keys}


def _lines(values: dict[str, Any], path: str = "") -> list[str]:
    lines: list[str] = []
    for key, value in values.items():
        where = f"{path}{key}"
        if isinstance(value, dict):
            lines += _lines(value, f"{where}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for number, part in enumerate(value):
                lines += _lines(part, f"{where}[{number}].")
        elif value not in (None, "", [], {}):
            lines.append(f"{where:<28} {json.dumps(value, ensure_ascii=False)}")
    return lines


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}…"
