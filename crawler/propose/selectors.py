"""CSS selectors for elements of a page: short ones, by names that look meant and not generated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.extract.rules import select

_MEANT = re.compile(r"^[A-Za-z][A-Za-z_]*(?:[-_]{1,2}[A-Za-z]+){0,5}$")
_GENERATED = re.compile(
    r"^(?:css|sc|jsx|svelte|emotion|styled|chakra|mui)-|[a-z][A-Z][a-z]?[A-Z]|[a-z][A-Z]$|^[bcdfghjklmnpqrstvwxz]{5,}$|"
    r"^(?=[a-z]*[A-Z])[A-Za-z]{5,6}$"
)
_LAYOUT = re.compile(
    r"^(?:col|row|flex|grid|container|clearfix|mt|mb|ml|mr|pt|pb|px|py|text|font|w|h|bg|block|inline|hidden|relative|"
    r"absolute|left|right|center|first|last|active|wrapper?|inner|outer|small|large|mobile|desktop)(?:-|$)",
    re.IGNORECASE,
)
LONGEST_NAME = 40
TELLING_TAGS = frozenset({"h1", "time", "article", "main", "address"})
"""Tags that say enough without a name; "the only list of the page" is chance."""

MOST_ABOVE = 4


def selector_of(tree: LexborHTMLParser, nodes: Sequence[LexborNode]) -> str:
    """Return the shortest selector that matches exactly these nodes, "" where names alone cannot tell them."""
    wanted = {node.mem_id for node in nodes}
    if not nodes:
        return ""
    own = [name for name in names_of(nodes[0]) if all(name in set(names_of(node)) for node in nodes)]
    for name in own:
        if (name in TELLING_TAGS or not name.isalnum()) and _matches(tree, name) == wanted:
            return name
    above = nodes[0].parent
    for _ in range(MOST_ABOVE):
        if above is None or above.tag in ("html", "body", None):
            break
        for outer in names_of(above):
            if outer.isalnum() and outer not in TELLING_TAGS:
                continue
            for name in own:
                for joint in (" > ", " "):
                    tried = f"{outer}{joint}{name}"
                    if _matches(tree, tried) == wanted:
                        return tried
        above = above.parent
    return ""


def names_of(node: LexborNode) -> Iterator[str]:
    """Yield selectors for one node, the most telling first: itemprop, rel, id, classes, data attributes, its tag."""
    tag = node.tag or "*"
    attributes = node.attributes
    for key in ("itemprop", "rel"):
        value = (attributes.get(key) or "").strip()
        if re.fullmatch(r"[\w:-]+", value):
            yield f"{tag}[{key}='{value}']"
    mark = attributes.get("id") or ""
    if is_meant(mark):
        yield f"{tag}#{mark}"
    classes = [name for name in (attributes.get("class") or "").split() if is_meant(name)]
    for name in sorted(classes, key=lambda name: bool(_LAYOUT.match(name))):
        yield f"{tag}.{name}"
    for key in ("data-testid", "data-component", "data-qa", "data-test", "data-key"):
        value = attributes.get(key) or ""
        if is_meant(value):
            yield f"{tag}[{key}='{value}']"
    for name in classes[1:]:
        yield f"{tag}.{classes[0]}.{name}"
    yield tag


def is_meant(name: str) -> bool:
    """Say whether a class or id looks written by a person: words, no digits, no marks of a build tool."""
    return len(name) <= LONGEST_NAME and bool(_MEANT.match(name)) and not _GENERATED.search(name)


def _matches(tree: LexborHTMLParser, selector: str) -> set[int]:
    return {node.mem_id for node in select(tree, selector)}
