"""Where a redirect may lead, judged before Scrapy follows it: a web address that can be read, and nobody's password."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit, urlunsplit

from scrapy import Request
from scrapy.http import Response

from crawler.network.outcomes import Refused
from index.outcomes import Outcome


class RedirectTargets:
    """Refuses redirects to what is no http or https address, and takes user and password out of the others."""

    def process_response(self, request: Request, response: Response) -> Response:
        """Return the response, its Location without credentials. Raises Refused, naming where it leads."""
        location = response.headers.get("Location")
        if location is None or response.status not in (301, 302, 303, 307, 308):
            return response
        written = location.decode("utf-8", "replace").strip()
        told = f"{request.url} redirects to {written}"[:300]
        try:
            parts = urlsplit(urljoin(request.url, written))
            named = parts.hostname is not None and parts.port != 0  # reading the port is what may raise
        except ValueError:
            raise Refused(Outcome.NOT_ARTICLE, f"{told}, which is no address.") from None
        if parts.scheme not in ("http", "https"):
            raise Refused(Outcome.SCHEME_REFUSED, f"{told}; only http and https are asked.")
        if not named:
            raise Refused(Outcome.NOT_ARTICLE, f"{told}, which is no address.")
        if "@" in parts.netloc:
            target = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
            headers = response.headers.copy()
            headers["Location"] = target
            return response.replace(headers=headers)
        return response
