"""Answers every request from a WARC file. No socket is opened; what the file does not hold is not_in_archive."""

from __future__ import annotations

import logging
from pathlib import Path

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from crawler.network.outcomes import Refused
from index.archive import iter_warc
from index.errors import ArchiveFileError
from index.outcomes import Outcome
from index.records import Page
from index.urls import url_key

log = logging.getLogger(__name__)

_NOT_REPLAYED = frozenset({"content-encoding", "transfer-encoding", "content-length"})


class ReplayHandler(BaseDownloadHandler):
    """A download handler over one WARC file; of several records of an address the last one answers."""

    def __init__(self, crawler: Crawler) -> None:
        """Read the whole file once: bodies stay compressed on disk no longer than one run lasts."""
        super().__init__(crawler)
        self.path = Path(crawler.settings["WATCHFLOOR_REPLAY"])
        self.pages: dict[str, Page] = {}
        try:
            for page in iter_warc(self.path):
                self.pages[page.url] = page
        except ArchiveFileError as error:
            if not self.pages:
                raise
            log.warning("replay file is damaged", extra={"file": self.path, "cause": error})
        self.by_key = {url_key(page.url): page for page in self.pages.values() if page.status == 200}

    async def download_request(self, request: Request) -> Response:
        """Return the page recorded for the request. Raises Refused(not_in_archive)."""
        page = self.pages.get(request.url) or self.by_key.get(url_key(request.url))
        if page is None:
            raise Refused(Outcome.NOT_IN_ARCHIVE, f"{self.path.name} holds no record of {request.url}.")
        request.meta["watchfloor_fetched_at"] = page.fetched_at
        headers = Headers()
        for name, value in page.headers:
            if name.lower() not in _NOT_REPLAYED:
                headers.appendlist(name, value)
        kind = responsetypes.from_args(headers=headers, url=request.url, body=page.body)
        return kind(url=request.url, status=page.status, headers=headers, body=page.body)
