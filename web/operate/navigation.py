"""The operators' own navigation: each entry shows once its page exists, to those who may see it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request

from web.auth import may, role_needed

NAVIGATION = (
    ("Now", "/operate"),
    ("Runs", "/operate/runs"),
    ("Jobs", "/operate/jobs"),
    ("Schedules", "/operate/schedules"),
    ("Outlets", "/operate/outlets"),
    ("Hosts", "/operate/hosts"),
    ("Why", "/operate/why"),
    ("Take down", "/operate/takedown"),
    ("Users", "/operate/users"),
    ("Audit log", "/operate/audit"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the navigation. `here`: the page shown is this one or below it."""

    label: str
    path: str
    here: bool


def entries() -> list[Entry]:
    """Return the navigation for whoever asks."""
    found = []
    for label, path in NAVIGATION:
        endpoint = next((rule.endpoint for rule in current_app.url_map.iter_rules() if rule.rule == path), None)
        if endpoint is None:
            continue
        role = role_needed(current_app.view_functions[endpoint])
        if role is None or not may(role):
            continue
        below = request.path == path or (path != "/operate" and request.path.startswith(f"{path}/"))
        found.append(Entry(label, path, below))
    return found
