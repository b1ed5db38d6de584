"""`watchfloor record`: a page becomes a case. Parses, fetches or reads the page, calls record_case, prints."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from config.errors import EXIT_PARTIAL, UsageError
from config.outlets import OutletSpec
from config.settings import Settings
from crawler.cli_extract import read_saved
from crawler.import_files import stated_address
from crawler.lookup import NoPageError, look_up_article
from crawler.record import Recorded, cases_folder_of, record_case, saved_page
from crawler.run import find_outlet
from index.records import Page

CONFIRM = 'Check expected.json by eye, set "confirmed" to true in it, then run: watchfloor outlets test {outlet}'


@click.command()
@click.argument("page", metavar="URL-or-FILE")
@click.option(
    "--outlet", "name", required=True, metavar="NAME", help="The outlet the page is of, and whose rules read it."
)
@click.option("--url", default="", metavar="URL", help="The address of a saved file; default: the one the page states.")
@click.option("--case", default="", metavar="CASE", help="Name of the case; default: article, or why it is none.")
@click.option("--special", default="", metavar="TEXT", help="What this page is kept for, in a sentence.")
@click.option(
    "--fetched",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Day a saved file was fetched on: rules with `until` are those of that day. Default: today.",
)
@click.option("--replace", is_flag=True, help="Write over the case of that name, article where none is named.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, the trace with it.")
@click.pass_obj
def record(
    settings: Settings,
    page: str,
    name: str,
    url: str,
    case: str,
    special: str,
    fetched: datetime | None,
    replace: bool,
    as_json: bool,
) -> int:
    """Save a page as a case of its outlet: same structure, words replaced.

    URL-or-FILE is an address (fetched once, through the guards of a crawl) or a saved page (.html, .html.gz; no
    network). Tags, classes, ids, dates, link hosts and lengths stay; prose, titles, names, mails, pictures and scripts
    of the publisher do not. The result is read once more: it must give the same fields by the same rules as the page
    itself, and what differs is said (exit code 10). The case lies in tests/outlets/NAME/CASE/ of the checkout, or in
    cases/NAME/CASE/ beside your own outlet files; its expected values wait for a person to confirm them.
    """
    spec = find_outlet(name, settings)
    fetched_page = page_to_record(page, spec=spec, url=url, fetched=fetched, settings=settings)
    done = record_case(
        fetched_page,
        spec=spec,
        folder=cases_folder_of(spec, settings),
        case=case,
        special=special,
        max_page_s=settings.crawler.max_page_s,
        replace=replace,
    )
    click.echo(json.dumps(done.to_json(), ensure_ascii=False, indent=2) if as_json else as_text(done, outlet=name))
    return EXIT_PARTIAL if done.scrubbed.differences else 0


def page_to_record(source: str, *, spec: OutletSpec, url: str, fetched: datetime | None, settings: Settings) -> Page:
    """Read a saved page, or fetch an address of the outlet. Raises UsageError and NoPageError in sentences."""
    if source.startswith(("http://", "https://")):
        if url:
            raise UsageError("--url gives the address of a saved file; it cannot stand beside an address.")
        if not spec.owns(source):
            raise UsageError(f"{source}: is on no host of {spec.name} ({', '.join(sorted(spec.all_hosts))}).")
        found = look_up_article(source, spec=spec, settings=settings)
        page = found.page(source)
        if page is None:
            raise NoPageError(f"{source}: gave no page to record ({found.why_none(source)}).")
        return page
    _, body = read_saved(Path(source), settings.network.max_body_bytes)
    address = url or stated_address(body, "") or ""
    if not address:
        raise UsageError(f"{source}: the page does not state its address; name it with --url.")
    if not spec.owns(address):
        raise UsageError(f"{address}: is on no host of {spec.name} ({', '.join(sorted(spec.all_hosts))}); see --url.")
    return saved_page(address, body, fetched_at=fetched.replace(tzinfo=UTC) if fetched else datetime.now(UTC))


def as_text(done: Recorded, *, outlet: str) -> str:
    """Say what was written, what is read from it, and what to do next."""
    extraction = done.scrubbed.extraction
    lines = [f"Written: {done.folder} ({done.body_bytes / 1000:.0f} kB page, the publisher's words replaced)"]
    article = extraction.article
    if article is None:
        outcome = extraction.outcome
        lines.append(f"The page is no article: {outcome.value if outcome else ''}. {extraction.detail}")
    else:
        lines += [
            f"  {step.field:<14} {step.rule}{f' {step.selector}' if step.selector else ''}" for step in article.trace
        ]
    lines += [f"READ DIFFERENTLY  {told}" for told in done.scrubbed.differences]
    if not done.scrubbed.differences:
        lines.append("It gives the same fields by the same rules as the page itself.")
    lines.append(CONFIRM.format(outlet=outlet))
    return "\n".join(lines)
