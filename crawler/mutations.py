"""Pages changed the way publishers change them: names, wrappers, metadata, adverts. Pure and seeded.

A page is parsed, changed and written anew; the words a reader would see stay what they were, so whatever is read
differently is lost to the layout. `written_anew` changes nothing and is the control.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree, html

SHARE = 0.3
"""How much of a page one mutant changes, where it changes part of it."""

ADVERT_EVERY = 3
_BLOCKS = ("p", "div", "section", "article", "h1", "ul", "ol", "figure", "blockquote")
_WRAPPERS = ("div", "section", "span")
_KEPT_META = ("charset", "http-equiv")
_KEPT_NAMES = frozenset({"viewport", "robots"})

Tree = Any
"""lxml's element; its types are not published."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed page. `kind` is how it was changed, `changes` in how many places."""

    kind: str
    number: int
    body: bytes
    changes: int


def mutants_of(markup: str, *, seed: int, name: str, each: int) -> Iterator[Mutant]:
    """Yield the mutants of a page: one of each kind that leaves nothing to chance, `each` of the others.

    Equal arguments give equal bytes. A kind that finds nothing to change yields nothing; nor does a page without
    markup.
    """
    for kind, (change, by_chance) in KINDS.items():
        for number in range(each if by_chance else 1):
            tree = _parsed(markup)
            if tree is None:
                return
            dice = random.Random(zlib.crc32(f"{seed}:{name}:{kind}:{number}".encode()))  # noqa: S311 - no secret
            changes = change(tree, dice)
            if changes or kind == CONTROL:
                yield Mutant(kind, number, _written(tree), changes)


def _parsed(markup: str) -> Tree | None:
    """The page as a tree; None for what is no markup at all."""
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        tree = html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    return tree


def _written(tree: Tree) -> bytes:
    for meta in tree.iter("meta"):
        if meta.get("charset"):
            meta.set("charset", "utf-8")
    written: bytes = html.tostring(tree, encoding="utf-8", doctype="<!DOCTYPE html>")
    return written


def _keep(_tree: Tree, _dice: random.Random) -> int:
    return 0


def _rename_classes(tree: Tree, dice: random.Random) -> int:
    """Give a share of all class names and ids another name, the same wherever it stands."""
    names = sorted(
        {name for node in _elements(tree) for key in ("class", "id") for name in (node.get(key) or "").split()}
    )
    renamed = {name: f"x{dice.randrange(16**6):06x}" for name in names if dice.random() < SHARE}
    changes = 0
    for node in _elements(tree):
        for key in ("class", "id"):
            old = node.get(key)
            new = " ".join(renamed.get(name, name) for name in (old or "").split())
            if old is not None and new != " ".join(old.split()):
                node.set(key, new)
                changes += 1
    return changes


def _wrap(tree: Tree, dice: random.Random) -> int:
    """Put a new div around a share of the blocks."""
    chosen = [node for node in _elements(tree) if node.tag in _BLOCKS and _in_body(node) and dice.random() < SHARE]
    for node in chosen:
        parent, tail = node.getparent(), node.tail
        wrapper = html.Element("div", {"class": f"w{dice.randrange(16**4):04x}"})
        node.tail = None
        parent.replace(node, wrapper)
        wrapper.append(node)
        wrapper.tail = tail
    return len(chosen)


def _unwrap(tree: Tree, dice: random.Random) -> int:
    """Take a share of the div, section and span away around what they hold."""
    chosen = [node for node in _elements(tree) if node.tag in _WRAPPERS and _in_body(node) and dice.random() < SHARE]
    for node in chosen:
        node.drop_tag()
    return len(chosen)


def _drop_json_ld(tree: Tree, _dice: random.Random) -> int:
    scripts = [node for node in tree.iter("script") if "ld+json" in (node.get("type") or "").lower()]
    for node in scripts:
        node.drop_tree()
    return len(scripts)


def _drop_meta(tree: Tree, _dice: random.Random) -> int:
    """Take OpenGraph and all other meta tags away, but for those a page needs to be shown."""
    tags = [
        node
        for node in tree.iter("meta")
        if not any(node.get(key) for key in _KEPT_META) and (node.get("name") or "").lower() not in _KEPT_NAMES
    ]
    for node in tags:
        node.drop_tree()
    return len(tags)


def _reorder_attributes(tree: Tree, dice: random.Random) -> int:
    changes = 0
    for node in _elements(tree):
        pairs = list(node.attrib.items())
        if len(pairs) < 2:
            continue
        shuffled = dice.sample(pairs, len(pairs))
        if shuffled != pairs:
            node.attrib.clear()
            for key, value in shuffled:
                node.set(key, value)
            changes += 1
    return changes


def _insert_adverts(tree: Tree, dice: random.Random) -> int:
    """Put an advertisement, marked as publishers mark them, behind every third paragraph."""
    paragraphs = [node for node in tree.iter("p") if _in_body(node) and len(node.text_content()) > 60]
    chosen = paragraphs[dice.randrange(ADVERT_EVERY) :: ADVERT_EVERY]
    for number, node in enumerate(chosen):
        advert = html.fragment_fromstring(
            f'<div class="ad-slot advertisement" id="ad-{dice.randrange(16**4):04x}"><span>Advertisement</span>'
            f'<a href="https://offers.example/{number}" rel="sponsored">Lamps for every desk, now in red</a></div>'
        )
        advert.tail, node.tail = node.tail, None
        node.addnext(advert)
    return len(chosen)


def _heading_to_div(tree: Tree, _dice: random.Random) -> int:
    return _rename_tag(tree, "h1", "div")


def _time_to_span(tree: Tree, _dice: random.Random) -> int:
    return _rename_tag(tree, "time", "span")


def _rename_tag(tree: Tree, old: str, new: str) -> int:
    nodes = list(tree.iter(old))
    for node in nodes:
        node.tag = new
    return len(nodes)


def _elements(tree: Tree) -> list[Tree]:
    return [node for node in tree.iter() if isinstance(node.tag, str)]


def _in_body(node: Tree) -> bool:
    parent = node.getparent()
    return parent is not None and parent.tag != "html" and next(node.iterancestors("body"), None) is not None


CONTROL = "written_anew"
KINDS: dict[str, tuple[Callable[[Tree, random.Random], int], bool]] = {
    CONTROL: (_keep, False),
    "rename_classes": (_rename_classes, True),
    "wrap": (_wrap, True),
    "unwrap": (_unwrap, True),
    "drop_json_ld": (_drop_json_ld, False),
    "drop_meta": (_drop_meta, False),
    "reorder_attributes": (_reorder_attributes, True),
    "insert_adverts": (_insert_adverts, True),
    "h1_to_div": (_heading_to_div, False),
    "time_to_span": (_time_to_span, False),
}
"""Every way a page is changed, and whether chance has a part in it."""
