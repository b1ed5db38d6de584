"""The values that travel between the process that asks for a crawl and the one that does it. No I/O, no Scrapy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from config.settings import Settings
from crawler.verdict import EXIT_CODES
from index.outcomes import STORED, Outcome


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use up; None means what the outlet's file or the settings say."""

    pages: int | None = None
    new_urls: int | None = None
    run_s: float | None = None
    depth: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One crawl as asked for: an outlet, limits, and perhaps a WARC file to answer from or a single URL.

    `check`: linked addresses of the outlet to ask instead of its sources, to see whether they answer. `job`: id and
    attempt of the job it is for; it does not begin where another worker has that job meanwhile. `turns_in`: URL of the
    database in which turns to ask hosts are taken, where it is not the run's own.
    """

    settings: Settings
    outlet: str
    limits: Limits = Limits()
    replay: Path | None = None
    url: str | None = None
    check: tuple[str, ...] = ()
    job: tuple[int, int] | None = None
    turns_in: str = ""

    def to_json(self) -> str:
        """Write the order as one line, for the child's standard input. It holds no password but the database's."""
        parts = {
            "settings": self.settings.without_secrets().model_dump(mode="json"),
            "outlet": self.outlet,
            "limits": asdict(self.limits),
            "replay": None if self.replay is None else str(self.replay),
            "url": self.url,
            "check": list(self.check),
            "job": self.job,
            "turns_in": self.turns_in,
        }
        return json.dumps(parts, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Order:
        """Read what `to_json` wrote."""
        parts = json.loads(text)
        return cls(
            settings=Settings.model_validate(parts["settings"]),
            outlet=parts["outlet"],
            limits=Limits(**parts["limits"]),
            replay=None if parts["replay"] is None else Path(parts["replay"]),
            url=parts["url"],
            check=tuple(parts["check"]),
            job=None if parts["job"] is None else (int(parts["job"][0]), int(parts["job"][1])),
            turns_in=parts["turns_in"],
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come: URLs asked for, leads still waiting, outcomes by name."""

    asked: int = 0
    waiting: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunReport:
    """What one run did. `counts` are outcomes by name, `leads` those found new, `fetched` the answers with a body."""

    run_id: int | None
    outlet: str
    state: str
    reason: str = ""
    kind: str = "crawl"
    leads: int = 0
    fetched: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    hung: bool = False  # it gave no sign of life and was killed for that
    stop_asked: bool = False  # a signal came meanwhile, maybe too late for this run: begin no other after it

    @property
    def exit_code(self) -> int:
        """The exit code of a command that made this run alone."""
        return EXIT_CODES[self.state]

    @property
    def new(self) -> int:
        """Articles stored for the first time."""
        return self.counts.get(Outcome.NEW, 0)

    @property
    def changed(self) -> int:
        """Articles that got a revision."""
        return self.counts.get(Outcome.CHANGED, 0)

    @property
    def unchanged(self) -> int:
        """Articles held with nothing new, asked for or skipped."""
        return self.counts.get(Outcome.UNCHANGED, 0) + self.counts.get(Outcome.NOT_MODIFIED, 0)

    @property
    def rejected(self) -> dict[str, int]:
        """URLs that gave no article, by cause."""
        return {cause: number for cause, number in sorted(self.counts.items()) if cause not in STORED and number}

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values, derived figures included."""
        return {
            "run_id": self.run_id,
            "outlet": self.outlet,
            "kind": self.kind,
            "state": self.state,
            "reason": self.reason,
            "leads": self.leads,
            "fetched": self.fetched,
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
            "outcomes": dict(sorted(self.counts.items())),
            "seconds": round(self.seconds, 3),
            "notes": list(self.notes),
            "exit_code": self.exit_code,
        }

    @classmethod
    def from_json(cls, parts: Mapping[str, Any]) -> RunReport:
        """Read what `to_json` wrote."""
        return cls(
            run_id=parts["run_id"],
            outlet=parts["outlet"],
            state=parts["state"],
            reason=parts["reason"],
            kind=parts["kind"],
            leads=parts["leads"],
            fetched=parts["fetched"],
            counts=parts["outcomes"],
            seconds=parts["seconds"],
            notes=tuple(parts["notes"]),
        )
