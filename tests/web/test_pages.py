"""Every page: right, safe, linked, bounded, and the same as JSON."""

from __future__ import annotations

import re

import pytest
from selectolax.lexbor import LexborHTMLParser

from index.records import ArticleFlag
from index.search.memory_backend import MemoryBackend
from index.store.outlets import provisional_outlet
from tests.factories import an_article, save
from web import create_app
from web.application import HEADERS

PAGES = [
    "/",
    "/search",
    "/search?q=ports",
    "/search?q=sanctions&outlet=gazette&after=2026-11&sort=newest",
    "/search?q=zzzznothing",
    "/articles/1",
    "/articles/1/revisions",
    "/articles/1/links",
    "/articles/1/backlinks",
    "/articles/1/trace",
    "/stories",
    "/stories/1",
    "/articles/3",
    "/articles/3/revisions",
    "/articles/3/links",
    "/articles/3/trace",
    "/outlets",
    "/outlets/gazette",
    "/outlets/courier",
    "/topics",
    "/topics/sea-brief",
    "/wanted",
    "/changed",
]
ERRORS = [
    "/nothing",
    "/articles/999",
    f"/articles/{10**30}",
    "/outlets/none",
    "/topics/none",
    "/articles/x",
    "/stories/99",
    f"/stories/{10**30}",
]


def tree(client, path: str) -> LexborHTMLParser:
    return LexborHTMLParser(client.get(path).get_data(as_text=True))


@pytest.mark.parametrize("path", PAGES)
def test_page_answers_with_one_heading_and_a_title(path, client):
    answer = client.get(path)
    assert answer.status_code == 200
    page = LexborHTMLParser(answer.get_data(as_text=True))
    assert len(page.css("h1")) == 1
    assert page.css_first("title").text().strip()
    assert page.css_first("html").attributes["lang"] == "en"


@pytest.mark.parametrize("path", [*PAGES, *ERRORS])
def test_nothing_on_a_page_can_run(path, client):
    page = tree(client, path)
    assert page.css("script:not([src]), iframe, object, embed, style, [style]") == []
    ours = [node.attributes["src"].split("?")[0] for node in page.css("script")]
    assert (ours, page.css_first("script").text()) == (["/static/complete.js"], "")
    for node in page.css("*"):
        assert not [name for name in node.attributes if name.startswith("on")], node.html
    for node in page.css("a[href]"):
        assert re.match(r"(https?://|/|#)", node.attributes["href"] or ""), node.html


@pytest.mark.parametrize("path", [*PAGES, *ERRORS, "/static/style.css", "/api/v1/search?q=a", "/healthz"])
def test_every_answer_carries_the_security_headers_and_no_cookie(path, client):
    with client.get(path) as answer:
        answer.get_data()
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "Set-Cookie" not in answer.headers
    policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))
    assert (policy["default-src"], policy["script-src"], policy["connect-src"]) == ("'none'", "'self'", "'self'")
    assert policy["require-trusted-types-for"] == "'script'"


@pytest.mark.parametrize("path", PAGES)
def test_page_is_also_json(path, client):
    joined = f"{path}{'&' if '?' in path else '?'}format=json"
    assert client.get(joined).is_json
    assert client.get(path, headers={"Accept": "application/json"}).json.keys() == client.get(joined).json.keys()


@pytest.mark.parametrize("path", PAGES)
def test_links_of_a_page_lead_somewhere(path, client):
    for node in tree(client, path).css("a[href], link[href]"):
        href = node.attributes["href"] or ""
        if href.startswith("/"):
            with client.get(href) as answer:
                assert answer.status_code == 200, href


@pytest.mark.parametrize("path", ERRORS)
def test_error_is_a_sentence(path, client):
    answer = client.get(path)
    assert answer.status_code == 404
    page = LexborHTMLParser(answer.get_data(as_text=True))
    assert page.css_first("main p").text().strip().endswith(".")
    assert "Traceback" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/api/v1/articles/999", "/articles/999?format=json", "/api/v1/nothing"])
def test_error_as_json_is_problem_json(path, client):
    answer = client.get(path)
    assert answer.content_type == "application/problem+json"
    assert answer.json.keys() == {"type", "title", "status", "detail"}
    assert answer.json["status"] == answer.status_code == 404


@pytest.mark.parametrize("path", ["/search", "/articles/1", "/api/v1/search"])
def test_pages_are_only_read(path, client):
    assert client.post(path, data={"q": "x"}).status_code == 405
    assert client.delete(path).status_code == 405


def test_hostile_text_is_shown_as_text(client):
    text = client.get("/articles/3").get_data(as_text=True)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script>" not in text


def test_unchanged_page_answers_304(client):
    tag = client.get("/articles/1").headers["ETag"]
    again = client.get("/articles/1", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_article_shows_dates_as_written_with_what_is_doubtful(client):
    text = tree(client, "/articles/1").css_first("dl.dates").text()
    assert "Updated 12:00AM Fri" in text
    assert "the weekday written does not fit the date" in text


def test_article_shows_who_cites_it_and_what_it_cites(client):
    cited = tree(client, "/articles/2").css_first("#backlinks").text()
    assert "Cited by 1" in cited
    assert "As the Herald reports, ports closed." in cited
    references = tree(client, "/articles/1").css_first("#references").text()
    for words in ("Articles we hold", "Source documents", "the treaty", "Not held yet", "Sea Brief"):
        assert words in references
    assert "Subscribe" not in references


def test_revisions_mark_what_came_and_went(client):
    page = tree(client, "/articles/1/revisions")
    assert "on Friday" in " ".join(node.text() for node in page.css("ins"))


def test_many_revisions_are_shown_a_few_a_page(client, archive, now):
    for number in range(45):
        save(archive, an_article("live", f"Live report, state {number}.", title="Live"), now)
    article_id = max(one["id"] for one in client.get("/outlets/gazette?format=json").json["latest"])
    numbers = []
    for page in (1, 2, 3):
        found = client.get(f"/articles/{article_id}/revisions?page={page}&format=json").json
        numbers += [one["number"] for one in found["revisions"]]
        assert len(tree(client, f"/articles/{article_id}/revisions?page={page}").css("section.revision")) <= 20
    assert numbers == [*range(45, 0, -1)]
    assert client.get(f"/articles/{article_id}/revisions?page=4").status_code == 404
    last = tree(client, f"/articles/{article_id}/revisions?page=2").css("section.revision")[-1]
    assert "state 4" not in last.css_first("ins").text()  # compared with the one on the next page, word by word
    page = tree(client, f"/articles/{article_id}")
    assert "45 revisions" in page.css_first("#revisions h2").text()
    assert len(page.css("#revisions li")) <= 10
    assert len(client.get(f"/articles/{article_id}?format=json").json["revisions"]) == 45


def test_text_is_marked_with_its_language_and_direction(client):
    body = tree(client, "/articles/5").css_first("div.text")
    assert (body.attributes["lang"], body.attributes["dir"]) == ("ar", "rtl")


def test_wanted_leaves_out_what_is_held_and_page_furniture(client):
    urls = [one["url"] for one in client.get("/api/v1/wanted").json["wanted"]]
    assert "https://elsewhere.example/x" in urls
    assert "https://herald.example/ports" not in urls
    assert not [url for url in urls if "subscribe" in url or url.startswith("javascript")]


def test_statements_of_a_page_do_not_grow_with_what_it_shows(client, archive, backend, settings, now):
    from index.sync import sync

    def statements(path: str) -> int:
        client.get(path)
        before = archive.statements
        client.get(path)
        return archive.statements - before

    paths = ("/", "/search?q=ports", "/outlets/gazette", "/wanted", "/topics")
    few = {path: statements(path) for path in paths}
    for number in range(40):
        save(archive, an_article(f"more{number}", f"Ports and ships, report {number}."), now)
    sync(archive, backend, settings=settings)
    many = {path: statements(path) for path in paths}
    assert many == few
    assert max(many.values()) <= 30


def test_healthz_and_readyz(client, archive, now):
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json["changes_behind"] == 0
    save(archive, an_article("late"), now)
    assert client.get("/readyz").json["changes_behind"] == 1


def test_site_whose_index_was_deleted_is_not_ready_and_says_so(settings, archive, now):
    bare = create_app(settings, archive, MemoryBackend(settings=settings.search), clock=lambda: now).test_client()
    answer = bare.get("/readyz")
    assert answer.status_code == 503
    assert "index sync" in answer.json["checks"]["index"]
    assert "index is empty" in bare.get("/search?q=ports").get_data(as_text=True)


def test_broken_index_is_a_sentence_for_readers(client, backend, monkeypatch):
    from index.errors import IndexDamagedError

    def fail(_request):
        raise IndexDamagedError("/data/index: the index is damaged")

    monkeypatch.setattr(backend, "search", fail)
    monkeypatch.setattr(backend, "position", lambda: fail(None))
    answer = client.get("/search?q=a")
    assert answer.status_code == 503
    assert "/data/index" not in answer.get_data(as_text=True)
    assert client.get("/readyz").status_code == 503


def test_bug_is_a_sentence_for_readers(client, backend, monkeypatch):
    monkeypatch.setattr(backend, "search", lambda _request: 1 / 0)
    answer = client.get("/search?q=a")
    assert answer.status_code == 500
    assert "ZeroDivisionError" not in answer.get_data(as_text=True)


def test_stylesheet_is_one_small_file_kept_for_a_year(client):
    page = tree(client, "/")
    href = page.css_first("link[rel=stylesheet]").attributes["href"]
    with client.get(href) as answer:
        answer.get_data()
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert len(answer.data) < 20_000
    assert "@import" not in answer.text
    assert "url(" not in answer.text


@pytest.mark.parametrize(
    "arguments",
    ["endpoint=x", "_scheme=javascript", "_external=1", "_anchor=z", "_method=POST", "article_id=2", "name=herald"],
)
@pytest.mark.parametrize("path", ["/search?q=ports&", "/articles/1?", "/outlets/gazette?"])
def test_no_argument_changes_where_the_links_of_a_page_lead(path, arguments, client):
    answer = client.get(path + arguments, headers={"Host": "evil.example"})
    assert answer.status_code == 200
    assert "evil.example" not in answer.get_data(as_text=True)
    href = LexborHTMLParser(answer.get_data(as_text=True)).css_first("footer a").attributes["href"]
    assert href.startswith(path.split("?")[0] + "?")
    assert "format=json" in href


def test_method_that_is_not_allowed_is_told_which_are(client):
    answer = client.post("/search")
    assert answer.status_code == 405
    assert {name.strip() for name in answer.headers["Allow"].split(",")} == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize(
    "path", ["/outlets/gazette", "/topics", "/topics/sea-brief", "/wanted", "/articles/2/backlinks"]
)
def test_page_behind_the_last_is_not_found(path, client):
    answer = client.get(f"{path}?page=50")
    assert answer.status_code == 404
    assert "There is no page 50" in answer.get_data(as_text=True)
    assert client.get(f"{path}?page=1").status_code == 200


def test_empty_list_has_a_first_page(client):
    assert client.get("/outlets/courier?page=1").status_code == 200
    assert client.get("/articles/3/backlinks").status_code == 200


def test_home_names_outlets_that_can_be_late_before_imported_ones(client, archive, now):
    with archive.write() as tx:
        name = provisional_outlet(tx, "aaa.example", now)
    save(archive, an_article(url="https://aaa.example/1", outlet=name), now)
    states = [node.text() for node in tree(client, "/").css("aside .state")]
    assert states[-1] == "imported"
    assert len(states) == 4


def test_live_blog_shows_the_times_of_its_entries_as_times(archive, client, now):
    text = "2026-11-20 10:30 UTC\n\nTugs are free.\n\n2026-11-20 10:30 UTC\n\nTwo aground.\n\n?? UTC (at noon)\n\nFog."
    live = save(archive, an_article("live", text, flags=(ArticleFlag.LIVE,)), now).article_id
    plain = save(archive, an_article("plain", "2026-11-20 10:30 UTC\n\nA line of a plain article."), now).article_id
    page = client.get(f"/articles/{live}").text
    assert '<p class="entry" id="entry-2"' in page
    assert '<time datetime="2026-11-20T10:30:00+00:00">20 Nov 2026, 10:30 UTC</time>' in page
    found = client.get(f"/articles/{live}", headers={"Accept": "application/json"}).json["entries"]
    assert found == [
        {"at": "2026-11-20T10:30:00+00:00", "paragraph": 0},
        {"at": "2026-11-20T10:30:00+00:00", "paragraph": 2},
        {"at": None, "paragraph": 4},
    ]
    assert "?? UTC (at noon)" in page
    assert 'class="entry"' not in client.get(f"/articles/{plain}").text
