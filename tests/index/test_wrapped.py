"""What a link means where it leads through another address: a table of cases, and what is left as it is."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import ConfigurationError
from index.urls import url_key
from index.wrapped import MOST_CHARS, link_key, load_wrappers, unwrapped

TARGET = "https://gazette.example/a?x=1"
QUOTED = "https%3A%2F%2Fgazette.example%2Fa%3Fx%3D1"


@pytest.mark.parametrize(
    "url",
    [
        f"https://www.google.com/url?sa=t&url={QUOTED}&usg=AOv",
        f"https://www.google.co.uk/url?q={QUOTED}&sa=D",
        "https://www.google.com/amp/s/gazette.example/a?x=1",
        f"https://eur03.safelinks.protection.outlook.com/?url={QUOTED}&data=05%7C02&reserved=0",
        f"https://l.facebook.com/l.php?u={QUOTED}&h=AT0",
        f"https://lm.facebook.com/l.php?u={QUOTED}",
        f"https://www.youtube.com/redirect?event=video&q={QUOTED}",
        f"https://www.linkedin.com/redir/redirect?url={QUOTED}",
        f"https://vk.com/away.php?to={QUOTED}",
        f"https://duckduckgo.com/l/?uddg={QUOTED}&rut=1",
        f"https://urldefense.com/v3/__{TARGET}__;!!abc!def$",
        "https://gazette-example.cdn.ampproject.org/c/s/gazette.example/a?x=1",
        f"https://web.archive.org/web/20240622000000/{TARGET}",
        f"https://web.archive.org/web/20240622000000if_/{TARGET}",
        f"http://web.archive.org/web/2024*/{TARGET}",
        "https://web.archive.org/web/20240622000000/gazette.example/a?x=1",
        f"https://archive.ph/2024.06.22-101010/{TARGET}",
        f"https://archive.is/newest/{TARGET}",
        f"https://archive.today/o/AbC12/{TARGET}",
        f"https://herald.example/external/link/?url={QUOTED}&c=6f3e",
        f"https://herald.example/link.php?url={QUOTED}",
        f"https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.google.com%2Furl%3Fq%3D{QUOTED.replace('%', '%25')}",
    ],
)
def test_wrapper_means_the_address_in_it(url):
    assert link_key(url) == url_key(TARGET)


@pytest.mark.parametrize(
    "url",
    [
        TARGET,
        "https://t.co/XPxUJuyIAC",
        "https://bit.ly/2QqwDZH",
        "https://archive.is/KNVti",
        "https://web.archive.org/",
        "https://archive.org/details/some-book",
        "https://www.google.com/search?q=https%3A%2F%2Fgazette.example%2Fa",
        "https://www.google.com/maps/place/Somewhere",
        "https://www.google.com/url?q=border+talks",
        f"https://www.facebook.com/sharer/sharer.php?u={QUOTED}",
        f"https://herald.example/login?redirect={QUOTED}",
        f"https://herald.example/article?url={QUOTED}",
        "https://herald.example/link.php?url=/a",
        "https://herald.example/link.php?url=javascript%3Aalert(1)",
        "https://herald.example/link.php?url=https%3A%2F%2F",
        "mailto:desk@gazette.example",
        "urn:watchfloor:gazette:a.txt",
        "http://[",
        "",
    ],
)
def test_any_other_address_means_itself(url):
    assert unwrapped(url) == url


def test_layers_without_end_and_endless_addresses_cost_little():
    nested = TARGET
    for _ in range(50):
        nested = f"https://web.archive.org/web/2024/{nested}"
    assert unwrapped(nested).count("web.archive.org") == 45
    long = "https://herald.example/link.php?url=" + "https%3A%2F%2Fa.example%2F" + "x" * MOST_CHARS
    assert unwrapped(long) == long
    many = "https://herald.example/link.php?" + "&".join(f"k{n}=1" for n in range(500)) + f"&url={QUOTED}"
    assert unwrapped(many) == many


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_no_text_raises(text):
    for url in (text, f"https://www.google.com/url?q={text}", f"https://web.archive.org/web/2024/{text}"):
        assert isinstance(unwrapped(url), str)


def test_file_of_wrappers_is_checked(tmp_path):
    path = tmp_path / "wrappers.toml"
    path.write_text('[[wrapper]]\nhost = "a.example"\nkeys = ["u"]\ntake = "x"\n[[wrapper]]\nhost = "b"\ntake = "("\n')
    with pytest.raises(ConfigurationError) as caught:
        load_wrappers(path)
    assert "entry 1: needs keys or take" in str(caught.value)
    assert "entry 2:" in str(caught.value)


def test_real_links_mean_what_they_should(shared):
    """4,816 links of 686 pages; the reference leaves wrapped ones as they are and decodes more than servers allow."""
    with gzip.open(shared / "links" / "links.jsonl.gz", "rt", encoding="utf-8") as lines:
        pages = [json.loads(line) for line in lines]
    links = [link for page in pages for link in page["links"]]
    same = sum(url_key(link["url"]) == url_key(link["canonical"]) for link in links)
    assert same / len(links) >= 0.95
    assert sum(unwrapped(link["url"]) != link["url"] for link in links) >= 43
    sources = {url_key(page["source"]): page["page"] for page in pages}
    led = {
        (page["page"], sources[key])
        for page in pages
        for link in page["links"]
        if (key := link_key(link["url"])) in sources and sources[key] != page["page"]
    }
    assert len(led) >= 2
