"""The spider loader: every outlet file is a spider, so `scrapy list` and `scrapy crawl <name>` just work.

No registry: an outlet with Python of its own has it in a file of its name (crawler.outlet_code says where).
"""

from __future__ import annotations

import builtins
import os

from scrapy import Request
from scrapy.settings import BaseSettings

from config.errors import ConfigurationError
from config.outlets import OutletSpec, load_outlets
from config.settings import load_settings
from crawler.outlet_code import own_class
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
        """Return the spider class of an outlet. Raises KeyError, as Scrapy expects.

        Python of the outlet's own that cannot be used makes a spider that says so and does not start.
        """
        if spider_name not in self.specs:
            raise KeyError(f"No outlet file {spider_name}.toml; there are {', '.join(self.list()) or 'none'}.")
        spec = self.specs[spider_name]
        try:
            return spider_class_of(spec)
        except ConfigurationError as error:
            return type("BrokenSpider", (OutletSpider,), {"name": spec.name, "spec": spec, "fault": error})

    def list(self) -> builtins.list[str]:
        """Return the names of all outlets, sorted."""
        return sorted(self.specs)

    def find_by_request(self, request: Request) -> builtins.list[str]:
        """Return the outlet that owns the request's host, if any."""
        return [name for name, spec in self.specs.items() if spec.owns(request.url)]


def spider_class_of(spec: OutletSpec) -> type[OutletSpider]:
    """Return the spider of an outlet: the class in its own Python file where there is one, else OutletSpider.

    Raises ConfigurationError, naming the file, for Python that cannot be used.
    """
    base = own_class(spec) or OutletSpider
    if not issubclass(base, OutletSpider):
        raise ConfigurationError([f"{spec.file}: {base.__name__} is no subclass of OutletSpider."])
    return type(f"{base.__name__}_{spec.name}", (base,), {"name": spec.name, "spec": spec})
