"""Many outlets that break at once have one cause, mostly on our side: they are told as one trouble. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from config.counting import counted
from index.alerts.records import Alert, AlertKind, OutletFacts, Terms, Trouble, Troubles

STORM = "storm"


def with_storm(
    troubles: Troubles, outlets: Collection[OutletFacts], alerts: Iterable[Alert], terms: Terms, now: datetime
) -> Troubles:
    """Put one trouble in the place of many outlets' that began together; those are held back while it lasts.

    It begins when, of the outlets asked since the first of them broke, most broke too. It lasts while at least half as
    many as it needs to begin are still in trouble; what is left then is told by itself. What was told is no part of it.
    """
    held = {alert.key: alert for alert in alerts}
    untold = [one for one in troubles.found if one.kind is AlertKind.OUTLET and _is_untold(held.get(one.key))]
    storm = held.get(STORM)
    members = untold
    if storm is None:
        members = [one for one in untold if now - one.since <= terms.storm_within and not one.flapping]
    wanted = terms.storm_outlets if storm is None else max(1, terms.storm_outlets // 2)
    if not members or len(members) < wanted:
        return troubles
    since = min(one.since for one in members) if storm is None else storm.first_at
    asked = {one.outlet for one in outlets if one.asked_at is not None and one.asked_at >= since}
    asked |= {one.subject for one in members}
    if storm is None and len(members) < terms.storm_share * len(asked):
        return troubles
    keys = {one.key for one in members}
    kept = [replace(one, held=True) if one.key in keys else one for one in troubles.found]
    sentence = _sentence(members, len(asked), outlets)
    trouble = Trouble(STORM, AlertKind.STORM, counted(len(members), "outlet"), "broken", sentence, since)
    return replace(troubles, found=(*kept, trouble))


def _is_untold(alert: Alert | None) -> bool:
    return alert is None or alert.settled_at is None


def _sentence(members: Collection[Trouble], asked: int, outlets: Collection[OutletFacts]) -> str:
    causes = Counter(
        one.health.cause for one in outlets if one.health is not None and f"outlet:{one.outlet}" in _keys(members)
    )
    cause, times = next(iter(causes.most_common(1)), ("", 0))
    mostly = f" ({cause.replace('_', ' ')}: {times:,})" if cause else ""
    return (
        f"{counted(len(members), 'outlet')} of {asked:,} asked broke at once{mostly}. One cause here (network, DNS, "
        "clock, disk) is likelier than as many there: run `watchfloor doctor` on the machine that crawls."
    )


def _keys(members: Collection[Trouble]) -> set[str]:
    return {one.key for one in members}
