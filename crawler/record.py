"""A page saved as a case: scrubbed, with what is read from it as expected values that a person has to confirm."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from config.errors import UsageError, WatchfloorError
from config.outlets import OutletSpec
from config.settings import Settings
from crawler.cases import CHECKOUT
from crawler.deadline import DeadlinePassed, deadline
from crawler.reading import extraction_json
from crawler.scrub.page import MOST_BYTES, Scrubbed, scrub_page
from index.records import JsonObject, Page

CASE_NAME = r"[a-z][a-z0-9_]{0,39}"
NOT_EXPECTED = frozenset({"url", "detail", "trace"})
SCRUB_S = 60.0


class LeakError(WatchfloorError):
    """Something of the publisher's would stand in the case; nothing was written."""

    exit_code = 10


@dataclass(frozen=True, slots=True)
class Recorded:
    """A case as written. `differences` says in words what the scrubbed page gives otherwise than the page did."""

    folder: Path
    body_bytes: int
    scrubbed: Scrubbed

    def to_json(self) -> JsonObject:
        """Return what was written as JSON values, with what is read from it."""
        return {
            "case": str(self.folder),
            "body_bytes": self.body_bytes,
            "url": self.scrubbed.page.url,
            "read_differently": list(self.scrubbed.differences),
            "expected": extraction_json(self.scrubbed.page.url, self.scrubbed.extraction, with_trace=True),
        }


def cases_folder_of(spec: OutletSpec, settings: Settings) -> Path:
    """Return where the cases of an outlet lie: in the checkout for those it ships, else beside the outlet's file."""
    shipped = Path(spec.file).parent.resolve() == settings.outlet_folders[0].resolve()
    if shipped and CHECKOUT.is_dir():
        return CHECKOUT
    return settings.outlet_folders[-1] / "cases"


def record_case(
    page: Page,
    *,
    spec: OutletSpec,
    folder: Path,
    case: str = "",
    special: str = "",
    max_page_s: float,
    replace: bool = False,
) -> Recorded:
    """Scrub a page and write it as a case under `folder`/<outlet>/, unconfirmed. Raises LeakError for what survived.

    Without `case` it is named after what the page is; a name that is taken is refused, or replaced where asked.
    """
    if case and not re.fullmatch(CASE_NAME, case):
        raise UsageError(
            f"--case {case!r}: a case's name is lower case letters, digits and underscores, a letter first."
        )
    try:
        with deadline(max(SCRUB_S, max_page_s)):
            scrubbed = scrub_page(page, spec=spec, now=page.fetched_at, outlet=spec.name)
    except ValueError as error:
        raise UsageError(f"{page.url}: cannot be recorded, {error}; is it a page at all?") from None
    except DeadlinePassed:
        raise UsageError(
            f"{page.url}: replacing its words took longer than {SCRUB_S:g} s; record another page."
        ) from None
    if scrubbed.survivors:
        told = "; ".join(scrubbed.survivors[:5])
        raise LeakError(
            f"{page.url}: words of the publisher would stand in the case ({told}). Nothing was written; record another "
            "page, and report this one."
        )
    target = _folder_for(folder / spec.name, case, scrubbed, replace=replace)
    body_bytes = write_case(target, scrubbed, special=special)
    return Recorded(target, body_bytes, scrubbed)


def write_case(folder: Path, scrubbed: Scrubbed, *, special: str) -> int:
    """Write page, meta and expected values; a page that stayed big is gzipped. Return the bytes its page takes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("page.html", "page.html.gz"):
        (folder / name).unlink(missing_ok=True)
    body = scrubbed.page.body
    name = "page.html"
    if len(body) > MOST_BYTES:
        name, body = "page.html.gz", gzip.compress(body, mtime=0)
    (folder / name).write_bytes(body)
    meta = {
        "url": scrubbed.page.url,
        "fetched_at": scrubbed.page.fetched_at.isoformat(),
        "content_type": scrubbed.page.content_type,
        "special": special,
    }
    _write_json(folder / "meta.json", meta)
    _write_json(folder / "expected.json", {"confirmed": False, **expected_of(scrubbed)})
    return len(body)


def expected_of(scrubbed: Scrubbed) -> JsonObject:
    """Return what a case expects: every field of an article; of a page that is none the outcome alone."""
    found = extraction_json(scrubbed.page.url, scrubbed.extraction)
    if scrubbed.extraction.article is None:
        return {"outcome": found["outcome"]}
    return {key: value for key, value in found.items() if key not in NOT_EXPECTED}


def _folder_for(parent: Path, case: str, scrubbed: Scrubbed, *, replace: bool) -> Path:
    if case:
        if (parent / case).exists() and not replace:
            raise UsageError(f"{parent / case}: is there already; name another --case, or add --replace.")
        return parent / case
    outcome = scrubbed.extraction.outcome
    stem = "article" if outcome is None else outcome.value
    if replace:
        return parent / stem
    numbered = [stem, *(f"{stem}_{number}" for number in range(2, 1000))]
    return next(parent / name for name in numbered if not (parent / name).exists())


def _write_json(path: Path, values: JsonObject) -> None:
    path.write_text(json.dumps(values, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def saved_page(url: str, body: bytes, *, fetched_at: datetime) -> Page:
    """Make the page of a saved file."""
    return Page(url, body, fetched_at.replace(microsecond=0), content_type="text/html")
