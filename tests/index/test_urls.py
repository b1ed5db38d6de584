"""Addresses: what makes two of them one, what a link on a page means, names made from labels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.urls import absolute_url, canonical_url, host_of, same_outlet, slug_of, url_key

BASE = "https://gazette.example/2024/a"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("HTTPS://Gazette.Example:443/A?b=2&a=1#top", "https://gazette.example/A?a=1&b=2"),
        ("http://gazette.example:80", "http://gazette.example/"),
        ("https://gazette.example/a/../b/./c", "https://gazette.example/b/c"),
        ("https://gazette.example/a?utm_source=x&fbclid=y&id=3", "https://gazette.example/a?id=3"),
        ("https://user:secret@gazette.example/a", "https://gazette.example/a"),
        ("https://gazette.example:8443/a", "https://gazette.example:8443/a"),
        ("https://gazette.example/read?12345", "https://gazette.example/read?12345"),
        ("https://gazette.example/tag?q=caf%e9&b=", "https://gazette.example/tag?b=&q=caf%E9"),
        ("https://häfen.example/ä", "https://xn--hfen-loa.example/%C3%A4"),
    ],
)
def test_canonical_address(written, expected):
    assert canonical_url(written) == expected


def test_only_the_keys_of_an_outlet_are_kept():
    assert canonical_url(f"{BASE}?id=3&page=2&x=1", query_keys=("id",)) == f"{BASE}?id=3"


@pytest.mark.parametrize("written", ["", "gazette.example/a", "mailto:a@b.example", "https://", "https://a b/", "//x"])
def test_what_is_no_web_address_is_refused(written):
    with pytest.raises(ValueError, match="address"):
        canonical_url(written)


@pytest.mark.parametrize(
    "twin",
    [
        "http://gazette.example/2024/a",
        "https://www.gazette.example/2024/a/",
        "https://m.gazette.example/2024/a",
        "https://amp.gazette.example/2024/a",
        "https://gazette.example/2024/a/amp",
        "https://gazette.example/2024/a/amp/",
        "https://gazette.example/2024/a?amp=1",
        "https://gazette.example/2024/a?outputType=amp&utm_campaign=z",
    ],
)
def test_twins_have_one_key(twin):
    assert url_key(twin) == url_key(BASE)


@pytest.mark.parametrize("mark", "!$&'()*+,;:=@")
def test_a_mark_and_its_escape_have_one_key(mark):
    escape = f"%{ord(mark):02x}"
    assert url_key(f"{BASE}{mark}b") == url_key(f"{BASE}{escape}b") == url_key(f"{BASE}{escape.upper()}b")


@pytest.mark.parametrize("escape", ["%2F", "%3F", "%23"])
def test_an_escape_that_stands_for_another_address_is_kept(escape):
    assert url_key(f"{BASE}{escape}b") != url_key(f"{BASE}{chr(int(escape[1:], 16))}b")


def test_words_in_another_charset_than_utf8_stay_two_addresses():
    assert url_key(f"{BASE}?q=%C7%D1") != url_key(f"{BASE}?q=%B1%B9")


@pytest.mark.parametrize(
    "other", ["https://gazette.example/2024/b", "https://news.gazette.example/2024/a", f"{BASE}?id=2"]
)
def test_other_pages_have_other_keys(other):
    assert url_key(other) != url_key(BASE)


def test_key_is_bounded_in_bytes_because_databases_index_bytes():
    long = f"urn:watchfloor:wire:{'報' * 990}"
    assert len(url_key(long).encode()) <= 1000
    assert url_key(long) != url_key(f"{long}y")


def test_very_long_address_has_a_bounded_key_of_its_own():
    long = f"{BASE}/{'x' * 5000}"
    assert len(url_key(long)) <= 1100
    assert url_key(long) != url_key(f"{long}y")


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("../b", "https://gazette.example/b"),
        ("//cdn.example/x", "https://cdn.example/x"),
        ("  \n/c\t ", "https://gazette.example/c"),
        ("/c#part", "https://gazette.example/c"),
        ("?page=2", "https://gazette.example/2024/a?page=2"),
        ("java\nscript:alert(1)", None),
        ("javascript:alert(1)", None),
        ("mailto:desk@gazette.example", None),
        ("data:text/html,x", None),
        ("tel:+1", None),
        ("http://[::1", None),
        ("", None),
    ],
)
def test_link_on_a_page(href, expected):
    assert absolute_url(BASE, href) == expected


def test_hosts_are_folded():
    assert host_of("https://WWW.Gazette.example/a") == "gazette.example"
    assert host_of("nothing") == ""


def test_sub_domains_are_the_same_outlet_and_look_alikes_are_not():
    assert same_outlet("https://gazette.example/", "https://sport.gazette.example/x")
    assert not same_outlet("https://gazette.example/", "https://notgazette.example/")


@pytest.mark.parametrize(
    ("label", "slug"),
    [
        ("South Korea Security Brief", "south-korea-security-brief"),
        ("  Frontière de l'Ilva ", "frontière-de-l-ilva"),
        ("Санкции", "санкции"),
    ],
)
def test_slug_of_a_label(label, slug):
    assert slug_of(label) in (slug, slug.replace("è", "e"))


@given(st.text(max_size=200))
def test_no_text_breaks_a_key_or_a_link(text):
    url_key(text)
    found = absolute_url(BASE, text)
    if found is not None:
        assert found.lower().startswith(("http://", "https://"))
        assert url_key(canonical_url(found)) == url_key(found)


@given(st.text(alphabet="abc/.?=&%#:@~ \\", max_size=60))
def test_canonical_address_is_its_own(path):
    once = canonical_url(f"https://gazette.example/{path}")
    assert canonical_url(once) == once
