"""The outlet's own list of topics or related articles at the foot of an article, as a rule for `backlinks`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.extract.blocks import key_of
from crawler.propose.fields import Proposal
from crawler.propose.selectors import selector_of
from index.records import Article
from index.urls import absolute_url, same_outlet, url_key

FEWEST, MOST = 1, 30
LINK_SHARE = 0.7
MOST_CANDIDATES = 2000
"""Elements looked at behind the text; real pages have a few hundred there."""

LABEL_CHARS = 60
LABEL_WORDS = 4
TOPIC_WORDS = 5
"""Entries longer than this on average are headlines: of related articles or of a section, not topics."""
MOST_FOUND = 4
_LABELLED = re.compile(r"^backlinks?\s*:.*\|", re.IGNORECASE)
_TOPICS = re.compile(
    r"(?:^|[\s_-])(?:backlinks?|topics?|tags?|keywords?|themen|thema|subjects?|dossiers?|etiquetas|temas|argomenti|"
    r"sujets?|stichwort\w*|schlagwort\w*|теги|темы|метки)(?=$|[\s_:-])",
    re.IGNORECASE,
)
_RELATED = re.compile(
    r"(?:^|[\s_-])(?:related\w*|more-?on|see-?also|read-?more|further|lire-?aussi|mehr zum thema|weitere|relacionad\w+|"
    r"correlati|gerelateerd|похожие|по теме|関連|相关|相關|관련)(?=$|[\s_:-])",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"(?:^|[\s_-])(?:nav|menu|footer|social|share|sharing|author|byline|breadcrumbs?|most-?(?:read|popular|viewed)|trending|"
    r"popular\w*|latest|sponsor\w*|comments?|newsletter\w*|ads?|promo\w*)(?=$|[\s_-])",
    re.IGNORECASE,
)
_PLACES = re.compile(
    r"/(?:topics?|tags?|themen?|hub|dossiers?|keywords?|temas?|tema|tags-?\w*|search)(?:/|$)", re.IGNORECASE
)


def propose_backlinks(html: str, article: Article, *, url: str) -> tuple[Proposal, ...]:
    """Return rules for the outlet's own list behind the text, the likeliest first; only those a name or label backs."""
    tree = LexborHTMLParser(html)
    found: list[tuple[float, Proposal]] = []
    last = _last_paragraph(tree, article)
    for node in _behind(tree, last):
        text = " ".join(node.text().split())
        if _LABELLED.match(text) and len(text) < 600:
            selector = selector_of(tree, [node])
            if selector:
                found.append((9.0, Proposal("backlinks", selector, 1, text[:120])))
            continue
        score = _score(node, url=url)
        if score <= 0:
            continue
        outer = selector_of(tree, [node])
        anchors = _anchors(node, url)
        if outer:
            selector = _entries(tree, outer, len(anchors))
            gives = " | ".join(" ".join(anchor.text().split()) for anchor in anchors[:4])
            found.append((score, Proposal("backlinks", selector, len(tree.css(selector)), gives[:120])))
    found.sort(key=lambda one: -one[0])
    by_gift: dict[str, Proposal] = {}
    for _, proposal in found:
        held = by_gift.setdefault(proposal.gives, proposal)
        if " > " in held.selector and " > " not in proposal.selector and proposal.matches == held.matches:
            by_gift[proposal.gives] = proposal
    return tuple(by_gift.values())[:MOST_FOUND]


def _entries(tree: LexborHTMLParser, outer: str, number: int) -> str:
    """A selector for the entries of the list without its skip links and headings, where one is as simple."""
    tried = (f"{outer} a", f"{outer} a:not([href^='#'])", f"{outer} li a", f"{outer} p a")
    return next((one for one in tried if len(tree.css(one)) == number), tried[0])


def _last_paragraph(tree: LexborHTMLParser, article: Article) -> int:
    """The id of the element with the last paragraph of the text."""
    keys = [key for line in article.text.split("\n\n") if len(key := key_of(line)) >= 30]
    for wanted in reversed(keys[-4:]):
        for node in tree.css("p,li,div,blockquote"):
            if key_of(node.text()) == wanted:
                return node.mem_id
    return 0


def _behind(tree: LexborHTMLParser, last: int) -> Iterator[LexborNode]:
    """The elements that begin behind the last paragraph, and could be a list."""
    seen = last == 0
    candidates = 0
    for node in tree.root.traverse() if tree.root is not None else ():
        if candidates >= MOST_CANDIDATES:
            return
        if node.mem_id == last:
            seen = True
        elif seen and node.tag in ("ul", "ol", "div", "nav", "section", "aside", "p", "dl"):
            candidates += 1
            yield node


def _anchors(node: LexborNode, url: str) -> list[LexborNode]:
    found = []
    for anchor in node.css("a[href]"):
        address = absolute_url(url, anchor.attributes.get("href") or "")
        if address and url_key(address) == url_key(url):
            continue  # a skip link
        if address and same_outlet(address, url) and urlsplit(address).path not in ("", "/") and anchor.text().strip():
            found.append(anchor)
    return found


def _score(node: LexborNode, *, url: str) -> float:
    """How much an element is the outlet's own list: by its name, its label, where its links lead; 0 for none."""
    everything = node.css("a[href]")
    if len(everything) > MOST / LINK_SHARE:
        return 0.0
    anchors = _anchors(node, url)
    if not FEWEST <= len(anchors) <= MOST or len(anchors) < LINK_SHARE * len(everything):
        return 0.0
    names = _names(node)
    if _ELSEWHERE.search(names) or any(_ELSEWHERE.search(_names(above)) for above in _above(node)):
        return 0.0
    label = _label(node)
    label = label if len(label.split()) <= LABEL_WORDS else ""
    if _ELSEWHERE.search(label):
        return 0.0
    words = sum(len(anchor.text().split()) for anchor in anchors) / len(anchors)
    topics = bool(_TOPICS.search(names) or _TOPICS.search(label))
    related = bool(_RELATED.search(names) or _RELATED.search(label))
    hubs = sum(bool(_PLACES.search(anchor.attributes.get("href") or "")) for anchor in anchors) / len(anchors)
    topics = topics and words <= TOPIC_WORDS
    related = related and len(anchors) > 1
    if not (topics or related or (hubs >= 0.8 and words <= TOPIC_WORDS)):
        return 0.0
    chars = len("".join(node.text().split())) or 1
    linked = sum(len("".join(anchor.text().split())) for anchor in anchors) / chars
    if linked < LINK_SHARE:
        return 0.0
    return 4 * topics + 2 * related + 2 * hubs + linked + min(len(anchors), 5) / 10


def _names(node: LexborNode) -> str:
    attributes = node.attributes
    keys = ("class", "id", "aria-label", "data-testid", "data-component")
    said = " ".join(attributes.get(key) or "" for key in keys)
    return f"{node.tag} " + re.sub(r"(?<=[a-z0-9])(?=[A-Z])|__", "-", said)


def _above(node: LexborNode) -> Iterator[LexborNode]:
    above = node.parent
    while above is not None and above.tag not in ("body", "html", "article", "main", None):
        yield above
        above = above.parent


def _label(node: LexborNode) -> str:
    """The heading in the element, or the short text just before it."""
    inside = node.css_first("h2,h3,h4,h5,strong,dt")
    if inside is not None:
        return " ".join(inside.text().split())[:LABEL_CHARS]
    before = node.prev
    while before is not None and not (before.text() or "").strip():
        before = before.prev
    text = " ".join((before.text() or "").split()) if before is not None else ""
    return text if len(text) <= LABEL_CHARS else ""
