"""The tables of an outlet file as frozen values: where articles are found, which URLs are articles, rules, pace.

config.outlets puts them together and hands them out; import them from there.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from config.outlet_faults import did_you_mean, why_bad_format, why_bad_zone
from config.request_headers import why_cookie_refused, why_header_refused

FILL_FIELDS = ("title", "authors", "published", "updated", "text", "language")
"""The fields whose share of articles a file can expect."""


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def check_http(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"must be a whole http or https address, not {url!r}")
    return url


def _check_pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a valid regular expression: {pattern!r} ({error})") from None
    return pattern


def check_zone(zone: str) -> str:
    try:
        return ZoneInfo(zone).key if zone else ""
    except (OSError, ValueError, LookupError):
        raise ValueError(why_bad_zone(zone)) from None


def _check_selector(selector: str) -> str:
    """A selector that is not CSS would match nothing, on every page, without a word."""
    try:
        LexborHTMLParser("<p>").css(selector)
    except (SelectolaxError, ValueError):
        raise ValueError(f"not a valid CSS selector: {selector!r}") from None
    return selector


class FieldRule(Part):
    """How one field is read: a CSS selector, the attribute (empty: the text), a regular expression with one group.

    `formats` are strptime formats for dates, tried in order; `zone` is the IANA zone of a date without one.
    In an outlet file a plain string stands for the selector alone.
    """

    selector: str
    attribute: str = ""
    pattern: str = ""
    formats: tuple[str, ...] = ()
    zone: str = ""

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: Any) -> Any:
        return {"selector": value} if isinstance(value, str) else value

    @field_validator("selector")
    @classmethod
    def _selector_is_css(cls, selector: str) -> str:
        return _check_selector(selector)

    @field_validator("pattern")
    @classmethod
    def _pattern_compiles(cls, pattern: str) -> str:
        return _check_pattern(pattern)

    @field_validator("zone")
    @classmethod
    def _zone_is_known(cls, zone: str) -> str:
        return check_zone(zone)

    @field_validator("formats")
    @classmethod
    def _formats_give_a_day(cls, formats: tuple[str, ...]) -> tuple[str, ...]:
        faults = [fault for pattern in formats if (fault := why_bad_format(pattern))]
        if faults:
            raise ValueError("; ".join(faults))
        return formats


class RuleSet(Part):
    """Rules for one layout. A field with a rule never falls back; one without always does.

    `text` selects the paragraphs, `drop` what is removed before anything is read, `backlinks` the entries of the
    outlet's own related list (links, or labels without address), `entry_times` the times of a live blog's entries,
    each before the text of its entry. `until` is the last day of this layout.
    """

    until: date | None = None
    title: FieldRule | None = None
    authors: FieldRule | None = None
    published: FieldRule | None = None
    updated: FieldRule | None = None
    read_minutes: FieldRule | None = None
    text: FieldRule | None = None
    backlinks: FieldRule | None = None
    entry_times: FieldRule | None = None
    drop: tuple[str, ...] = ()

    @field_validator("drop")
    @classmethod
    def _selectors_are_css(cls, selectors: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_check_selector(selector) for selector in selectors)


class LeadSources(Part):
    """Where articles are found. `listing_links` is the CSS selector of article links on a listing (empty: all).

    `listing_next` selects the link to a listing's next page; at most `listing_pages` pages of one are read in a run.
    """

    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    listings: tuple[str, ...] = ()
    listing_links: str = ""
    listing_next: str = ""
    listing_pages: int = Field(default=1, ge=1, le=500)
    follow_links: bool = True  # links inside the outlet, and the hubs its backlink lists name, are leads too

    @field_validator("feeds", "sitemaps", "listings")
    @classmethod
    def _are_addresses(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(check_http(url) for url in urls)

    @field_validator("listing_links", "listing_next")
    @classmethod
    def _selector_is_css(cls, selector: str) -> str:
        return _check_selector(selector) if selector else ""


class ArticleUrls(Part):
    """Which URLs are articles: regular expressions searched in path?query. Empty `match`: any page may be one.

    `query_keys` are the query keys that are part of an article's identity, all others are dropped: with an empty list
    the whole query. Without the key only what is known to count readers is dropped.
    """

    match: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    query_keys: tuple[str, ...] | None = None

    @field_validator("match", "exclude")
    @classmethod
    def _compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_check_pattern(pattern) for pattern in patterns)


class RequestParts(Part):
    """What is sent with every request to the outlet's hosts, such as the cookie its own consent dialog would set."""

    headers: dict[str, str] = {}
    cookies: dict[str, str] = {}

    @model_validator(mode="after")
    def _may_be_sent(self) -> Self:
        faults = [why_header_refused(name, value) for name, value in self.headers.items()]
        faults += [why_cookie_refused(name, value) for name, value in self.cookies.items()]
        told = [fault for fault in faults if fault]
        if told:
            raise ValueError("; ".join(told))
        return self


class Pace(Part):
    """How gently the outlet is asked. The floor of the settings always holds; this can only be slower."""

    delay_s: float = Field(default=1.0, ge=0, le=3600)
    max_pages: int | None = Field(default=None, ge=1)


class Expectations(Part):
    """What a healthy run looks like: articles a week, share of articles with each field, links per article."""

    articles_per_week: tuple[int, int] | None = None
    links_per_article: tuple[float, float] | None = None
    fill: dict[str, float] = {}

    @field_validator("articles_per_week", "links_per_article")
    @classmethod
    def _least_comes_first(cls, bounds: tuple[float, float] | None) -> tuple[float, float] | None:
        if bounds is not None and not 0 <= bounds[0] <= bounds[1]:
            raise ValueError(f"must be [least, most], not {list(bounds)}")
        return bounds

    @field_validator("fill")
    @classmethod
    def _shares_of_fields(cls, fill: dict[str, float]) -> dict[str, float]:
        for name, share in fill.items():
            if name not in FILL_FIELDS:
                there_are = f"; there are {', '.join(FILL_FIELDS)}"
                raise ValueError(f"unknown field {name!r}{did_you_mean(name, FILL_FIELDS) or there_are}")
            if not 0 <= share <= 1:
                raise ValueError(f"{name}: must be a share from 0 to 1, not {share:g}")
        return fill
