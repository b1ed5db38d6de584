"""`scrapy crawl NAME`, ending with the exit code that `watchfloor crawl NAME` ends with."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

import click
from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError

from config.errors import EXIT_TRY_AGAIN
from crawler.spiders.outlet import OutletSpider


class Command(ScrapyCrawl):
    """Run a spider of the project; how its run went is the exit code."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl one outlet. A run that is refused says why and ends with the code of its cause."""
        if len(args) != 1:
            raise UsageError("name one outlet")
        process = self.crawler_process
        assert process is not None, "Scrapy makes it before a command runs"
        crawler = process.create_crawler(args[0])
        process.crawl(crawler, **opts.spargs)
        process.start()
        self.exitcode = 1 if process.bootstrap_failed else _exit_code(crawler.spider)


def _exit_code(spider: object) -> int:
    if not isinstance(spider, OutletSpider):
        return EXIT_TRY_AGAIN
    if spider.trouble is not None:
        click.echo(f"scrapy crawl {spider.name}: {spider.trouble}", err=True)
        return spider.trouble.exit_code
    return spider.session.finish("shutdown", now=datetime.now(UTC)).exit_code if spider.session else EXIT_TRY_AGAIN
