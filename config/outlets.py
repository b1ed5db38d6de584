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

from pydantic import Field, ValidationError, field_validator, model_validator

from config.errors import ConfigurationError
from config.faults import akin
from config.outlet_faults import (
    fault_of,
    foreign_sources,
    hosts_claimed,
    why_bad_host,
)
from config.outlet_faults import fold_host as fold_host
from config.outlet_parts import FILL_FIELDS as FILL_FIELDS
from config.outlet_parts import ArticleUrls as ArticleUrls
from config.outlet_parts import Expectations as Expectations
from config.outlet_parts import FieldRule as FieldRule
from config.outlet_parts import LeadSources as LeadSources
from config.outlet_parts import Pace as Pace
from config.outlet_parts import Part, check_http, check_zone
from config.outlet_parts import RequestParts as RequestParts
from config.outlet_parts import RuleSet as RuleSet
from config.packages import OutletPackage, installed_packages
from config.when import parse_when

NAME_PATTERN = r"^[a-z][a-z0-9_]{1,39}$"


class OutletSpec(Part):
    """One outlet, as its file says. `hosts` are those besides the host of `home`; www. is folded everywhere.

    `zone` is the IANA zone of its times that name none; a rule's own `zone` goes before it. `replaces` names outlets of
    an earlier folder whose place this one takes, with all their hosts.
    """

    name: str = Field(pattern=NAME_PATTERN)
    title: str = Field(min_length=1)
    home: str
    country: str = Field(default="", pattern=r"^([A-Z]{2})?$")
    languages: tuple[str, ...] = Field(min_length=1)
    hosts: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    zone: str = ""
    replaces: tuple[str, ...] = ()
    verified: bool = False
    enabled: bool = True
    schedule: str = ""
    drop_recurring: bool = True  # paragraphs it repeats on its pages are left out of its texts
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
        return check_http(home)

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

    @field_validator("zone")
    @classmethod
    def _zone_is_known(cls, zone: str) -> str:
        return check_zone(zone)

    @field_validator("schedule")
    @classmethod
    def _schedule_is_a_time(cls, schedule: str) -> str:
        return parse_when(schedule).text if schedule else ""

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
            way_out = _way_out(path, self._names[name])
            return [
                f"{path}: name: {name!r} is taken by {self._names[name]}; choose another for name and file{way_out}."
            ], True
        home = hosts_claimed({"home": raw.get("home")})
        return [
            f"{path}: {'home' if host in home else 'hosts'}: {host} already belongs to {self._hosts[host]}; "
            f"one host has one outlet: take it out of one of the two files{_way_out(path, self._hosts[host])}."
            for host in sorted(hosts_claimed(raw) & self._hosts.keys())
        ], False

    def _claim(self, raw: dict[str, Any], path: Path) -> None:
        self._names.setdefault(str(raw.get("name")), str(path))
        for host in hosts_claimed(raw):
            self._hosts.setdefault(host, str(path))


def read_outlet_files(folders: Iterable[Path], packages: Iterable[OutletPackage] | None = None) -> OutletFiles:
    """Read every `*.toml` of the folders that exist, then the outlets of `packages` (default: those installed)."""
    files = OutletFiles()
    listed = [sorted(folder.glob("*.toml")) if folder.is_dir() else [] for folder in folders]
    gone, files.faults = _replaced(listed)
    for path in (path for paths in listed for path in paths if path not in gone):
        files.read(path)
    for package in installed_packages() if packages is None else packages:
        files.read_package(package)
    return files


def _replaced(listed: Iterable[Iterable[Path]]) -> tuple[set[Path], list[str]]:
    """Return the files whose place files of a later folder take, and what is wrong with saying so."""
    gone: set[Path] = set()
    faults: list[str] = []
    earlier: dict[str, Path] = {}
    for paths in listed:
        here = list(paths)
        for path in here:
            for name in _names_replaced(path):
                if name in earlier:
                    gone.add(earlier[name])
                else:
                    faults.append(f"{path}: replaces: {name!r} is no outlet that ships{akin(name, earlier)}.")
        earlier |= {path.stem: path for path in here}
    return gone, faults


def _names_replaced(path: Path) -> list[str]:
    """Return what a file says it replaces; one that cannot be read says nothing here, and is told of later."""
    try:
        text = path.read_text(encoding="utf-8")
        names = tomllib.loads(text).get("replaces") if "replaces" in text else None
    except (OSError, ValueError, RecursionError):
        return []
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _way_out(path: Path, taken_by: str) -> str:
    other = Path(taken_by)
    return "" if other.parent == path.parent else f', or take its place: replaces = ["{other.stem}"]'


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
