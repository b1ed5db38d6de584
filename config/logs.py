"""key=value log lines on stderr, with credentials removed. Called once by a command; nothing is set up at import."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

_SECRETS = (
    # user:password@ in a URL, to the last @ of its host part, as a password may hold one; drivers of databases also
    # take a password with a slash in it
    (re.compile(r"(?P<keep>\b(?:postgres|mysql|maria)[a-z0-9+.]{0,40}://)[^\s\"']*@", re.IGNORECASE), r"\g<keep>***@"),
    (re.compile(r"(?P<keep>[a-z][a-z0-9+.-]{0,40}://)[^/\s\"'?#]*@", re.IGNORECASE), r"\g<keep>***@"),
    (
        re.compile(
            r"(?P<keep>\b(?:proxy-)?authorization\b\W{1,4}(?:(?:basic|bearer|digest)\s+)?)[^\s,;\"'}]+", re.IGNORECASE
        ),
        r"\g<keep>***",
    ),
    (re.compile(r"(?P<keep>\b(?:set-)?cookie\b\W{1,4})[^\r\n\"'}]+", re.IGNORECASE), r"\g<keep>***"),
    (
        re.compile(
            r"(?P<keep>\b(?:password|passwd|pwd|secret|token|api_?key)\b\s*[=:]\s*)(?:\"[^\"]*\"|'[^']*'|[^\s&,;]+)",
            re.IGNORECASE,
        ),
        r"\g<keep>***",
    ),
)
_PAGE_READERS = ("trafilatura", "htmldate", "courlan", "justext")
"""Libraries that call a page without a text an error; for us it is an outcome, counted and told with its cause."""

OUR_PACKAGES = ("config", "index", "crawler", "web")

_PLAIN_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def redact(text: str) -> str:
    """Replace credentials in URLs, Authorization and Cookie headers, and password=, token= pairs by ***."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class KeyValueFormatter(logging.Formatter):
    """One line per record: at=… level=… logger=… msg="…" and every `extra` key; newlines are escaped.

    An exception is its type, its message and where it was raised; with `tracebacks` the whole way there.
    """

    def __init__(self, *, tracebacks: bool = False) -> None:
        super().__init__()
        self.tracebacks = tracebacks

    def format(self, record: logging.LogRecord) -> str:
        """Return the redacted line."""
        pairs = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "msg": record.getMessage(),
        }
        pairs.update({key: str(value) for key, value in vars(record).items() if key in _extra_keys(record)})
        if record.exc_info and record.exc_info[1] is not None:
            pairs["error"] = self.formatException(record.exc_info) if self.tracebacks else cause_of(record.exc_info[1])
        return redact(" ".join(f"{key}={_quoted(value)}" for key, value in pairs.items()))


def cause_of(error: BaseException) -> str:
    """Return an exception in one line: type, message, and file and line it was raised at."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    said = " ".join(str(error).split())
    return f"{type(error).__name__}{': ' if said else ''}{said}{place}"


def _extra_keys(record: logging.LogRecord) -> frozenset[str]:
    return frozenset(vars(record)) - _PLAIN_RECORD


def _quoted(value: str) -> str:
    if value and not re.search(r"[\s\"=]", value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r") + '"'


def _is_not_of_page_readers(record: logging.LogRecord) -> bool:
    # A filter and not a level of their loggers: on import, one of them sets the level of another.
    return record.levelno >= logging.CRITICAL or record.name.partition(".")[0] not in _PAGE_READERS


def set_up_logs(level: str) -> None:
    """Send the logs of this process to stderr as key=value lines from `level` on; other handlers are removed.

    Tracebacks are written at level DEBUG alone.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(KeyValueFormatter(tracebacks=level == "DEBUG"))
    handler.addFilter(_is_not_of_page_readers)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for package in OUR_PACKAGES:
        logging.getLogger(package).setLevel(level)
