"""Scrapy's settings module for `scrapy list` and `scrapy crawl <name>`: the same guards and pipeline as ours.

Scrapy reads a settings module by importing it, so this one reads the Watchfloor settings at import; nothing else does,
and nothing else imports it.
"""

from __future__ import annotations

import os

from config.settings import load_settings
from crawler.network.settings import scrapy_settings

SPIDER_LOADER_CLASS = "crawler.loader.OutletLoader"
COMMANDS_MODULE = "crawler.scrapy_commands"

globals().update(scrapy_settings(load_settings(environ=os.environ), None))
