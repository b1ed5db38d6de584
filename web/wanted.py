"""`/wanted`: addresses that articles link to and that are not held yet, those linked most first."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from index.store.hubs import count_wanted
from index.store.hubs import wanted as wanted_links
from index.store.outlets import outlet_titles
from web.shapes import wanted_json
from web.site import answer, page_number, refuse_page_behind_last, site

pages = Blueprint("wanted", __name__)
PER_PAGE = 50


@pages.get("/wanted")
def wanted() -> ResponseReturnValue:
    """Show what is cited and missing here."""
    page = page_number()
    with site().store.read() as tx:
        found = wanted_links(tx, limit=PER_PAGE, offset=(page - 1) * PER_PAGE)
        total = count_wanted(tx)
        titles = outlet_titles(tx)
    refuse_page_behind_last(page, found)
    data = {"total": total, "page": page, "wanted": [wanted_json(one) for one in found]}
    return answer(
        "wanted.html",
        data,
        found=found,
        total=total,
        page=page,
        more=page * PER_PAGE < total,
        titles=titles,
        now=site().now(),
    )
