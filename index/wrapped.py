"""The address a link means where it leads through another one: click counters, mail filters, AMP caches, archives.

Rules are in config/link_wrappers.toml. Pure but for that file: nothing is asked for, so what an address does not say
(t.co, bit.ly) stays unknown.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import config.settings
from config.errors import ConfigurationError
from index.urls import canonical_url, host_of, url_key

WRAPPERS_FILE = Path(config.settings.__file__).with_name("link_wrappers.toml")
MOST_LAYERS = 5
"""Wrappers in wrappers that are undone; people do not pack deeper, and a page may be hostile."""

MOST_CHARS = 8192
"""Longer addresses are taken as they stand: no server reads them, and no expression shall run over them."""

_MOST_KEYS = 100
_SCHEME = re.compile(r"^(https?):/{1,2}(?=[^/])", re.IGNORECASE)
_ESCAPED = re.compile(r"^https?%3a", re.IGNORECASE)
_BARE = re.compile(r"^(?:[a-z0-9-]+\.)+[a-z]{2,24}(?::\d+)?(?:[/?#]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wrapper:
    """How the addresses of one host tell what they mean: by keys of the query, or by an expression."""

    path: re.Pattern[str] | None
    keys: tuple[str, ...]
    take: re.Pattern[str] | None


Wrappers = Mapping[str, tuple[Wrapper, ...]]
"""Host (folded, perhaps `name.*` or `*`) -> its rules."""


def unwrapped(url: str) -> str:
    """Return the address that `url` means, itself where it means itself. Of no address nothing is changed."""
    for _ in range(MOST_LAYERS):
        meant = _meant(url) if len(url) <= MOST_CHARS else None
        if meant is None or meant == url:
            return url
        url = meant
    return url


def link_key(url: str) -> str:
    """Return the key of the address a link means: what it is counted and resolved by."""
    return url_key(unwrapped(url))


@lru_cache(maxsize=4)
def load_wrappers(path: Path = WRAPPERS_FILE) -> Wrappers:
    """Read a file of wrappers. Raises ConfigurationError naming the file and the entry that is wrong."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("wrapper", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError([f"{path}: cannot be read as TOML ({error})."]) from None
    rules: dict[str, list[Wrapper]] = {}
    faults = []
    for number, entry in enumerate(entries, start=1):
        try:
            unknown = sorted(set(entry) - {"host", "path", "keys", "take"})
            if unknown or ("keys" in entry) == ("take" in entry):
                raise ValueError(f"unknown: {', '.join(unknown)}" if unknown else "needs keys or take, and not both")
            patterns = [re.compile(entry[name]) if name in entry else None for name in ("path", "take")]
            rules.setdefault(entry["host"], []).append(Wrapper(patterns[0], tuple(entry.get("keys", ())), patterns[1]))
        except (KeyError, TypeError, ValueError, re.error) as error:
            faults.append(f"{path}: wrapper: entry {number}: {error}.")
    if faults:
        raise ConfigurationError(faults)
    return {host: tuple(found) for host, found in rules.items()}


def _meant(url: str) -> str | None:
    host = host_of(url)
    if not host:
        return None
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    for rule in _rules_of(host):
        if rule.path is not None and not rule.path.match(parts.path):
            continue
        if rule.take is not None:
            taken = rule.take.search(target)
            meant = _address(taken.group(1)) if taken else None
        else:
            meant = _in_query(parts.query, rule.keys)
        if meant is not None:
            return meant
    return None


def _rules_of(host: str) -> list[Wrapper]:
    """The rules of a host and of those above it, the nearest first, those of every host last."""
    rules = load_wrappers()
    labels = host.split(".")[-6:]
    names = [".".join(labels[at:]) for at in range(len(labels) - 1)]
    starred = [f"{label}.*" for label in labels[:-1]]
    return [rule for name in (*names, *starred, "*") for rule in rules.get(name, ())]


def _in_query(query: str, keys: tuple[str, ...]) -> str | None:
    try:
        pairs = dict(reversed(parse_qsl(query, max_num_fields=_MOST_KEYS)))
    except ValueError:  # more fields than any such address has
        return None
    for key in keys:
        value = pairs.get(key, "")
        meant = _address(value) if _SCHEME.match(value) or _ESCAPED.match(value) else None
        if meant is not None:
            return meant
    return None


def _address(text: str) -> str | None:
    """Read an address as wrappers write it: percent-encoded, with one slash, without its scheme; None: it is none."""
    if _ESCAPED.match(text):
        text = unquote(text)
    if not _SCHEME.match(text):
        if not _BARE.match(text):
            return None
        text = f"https://{text}"
    whole = _SCHEME.sub(lambda found: f"{found.group(1).lower()}://", text, count=1)
    try:
        canonical_url(whole)
    except ValueError:
        return None
    return whole
