"""What a takedown is about, what it removed, and what is left of it to do: frozen values, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

RAW, INDEX, DATABASE = "raw", "index", "database"
PARTS = (RAW, INDEX, DATABASE)
"""What is overwritten once the rows are gone, in this order: raw records, index files, the database's own file."""

LEFT = {
    RAW: "raw records are still to be overwritten",
    INDEX: "the index has not let go of its words yet",
    DATABASE: "freed space of the database has not been overwritten yet",
}
"""What is still to be done, in words, by its name in `pending`."""


@dataclass(frozen=True, slots=True)
class SameText:
    """Another article that has the text of one taken down."""

    article_id: int
    outlet: str
    url: str
    title: str


@dataclass(frozen=True, slots=True)
class TakedownPlan:
    """What is held of an address and would go. `addresses` are all that are barred; `counts` has a number by its noun.

    `article_id` is None where no article is held. `cited_by` articles link to it; their sentences are their own.
    """

    url: str
    article_id: int | None
    outlet: str
    title: str
    addresses: tuple[str, ...]
    counts: Mapping[str, int]
    copies: tuple[SameText, ...] = ()
    cited_by: int = 0
    first_seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Takedown:
    """A takedown as it is kept. Times are aware UTC. `pending` names of PARTS what is still to be overwritten."""

    id: int
    url: str
    article_id: int | None
    outlet: str
    at: datetime
    by: str
    reason: str
    counts: Mapping[str, int]
    pending: tuple[str, ...] = ()
    ended_at: datetime | None = None
    lifted_at: datetime | None = None
    lifted_by: str = ""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """An address that is not asked for or stored again, and why. `reason` may be empty. `at` is aware UTC."""

    url: str
    at: datetime
    reason: str
    article_id: int | None = None


@dataclass(frozen=True, slots=True)
class TakedownReport:
    """What a takedown did, or, with `dry_run`, would do. `notes` are sentences about what stays, and why.

    `elsewhere` are the addresses of other articles whose raw pages repeat its words; `left` says what is still to do.
    """

    plan: TakedownPlan
    dry_run: bool
    takedown: Takedown | None = None
    raw_records: int = 0
    elsewhere: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    others: tuple[Takedown, ...] = field(default=())  # of copies taken down with it
