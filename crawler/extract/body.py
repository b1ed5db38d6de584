"""The body of an article: two engines read the page, and the blocks they agree on are tidied into paragraphs. Pure.

The first engine is ours and takes one pass over the blocks (`container`). The second is trafilatura on the stripped
page; its text says which blocks are meant, the blocks say where they stand. What neither can know alone is settled
here: a list of other articles that reads like one is outside the container, a paragraph that was lost stands between
its siblings, the standfirst is what the page gives as its description.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.deadline import undisturbed
from crawler.extract.blocks import LEAST_CHARS, Block, by_element, chars_in, key_of, stripped, text_blocks, weight_in
from crawler.extract.container import OWN_SHARE, main_blocks
from crawler.extract.furniture import WEAK, is_stop_line
from crawler.extract.metadata import Metadata, ld_body, texts_in
from crawler.extract.text import MAX_HTML_CHARS, filtered, paragraphs_in
from crawler.extract.tidying import LEAD_CHARS, LINE_KEY_CHARS, is_labelled_list, tidied

CONTAINER_SHARE = 0.85
"""The body's container is the deepest element that holds so much of the text found."""

CORE_SHARE = 0.25
"""An element directly around so much of the paragraphs is where a lost paragraph may be found."""

LEAST_KEPT = 0.4
"""If tidying leaves less of the text than this, the page is of a kind the rules misread: it is left as found."""

OPENING_CHARS = 100
"""A found paragraph so long between the headline and the container is the article's first one, set apart."""

OPENING_BEFORE, OPENING_AFTER = 12, 3
AROUND_SHARE = 0.93
"""Trafilatura is given the part of the page around our own answer that holds so much of all running text: with 0.97 it
takes a tenth more time for the same marks, with 0.9 a fifth less for .002 of F4 (61 real pages)."""

ITEM_DEPTH = 3
"""An item's own element, its list, and the element that list stands in."""

ITEM_LINKED = 0.2
DECK_AFTER = 4
_DECK = re.compile(
    r"(?:^|[-_\s])(?:deck|dek|stand-?first|sub-?titles?|sub-?head(?:line|ing)?|excerpt|summary|preamble|chapo|ingress)"
    r"(?:$|[-_\s])",
    re.IGNORECASE,
)
TOLD_CHARS = 600
HEADLINE_CHARS = 25
DESCRIPTION_KEY_CHARS = 30


@dataclass(frozen=True, slots=True)
class Body:
    """The paragraphs in order; the blocks they stand in (none where only a text was found); who found them.

    `opening` are the lines around the first paragraph, where a byline may stand; `headlines` is how many lines
    elsewhere on the page are links as long as a headline, and how many characters they have together.
    """

    paragraphs: tuple[str, ...]
    blocks: tuple[Block, ...]
    engine: str
    opening: tuple[str, ...] = ()
    headlines: tuple[int, int] = (0, 0)


def find_body(html: str, *, url: str, meta: Metadata, title: str, authors: Sequence[str], quick: bool = False) -> Body:
    """Return the body of a page. `quick` leaves the second engine out: for pages that took too long.

    May raise what trafilatura raises on hostile pages.
    """
    tree = stripped(html[:MAX_HTML_CHARS])
    blocks = text_blocks(tree)
    found, engine = main_blocks(blocks), "blocks"
    lines: list[str] = []
    if not quick:
        found, lines, engine = _second_opinion(tree, blocks, found, url=url, told=ld_body(meta))
    if not found:
        paragraphs = tuple(filtered(lines, title=title, authors=authors))
        return Body(paragraphs, (), engine, headlines=_headlines(blocks, ()))
    chosen = tidied(_chosen(blocks, found), title=title, authors=authors)
    if _chars(chosen) < LEAST_KEPT * _chars(blocks[number] for number in found):
        chosen = [blocks[number] for number in sorted(found)]
        paragraphs = tuple(filtered([block.text for block in chosen], title=title, authors=authors))
        return Body(paragraphs, tuple(chosen), engine, headlines=_headlines(blocks, chosen))
    opening = _opening_lines(blocks, chosen[0].number) if chosen else ()
    chosen = [*_standfirst(blocks, chosen, meta), *chosen]
    paragraphs = tuple(block.text for block in chosen)
    return Body(paragraphs, tuple(chosen), engine, opening, _headlines(blocks, chosen))


def _opening_lines(blocks: Sequence[Block], start: int) -> tuple[str, ...]:
    around = blocks[max(0, start - OPENING_BEFORE) : start + OPENING_AFTER]
    return tuple(block.text for block in around)


def _headlines(blocks: Sequence[Block], chosen: Sequence[Block]) -> tuple[int, int]:
    inside = {block.number for block in chosen}
    sizes = [
        len(block.text)
        for block in blocks
        if block.link_share >= 0.8 and block.size >= HEADLINE_CHARS and block.number not in inside
    ]
    return len(sizes), sum(sizes)


def _second_opinion(
    tree: LexborHTMLParser, blocks: Sequence[Block], own: frozenset[int], *, url: str, told: str
) -> tuple[frozenset[int], list[str], str]:
    """Compare with what the page's JSON-LD has for its text (`told`), or else ask trafilatura.

    Trafilatura is asked quickly, and with all its care where its quick answer and ours differ much.
    """
    lines = paragraphs_in(told) if len(told) >= TOLD_CHARS else []
    found = _holding(blocks, lines) if lines else frozenset()
    if found and _agree(blocks, own, found, ours=0.8, theirs=0.9):
        return found, lines, "blocks+json_ld"
    html = tree.html or ""
    lines = _trafilatura(_around(blocks, own) or html, url=url, fast=True)
    found = _holding(blocks, lines)
    if _agree(blocks, own, found, ours=0.7, theirs=0.6):
        return found, lines, "blocks+trafilatura_fast"
    careful = _trafilatura(html, url=url, fast=False)
    again = _holding(blocks, careful)
    if any(blocks[number].weight for number in again) or not found:
        return again, careful, "blocks+trafilatura"
    return found, lines, "blocks+trafilatura_fast"


def _around(blocks: Sequence[Block], own: frozenset[int]) -> str:
    """The part of the page that holds nearly all of its running text and what stands before it; "" for the whole."""
    if not own:
        return ""
    held = by_element(blocks, weight_in)
    first = blocks[min(own)]
    least = AROUND_SHARE * held[first.path[0]]
    node: LexborNode | None = first.node
    for element in reversed(first.path):
        if node is None or node.tag in ("body", "html"):
            return ""
        if held[element] >= least:
            return f"<html><body>{node.html}</body></html>"
        node = node.parent
    return ""


def _agree(blocks: Sequence[Block], own: frozenset[int], found: frozenset[int], *, ours: float, theirs: float) -> bool:
    """Whether what both hold is so much of what each holds."""
    both = _chars(blocks[number] for number in own & found)
    enough = both >= ours * _chars(blocks[number] for number in own)
    return enough and both >= theirs * _chars(blocks[number] for number in found if blocks[number].weight)


def _trafilatura(html: str, *, url: str, fast: bool) -> list[str]:
    with undisturbed():
        import trafilatura

    text: Any = trafilatura.extract(
        html, url=url or None, include_comments=False, with_metadata=False, fast=fast, output_format="txt"
    )
    return paragraphs_in(text or "")


def _holding(blocks: Sequence[Block], lines: Sequence[str]) -> frozenset[int]:
    """The blocks whose words stand in the lines: whole, as a part of a line, or with several lines in one block."""
    keys = {key_of(line) for line in lines}
    joined = "\n".join(key_of(line) for line in lines)
    long = [key for key in keys if len(key) > LINE_KEY_CHARS]
    found = set()
    for block in blocks:
        key = block.key
        if (
            key in keys
            or (len(key) >= LINE_KEY_CHARS and key in joined)
            or (len(key) >= 80 and sum(len(line) for line in long if line in key) >= 0.6 * len(key))
        ):
            found.add(block.number)
    return frozenset(found)


def _chars(blocks: Any) -> int:
    return sum(len(block.text) for block in blocks)


def _chosen(blocks: Sequence[Block], found: frozenset[int]) -> list[Block]:
    """The found blocks inside the container that are no furniture, and the paragraphs lost between them."""
    total = _chars(blocks[number] for number in found)
    held = by_element((blocks[number] for number in found), chars_in)
    ours = {element for element, chars in held.items() if chars >= OWN_SHARE * total}
    furniture = {
        block.number: [word for element, word in block.marks if element not in ours]
        for block in blocks
        if any(element not in ours for element, _ in block.marks)
    }
    good = [blocks[n] for n in sorted(found) if blocks[n].weight and n not in furniture]
    container = _container(good)
    core = _core(good)
    reads_plain = _plain_reader(blocks)
    inside = [block for block in good if container is None or container in block.path]
    first, last = (inside[0].number, inside[-1].number) if inside else (0, len(blocks))
    if container is not None:
        last = max(n for n in found if container in blocks[n].path and n not in furniture)
    headline = max((block.number for block in blocks[:first] if block.tag == "h1"), default=first)
    opening = {block.number for block in good if headline < block.number < first and block.size >= OPENING_CHARS}

    def keeps(block: Block) -> bool:
        if block.number in opening:
            return True
        if container is not None and container not in block.path:
            return False
        words = furniture.get(block.number, [])
        if words:
            return block.number in found and all(word in WEAK for word in words) and reads_plain(block)
        if block.number in found:
            return True
        if block.number < first and (headline == first or headline < block.number):
            return block.parent in core and _is_subhead(block) and block.size >= LEAD_CHARS
        if not first <= block.number <= last:
            return False
        return _is_lost(block, core) or (block.number + 1 in found and _is_subhead(block))

    return [block for block in blocks if keeps(block)]


def _container(good: Sequence[Block]) -> int | None:
    """The deepest element that holds nearly all of the good text; a paragraph, however long, is none."""
    total = sum(block.weight for block in good)
    depth = {element: level for block in good for level, element in enumerate(block.path)}
    held = by_element(good, weight_in)
    alone = {block.path[-1] for block in good if block.node.tag == "p"}
    enough = [element for element, weight in held.items() if weight >= CONTAINER_SHARE * total and element not in alone]
    return max(enough, key=lambda element: depth[element]) if enough else None


def _core(good: Sequence[Block]) -> frozenset[int]:
    """The elements directly around a good part of the paragraphs."""
    around: defaultdict[int, float] = defaultdict(float)
    for block in good:
        if block.tag == "p":
            around[block.parent] += block.weight
    total = sum(around.values())
    return frozenset(element for element, weight in around.items() if weight >= CORE_SHARE * total)


def _is_lost(block: Block, core: frozenset[int]) -> bool:
    """Whether a block that was not found stands among the paragraphs as one of them, in a list, or as a heading."""
    if block.parent not in core:
        return _is_item(block, core)
    if _is_subhead(block):
        return True
    if is_labelled_list(block):
        return True
    return block.tag in ("p", "li", "blockquote") and len(block.text) >= 30 and block.weight > 0


def _is_item(block: Block, core: frozenset[int]) -> bool:
    """Whether a block is an item, free of links, of a list that stands among the paragraphs."""
    if block.node.tag != "li" or len(block.path) < ITEM_DEPTH or block.path[-ITEM_DEPTH] not in core:
        return False
    return block.link_share < ITEM_LINKED and block.size >= LEAST_CHARS


def _is_subhead(block: Block) -> bool:
    return block.tag in ("h2", "h3", "h4") and block.link_share < 0.5 and not is_stop_line(block.text)


def _plain_reader(blocks: Sequence[Block]) -> Callable[[Block], bool]:
    """A test whether a block named like furniture reads like the article: long, and nearly free of links around it."""
    chars: Counter[int] = Counter()
    linked: Counter[int] = Counter()
    for block in blocks:
        for element, _ in block.marks:
            chars[element] += len(block.text)
            linked[element] += block.link_chars

    def reads_plain(block: Block) -> bool:
        if not block.weight or block.size < 80:
            return False
        return all(linked[element] < 0.15 * chars[element] for element, _ in block.marks)

    return reads_plain


def _standfirst(blocks: Sequence[Block], chosen: Sequence[Block], meta: Metadata) -> list[Block]:
    """The block before the first paragraph that the page gives as its description, where it is not there already.

    A description cut after its first sentences stands for the paragraphs beside it too.
    """
    said = [*meta.meta.get("og:description", ()), *meta.meta.get("description", ())]
    said += [*meta.meta.get("twitter:description", ()), *texts_in(meta.ld.get("description"))]
    descriptions = [key for text in said if len(key := key_of(text)) >= DESCRIPTION_KEY_CHARS]
    if not chosen:
        return []
    held = "".join(block.key for block in chosen)
    before = blocks[: chosen[0].number]
    for place, block in enumerate(before):
        if len(block.key) < DESCRIPTION_KEY_CHARS or block.key in held or block.link_share > 0.5:
            continue
        if any(_is_description(block.key, description) for description in descriptions):
            return [block, *_paragraphs_beside(block, before[place + 1 :], held)]
    return _deck(before, held)


def _deck(before: Sequence[Block], held: str) -> list[Block]:
    """The line after the headline whose element, or the one around it, calls itself a deck."""
    headline = next((block for block in reversed(before) if block.tag == "h1"), None)
    if headline is None:
        return []
    for block in before[headline.number + 1 : headline.number + 1 + DECK_AFTER]:
        plain = block.size >= LEAD_CHARS and block.link_share < 0.3 and set(block.marks) <= set(headline.marks)
        if plain and block.key not in held and _is_named_deck(block.node):
            return [block]
    return []


def _is_named_deck(node: LexborNode) -> bool:
    around = (node, node.parent)
    return any(_DECK.search(one.attributes.get("class") or "") for one in around if one is not None)


def _paragraphs_beside(block: Block, after: Sequence[Block], held: str) -> list[Block]:
    """The paragraphs that follow a paragraph as its siblings."""
    found: list[Block] = []
    for other in after:
        if block.tag != "p" or other.tag != "p" or other.parent != block.parent or not other.weight:
            break
        if other.key not in held:
            found.append(other)
    return found


def _is_description(key: str, description: str) -> bool:
    """Whether a block is the description, whole or where one of the two was cut."""
    if key == description:
        return True
    if len(key) < 50:
        return False
    cut = description[:-6] if len(description) > 60 else description
    return description.startswith(key) or key.startswith(cut)
