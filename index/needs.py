"""What needs a person now: troubles that are told, schedules somebody paused, the site's own disk and index. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from config.counting import counted
from index.alerts.records import AlertKind, Facts, Part, Terms, Trouble
from index.job_records import KeptSchedule


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a person should look at. `what` groups those that are alike, as `outlet broken`.

    `plural` is the group's name for several. `subject` is an outlet, or what else it is about.
    """

    kind: str  # outlet, job, schedule, index, disk, scheduler, worker, alert
    what: str
    plural: str
    subject: str
    sentence: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How the site's own machine and index stand. `index_fault` is why the index does not answer, "" where it does.

    `behind` counts the changes that the index lacks, `behind_since` is the instant of the oldest of them.
    """

    free_mb: int
    least_mb: int
    index_fault: str = ""
    behind: int = 0
    behind_since: datetime | None = None
    scheduled: int = 0  # outlets with a schedule in force
    unsent: int = 0  # messages that failed at least once


def needs_of(
    troubles: Sequence[Trouble],
    paused: Sequence[KeptSchedule],
    standing: Standing,
    facts: Facts,
    now: datetime,
    *,
    terms: Terms,
) -> list[Need]:
    """Return what needs a person, the gravest first; `terms` say from when on something is late."""
    found = [_of_trouble(one) for one in troubles]
    kinds = {one.kind for one in found}
    found += [one for one in _of_standing(standing, facts, now, terms) if one.kind not in kinds]
    found += [
        Need("schedule", "schedule paused", "schedules paused", one.outlet, one.paused_reason, one.paused_at)
        for one in paused
    ]
    return sorted(found, key=lambda one: (_ORDER.index(one.kind), _gravity(one.what), one.what, one.subject))


def grouped(needs: Sequence[Need]) -> list[tuple[str, list[Need]]]:
    """Return the needs that are alike together, each group with its line: `2 outlets broken`."""
    groups: dict[str, list[Need]] = {}
    for one in needs:
        groups.setdefault(one.what, []).append(one)
    return [
        (counted(len(group), what, group[0].plural) if group[0].kind in _COUNTED else what, group)
        for what, group in groups.items()
    ]


_ORDER = ("disk", "index", "scheduler", "worker", "storm", "outlet", "job", "alert", "schedule")
_GRAVEST = ("broken", "blocked", "flapping", "stale")
_COUNTED = ("outlet", "job", "schedule")


def _gravity(what: str) -> int:
    return next((place for place, word in enumerate(_GRAVEST) if what.endswith(word)), len(_GRAVEST))


def _of_trouble(one: Trouble) -> Need:
    if one.kind is AlertKind.OUTLET:
        if one.state == "given up":
            return Need("job", "job given up", "jobs given up", one.subject, one.sentence, one.since)
        return Need("outlet", f"outlet {one.state}", f"outlets {one.state}", one.subject, one.sentence, one.since)
    what = f"{one.subject} {one.state}"
    return Need(one.kind.value, what, what, one.subject, one.sentence, one.since)


def _of_standing(standing: Standing, facts: Facts, now: datetime, terms: Terms) -> Iterator[Need]:
    if standing.free_mb < standing.least_mb:
        told = (
            f"{standing.free_mb:,} MB are free, crawls need {standing.least_mb:,} (crawler.min_free_mb): no crawl "
            "begins until there is space. Search goes on."
        )
        yield Need("disk", "disk too full", "disk too full", "disk", told)
    if standing.index_fault:
        yield Need("index", "index does not answer", "index does not answer", "index", standing.index_fault)
    elif standing.behind_since is not None and now - standing.behind_since > terms.index_lag:
        told = (
            f"It lacks {counted(standing.behind, 'change')}; see that the indexer runs, or run `watchfloor index sync`."
        )
        yield Need("index", "index behind", "index behind", "index", told, standing.behind_since)
    beating = {beat.part for beat in facts.beats}
    if standing.scheduled and Part.SCHEDULER not in beating:
        told = f"{counted(standing.scheduled, 'outlet has', 'outlets have')} a schedule: start `watchfloor scheduler`."
        yield Need("scheduler", "no scheduler ran yet", "no scheduler ran yet", "scheduler", told)
    waits = facts.due_since is not None and now - facts.due_since > terms.silent
    if facts.jobs_due and waits and Part.WORKER not in beating:
        told = f"{counted(facts.jobs_due, 'job waits', 'jobs wait')}: start `watchfloor worker`."
        yield Need("worker", "no worker ran yet", "no worker ran yet", "worker", told, facts.due_since)
    if standing.unsent:
        told = "They are tried again; `watchfloor alerts list` says what is in their way."
        what = f"{counted(standing.unsent, 'message')} could not be sent"
        yield Need("alert", what, what, "alerts", told)
