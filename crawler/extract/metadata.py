"""What a page says of itself for machines: JSON-LD, OpenGraph, meta and link tags. Pure."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from selectolax.lexbor import LexborHTMLParser

ARTICLE_TYPES = frozenset(
    {
        "article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle",
        "backgroundnewsarticle", "blogposting", "liveblogposting", "report", "satiricalarticle",
        "reviewnewsarticle", "askpublicnewsarticle", "scholarlyarticle", "techarticle",
    }
)  # fmt: skip
MAX_SCRIPT_CHARS = 2_000_000
MAX_NODES = 2000


@dataclass(frozen=True, slots=True)
class Metadata:
    """`ld` is the best JSON-LD article node, `ld_page` the page's own where it is dated.

    `meta` maps lower-case names and properties to all their contents.
    """

    ld: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, tuple[str, ...]] = field(default_factory=dict)
    canonical: str = ""
    language: str = ""
    title_tag: str = ""
    ld_types: frozenset[str] = frozenset()
    ld_page: dict[str, Any] = field(default_factory=dict)

    def first(self, *names: str) -> tuple[str, str]:
        """Return the first non-empty content among the names, and which name had it."""
        for name in names:
            for value in self.meta.get(name, ()):
                if value:
                    return value, name
        return "", ""


def read_metadata(tree: LexborHTMLParser) -> Metadata:
    """Read everything once; broken JSON-LD is mended where that is safe, else passed over."""
    meta: dict[str, list[str]] = {}
    for node in tree.css("meta[content]"):
        attributes = node.attributes
        content = unescaped(attributes.get("content") or "")
        for key in ("property", "name", "itemprop", "http-equiv"):
            name = (attributes.get(key) or "").strip().lower()
            if name:
                meta.setdefault(name, []).append(content)
    canonical = tree.css_first("link[rel='canonical'][href]")
    root = tree.css_first("html")
    title = tree.css_first("head title") or tree.css_first("title")
    nodes = list(_nodes(tree))
    return Metadata(
        ld=_best(nodes),
        meta={name: tuple(values) for name, values in meta.items()},
        canonical=(canonical.attributes.get("href") or "").strip() if canonical is not None else "",
        language=(root.attributes.get("lang") or root.attributes.get("xml:lang") or "") if root is not None else "",
        title_tag=unescaped(title.text()) if title is not None else "",
        ld_types=frozenset(name for node in nodes for name in types_of(node)),
        ld_page=next((node for node in nodes if "webpage" in types_of(node) and node.get("datePublished")), {}),
    )


def unescaped(text: str) -> str:
    """Unescape twice (many systems escape twice) and fold white space."""
    return " ".join(html.unescape(html.unescape(text)).split())


def types_of(node: dict[str, Any]) -> list[str]:
    """Return the @type of a JSON-LD node as lower-case names without their vocabulary."""
    raw = node.get("@type", "")
    listed = raw if isinstance(raw, list) else [raw]
    return [re.split(r"[/#:]", name)[-1].lower() for name in listed if isinstance(name, str)]


def texts_in(value: Any, *keys: str) -> list[str]:
    """Return the strings in a JSON-LD value: itself, those of a list, or the named keys of nodes."""
    if isinstance(value, str):
        return [unescaped(value)]
    if isinstance(value, list):
        return [text for item in value[:50] for text in texts_in(item, *keys)]
    if isinstance(value, dict):
        for key in keys:
            found = texts_in(value.get(key), *keys)
            if any(found):
                return found
    return []


def ld_body(meta: Metadata) -> str:
    """Return the article body JSON-LD carries, as lines."""
    body = meta.ld.get("articleBody")
    if not isinstance(body, str):
        return ""
    return re.sub(r"<[^>]{0,300}>", "\n", body)


def _nodes(tree: LexborHTMLParser) -> Iterator[dict[str, Any]]:
    count = 0
    for script in tree.css("script[type*='ld+json']"):
        for node in _walk(_loads(script.text() or "")):
            yield node
            count += 1
            if count >= MAX_NODES:
                return


def _loads(text: str) -> Any:
    """Read JSON as it is found in pages: in comments or CDATA, with raw newlines, a trailing comma or semicolon."""
    bare = _unwrapped(text[:MAX_SCRIPT_CHARS].strip().strip("\ufeff"))
    for candidate in (bare, re.sub(r",\s*([}\]])", r"\1", bare)):
        try:
            return json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _unwrapped(text: str) -> str:
    """Take comment and CDATA marks, and a last semicolon, from around a script.

    The end is looked at from behind: a pattern that searches for it reads white space over and over (a page with 30,000
    blanks in a script took minutes).
    """
    bare = re.sub(r"^(?://)?\s*(?:<!--|<!\[CDATA\[|/\*.*?\*/)\s*", "", text).rstrip()
    for mark in ("-->", "]]>"):
        if bare.endswith(mark):
            bare = bare.removesuffix(mark).rstrip().removesuffix("//")
    return bare.rstrip("; \n")


def _walk(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > 6:
        return
    if isinstance(value, list):
        for item in value[:200]:
            yield from _walk(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart", "itemListElement", "item"):
            if isinstance(value.get(key), list | dict):
                yield from _walk(value[key], depth + 1)


def _best(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    """The article node that says most; a page may carry nodes of teasers beside its own."""
    articles = [node for node in nodes if ARTICLE_TYPES.intersection(types_of(node))]
    if not articles:
        return {}

    def said(node: dict[str, Any]) -> int:
        keys = ("headline", "datePublished", "author", "articleBody", "dateModified", "mainEntityOfPage", "publisher")
        return sum(bool(node.get(key)) for key in keys)

    return max(articles, key=said)
