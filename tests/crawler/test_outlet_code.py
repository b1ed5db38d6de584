"""What an outlet's own Python returns is checked before it is kept, and what it asks to send before it is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.errors import ConfigurationError
from config.outlets import OutletSpec, read_outlet
from crawler.discover.found import SourceKind
from crawler.orders import Limits
from crawler.outlet_code import checked_headers, code_file, code_of
from crawler.reading import read_page, read_source
from crawler.run import crawl_outlet
from index.outcomes import Outcome
from index.records import Page
from tests.factories import a_spec
from tests.loopback_outlet import HOME, OUTLET_FILE, LoopbackOutlet, article_html, serving

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PAGE = Page(f"{HOME}/news/a", article_html("a", "", "", "", f"{HOME}/news/a").encode(), NOW, content_type="text/html")
HEAD = """\
from dataclasses import replace
from crawler.spiders.outlet import OutletSpider
from index.records import Extraction

class Harbour(OutletSpider):
    @classmethod
"""
SUPER = "def read_page(cls, page):\n    read = super().read_page(page)\n"


@pytest.fixture
def with_code(tmp_path: Path) -> Callable[[str], OutletSpec]:
    def write(method: str) -> OutletSpec:
        (tmp_path / "harbour.toml").write_text(OUTLET_FILE, encoding="utf-8")
        (tmp_path / "harbour.py").write_text(HEAD + "    " + method.replace("\n", "\n    ") + "\n", encoding="utf-8")
        return read_outlet(tmp_path / "harbour.toml")

    return write


def read(spec: OutletSpec):
    return read_page(PAGE, spec=spec, outlet="harbour", max_page_s=5)


def test_outlet_without_python_is_read_by_its_file():
    assert code_file(a_spec()) is None
    assert code_of(a_spec()).spec.name == "gazette"


def test_page_is_read_by_the_outlets_own_python(with_code):
    spec = with_code(f"{SUPER}    return replace(read, article=replace(read.article, title='Ours'))")
    assert read(spec).article.title == "Ours"


@pytest.mark.parametrize(
    ("method", "told"),
    [
        ("def read_page(cls, page): return None", "returned NoneType, not Extraction"),
        ("def read_page(cls, page): return Extraction(None, None)", "returned neither an article nor an outcome"),
        ("def read_page(cls, page): return 1 / 0", "raised ZeroDivisionError"),
        (
            f"{SUPER}    return replace(read, article=replace(read.article, outlet='other'))",
            "returned an article of 'other'",
        ),
        (
            f"{SUPER}    return replace(read, article=replace(read.article, text=''))",
            "without title or text",
        ),
    ],
    ids=["none", "nothing", "raises", "outlet", "empty"],
)
def test_what_cannot_be_kept_is_extraction_failed_and_told(with_code, method, told):
    extraction = read(with_code(method))
    assert (extraction.outcome, extraction.article) == (Outcome.EXTRACTION_FAILED, None)
    assert told in extraction.detail


def test_python_that_never_ends_is_broken_off(with_code):
    spec = with_code("def read_page(cls, page):\n    while True: pass")
    extraction = read_page(PAGE, spec=spec, outlet="harbour", max_page_s=0.3)
    assert "Reading it took longer than" in extraction.detail


def test_what_a_file_takes_to_be_imported_is_not_taken_from_the_page(with_code, tmp_path):
    spec = with_code(f"{SUPER}    return read")
    code = tmp_path / "harbour.py"
    code.write_text("import time\ntime.sleep(3)\n" + code.read_text(encoding="utf-8"), encoding="utf-8")
    assert read_page(PAGE, spec=spec, outlet="harbour", max_page_s=2).article is not None


def test_file_that_is_never_imported_to_its_end_is_told(with_code, tmp_path, monkeypatch):
    monkeypatch.setattr("crawler.reading.IMPORT_S", 0.3)
    spec = with_code(f"{SUPER}    return read")
    (tmp_path / "harbour.py").write_text("while True: pass\n", encoding="utf-8")
    assert "harbour.py: cannot be imported (DeadlinePassed" in read(spec).detail
    assert "harbour.py: cannot be imported" in read_source(PAGE, SourceKind.LISTING, spec=spec, max_page_s=5).detail


def test_python_that_is_slow_with_all_care_is_asked_once_more_in_one_pass(with_code):
    spec = with_code("def read_page(cls, page):\n    while not cls.quick: pass\n    return super().read_page(page)")
    extraction = read_page(PAGE, spec=spec, outlet="harbour", max_page_s=2)
    assert extraction.article is not None
    assert "quick" in extraction.article.flags


def test_list_that_is_none_is_told(with_code):
    spec = with_code("def leads_in(cls, page, kind): return []")
    found = read_source(PAGE, SourceKind.LISTING, spec=spec, max_page_s=5)
    assert (found.outcome, found.detail) == (Outcome.EXTRACTION_FAILED, "leads_in of harbour returned list, not Found.")


def test_headers_of_python_obey_the_rules_of_the_file(with_code):
    spec = with_code("def headers_for(cls, url, *, now): return {'User-Agent': 'Mozilla', 'Cookie': 'a=1; sid=2'}")
    with pytest.raises(ConfigurationError) as caught:
        checked_headers(code_of(spec), PAGE.url, now=NOW)
    assert "User-Agent is set by Watchfloor alone" in str(caught.value)
    assert "cookie sid" in str(caught.value)


def test_headers_that_must_not_be_sent_end_the_run_before_a_request(with_code, make_settings, tmp_path):
    outlet = LoopbackOutlet()
    with serving(outlet):
        settings = outlet.settings(make_settings, tmp_path)
        with_code("def headers_for(cls, url, *, now): return {'Authorization': 'Basic x'}")
        report = crawl_outlet("harbour", Limits(pages=3), settings=settings)
    assert report.state == "partial"
    assert (
        report.reason
        == "harbour: headers_for: Authorization would log us in; only what any visitor may read is crawled."
    )
    assert outlet.log == []
