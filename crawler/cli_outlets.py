"""`watchfloor outlets`: list, show, make, check and test outlet definitions."""

from __future__ import annotations

import json
from typing import Any

import click

from config.errors import EXIT_PARTIAL, UsageError
from config.outlets import OutletSpec, load_outlets
from config.settings import Settings
from crawler.cases import case_folders, differences, load_cases
from crawler.checks import CheckReport, check_outlet
from crawler.cli_outlets_new import new
from crawler.run import find_outlet

SHOWN_CHARS = 200


@click.group()
def outlets() -> None:
    """Outlet definitions: one file each, in config/outlets and in the operator's own folder."""


@outlets.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_(settings: Settings, as_json: bool) -> None:
    """List every outlet there is a file for."""
    specs = load_outlets(settings.outlet_folders)
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
    """Show one outlet as its file was understood, defaults filled in."""
    spec = find_outlet(name, settings)
    values = spec.model_dump(mode="json")
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
    """Dry run: fetch the sources and a few pages live, keep nothing, say what is not as expected (exit code 10)."""
    report = check_outlet(name, settings=settings, pages=pages)
    click.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=2) if as_json else _as_text(report))
    return EXIT_PARTIAL if report.problems else 0


@outlets.command("test")
@click.argument("names", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def test_(settings: Settings, names: tuple[str, ...], as_json: bool) -> int:
    """Run the cases of all outlets, or of NAMES: stored pages against expected fields and links. No network."""
    specs = load_outlets(settings.outlet_folders)
    unknown = [name for name in names if name not in specs]
    if unknown:
        raise UsageError(
            f"{', '.join(unknown)}: no outlet of that name; `watchfloor outlets list` names those there are."
        )
    cases = [case for case in load_cases(case_folders(settings), outlets=names) if case.outlet in specs]
    results: list[dict[str, Any]] = []
    for case in cases:
        found = differences(case, specs[case.outlet], max_page_s=settings.crawler.max_page_s)
        told = {field: {"expected": wanted, "read": read} for field, (wanted, read) in found.items()}
        results.append({"outlet": case.outlet, "case": case.name, "passed": not found, "differences": told})
    failed = sum(not result["passed"] for result in results)
    if as_json:
        click.echo(
            json.dumps({"cases": len(results), "failed": failed, "results": results}, ensure_ascii=False, indent=2)
        )
    else:
        for result in results:
            click.echo(f"{'passed' if result['passed'] else 'FAILED'}  {result['outlet']}/{result['case']}")
            for field, pair in result["differences"].items():
                click.echo(f"  {field}: expected {_short(pair['expected'])}")
                click.echo(f"  {' ' * len(field)}  read     {_short(pair['read'])}")
        click.echo(f"{len(results)} cases, {failed} failed." if results else "There are no cases.")
    return EXIT_PARTIAL if failed else 0


outlets.add_command(new)


def _summary(spec: OutletSpec) -> dict[str, Any]:
    keys = ("name", "title", "home", "country", "languages", "enabled", "verified", "file")
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


def _as_text(report: CheckReport) -> str:
    lines = [f"{report.outlet}: {report.articles} articles read in {report.run.seconds:.1f} s, nothing kept."]
    lines += [f"  {url}: {found}" for url, found in report.sources]
    lines.append("  fill: " + ", ".join(f"{name} {share:.0%}" for name, share in report.fill.items()))
    lines.append(f"  links: {report.links_per_article:g} an article")
    lines += [f"  {outcome:<18} {url}  {detail}" for url, outcome, detail in report.rejected[:20]]
    lines += [f"PROBLEM: {problem}" for problem in report.problems] or ["As its file says."]
    return "\n".join(lines)


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}…"
