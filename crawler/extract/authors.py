"""Who wrote a page: what its metadata says, a byline near the headline, a byline that opens the text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from itertools import islice
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.extract.bylines import (
    begins_with_by,
    clean_authors,
    is_agency,
    is_byline,
    is_house,
    looks_like_name,
    names_a_person,
)
from crawler.extract.metadata import Metadata, texts_in, types_of
from crawler.extract.text import folded
from index.records import TraceStep

AUTHOR_META = ("author", "article:author", "parsely-author", "sailthru.author", "citation_author", "dc.creator",
               "dcterms.creator", "byl", "cxenseparse:author", "twitter:creator_name")  # fmt: skip
BYLINE_SELECTORS = (
    "[rel='author']", "[itemprop='author'] [itemprop='name']", "[itemprop='author']", ".byline a", ".author-name",
    ".byline__name", ".article__author", "[class*='byline'] [class*='name']", ".byline", "[class*='byline']",
    "[class*='author-name']", "[class*='authorName']", ".author a", ".author", ".article-author", ".post-author",
    ".entry-author", ".vcard .fn", "article a[href*='/author']", "main a[href*='/author']", "a[href*='/author/']",
    "a[href*='/autor']", "[class*='contributor']", "[class*='writer']", "[class*='author__name']",
    "[class*='author_name']", "[class*='author-link']", "[class*='meta-author']", ".the-author",
)  # fmt: skip
NEAR_SELECTORS = ("a[href*='author']", "a[href*='/writers/']", "a[href*='/staff/']", "a[href*='/contributors/']",
                  "a[href*='/journalist']", "a[href*='/reporter']", "a[href*='/producers/']")  # fmt: skip
"""What names an author only beside the headline; elsewhere these lead to anybody."""
MOST_AUTHORS = 8
"""A selector that names more persons than this found a list of authors, not a byline."""

SCOPES = 8
"""How many elements above the headline are searched for a byline, the nearest first."""

NEAR_TEXTS = 300
"""How many texts of an element around the headline are looked at for a "By" of no class."""

OPENING_LINE_CHARS = 90
_ELSEWHERE = re.compile(
    r"(?:^|[-_ ])(?:comments?|commentlist|respond|related|recommend(?:ed|ations)?|read-?more|sidebar|popular|trending|"
    r"most-read|latest|teasers?|cards?|next-post|more-(?:posts|stories|articles))(?:$|[-_ ])",
    re.IGNORECASE,
)
# The line at the foot of Chinese news pages that names who answers for the text, often the only names on the page.
_EDITORS = re.compile("责任编辑|責任編輯|责编|責編")
_RESPONSIBLE = re.compile(rf"[\s(（\[【]*(?:{_EDITORS.pattern})\s*[:：]\s*([^)）\]】:：]{{2,40}}?)[\s)）\]】]*")
_HANDLE_OF_A_SYSTEM = frozenset({"admin", "administrator", "user", "guest", "wordpress", "root", "webmaster", "author"})

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
            if names_a_person(names, houses) or (rule == "json_ld author" and _are_persons(meta, names, houses)):
                return names, step
            best = best or (names, step)
    found, namesake = _byline(tree, title=title, houses=houses)
    return found or best or namesake or _responsible(tree) or ((), TraceStep("authors", "none"))


def _responsible(tree: LexborHTMLParser) -> Found | None:
    """Return the editors a page names as responsible for it, in the line of their own that Chinese pages end with."""
    if tree.body is None or not _EDITORS.search(tree.body.text()):
        return None
    for node in tree.css("p, div, span"):
        line = _text(node) if len(node.text()) < OPENING_LINE_CHARS else ""
        held = _RESPONSIBLE.fullmatch(line)
        names = clean_authors([held[1]]) if held is not None else ()
        if names and len(names) <= MOST_AUTHORS and all(looks_like_name(name) for name in names):
            return names, TraceStep("authors", "responsible editor", "", 1, line, " | ".join(names))
    return None


def _are_persons(meta: Metadata, names: Sequence[str], houses: Sequence[str]) -> bool:
    """Whether JSON-LD calls its authors persons: then a pen name of one word is one."""
    said: Any = meta.ld.get("author")
    nodes = said if isinstance(said, list) else [said]
    typed = all(isinstance(node, dict) and "person" in types_of(node) for node in nodes)
    return typed and not any(
        is_house(name, houses) or is_agency(name) or name.casefold() in _HANDLE_OF_A_SYSTEM for name in names
    )


def _byline(tree: LexborHTMLParser, *, title: str, houses: Sequence[str]) -> tuple[Found | None, Found | None]:
    """The byline nearest to the headline, and the nearest that names the house: a site may bear its author's name.

    The same names elsewhere are those of other articles.
    """
    namesake: Found | None = None
    scopes = _scopes(tree, title)
    lineage = {scope.mem_id for scope in scopes}
    for scope in scopes:
        for rule, lines in _bylines_in(scope, lineage):
            found = _named(lines, rule=rule, houses=houses)
            if found is not None:
                return found, None
            namesake = namesake or _named(lines, rule=rule, houses=())
    return None, namesake


def _bylines_in(scope: LexborNode, lineage: Set[int]) -> Iterator[tuple[str, list[str]]]:
    """The texts that may be bylines of an element, by the rule that finds them, the surest rule first."""

    def selected(selector: str) -> tuple[str, list[str]]:
        nodes = [node for node in scope.css(selector)[:12] if not _is_elsewhere(node, lineage)]
        return selector, [_text(node) for node in nodes[:6]]

    yield from map(selected, BYLINE_SELECTORS)
    if scope.tag != "body":
        yield from (("", [line]) for line in _by_lines(scope, lineage))
        yield from map(selected, NEAR_SELECTORS)


def _named(lines: Sequence[str], *, rule: str, houses: Sequence[str]) -> Found | None:
    raw = [line for line in lines if 3 < len(line) < 120]
    names = tuple(name for name in clean_authors(raw, houses=houses) if looks_like_name(name))
    if not names or len(names) > MOST_AUTHORS or not names_a_person(names, houses):
        return None
    return names, TraceStep("authors", "byline", rule, len(raw), " | ".join(raw)[:500], " | ".join(names))


def _by_lines(scope: LexborNode, lineage: Set[int]) -> Iterator[str]:
    """The short lines around the headline that begin with "By" or its like, whatever element they stand in."""
    texts = (node for node in scope.traverse(include_text=True) if node.tag == "-text" and (node.text() or "").strip())
    for node in islice(texts, NEAR_TEXTS):
        label, parent = " ".join((node.text() or "").split()), node.parent
        if parent is None or not begins_with_by(label):
            continue
        line = _text(parent)
        is_label = len(label.split()) < 3
        if is_label and line == label and parent.parent is not None:
            line = _text(parent.parent)  # the label in an element of its own
        linked = parent.css_first("a")
        if is_label and linked is not None and not is_byline(line):
            line = f"{label} {_text(linked)}"  # what comes after the name is none
        if len(line) <= OPENING_LINE_CHARS and is_byline(line) and not _is_elsewhere(parent, lineage):
            yield line


def _is_elsewhere(node: LexborNode, lineage: Set[int]) -> bool:
    """Whether a byline stands in a comment, a sidebar or among other articles, away from the headline."""
    above: LexborNode | None = node
    while above is not None and above.mem_id not in lineage and above.tag != "html":
        attributes = above.attributes
        named = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        if above.tag == "nav" or (named != " " and _ELSEWHERE.search(named)):
            return True
        above = above.parent
    return False


def _scopes(tree: LexborHTMLParser, title: str) -> list[LexborNode]:
    """The elements around the headline from the inside out, then the page."""
    headings = [node for node in tree.css("h1, h2")[:60] if node.text().strip()]
    plain = folded(title)
    is_title = next((node for node in headings if folded(_text(node)) == plain), None)
    node = is_title or next((node for node in headings if node.tag == "h1"), None)
    scopes: list[LexborNode] = []
    while len(scopes) < SCOPES:
        node = node.parent if node is not None else None
        if node is None or node.tag in ("body", "html"):
            break
        scopes.append(node)
    return [*scopes, tree.body] if tree.body is not None else scopes


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
