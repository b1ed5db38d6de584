"""The titles of a page: the headline its reader sees, and the one made for search engines. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.extract.metadata import Metadata, texts_in, types_of, unescaped
from crawler.extract.text import folded
from index.records import TraceStep

_SEPARATORS = re.compile(r"\s+(?:[|–—·•»:]|-{1,2}|::)\s+|\s*[|：ㅣ]\s*")
AKIN_SHARE = 0.34
SHORT_CHARS = 12
"""What is left of a title without the house's name before it has to be as long as this to be a title."""

LONG_CHARS = 90
"""From about here on systems cut headlines: 110 characters are the most that search engines take."""

HEADLINE_CHARS = 200
"""A longer h1 is a paragraph dressed as a heading."""

_GOES_ON = re.compile(r"\s*[\w(]")
_DENSE_TAIL = re.compile(r"\s*[-_–—|｜]\s*\S")
_PREFIX = re.compile(r"(\S.{0,50}?)(?:\s*[|｜•·»]\s*|\s+(?:-{1,2}|–|—)\s+|\s*:{1,2}\s+)(?=\S)")
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")


def title_of(tree: LexborHTMLParser, meta: Metadata, *, houses: Sequence[str]) -> TraceStep:
    """Return the headline: JSON-LD's, an h1 that metadata confirms, OpenGraph's, the only h1, the tag.

    A JSON-LD headline that was cut short, or that the page neither shows nor shares, gives way to the h1; so does a
    title that metadata gives everywhere alike, where the page shows another one: that one was made for search engines.
    """
    headline, og, tag, headings = _titles(tree, meta, houses=houses)
    confirmed = next((heading for heading in headings if _is_confirmed(heading, (headline, og, tag))), "")
    whole = next((heading for heading in headings if _is_cut(headline, heading)), "")
    whole = whole or next((title for title in (og, tag) if _goes_on(headline, title)), "")
    shared = next((heading for heading in headings if og and folded(heading) == folded(og)), "")
    shown = _shown(headings, titles=(headline, og, tag))
    for value, rule in (
        (whole, "title of which the json_ld headline is the beginning"),
        (_in_case(shared, og), "h1 that is og:title too"),
        (
            shown if _is_made_for_search(meta, (headline, og, tag)) else "",
            "the only h1, beside one title made for search",
        ),
        (headline if _is_akin(headline, (og, tag, *headings)) else "", "json_ld headline"),
        (confirmed, "h1 confirmed by metadata"),
        (shown, "the only h1 in words of its own"),
        (og, "og:title"),
        (headings[0] if len(headings) == 1 and _is_told_by(headings[0], tag) else "", "h1"),
        (tag, "title tag"),
        (headline, "json_ld headline alone"),
        (headings[0] if headings else "", "first h1"),
    ):
        if value:
            return TraceStep("title", rule, matches=1, raw=value, value=unescaped(value))
    return TraceStep("title", "none")


def _shown(headings: Sequence[str], *, titles: Sequence[str]) -> str:
    """The one h1 that may be the headline and tells it in other words than metadata; "" where there are more."""
    told = {
        folded(heading): heading
        for heading in headings
        if len(heading) <= HEADLINE_CHARS and len(_words(heading)) > 2 and _is_akin(heading, titles)
    }
    if len(told) != 1:
        return ""
    plain, heading = next(iter(told.items()))
    others = [other for other in map(folded, titles) if other]
    return "" if any(other in plain or plain in other for other in others) else heading


def _is_made_for_search(meta: Metadata, titles: Sequence[str]) -> bool:
    """Whether a page that is no news article gives one title in all three places of its metadata."""
    kinds = types_of(meta.ld)
    is_one = bool(titles[0]) and len({folded(title) for title in titles}) == 1
    return is_one and not any("news" in kind for kind in kinds)


def _is_told_by(heading: str, tag: str) -> bool:
    """Whether a title tag says what a heading says, or so little that it can only name the site."""
    return _is_akin(heading, (tag,)) or len(_words(heading)) > 2 * len(_words(tag))


def _in_case(heading: str, og: str) -> str:
    """A heading that is shouted in capitals as metadata writes it."""
    return og if heading.isupper() and not og.isupper() else heading


def search_title(tree: LexborHTMLParser, meta: Metadata, *, title: str, houses: Sequence[str]) -> str:
    """Return the other title of a page, made for search engines and shares; "" where all its titles are one."""
    headline, og, tag, headings = _titles(tree, meta, houses=houses)
    others = (tag, headline, *(heading for heading in headings if _is_confirmed(heading, (og, tag))))
    told = (og, *(other for other in others if _is_akin(other, (title,))))
    plain = folded(title)
    return next((other for other in told if other and not plain.startswith(folded(other).rstrip("….").rstrip())), "")


def house_names(meta: Metadata, *, outlet_title: str, url: str) -> tuple[str, ...]:
    """Return the names a page's publisher goes by: the outlet's, those in metadata, the middle of its host."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    said = [outlet_title, meta.first("og:site_name")[0], meta.first("application-name")[0]]
    said += [*texts_in(meta.ld.get("publisher"), "name"), host, *host.split(".")[:-1]]
    return tuple(dict.fromkeys(name for name in said if len(name) > 1))


def _titles(tree: LexborHTMLParser, meta: Metadata, *, houses: Sequence[str]) -> tuple[str, str, str, list[str]]:
    """The headline of JSON-LD, OpenGraph's title, the title tag and the h1s, all without the house's name."""
    names = {folded(house) for house in houses} | {folded(_site_of(meta))}
    headline = next((text for text in texts_in(meta.ld.get("headline")) if folded(text) not in names), "")
    og, _ = meta.first("og:title", "twitter:title", "dc.title", "title")
    headings = [" ".join(node.text().split()) for node in tree.css("h1")[:40]]
    return (
        without_house(headline, houses),
        without_house(og, houses),
        without_house(meta.title_tag, houses),
        [heading for heading in headings if heading and folded(heading) not in names],
    )


def _site_of(meta: Metadata) -> str:
    """The name of a site whose title tag is that name, a separator and the title shared with others; "" elsewhere."""
    og = folded(meta.first("og:title")[0])
    tag = folded(meta.title_tag)
    before = tag.removesuffix(og).rstrip() if len(og) >= 15 else tag
    return before[:-1].rstrip() if before != tag and before[-1:] in (":", "|", "-", "»", "•", "·") else ""


def _is_confirmed(heading: str, titles: Sequence[str]) -> bool:
    """Whether a title is the heading, or begins with it and goes on after a separator."""
    plain = folded(heading)
    for title in titles:
        other = folded(title)
        if other == plain and plain:
            return True
        rest = other[len(plain) :] if other.startswith(plain) else ""
        if _DENSE.search(plain) and len(plain) >= 8 and _DENSE_TAIL.match(rest):
            return True
        if len(plain) >= 15 and _SEPARATORS.match(f" {rest.lstrip()}"):
            return True
    return False


def _is_akin(title: str, others: Sequence[str]) -> bool:
    """Whether a title shares a third of the words of one of the others, or there are no others to compare with."""
    words = _words(title)
    compared = [other for other in map(_words, others) if other]
    return not compared or any(len(words & other) >= AKIN_SHARE * min(len(words), len(other)) for other in compared)


def _words(text: str) -> set[str]:
    plain = folded(text)
    return set(_DENSE.findall(plain)) | set(re.findall(r"\w+", _DENSE.sub(" ", plain)))


def _is_cut(headline: str, heading: str) -> bool:
    begins = folded(headline).rstrip("….").rstrip()
    return len(begins) >= 40 and len(heading) > len(begins) + 3 and folded(heading).startswith(begins)


def _goes_on(headline: str, title: str) -> bool:
    """Whether a long headline was cut in the middle of what a title says."""
    begins = folded(headline).rstrip("….").rstrip()
    return len(begins) >= LONG_CHARS and _is_cut(headline, title) and bool(_GOES_ON.match(folded(title)[len(begins) :]))


def without_house(title: str, houses: Sequence[str]) -> str:
    """Drop " | Outlet" from the end of a title and "Outlet: " from before it, for each name the house goes by."""
    text = unescaped(title)
    keys = [re.sub(r"\W+", "", house).casefold() for house in houses if house]
    pieces = _SEPARATORS.split(text)
    while len(pieces) > 1 and _is_house_key(re.sub(r"\W+", "", pieces[-1]).casefold(), keys):
        text = (text[: text.rindex(pieces[-1])] if pieces[-1] else text).rstrip(" |–—·•»:：ㅣ-")
        pieces = pieces[:-1]
    first = _PREFIX.match(text)
    if first and re.sub(r"\W+", "", first.group(1)).casefold() in keys and len(text) - first.end() >= SHORT_CHARS:
        text = text[first.end() :]
    return text


def _is_house_key(last: str, keys: Sequence[str]) -> bool:
    """Whether the last piece of a title is one of the house's names, or a part or a longer form of one."""
    if not last:
        return True
    return any(last == key or (len(last) > 2 and last in key) or (len(key) > 3 and key in last) for key in keys)
