"""The chosen blocks of a page into paragraphs: what is no paragraph of the article is left out. Pure."""

from __future__ import annotations

from collections.abc import Sequence, Set

from selectolax.lexbor import LexborNode

from crawler.extract.blocks import HEADINGS, Block, key_of
from crawler.extract.furniture import is_coda, is_credit, is_stop_line
from crawler.extract.text import is_furniture_line

LEAD_CHARS = 60
LINE_KEY_CHARS = 12
MOST_QUOTATIONS = 100
"""Each is looked for in all paragraphs; a page may be made of thousands."""

ITALIC_SHARE = 0.8
"""So much of a note on the author is in italics; the rest are the words between."""

_BREAKS_SLANT = frozenset({"p", "div", "li", "body"})


def tidied(blocks: list[Block], *, title: str, authors: Sequence[str]) -> list[Block]:
    """Leave out what is no paragraph: the headline again, bylines, prompts, credits, what follows the end."""
    heading = key_of(title)
    names = {key_of(name) for name in authors}
    kept: list[Block] = []
    quotations = 0
    seen: set[str] = set()
    total, done = sum(len(block.text) for block in blocks), 0
    for place, block in enumerate(blocks):
        if is_stop_line(block.text):
            if done > total / 2 and not _goes_on(blocks[place + 1 :]):
                break
            continue
        done += len(block.text)
        if not block.key or block.key == heading or block.key in names:
            continue
        if (block.key in seen and len(block.text) > 40) or _is_dressing(block, number=len(kept)):
            continue
        if block.tag == "blockquote" and quotations < MOST_QUOTATIONS:
            quotations += 1
            if _is_pull_quote(block, blocks):
                continue
        seen.add(block.key)
        kept.append(block)
    return _without_coda(_from_lead(kept), names)


def _is_pull_quote(block: Block, blocks: Sequence[Block]) -> bool:
    """Whether a quotation set apart is words of a paragraph once more."""
    return len(block.key) >= LINE_KEY_CHARS and any(block.key in other.key for other in blocks if other is not block)


def _goes_on(blocks: Sequence[Block]) -> bool:
    return any(block.weight >= 100 for block in blocks if block.tag == "p")


def _is_dressing(block: Block, *, number: int) -> bool:
    if is_furniture_line(block.text, number=number) or is_credit(block.text):
        return True
    return (
        len(block.text) < 220
        and block.link_share >= 0.8
        and block.tag in ("p", "li", "div")
        and not is_labelled_list(block)
    )


def _from_lead(blocks: list[Block]) -> list[Block]:
    """Drop the short lines before the first paragraph: kicker, place, date, reading time.

    One that begins with three dots goes on from the headline.
    """
    lead = next((place for place, block in enumerate(blocks) if block.weight and block.size >= LEAD_CHARS), 0)
    before = (block for block in blocks[:lead] if block.size >= LEAD_CHARS or block.text.startswith(("…", "...")))
    return [*before, *blocks[lead:]]


def _without_coda(blocks: list[Block], names: Set[str]) -> list[Block]:
    """Drop headings and notes on the article's making and its authors from its last four blocks."""
    while blocks and blocks[-1].tag in HEADINGS:
        blocks.pop()
    if len(blocks) <= 3:
        return blocks
    edge = max(2, len(blocks) - 3)
    return blocks[:edge] + [block for block in blocks[edge:] if not is_coda(block.text) and not _is_bio(block, names)]


def _is_bio(block: Block, names: Set[str]) -> bool:
    """Whether a paragraph is in italics, links apart, and begins with the name of an author."""
    if not any(name and block.key.startswith(name) for name in names):
        return False
    slanted = sum(len(key_of(node.text())) for node in block.node.css("em, i") if not _inside_slanted(node))
    return slanted >= ITALIC_SHARE * len(block.key)


def _inside_slanted(node: LexborNode) -> bool:
    above = node.parent
    while above is not None and above.tag not in _BREAKS_SLANT:
        if above.tag in ("em", "i"):
            return True
        above = above.parent
    return False


def is_labelled_list(block: Block) -> bool:
    """Whether a paragraph is a label and several links after it, such as the places of a district."""
    return block.tag == "p" and len(block.anchors) > 1 and block.link_share < 0.95
