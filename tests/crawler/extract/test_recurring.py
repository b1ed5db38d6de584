"""What an outlet is known to repeat is left out of a text, told in the trace; and where it is not."""

from __future__ import annotations

import pytest

from crawler.extract.article import extract_article
from index.records import Role
from index.recurring import Recurrence, block_key
from tests.crawler.extract.gazette import BODY, LD, NOW, page
from tests.factories import a_spec

PITCH = "Our harbour letter comes every morning: it is free of charge, and it is there before the first ship is."
LINKED = PITCH.replace("harbour letter", '<a href="/letter">harbour letter</a>')
LIVE = LD.replace("NewsArticle", "LiveBlogPosting")


def read(*inside: str, head: str = LD, spec=None, known: tuple[str, ...] = (PITCH,)):
    body = "<article><h1>Ports closed</h1>" + "".join(inside) + "</article>"
    recurring = {block_key(text): Recurrence(45, 200) for text in known}
    found = extract_article(page(body, head), spec=spec, now=NOW, outlet="gazette", recurring=recurring)
    assert found.article is not None, found
    return found.article


def test_known_block_is_left_out_and_told_with_how_many_articles_have_it():
    article = read(BODY, f"<p>{PITCH}</p>", BODY.replace("Notice", "Note"))
    (step,) = [step for step in article.trace if step.rule == "recurring"]
    assert PITCH not in article.text
    assert (step.field, step.selector, step.matches, step.raw) == ("text", block_key(PITCH), 45, PITCH)
    assert step.value == "left out: in 45 of 200 articles of the outlet"
    assert [(one.place, one.text) for one in article.left_out] == [(5, PITCH)]
    assert article.whole_text == read(BODY, f"<p>{PITCH}</p>", BODY.replace("Notice", "Note"), known=()).text


def test_links_in_it_are_furniture_and_those_beside_it_are_not():
    inline = '<p>The office of the northern coast <a href="/2026/count">counted the ships</a> once more on Friday.</p>'
    assert [link.role for link in read(BODY, f"<p>{LINKED}</p>", inline, known=()).links] == [Role.INLINE, Role.INLINE]
    links = read(BODY, f"<p>{LINKED}</p>", inline).links
    assert [(link.text, link.role) for link in links] == [
        ("harbour letter", Role.FURNITURE),
        ("counted the ships", Role.INLINE),
    ]
    assert [link.position for link in links] == [0, 1]


def test_it_is_left_out_of_what_a_rule_selects_too():
    spec = a_spec(rules=({"text": "article p"},))
    assert PITCH not in read(BODY, f"<p>{PITCH}</p>", spec=spec).text


@pytest.mark.parametrize(
    ("head", "spec"),
    [(LIVE, None), (LD, a_spec(rules=({"entry_times": "time"},)))],
    ids=["by JSON-LD", "by rule"],
)
def test_nothing_is_left_out_of_a_live_report(head, spec):
    assert PITCH in read(BODY, f"<p>{PITCH}</p>", head=head, spec=spec).text


def test_text_of_which_too_little_would_stay_is_left_whole_and_that_is_told():
    known = tuple(f"{PITCH} Edition {n} of it." for n in range(6))
    own = "<p>The ports of the northern coast were closed on Friday evening, the harbour office said in a notice.</p>"
    article = read(own, *(f"<p>{text}</p>" for text in known), known=known)
    assert all(text in article.text for text in known)
    (step,) = [step for step in article.trace if step.rule.startswith("recurring")]
    assert (step.rule, step.matches, article.left_out) == ("recurring_kept", 6, ())
    assert step.value.startswith("kept: without them ")


@pytest.mark.parametrize("text", [f"Correction: {PITCH}", f"“{PITCH}”"])
def test_correction_and_quotation_stay_whatever_is_known(text):
    assert text in read(BODY, f"<p>{text}</p>", known=(text,)).text


def test_what_a_page_is_does_not_depend_on_what_is_known():
    short = f"<article><h1>Ports closed</h1><p>The ports are closed.</p><p>{PITCH} {PITCH}</p></article>"
    known = {block_key(f"{PITCH} {PITCH}"): Recurrence(45, 200)}
    with_it = extract_article(page(short, LD), spec=None, now=NOW, outlet="gazette", recurring=known)
    without = extract_article(page(short, LD), spec=None, now=NOW, outlet="gazette")
    assert (with_it.outcome, without.outcome) == (None, None)
