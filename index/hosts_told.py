"""What is in force for a host, in words and as JSON values: the same for the command line and the site. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from config.counting import counted
from index.host_records import Breaker, DelayRule, HostPaceInRun, HostState, HourOfUse, RobotsChange
from index.records import JsonObject
from index.robots_rules import lines_for
from index.usual import lasting

RULES = {
    DelayRule.FLOOR: "our floor",
    DelayRule.OUTLET_FILE: "its outlet's file",
    DelayRule.CRAWL_DELAY: "its robots.txt",
    DelayRule.SLOWED: "its wish to slow down",
}
"""What makes a delay what it is, in two or three words for a list."""


def delay_told(state: HostState) -> str:
    """Say how far apart requests are, and which rule makes it so."""
    if not state.delay_s:
        return "none: a host of the operator's own"
    return f"{seconds(state.delay_s)} between requests: {state.delay_why.sentence}"


def rest_told(state: HostState, now: datetime) -> str:
    """Say what the host asked for in Retry-After, and whether it is still left alone for it."""
    if state.rest is None:
        return "never asked to be left alone"
    until, asked_at = state.rest.until, state.rest.asked_at
    told = f"{state.rest.why} at {moment(asked_at)}"
    if state.rests(now):
        return f"left alone until {moment(until)}, {lasting((until - now).total_seconds())} more: {told}"
    return f"was left alone until {moment(until)}: {told}"


def breaker_told(state: HostState) -> str:
    """Say whether the host is left alone because it failed again and again."""
    since = "" if state.breaker_since is None else f" since {moment(state.breaker_since)}"
    if state.breaker is Breaker.OPEN:
        return f"left alone until the run ends (breaker open{since}): {state.breaker_why}"
    if state.breaker is Breaker.HALF_OPEN:
        return f"its next request decides (breaker half open{since}): {state.breaker_why}"
    failed = f", {counted(state.failures, 'failure')} in a row" if state.failures else ""
    return f"asked as usual (breaker closed{failed})"


def robots_told(state: HostState) -> str:
    """Say how robots.txt was read last."""
    robots = state.robots
    if robots is None:
        return "not read yet"
    read = f"read {moment(robots.at)}"
    if robots.trouble:
        kept = "; the rules shown are those read before" if robots.text else ""
        return f"{read}: {robots.trouble}{kept}"
    if not robots.text:
        return f"{read}: HTTP {robots.status}, there is none, so nothing is forbidden"
    changed = f"; changed {moment(state.robots_changed_at)}: {state.robots_change}" if state.robots_changed_at else ""
    return f"{read}: HTTP {robots.status}{changed}"


def answers_told(state: HostState) -> str:
    """Say how the host answered lately, newest first, and how fast."""
    if not state.answers:
        return "none yet"
    shown = " ".join(str(one.status or "none") for one in reversed(state.answers))
    return shown + (f"; an answer takes {seconds(state.response_s)}" if state.response_s is not None else "")


def tls_told(state: HostState) -> str:
    """Say whether certificates or handshakes failed."""
    if not state.tls_faults or state.tls_at is None:
        return "no fault"
    return f"{counted(state.tls_faults, 'fault')}, the last {moment(state.tls_at)}: {state.tls_detail}"


def doing_told(state: HostState, now: datetime) -> str:
    """Say in a word or two what is to be known of a host in a list."""
    if state.rests(now):
        return "resting"
    if state.breaker is not Breaker.CLOSED:
        return "left alone" if state.breaker is Breaker.OPEN else "on trial"
    if state.robots is not None and state.robots.trouble:
        return "no rules read"
    return "ok"


def pace_told(pace: HostPaceInRun) -> str:
    """Say how a run asked a host."""
    told = f"{pace.host}: {counted(pace.requests, 'request')}"
    if pace.median_gap_s is not None and pace.smallest_gap_s is not None:
        told += f", {seconds(pace.median_gap_s)} apart (median; the least {seconds(pace.smallest_gap_s)})"
    told += f", {lasting(pace.waited_s)} waited out of politeness"
    return told + (f", an answer in {seconds(pace.response_s)}" if pace.response_s is not None else "")


def seconds(value: float) -> str:
    """Write seconds so that a tenth of one still shows: `0.3 s`, `12 s`."""
    if value >= 10 or value == int(value):
        return f"{value:.0f} s"
    return f"{value:.1f} s" if value >= 1 else f"{value:.2g} s"


def moment(at: datetime) -> str:
    """Write an instant to the minute."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def host_json(state: HostState, *, now: datetime, today: int, week: int) -> JsonObject:
    """Return what is in force for a host as JSON values."""
    robots, rest = state.robots, state.rest
    return {
        "host": state.host,
        "outlet": state.outlet,
        "doing": doing_told(state, now),
        "delay_s": state.delay_s,
        "delay_rule": state.delay_why.value,
        "next_at": _iso(state.next_at),
        "asked_at": _iso(state.asked_at),
        "requests_today": today,
        "requests_7_days": week,
        "response_s": state.response_s,
        "statuses": [one.status for one in state.answers],
        "breaker": {
            "state": state.breaker.value,
            "since": _iso(state.breaker_since),
            "why": state.breaker_why,
            "failures_in_a_row": state.failures,
        },
        "rest": None
        if rest is None
        else {"until": _iso(rest.until), "why": rest.why, "asked_at": _iso(rest.asked_at), "now": state.rests(now)},
        "robots": None
        if robots is None
        else {
            "read_at": _iso(robots.at),
            "status": robots.status,
            "digest": robots.digest,
            "crawl_delay_s": robots.crawl_delay_s,
            "trouble": robots.trouble,
            "changed_at": _iso(state.robots_changed_at),
            "change": state.robots_change,
        },
        "tls": {"faults": state.tls_faults, "last_at": _iso(state.tls_at), "last": state.tls_detail},
        "run_id": state.run_id,
    }


def more_json(
    state: HostState, hours: Iterable[HourOfUse], changes: Iterable[RobotsChange], *, user_agent: str
) -> JsonObject:
    """Return what else is told of one host: its rules for us, hours, changes, and who we say we are."""
    text = state.robots.text if state.robots is not None else ""
    return {
        "user_agent": user_agent,
        "robots_lines": [{"line": line.number, "text": line.text} for line in lines_for(text, user_agent)],
        "robots_changes": [
            {"at": _iso(one.at), "digest": one.digest, "removed": list(one.removed), "added": list(one.added)}
            for one in changes
        ],
        "hours": [
            {
                "hour": _iso(one.hour),
                "requests": one.requests,
                "failures": one.failures,
                "waited_s": round(one.waited_s, 1),
                "smallest_gap_s": one.smallest_gap_s,
            }
            for one in hours
        ],
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
