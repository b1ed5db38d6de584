"""A scrubbed page made small enough for a repository: long lists and boxes cut, as long as it reads the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from selectolax.lexbor import LexborHTMLParser, LexborNode

Same = Callable[[str], bool]

MOST_CHECKS = 30
"""Readings of the page that shrinking may cost; what is still too big then is left so."""

LENGTHS = (12, 6, 3)
BATCHES = 4
BOXES = "nav,footer,aside,header,form,ul,ol,table,section,div"
LEAST_BOX = 600
MOST_BOXES = 48


def shrunk(html: str, *, most_bytes: int, same: Same) -> str:
    """Return the page cut down to `most_bytes` where that can be done without its being read differently."""
    if len(html.encode()) <= most_bytes:
        return html
    checks = 0

    def counted(text: str) -> bool:
        nonlocal checks
        checks += 1
        return checks <= MOST_CHECKS and same(text)

    for length in LENGTHS:
        html = _by_batches(html, partial(_beyond, most=length), counted)
        if len(html.encode()) <= most_bytes:
            return html
    for _ in range(3):
        before = html
        html = _by_batches(html, _boxes, counted, most_bytes=most_bytes)
        if len(html.encode()) <= most_bytes or html == before:
            return html
    return html


def _by_batches(
    html: str, choose: Callable[[LexborHTMLParser], list[LexborNode]], same: Same, *, most_bytes: int = 0
) -> str:
    """Take out what `choose` chooses: all at once, else in batches, keeping what the page reads differently without."""
    tree = LexborHTMLParser(html)
    number = len(choose(tree))
    if not number:
        return html
    whole = _without(html, choose, set(range(number)))
    if same(whole):
        return whole
    gone: set[int] = set()
    per_batch = max(1, -(-number // BATCHES))
    pending = [set(range(at, min(at + per_batch, number))) for at in range(0, number, per_batch)]
    while pending:
        batch = pending.pop(0)
        tried = _without(html, choose, gone | batch)
        if same(tried):
            gone |= batch
            if most_bytes and len(tried.encode()) <= most_bytes:
                break
        elif len(batch) > 2:
            ordered = sorted(batch)
            pending += [set(ordered[: len(ordered) // 2]), set(ordered[len(ordered) // 2 :])]
    return _without(html, choose, gone) if gone else html


def _without(html: str, choose: Callable[[LexborHTMLParser], list[LexborNode]], numbers: set[int]) -> str:
    tree = LexborHTMLParser(html)
    for number, node in enumerate(choose(tree)):
        if number in numbers and node.parent is not None:
            node.decompose()
    return tree.html or ""


def _beyond(tree: LexborHTMLParser, *, most: int) -> list[LexborNode]:
    """Of each run of like siblings (no paragraphs, no head) those beyond the first few."""
    found: list[LexborNode] = []
    for parent in tree.css("ul,ol,div,section,nav,tbody,select,footer,header,aside,dl,main,article"):
        counts: dict[tuple[str, str], int] = {}
        child = parent.first_child
        while child is not None:
            tag = child.tag or ""
            if tag[:1] not in ("-", "") and tag not in ("p", "h1", "h2", "h3", "script", "br"):
                kind = (tag, child.attributes.get("class") or "")
                counts[kind] = counts.get(kind, 0) + 1
                if counts[kind] > most:
                    found.append(child)
            child = child.next
    return found


def _boxes(tree: LexborHTMLParser) -> list[LexborNode]:
    """The biggest elements that hold no headline and no more than a few paragraphs, none inside another."""
    found: list[tuple[int, LexborNode]] = []
    for node in tree.css(BOXES):
        if node.css_first("h1") is not None or len(node.css("p")) > 3:
            continue
        size = len(node.html or "")
        if size >= LEAST_BOX:
            found.append((size, node))
    chosen: list[LexborNode] = []
    taken: set[int] = set()
    for _, node in sorted(found, key=lambda one: -one[0]):
        above = node.parent
        while above is not None and above.mem_id not in taken:
            above = above.parent
        if above is None:
            chosen.append(node)
            taken.add(node.mem_id)
        if len(chosen) >= MOST_BOXES:
            break
    return chosen
