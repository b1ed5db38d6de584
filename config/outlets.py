"""Outlet files (`<name>.toml`) into validated, frozen OutletSpec values. Knows nothing of crawling or storing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from config.errors import ConfigurationError
from config.outlet_faults import (
    did_you_mean,
    fault_of,
    foreign_sources,
    hosts_claimed,
    why_bad_format,
    why_bad_host,
    why_bad_zone,
)
from config.outlet_faults import fold_host as fold_host
from config.packages import OutletPackage, installed_packages
from config.request_headers import why_cookie_refused, why_header_refused

FILL_FIELDS = ("title", "authors", "published", "updated", "text", "language")
"""The fields whose share of articles a file can expect."""

NAME_PATTERN = r"^[a-z][a-z0-9_]{1,39}$"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _check_http(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"must be a whole http or https address, not {url!r}")
    return url


def _check_pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a valid regular expression: {pattern!r} ({error})") from None
    return pattern


def _check_selector(selector: str) -> str:
    """A selector that is not CSS would match nothing, on every page, without a word."""
    try:
        LexborHTMLParser("<p>").css(selector)
    except (SelectolaxError, ValueError):
        raise ValueError(f"not a valid CSS selector: {selector!r}") from None
    return selector


class FieldRule(_Part):
    """How one field is read: a CSS selector, the attribute (empty: the text), a regular expression with one group.

    `formats` are strptime formats for dates, tried in order; `zone` is the IANA zone of a date without one.
    In an outlet file a plain string stands for the selector alone.
    """

    selector: str
    attribute: str = ""
    pattern: str = ""
    formats: tuple[str, ...] = ()
    zone: str = ""

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: Any) -> Any:
        return {"selector": value} if isinstance(value, str) else value

    @field_validator("selector")
    @classmethod
    def _selector_is_css(cls, selector: str) -> str:
        return _check_selector(selector)

    @field_validator("pattern")
    @classmethod
    def _pattern_compiles(cls, pattern: str) -> str:
        return _check_pattern(pattern)

    @field_validator("zone")
    @classmethod
    def _zone_is_known(cls, zone: str) -> str:
        try:
            return ZoneInfo(zone).key if zone else ""
        except (OSError, ValueError, LookupError):
            raise ValueError(why_bad_zone(zone)) from None

    @field_validator("formats")
    @classmethod
    def _formats_give_a_day(cls, formats: tuple[str, ...]) -> tuple[str, ...]:
        faults = [fault for pattern in formats if (fault := why_bad_format(pattern))]
        if faults:
            raise ValueError("; ".join(faults))
        return formats


class RuleSet(_Part):
    """Rules for one layout. A field with a rule never falls back; one without always does.

    `text` selects the paragraphs, `drop` what is removed before anything is read, `backlinks` the entries of the
    outlet's own related list (links, or labels without address), `entry_times` the times of a live blog's entries,
    each before the text of its entry. `until` is the last day of this layout.
    """

    until: date | None = None
    title: FieldRule | None = None
    authors: FieldRule | None = None
    published: FieldRule | None = None
    updated: FieldRule | None = None
    read_minutes: FieldRule | None = None
    text: FieldRule | None = None
    backlinks: FieldRule | None = None
    entry_times: FieldRule | None = None
    drop: tuple[str, ...] = ()

    @field_validator("drop")
    @classmethod
    def _selectors_are_css(cls, selectors: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_check_selector(selector) for selector in selectors)


class LeadSources(_Part):
    """Where articles are found. `listing_links` is the CSS selector of article links on a listing (empty: all).

    `listing_next` selects the link to a listing's next page; at most `listing_pages` pages of one are read in a run.
    """

    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    listings: tuple[str, ...] = ()
    listing_links: str = ""
    listing_next: str = ""
    listing_pages: int = Field(default=1, ge=1, le=500)
    follow_links: bool = True  # links inside the outlet, and the hubs its backlink lists name, are leads too

    @field_validator("feeds", "sitemaps", "listings")
    @classmethod
    def _are_addresses(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_check_http(url) for url in urls)

    @field_validator("listing_links", "listing_next")
    @classmethod
    def _selector_is_css(cls, selector: str) -> str:
        return _check_selector(selector) if selector else ""


class ArticleUrls(_Part):
    """Which URLs are articles: regular expressions searched in path?query. Empty `match`: any page may be one."""

    match: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    query_keys: tuple[str, ...] = ()  # query keys that are part of an article's identity; all others are dropped

    @field_validator("match", "exclude")
    @classmethod
    def _compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_check_pattern(pattern) for pattern in patterns)


class RequestParts(_Part):
    """What is sent with every request to the outlet's hosts, such as the cookie its own consent dialog would set."""

    headers: dict[str, str] = {}
    cookies: dict[str, str] = {}

    @model_validator(mode="after")
    def _may_be_sent(self) -> Self:
        faults = [why_header_refused(name, value) for name, value in self.headers.items()]
        faults += [why_cookie_refused(name, value) for name, value in self.cookies.items()]
        told = [fault for fault in faults if fault]
        if told:
            raise ValueError("; ".join(told))
        return self


class Pace(_Part):
    """How gently the outlet is asked. The floor of the settings always holds; this can only be slower."""

    delay_s: float = Field(default=1.0, ge=0, le=3600)
    max_pages: int | None = Field(default=None, ge=1)


class Expectations(_Part):
    """What a healthy run looks like: articles a week, share of articles with each field, links per article."""

    articles_per_week: tuple[int, int] | None = None
    links_per_article: tuple[float, float] | None = None
    fill: dict[str, float] = {}

    @field_validator("articles_per_week", "links_per_article")
    @classmethod
    def _least_comes_first(cls, bounds: tuple[float, float] | None) -> tuple[float, float] | None:
        if bounds is not None and not 0 <= bounds[0] <= bounds[1]:
            raise ValueError(f"must be [least, most], not {list(bounds)}")
        return bounds

    @field_validator("fill")
    @classmethod
    def _shares_of_fields(cls, fill: dict[str, float]) -> dict[str, float]:
        for name, share in fill.items():
            if name not in FILL_FIELDS:
                there_are = f"; there are {', '.join(FILL_FIELDS)}"
                raise ValueError(f"unknown field {name!r}{did_you_mean(name, FILL_FIELDS) or there_are}")
            if not 0 <= share <= 1:
                raise ValueError(f"{name}: must be a share from 0 to 1, not {share:g}")
        return fill


class OutletSpec(_Part):
    """One outlet, as its file says. `hosts` are those besides the host of `home`; www. is folded everywhere."""

    name: str = Field(pattern=NAME_PATTERN)
    title: str = Field(min_length=1)
    home: str
    country: str = Field(default="", pattern=r"^([A-Z]{2})?$")
    languages: tuple[str, ...] = Field(min_length=1)
    hosts: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    verified: bool = False
    enabled: bool = True
    schedule: str = ""
    leads: LeadSources = LeadSources()
    articles: ArticleUrls = ArticleUrls()
    rules: tuple[RuleSet, ...] = ()
    request: RequestParts = RequestParts()
    pace: Pace = Pace()
    expect: Expectations = Expectations()
    file: str = ""  # where it was read from
    package: str = ""  # the import name of the installed package it came with; "" for a file of the project or operator

    @field_validator("home")
    @classmethod
    def _home_is_address(cls, home: str) -> str:
        return _check_http(home)

    @field_validator("languages")
    @classmethod
    def _languages_are_codes(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        for language in languages:
            if not re.fullmatch(r"[a-z]{2}", language):
                raise ValueError(f"languages are two-letter codes (ISO 639-1), not {language!r}")
        return languages

    @field_validator("hosts")
    @classmethod
    def _hosts_are_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if fault := why_bad_host(host):
                raise ValueError(fault)
        return hosts

    @field_validator("rules")
    @classmethod
    def _layouts_are_told_apart(cls, rules: tuple[RuleSet, ...]) -> tuple[RuleSet, ...]:
        ends = [layout.until for layout in rules]
        if ends.count(None) > 1:
            raise ValueError("only one layout may be without `until`: give the older ones the last day they were used")
        twice = next((end for end in ends if ends.count(end) > 1), None)
        if twice is not None:
            raise ValueError(f"two layouts end on {twice}; each needs a day of its own")
        return rules

    @model_validator(mode="after")
    def _sources_are_on_our_hosts(self) -> Self:
        foreign = foreign_sources(self.home, self.hosts, self.leads.model_dump())
        if foreign:
            raise ValueError("; ".join(f"{key}: {said}" for key, said in foreign))
        return self

    @property
    def all_hosts(self) -> frozenset[str]:
        """Every host of the outlet, folded."""
        return frozenset(fold_host(host) for host in (urlsplit(self.home).hostname or "", *self.hosts))

    def owns(self, url: str) -> bool:
        """Say whether `url` is on a host of this outlet."""
        return fold_host(urlsplit(url).hostname or "") in self.all_hosts

    def is_article_url(self, url: str) -> bool:
        """Say whether the file's patterns call `url` an article; True where the file has no patterns."""
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        if any(re.search(pattern, target) for pattern in self.articles.exclude):
            return False
        return not self.articles.match or any(re.search(pattern, target) for pattern in self.articles.match)

    def rules_on(self, day: date) -> RuleSet:
        """The rules in force on `day`: of the dated sets still valid the one that ends first, else the undated one."""
        valid = [rules for rules in self.rules if rules.until is not None and day <= rules.until]
        if valid:
            return min(valid, key=lambda rules: rules.until or date.max)
        return next((rules for rules in self.rules if rules.until is None), RuleSet())


@dataclass(slots=True)
class OutletFiles:
    """Outlet files as they are read. `faults` are those of the project's and the operator's files, which stop all.

    `left_out` are those of installed packages, by outlet name (or import name): they stop that outlet alone.
    """

    specs: dict[str, OutletSpec] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    left_out: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    _hosts: dict[str, str] = field(default_factory=dict)

    def read(self, path: Path) -> None:
        """Add one file of the project or the operator. One with faults claims its name and hosts all the same."""
        raw, spec, faults = _read(path)
        self.faults += faults
        if raw is None:
            return
        clashes, taken = self._clashes(raw, path)
        self.faults += clashes
        if not taken:
            self._claim(raw, path)
            if spec is not None:
                self.specs[spec.name] = spec

    def read_package(self, package: OutletPackage) -> None:
        """Add the outlets of a package. One with a fault, or that clashes with what is there, is left out whole."""
        if package.folder is None:
            self.left_out[package.module] = (package.fault,)
            return
        for path in sorted(package.folder.glob("*.toml")):
            raw, spec, faults = _read(path, package=package.module)
            if raw is not None:
                faults = [*faults, *self._clashes(raw, path)[0]]
            if raw is None or spec is None or faults:
                told = tuple(f"package {package.name}: {fault} This outlet is left out." for fault in faults)
                self.left_out[path.stem] = (*self.left_out.get(path.stem, ()), *told)
            else:
                self._claim(raw, path)
                self.specs[spec.name] = spec

    def _clashes(self, raw: dict[str, Any], path: Path) -> tuple[list[str], bool]:
        """Return what of a file is another's already, and whether its name is."""
        name = str(raw.get("name"))
        if name in self._names and name == path.stem:
            return [f"{path}: name: {name!r} is taken by {self._names[name]}; choose another for name and file."], True
        home = hosts_claimed({"home": raw.get("home")})
        return [
            f"{path}: {'home' if host in home else 'hosts'}: {host} already belongs to {self._hosts[host]}; "
            "one host has one outlet: take it out of one of the two files."
            for host in sorted(hosts_claimed(raw) & self._hosts.keys())
        ], False

    def _claim(self, raw: dict[str, Any], path: Path) -> None:
        self._names.setdefault(str(raw.get("name")), str(path))
        for host in hosts_claimed(raw):
            self._hosts.setdefault(host, str(path))


def read_outlet_files(folders: Iterable[Path], packages: Iterable[OutletPackage] | None = None) -> OutletFiles:
    """Read every `*.toml` of the folders that exist, then the outlets of `packages` (default: those installed)."""
    files = OutletFiles()
    for folder in folders:
        for path in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
            files.read(path)
    for package in installed_packages() if packages is None else packages:
        files.read_package(package)
    return files


def load_outlets(folders: Iterable[Path]) -> dict[str, OutletSpec]:
    """Return the outlets of the folders and of installed packages by name. No file may redefine an earlier name.

    Raises ConfigurationError with all faults of all files of the folders: file, key path, what is wrong, and what was
    probably meant. Faults of packages never raise: `read_outlet_files` tells what was left out.
    """
    files = read_outlet_files(folders)
    if files.faults:
        raise ConfigurationError(files.faults)
    return files.specs


def read_outlet(path: Path, *, package: str = "") -> OutletSpec:
    """Read and check one outlet file. Raises ConfigurationError naming every fault in it."""
    _, spec, faults = _read(path, package=package)
    if spec is None or faults:
        raise ConfigurationError(faults)
    return spec


def _read(path: Path, *, package: str = "") -> tuple[dict[str, Any] | None, OutletSpec | None, list[str]]:
    """Return what a file holds, its outlet where nothing is wrong with it, and every fault."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        return None, None, [f"{path}: cannot be read as UTF-8 text ({error})."]
    except tomllib.TOMLDecodeError as error:
        return None, None, [f"{path}: not valid TOML: {error}."]
    except RecursionError:
        return None, None, [f"{path}: nested too deeply for an outlet file."]
    faults = []
    if raw.get("name") != path.stem:
        faults.append(f"{path}: name: must be {path.stem!r} like the file, not {raw.get('name')!r}.")
    try:
        spec = OutletSpec.model_validate({**raw, "file": str(path), "package": package})
    except ValidationError as error:
        # One look at the sources for every file: pydantic compares them only where all else is right.
        leads = raw.get("leads")
        told = [fault_of(problem, OutletSpec) for problem in error.errors() if problem["loc"]]
        told += foreign_sources(str(raw.get("home")), hosts_claimed(raw), leads if isinstance(leads, dict) else {})
        for key, said in told:
            if key != "name" or not faults:
                faults.append(f"{path}: {key}: {said}" + ("" if said.endswith("?") else "."))
        return raw, None, faults
    return raw, None if faults else spec, faults
