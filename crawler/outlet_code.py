"""What an outlet's own Python may decide, and where that Python lies. Pure: values in, values out; Scrapy is not known.

Every hook is a class method over values, so that a page is read alike in a crawl, an import, a case, `extract` and
`reextract`. Guards, pace, outcomes, WARC and the intake stay where they are: a hook can only say what a page holds.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import ClassVar

from config import outlets as outlet_files
from config.errors import ConfigurationError, WatchfloorError
from config.outlets import OutletSpec
from config.request_headers import cookie_header, why_cookie_refused, why_header_refused
from crawler.discover.found import Found, SourceKind
from crawler.discover.sources import leads_in_source
from crawler.extract.article import extract_article
from index.records import Extraction, Page
from index.recurring import NOTHING_RECURS, Recurrence

HOOKS = frozenset({"read_page", "leads_in", "headers_for"})
"""What an outlet's own class may override; guards, pace, budgets and the way into the archive it may not."""

SHIPPED = Path(outlet_files.__file__).with_name("outlets")
SHIPPED_CODE = Path(__file__).parent / "spiders"


class OutletCode:
    """How an outlet is read: by its file, unless a subclass says otherwise. `spec` is the outlet's definition."""

    spec: ClassVar[OutletSpec]
    quick: ClassVar[bool] = False
    """Reading the page with all care took too long, and it is read once more in one pass."""
    recurring: ClassVar[Mapping[str, Recurrence]] = NOTHING_RECURS
    """The paragraphs the outlet repeats on its pages, as learned; none where no archive is at hand."""

    @classmethod
    def read_page(cls, page: Page) -> Extraction:
        """Read a page that may be an article. Called for every such page, crawled or imported; must not fetch."""
        name, at = cls.spec.name, page.fetched_at
        return extract_article(page, spec=cls.spec, now=at, outlet=name, quick=cls.quick, recurring=cls.recurring)

    @classmethod
    def leads_in(cls, page: Page, kind: SourceKind) -> Found:
        """Return the leads of a feed, sitemap or listing, and the address of the list's next page where it has one.

        Leads on other hosts are left out, `articles` still decides which are asked for, and budgets hold.
        """
        return leads_in_source(page, kind, spec=cls.spec)

    @classmethod
    def headers_for(cls, url: str, *, now: datetime) -> Mapping[str, str]:
        """Return the headers sent with a request beside Watchfloor's own: those of the file's `request` table."""
        parts = cls.spec.request
        return {**parts.headers, **({"Cookie": cookie_header(parts.cookies)} if parts.cookies else {})}


def code_of(
    spec: OutletSpec, *, quick: bool = False, recurring: Mapping[str, Recurrence] = NOTHING_RECURS
) -> type[OutletCode]:
    """Return what reads an outlet: the class in its own Python file, else OutletCode; bound to `spec`.

    Raises ConfigurationError, naming the file, for Python that cannot be used.
    """
    base = own_class(spec) or OutletCode
    values = {"spec": spec, "name": spec.name, "quick": quick, "recurring": recurring}
    return type(f"{base.__name__}_{spec.name}", (base,), values)


def code_file(spec: OutletSpec) -> Path | None:
    """Return the outlet's own Python file: beside its outlet file, for shipped outlets in crawler/spiders."""
    if not spec.file:
        return None
    file = Path(spec.file)
    path = SHIPPED_CODE / f"{spec.name}.py" if file.parent == SHIPPED else file.with_suffix(".py")
    return path if path.name != "outlet.py" and path.is_file() else None


def own_class(spec: OutletSpec) -> type[OutletCode] | None:
    """Return the one class an outlet's own Python file defines, or None where there is no file."""
    path = code_file(spec)
    if path is None:
        return None
    try:
        module = _imported(path, spec)
    except WatchfloorError:
        raise
    except (Exception, SystemExit) as error:  # whatever it raises is a fault of that file, told in words
        where = _line_in(error, path)
        raise ConfigurationError(
            [f"{path}: cannot be imported ({type(error).__name__}: {error}){where}; mend or remove it."]
        ) from error
    own = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, OutletCode) and value.__module__ == module.__name__
    ]
    if len(own) != 1:
        raise ConfigurationError([f"{path}: must define exactly one subclass of OutletSpider, not {len(own)}."])
    closed = _overridden(own[0], module.__name__)
    if closed:
        told = f"{path}: {own[0].__name__} overrides {', '.join(closed)}; only {', '.join(sorted(HOOKS))} may be."
        raise ConfigurationError([f"{told} Pace and limits are settings of the outlet file."])
    return own[0]


def checked_headers(code: type[OutletCode], url: str, *, now: datetime) -> dict[str, str]:
    """Return the headers an outlet's code asks for. Raises ConfigurationError for one that must not be sent."""
    headers = dict(code.headers_for(url, now=now))
    faults = []
    for name, value in headers.items():
        if name.lower() != "cookie":
            faults.append(why_header_refused(name, value))
            continue
        for pair in value.split(";"):
            key, _, content = pair.strip().partition("=")
            faults.append(why_cookie_refused(key, content))
    told = [f"{code.spec.name}: headers_for: {fault}." for fault in faults if fault]
    if told:
        raise ConfigurationError(told)
    return headers


def _imported(path: Path, spec: OutletSpec) -> ModuleType:
    if path.parent == SHIPPED_CODE:
        return import_module(f"crawler.spiders.{spec.name}")
    if spec.package:
        return import_module(f"{spec.package}.{spec.name}")
    name = f"watchfloor_own_{sha256(str(path).encode()).hexdigest()[:12]}_{spec.name}"
    if name not in sys.modules:
        made = spec_from_file_location(name, path)
        if made is None or made.loader is None:
            raise ConfigurationError([f"{path}: is no Python file."])
        module = sys.modules[name] = module_from_spec(made)
        try:
            made.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]


def _overridden(own: type[OutletCode], module_name: str) -> list[str]:
    """Return the names a class of that module takes from our classes and may not."""
    ours = [base for base in own.__mro__ if base.__module__ != module_name and base is not object]
    theirs = {name for base in own.__mro__ if base.__module__ == module_name for name in vars(base)}
    taken = {name for name in theirs if any(name in vars(base) for base in ours)}
    allowed = HOOKS | {"name", "__module__", "__doc__", "__annotations__", "__slots__", "__firstlineno__"}
    return sorted(taken - allowed - {"__static_attributes__", "__classdictcell__"})


def _line_in(error: BaseException, path: Path) -> str:
    """Say in which line of the file an exception arose, where it did there."""
    if isinstance(error, SyntaxError):
        return f" in line {error.lineno}"
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return f" in line {line}" if line else ""
