"""The links of an article: where they lead, what they say, the sentence around them, and what they are for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from crawler.extract.sources import is_source
from crawler.extract.text import folded
from index.records import Link, Role
from index.urls import absolute_url, host_of

MAX_LINKS = 5000
MAX_CONTEXT_CHARS = 600

_SHARE_HOST = re.compile(
    r"(?:^|\.)(?:facebook\.com|twitter\.com|x\.com|linkedin\.com|reddit\.com|wa\.me|whatsapp\.com|t\.me|telegram\.me|"
    r"pinterest\.com|flipboard\.com|threads\.net|bsky\.app|mastodon\.social|vk\.com|line\.me)$"
)
_SHARE_PATH = re.compile(r"share|intent|sharer|submit|/msg|compose", re.IGNORECASE)
_FURNITURE_PATH = re.compile(
    r"/(?:subscribe|subscription|subscriptions|abo|abonnement|newsletter|newsletters|signup|sign-up|register|login|signin|"
    r"account|donate|membership|support-us|privacy|terms|cookies|contact|about|advertise)(?:/|\.|$)",
    re.IGNORECASE,
)
_AUTHOR_PATH = re.compile(
    r"/(?:authors?|staff|by|autor|autoren|auteurs?|journalists?|reporters?|columnists?|contributors?)/",
    re.IGNORECASE,
)
_PERSON_PATH = re.compile(r"/(?:profiles?|people|persons?)/", re.IGNORECASE)
"""Where outlets keep pages of their authors, and others those of persons in the news."""

_SENTENCE_END = re.compile(r"(?<=[.!?…。！？])[\"'”’»)]*\s+(?=[\"'“‘«(]?[^\W_a-zа-яё])|(?<=[。！？])")


def body_links(
    blocks: Iterable[tuple[str, Sequence[LexborNode]]],
    *,
    base: str,
    authors: Sequence[str] = (),
    aside: Set[int] = frozenset(),
) -> list[Link]:
    """Return the links of the body in page order, each with its sentence; a block is its text and its anchors.

    `aside` are the numbers of blocks that belong to the page: their links are furniture, but for those to an author.
    """
    names = frozenset(folded(name) for name in authors)
    found: list[Link] = []
    seen: set[int] = set()
    for number, (text, anchors) in enumerate(blocks):
        for anchor in anchors:
            if anchor.mem_id in seen:
                continue
            seen.add(anchor.mem_id)
            link = _link(anchor, text, base=base, names=names)
            if link is not None:
                is_aside = number in aside and link.role is not Role.BYLINE
                found.append(replace(link, role=Role.FURNITURE) if is_aside else link)
            if len(found) >= MAX_LINKS:
                return found
    return found


def backlinks(nodes: Iterable[LexborNode], *, base: str) -> list[Link]:
    """Return the entries of an outlet's related list: links, or labels without address.

    `nodes` are the entries, or the element that holds them all, written as "Backlinks: A | B | C".
    """
    found: list[Link] = []
    for node in nodes:
        anchors = [node] if node.tag == "a" else node.css("a[href]")
        pieces = _pieces(node)
        linked = {" ".join(anchor.text().split()): anchor for anchor in anchors}
        if (node.tag != "a" and len(pieces) > max(1, len(linked))) or not linked:
            for label in pieces:
                anchor = linked.get(label)
                url = absolute_url(base, anchor.attributes.get("href") or "") if anchor is not None else None
                found.append(Link(url, label, Role.BACKLINK, label))
            continue
        for label, anchor in linked.items():
            if label:
                url = absolute_url(base, anchor.attributes.get("href") or "")
                found.append(Link(url, label, Role.BACKLINK, label))
    return found


def labels_in(line: str) -> list[str]:
    """Split "Backlinks: A | B | C" into its labels."""
    bare = re.sub(r"^\s*[^\W\d_]+(?:\s[^\W\d_]+)?\s*:\s*", "", line, count=1)
    return [label for part in bare.split("|") if (label := " ".join(part.split()))]


def role_of(url: str, anchor: str, *, page_host: str, names: Set[str] = frozenset()) -> Role:
    """Say what a link in the body is for, by its address and its words; `names` are those of the authors, folded."""
    parts = urlsplit(url)
    host = host_of(url)
    if _SHARE_HOST.search(host) and _SHARE_PATH.search(f"{parts.path}?{parts.query}"):
        return Role.FURNITURE
    if host == page_host or host.endswith(f".{page_host}"):
        if _FURNITURE_PATH.search(parts.path):
            return Role.FURNITURE
        if _AUTHOR_PATH.search(parts.path) and 2 <= len(anchor.split()) <= 5:
            return Role.BYLINE
        if _PERSON_PATH.search(parts.path) and folded(anchor) in names:
            return Role.BYLINE
    if is_source(url, page_host=page_host):
        return Role.SOURCE
    return Role.INLINE


def sentence_around(text: str, anchor: str, *, start: int = 0) -> str:
    """Return the sentence of `text` that holds `anchor`, at most 600 characters around it."""
    at = text.find(anchor, start) if anchor else -1
    if at < 0:
        return text[:MAX_CONTEXT_CHARS]
    begin, end = 0, len(text)
    for boundary in _SENTENCE_END.finditer(text):
        if boundary.end() <= at:
            begin = boundary.end()
        elif boundary.start() >= at + len(anchor):
            end = boundary.start()
            break
    sentence = text[begin:end].strip()
    if len(sentence) <= MAX_CONTEXT_CHARS:
        return sentence
    inside = at - begin
    return sentence[max(0, inside - MAX_CONTEXT_CHARS // 2) : inside + MAX_CONTEXT_CHARS // 2].strip()


def _link(anchor: LexborNode, text: str, *, base: str, names: Set[str]) -> Link | None:
    url = absolute_url(base, anchor.attributes.get("href") or "")
    words = " ".join(anchor.text().split())
    if url is None or not words or url == base:
        return None
    role = role_of(url, words, page_host=host_of(base), names=names)
    return Link(url, words[:500], role, sentence_around(text, words))


def _pieces(node: LexborNode) -> list[str]:
    text = " ".join(node.text().split())
    return labels_in(text) if "|" in text or ":" in text[:30] else [text] if text else []
