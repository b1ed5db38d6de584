"""How alerts are told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from index.alerts.records import AlertKind, Said
from index.alerts.wording import LONGEST_SUBJECT, MOST_SHOWN, message_of, one_line
from tests.index.alerts.making import a_due, an_alert


def said(now, *due):
    return message_of(due, now, sender="one")


def test_the_subject_of_one_names_outlet_and_state(now):
    assert said(now, a_due(an_alert(now))).subject == "Watchfloor: gazette is broken"


def test_the_subject_of_an_end_says_that_it_works_again(now):
    over = an_alert(now, cleared_at=now, ended_at=now)
    assert said(now, a_due(over, Said.OVER)).subject == "Watchfloor: gazette works again"


def test_the_subject_of_several_counts_and_names_them(now):
    due = [a_due(an_alert(now, name, id=number), number=number) for number, name in enumerate("abcd")]
    over = a_due(an_alert(now, "z", id=9, ended_at=now), Said.OVER, 9)
    assert said(now, *due, over).subject == "Watchfloor: 4 broken (a, b, c, …), 1 well again (z)"


def test_the_text_says_since_when_and_why_and_what_else_to_ask(now):
    text = said(now, a_due(an_alert(now))).text
    assert "gazette is broken, since 2026-11-23 12:00 UTC.\n  Its pages have another layout.\n" in text
    assert "`watchfloor alerts list`" in text


def test_a_job_given_up_is_told_in_its_words(now):
    assert said(now, a_due(an_alert(now, state="given up"))).subject == "Watchfloor: gazette was given up"


def test_a_storm_is_told_in_its_words(now):
    storm = an_alert(now, "31 outlets", key="storm", kind=AlertKind.STORM)
    assert said(now, a_due(storm)).subject == "Watchfloor: 31 outlets broke at once"
    assert said(now, a_due(storm, Said.OVER)).subject == "Watchfloor: the wave of breaks is over"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nBcc: all@b.example", "a Bcc: all@b.example"),
        ("a\x00b\x1b[31mc", "a b [31mc"),
        ("a\u202eb\u2066c\u200bd", "abcd"),
        ("a\u2028b\u2029c\x85d", "a b c d"),
        ("half \ud83d pair", "half pair"),
        ("می\u200cخواهم", "میخواهم"),
    ],
)
def test_what_breaks_a_line_or_turns_text_is_taken_out(text, shown):
    assert one_line(text, 100) == shown


def test_a_hostile_name_stays_within_the_subject(now):
    named = an_alert(now, "x" * 500 + "\r\nBcc: a@b.example", sentence="one\n\ntwo\nFrom: me")
    message = said(now, a_due(named))
    assert "\n" not in message.subject
    assert len(message.subject) <= LONGEST_SUBJECT
    assert "\n  one two From: me\n" in message.text


def test_many_are_cut_and_counted(now):
    due = [a_due(an_alert(now, f"o{n}", id=n), number=n) for n in range(MOST_SHOWN + 3)]
    assert "And 3 more: `watchfloor alerts list` names all." in said(now, *due).text


def test_a_message_that_is_repeated_has_the_same_id(now):
    due = [a_due(an_alert(now)), a_due(an_alert(now, "b", id=8), number=2)]
    assert said(now, *due).id == said(now + timedelta(hours=1), *reversed(due)).id
    assert said(now, *due).id != said(now, due[0]).id


TO_DO = "Its pages have another layout. To do: Mend [[rules]] of gazette."


def test_what_to_do_has_a_line_of_its_own_and_the_page_another(now):
    due = a_due(an_alert(now, sentence=TO_DO))
    text = message_of([due], now, sender="one", site="https://watch.example.org/").text
    told, where = "To do: Mend [[rules]] of gazette.", "https://watch.example.org/operate/outlets/gazette"
    assert f"  Its pages have another layout.\n  {told}\n  {where}\n" in text


def test_what_to_do_is_not_told_when_it_is_over(now):
    over = an_alert(now, sentence=TO_DO, cleared_at=now, ended_at=now)
    message = said(now, a_due(over, Said.OVER))
    assert "To do" not in message.text
    assert message.values["alerts"][0]["to_do"] == ""


def test_a_receiver_of_values_gets_what_to_do_and_the_page_apart(now):
    values = message_of([a_due(an_alert(now, sentence=TO_DO))], now, sender="one", site="https://w.example").values
    [one] = values["alerts"]
    assert (one["sentence"], one["to_do"], one["page"]) == (
        "Its pages have another layout.",
        "Mend [[rules]] of gazette.",
        "https://w.example/operate/outlets/gazette",
    )


def test_an_end_that_is_not_yet_as_usual_says_so(now):
    over = an_alert(now, state="improved", cleared_at=now, ended_at=now)
    assert said(now, a_due(over, Said.OVER)).subject == "Watchfloor: gazette gives news again, not yet as usual"
