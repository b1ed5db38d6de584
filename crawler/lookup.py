"""Fetch a few addresses as a crawl would (guards, robots.txt, pace) into a folder that is thrown away."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from config.errors import EXIT_PARTIAL, WatchfloorError
from config.outlets import OutletSpec, fold_host
from config.settings import Settings
from crawler.orders import Limits, RunReport
from crawler.run import crawl_outlet
from index.records import Page
from index.store import open_store
from index.store.decisions import decisions_of_run
from index.store.engine import holds_archive
from index.urls import url_key
from index.warc_files import iter_warc

MOST_HOPS = 5
NAME = "watchfloor_lookup"


class NoPageError(WatchfloorError):
    """The address gave no page to work on; the outcome in the sentence says why."""

    exit_code = EXIT_PARTIAL


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What the addresses answered. `said` tells in words how each address ended, by its key."""

    report: RunReport
    pages: dict[str, Page] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)

    def page(self, url: str) -> Page | None:
        """Return what an address answered, redirects followed; None where it gave no page."""
        for _ in range(MOST_HOPS):
            page = self.pages.get(url_key(url))
            if page is None or not 300 <= page.status < 400:
                return page if page is not None and page.status == 200 else None
            url = urljoin(url, next((value for name, value in page.headers if name.lower() == "location"), ""))
        return None

    def why_none(self, url: str) -> str:
        """Say in words why an address gave no page."""
        return self.said.get(url_key(url)) or self.report.reason or "it was not asked for"


def look_up_article(url: str, *, spec: OutletSpec, settings: Settings) -> LookedUp:
    """Fetch one address of a registered outlet."""
    with tempfile.TemporaryDirectory(prefix="watchfloor-lookup-") as folder:
        apart = _apart(settings, Path(folder), outlets_dir=str(settings.outlet_folders[-1].absolute()))
        report = crawl_outlet(spec.name, Limits(pages=1), settings=apart, url=url, turns_in=turns_of(settings))
        return _read(report, apart)


def look_up(urls: Sequence[str], *, settings: Settings) -> LookedUp:
    """Fetch addresses of one site that is no outlet yet, whatever they answer; robots.txt is among the pages."""
    parts = urlsplit(urls[0])
    hosts = sorted({fold_host(urlsplit(url).hostname or "") for url in urls})
    ports = sorted({port for url in urls if (port := urlsplit(url).port) is not None})
    quoted = ", ".join(f"'{url}'" for url in urls if "'" not in url)
    with tempfile.TemporaryDirectory(prefix="watchfloor-lookup-") as folder:
        own = Path(folder) / "outlets"
        own.mkdir()
        (own / f"{NAME}.toml").write_text(
            f"name = '{NAME}'\ntitle = 'A site that is looked at'\nhome = '{parts.scheme}://{parts.netloc}/'\n"
            f"languages = ['en']\nhosts = {hosts!r}\nports = {ports!r}\n"
            # Listings are fetched and kept whatever they are; no link of theirs is an article, so none is followed.
            f"[leads]\nlistings = [{quoted}]\nfollow_links = false\n"
            "[articles]\nmatch = ['(?!)']\n[pace]\ndelay_s = 0\n",
            encoding="utf-8",
        )
        apart = _apart(settings, Path(folder), outlets_dir=str(own))
        report = crawl_outlet(NAME, Limits(pages=1, new_urls=1), settings=apart, turns_in=turns_of(settings))
        return _read(report, apart)


def turns_of(settings: Settings) -> str:
    """Return the database in which the crawls of the archive take their turns; "" where there is no archive yet."""
    return settings.database_url if holds_archive(settings) else ""


def _apart(settings: Settings, folder: Path, *, outlets_dir: str) -> Settings:
    """The same settings with another data folder, and a database in it."""
    return settings.model_copy(
        update={
            "data": settings.data.model_copy(update={"dir": folder / "data"}),
            "database": settings.database.model_copy(update={"url": ""}),
            "crawler": settings.crawler.model_copy(update={"outlets_dir": outlets_dir}),
        }
    )


def _read(report: RunReport, settings: Settings) -> LookedUp:
    found = LookedUp(report)
    for path in sorted(settings.warc_dir.glob("**/*.warc.gz")):
        for page in iter_warc(path):
            found.pages[url_key(page.url)] = page
    store = open_store(settings)
    try:
        with store.read() as tx:
            decisions = decisions_of_run(tx, report.run_id) if report.run_id is not None else []
    finally:
        store.close()
    for one in decisions:
        if one.outcome is not None:
            found.said[url_key(one.url)] = f"{one.outcome.value}: {one.detail or one.outcome.sentence}"
    return found
