"""The frozen values that cross the borders between packages, and their invariants. No I/O here.

Every datetime is aware and in UTC. Ids are database ids; None means "not stored yet".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from index.link_states import LinkCheck
from index.outcomes import Outcome


class Role(StrEnum):
    """What a link is for on its page."""

    INLINE = "inline"
    BACKLINK = "backlink"
    SOURCE = "source"
    BYLINE = "byline"
    FURNITURE = "furniture"


class DateFlag(StrEnum):
    """What is doubtful about a date."""

    WEEKDAY_CONFLICT = "weekday_conflict"
    ZONE_ASSUMED = "zone_assumed"
    DAY_MONTH_GUESSED = "day_month_guessed"
    FUTURE = "future"
    TOO_OLD = "too_old"
    MISSING = "missing"


class ArticleFlag(StrEnum):
    """What a reader should know about an article."""

    TITLE_FROM_TEXT = "title_from_text"
    PAYWALLED = "paywalled"
    LIVE = "live"
    AGENCY = "agency"
    PROVISIONAL_OUTLET = "provisional_outlet"
    QUICK = "quick"  # its page took too long: the text was read in one pass, by the simpler engine


class LeadState(StrEnum):
    """`waiting` is the frontier; `taken` belongs to a run (a dead run's wait again); `done` has an outcome."""

    WAITING = "waiting"
    TAKEN = "taken"
    DONE = "done"


class Via(StrEnum):
    """How a lead was found."""

    FEED = "feed"
    SITEMAP = "sitemap"
    LISTING = "listing"
    LINK = "link"
    HUB = "hub"
    COMMAND = "command"
    IMPORT = "import"


def must_be_utc(moment: datetime | None, name: str) -> None:
    """Raise ValueError when `moment` is a naive datetime or not in UTC."""
    if moment is not None and (moment.tzinfo is None or moment.utcoffset() != UTC.utcoffset(None)):
        raise ValueError(f"{name} must be an aware datetime in UTC, not {moment!r}")


@dataclass(frozen=True, slots=True)
class Lead:
    """A URL that may be an article, where it was found, and how far it has come."""

    url: str
    outlet: str
    via: Via
    found_in: str = ""  # URL of the feed, sitemap, listing or article; "" for a command
    depth: int = 0  # link steps from a source
    changed_at: datetime | None = None  # what the source says of its last change (lastmod, updated)
    published_at: datetime | None = None  # what the source says of its publication
    title: str = ""  # what the source calls it; for operators only
    id: int | None = None
    state: LeadState = LeadState.WAITING
    attempt: int = 0
    outcome: Outcome | None = None

    def __post_init__(self) -> None:
        must_be_utc(self.changed_at, "changed_at")
        must_be_utc(self.published_at, "published_at")


@dataclass(frozen=True, slots=True)
class WarcPosition:
    """Where a record lies: file name inside the WARC folder, offset and length in bytes of its gzip member."""

    file: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Page:
    """The bytes fetched for a URL at an instant. `url` is the address after redirects."""

    url: str
    body: bytes
    fetched_at: datetime
    requested_url: str = ""  # the address asked for first; "" means the same as url
    via: tuple[str, ...] = ()  # the addresses a chain of redirects went through between the two
    status: int = 200
    content_type: str = ""  # the whole header value, charset included
    headers: tuple[tuple[str, str], ...] = ()
    etag: str | None = None
    last_modified: str | None = None  # the header as the server wrote it, to be sent back unchanged
    left_out_bytes: int = 0  # the size of a body over the limit, which is not held; 0 when `body` is all of it

    def __post_init__(self) -> None:
        must_be_utc(self.fetched_at, "fetched_at")


@dataclass(frozen=True, slots=True)
class Link:
    """An edge from an article. `url` is absolute, or None for a label without address (joined to a hub by slug)."""

    url: str | None
    text: str
    role: Role
    context: str = ""  # the sentence around it; for a backlink list the label itself
    position: int = 0  # order on the page, from 0


@dataclass(frozen=True, slots=True)
class DateReading:
    """One date as the publisher wrote it and as we read it. `method` names what read it: json_ld, meta, rule, ..."""

    text: str | None
    at: datetime | None
    method: str = ""
    flags: tuple[DateFlag, ...] = ()

    def __post_init__(self) -> None:
        must_be_utc(self.at, "at")


@dataclass(frozen=True, slots=True)
class TraceStep:
    """Which rule gave a field: the rule's name, its selector, the number of matches, the raw and the cleaned value."""

    field: str
    rule: str
    selector: str = ""
    matches: int = 0
    raw: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A paragraph the outlet repeats on its pages, left out of a text; `place` is its number in the whole text."""

    place: int
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """What was extracted from a page. `text` is paragraphs joined by a blank line."""

    url: str
    canonical_url: str
    outlet: str
    title: str
    text: str
    search_title: str = ""  # the headline made for search engines, where it differs
    authors: tuple[str, ...] = ()
    published: DateReading = DateReading(None, None)
    updated: DateReading = DateReading(None, None)
    language: str = ""  # ISO 639-1, "" when unknown
    read_minutes: int | None = None
    flags: tuple[ArticleFlag, ...] = ()
    links: tuple[Link, ...] = ()
    trace: tuple[TraceStep, ...] = ()
    import_id: str | None = None  # the id an imported line carried
    left_out: tuple[LeftOut, ...] = ()  # in the order of the page

    @property
    def whole_text(self) -> str:
        """The text with what was left out of it in its place."""
        paragraphs = self.text.split("\n\n") if self.text else []
        for one in self.left_out:
            paragraphs.insert(one.place, one.text)
        return "\n\n".join(paragraphs)

    @property
    def date_flags(self) -> tuple[DateFlag, ...]:
        """The flags of both dates, each once, in order. `missing` is said when there is no publication date."""
        return tuple(dict.fromkeys((*self.published.flags, *self.updated.flags)))


@dataclass(frozen=True, slots=True)
class Extraction:
    """How extraction ended: an article, or the outcome that says why there is none."""

    outcome: Outcome | None  # None when there is an article and nothing to say against it
    article: Article | None
    detail: str = ""  # one sentence for `why`
    leads: tuple[str, ...] = ()  # absolute URLs on a page that is no article (hub, listing) worth following
    trace: tuple[TraceStep, ...] = ()  # of a page that should be an article and could not be read; else the article's


@dataclass(frozen=True, slots=True)
class Saved:
    """What the store did with an article."""

    outcome: Outcome  # new, changed, unchanged, moved, duplicate, taken_down
    article_id: int | None
    revision: int | None
    change: int | None  # position in the change log, None when nothing changed


@dataclass(frozen=True, slots=True)
class StoredLink:
    """A link as kept, seen from either end."""

    id: int
    article_id: int
    position: int
    url: str | None
    text: str
    role: Role
    context: str
    target_article_id: int | None = None
    hub_slug: str | None = None
    hub_outlet: str | None = None
    article_title: str = ""  # the citing article, for backlinks
    article_outlet: str = ""
    article_at: datetime | None = None
    target_title: str = ""  # the cited article, for references
    target_outlet: str = ""
    check: LinkCheck | None = None  # None: nothing is known of the address
    meant: str | None = None  # the address meant, where the link leads there through another one


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article with its current revision, as readers see it. `text` is empty where only a list was asked for."""

    id: int
    outlet: str
    canonical_url: str
    title: str
    search_title: str
    authors: tuple[str, ...]
    language: str
    text: str
    published: DateReading
    updated: DateReading
    first_seen_at: datetime
    last_seen_at: datetime
    sort_at: datetime  # the first of published, updated, first seen that exists
    sort_by: str  # "published", "updated" or "first_seen": which one sort_at is
    read_minutes: int | None
    flags: tuple[ArticleFlag, ...]
    revision: int
    cites: int = 0  # links out with an address, furniture not counted
    cited_by: int = 0  # articles held that link here
    topics: tuple[str, ...] = ()  # slugs of the hubs its backlink list names
    import_id: str | None = None
    story_id: int | None = None  # None before its story is worked out
    copies: int = 0  # other articles held that have its text


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """One state of an article's text. `changes` says in plain words what differs from the one before."""

    article_id: int
    number: int
    seen_at: datetime
    title: str
    authors: tuple[str, ...]
    text: str
    changes: str
    trace: tuple[TraceStep, ...] = ()
    page_id: int | None = None


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A fetched page as kept: what to send for a conditional request, and where the bytes lie."""

    id: int
    url: str
    fetched_at: datetime
    status: int
    body_bytes: int
    digest: str  # sha256 of the body, hex
    etag: str | None
    last_modified: str | None
    warc: WarcPosition | None
    article_id: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the change log. `kind` is `upsert` or `delete`."""

    position: int
    article_id: int
    kind: str
    revision: int


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a spider. `counts` are outcomes by name; `numbers` are leads, fetched, bytes and the like."""

    id: int
    outlet: str
    kind: str  # crawl, check, replay, import, reextract
    started_at: datetime
    finished_at: datetime | None = None
    state: str = "running"  # running, done, partial, blocked, budget, storage_full, failed, killed
    reason: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    unfit: str = ""  # which minimum of its outlet it missed, so that it brought no fresh news


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of the answer to `why URL`: what was decided, when, in which run, and the cause in words."""

    url: str
    at: datetime
    what: str  # found, fetched, outcome, stored, ...
    outcome: Outcome | None
    detail: str
    run_id: int | None = None


@dataclass(frozen=True, slots=True)
class Hub:
    """A linked URL or topic page that articles point at."""

    slug: str
    label: str
    outlet: str | None
    url: str | None
    citers: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """A linked URL not held yet, with how many articles of how many outlets link to it."""

    url: str
    citers: int
    outlets: int
    first_seen_at: datetime
    example_text: str = ""
    registered_outlet: str | None = None  # the outlet that could crawl it


@dataclass(frozen=True, slots=True)
class OutletRow:
    """An outlet as the store knows it, with the counts its page shows."""

    name: str
    title: str
    home: str
    country: str
    languages: tuple[str, ...]
    provisional: bool
    enabled: bool = True
    articles: int = 0
    last_success_at: datetime | None = None
    last_article_at: datetime | None = None
    last_run: Run | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much an empty answer means for one outlet: it is fresh, failing, stale, never (crawled), or imported."""

    outlet: str
    state: str
    last_success_at: datetime | None
    reason: str = ""  # what is not as usual, to a reader in a few words


JsonObject = dict[str, Any]
