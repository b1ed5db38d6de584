"""Which of a page's titles is its headline: cases of pages whose h1, OpenGraph, JSON-LD and title tag differ."""

from __future__ import annotations

import json

import pytest

from tests.crawler.extract.gazette import BODY, article

LONG = (
    "Ferry crews, pilots and harbour masters agree after nine days of talks on who opens the northern ports first ("
    "and on who pays for it)"
)


BLOG = "The Harbour Data Blog"
CREWS = "Nine crews close all ports in the north"
CLOSED = "北部港口周五晚间关闭"


def title_of(h1: str, *, tag: str = "", og: str = "", headline: str = "", kind: str = "Article") -> str:
    ld = {"@type": kind, "headline": headline, "datePublished": "2026-11-20T08:00:00Z"}
    page = f'<!doctype html><html lang="en"><head><title>{tag}</title><meta property="og:site_name" content="Gazette">'
    page += f'<meta property="og:title" content="{og}">' if og else ""
    page += f'<script type="application/ld+json">{json.dumps(ld)}</script>' if headline else ""
    page += f"</head><body><article>{h1}{BODY}</article></body></html>"
    return article(page.encode()).title


@pytest.mark.parametrize(
    ("h1", "more", "title"),
    [
        # no JSON-LD: the reader's headline goes before the one made for shares
        ("How ports are closed in a storm", {"og": "Closing ports in a storm"}, "How ports are closed in a storm"),
        ("How ports are closed - Gazette blog", {"og": "How ports are closed"}, "How ports are closed"),
        ("PORTS CLOSED IN THE NORTH", {"og": "Ports closed in the North"}, "Ports closed in the North"),
        # one title everywhere in metadata is the search engines', unless the page is news
        (
            "Eleven ways to close a port",
            dict.fromkeys(("og", "tag", "headline"), "Close a port: the ways"),
            "Eleven ways to close a port",
        ),
        (
            "Eleven ways to close a port",
            dict.fromkeys(("og", "tag", "headline"), "Close a port: the ways") | {"kind": "NewsArticle"},
            "Close a port: the ways",
        ),
        # cut by the system that wrote JSON-LD, whole in OpenGraph
        ("", {"headline": LONG[:107], "og": LONG}, LONG),
        ("", {"headline": LONG, "og": f"{LONG} | Coast"}, LONG),
        # the house stands first
        ("", {"og": "Gazette | Ports closed in the north"}, "Ports closed in the north"),
        ("", {"tag": "Gazette: Ports closed in the north"}, "Ports closed in the north"),
        ("", {"tag": "Storm: Ports closed in the north"}, "Storm: Ports closed in the north"),
        (BLOG, {"og": "Ports closed up north", "tag": f"{BLOG}: Ports closed up north"}, "Ports closed up north"),
        # a title tag that names only a section says less than the h1
        (CREWS, {"tag": "Coast - Press"}, CREWS),
        (f"{CLOSED}</h1><h1>{CLOSED}", {"tag": f"{CLOSED}-海岸网"}, CLOSED),
        # a paragraph dressed as a heading is no headline
        ("Ports closed " * 30, {"og": "How ports are closed"}, "How ports are closed"),
    ],
)  # fmt: skip
def test_headline_is_the_title_the_reader_is_shown(h1, more, title):
    assert title_of(f"<h1>{h1}</h1>" if h1 else "", **more) == title
