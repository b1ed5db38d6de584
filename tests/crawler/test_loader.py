"""Outlet files as spiders: no registry, and code only where it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.settings import Settings as ScrapySettings

from config.errors import ConfigurationError, UsageError
from config.settings import Settings
from crawler.loader import OutletLoader, spider_class_of
from crawler.network.settings import scrapy_settings
from crawler.spiders.outlet import OutletSpider
from tests.loopback_outlet import HOME, OUTLET_FILE


@pytest.fixture
def settings(make_settings: Callable[..., Settings], tmp_path: Path) -> Settings:
    folder = tmp_path / "outlets"
    folder.mkdir()
    (folder / "harbour.toml").write_text(OUTLET_FILE, encoding="utf-8")
    return make_settings(crawler={"outlets_dir": str(folder)})


@pytest.fixture
def loader(settings: Settings) -> OutletLoader:
    return OutletLoader.from_settings(ScrapySettings(scrapy_settings(settings, None)))


@pytest.fixture
def own_code(tmp_path: Path) -> Callable[[str], Path]:
    """Write Python beside the outlet file."""

    def write(source: str) -> Path:
        path = tmp_path / "outlets" / "harbour.py"
        path.write_text(f"from crawler.spiders.outlet import OutletSpider\n\n{source}", encoding="utf-8")
        return path

    return write


def test_every_outlet_file_is_a_spider(loader):
    assert "harbour" in loader.list()
    spider = loader.load("harbour")
    assert issubclass(spider, OutletSpider)
    assert (spider.name, spider.spec.title) == ("harbour", "Harbour Herald")


def test_unknown_spider_is_told_with_those_there_are(loader):
    with pytest.raises(KeyError, match=r"there are .*harbour"):
        loader.load("nobody")


def test_spider_of_an_address_is_its_outlet(loader):
    assert loader.find_by_request(Request(f"{HOME}/news/a")) == ["harbour"]
    assert loader.find_by_request(Request("http://nobody.example/")) == []


def test_python_beside_an_outlet_file_is_its_spider(loader, own_code):
    own_code("class Harbour(OutletSpider):\n    beacon = 7\n")
    spider = loader.load("harbour")
    assert (spider.beacon, spider.spec.title) == (7, "Harbour Herald")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("", "must define exactly one subclass of OutletSpider, not 0"),
        ("class A(OutletSpider): pass\nclass B(OutletSpider): pass\n", "exactly one subclass of OutletSpider, not 2"),
        ("import nothing_of_that_name\n", "ModuleNotFoundError: No module named 'nothing_of_that_name.. in line 3"),
        ("def (:\n", "SyntaxError: .* in line 3"),
        ("raise SystemExit(0)\n", "cannot be imported .SystemExit: 0"),
        (
            "class A(OutletSpider):\n    custom_settings = {}\n",
            "A overrides custom_settings; only headers_for, leads_in",
        ),
        ("class A(OutletSpider):\n    async def start(self): yield\n", "A overrides start; only headers_for, leads_in"),
        ("class A(OutletSpider):\n    def request_for(self, ask): pass\n", "A overrides request_for; only"),
    ],
    ids=["nothing", "two", "import", "syntax", "exit", "settings", "start", "request"],
)
def test_python_that_cannot_be_used_is_told_with_its_file(loader, own_code, source, told):
    path = own_code(source)
    with pytest.raises(ConfigurationError, match=told) as caught:
        spider_class_of(loader.specs["harbour"])
    assert str(caught.value).startswith(f"{path}: ")


def test_spider_with_broken_python_is_listed_and_does_not_start(loader, own_code):
    own_code("1 / 0\n")
    assert "harbour" in loader.list()
    assert isinstance(loader.load("harbour")().trouble, ConfigurationError)


def test_broken_python_of_one_outlet_leaves_the_others_alone(loader, own_code):
    own_code("1 / 0\n")
    assert loader.load("foremedia")().trouble is None


def test_spider_carries_the_guards_of_its_outlet_whoever_starts_it(loader, settings):
    effective = ScrapySettings(scrapy_settings(settings, None))
    spider = spider_class_of(loader.specs["harbour"])
    spider.update_settings(effective)
    assert effective["WATCHFLOOR_SPEC"] is spider.spec
    assert effective.getbool("TELNETCONSOLE_ENABLED") is False
    assert effective.getbool("REMOTE_CONTROL_ENABLED") is False
    assert effective["TWISTED_DNS_RESOLVER"] == "crawler.network.resolver.GuardedResolver"
    assert effective.getdict("ITEM_PIPELINES") == {"crawler.pipeline.ArchivePipeline": 100}


@pytest.mark.parametrize("limit", ["abc", "0", "-1", ""])
def test_limit_that_is_no_number_keeps_the_run_from_starting(loader, limit):
    spider = spider_class_of(loader.specs["harbour"])(limit=limit)
    assert isinstance(spider.trouble, UsageError)
