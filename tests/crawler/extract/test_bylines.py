"""Who wrote a page that does not say so for machines: bylines in its text, and what only looks like one."""

from __future__ import annotations

import pytest

from tests.crawler.extract.gazette import BODY, LD, article

NAMELESS = LD.replace('"author":[{"@type":"Person","name":"Ana Ruiz"}]', '"inLanguage":"en"')
COMMENTS = (
    "<section class='comment-list'><div class='vcard'><b class='fn'>Otto Brandt</b></div>"
    "<div class='vcard'><b class='fn'>Iva Horak</b></div></section>"
)
TEASER = "<ul class='related'><li><a href='/b'>Ferries resume</a> <a href='/author/otto'>Otto Brandt</a></li></ul>"
H1 = "<h1>Ports closed</h1>"
SITE = '<meta property="og:site_name" content="{}">'


def authors_of(body: str, head: str = NAMELESS) -> tuple[str, ...]:
    return article(f"<article>{body}</article>", head).authors


@pytest.mark.parametrize(
    ("around", "names"),
    [
        (f"{H1}<p>By <a href='/p/7'>Ana Ruiz</a></p>{BODY}", ("Ana Ruiz",)),
        (f"{H1}<div><p>By <a href='/p/7'>Ana Ruiz</a> View in the printed edition</p></div>{BODY}", ("Ana Ruiz",)),
        (f"{H1}<div><span>Written by</span><p>Ana Ruiz</p></div>{BODY}", ("Ana Ruiz",)),
        (f"<div>20 November 2026 <span>by Ana Ruiz</span></div>{H1}{BODY}", ("Ana Ruiz",)),
        (f"{H1}<a href='/authors/ana'><i>Ana Ruiz</i></a>{BODY}", ("Ana Ruiz",)),
        (f"{H1}<div class='hero__author__name'>Ana Ruiz</div>{BODY}", ("Ana Ruiz",)),
        (f"{H1}<p>By the numbers: nine ports</p>{BODY}", ()),
        (f"{H1}<div class='article-author'>The Author</div>{BODY}", ()),
        (f"{H1}{BODY}{COMMENTS}", ()),
        (f"{H1}{BODY}{TEASER}", ()),
        (f"{H1}<footer class='meta'><b class='author'>Ana Ruiz</b></footer>{BODY}", ("Ana Ruiz",)),
    ],
)
def test_byline_stands_around_the_headline_and_not_among_comments_and_other_articles(around, names):
    assert authors_of(around) == names


@pytest.mark.parametrize(
    "line", ["Get News &amp; Updates", "Why Find and Sell Ports?", "Top Harbour &amp; Port Agencies"]
)
def test_a_heading_with_an_and_is_no_byline(line):
    found = article(f"<article>{H1}<p>{line}</p>{BODY}</article>", NAMELESS)
    assert found.authors == ()


def test_pen_name_of_one_word_is_a_person_where_json_ld_says_so():
    body = f"{H1}{BODY}<a href='/author/otto'>Otto Brandt</a>"
    assert authors_of(body, LD.replace("Ana Ruiz", "Tidewatch")) == ("Tidewatch",)
    assert authors_of(body, LD.replace("Ana Ruiz", "admin")) == ("Otto Brandt",)
    assert authors_of(body, LD.replace("Ana Ruiz", "Gazette") + SITE.format("Gazette")) == ("Otto Brandt",)


def test_site_named_after_its_author_has_an_author():
    body = f"{H1}<b itemprop='author'>Ana Ruiz</b>{BODY}"
    assert authors_of(body, NAMELESS + SITE.format("Ana Ruiz on ports")) == ("Ana Ruiz",)


def test_every_author_of_a_paper_is_named():
    head = (
        NAMELESS
        + "".join(f'<meta name="citation_author" content="{name}">' for name in ("Ana Ruiz", "Li Wei"))
        + '<meta name="dc.creator" content="Ana Ruiz">'
    )
    assert authors_of(H1 + BODY, head) == ("Ana Ruiz", "Li Wei")


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("(责编：王海、李港)", ("王海", "李港")),
        ("【责任编辑:王海】", ("王海",)),
        ("責任編輯：王海", ("王海",)),
        ("责编：本文由读者投稿，责编：不对内容负责", ()),
        ("记者就责编：王海 提问，港口当局没有回答，也没有说明何时重新开放。", ()),
    ],
)
def test_editors_named_as_responsible_stand_for_authors_where_nobody_else_is_named(line, names):
    assert authors_of(f"{H1}{BODY}<div class='edit'>{line}</div>") == names
    assert authors_of(f"{H1}<p>By Ana Ruiz</p>{BODY}<div class='edit'>{line}</div>") == ("Ana Ruiz",)
