"""Lists that would be too long for one page: links of an article, articles of a story."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from index.records import Role
from tests.factories import a_link, an_article, save
from web import articles

FURNITURE, IN_TEXT = 120, 230


@pytest.fixture
def article_id(archive, now):
    menu = [a_link(f"https://menu.example/{one}", f"menu {one}", Role.FURNITURE) for one in range(FURNITURE)]
    text = [a_link(f"https://elsewhere.example/{one}", f"link {one}") for one in range(IN_TEXT)]
    return save(archive, an_article("many", links=(*menu, *text)), now).article_id


def tree(client, path):
    return LexborHTMLParser(client.get(path).get_data(as_text=True))


def test_article_shows_the_first_links_of_its_text_and_how_many_more_there_are(client, article_id):
    panel = tree(client, f"/articles/{article_id}").css_first("#references")
    shown = [node.text() for node in panel.css("ul.links > li > a")]
    assert (len(shown), shown[0]) == (articles.LINKS_SHOWN, "link 0")
    assert f"and {IN_TEXT - articles.LINKS_SHOWN} more links" in panel.text()


def test_json_of_an_article_has_its_first_links_and_their_number(client, article_id):
    told = client.get(f"/articles/{article_id}?format=json").get_json()
    assert (len(told["links"]), told["links_total"]) == (articles.LINKS_SHOWN, FURNITURE + IN_TEXT)


def test_every_link_is_on_one_of_the_pages_of_links(client, article_id):
    path = f"/articles/{article_id}/links?format=json"
    pages = [client.get(f"{path}&page={page}").get_json() for page in (1, 2)]
    assert [len(page["links"]) for page in pages] == [articles.LINKS_PAGE, FURNITURE + IN_TEXT - articles.LINKS_PAGE]
    assert {page["total"] for page in pages} == {FURNITURE + IN_TEXT}
    assert len({link["url"] for page in pages for link in page["links"]}) == FURNITURE + IN_TEXT
    assert client.get(f"{path}&page=3").status_code == 404
    assert tree(client, f"/articles/{article_id}/links").css_first("a[rel=next]") is not None
    assert tree(client, f"/articles/{article_id}/links?page=2").css_first("a[rel=next]") is None
