"""The operators' pages as they are heard and walked through by keys: headings, labels, tables, where a refusal is."""

from __future__ import annotations

from itertools import pairwise

import pytest
from selectolax.lexbor import LexborHTMLParser

PAGES = (
    *("", "/runs", "/runs/1", "/jobs", "/jobs/1/cancel", "/schedules", "/schedules/gazette", "/schedules/forecast"),
    *("/schedules/gazette?when=every+1h", "/outlets", "/outlets/gazette", "/hosts", "/why", "/audit", "/users"),
    *("/why?url=https://gazette.example/a", "/takedown?url=https://gazette.example/a", "/users/olga"),
    "/users/olga/disable",
)


@pytest.fixture(scope="module", params=PAGES)
def path(request):
    """One of the operators' pages."""
    return f"/operate{request.param}"


def tree(answer):
    return LexborHTMLParser(answer.text)


def test_a_page_is_found_one_s_way_about_by_ear(admin, path):
    answer = admin.get(path)
    page = tree(answer)
    assert answer.status_code == 200
    levels = [int(one.tag[1]) for one in page.css("h1, h2, h3, h4")]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    fields = page.css("input:not([type=hidden]), select, textarea")
    named = {one.attributes.get("for") for one in page.css("label")}
    assert [one.html for one in fields if one.attributes.get("id") not in named and not is_in(one, "label")] == []
    for table in page.css("table"):
        assert table.attributes.get("aria-label") or table.parent.attributes.get("aria-label"), table.html[:80]
        assert [one.html for one in table.css("th") if not one.attributes.get("scope")] == []
        assert all(row.css_first("th") for row in table.css("tbody tr"))
    ids = [one.attributes["id"] for one in page.css("[id]")]
    assert len(ids) == len(set(ids))


def is_in(node, tag):
    while node is not None and node.tag != tag:
        node = node.parent
    return node is not None


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/operate/jobs", {"outlet": "gazete"}),
        ("/operate/users", {"name": "a b", "role": "reader", "password": "long enough", "again": "long enough"}),
        ("/operate/users/ada/role", {"role": "reader"}),
        ("/operate/takedown", {"url": "https://gazette.example/a", "confirm": "no"}),
        ("/operate/schedules/gazette", {"when": "now and then"}),
        ("/account", {"old": "x", "new": "one", "again": "other"}),
    ],
)
def test_a_refusal_is_in_the_title_and_has_the_focus(admin, path, data):
    answer = admin.post(path, data)
    page = tree(answer)
    assert answer.status_code == 400
    assert page.css_first("title").text().startswith("Refused: ")
    alert = page.css_first("[role=alert]")
    assert "autofocus" in alert.attributes
    assert alert.attributes["tabindex"] == "-1"
