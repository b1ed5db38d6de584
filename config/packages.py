"""Outlets that installed packages bring: entry points of the group watchfloor.outlets, each naming a package.

The package's folder is laid out like an operator's own: `<name>.toml`, perhaps `<name>.py` beside it, and `cases/`.
A package that cannot be found is a value with a fault, never an exception: it must not take the crawler down.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

PACKAGE_GROUP = "watchfloor.outlets"


@dataclass(frozen=True, slots=True)
class OutletPackage:
    """An installed package with outlets: what people call it, its import name, its folder, or why there is none."""

    name: str
    module: str
    folder: Path | None
    fault: str = ""


def installed_packages() -> tuple[OutletPackage, ...]:
    """Return the packages with outlets that are installed, by name. Nothing of theirs is imported but parents."""
    found = [_package(entry) for entry in entry_points(group=PACKAGE_GROUP)]
    return tuple(sorted(found, key=lambda package: (package.name, package.module)))


def _package(entry: EntryPoint) -> OutletPackage:
    name = f"{entry.dist.name} {entry.dist.version}" if entry.dist is not None else entry.name
    told = f"package {name}: entry point {entry.name} = {entry.value!r}"
    if ":" in entry.value:
        return OutletPackage(name, entry.value, None, f"{told}: name a package, without a colon.")
    try:
        spec = find_spec(entry.value)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - code of others runs here; its fault is told in words
        return OutletPackage(name, entry.value, None, f"{told}: cannot be found ({type(error).__name__}: {error}).")
    folders = [Path(place) for place in (spec.submodule_search_locations or ())] if spec is not None else []
    folder = next((place for place in folders if place.is_dir()), None)
    if folder is None:
        return OutletPackage(name, entry.value, None, f"{told}: is no package with a folder of its own.")
    return OutletPackage(name, entry.value, folder)
