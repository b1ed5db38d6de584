"""Observations and evidence as JSON values and back: how they are kept, and how they are shown to machines. Pure.

What has its usual value is left out, so that a quiet run takes little room. What a newer version wrote besides is
ignored, what an older one did not know has its usual value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from typing import Any

from index.health.records import Evidence, HostSeen, Observation, SelectorSeen, SourceSeen
from index.records import JsonObject

_INSTANTS = frozenset({"started_at", "finished_at", "newest_at"})
_NAMES = {
    kind: frozenset(one.name for one in fields(kind)) for kind in (Observation, SourceSeen, SelectorSeen, HostSeen)
}
_SEEN: dict[str, type[SelectorSeen] | type[HostSeen]] = {"selectors": SelectorSeen, "hosts": HostSeen}


def observation_json(observation: Observation) -> JsonObject:
    """Return an observation as a JSON object; instants are RFC 3339 in UTC."""
    written = _written(observation)
    if observation.sources:
        written["sources"] = [_written(one) for one in observation.sources]
    for name in _SEEN:
        if getattr(observation, name):
            written[name] = {key: _written(one) for key, one in getattr(observation, name).items()}
    return written


def observation_of(written: Mapping[str, Any]) -> Observation:
    """Return the observation that `observation_json` wrote. Raises TypeError where it names no run."""
    found = _read(Observation, written)
    found["sources"] = tuple(SourceSeen(**_read(SourceSeen, one)) for one in written.get("sources", ()))
    for name, kind in _SEEN.items():
        found[name] = {key: kind(**_read(kind, one)) for key, one in written.get(name, {}).items()}
    return Observation(**found)


def evidence_json(evidence: Iterable[Evidence]) -> list[dict[str, str]]:
    """Return evidence as a JSON list, in its order."""
    return [{"what": one.what, "now": one.now, "usual": one.usual} for one in evidence]


def evidence_of(written: Iterable[Mapping[str, Any]]) -> tuple[Evidence, ...]:
    """Return the evidence that `evidence_json` wrote."""
    return tuple(Evidence(one["what"], one["now"], one.get("usual", "")) for one in written)


def _written(value: Any) -> dict[str, Any]:
    """The fields of a value that are not as usual, but those that hold values of their own."""
    found: dict[str, Any] = {}
    for one in fields(value):
        held = getattr(value, one.name)
        usual = one.default_factory() if one.default_factory is not MISSING else one.default
        if held == usual or one.name == "sources" or one.name in _SEEN:
            continue
        if isinstance(held, datetime):
            held = held.astimezone(UTC).isoformat()
        found[one.name] = dict(held) if isinstance(held, Mapping) else held
    return found


def _read(kind: type[Any], written: Mapping[str, Any]) -> dict[str, Any]:
    known = _NAMES[kind]
    found = {name: value for name, value in written.items() if name in known}
    for name in _INSTANTS & found.keys():
        if found[name] is not None:
            found[name] = datetime.fromisoformat(found[name])
    return found
