"""The text of a page as blocks: runs of words between two borders, in page order, each knowing where it stands. Pure.

Nothing is judged here; `body` decides which blocks are the article's own words.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.extract.furniture import furniture_word

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
MAX_DEPTH = 200
"""Elements nested deeper are read as one run of text: real pages stay under 60."""

MAX_BLOCKS = 20_000
"""What comes after so many blocks is not looked at; the longest real page measured had 3,100."""

# Never text of the article; taken out before anything is counted, and before another engine reads the page.
_DROPPED = (
    "script,style,noscript,template,svg,iframe,object,video,audio,canvas,dialog,link,button,select,textarea,input,map,"
    "source"
)
_MENUS = "nav, menu, [role=navigation], [role=menu], [role=menubar], [role=contentinfo], [aria-hidden=true]"
MENU_PARAGRAPHS = 5
"""What calls itself a menu and holds so many paragraphs, a headline or an article is none."""

_INLINE = frozenset(
    {
        "a", "span", "b", "i", "em", "strong", "u", "s", "small", "sub", "sup", "font", "mark", "abbr", "cite",
        "q", "code", "time", "wbr", "ins", "del", "label", "bdi", "bdo", "acronym", "big", "tt", "kbd", "samp",
        "var", "data", "ruby", "rt", "rp", "rb", "img", "picture", "strike", "dfn", "nobr",
    }
)  # fmt: skip
_BORDERS = frozenset(
    {
        "p", "div", "ul", "ol", "li", "table", "section", "article", "h1", "h2", "h3", "h4", "h5", "h6",
        "blockquote", "figure", "pre", "main", "aside", "header", "footer", "nav", "form", "dl", "dd", "dt", "tr",
        "td", "th",
    }
)  # fmt: skip
# Scripts written without spaces say in one character about what others say in two and a half.
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
DENSE_FACTOR = 2.5

LEAST_CHARS = 20
LEAST_LOOSE_CHARS = 40
MOST_LINKED = 0.4
_KINDS = {"p": 1.0, "pre": 1.0, "blockquote": 1.0, "li": 0.6, "td": 0.6, "dd": 0.6}


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text. `tag` is its element, or the heading it stands in; `key` its letters and digits alone.

    `size` is its length in characters of an alphabetic script, `weight` how much of it is running text (`weight_of`).
    `path` holds the ids of its element and all above it, the root first; `marks` those of them that are named like
    furniture, each with the word that says so. `anchors` are the links in it, `link_chars` the characters inside them.
    """

    number: int
    node: LexborNode
    tag: str
    text: str
    key: str
    anchors: tuple[LexborNode, ...]
    link_chars: int
    size: float
    weight: float
    path: tuple[int, ...]
    marks: tuple[tuple[int, str], ...]

    @property
    def link_share(self) -> float:
        """The share of its characters that are inside links."""
        return self.link_chars / len(self.text)

    @property
    def parent(self) -> int:
        """The id of the element it stands in beside its siblings."""
        return self.path[-2] if len(self.path) > 1 else self.path[0]


def weight_of(tag: str, size: float, link_share: float) -> float:
    """Return how much a block weighs as running text: its size without links, 0 for headings, labels and link lists."""
    if tag in HEADINGS or link_share > MOST_LINKED:
        return 0.0
    if size < LEAST_CHARS or (size < LEAST_LOOSE_CHARS and tag != "p"):
        return 0.0
    return size * _KINDS.get(tag, 0.8) * (1 - link_share)


def by_element(blocks: Iterable[Block], measure: Callable[[Block], float]) -> dict[int, float]:
    """Return, for each element around any of the blocks, the sum of a measure over the blocks inside it."""
    sums: defaultdict[int, float] = defaultdict(float)
    for block in blocks:
        measured = measure(block)
        for element in block.path:
            sums[element] += measured
    return sums


def weight_in(block: Block) -> float:
    """Return a block's weight."""
    return block.weight


def chars_in(block: Block) -> float:
    """Return a block's characters."""
    return len(block.text)


def key_of(text: str) -> str:
    """Return the letters and digits of a text, case folded: what stays the same however a text is laid out."""
    return re.sub(r"[\W_]+", "", text).casefold()


def stripped(html: str) -> LexborHTMLParser:
    """Parse a page and take out what is never text, and menus: half of the elements of a modern page."""
    tree = LexborHTMLParser(html)
    for node in tree.css(_DROPPED):
        node.decompose()
    menus = {node.mem_id: node for node in tree.css(_MENUS)}
    inner = {below.mem_id for node in menus.values() for below in node.css(_MENUS) if below.mem_id != node.mem_id}
    for number, node in menus.items():
        if number not in inner and len(node.css("p")) < MENU_PARAGRAPHS and node.css_first("h1, article") is None:
            node.decompose()
    return tree


def text_blocks(tree: LexborHTMLParser) -> list[Block]:
    """Return the blocks of a stripped page in page order."""
    root = tree.body or tree.root
    if root is None:
        return []
    walk = _Walk()
    walk.element(root, _Place((root.mem_id,), (), link=None, heading=""))
    return walk.found


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the tree the walk is; `link` is the anchor around it all, `heading` the heading."""

    path: tuple[int, ...]
    marks: tuple[tuple[int, str], ...]
    link: LexborNode | None
    heading: str

    def under(self, child: LexborNode, tag: str) -> _Place:
        attributes = child.attributes
        word = furniture_word(tag, attributes)
        return _Place(
            (*self.path, child.mem_id),
            (*self.marks, (child.mem_id, word)) if word else self.marks,
            link=child if tag == "a" else self.link,
            heading=tag if tag in HEADINGS else self.heading,
        )


class _Walk:
    """One pass over the tree; a block ends where an element begins that is laid out on lines of its own."""

    def __init__(self) -> None:
        self.found: list[Block] = []

    def element(self, node: LexborNode, place: _Place) -> None:
        words: list[str] = []
        anchors: list[LexborNode] = []
        for child in _children(node):
            tag = child.tag or ""
            if tag == "-text":
                words.append(child.text_content or "")
            elif tag == "br" or _is_break(child, tag):
                words.append(" ")
                if _is_break(_next_solid(child), ""):
                    self._end(node, words, anchors, place)
                    words, anchors = [], []
            elif tag in _INLINE and not _has_border(child):
                words.append(child.text())
                anchors += [child] if tag == "a" else child.css("a")
            elif tag[:1] not in ("-", "_", ""):
                self._end(node, words, anchors, place)
                words, anchors = [], []
                if len(place.path) < MAX_DEPTH:
                    self.element(child, place.under(child, tag))
                else:
                    self._end(child, [child.text(separator=" ")], child.css("a"), place.under(child, tag))
            if len(self.found) >= MAX_BLOCKS:
                return
        self._end(node, words, anchors, place)

    def _end(self, node: LexborNode, words: list[str], anchors: list[LexborNode], place: _Place) -> None:
        text = " ".join("".join(words).split())
        if not text:
            return
        if place.link is not None:
            anchors, linked = [place.link], len(text)
        else:
            linked = min(len(text), sum(len(" ".join(anchor.text().split())) for anchor in anchors))
        tag = place.heading or node.tag or ""
        size = len(text) * (DENSE_FACTOR if _DENSE.search(text, 0, 40) else 1.0)
        block = Block(
            number=len(self.found),
            node=node,
            tag=tag,
            text=text,
            key=key_of(text),
            anchors=tuple(anchors),
            link_chars=linked,
            size=size,
            weight=weight_of(tag, size, linked / len(text)),
            path=place.path,
            marks=place.marks,
        )
        self.found.append(block)


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.first_child
    while child is not None:
        yield child
        child = child.next


def _is_break(node: LexborNode | None, tag: str) -> bool:
    """Whether a node only breaks the line: br, or an empty span of that class."""
    if node is None:
        return False
    tag = tag or node.tag or ""
    if tag == "br":
        return True
    return tag == "span" and node.first_child is None and "br" in (node.attributes.get("class") or "").split()


def _next_solid(node: LexborNode) -> LexborNode | None:
    after = node.next
    while after is not None and after.tag == "-text" and not (after.text_content or "").strip():
        after = after.next
    return after


def _has_border(node: LexborNode) -> bool:
    first = node.first_child
    if first is None or (first.next is None and first.tag == "-text"):
        return False
    return any(inner.tag in _BORDERS for inner in node.traverse())
