"""What a run sees of its outlet, gathered while it goes on and summed up at its end. Pure: no store, no network.

Every figure is of this run alone; what is usual, and what it means, is judged elsewhere (index/health).
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from statistics import median

from config.outlets import FILL_FIELDS
from crawler.discover.found import Found
from crawler.extract.fields import names_a_time
from crawler.network.tally import Tally
from index.health.records import Observation, SelectorSeen, SourceSeen
from index.outcomes import Outcome
from index.records import Article, Extraction, Lead, Role, Run, StoredArticle, TraceStep

_FIGURES = re.compile(r"\d[\d,.]*")

OLD_AFTER = timedelta(days=14)
"""A new article whose stated date lies further back is no news; its delay does not say how fast the outlet is read."""

OWN_ROLES = frozenset({Role.INLINE, Role.BACKLINK, Role.SOURCE})
"""Roles of the links an article makes itself; bylines and furniture are its outlet's."""

JUST_NOW = timedelta(seconds=60)
"""What is dated so near to the moment it was read was often dated by its page then, not when it was published."""

MOST_LANGUAGES = 5
MOST_REASONS, LONGEST_DETAIL = 3, 200
MOST_SELECTORS = 60
"""An outlet's file has a dozen; what an outlet's own Python writes into its trace must not fill the database."""


@dataclass(slots=True)
class Observing:
    """Gathers what one run sees. `network` is what its requests met."""

    network: Tally = field(default_factory=Tally)
    _pages: int = 0
    _bytes: int = 0
    _articles: int = 0
    _filled: Counter[str] = field(default_factory=Counter)
    _links: int = 0
    _characters: int = 0
    _old: int = 0
    _stubs: int = 0
    _delays_s: list[float] = field(default_factory=list)
    _flags: Counter[str] = field(default_factory=Counter)
    _sources: dict[str, SourceSeen] = field(default_factory=dict)
    _selectors: dict[str, SelectorSeen] = field(default_factory=dict)
    _unread: Counter[str] = field(default_factory=Counter)
    _reasons: dict[str, str] = field(default_factory=dict)
    _elsewhere: Counter[str] = field(default_factory=Counter)
    _alike: Counter[tuple[str, str]] = field(default_factory=Counter)
    _just_now: int = 0
    _languages: Counter[str] = field(default_factory=Counter)

    def read(
        self, extraction: Extraction, outcome: Outcome, *, is_new: bool, at: datetime, body_bytes: int = 0
    ) -> None:
        """Note a page that was read at `at`: `outcome` is what became of it, `is_new` whether it gave a new article.

        Of a page that should have been an article and could not be read, only what its selectors met is noted.
        """
        self._pages += 1
        self._bytes += body_bytes
        article = extraction.article
        if article is None:
            self._note_reason(extraction.detail)
            if extraction.outcome is Outcome.EXTRACTION_FAILED:
                self._note_selectors(extraction.trace)
            return
        self._articles += 1
        self._filled.update(fields_of(article))
        self._links += sum(link.role in OWN_ROLES for link in article.links)
        self._characters += len(article.text)
        self._flags.update(flag.value for flag in article.date_flags)
        if article.language:
            self._languages[article.language] += 1
        self._note_selectors(article.trace)
        if is_new:
            self._stubs += outcome is Outcome.PAYWALLED_STUB
            self._note_delay(article, at)
            self._alike.update(_told_apart_by(article))

    def source_read(self, listed: str, found: Found, *, fresh: int, unchanged: bool) -> None:
        """Note what a source gave; `listed` is its address in the outlet's file, or that of the one which led to it."""
        if found.outcome is not None and not found.leads:
            self.source_failed(listed, found.outcome, found.detail)
            return
        held = self._sources.get(listed)
        seen = SourceSeen(listed, len(found.leads), fresh, newest_of(found.leads), None, unchanged)
        if held is not None and held.entries is not None:
            instants = [at for at in (held.newest_at, seen.newest_at) if at is not None]
            seen = replace(
                seen,
                entries=held.entries + len(found.leads),
                fresh=held.fresh + fresh,
                newest_at=max(instants, default=None),
                unchanged=held.unchanged and unchanged,
            )
        self._sources[listed] = seen

    def source_failed(self, listed: str, outcome: Outcome, detail: str = "") -> None:
        """Note that a source could not be read. Where a part of it could (an index of sitemaps), that stays known."""
        held = self._sources.get(listed)
        if held is None or not held.entries:
            self._sources[listed] = SourceSeen(listed, outcome=outcome.value, detail=detail[:LONGEST_DETAIL])

    def led_elsewhere(self, host: str) -> None:
        """Note that an address led to a host that is not the outlet's."""
        self._elsewhere[host] += 1

    def observation(
        self, run: Run, *, finished_at: datetime, source_endings: Iterable[Outcome], whole: bool
    ) -> Observation:
        """Sum up a run that has ended. `source_endings` are how its sources ended, which `run.counts` counts too."""
        return Observation(
            run_id=run.id,
            outlet=run.outlet,
            kind=run.kind,
            state=run.state,
            started_at=run.started_at,
            finished_at=finished_at,
            reason=run.reason,
            outcomes=_without(run.counts, source_endings),
            statuses=dict(sorted(self.network.statuses.items())),
            fetched=self._pages,
            body_bytes=self._bytes,
            failures=dict(sorted(self.network.failures.items())),
            articles=self._articles,
            new_stubs=self._stubs,
            filled={name: self._filled[name] for name in FILL_FIELDS if self._filled[name]},
            links=self._links,
            text_characters=self._characters,
            delay_median_s=round(median(self._delays_s), 1) if self._delays_s else None,
            delay_p90_s=_p90(self._delays_s),
            old=self._old,
            date_flags=dict(sorted(self._flags.items())),
            sources=tuple(self._sources.values()),
            selectors=dict(self._selectors),
            hosts=self.network.hosts_seen(),
            unread={self._reasons[key]: number for key, number in self._unread.most_common(MOST_REASONS)},
            elsewhere=dict(self._elsewhere.most_common(MOST_REASONS)),
            alike=self._commonest(),
            just_now=self._just_now,
            languages=dict(self._languages.most_common(MOST_LANGUAGES)),
            whole=whole,
        )

    def _note_reason(self, detail: str) -> None:
        """Count why a page gave no article; reasons that differ in figures alone are one."""
        if detail:
            key = _FIGURES.sub("0", detail)
            self._unread[key] += 1
            self._reasons.setdefault(key, detail[:LONGEST_DETAIL])

    def _commonest(self) -> dict[str, int]:
        """Return how many new articles have the commonest title, text and instant, by `field:digest`."""
        found: dict[str, int] = {}
        for (kind, digest), number in self._alike.most_common():
            if not any(key.startswith(f"{kind}:") for key in found):
                found[f"{kind}:{digest}"] = number
        return found

    def _note_selectors(self, trace: Iterable[TraceStep]) -> None:
        for step in trace:
            key = f"{step.field}: {step.selector}"
            if not step.selector or (key not in self._selectors and len(self._selectors) >= MOST_SELECTORS):
                continue
            held = self._selectors.get(key, SelectorSeen())
            met = held.articles + (step.matches > 0)
            self._selectors[key] = SelectorSeen(held.tried + 1, met, held.matches + step.matches)

    def _note_delay(self, article: Article, at: datetime) -> None:
        """Note how long a new article took from its publication; a day without a time of day tells nothing of that."""
        published = article.published
        if published.at is None:
            return
        delay = at - published.at
        if abs(delay) <= JUST_NOW and names_a_time(published.text or ""):
            self._just_now += 1
        if delay > OLD_AFTER:
            self._old += 1
        elif delay >= timedelta(0) and names_a_time(published.text or ""):
            self._delays_s.append(delay.total_seconds())


def _told_apart_by(article: Article) -> Iterator[tuple[str, str]]:
    """Yield what is another in every article, as (field, digest): its title, its text, the instant it was published."""
    published = article.published
    at = published.at.isoformat() if published.at is not None and names_a_time(published.text or "") else ""
    for kind, value in (("title", article.title), ("text", article.text), ("published", at)):
        if value:
            yield kind, hashlib.sha256(value.encode()).hexdigest()[:12]


def fields_of(article: Article | StoredArticle) -> tuple[str, ...]:
    """Return which of the fields that an outlet's file may expect an article has."""
    has = {
        "title": bool(article.title),
        "authors": bool(article.authors),
        "published": article.published.at is not None,
        "updated": article.updated.at is not None,
        "text": bool(article.text),
        "language": bool(article.language),
    }
    return tuple(name for name in FILL_FIELDS if has[name])


def newest_of(leads: Iterable[Lead]) -> datetime | None:
    """Return the latest instant that a source states of what it lists; None where it states none."""
    said = [lead.published_at or lead.changed_at for lead in leads]
    return max((at for at in said if at is not None), default=None)


def _without(counts: Mapping[str, int], endings: Iterable[Outcome]) -> dict[str, int]:
    left = Counter(counts)
    left.subtract(outcome.value for outcome in endings)
    return {name: count for name, count in sorted(left.items()) if count > 0}


def _p90(seconds: list[float]) -> float | None:
    """The nearest rank: of ten the ninth."""
    return round(sorted(seconds)[math.ceil(len(seconds) * 0.9) - 1], 1) if seconds else None
