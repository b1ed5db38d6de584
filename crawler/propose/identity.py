"""What an outlet is called, where it is and which languages it writes, from one of its pages. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from config.outlets import NAME_PATTERN, fold_host
from crawler.extract.language import LANGUAGES, folded_code
from crawler.extract.metadata import Metadata, texts_in
from crawler.extract.titles import house_names, without_house
from index.records import Article
from index.urls import absolute_url

_SECOND_LEVEL = frozenset({"co", "com", "org", "net", "gov", "ac", "or", "ne", "go", "gob", "edu", "news"})
_COUNTRY = {"uk": "GB", "eu": "", "su": "RU"}
_HOME_LINKS = (
    "a[rel~=home], a[class*=logo i], [class*=logo i] a, a[class*=brand i], header a:has(> img), header a:has(> svg)"
)
_NO_COUNTRY = frozenset(
    {"io", "tv", "me", "co", "ai", "fm", "ly", "to", "cc", "ws", "gg", "eu", "is", "st", "im", "am"}
)


def name_for(url: str) -> str:
    """Return a name for an outlet file: the middle of the host; "" where that makes none."""
    labels = fold_host(urlsplit(url).hostname or "").split(".")[:-1]
    while len(labels) > 1 and labels[-1] in _SECOND_LEVEL:
        labels.pop()
    name = re.sub(r"[^a-z0-9]+", "_", labels[-1] if labels else "").strip("_")
    name = f"outlet_{name}" if name[:1].isdigit() else name
    return name[:40] if re.match(NAME_PATTERN, name[:40]) else ""


def home_for(tree: LexborHTMLParser, meta: Metadata, *, url: str) -> str:
    """Return the home page: that of the whole outlet where the page, on a sub-domain, names it; else of its own host.

    Only what stands for the outlet names it (its publisher, rel=home, a logo): a text link may lead to its platform.
    """
    parts = urlsplit(url)
    own = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"
    main = _main_host(parts.hostname or "")
    if not main or fold_host(parts.hostname or "") == main:
        return own
    said = [*texts_in(meta.ld.get("publisher"), "url"), *texts_in(meta.ld.get("isPartOf"), "url")]
    said += [node.attributes.get("href") or "" for node in tree.css(_HOME_LINKS)[:20]]
    for text in said:
        named = urlsplit(absolute_url(url, text) or "")
        if fold_host(named.hostname or "") == main and named.path in ("", "/"):
            return f"{named.scheme}://{named.netloc.rpartition('@')[2]}/"
    return own


def _main_host(host: str) -> str:
    """The host one level under the public suffix, without its sub-domains; "" for an address or a bare suffix."""
    labels = fold_host(host).split(".")
    keep = 3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else 2
    return ".".join(labels[-keep:]) if len(labels) >= keep and not labels[-1].isdigit() else ""


def title_for(meta: Metadata, *, url: str) -> str:
    """Return what the outlet calls itself: og:site_name, the publisher in JSON-LD, what ends its titles, its host."""
    site, _ = meta.first("og:site_name", "application-name")
    publisher = next((name for name in texts_in(meta.ld.get("publisher"), "name") if name), "")
    tail = meta.title_tag.removeprefix(without_house(meta.title_tag, house_names(meta, outlet_title="", url=url)))
    said = (site, publisher, tail.strip(" |–—·•»:-"))
    return next((name for name in said if 1 < len(name) <= 80), fold_host(urlsplit(url).hostname or ""))


def country_for(url: str) -> str:
    """Return the country of a national domain, "" for any other."""
    last = (urlsplit(url).hostname or "").rpartition(".")[2].lower()
    if len(last) != 2 or last in _NO_COUNTRY:
        return ""
    return _COUNTRY.get(last, last.upper())


def language_for(meta: Metadata, article: Article | None) -> str:
    """Return the language of the text, else the one the page declares, else English."""
    said = folded_code(meta.language) or folded_code(meta.first("og:locale")[0])
    read = article.language if article is not None else ""
    if read in LANGUAGES:
        return read
    return said if re.fullmatch(r"[a-z]{2}", said) else "en"
