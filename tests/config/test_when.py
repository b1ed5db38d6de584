"""What an operator may write for a time, and what is said of what cannot be meant."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.when import WhenError, parse_when, span_told

INTERVALS = {
    "every 30m": ("every 30m", timedelta(minutes=30)),
    "30m": ("every 30m", timedelta(minutes=30)),
    "every 90 minutes": ("every 90m", timedelta(minutes=90)),
    "Every 2 Hours": ("every 2h", timedelta(hours=2)),
    "every 120m": ("every 2h", timedelta(hours=2)),
    "every 90s": ("every 90s", timedelta(seconds=90)),
    " every   1 d ": ("every 1d", timedelta(days=1)),
    "every 2 weeks": ("every 14d", timedelta(days=14)),
}


@pytest.mark.parametrize("text", INTERVALS)
def test_an_interval_is_read_and_written_in_one_way(text: str) -> None:
    when = parse_when(text)

    assert (when.text, when.every) == INTERVALS[text]
    assert parse_when(when.text) == when


CRON = {
    "15 */2 * * *": "At minute 15 past every second hour",
    "0 6 * * mon-fri": "At 06:00 on Monday through Friday",
    "30 4 1,15 * *": "At 04:30 on the first and the 15th day of month",
    "0 0 L * *": "At 00:00 on the last day of every month",
}


@pytest.mark.parametrize("text", CRON)
def test_a_cron_line_is_kept_and_said_in_words(text: str) -> None:
    when = parse_when(f"  {text} ")

    assert when.cron == when.text == text
    assert when.in_words == CRON[text]


def test_an_adaptive_schedule_has_a_shortest_and_a_longest_interval() -> None:
    assert parse_when("adaptive 10m-6h").between == (timedelta(minutes=10), timedelta(hours=6))
    assert parse_when("adaptive 10 min to 6 hours").text == "adaptive 10m-6h"
    assert parse_when("adaptive").text == "adaptive 15m-12h"
    assert parse_when("adaptive 10m-6h").in_words == (
        "As often as the outlet writes, every 10 minutes at most and every 6 hours at least"
    )


MEANT = {
    "60 * * * *": "0 * * * *",
    "0 24 * * *": "0 0 * * *",
    "0 0 31 2 *": "0 0 29 2 *",
    "0 0 31 4,6 *": "0 0 30 4,6 *",
    "*/0 * * * *": "* * * * *",
    "/15 * * * *": "*/15 * * * *",
    "0 6 ? * mon": "0 6 * * mon",
    "0 6 * * monday-friday": "0 6 * * mon-fri",
    "0 6 * * 8": "0 6 * * 0",
    "0 22-6 * * *": "0 22-23,0-6 * * *",
    "0 6 * * 5-1": "0 6 * * 1-5",
    "0 6 * 13 *": "0 6 * 1 *",
    "0 30 6 * * *": "30 6 * * *",
    "@hourly": "0 * * * *",
    "daily": "0 0 * * *",
    "every 10s": "every 1m",
    "every 90d": "every 31d",
    "adaptive 6h-10m": "adaptive 10m-6h",
    "adaptive 1s-6h": "adaptive 10m-6h",
    "*/90 * * * *": "every 90m",
    "0 */36 * * *": "every 36h",
    "0 6 * * Mo-Fr": "0 6 * * Mon-Fri",
    "0 0 6 ? * MON": "0 6 * * MON",
    "0 0 6 * * ? 2026": "0 6 * * *",
    "0 6 * * * 2026": "0 6 * * *",
    "0 6": "0 6 * * *",
    "0 6 * *": "0 6 * * *",
    "30": "every 30m",
    "*/30": "every 30m",
    "every 30": "every 30m",
    "every -5m": "every 5m",
    "every hour": "every 1h",
    "every half hour": "every 30m",
    "every thirty minutes": "every 30m",
    "every 1.5h": "every 90m",
    "every 1h30m": "every 90m",
    "every 2 hours and 15 minutes": "every 135m",
    "@every 2h": "every 2h",
    "twice a day": "every 12h",
    "every day at 6": "0 6 * * *",
    "daily at 6:15pm": "15 18 * * *",
    "6am, 6pm": "0 6,18 * * *",
    "weekdays at 07:00": "0 7 * * 1-5",
    "MON-FRI 6:30": "30 6 * * mon-fri",
    "Monday and Friday at 9": "0 9 * * mon,fri",
    "adaptive 10m": "adaptive 10m-12h",
    "adaptive 2d": "adaptive 15m-2d",
    "adaptive fast": "adaptive 15m-12h",
}


@pytest.mark.parametrize("text", MEANT)
def test_what_was_probably_meant_is_proposed(text: str) -> None:
    with pytest.raises(WhenError) as raised:
        parse_when(text)

    assert raised.value.meant == MEANT[text]
    assert str(raised.value).startswith(text)
    parse_when(raised.value.meant)


def test_steps_that_lead_past_the_last_value_are_refused_for_they_mean_no_interval() -> None:
    with pytest.raises(WhenError, match=r"the steps of `[*]/61` lead past the last minute"):
        parse_when("*/61 6 * * *")
    assert parse_when("*/59 * * * *").cron


@pytest.mark.parametrize(
    "text",
    ["", "   ", "soon", "every", "every now and then", "* * *", "x y z 1 2", "R R * * *", "every -5m", "1e9m", "٣m x"],
)
def test_what_says_no_time_is_refused_with_what_could_be_written(text: str) -> None:
    with pytest.raises(WhenError) as raised:
        parse_when(text)

    assert any(part in str(raised.value) for part in ("every 30m", "five fields", "is no minute"))


def test_a_number_of_a_thousand_digits_is_only_too_long() -> None:
    with pytest.raises(WhenError, match="the longest interval is 31 days"):
        parse_when(f"every {'9' * 1000}m")


def test_a_span_is_said_in_its_largest_whole_unit() -> None:
    assert [span_told(timedelta(seconds=seconds)) for seconds in (45, 60, 5400, 7200, 86400, 1209600)] == [
        "45 seconds",
        "1 minute",
        "90 minutes",
        "2 hours",
        "1 day",
        "2 weeks",
    ]
