"""`watchfloor record`: a saved page or an address becomes a case that waits for a person; bad input is a sentence."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config.errors import UsageError, WatchfloorError
from config.settings import Settings
from crawler.cases import load_cases
from crawler.cli_outlets import outlets
from crawler.cli_record import record
from tests.crawler.scrub.pages import PAGE, URL
from tests.loopback_outlet import HOME, LoopbackOutlet, serving

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def outlet() -> Iterator[LoopbackOutlet]:
    with serving(LoopbackOutlet()) as running:
        yield running


@pytest.fixture
def settings(outlet: LoopbackOutlet, make_settings: Callable[..., Settings], tmp_path: Path) -> Settings:
    folder = tmp_path / "outlets"
    folder.mkdir()
    (folder / "lantern.toml").write_text(
        'name = "lantern"\ntitle = "Lantern Post"\nhome = "https://www.lantern-post.example/"\nlanguages = ["en"]\n'
    )
    return outlet.settings(make_settings, folder)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "saved.html.gz"
    path.write_bytes(gzip.compress(PAGE.encode("latin-1")))
    return path


def run(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(record, [*arguments], obj=settings, standalone_mode=False)


def test_saved_page_becomes_a_case_that_fails_until_it_is_confirmed(settings, saved):
    done = run(
        settings, str(saved), "--outlet", "lantern", "--special", "A byline in JSON-LD.", "--fetched", "2026-06-12"
    )
    assert done.return_value == 0, done
    assert "It gives the same fields by the same rules as the page itself." in done.output
    folder = settings.outlet_folders[-1] / "cases"
    (case,) = load_cases([folder])
    assert (case.outlet, case.name, case.special, case.confirmed) == (
        "lantern",
        "article",
        "A byline in JSON-LD.",
        False,
    )
    assert case.page.fetched_at.isoformat() == "2026-06-12T00:00:00+00:00"
    assert case.page.url != URL

    tested = CliRunner().invoke(outlets, ["test", "lantern"], obj=settings, standalone_mode=False)
    assert tested.return_value == 10
    assert 'set \\"confirmed\\" in it then' in tested.output
    path = folder / "lantern" / "article" / "expected.json"
    path.write_text(path.read_text().replace('"confirmed": false', '"confirmed": true'))
    tested = CliRunner().invoke(outlets, ["test", "lantern"], obj=settings, standalone_mode=False)
    assert tested.return_value == 0, tested.output


def test_address_is_fetched_through_the_guards_of_a_crawl(outlet, settings):
    outlet.article("a", title="Ports closed")
    done = run(settings, f"{HOME}/news/a", "--outlet", "harbour", "--json")
    told = json.loads(done.output)
    assert (done.return_value, told["read_differently"]) == (0, [])
    assert dict(outlet.log)["/robots.txt"] == 404
    assert told["expected"]["title"] != "Ports closed"
    assert not settings.data.dir.exists()


def test_address_that_robots_forbids_is_not_recorded(outlet, settings):
    from tests.loopback_outlet import Answer

    outlet.article("a")
    outlet.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /news/", content_type="text/plain")
    with pytest.raises(WatchfloorError, match=r"gave no page to record .robots_denied") as raised:
        raise run(settings, f"{HOME}/news/a", "--outlet", "harbour").exception  # type: ignore[misc]
    assert raised.value.exit_code == 10


def test_page_that_is_no_article_expects_its_outcome_alone(settings, tmp_path):
    page = tmp_path / "home.html"
    page.write_text("<html><head><title>Lantern Post</title></head><body><a href='/x'>All the news</a></body></html>")
    done = run(settings, str(page), "--outlet", "lantern", "--url", "https://lantern-post.example/")
    assert "The page is no article: not_article." in done.output
    expected = settings.outlet_folders[-1] / "cases" / "lantern" / "not_article" / "expected.json"
    assert json.loads(expected.read_text()) == {"confirmed": False, "outcome": "not_article"}


def test_second_case_gets_a_number_and_a_named_one_is_not_written_over(settings, saved):
    run(settings, str(saved), "--outlet", "lantern")
    done = run(settings, str(saved), "--outlet", "lantern")
    assert "article_2" in done.output
    done = run(settings, str(saved), "--outlet", "lantern", "--case", "article")
    assert "is there already" in str(done.exception)
    assert run(settings, str(saved), "--outlet", "lantern", "--case", "article", "--replace").return_value == 0
    assert "article_" not in run(settings, str(saved), "--outlet", "lantern", "--replace").output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["{saved}", "--outlet", "nobody"], "no outlet of that name"),
        (["{saved}", "--outlet", "harbour"], "is on no host of harbour"),
        (["{saved}", "--outlet", "lantern", "--case", "A b"], "a case's name is lower case"),
        (["/no/such/file.html", "--outlet", "lantern"], "cannot be read"),
        (["https://elsewhere.example/a", "--outlet", "lantern"], "is on no host of lantern"),
        (["https://lantern-post.example/a", "--outlet", "lantern", "--url", "https://lantern-post.example/b"],
         "cannot stand beside an address"),
        (["{empty}", "--outlet", "lantern"], "does not state its address"),
        (["{binary}", "--outlet", "lantern", "--url", "https://lantern-post.example/b"], "is it a page at all"),
    ],
)  # fmt: skip
def test_bad_input_is_a_sentence(settings, saved, tmp_path, arguments, sentence):
    (tmp_path / "empty.html").write_bytes(b"")
    (tmp_path / "binary.html").write_bytes(bytes(range(256)) * 40)
    names = {"saved": saved, "empty": tmp_path / "empty.html", "binary": tmp_path / "binary.html"}
    done = run(settings, *(argument.format(**names) for argument in arguments))
    assert isinstance(done.exception, UsageError)
    assert sentence in str(done.exception)
