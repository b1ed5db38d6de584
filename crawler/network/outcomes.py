"""From what the network did to the one named outcome: exceptions, failures and HTTP statuses."""

from __future__ import annotations

import gzip
import re
import zlib
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from scrapy import exceptions as scrapy_errors
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.internet.error import ConnectionLost, SSLError
from twisted.python.failure import Failure

from index.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a request gave no page: the outcome, a sentence, and when to try again where the server said so."""

    outcome: Outcome
    detail: str
    retry_at: datetime | None = None


class Refused(IgnoreRequest):
    """A request that ends here, before or instead of an answer; carries its fault."""

    def __init__(self, outcome: Outcome, detail: str, *, retry_at: datetime | None = None) -> None:
        """Take what the fault will say."""
        self.fault = Fault(outcome, detail, retry_at)
        super().__init__(f"{outcome}: {detail}")


_TLS = re.compile(r"\b(ssl|tls|certificate|handshake|verify(?: failed)?)\b", re.IGNORECASE)

_BY_TYPE: tuple[tuple[type[BaseException], Outcome, str], ...] = (
    (scrapy_errors.DownloadTimeoutError, Outcome.TIMEOUT, "No complete answer within the time limit."),
    (scrapy_errors.DownloadCancelledError, Outcome.TOO_LARGE, "The body is over the size limit."),
    (scrapy_errors.DownloadConnectionRefusedError, Outcome.CONNECTION_FAILED, "The connection was refused."),
    (scrapy_errors.CannotResolveHostError, Outcome.CONNECTION_FAILED, "The host name was not found."),
    (scrapy_errors.ResponseDataLossError, Outcome.CONNECTION_FAILED, "The answer was cut short."),
    (scrapy_errors.UnsupportedURLSchemeError, Outcome.SCHEME_REFUSED, "Only http and https are asked."),
    (gzip.BadGzipFile, Outcome.UNDECODABLE, "The body is not packed as its header says."),
    (zlib.error, Outcome.UNDECODABLE, "The body is not packed as its header says."),
    (SSLError, Outcome.TLS_FAILED, "The TLS handshake failed."),
    (ConnectionLost, Outcome.CONNECTION_FAILED, "The connection was lost."),
    (scrapy_errors.DownloadFailedError, Outcome.CONNECTION_FAILED, "The connection failed."),
)

_BLOCKED = frozenset({401, 402, 403, 407, 451})
_GONE = frozenset({404, 410})


def fault_of_failure(failure: Failure | BaseException) -> Fault:
    """Return the fault a failed request means; an exception nobody foresaw is named in the detail."""
    error: BaseException = failure.value if isinstance(failure, Failure) else failure  # type: ignore[assignment]
    if isinstance(error, Refused):
        return error.fault
    if isinstance(error, IgnoreRequest):
        if "redirection" in str(error):
            return Fault(Outcome.TRAP, "Too many redirects.")
        if "DOWNLOAD_MAXSIZE" in str(error):
            return Fault(Outcome.TOO_LARGE, "The body is over the size limit once it is unpacked.")
        return Fault(Outcome.EXTRACTION_FAILED, f"The request was dropped: {error}.")
    for kind, outcome, sentence in _BY_TYPE:
        if isinstance(error, kind):
            cause = _cause(error)
            if outcome is Outcome.CONNECTION_FAILED and _TLS.search(cause):
                return Fault(Outcome.TLS_FAILED, f"The certificate or the TLS handshake was not accepted: {cause}.")
            return Fault(outcome, f"{sentence} ({cause})" if cause and outcome is not Outcome.TIMEOUT else sentence)
    return Fault(Outcome.CONNECTION_FAILED, f"{type(error).__name__}: {_cause(error)}"[:300])


def fault_of_response(response: Response) -> Fault | None:
    """Return the fault an answer's status means, None when it carries a page."""
    location = response.headers.get("Location")
    if 300 <= response.status < 400 and response.status != HTTPStatus.NOT_MODIFIED and location:
        target = location.decode("latin-1")
        scheme = target.split(":", 1)[0].lower() if ":" in target.split("/", 1)[0] else ""
        if scheme and scheme not in ("http", "https"):
            return Fault(Outcome.SCHEME_REFUSED, f"Redirects to {target[:200]}; only http and https are asked.")
    return fault_of_status(response.status)


def fault_of_status(status: int) -> Fault | None:
    """Return the fault an HTTP status means, None for 200 and 203."""
    if status in (200, 203):
        return None
    try:
        told = f"HTTP {status} {HTTPStatus(status).phrase}."
    except ValueError:
        told = f"HTTP {status}."
    if status == HTTPStatus.NOT_MODIFIED:
        return Fault(Outcome.NOT_MODIFIED, "")
    if status in _GONE:
        return Fault(Outcome.GONE, told)
    if status == HTTPStatus.REQUEST_TIMEOUT:
        return Fault(Outcome.TIMEOUT, told)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Fault(Outcome.RATE_LIMITED, told)
    if status in _BLOCKED:
        return Fault(Outcome.BLOCKED, told)
    if status >= 500:
        return Fault(Outcome.SERVER_ERROR, told)
    if status in (204, 205, 206):
        return Fault(Outcome.NOT_ARTICLE, f"{told} There is no page in it.")
    if 300 <= status < 400:
        return Fault(Outcome.NOT_ARTICLE, f"{told} It names no address to go on to.")
    return Fault(Outcome.GONE, told)


def _cause(error: BaseException) -> str:
    """The innermost words of an error, on one line."""
    inner: BaseException | None = error
    words = ""
    while inner is not None:
        words = " ".join(str(inner).split()) or words
        reasons = getattr(inner, "reasons", None)
        if reasons:
            words = "; ".join(" ".join(str(getattr(reason, "value", reason)).split()) for reason in reasons) or words
        inner = inner.__cause__
    return words[:300].strip("[]. ")
