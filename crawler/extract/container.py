"""The first engine for the body: which blocks are the page's main text, by weight and place alone. One pass, pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from crawler.extract.blocks import HEADINGS, Block, by_element, chars_in, weight_in

LEAST_TOTAL = 200
"""With less text than this outside furniture, what stands inside it counts too."""

OWN_SHARE = 0.3
"""An element that holds so much of the text is no furniture, whatever it is called."""

GAIN_SHARE = 0.08
GAIN_DENSITY = 0.5
"""A wider element is taken where it adds a twelfth of the text, half of what it adds being good text."""

TEASER_PARAGRAPHS = 2
_ENDS_ITS_PARENT = frozenset({"p", "li", "blockquote", "pre", "td", "dd", "span", "h2"})


def main_blocks(blocks: Sequence[Block]) -> frozenset[int]:
    """Return the numbers of the blocks with weight inside the main element, furniture left out."""
    good = _good(blocks)
    if not good:
        return frozenset()
    container = _container(blocks, good)
    return frozenset(block.number for block in good if container in block.path)


def _good(blocks: Sequence[Block]) -> list[Block]:
    heavy = [block for block in blocks if block.weight]
    total = sum(block.weight for block in heavy)
    named: defaultdict[int, float] = defaultdict(float)
    for block in heavy:
        for element, _ in block.marks:
            named[element] += block.weight
    ours = {element for element, weight in named.items() if weight >= OWN_SHARE * total}
    good = [block for block in heavy if all(element in ours for element, _ in block.marks)]
    if sum(block.weight for block in good) < LEAST_TOTAL:
        good = heavy
    teasers = _teasers(blocks, good)
    own = [block for block in good if block.number not in teasers]
    return own if sum(block.weight for block in own) >= OWN_SHARE * sum(block.weight for block in good) else good


def _teasers(blocks: Sequence[Block], good: Sequence[Block]) -> set[int]:
    """The paragraphs that stand, one or two alone, in one element with a heading that is a link."""
    paragraphs: Counter[int] = Counter(element for block in good for element in block.path)
    numbers = {block.number for block in good}
    found: set[int] = set()
    linked: Block | None = None
    for block in blocks:
        if block.tag in HEADINGS:
            linked = block if block.link_share >= 0.8 else None
        elif block.number in numbers:
            if linked is not None:
                if paragraphs[_shared(block, linked)] <= TEASER_PARAGRAPHS:
                    found.add(block.number)
                else:
                    linked = None
        elif block.link_share >= 0.9 and len(block.text) >= 25:
            linked = block
    return found


def _shared(one: Block, other: Block) -> int:
    """The id of the deepest element that both stand in."""
    shared = 0
    for left, right in zip(one.path, other.path, strict=False):
        if left != right:
            break
        shared = left
    return shared


def _container(blocks: Sequence[Block], good: Sequence[Block]) -> int:
    """The element directly around most of the text, widened while that adds much text and little else."""
    around: defaultdict[int, float] = defaultdict(float)
    for block in good:
        if block.node.tag in _ENDS_ITS_PARENT:
            around[block.parent] += block.weight
        else:
            around[block.path[-1]] += block.weight
            around[block.parent] += block.weight * 0.9
    core = max(around, key=lambda element: around[element])
    path = next(block.path for block in good if core in block.path)
    held, chars = by_element(good, weight_in), by_element(blocks, chars_in)
    chosen = core
    for element in reversed(path[: path.index(core)]):
        gain = held[element] - held[chosen]
        density = gain / max(1, chars[element] - chars[chosen])
        if gain >= GAIN_SHARE * held[chosen] and gain > 0 and density >= GAIN_DENSITY:
            chosen = element
    return chosen
