"""One judgement of many findings: the gravest speaks, the others stay beside it, and nothing flaps."""

from __future__ import annotations

from datetime import timedelta

from index.health.causes import GRAVITY, Cause, cause_named
from index.health.judging import judge, judge_by_time
from index.health.records import HealthState, HostSeen, SourceSeen
from tests.index.health.days import DAY, HOST, NOW, a_run, facts, failed, health, judged, some, then, usual
from tests.index.health.test_silence import crawl, schedule


def test_usual_weeks_are_healthy():
    found = judged(usual())
    assert (found.state, found.cause, found.sentence, found.fit) == (HealthState.HEALTHY, "", "As usual.", True)


def test_of_an_outlet_without_any_run_nothing_is_said():
    assert judge(facts(())) is None


def test_the_gravest_speaks_and_the_others_are_evidence():
    found = judged(
        then(2, filled=dict.fromkeys(("title", "authors", "published"), 5), hosts={HOST: HostSeen(7, 9.0, "x")})
    )
    assert found.cause == Cause.LAYOUT_CHANGED
    assert "Seconds until an answer" in {one.what for one in found.evidence}


def test_what_is_told_beside_leaves_an_outlet_healthy():
    found = judged(then(2, hosts={HOST: HostSeen(7, 0.4, "other")}))
    assert found.state is HealthState.HEALTHY
    assert found.evidence[0].what == f"robots.txt of {HOST}"


def test_an_outlet_below_a_minimum_is_not_fit():
    found = judge(facts(then(2, text_characters=5 * 100)))
    assert (found.health.fit, bool(found.unfit)) == (False, True)


def test_a_pause_goes_before_all():
    paused = schedule(paused_at=NOW - DAY, paused_reason="holidays")
    found = judged(then(5, new=0), schedule=paused)
    assert (found.state, found.cause) == (HealthState.PAUSED, "paused")


def test_since_stays_while_state_and_cause_do():
    before = health("dried_up", HealthState.BROKEN, NOW - 3 * DAY)
    assert judged(then(9, new=0), before=before).since == NOW - 3 * DAY


def test_a_new_cause_begins_now():
    before = health("slow", HealthState.DEGRADED, NOW - 3 * DAY)
    assert judged(then(9, new=0), before=before).since == NOW


def test_an_outlet_that_fails_every_other_run_does_not_flap():
    """Judged after each run: it comes to be degraded once, and stays so."""
    seen, before, states = usual(), None, []
    for number in range(40):
        at = NOW + (number + 1) * DAY / 4
        seen.append(failed(at, "timeout") if number % 2 else a_run(at))
        before = judged(seen, now=at, before=before)
        states.append(before.state)
    assert [state for state, earlier in zip(states, [None, *states], strict=False) if state is not earlier] == [
        HealthState.HEALTHY,
        HealthState.DEGRADED,
    ]


def test_a_break_is_told_once_and_its_end_once():
    """Nothing for a week, then as before, judged after each run."""
    seen, before, states = usual(), None, []
    for number in range(80):
        at = NOW + (number + 1) * DAY / 4
        seen.append(a_run(at, new=0) if 12 <= number < 40 else a_run(at))
        before = judged(seen, now=at, before=before)
        states.append(before.state)
    changes = [state for state, earlier in zip(states, [None, *states], strict=False) if state is not earlier]
    assert changes[0] is changes[-1] is HealthState.HEALTHY
    assert changes.count(HealthState.BROKEN) == 1
    assert len(changes) <= 5  # less than usual before and after


def test_the_clock_alone_judges_silence_and_pauses():
    late = facts((), schedule=schedule(), runs=(crawl(timedelta(hours=9)),))
    assert judge_by_time(late).health.cause == "not_crawled"
    assert judge_by_time(facts((), schedule=schedule(), runs=(crawl(timedelta(minutes=9)),))) is None


def test_silence_does_not_hide_what_broke():
    seen = then(5, new=0)
    found = judged(seen, schedule=schedule(), runs=(crawl(timedelta(hours=9)),), now=NOW)
    assert found.cause == Cause.DRIED_UP
    assert "Last crawl" in {one.what for one in found.evidence}


def test_evidence_is_bounded():
    many = tuple(SourceSeen(f"https://gazette.example/{number}", 0 if number else 20) for number in range(60))
    assert len(judged(then(9, new=0, sources=many)).evidence) <= 12


def test_every_cause_says_what_it_means_and_what_to_do():
    for cause in Cause:
        assert cause.meaning.endswith(".")
        assert cause.advice
        assert cause.state is None or cause.state in GRAVITY
        assert cause_named(cause.value) is cause
    assert cause_named("") is cause_named("of_tomorrow") is None


def test_a_small_outlet_stays_healthy_over_a_quiet_weekend():
    small = [a_run(NOW - number * DAY, new=1 if number % 2 else 0) for number in range(60, 3, -1)]
    assert judged(small + [a_run(NOW - number * DAY, new=0) for number in (3, 2, 1, 0)]).state is HealthState.HEALTHY


def test_usual_runs_in_a_hurry_are_healthy():
    assert judged(
        usual() + [a_run(NOW + number * DAY / 48, new=0) for number in range(1, 6)], now=NOW + DAY / 8
    ).state is (HealthState.HEALTHY)
    assert judged(some(1)).state is HealthState.HEALTHY
