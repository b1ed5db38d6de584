"""Cases: a page of an outlet beside what must be read from it, links and their roles included. No network, no store.

A case is a folder: `page.html` (or `page.html.gz`, `page.json`, `page.xml`), `meta.json` ({"url", "fetched_at",
"special"}) and `expected.json`, whose keys are those of `watchfloor extract --json`; every key in it is checked, and no
other. With `"source": "listing"` (or feed, sitemap) in meta.json the page is a list, and the keys are `leads` (their
addresses in order), `next_page`, `outcome` and `detail`.
A case whose expected values were written by a command says `"confirmed": false`, and fails until a person has set it
to true.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from config.errors import ConfigurationError
from config.outlets import OutletSpec
from config.packages import installed_packages
from config.settings import Settings
from crawler.discover.found import SourceKind
from crawler.reading import extraction_json, read_page, read_source
from index.records import JsonObject, Page

CHECKOUT = Path(__file__).parent.parent / "tests" / "outlets"
PAGES = {
    "page.html": "text/html; charset=utf-8",
    "page.html.gz": "text/html; charset=utf-8",
    "page.json": "application/json",
    "page.xml": "application/xml",
}
UNCONFIRMED = 'true, once somebody has compared expected.json with the page; set "confirmed" in it then.'


@dataclass(frozen=True, slots=True)
class Case:
    """One page and what it must give."""

    outlet: str
    name: str
    page: Page
    expected: JsonObject
    special: str = ""
    confirmed: bool = True
    source: SourceKind | None = None  # what it is where it is no article but a list


def case_folders(settings: Settings) -> tuple[Path, ...]:
    """Return where cases lie: in the checkout, and beside the outlet files of the operator and of packages."""
    packages = [package.folder for package in installed_packages() if package.folder is not None]
    return (CHECKOUT, *(folder / "cases" for folder in (*settings.outlet_folders, *packages)))


def load_cases(folders: Iterable[Path], *, outlets: Sequence[str] = ()) -> list[Case]:
    """Read all cases, or those of some outlets, by outlet and name. Raises ConfigurationError naming every fault."""
    cases: list[Case] = []
    faults: list[str] = []
    for folder in folders:
        for path in sorted(folder.glob("*/*/meta.json")):
            if outlets and path.parent.parent.name not in outlets:
                continue
            try:
                cases.append(_load(path.parent))
            except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
                faults.append(f"{path.parent}: is no case ({error}); see docs/adding-an-outlet.md.")
    if faults:
        raise ConfigurationError(faults)
    return cases


def differences(case: Case, spec: OutletSpec, *, max_page_s: float) -> dict[str, tuple[Any, Any]]:
    """Return the fields that differ, each as (expected, read); empty when the case holds."""
    read = _read(case, spec, max_page_s=max_page_s)
    found = {name: (wanted, read.get(name)) for name, wanted in case.expected.items() if read.get(name) != wanted}
    if not case.confirmed:
        found["confirmed"] = (UNCONFIRMED, False)
    return found


def _read(case: Case, spec: OutletSpec, *, max_page_s: float) -> JsonObject:
    if case.source is None:
        extraction = read_page(case.page, spec=spec, outlet=case.outlet, max_page_s=max_page_s)
        return extraction_json(case.page.url, extraction)
    found = read_source(case.page, case.source, spec=spec, max_page_s=max_page_s)
    return {
        "leads": [lead.url for lead in found.leads],
        "next_page": found.next_page,
        "outcome": found.outcome.value if found.outcome is not None else None,
        "detail": found.detail,
    }


def _load(folder: Path) -> Case:
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    found = next((folder / name for name in PAGES if (folder / name).exists()), None)
    if found is None:
        raise ValueError(f"it has none of {', '.join(PAGES)}")
    body = found.read_bytes()
    if found.suffix == ".gz":
        body = gzip.decompress(body)
    page = Page(
        url=meta["url"],
        body=body,
        fetched_at=datetime.fromisoformat(meta["fetched_at"]),
        content_type=meta.get("content_type", PAGES[found.name]),
    )
    source = SourceKind(meta["source"]) if "source" in meta else None
    confirmed = expected.pop("confirmed", True) is True
    return Case(folder.parent.name, folder.name, page, expected, meta.get("special", ""), confirmed, source)
