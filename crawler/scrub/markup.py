"""The whole page into filler, node by node: every text, attribute and script is looked at, so nothing slips through."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.extract.blocks import stripped, text_blocks
from crawler.scrub.addresses import PICTURES, Addresses, looks_like_address
from crawler.scrub.calendar_words import is_date
from crawler.scrub.json_values import JsonValues
from crawler.scrub.prose import SHORT_CHARS, Prose
from crawler.scrub.words import WORD, folded_word

EMPTIED = "style,noscript,svg,iframe,object,embed,canvas,math,video,audio,map,datalist,select,textarea"
"""Elements whose place counts and whose content no rule reads."""

VALUE_ATTRIBUTES = re.compile(
    r"^(?:href|action|content|alt|title|value|label|summary|abbr|resource|about|data(?:-[a-z0-9_]+){1,8}|aria(?:-[a-z]+){1,3})$"
)
"""Attributes that are read and scrubbed. All others go: broken quotes turn sentences into names of attributes."""

DROPPED_DATA = re.compile(
    r"srcset|sizes|style|track|analytics|gtm|-ga\d?(?:-|$)|event|label|headline|slug|keyword|-seo-|link-name|ad-?unit",
    re.IGNORECASE,
)
"""What measures readers says pieces of headlines, of other articles too; no rule reads it."""

INLINE = frozenset(
    {"a", "span", "b", "i", "em", "strong", "u", "small", "sub", "sup", "font", "mark", "abbr", "cite", "q", "time"}
)
AS_IT_IS = frozenset(
    {
        "rel", "type", "property", "itemprop", "itemtype", "itemscope", "role", "lang", "xml:lang", "dir",
        "hreflang", "media", "charset", "http-equiv", "datetime", "hidden", "aria-hidden", "pubdate", "colspan",
        "rowspan", "method", "typeof", "vocab", "prefix", "disabled", "checked", "open",
    }
)  # fmt: skip
MARKS = frozenset(
    {"class", "id", "name", "for", "aria-labelledby", "aria-describedby", "aria-controls", "headers", "slot"}
)
META_AS_IT_IS = re.compile(
    r"^(?:og:type|og:locale(?::alternate)?|robots|googlebot|viewport|twitter:card|article:(?:opinion:)?content_tier|"
    r"content-language|language|color-scheme|referrer|format-detection|generator|medium|content_type|page-type)$"
)
KEPT_LINKS = re.compile(r"^(?:canonical|alternate|amphtml|author|next|prev|shortlink|search)(?:\s|$)", re.IGNORECASE)
LONGEST_VALUE = 300
LONGEST_MARK = 120
RUN_WORDS = 3
_HIDING = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_PICTURE_NAME = re.compile(r"image|img|photo|thumb|logo|icon|poster|picture", re.IGNORECASE)
_TIME_NAME = re.compile(r"time|date|publish|updat|modif|created", re.IGNORECASE)


class Markup:
    """Scrubs one page in place."""

    def __init__(
        self, prose: Prose, addresses: Addresses, *, runs: set[tuple[str, ...]], json_chars: int | None = None
    ) -> None:
        """`runs` are runs of RUN_WORDS words of the page: a class or id made of one is a slug, no vocabulary."""
        self.prose = prose
        self.addresses = addresses
        self.json = JsonValues(prose, addresses, json_chars=json_chars)
        self.runs = runs
        self._long: dict[int, bool] = {}

    def scrub(self, tree: LexborHTMLParser) -> str:
        """Return the scrubbed page as UTF-8 HTML."""
        for node in tree.css("template"):
            node.decompose()  # what is in it is no child of it
        for node in tree.css(EMPTIED):
            _empty(node)
        for node in tree.css("script"):
            if "ld+json" not in (node.attributes.get("type") or ""):
                _empty(node)
        for node in tree.css("link"):
            if not KEPT_LINKS.match(node.attributes.get("rel") or ""):
                node.decompose()
        root = tree.root
        nodes = list(root.traverse(include_text=True)) if root is not None else []
        for node in nodes:
            if node.tag == "-comment":
                node.decompose()
            elif node.tag == "-text":
                self._text(node)
            elif node.tag == "meta":
                self._meta(node)
            elif (node.tag or "-")[0] != "-":
                self._attributes(node)
        for node in tree.css("meta[charset]"):
            node.attrs["charset"] = "utf-8"
        html = re.sub(r"[ \t]*\n\s*", "\n", tree.html or "")
        return re.sub(r"^<!DOCTYPE[^>]*>", "<!DOCTYPE html>", html, flags=re.IGNORECASE)

    def _text(self, node: LexborNode) -> None:
        text = node.text_content or ""
        parent = node.parent
        if parent is not None and parent.tag == "script":
            new = self.json.scrub(text)
        elif text.strip():
            new = self.prose.scrub(text, in_line=self._is_in_line(parent))
        else:
            return
        if new != text:
            node.replace_with(new)

    def _is_in_line(self, parent: LexborNode | None) -> bool:
        """Whether a text stands with others in a line that is longer than a label."""
        while parent is not None and parent.tag in INLINE:
            parent = parent.parent
        if parent is None:
            return False
        if parent.mem_id not in self._long:
            self._long[parent.mem_id] = len(parent.text().strip()) > SHORT_CHARS and _has_inline(parent)
        return self._long[parent.mem_id]

    def _meta(self, node: LexborNode) -> None:
        attributes = node.attributes
        name = _name_of(node)
        for key in list(attributes):
            if key == "content":
                if name == "content-type":
                    node.attrs[key] = "text/html; charset=utf-8"
                elif not META_AS_IT_IS.match(name):
                    node.attrs[key] = self._value(attributes.get(key) or "", name)
            elif key not in AS_IT_IS and key != "name":
                del node.attrs[key]

    def _attributes(self, node: LexborNode) -> None:
        for key, raw in dict(node.attributes).items():
            value = raw or ""
            if key == "style" and _HIDING.search(value):
                node.attrs[key] = "display:none"
            elif key in AS_IT_IS:
                if len(value) > LONGEST_MARK:
                    del node.attrs[key]
            elif key in MARKS:
                node.attrs[key] = " ".join(self._mark(token) for token in value.split())
            elif key == "src":
                node.attrs[key] = f"{PICTURES}/x.jpg" if node.tag in ("img", "source", "input") else ""
            elif not VALUE_ATTRIBUTES.match(key) or (key.startswith("data-") and _is_no_use(key, value)):
                del node.attrs[key]
            elif raw is not None:
                new = self._value(value, key, tag=node.tag or "")
                if new != value:
                    node.attrs[key] = new

    def _mark(self, token: str) -> str:
        """A class or id: vocabulary stays; a name or a slug of the page's own words, and long numbers, do not."""
        words = [folded_word(word) for word in WORD.findall(token)]
        named = len(self.addresses.names & set(words)) > 1
        slug = any(tuple(words[at : at + RUN_WORDS]) in self.runs for at in range(len(words) - RUN_WORDS + 1))
        if named or slug or re.search(r"(?<!\d)\d{5,}(?!\d)", token):
            return self.addresses.filled(token)
        return token

    def _value(self, value: str, name: str, *, tag: str = "") -> str:
        bare = value.strip()
        if not bare:
            return value
        if looks_like_address(bare) or (tag in ("a", "link", "area", "base", "form") and name in ("href", "action")):
            return self.addresses.scrub(bare, picture=bool(_PICTURE_NAME.search(name)))
        if bare[0] in "{[" and bare[-1] in "}]":
            return ""
        if is_date(bare) and (not bare.isdigit() or _TIME_NAME.search(name)):
            return bare
        if name.startswith("data-") and re.fullmatch(r"[\w:.-]+", bare):
            return (
                self._mark(bare) if len(bare) <= 40 and not re.search(r"\d{3}", bare) else self.addresses.filled(bare)
            )
        return self.prose.scrub(value)


def runs_of(texts: list[str], *, size: int = RUN_WORDS) -> set[tuple[str, ...]]:
    """Return every run of `size` words in the texts, folded."""
    found: set[tuple[str, ...]] = set()
    for text in texts:
        words = [folded_word(word) for word in WORD.findall(text)]
        found.update(tuple(words[at : at + size]) for at in range(len(words) - size + 1))
    return found


def texts_of(html: str) -> list[str]:
    """Return the texts of a page: of its blocks, of its text nodes, and what its meta tags say."""
    tree = stripped(html)
    texts = [block.text for block in text_blocks(tree)]
    nodes = tree.root.traverse(include_text=True) if tree.root is not None else ()
    texts += [node.text_content or "" for node in nodes if node.tag == "-text"]
    texts += [
        node.attributes.get("content") or ""
        for node in tree.css("meta[content]")
        if not META_AS_IT_IS.match(_name_of(node)) and _name_of(node) != "content-type"
    ]
    return texts


def _has_inline(node: LexborNode) -> bool:
    """Whether an element holds text beside inline elements: a line made of pieces."""
    child, texts, inline = node.first_child, False, False
    while child is not None:
        texts = texts or (child.tag == "-text" and bool((child.text_content or "").strip()))
        inline = inline or child.tag in INLINE
        if child.tag not in INLINE and child.tag not in ("-text", "br", "script", "-comment"):
            return False
        child = child.next
    return texts and inline


def _name_of(meta: LexborNode) -> str:
    names = (meta.attributes.get(key) for key in ("property", "name", "itemprop", "http-equiv"))
    return next((name for name in names if name), "").strip().lower()


def _is_no_use(name: str, value: str) -> bool:
    return len(value) > LONGEST_VALUE or bool(DROPPED_DATA.search(name))


def _empty(node: LexborNode) -> None:
    """Leave the element in its place, without what is in it and without its addresses."""
    while (child := node.first_child) is not None:
        child.decompose()
    for key in list(node.attributes):
        if key not in ("type", "class", "id", "itemprop", "aria-hidden"):
            del node.attrs[key]
