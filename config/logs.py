"""key=value log lines on stderr, with credentials removed. Called once by a command; nothing is set up at import."""

from __future__ import annotations

import logging
import re
import sys
from datetime import UTC, datetime

_SECRETS = (
    # user:password@ in any URL, database URLs among them
    (re.compile(r"(?P<keep>[a-z][a-z0-9+.-]*://)[^/\s@\"']*@", re.IGNORECASE), r"\g<keep>***@"),
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
_PLAIN_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def redact(text: str) -> str:
    """Replace credentials in URLs, Authorization and Cookie headers, and password=, token= pairs by ***."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class KeyValueFormatter(logging.Formatter):
    """One line per record: at=… level=… logger=… msg="…" and every `extra` key; newlines are escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the redacted line."""
        pairs = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "msg": record.getMessage(),
        }
        pairs.update({key: str(value) for key, value in vars(record).items() if key in _extra_keys(record)})
        if record.exc_info:
            pairs["error"] = self.formatException(record.exc_info)
        return redact(" ".join(f"{key}={_quoted(value)}" for key, value in pairs.items()))


def _extra_keys(record: logging.LogRecord) -> frozenset[str]:
    return frozenset(vars(record)) - _PLAIN_RECORD


def _quoted(value: str) -> str:
    if value and not re.search(r"[\s\"=]", value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r") + '"'


def set_up_logs(level: str) -> None:
    """Send the logs of this process to stderr as key=value lines from `level` on; other handlers are removed."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(KeyValueFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for package in ("config", "index", "crawler", "web"):
        logging.getLogger(package).setLevel(level)
