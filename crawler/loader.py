"""The spider loader: every outlet file is a spider, so `scrapy list` and `scrapy crawl <name>` just work.

No registry: an outlet with code of its own has it in crawler/spiders/<name>.py, found by its name.
"""

from __future__ import annotations

import builtins
import os
from importlib import import_module
from importlib.util import find_spec

from scrapy import Request
from scrapy.settings import BaseSettings

from config.outlets import OutletSpec, load_outlets
from config.settings import load_settings
from crawler.spiders.outlet import SETTINGS_KEY, OutletSpider


class OutletLoader:
    """Makes spider classes from outlet files."""

    def __init__(self, specs: dict[str, OutletSpec]) -> None:
        """Take the outlets there are."""
        self.specs = specs

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> OutletLoader:
        """Read the outlet files of the Watchfloor settings in force."""
        ours = settings.get(SETTINGS_KEY) or load_settings(environ=os.environ)
        return cls(load_outlets(ours.outlet_folders))

    def load(self, spider_name: str) -> type[OutletSpider]:
        """Return the spider class of an outlet. Raises KeyError, as Scrapy expects."""
        if spider_name not in self.specs:
            raise KeyError(f"No outlet file {spider_name}.toml; there are {', '.join(self.list()) or 'none'}.")
        return spider_class_of(self.specs[spider_name])

    def list(self) -> builtins.list[str]:
        """Return the names of all outlets, sorted."""
        return sorted(self.specs)

    def find_by_request(self, request: Request) -> builtins.list[str]:
        """Return the outlet that owns the request's host, if any."""
        return [name for name, spec in self.specs.items() if spec.owns(request.url)]


def spider_class_of(spec: OutletSpec) -> type[OutletSpider]:
    """Return the spider of an outlet: the class of crawler/spiders/<name>.py where there is one, else OutletSpider."""
    base = OutletSpider
    module_name = f"crawler.spiders.{spec.name}"
    if spec.name != "outlet" and find_spec(module_name) is not None:
        module = import_module(module_name)
        own = [
            value
            for value in vars(module).values()
            if isinstance(value, type) and issubclass(value, OutletSpider) and value.__module__ == module_name
        ]
        if len(own) != 1:
            raise TypeError(f"{module_name}: must define exactly one subclass of OutletSpider, not {len(own)}.")
        base = own[0]
    return type(f"{base.__name__}_{spec.name}", (base,), {"name": spec.name, "spec": spec})
