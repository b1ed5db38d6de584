"""What is wrong with an outlet file, in words, and what was probably meant. Pure: values in, sentences out."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, get_args
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import BaseModel

from config.faults import wanted_by

_SAMPLE = datetime(2026, 11, 20, 17, 45, 30, tzinfo=UTC)
_PADDING = re.compile(r"%[-_0^#]([A-Za-z])")
_ABBREVIATED = {
    "Z": "UTC",
    "BST": "Europe/London",
    "CEST": "Europe/Berlin",
    "MEZ": "Europe/Berlin",
    "MESZ": "Europe/Berlin",
    "EEST": "Europe/Kyiv",
    "MSK": "Europe/Moscow",
    "IDT": "Asia/Jerusalem",
    "TRT": "Europe/Istanbul",
    "IST": "Asia/Kolkata",
    "PKT": "Asia/Karachi",
    "ICT": "Asia/Bangkok",
    "SGT": "Asia/Singapore",
    "HKT": "Asia/Hong_Kong",
    "PHT": "Asia/Manila",
    "KST": "Asia/Seoul",
    "JST": "Asia/Tokyo",
    "AEST": "Australia/Sydney",
    "AEDT": "Australia/Sydney",
    "EDT": "America/New_York",
    "CST": "America/Chicago",
    "CDT": "America/Chicago",
    "MDT": "America/Denver",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "BRT": "America/Sao_Paulo",
}
"""Zones that abbreviations which are no zones themselves most often mean."""

_WANTED = {
    "name": "lower-case letters, digits and underscore, a letter first, 2 to 40 characters",
    "country": "two capital letters (ISO 3166), as GB, or empty",
}


def fault_of(problem: Any, model: type[BaseModel]) -> tuple[str, str]:
    """Return key path and sentence for one of pydantic's problems with a file of this model."""
    path = [part for part in problem["loc"] if part != "function-before"]
    key = ".".join(map(str, path)) or "the file"
    if problem["type"] == "extra_forbidden":
        return key, f"unknown key{_meant(path, model)}"
    if problem["type"] == "string_pattern_mismatch" and key in _WANTED:
        return key, f"must be {_WANTED[key]}, not {problem['input']!r}"
    told = wanted_by(problem)
    shown = problem.get("input")
    plain = isinstance(shown, str | int | float | bool | date) and problem["type"] not in ("missing", "value_error")
    return key, f"{told}, not {shown!r}" if plain else told


def closest(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Return the known word most like this one, "" where none is like it."""
    by_fold = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold(), by_fold, n=1, cutoff=cutoff)
    return by_fold[found[0]] if found else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a question to append to a fault, "" where nothing is like the word."""
    name = closest(word, known)
    return f"; did you mean `{name}`?" if name else ""


def why_bad_format(pattern: str) -> str:
    """Say why a strptime format can never give the day of a date; "" when it can."""
    try:
        written = _SAMPLE.strftime(pattern)
        read = datetime.strptime(written, pattern)  # noqa: DTZ007 - only the day is compared
    except ValueError as error:
        padded = _PADDING.sub(r"%\1", pattern)
        meant = f"; did you mean `{padded}`? It reads numbers with and without zero" if padded != pattern else ""
        return f"{pattern!r} is no format strptime can read ({error}){meant}"
    missing = [name for name in ("year", "month", "day") if getattr(read, name) != getattr(_SAMPLE, name)]
    if missing:
        hint = {"year": "%Y", "month": "%m or %B", "day": "%d"}
        wanted = ", ".join(f"{name} ({hint[name]})" for name in missing)
        return f"{pattern!r} reads no date: it has no {wanted}"
    return ""


def why_bad_zone(zone: str) -> str:
    """Say why a name is no time zone, with the one that was probably meant."""
    meant = meant_zone(zone)
    return f"not an IANA time zone, as Asia/Seoul: {zone!r}" + (f"; did you mean `{meant}`?" if meant else "")


def meant_zone(zone: str) -> str:
    """Return the time zone that was probably meant, "" where nobody can tell."""
    zones = available_timezones()
    said = zone.strip()
    exact = next((name for name in zones if name.casefold() == said.casefold()), "")
    meant = exact or _ABBREVIATED.get(said.upper(), "") or _zone_of_offset(said)
    if meant:
        return meant if meant in zones else ""
    by_city = {name.rsplit("/", 1)[-1]: name for name in sorted(zones) if "/" in name}
    for part in reversed(said.split("/")):
        city = closest(part.strip().replace(" ", "_"), by_city, cutoff=0.78)
        if city:
            return by_city[city]
    return closest(said, zones, cutoff=0.78)


def _zone_of_offset(said: str) -> str:
    """Return the zone of `UTC+2` or `+02:00`; its name has the sign turned round."""
    found = re.fullmatch(r"(?:UTC|GMT)?\s*([+-])\s*(\d{1,2})(?::?00)?", said, re.IGNORECASE)
    if found is None:
        return ""
    return f"Etc/GMT{'-' if found[1] == '+' else '+'}{int(found[2])}" if int(found[2]) else "UTC"


def why_bad_host(host: str) -> str:
    """Say why a text is no host name; "" when it is."""
    if "/" in host or ":" in host or not host.strip() or host != host.strip():
        bare = urlsplit(host.strip() if "//" in host else f"//{host.strip()}").hostname or ""
        return f"must be a host alone, not {host!r}" + (f"; did you mean `{bare}`?" if bare else "")
    return ""


def foreign_sources(home: str, hosts: Iterable[str], leads: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return key and sentence for each source on a host that is not the outlet's; takes values of any kind."""
    ours = {fold_host(host) for host in (_host_of(home), *(host for host in hosts if isinstance(host, str)))}
    found = []
    for kind in ("feeds", "sitemaps", "listings"):
        urls = leads.get(kind)
        for number, url in enumerate(urls if isinstance(urls, list | tuple) else ()):
            host = _host_of(url) if isinstance(url, str) else ""
            if host and fold_host(host) not in ours:
                said = (
                    f"{url} is on a host that is neither home's nor in `hosts`; add {host!r} to `hosts` if it is yours"
                )
                found.append((f"leads.{kind}.{number}", said))
    return found


def hosts_claimed(raw: Mapping[str, Any]) -> frozenset[str]:
    """Return the hosts a file claims, folded, whatever else is wrong with it."""
    home, hosts = raw.get("home"), raw.get("hosts")
    named = [host for host in hosts if isinstance(host, str)] if isinstance(hosts, list) else []
    claimed = [_host_of(home) if isinstance(home, str) else "", *named]
    return frozenset(fold_host(host) for host in claimed if host and not why_bad_host(host))


def fold_host(host: str) -> str:
    """Lower case, without a trailing dot and a leading www."""
    return host.lower().rstrip(".").removeprefix("www.")


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _meant(path: list[str | int], model: type[BaseModel]) -> str:
    """Propose a key in place of an unknown one: of the same table, or the table where it belongs."""
    *parents, key = path
    here = _model_at(parents, model)
    name = str(key)
    for table, part in _tables_of(model):
        if name in part.model_fields and part is not here:
            return f"; `{name}` belongs in [{table}]" if table else f"; `{name}` belongs before the first table"
    if here is not None:
        proposal = closest(name, here.model_fields)
        if proposal:
            return f"; did you mean `{proposal}`?"
    keys = ", ".join(field for field in here.model_fields if field != "file") if here is not None else ""
    return f"; there are {keys}" if keys else "; docs/adding-an-outlet.md lists those there are"


def _model_at(path: list[str | int], model: type[BaseModel]) -> type[BaseModel] | None:
    """The model of the table at a path."""
    for part in path:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part)
        inner = _model_in(field.annotation) if field is not None else None
        if inner is None:
            return None
        model = inner
    return model


def _tables_of(model: type[BaseModel]) -> list[tuple[str, type[BaseModel]]]:
    parts = [(name, _model_in(field.annotation)) for name, field in model.model_fields.items()]
    return [("", model), *((name, part) for name, part in parts if part is not None)]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model a field holds, alone, optionally or in a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_in(inner)) is not None), None)
