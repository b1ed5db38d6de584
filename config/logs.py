"""Log lines on stderr, as key=value or JSON, with credentials removed. Called once by a command, not at import.

What a process or a block is about (its run, outlet, job, worker) is said once and stands in each of its lines.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

Form = Literal["keyvalue", "json"]

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
            r"(?P<keep>\b\w{0,30}(?:password|passwd|pwd|secret|token|api[_-]?key)\b\s*[=:]\s*)(?:\"[^\"]*\"|'[^']*'|[^\s&,;]+)",
            re.IGNORECASE,
        ),
        r"\g<keep>***",
    ),
)
_PAGE_READERS = ("trafilatura", "htmldate", "courlan", "justext")
"""Libraries that call a page without a text an error; for us it is an outcome, counted and told with its cause."""

OUR_PACKAGES = ("config", "index", "crawler", "web")
_LINE_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}
"""What JSON leaves as it is and some readers of lines take for the end of one."""

_PLAIN_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


_PROCESS: dict[str, int | str] = {}
"""What every line of this process is about: state of the process, as the handlers of logging are."""

_BLOCK: ContextVar[Mapping[str, int | str]] = ContextVar("about", default=MappingProxyType({}))


def label_process(**about: int | str | None) -> None:
    """Say what all lines of this process are about from now on; None takes a key away."""
    for key, value in about.items():
        _PROCESS.pop(key, None)
        if value is not None:
            _PROCESS[key] = value


@contextmanager
def labelled(**about: int | str) -> Iterator[None]:
    """Say what the lines of a block are about, in this thread."""
    token = _BLOCK.set({**_BLOCK.get(), **about})
    try:
        yield
    finally:
        _BLOCK.reset(token)


def labels() -> dict[str, int | str]:
    """Return what a line written here and now is about."""
    return {**_PROCESS, **_BLOCK.get()}


def redact(text: str) -> str:
    """Replace credentials in URLs, Authorization and Cookie headers, and password=, token= pairs by ***."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class KeyValueFormatter(logging.Formatter):
    """One line per record: at=… level=… logger=… msg="…", what it is about, every `extra` key; newlines are escaped.

    An exception is its type, its message and where it was raised; with `tracebacks` the whole way there.
    """

    def __init__(self, *, tracebacks: bool = False) -> None:
        super().__init__()
        self.tracebacks = tracebacks

    def format(self, record: logging.LogRecord) -> str:
        """Return the redacted line."""
        return redact(" ".join(f"{key}={_quoted(str(value))}" for key, value in self.pairs(record).items()))

    def pairs(self, record: logging.LogRecord) -> dict[str, Any]:
        """Return what the line says, in its order."""
        own = {key: value for key, value in vars(record).items() if key in _extra_keys(record)}
        pairs: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "msg": record.getMessage(),
            **{key: value for key, value in labels().items() if key not in own},
            **own,
        }
        if record.exc_info and record.exc_info[1] is not None:
            pairs["error"] = self.formatException(record.exc_info) if self.tracebacks else cause_of(record.exc_info[1])
        return pairs


class JsonFormatter(KeyValueFormatter):
    """The same as one JSON object a line: numbers stay numbers, everything else is text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the redacted line."""
        pairs = {key: _json_value(key, value) for key, value in self.pairs(record).items()}
        return json.dumps(pairs, ensure_ascii=False).translate(_LINE_ENDS)


def _json_value(key: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    # Redacted one by one, as what follows `password=` would else take the quotes of JSON with it; with its key, which
    # may be what tells that it is one.
    return redact(f"{key}={value}").removeprefix(f"{key}=")


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


def set_up_logs(level: str, *, form: Form = "keyvalue") -> None:
    """Send the logs of this process to stderr from `level` on, in the given form; other handlers are removed.

    Tracebacks are written at level DEBUG alone.
    """
    handler = logging.StreamHandler(sys.stderr)
    formatter = JsonFormatter if form == "json" else KeyValueFormatter
    handler.setFormatter(formatter(tracebacks=level == "DEBUG"))
    handler.addFilter(_is_not_of_page_readers)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for package in OUR_PACKAGES:
        logging.getLogger(package).setLevel(level)


def logs_as_text() -> str:
    """Return how this process logs and what about, for a process of its own: see `set_up_logs_from`."""
    as_json = any(isinstance(one.formatter, JsonFormatter) for one in logging.getLogger().handlers)
    return json.dumps({"form": "json" if as_json else "keyvalue", "about": labels()})


def set_up_logs_from(text: str, level: str) -> None:
    """Log as the process did that wrote `text` by `logs_as_text`, from `level` on."""
    told = json.loads(text or "{}")
    set_up_logs(level, form=told.get("form", "keyvalue"))
    label_process(**told.get("about", {}))
