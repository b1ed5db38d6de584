"""Which fields a page gives for machines (no rule is written for them), and selectors for those it only shows. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from selectolax.lexbor import LexborHTMLParser, LexborNode

from config.counting import counted
from crawler.extract.authors import AUTHOR_META
from crawler.extract.blocks import key_of
from crawler.extract.bylines import clean_authors, is_byline, names_a_person
from crawler.extract.dates import read_date
from crawler.extract.fallback import PUBLISHED_META, UPDATED_META
from crawler.extract.text import folded
from crawler.propose.selectors import selector_of
from index.records import Article, DateFlag

FIELDS = ("title", "authors", "published", "updated", "text")
LINE_CHARS = 160
DATE_LINE_CHARS = 100
MOST_ELEMENTS = 6000
PARAGRAPH_KEY = 40
TEXT_SHARE = 0.9
"""A selector of paragraphs is proposed where it gives so much of the text found, and little more."""

READ_MINUTES = r"(\d{1,3})[\s-]*(?:min(?:ute|uti|utos|uten|uutti)?s?\.?|минут\w*|分|분)"
MINUTES_PATTERNS = (r"(\d+) min", r"(\d+)[\s-]*min")
_READ = re.compile(
    rf"\b{READ_MINUTES}\s*(?:read|de lecture|lesezeit|lese|di lettura|de lectura|de leitura|leestijd|чтения)|"
    rf"(?:read(?:ing)? time|lesezeit|temps de lecture|tiempo de lectura)\W{{0,3}}{READ_MINUTES}",
    re.IGNORECASE,
)
_UPDATED = re.compile(
    r"\b((?:last )?updated|modified|mis à jour|aktualisiert|actualizado|aggiornato|atualizado|bijgewerkt|обновлено)\b",
    re.IGNORECASE,
)
_MACHINE_TITLE = re.compile(r"json_ld|og:title|metadata|title tag")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rule for a field: what the selector matches, and what it gives. `why_not` says why it is only a comment."""

    field: str
    selector: str
    matches: int
    gives: str
    attribute: str = ""
    pattern: str = ""
    why_not: str = ""


def machine_rule(article: Article, field: str) -> str:
    """Return which JSON-LD, OpenGraph or meta value gives a field, "" where none does."""
    rules = [step.rule for step in article.trace if step.field == field and step.rule != "none"]
    rule = rules[-1] if rules else ""
    if rule.startswith("json_ld"):
        return rule
    if field == "title":
        return rule if _MACHINE_TITLE.search(rule) else ""
    named = {"authors": AUTHOR_META, "published": PUBLISHED_META, "updated": UPDATED_META}
    return rule if rule in named.get(field, ()) else ""


def propose_rules(html: str, article: Article, *, now: datetime, languages: Sequence[str]) -> tuple[Proposal, ...]:
    """Return proposals for the fields machines are not told, each with its number of matches.

    The text's is a comment always: the engines that read it without a rule survive a redesign.
    """
    tree = LexborHTMLParser(html)
    found: list[Proposal | None] = []
    if not machine_rule(article, "title"):
        found.append(_title(tree, article))
    if not machine_rule(article, "authors"):
        found.append(_authors(tree, article))
    if not machine_rule(article, "published"):
        found.append(_date(tree, "published", now=now, languages=languages, near=article.published.at))
    if not machine_rule(article, "updated"):
        found.append(_date(tree, "updated", now=now, languages=languages))
    found += [_read_minutes(tree), _text(tree, article)]
    return tuple(proposal for proposal in found if proposal is not None)


def _title(tree: LexborHTMLParser, article: Article) -> Proposal | None:
    wanted = folded(article.title)
    same = [node for node in tree.css("h1,h2") if folded(_text_of(node)) == wanted and wanted]
    return _proposal(tree, "title", same[:1] or tree.css("h1")[:1])


def _authors(tree: LexborHTMLParser, article: Article) -> Proposal | None:
    """The smallest elements that hold the names read, or a line that is a byline by its form."""
    names = [key_of(name) for name in article.authors]
    exact = [node for node in _lines(tree) if names and _names_in(node) == set(names)]
    named = [node for node in _lines(tree) if names and _names_in(node) and _names_in(node) <= set(names)]
    lines = [node for node in _lines(tree) if is_byline(_text_of(node)) and _has_person(node)]
    for nodes in (exact[-1:], exact[:1], named, lines[:1]):
        proposal = _proposal(tree, "authors", nodes)
        if proposal is not None:
            return proposal
    return None


def _date(
    tree: LexborHTMLParser, field: str, *, now: datetime, languages: Sequence[str], near: datetime | None = None
) -> Proposal | None:
    """A time element with a datetime, or a short line with a date in it, the first one behind the headline.

    `near` is a day found without a selector (in the address, in any tag): another day is not proposed.
    """
    updated = field == "updated"
    for node in tree.css("time[datetime]"):
        value = node.attributes.get("datetime") or ""
        if _is_instant(value, now=now, languages=languages, near=near) and _says_updated(node) == updated:
            proposal = _proposal(tree, field, [node], attribute="datetime")
            if proposal is not None:
                return proposal
    pattern = r"((?:Last )?\w*[Uu]pdated .+)$" if updated else ""

    def is_dated(node: LexborNode) -> bool:
        line = _text_of(node)
        if len(line) > DATE_LINE_CHARS or _is_foot(node) or bool(_UPDATED.search(line)) != updated:
            return False
        if not re.search(r"\d{4}|\d{2}[./]\d{2}[./]\d{2}", line):
            return False
        said = re.search(pattern, line) if pattern else None
        return _is_instant(said.group(1) if said else line, now=now, languages=languages, near=near)

    for node in _deepest(node for node in _lines(tree) if is_dated(node)):
        caught = pattern if pattern and re.search(pattern, _text_of(node)) else ""
        proposal = _proposal(tree, field, [node], pattern=caught)
        if proposal is not None:
            return proposal
    return None


def _read_minutes(tree: LexborHTMLParser) -> Proposal | None:
    for node in _deepest(node for node in _lines(tree) if _READ.search(_text_of(node))):
        pattern = next((one for one in MINUTES_PATTERNS if re.search(one, _text_of(node))), READ_MINUTES)
        proposal = _proposal(tree, "read_minutes", [node], pattern=pattern)
        if proposal is not None:
            return proposal
    return None


def _text(tree: LexborHTMLParser, article: Article) -> Proposal | None:
    """The paragraphs under the element that holds most of those found."""
    keys = [key_of(line) for line in article.text.split("\n\n")]
    wanted = {key for key in keys if len(key) >= PARAGRAPH_KEY}
    held: dict[int, tuple[int, LexborNode]] = {}
    for node in tree.css("p"):
        parent = node.parent
        if parent is not None and key_of(_text_of(node)) in wanted:
            held[parent.mem_id] = (held.get(parent.mem_id, (0, parent))[0] + 1, parent)
    if not held:
        return None
    _, box = max(held.values(), key=lambda one: one[0])
    outer = selector_of(tree, [box])
    if not outer:
        return None
    selector = f"{outer} > p"
    nodes = [node for node in tree.css(selector) if _text_of(node)]
    got = [key_of(_text_of(node)) for node in nodes]
    chars = sum(map(len, keys))
    right = sum(len(key) for key in got if key in keys)
    if right < TEXT_SHARE * chars or right < TEXT_SHARE * sum(map(len, got)):
        return None
    gives = f"{counted(len(nodes), 'paragraph')}, where {len(keys)} are read without a rule"
    why_not = "the text is found without a rule; write one only where that fails"
    return Proposal("text", selector, len(nodes), gives, why_not=why_not)


def _proposal(
    tree: LexborHTMLParser, field: str, nodes: Sequence[LexborNode], *, attribute: str = "", pattern: str = ""
) -> Proposal | None:
    selector = selector_of(tree, nodes)
    if not selector:
        return None
    value = (nodes[0].attributes.get(attribute) or "") if attribute else _text_of(nodes[0])
    return Proposal(field, selector, len(nodes), value[:LINE_CHARS], attribute, pattern)


def _lines(tree: LexborHTMLParser) -> Iterator[LexborNode]:
    """The elements of the body with a short text, in page order from the headline on, then those before it."""
    before: list[LexborNode] = []
    seen = False
    lines = tree.css("body h1, body p, body div, body span, body a, body time, body li, body address, body strong")
    for node in lines[:MOST_ELEMENTS]:
        if node.tag == "h1":
            seen = True
        elif 2 < len(_text_of(node)) <= LINE_CHARS and node.css_first("script,style") is None:
            if seen:
                yield node
            else:
                before.append(node)
    yield from before


def _deepest(nodes: Iterable[LexborNode]) -> list[LexborNode]:
    """Return the elements that hold none of the others, in their order."""
    found = list(nodes)
    around = set()
    for node in found:
        above = node.parent
        while above is not None:
            around.add(above.mem_id)
            above = above.parent
    return [node for node in found if node.mem_id not in around]


def _names_in(node: LexborNode) -> set[str]:
    return {key_of(name) for name in clean_authors([_text_of(node)])}


def _has_person(node: LexborNode) -> bool:
    return names_a_person(clean_authors([_text_of(node)]), ())


def _says_updated(node: LexborNode) -> bool:
    around = _text_of(node.parent) if node.parent is not None else ""
    own = f"{node.attributes.get('class') or ''} {node.attributes.get('itemprop') or ''} {_text_of(node)}"
    return bool(re.search(r"updat|modif", own, re.IGNORECASE) or (len(around) < 60 and _UPDATED.search(around)))


def _is_instant(text: str, *, now: datetime, languages: Sequence[str], near: datetime | None) -> bool:
    reading = read_date(text, now=now, languages=languages)
    if reading.at is not None and near is not None and abs(reading.at - near) > timedelta(days=1):
        return False
    return reading.at is not None and not {DateFlag.FUTURE, DateFlag.TOO_OLD} & set(reading.flags)


def _is_foot(node: LexborNode) -> bool:
    """Whether an element stands in the foot of the page, or beside the article."""
    above: LexborNode | None = node
    while above is not None and above.tag not in ("body", "html", None):
        names = f"{above.attributes.get('class') or ''} {above.attributes.get('id') or ''}"
        if above.tag in ("footer", "aside", "nav") or re.search(
            r"foot|copyright|sidebar|related", names, re.IGNORECASE
        ):
            return True
        above = above.parent
    return False


def _text_of(node: LexborNode) -> str:
    return " ".join(node.text(separator=" ").split()) if node.css_first("br") else " ".join(node.text().split())
