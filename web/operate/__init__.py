"""The operators' pages, under /operate: what needs a person, and what can be done about it. One blueprint a module.

A new page: a module here with a blueprint `pages`, its name in `BLUEPRINTS`, a template that extends
`operate/page.html`, `@needs(Role.OPERATOR)` on every view, and its line in `NAVIGATION` (shown once the page exists).
"""

from __future__ import annotations

from flask import Blueprint, Flask

from web.operate import overview
from web.operate.navigation import entries

BLUEPRINTS: tuple[Blueprint, ...] = (overview.pages,)


def register(app: Flask, *, style: str) -> None:
    """Make navigation and the version of the stylesheet known to the templates."""
    app.jinja_env.globals.update(operate_navigation=entries, operate_style_version=style)
