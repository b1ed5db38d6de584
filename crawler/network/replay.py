"""Answers every request from a WARC file. No socket is opened; what the file does not hold is not_in_archive."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from config.counting import counted
from crawler.network.outcomes import Refused
from index.outcomes import Outcome
from index.warc_files import WarcLookup

_NOT_REPLAYED = frozenset({"content-encoding", "transfer-encoding", "content-length"})


@lru_cache(maxsize=1)
def opened(path: Path) -> WarcLookup:
    """Return the file a run is replayed from; read once for the run and for the handler of each scheme.

    Raises ArchiveFileError for a file without a page that can be read.
    """
    return WarcLookup(path)


class ReplayHandler(BaseDownloadHandler):
    """A download handler over one WARC file."""

    def __init__(self, crawler: Crawler) -> None:
        """Take the file that was opened before the run began."""
        super().__init__(crawler)
        self.file = opened(Path(crawler.settings["WATCHFLOOR_REPLAY"]))

    async def download_request(self, request: Request) -> Response:
        """Return the page recorded for the request. Raises Refused(not_in_archive), or (too_large) for one cut out."""
        page = self.file.find(request.url)
        if page is None:
            raise Refused(Outcome.NOT_IN_ARCHIVE, f"{self.file.path.name} holds no record of {request.url}.")
        if page.left_out_bytes:
            raise Refused(
                Outcome.TOO_LARGE, f"{counted(page.left_out_bytes, 'byte is', 'bytes are')} over the size limit."
            )
        request.meta["watchfloor_fetched_at"] = page.fetched_at
        headers = Headers()
        for name, value in page.headers:
            if name.lower() not in _NOT_REPLAYED:
                headers.appendlist(name, value)
        kind = responsetypes.from_args(headers=headers, url=request.url, body=page.body)
        return kind(url=request.url, status=page.status, headers=headers, body=page.body)
