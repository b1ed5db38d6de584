"""How the operators' pages answer what was asked of them: back to a page that says what was done, or asking first."""

from __future__ import annotations

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from index.records import JsonObject
from web.site import wants_json

DONE = {
    "asked": "A run is asked for; a worker takes it as soon as one is free.",
    "cancelled": "The job is called off. One that ran ends within seconds and keeps what it stored.",
    "stopping": "The run is asked to stop; it ends within seconds and keeps what it stored.",
    "set": "The schedule is set and in force within seconds.",
    "paused": "The schedule is paused. A run under way goes on.",
    "resumed": "The schedule goes on from now; what would have fired meanwhile is left out.",
    "removed": "The schedule is removed. Where the outlet's file names one, that one counts again.",
    "taken_down": "It is removed, and its addresses are barred. How it stands is told below.",
    "taking_down": "It is being removed; looking through the raw pages takes minutes in a large archive.",
    "lifted": "It may be crawled again. Nothing was brought back.",
    "split": "The articles are a story of their own now.",
    "merged": "The stories are one now.",
    "added": "The user may sign in.",
    "disabled": "The user cannot sign in any more, and every session has ended.",
    "enabled": "The user may sign in again.",
    "role": "The role is changed; the user must sign in again.",
    "password": "The password is changed; the user must sign in again.",
}
"""Everything that a page says to have been done. An address names one of these and can make it say nothing else."""


def done(what: str, endpoint: str, *, made: JsonObject | None = None, **values: object) -> ResponseReturnValue:
    """Lead to a page that says what was done, or say it as JSON with what was `made` or changed."""
    if wants_json():
        return jsonify({"done": what, "sentence": DONE[what], **(made or {})})
    return redirect(url_for(endpoint, done=what, **values), 303)  # type: ignore[arg-type]


def what_was_done() -> str:
    """Return the sentence that this page was asked to show, "" for none."""
    return DONE.get(request.args.get("done", ""), "")


def asked_first(*, title: str, told: list[str], button: str, back: str) -> ResponseReturnValue:
    """Show what is about to be done, with the form that does it: it posts to the address of this page."""
    if wants_json():
        return jsonify({"title": title, "told": told})
    return render_template("operate/confirm.html", heading=title, told=told, button=button, back=back)


def whole_number(text: str) -> int | None:
    """Return a number as typed, None where there is none; unreadable ones count as none."""
    cleaned = text.strip()
    return int(cleaned) if cleaned.isdecimal() and len(cleaned) < 10 else None
