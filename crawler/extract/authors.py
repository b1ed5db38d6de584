"""Who wrote a page: what its metadata says, a byline near the headline, a byline that opens the text. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.extract.bylines import clean_authors, is_byline, looks_like_name, names_a_person
from crawler.extract.metadata import Metadata, texts_in
from crawler.extract.text import folded
from index.records import TraceStep

AUTHOR_META = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl",
               "cxenseparse:author", "twitter:creator_name")  # fmt: skip
BYLINE_SELECTORS = (
    "[rel='author']", "[itemprop='author'] [itemprop='name']", "[itemprop='author']", ".byline a", ".author-name",
    ".byline__name", ".article__author", "[class*='byline'] [class*='name']", ".byline", "[class*='byline']",
    "[class*='author-name']", "[class*='authorName']", ".author a", ".author", ".article-author", ".post-author",
    ".entry-author", ".vcard .fn", "article a[href*='/author']", "main a[href*='/author']", "a[href*='/author/']",
    "a[href*='/autor']", "[class*='contributor']", "[class*='writer']",
)  # fmt: skip
MOST_AUTHORS = 8
"""A selector that names more persons than this found a list of authors, not a byline."""

SCOPES = 8
"""How many elements above the headline are searched for a byline, the nearest first."""

OPENING_LINE_CHARS = 90

Found = tuple[tuple[str, ...], TraceStep]


def authors_of(tree: LexborHTMLParser, meta: Metadata, *, title: str, houses: Sequence[str]) -> Found:
    """Return the names and where they stood; a source that names only the house gives way to one with a person."""
    said = texts_in(meta.ld.get("author"), "name")
    sources: list[tuple[str, list[str]]] = [("json_ld author", said)]
    sources += [(name, [value for value in meta.meta.get(name, ()) if value]) for name in AUTHOR_META]
    best: Found | None = None
    for rule, raw in sources:
        names = clean_authors(raw, houses=houses)
        if names:
            step = TraceStep("authors", rule, "", len(raw), " | ".join(raw)[:500], " | ".join(names))
            if names_a_person(names, houses):
                return names, step
            best = best or (names, step)
    return _byline(tree, title=title, houses=houses) or best or ((), TraceStep("authors", "none"))


def _byline(tree: LexborHTMLParser, *, title: str, houses: Sequence[str]) -> Found | None:
    """The byline that stands nearest to the headline: the same names elsewhere are those of other articles."""
    for scope in _scopes(tree, title):
        for selector in BYLINE_SELECTORS:
            nodes = scope.css(selector)[:6]
            raw = [text for node in nodes if 3 < len(text := _text(node)) < 120]
            names = clean_authors(raw, houses=houses)
            names = tuple(name for name in names if looks_like_name(name))
            if names and len(names) <= MOST_AUTHORS and names_a_person(names, houses):
                told = TraceStep("authors", "byline", selector, len(nodes), " | ".join(raw)[:500], " | ".join(names))
                return names, told
    return None


def _scopes(tree: LexborHTMLParser, title: str) -> Iterator[LexborNode]:
    """The elements around the headline from the inside out, then the page."""
    headings = [node for node in tree.css("h1, h2")[:60] if node.text().strip()]
    plain = folded(title)
    is_title = next((node for node in headings if folded(_text(node)) == plain), None)
    node = is_title or next((node for node in headings if node.tag == "h1"), None)
    for _ in range(SCOPES):
        node = node.parent if node is not None else None
        if node is None or node.tag in ("body", "html"):
            break
        yield node
    if tree.body is not None:
        yield tree.body


def _text(node: LexborNode) -> str:
    return " ".join(node.text(separator=" ").split())


def byline_in_opening(lines: Sequence[str], *, houses: Sequence[str]) -> Found | None:
    """Return the names in a byline that stands as a line of its own before the first paragraph; None without one.

    Such a line begins with "By" in some language, or is two names and nothing else.
    """
    for line in lines:
        if len(line) > OPENING_LINE_CHARS or not is_byline(line):
            continue
        names = clean_authors([line], houses=houses)
        if names and len(names) <= MOST_AUTHORS and names_a_person(names, houses):
            return names, TraceStep("authors", "opening line", matches=1, raw=line, value=" | ".join(names))
    return None
