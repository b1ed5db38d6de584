"""Guard against other packages named config, index, crawler or web: our import names are generic on purpose."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from config.errors import ConfigurationError

ROOTS = ("config", "index", "crawler", "web")


def check_roots(home: Path | None = None) -> None:
    """Raise ConfigurationError naming both folders when one of our import names resolves outside `home`.

    `home` is the folder that holds our packages (default: the one this file was imported from).
    """
    ours = (home or Path(__file__).parent.parent).resolve()
    faults = []
    for name in ROOTS:
        spec = find_spec(name)
        found = _folder_of(spec) if spec is not None else None
        if found != ours / name:
            faults.append(
                f"import name {name!r} means {found or 'nothing'} here, not {ours / name}: "
                "install Watchfloor in an environment of its own and start it from a folder without such a package."
            )
    if faults:
        raise ConfigurationError(faults)


def _folder_of(spec: object) -> Path | None:
    locations = getattr(spec, "submodule_search_locations", None)
    if locations:
        return Path(next(iter(locations))).resolve()
    origin = getattr(spec, "origin", None)
    return Path(origin).resolve() if origin else None
