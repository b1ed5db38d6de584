"""`watchfloor outlets new`: from one article, saved or live, to a file, a case, and a test that waits for a person."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config.errors import UsageError, WatchfloorError
from config.outlets import load_outlets, read_outlet
from config.settings import Settings
from crawler.cli_outlets import outlets
from crawler.propose.outlet_file import Draft, outlet_file
from tests.crawler.propose.pages import PLAIN, URL
from tests.loopback_outlet import Answer, LoopbackOutlet, serving

pytestmark = pytest.mark.timeout(180)
HOST = "quay.example"
HOME = f"http://{HOST}/"
ARTICLE = f"{HOME}sea/ships-leave-the-northern-harbour-4821"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand outside the checkout, so that files go to the operator's own folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def outlet() -> Iterator[LoopbackOutlet]:
    with serving(LoopbackOutlet()) as running:
        yield running


@pytest.fixture
def settings(outlet: LoopbackOutlet, make_settings: Callable[..., Settings], tmp_path: Path) -> Settings:
    network = {"private_hosts": [HOST], "hosts": {HOST: f"127.0.0.1:{outlet.port}"}}
    return outlet.settings(make_settings, tmp_path / "outlets", network=network)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(PLAIN, encoding="utf-8")
    return path


def run(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(outlets, [*arguments], obj=settings, standalone_mode=False)


def serve_site(outlet: LoopbackOutlet) -> None:
    """An outlet with a feed its home page names, a news sitemap robots.txt names, and one article."""
    paths = [f"sea/ships-number-{number}-leave-{4800 + number}" for number in range(12)]
    items = "".join(f"<item><link>{HOME}{path}</link></item>" for path in paths)
    news = "".join(
        f"<url><loc>{HOME}{path}</loc><n:news><n:publication_date>2026-06-13</n:publication_date><n:title>T</n:title>"
        "</n:news></url>"
        for path in [*paths, "land/tractors-leave-the-southern-field-4999"]
    )
    outlet.pages |= {
        "/robots.txt": Answer(f"User-agent: *\nSitemap: {HOME}index.xml\n".encode(), content_type="text/plain"),
        "/": Answer(b'<link rel="alternate" type="application/rss+xml" href="/rss">'),
        "/rss": Answer(f"<rss version='2.0'><channel>{items}</channel></rss>".encode()),
        "/index.xml": Answer(f"<sitemapindex><sitemap><loc>{HOME}news-1.xml</loc></sitemap></sitemapindex>".encode()),
        "/news-1.xml": Answer(
            f"<urlset xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>{news}</urlset>".encode()
        ),
        "/sea/ships-leave-the-northern-harbour-4821": Answer(PLAIN.encode()),
    }


def test_live_outlet_is_ready_but_for_a_persons_look(outlet, settings):
    serve_site(outlet)
    done = run(settings, "new", ARTICLE)
    assert done.return_value == 0, (done.output, done.exception)
    spec = load_outlets(settings.outlet_folders)["quay"]
    assert spec.leads.sitemaps == (f"{HOME}news-1.xml",)
    assert spec.articles.match == (r"^/[^/]+/[^/]+[-_.,~]\d+/?(?:\?|$)",)
    assert spec.rules[0].authors is not None
    assert spec.rules[0].authors.selector == "span.writer-line"
    assert spec.rules[0].backlinks is not None
    assert "13 of 13 addresses found match" in done.output
    assert "fields as expected, and waits for you to confirm them" in done.output
    assert set(outlet.asked()) == {
        "/",
        "/sea/ships-leave-the-northern-harbour-4821",
        "/rss",
        "/index.xml",
        "/news-1.xml",
    }


def test_test_fails_until_a_person_has_confirmed(outlet, settings):
    serve_site(outlet)
    run(settings, "new", ARTICLE)
    assert run(settings, "test", "quay").return_value == 10
    path = settings.outlet_folders[-1] / "cases" / "quay" / "article" / "expected.json"
    path.write_text(path.read_text().replace('"confirmed": false', '"confirmed": true'))
    assert run(settings, "test", "quay").return_value == 0
    assert run(settings, "check", "quay", "--pages", "2").return_value in (0, 10)


def test_address_that_fails_says_how_it_ended(outlet, settings):
    outlet.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /sea/", content_type="text/plain")
    done = run(settings, "new", ARTICLE)
    assert isinstance(done.exception, WatchfloorError)
    assert "gave no page to start from (robots_denied" in str(done.exception)
    assert done.exception.exit_code == 10
    done = run(settings, "new", f"{HOME}nothing-is-at-this-1")
    assert "(gone: " in str(done.exception)
    assert list(settings.outlet_folders[-1].glob("quay*")) == []


def test_saved_page_needs_no_network(outlet, settings, saved):
    done = run(settings, "new", str(saved), "--url", URL)
    assert done.return_value == 0, (done.output, done.exception)
    assert "not looked up" in done.output
    assert outlet.log == []
    spec = load_outlets(settings.outlet_folders)["quay_post"]
    assert spec.leads.listings == ("https://www.quay-post.example/",)
    assert spec.is_article_url(URL)
    assert not spec.is_article_url("https://www.quay-post.example/sea/")


def test_page_of_a_sub_domain_makes_the_outlet_of_the_home_it_names(settings, saved):
    logo = '<header><a class="logo" href="https://www.quay-post.example/"><img alt=""></a></header>'
    saved.write_text(PLAIN.replace("<body>", f"<body>{logo}"), encoding="utf-8")
    url = URL.replace("www.", "sea.")
    done = run(settings, "new", str(saved), "--url", url)
    assert done.return_value == 0, (done.output, done.exception)
    (spec,) = (spec for spec in load_outlets(settings.outlet_folders).values() if spec.owns(url))
    assert spec.home == "https://www.quay-post.example/"
    assert spec.hosts == ("sea.quay-post.example",)
    assert spec.is_article_url(url)


def test_no_word_of_the_publisher_is_in_what_is_written(settings, saved):
    run(settings, "new", str(saved), "--url", URL)
    folder = settings.outlet_folders[-1]
    written = [(folder / "quay_post.toml").read_text(), *(path.read_text() for path in folder.glob("cases/*/*/*"))]
    for word in ("Hallin", "hallin", "northern", "harbour master", "Northern fleet"):
        assert not any(word in text for text in written), word


def test_json_holds_the_steps_and_the_paths(settings, saved):
    told = json.loads(run(settings, "new", str(saved), "--url", URL, "--name", "quay", "--json").output)
    assert (told["outlet"], told["problems"]) == ("quay", [])
    assert Path(told["file"]).exists()
    assert Path(told["case"]).is_dir()
    assert any(step.startswith("Rule      published") for step in told["steps"])


@pytest.mark.parametrize(
    ("arguments", "kind", "sentence"),
    [
        (["/no/such.html"], UsageError, "cannot be read"),
        (["{saved}"], UsageError, "does not state its address"),
        (["{saved}", "--url", "ftp://a.example/b"], UsageError, "is no address"),
        (["{saved}", "--url", "https://harbour.example/a"], UsageError, "belongs to harbour already"),
        (["{saved}", "--url", URL, "--name", "harbour"], UsageError, "is taken by"),
        (["{saved}", "--url", URL, "--name", "../x"], UsageError, "name it with --name"),
        (["{saved}", "--url", "https://x.example.de/"], WatchfloorError, "no article"),
        (["https://a.example/b", "--url", URL], UsageError, "cannot stand beside an address"),
        (["{short}", "--url", URL], WatchfloorError, "start from an article"),
    ],
)
def test_bad_input_is_a_sentence(settings, saved, tmp_path, arguments, kind, sentence):
    (tmp_path / "short.html").write_text("<html><body><p>Nothing much.</p></body></html>")
    names = {"saved": saved, "short": tmp_path / "short.html"}
    done = run(settings, "new", *(argument.format(**names) for argument in arguments))
    assert isinstance(done.exception, kind)
    assert sentence in str(done.exception)


def test_file_is_sound_whatever_the_page_calls_itself(tmp_path):
    path = tmp_path / "odd.toml"
    title = "A \"quoted\" \\ name\u0007 with\nlines 'and' more # [leads]"
    path.write_text(outlet_file(Draft("odd", title, "https://odd.example/", "", "en", listing=True)), encoding="utf-8")
    assert read_outlet(path).title == title
