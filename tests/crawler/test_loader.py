"""Outlet files as spiders: no registry, and code only where it is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from scrapy import Request
from scrapy.settings import Settings as ScrapySettings

from config.errors import UsageError
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
def own_module() -> Iterator[ModuleType]:
    module = ModuleType("crawler.spiders.harbour")
    module.__spec__ = __import__("importlib.machinery", fromlist=["ModuleSpec"]).ModuleSpec(module.__name__, None)
    sys.modules[module.__name__] = module
    yield module
    del sys.modules[module.__name__]


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


def test_code_of_an_outlet_is_found_by_its_name(loader, own_module):
    class HarbourSpider(OutletSpider):
        """Code where the rules end."""

    HarbourSpider.__module__ = own_module.__name__
    own_module.HarbourSpider = HarbourSpider  # type: ignore[attr-defined]
    assert issubclass(loader.load("harbour"), HarbourSpider)


def test_module_of_an_outlet_without_a_spider_is_an_error(loader, own_module):
    with pytest.raises(TypeError, match="exactly one subclass of OutletSpider"):
        loader.load("harbour")


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
