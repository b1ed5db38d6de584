"""The body of pages of our own invention: what two engines and the page's layout make of it."""

from __future__ import annotations

import json

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.extract.blocks import MAX_DEPTH, stripped, text_blocks
from crawler.extract.body import find_body
from crawler.extract.container import main_blocks
from crawler.extract.furniture import furniture_word, is_coda, is_credit, is_stop_line
from crawler.extract.metadata import read_metadata
from crawler.extract.text import is_furniture_line


def is_prompt(line: str) -> bool:
    return is_furniture_line(line, number=9)


SENTENCE = (
    "The harbour office of Velden said on Friday that the northern ports would stay closed until the storm had passed. "
)
PARAGRAPHS = [
    f"{SENTENCE}Paragraph {number} adds what the pilots saw from their boats that night." for number in range(6)
]
TEXT = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)


def body(
    inner: str, head: str = "", *, title: str = "Ports closed", authors: tuple[str, ...] = (), quick: bool = False
):
    html = f"<!doctype html><html lang='en'><head><title>x</title>{head}</head><body>{inner}</body></html>"
    meta = read_metadata(LexborHTMLParser(f"<head>{head}</head>"))
    return find_body(html, url="https://gazette.example/a", meta=meta, title=title, authors=authors, quick=quick)


def page(before: str = "", after: str = "", inside: str = TEXT) -> str:
    return f"<main><h1>Ports closed</h1>{before}<div class='story'>{inside}</div>{after}</main>"


@pytest.mark.parametrize("quick", [False, True])
def test_items_of_a_list_between_paragraphs_are_text_but_links_are_not(quick):
    items = ["Two berths of the inner harbour", "The ferry to the northern isle", "All pilots but those on call"]
    linked = "".join(f"<li><a href='/n{number}'>What the harbour said on day {number}</a></li>" for number in range(3))
    listed = "".join(f"<li>{item}</li>" for item in items)
    inside = f"{TEXT}<ul>{listed}</ul><ul>{linked}</ul><p>{SENTENCE}That was all.</p>"
    found = body(page(inside=inside), quick=quick).paragraphs
    assert list(found) == [*PARAGRAPHS, *items, f"{SENTENCE}That was all."]


@pytest.mark.parametrize("quick", [False, True])
def test_paragraphs_come_whole_and_in_order(quick):
    assert list(body(page(), quick=quick).paragraphs) == PARAGRAPHS


def test_standfirst_that_the_page_gives_as_its_description_opens_the_text():
    lead = "Pilots warn of a long night as the storm turns to the strait and the ferries stay in."
    head = f'<meta property="og:description" content="{lead}">'
    assert body(page(f"<header><h2>{lead}</h2></header>"), head).paragraphs[0] == lead


def test_standfirst_of_several_paragraphs_is_whole_where_its_description_was_cut():
    lead, more = "Pilots warn of a long night as the storm turns to the strait.", "The ferries stay in until Sunday."
    head = f'<meta property="og:description" content="{lead}">'
    found = body(page(f"<header><p>{lead}</p><p>{more}</p></header>"), head)
    assert list(found.paragraphs) == [lead, more, *PARAGRAPHS]


@pytest.mark.parametrize("headline", ["<h1>Ports closed</h1>", ""])
def test_heading_between_headline_and_text_that_says_a_sentence_opens_the_text(headline):
    deck = "Pilots warn of a long night: the storm turns to the strait and the ferries stay in port"
    found = body(f"<main>{headline}<div class='story'><h2>{deck}</h2>{TEXT}</div></main>", quick=True)
    assert list(found.paragraphs) == [deck, *PARAGRAPHS]


def test_line_under_the_headline_that_is_named_a_deck_opens_the_text():
    deck = "Pilots warn of a long night: the storm turns to the strait and the ferries stay in port"
    found = body(
        f"<main><header><h1>Ports closed</h1><h2 class='story-deck'>{deck}</h2></header><div>{TEXT}</div></main>"
    )
    assert list(found.paragraphs) == [deck, *PARAGRAPHS]


@pytest.mark.parametrize(
    "line",
    [
        "<p class='kicker'>Pilots warn of a long night: the storm turns to the strait and the ferries stay in port</p>",
        "<p class='deck'>Velden harbour</p>",
        "<p class='deck'><a href='/t'>Pilots warn of a long night: the storm turns to the strait and the port</a></p>",
        "<div class='promo'><p class='deck'>Pilots warn of a long night: the storm turns to the strait now</p></div>",
    ],
)
def test_line_under_the_headline_of_another_kind_does_not(line):
    found = body(f"<main><header><h1>Ports closed</h1>{line}</header><div>{TEXT}</div></main>")
    assert list(found.paragraphs) == PARAGRAPHS


def test_lines_that_go_on_from_the_headline_open_the_text():
    decks = "<p>…as pilots cry foul over lost nights</p><p>Harbour news</p>"
    found = body(f"<main><h1>Ports closed</h1><div class='story'>{decks}{TEXT}</div></main>")
    assert list(found.paragraphs) == ["…as pilots cry foul over lost nights", *PARAGRAPHS]


def test_first_paragraph_set_apart_from_the_rest_is_kept():
    first = f"{SENTENCE}This is where the story begins, before the advertisement."
    inside = (
        "<div class='story'>" + TEXT.replace("<p>", "</div><div class='ad'></div><div class='story'><p>", 1) + "</div>"
    )
    found = body(f"<article><h1>Ports closed</h1><p>{first}</p><div><div>{inside}</div></div></article>")
    assert list(found.paragraphs) == [first, *PARAGRAPHS]


def test_list_of_other_articles_after_the_text_is_no_part_of_it():
    teasers = "".join(
        f"<div><h2><a href='/t{number}'>A report from the coast</a></h2><p>{SENTENCE * 4}Teaser {number}.</p></div>"
        for number in range(4)
    )
    found = body(page(after=f"<section class='block'><h3>You might also like</h3>{teasers}</section>"))
    assert list(found.paragraphs) == PARAGRAPHS


def test_paragraph_that_an_engine_loses_is_found_between_its_siblings():
    lost = "<p><a href='/x'>A long link</a> and a sentence that says what the ministry has decided since then.</p>"
    found = body(page(inside=TEXT.replace("</p>", f"</p>{lost}", 1)))
    assert sum("ministry has decided" in line for line in found.paragraphs) == 1


@pytest.mark.parametrize(
    "furniture",
    [
        "<figure><img src='a.jpg'><figcaption>Ships at anchor before Velden, seen from the pier.</figcaption></figure>",
        "<p>Photo: Gazette</p>",
        "<p class='caption'>Ships at anchor before Velden on Friday, seen from the pier in the evening light.</p>",
        "<div class='newsletter-box'><p>Get the news of the strait in your inbox every morning.</p></div>",
        "<aside><p>Velden has the largest port of the region, with eleven piers and two dry docks.</p></aside>",
        "<p>Read more: <a href='/b'>what the storm of last year cost the northern towns</a></p>",
        "<div class='relatedArticles'><p><a href='/b'>What the storm of last year cost the towns</a></p></div>",
        "<blockquote class='twitter-tweet'><p>What a night, no boat will leave the pier before dawn.</p></blockquote>",
    ],
)
def test_furniture_between_paragraphs_is_left_out(furniture):
    assert list(body(page(inside=TEXT.replace("</p>", f"</p>{furniture}", 2))).paragraphs) == PARAGRAPHS


def test_paragraph_of_a_class_that_names_what_stands_beside_it_is_kept():
    marked = TEXT.replace("<p>", "<p class='before-ad'>", 1)
    assert list(body(page(inside=marked)).paragraphs) == PARAGRAPHS


def test_wrapper_named_like_furniture_around_the_whole_text_is_no_furniture():
    assert list(body(f"<div id='paywall-content'>{page()}</div>").paragraphs) == PARAGRAPHS


def test_text_between_breaks_is_read_as_paragraphs():
    found = body(page(inside="<br><br>".join(PARAGRAPHS)))
    assert list(found.paragraphs) == PARAGRAPHS


def test_what_follows_a_heading_of_other_articles_is_left_out_only_where_the_text_ends():
    more = "<h3>Read more</h3><p>Short note.</p>"
    assert list(body(page(inside=TEXT + more)).paragraphs) == PARAGRAPHS
    between = "".join(f"<p>{line}</p>" for line in PARAGRAPHS[:4]) + "<p>Read more</p>"
    between += "".join(f"<p>{line}</p>" for line in PARAGRAPHS[4:])
    assert list(body(page(inside=between)).paragraphs) == PARAGRAPHS


def test_headline_byline_and_notes_on_the_making_are_no_paragraphs():
    inside = f"<h2>Ports closed</h2><p>Ana Ruiz</p>{TEXT}<p>Additional reporting by Li Wei.</p>"
    assert list(body(page(inside=inside), authors=("Ana Ruiz",)).paragraphs) == PARAGRAPHS


def test_note_on_the_author_in_italics_closes_no_text():
    note = "<p><em>Ana Ruiz writes on ports. Her book </em><a href='/b'><i>Tides</i></a><em> is out now.</em></p>"
    assert list(body(page(inside=TEXT + note), authors=("Ana Ruiz",)).paragraphs) == PARAGRAPHS


@pytest.mark.parametrize(
    "last",
    [
        "<p>Ana Ruiz writes on ports for this paper, and she says that the harbour stays closed tonight.</p>",
        "<p><em>Ben Okoro writes on ports for this paper, and he says that the harbour stays closed.</em></p>",
    ],
)
def test_paragraph_about_a_person_at_the_end_is_text(last):
    assert len(body(page(inside=TEXT + last), authors=("Ana Ruiz",)).paragraphs) == len(PARAGRAPHS) + 1


@pytest.mark.parametrize(
    "quotation",
    [
        "<blockquote class='stylized'>“what the pilots saw from their boats that night.”</blockquote>",
        "<blockquote class='Pullquote'><div>“What nobody saw on any of those nights.”</div></blockquote>",
    ],
)
def test_words_of_the_text_set_apart_once_more_are_no_paragraph(quotation):
    assert list(body(page(inside=TEXT.replace("</p>", f"</p>{quotation}", 1))).paragraphs) == PARAGRAPHS


def test_quotation_that_stands_nowhere_else_is_kept():
    letter = "We, the pilots of the strait, ask the ministry to open the ports before the week is over."
    found = body(page(inside=TEXT.replace("</p>", f"</p><blockquote>{letter}</blockquote>", 1)))
    assert letter in found.paragraphs


def test_line_of_places_that_are_links_is_kept_between_paragraphs():
    places = "North: <a href='/t/velden'>Velden</a>, <a href='/t/orm'>Orm</a>, <a href='/t/halm'>Halm</a>"
    found = body(page(inside=TEXT.replace("</p>", f"</p><p>{places}</p>", 1)))
    assert found.paragraphs[1] == "North: Velden, Orm, Halm"
    assert len(found.blocks[1].anchors) == 3


def test_one_long_paragraph_among_short_lines_is_not_the_whole_text():
    lines = ["Seen in the north:", "Velden, Orm, Halm", "Seen in the south:", "Lisk and Brest, Ilva and Sarn"]
    short = "".join(f"<p>{line}</p>" for line in lines)
    found = body(page(inside=f"<p>{SENTENCE * 3}</p>{short}"))
    assert list(found.paragraphs) == [(SENTENCE * 3).strip(), *lines]


def test_repeated_paragraph_is_kept_once():
    assert list(body(page(inside=TEXT + f"<p>{PARAGRAPHS[2]}</p>")).paragraphs) == PARAGRAPHS


def test_links_belong_to_the_block_they_stand_in():
    inside = TEXT.replace("Paragraph 3", "<a href='/three'>Paragraph 3</a>")
    found = body(page(inside=inside, after="<p><a href='/out'>Elsewhere on this site and much more of it</a></p>"))
    assert [node.attributes["href"] for block in found.blocks for node in block.anchors] == ["/three"]


def test_blocks_know_headings_links_and_furniture_around_them():
    tree = stripped(
        "<div class='share'><a href='/a'><h3>Linked <b>head</b></h3></a></div><p>Free <a href='/b'>link</a></p>"
    )
    head, free = text_blocks(tree)
    assert (head.tag, head.text, head.link_share, [word for _, word in head.marks]) == (
        "h3",
        "Linked head",
        1.0,
        ["share"],
    )
    assert (free.tag, free.text, free.link_chars, free.marks) == ("p", "Free link", 4, ())


def test_text_that_json_ld_has_too_needs_no_second_engine(monkeypatch):
    monkeypatch.setattr("crawler.extract.body._trafilatura", lambda *_args, **_options: pytest.fail("asked"))
    told = json.dumps({"@type": "NewsArticle", "headline": "Ports closed", "articleBody": " ".join(PARAGRAPHS)})
    found = body(page(), f"<script type='application/ld+json'>{told}</script>")
    assert (list(found.paragraphs), found.engine) == (PARAGRAPHS, "blocks+json_ld")


def test_text_in_json_ld_that_is_another_is_not_believed():
    told = json.dumps(
        {"@type": "NewsArticle", "headline": "Ports closed", "articleBody": "Words of an advertisement. " * 40}
    )
    assert list(body(page(), f"<script type='application/ld+json'>{told}</script>").paragraphs) == PARAGRAPHS


def test_menu_is_no_text_unless_it_holds_the_article():
    menu = f"<nav><p>{SENTENCE * 3}</p></nav>"
    assert list(body(menu + page()).paragraphs) == PARAGRAPHS
    assert list(body(f"<div role='navigation'>{page()}</div>").paragraphs) == PARAGRAPHS


def test_page_nested_deeper_than_any_real_one_is_read():
    deep = "<div>" * (MAX_DEPTH + 300) + SENTENCE + "</div>" * (MAX_DEPTH + 300)
    assert [block.text for block in text_blocks(stripped(deep))] == [SENTENCE.strip()]


def test_page_without_text_has_no_main_blocks():
    assert main_blocks(text_blocks(stripped("<nav><a href='/'>Home</a></nav>"))) == frozenset()


@pytest.mark.parametrize(
    ("tag", "attributes", "word"),
    [
        ("div", {"class": "ArticleRelated"}, "related"),
        ("div", {"class": "header headline"}, ""),
        ("div", {"id": "social-bar"}, "social"),
        ("p", {"class": "ad"}, ""),
        ("aside", {}, "aside"),
        ("div", {"aria-hidden": "true"}, "hidden"),
        ("div", {"class": "broadcast-loads"}, ""),
    ],
)
def test_an_element_is_furniture_by_its_name(tag, attributes, word):
    assert furniture_word(tag, attributes) == word


@pytest.mark.parametrize(
    ("test", "line", "says"),
    [
        (is_stop_line, "Lesen Sie auch:", True),
        (is_stop_line, "Related matters were discussed at length by the ministers", False),
        (is_credit, "Photo: Ana Ruiz / Gazette", True),
        (is_credit, "The photograph was taken from the pier.", False),
        (is_coda, "Editing by Li Wei", True),
        (is_coda, "The editing of the treaty took a week.", False),
        (is_coda, "This is a breaking story - more to follow", True),
        (is_coda, "This is a breaking point for the treaty, the ministers said.", False),
        (is_prompt, "Il vous reste 40.12% de cet article à lire. La suite est réservée aux abonnés.", True),
        (is_prompt, "Il vous recevra demain à la préfecture.", False),
    ],
)
def test_a_line_is_furniture_by_its_words(test, line, says):
    assert test(line) is says
