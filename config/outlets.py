"""Outlet files (`<name>.toml`) into validated, frozen OutletSpec values. Knows nothing of crawling or storing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from config.errors import ConfigurationError
from config.faults import wanted_by

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
            raise ValueError(f"not an IANA time zone, as Asia/Seoul: {zone!r}") from None


class RuleSet(_Part):
    """Rules for one layout. A field with a rule never falls back; one without always does.

    `text` selects the paragraphs, `drop` what is removed before anything is read, `backlinks` the entries of the
    outlet's own related list (links, or labels without address). `until` is the last day of this layout.
    """

    until: date | None = None
    title: FieldRule | None = None
    authors: FieldRule | None = None
    published: FieldRule | None = None
    updated: FieldRule | None = None
    read_minutes: FieldRule | None = None
    text: FieldRule | None = None
    backlinks: FieldRule | None = None
    drop: tuple[str, ...] = ()

    @field_validator("drop")
    @classmethod
    def _selectors_are_css(cls, selectors: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_check_selector(selector) for selector in selectors)


class LeadSources(_Part):
    """Where articles are found. `listing_links` is the CSS selector of article links on a listing (empty: all)."""

    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    listings: tuple[str, ...] = ()
    listing_links: str = ""
    follow_links: bool = True  # links inside the outlet, and the hubs its backlink lists name, are leads too

    @field_validator("feeds", "sitemaps", "listings")
    @classmethod
    def _are_addresses(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_check_http(url) for url in urls)

    @field_validator("listing_links")
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


class Pace(_Part):
    """How gently the outlet is asked. The floor of the settings always holds; this can only be slower."""

    delay_s: float = Field(default=1.0, ge=0, le=3600)
    max_pages: int | None = Field(default=None, ge=1)


class Expectations(_Part):
    """What a healthy run looks like: articles a week, share of articles with each field, links per article."""

    articles_per_week: tuple[int, int] | None = None
    links_per_article: tuple[float, float] | None = None
    fill: dict[str, float] = {}


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
    pace: Pace = Pace()
    expect: Expectations = Expectations()
    file: str = ""  # where it was read from

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

    @model_validator(mode="after")
    def _sources_are_on_our_hosts(self) -> Self:
        ours = self.all_hosts
        for kind in ("feeds", "sitemaps", "listings"):
            for url in getattr(self.leads, kind):
                if fold_host(urlsplit(url).hostname or "") not in ours:
                    raise ValueError(f"leads.{kind}: {url} is on a host that is neither home's nor in `hosts`")
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


def fold_host(host: str) -> str:
    """Lower case, without a trailing dot and a leading www."""
    return host.lower().rstrip(".").removeprefix("www.")


def load_outlets(folders: Iterable[Path]) -> dict[str, OutletSpec]:
    """Read every `*.toml` of the folders that exist, by name. A later folder may not redefine an earlier name.

    Raises ConfigurationError with all faults of all files: file, key path, what is wrong.
    """
    specs: dict[str, OutletSpec] = {}
    hosts: dict[str, str] = {}
    faults: list[str] = []
    for path in (path for folder in folders if folder.is_dir() for path in sorted(folder.glob("*.toml"))):
        try:
            spec = read_outlet(path)
        except ConfigurationError as error:
            faults.extend(error.faults)
            continue
        if spec.name in specs:
            faults.append(f"{path}: name: {spec.name!r} is taken by {specs[spec.name].file}; choose another.")
            continue
        clashes = {host: hosts[host] for host in sorted(spec.all_hosts) if host in hosts}
        for host, owner in clashes.items():
            faults.append(f"{path}: hosts: {host} already belongs to {owner}; one host has one outlet.")
        hosts.update(dict.fromkeys(spec.all_hosts - clashes.keys(), str(path)))
        specs[spec.name] = spec
    if faults:
        raise ConfigurationError(faults)
    return specs


def read_outlet(path: Path) -> OutletSpec:
    """Read and check one outlet file. Raises ConfigurationError naming every fault in it."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{path}: cannot be read as UTF-8 text ({error})."]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([f"{path}: not valid TOML: {error}."]) from None
    except RecursionError:
        raise ConfigurationError([f"{path}: nested too deeply for an outlet file."]) from None
    faults = []
    if raw.get("name") != path.stem:
        faults.append(f"{path}: name: must be {path.stem!r} like the file, not {raw.get('name')!r}.")
    try:
        spec = OutletSpec.model_validate({**raw, "file": str(path)})
    except ValidationError as error:
        faults += [_fault(path, problem) for problem in error.errors()]
    if faults:
        raise ConfigurationError(faults)
    return spec


def _fault(path: Path, problem: Any) -> str:
    key = ".".join(str(part) for part in problem["loc"]) or "the file"
    if problem["type"] == "extra_forbidden":
        return f"{path}: {key}: unknown key; docs/adding-an-outlet.md lists those there are."
    return f"{path}: {key}: {wanted_by(problem)}."
