"""Which addresses are primary documents: config/sources.toml, read once. Pure but for that file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import config.settings
from config.errors import ConfigurationError
from index.urls import host_of
from index.wrapped import unwrapped

SOURCES_FILE = Path(config.settings.__file__).with_name("sources.toml")
_MOST_LABELS = 8


@dataclass(frozen=True, slots=True)
class Sources:
    """Hosts of primary documents, those under them that are none, and endings of documents."""

    hosts: frozenset[str]
    not_hosts: frozenset[str]
    documents: tuple[str, ...]


@lru_cache(maxsize=4)
def load_sources(path: Path = SOURCES_FILE) -> Sources:
    """Read a file of sources. Raises ConfigurationError naming the file and what is wrong."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError([f"{path}: cannot be read as TOML ({error})."]) from None
    faults = [f"{path}: {key}: unknown key." for key in sorted(set(found) - set(Sources.__slots__))]
    for key in Sources.__slots__:
        values = found.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, str) and value for value in values):
            faults.append(f"{path}: {key}: must be a list of texts.")
    if faults:
        raise ConfigurationError(faults)
    hosts, not_hosts, documents = (found.get(key, []) for key in Sources.__slots__)
    return Sources(frozenset(hosts), frozenset(not_hosts), tuple(documents))


def is_source(url: str, *, page_host: str = "") -> bool:
    """Say whether an address is a primary document, or leads to one through a wrapper or an archive.

    The host of the page itself is none by its name: what an agency's own pages link to among themselves is no source.
    """
    meant = unwrapped(url)
    sources = load_sources()
    if urlsplit(meant).path.lower().endswith(sources.documents):
        return True
    host = host_of(meant)
    if not host or (page_host and (host == page_host or host.endswith(f".{page_host}"))):
        return False
    names = _names_of(host)
    return any(name in sources.hosts for name in names) and not any(name in sources.not_hosts for name in names)


def _names_of(host: str) -> list[str]:
    """A host and those above it, each also with a star for its country: `mod.gov.xy` is under `gov.*`."""
    labels = host.split(".")[-_MOST_LABELS:]
    names = [".".join(labels[at:]) for at in range(len(labels))]
    if len(labels[-1]) != 2:
        return names
    return names + [".".join([*labels[at:-1], "*"]) for at in range(len(labels) - 1)]
