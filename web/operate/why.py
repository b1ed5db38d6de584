"""`/operate/why?url=`: everything about an address: what happened to it, when it comes next, what speaks against it."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from index.account_records import Role
from index.errors import NotFoundError
from index.store.outlets import outlet_titles
from index.why import MOST_URL_CHARS, as_json
from index.why import why as why_url
from web.auth import needs
from web.site import answer, site, wants_json

pages = Blueprint("operate_why", __name__, url_prefix="/operate/why")


@pages.get("")
@needs(Role.OPERATOR)
def why() -> ResponseReturnValue:
    """Ask for an address, or tell everything about the one asked for."""
    url = request.args.get("url", "").strip()[: MOST_URL_CHARS + 1]
    if not url:
        return answer("operate/why.html", {"url": None}, url="", found=None, refused="")
    now = site().now()
    try:
        with site().store.read() as tx:
            titles = outlet_titles(tx)
            found = why_url(tx, url, settings=site().settings, specs=site().files.specs(), now=now)
    except NotFoundError as error:
        if wants_json():
            raise
        typed = url[:MOST_URL_CHARS]
        return render_template("operate/why.html", url=typed, found=None, refused=str(error)), 404
    data = {"url": found.url, "outlet": found.outlet, "article_id": found.article_id, "decisions": as_json(found)}
    return answer("operate/why.html", data, url=found.url, found=found, titles=titles, refused="")
