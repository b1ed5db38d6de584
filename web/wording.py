"""How values read on a page: dates, flags, roles, outcomes, numbers, addresses. Pure, but for registering filters."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode, urlsplit

from flask import Flask, request, url_for
from markupsafe import Markup

from config.counting import counted
from index.records import ArticleFlag, DateFlag, Role
from index.search.languages import language_of
from web.shapes import crawl_command
from web.site import EXTENSION
from web.subjects import ARGUMENTS, KIND_LABELS, topic_labels

DATE_FLAGS = {
    DateFlag.WEEKDAY_CONFLICT: "the weekday written does not fit the date",
    DateFlag.ZONE_ASSUMED: "no time zone was written; the outlet's was assumed",
    DateFlag.DAY_MONTH_GUESSED: "day and month could be the other way round",
    DateFlag.FUTURE: "lies in the future",
    DateFlag.TOO_OLD: "lies before the outlet can have written it",
    DateFlag.MISSING: "no publication date was found",
}
ARTICLE_FLAGS = {
    ArticleFlag.TITLE_FROM_TEXT: "title taken from the first sentence",
    ArticleFlag.PAYWALLED: "only the free beginning is held",
    ArticleFlag.LIVE: "live report",
    ArticleFlag.AGENCY: "agency report",
    ArticleFlag.PROVISIONAL_OUTLET: "outlet not registered",
}
ROLES = {
    Role.INLINE: "in the text",
    Role.BACKLINK: "related list",
    Role.SOURCE: "source document",
    Role.BYLINE: "byline",
    Role.FURNITURE: "page furniture",
}
SORTED_BY = {"published": "published", "updated": "updated", "first_seen": "first seen"}
STATES = {
    "fresh": "up to date",
    "failing": "failing",
    "stale": "not crawled lately",
    "never": "never crawled",
    "imported": "imported",
}
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "ps", "yi", "ckb", "sd", "dv"})
_UNITS = ((365 * 86400, "year"), (30 * 86400, "month"), (86400, "day"), (3600, "hour"), (60, "minute"))

SHORT_CHARS = 280


def moment(at: datetime | None) -> Markup:
    """Return an instant as a <time>, to the minute, in UTC."""
    if at is None:
        return Markup("not known")
    return Markup('<time datetime="{}">{} UTC</time>').format(
        at.isoformat(), f"{at.day} {at:%b} {at.year:04d}, {at:%H:%M}"
    )


def ago(at: datetime | None, now: datetime) -> str:
    """Return how long ago, in the largest unit that fits: `3 days ago`."""
    if at is None:
        return "never"
    seconds = (now - at).total_seconds()
    if seconds < -60:
        return "in the future"
    for size, name in _UNITS:
        if seconds >= size:
            return f"{counted(int(seconds // size), name)} ago"
    return "just now"


def host(url: str) -> str:
    """Return the host of an address as a reader says it."""
    return (urlsplit(url).hostname or url).removeprefix("www.")


def language_name(code: str) -> str:
    """Return a language's English name, its code where it is none of ours."""
    known = language_of(code) if code else None
    return known.name if known is not None else code or "unknown"


def direction(code: str) -> str:
    """Return the direction a language is written in: ltr or rtl."""
    return "rtl" if code in RIGHT_TO_LEFT else "ltr"


def is_web_address(url: str | None) -> bool:
    """Say whether an address may become a link on our pages: http and https alone."""
    return url is not None and url.lower().startswith(("http://", "https://"))


def this_with(**changes: object) -> str:
    """Return the address of this page with arguments changed; None removes one, and the page number always goes."""
    arguments = {key: request.args.getlist(key) for key in request.args if key not in ("page", "format")}
    for key, value in changes.items():
        if value is None:
            arguments.pop(key, None)
        else:
            arguments[key] = [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]
    given = {key: [one for one in values if one] for key, values in arguments.items()}
    filled = {key: values for key, values in given.items() if values}
    # What a reader wrote is never handed to url_for, where names such as _scheme and _external mean something.
    path = url_for(request.endpoint or "home.now", **(request.view_args or {}))
    return f"{path}?{urlencode(filled, doseq=True)}" if filled else path


def shortened(text: str) -> str:
    """Return a text of some lines, cut at a word."""
    flat = " ".join(text.split())
    return flat if len(flat) <= SHORT_CHARS else flat[:SHORT_CHARS].rsplit(" ", 1)[0] + "…"


def register(app: Flask) -> None:
    """Make these words known to the templates."""
    app.jinja_env.filters.update(
        crawl_command=crawl_command,
        moment=moment,
        ago=ago,
        host=host,
        language_name=language_name,
        direction=direction,
        counted=counted,
        shortened=shortened,
    )
    app.jinja_env.tests["web_address"] = is_web_address
    app.jinja_env.globals.update(
        DATE_FLAGS=DATE_FLAGS,
        ARTICLE_FLAGS=ARTICLE_FLAGS,
        ROLES=ROLES,
        SORTED_BY=SORTED_BY,
        STATES=STATES,
        NAME_KINDS=KIND_LABELS,
        NAME_ARGUMENTS=ARGUMENTS,
        this_with=this_with,
        style_version=app.extensions[EXTENSION].style,
        script_version=app.extensions[EXTENSION].script,
    )
    app.context_processor(lambda: {"TOPICS": topic_labels()})
