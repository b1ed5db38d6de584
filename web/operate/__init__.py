"""The operators' pages, under /operate: what needs a person, and what can be done about it. One blueprint a module.

A new page: a module here with a blueprint `pages`, its name in `BLUEPRINTS`, a template that extends
`operate/page.html`, `@needs(Role.OPERATOR)` on every view, and its line in `NAVIGATION` (shown once the page exists).
"""

from __future__ import annotations

from flask import Blueprint, Flask

from web.operate import audit, hosts, jobs, outlets, overview, runs, schedules, stories, takedown, users, why
from web.operate.answering import what_was_done
from web.operate.navigation import entries
from web.operate.wording import register_words

BLUEPRINTS: tuple[Blueprint, ...] = tuple(
    module.pages for module in (overview, runs, jobs, schedules, outlets, hosts, why, stories, takedown, users, audit)
)


def register(app: Flask, *, style: str, script: str) -> None:
    """Make navigation, words, and the versions of stylesheet and script known to the templates."""
    app.jinja_env.globals.update(
        operate_navigation=entries,
        operate_style_version=style,
        operate_script_version=script,
        what_was_done=what_was_done,
    )
    register_words(app)
