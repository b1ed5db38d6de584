"""Why a page is no article: its kind, a wall before it, too little of it. Each reason is an outcome and a sentence."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from config.outlets import OutletSpec
from crawler.extract.metadata import Metadata, types_of
from index.outcomes import Outcome
from index.records import Page

MIN_CHARS = 140
"""A text shorter than this is no news article; the shortest real one measured had 300 characters."""

LIST_TYPES = frozenset(
    {"collectionpage", "itemlist", "searchresultspage", "profilepage", "videogallery", "contactpage", "aboutpage"}
)
MOST_LINKS = 400
HEADLINE_CHARS = 15
LEAST_OWN = 0.3
_NOT_ARTICLE_PATH = re.compile(
    r"^/(?:(?:tags?|topics?|themen?|sections?|category|categories|rubrique|author|authors|search|archive|archives|page)"
    r"(?:/[^/]*){0,3}/?|(?:index|home|default)\.\w+)?$",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"\b(log ?in|sign ?in|anmelden|einloggen|se connecter|connexion|iniciar sesión|accedi|войти)\b", re.I
)
_CONSENT = re.compile(
    r"\b(accept (?:all )?cookies|consent|zustimmen|einwilligung|accepter (?:les )?cookies|aceptar (?:las )?cookies)\b",
    re.I,
)
_ERROR_TITLE = re.compile(
    r"^(?:error\s*)?(?:404|403|410|500|503)\b|\b(page not found|not found|seite nicht gefunden|page introuvable|"
    r"access denied|página no encontrada|страница не найдена)\b",
    re.IGNORECASE,
)
_CHALLENGE = re.compile(
    r"\b(just a moment|attention required|are you a robot|verify you are human|checking your browser|captcha)\b", re.I
)


def why_other_kind(page: Page) -> str:
    """Say which kind of file a page is called when it is none of text; "" otherwise."""
    kind = page.content_type.split(";")[0].strip().lower()
    if not kind or kind in ("text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml"):
        return ""
    return f"The page is {kind[:60]}, not HTML."


def why_rejected(
    page: Page,
    tree: LexborHTMLParser,
    meta: Metadata,
    *,
    spec: OutletSpec | None,
    title: str,
    paragraphs: list[str],
    has_date: bool,
) -> tuple[Outcome, str] | None:
    """Return outcome and sentence for a page that is no article; None when it is one."""
    other = why_other_kind(page)
    if other:
        return Outcome.NOT_ARTICLE, other
    chars = sum(len(line) for line in paragraphs)
    heading = meta.title_tag or title
    if chars < 1500 and _CHALLENGE.search(heading):
        return Outcome.BLOCKED, "The page is a bot challenge."
    if chars < 1500 and _ERROR_TITLE.search(heading):
        return Outcome.GONE, f"The page says {heading[:80]!r} although it was answered as found."
    named = _named_by_file(page, spec)
    if named is False:
        return Outcome.NOT_ARTICLE, "The outlet's file says addresses like this one are no articles."
    wall = _wall(tree, chars, heading)
    if wall is not None:
        return wall
    if named is None and (reason := _list_page(page, meta, has_date=has_date, chars=chars)):
        return Outcome.NOT_ARTICLE, reason
    if named is None and not meta.ld and _is_made_of_links(tree, " ".join(paragraphs)):
        return Outcome.NOT_ARTICLE, "Most of its text is links to other pages."
    needed = 1 if spec is not None and spec.rules_on(page.fetched_at.date()).text is not None else MIN_CHARS
    if chars < needed or (not title and chars < MIN_CHARS):
        if named:
            return (
                Outcome.EXTRACTION_FAILED,
                f"An article by its address, but only {chars} characters of text were read.",
            )
        return Outcome.NOT_ARTICLE, f"Only {chars} characters of text."
    if named and not title:
        return Outcome.EXTRACTION_FAILED, "An article by its address, but no title was read."
    return None


def _named_by_file(page: Page, spec: OutletSpec | None) -> bool | None:
    """Whether the outlet's file calls the address an article; None where it does not say."""
    if spec is None or not (spec.articles.match or spec.articles.exclude):
        return None
    says = spec.is_article_url(page.url)
    return says if spec.articles.match or not says else None


def _wall(tree: LexborHTMLParser, chars: int, heading: str) -> tuple[Outcome, str] | None:
    if chars >= 600:
        return None
    if tree.css_first("input[type='password']") is not None and (chars < MIN_CHARS or _LOGIN.search(heading)):
        return Outcome.LOGIN_WALL, "The page asks for a password and shows no article."
    if chars < MIN_CHARS and _CONSENT.search(heading):
        return Outcome.CONSENT_WALL, "The page asks for consent and shows no article."
    return None


def _is_made_of_links(tree: LexborHTMLParser, text: str) -> bool:
    """Whether little of a text is left without the words that lead elsewhere: a list of headlines, not an article."""
    rest = text
    for node in tree.css("a[href]")[:MOST_LINKS]:
        words = " ".join(node.text().split())
        if len(words) >= HEADLINE_CHARS:
            rest = rest.replace(words, "")
    return len(rest.strip()) < len(text) * LEAST_OWN


def _list_page(page: Page, meta: Metadata, *, has_date: bool, chars: int) -> str:
    path = urlsplit(page.url).path
    og = meta.first("og:type")[0].lower()
    is_article = bool(meta.ld) or og == "article"
    if path in ("", "/") or (_NOT_ARTICLE_PATH.match(path) and not is_article):
        return "A home, section or tag page by its address."
    if not meta.ld and LIST_TYPES & meta.ld_types and not is_article:
        return f"The page calls itself a list ({', '.join(sorted(LIST_TYPES & meta.ld_types))})."
    if "liveblogposting" in types_of(meta.ld):
        return ""
    if og in ("website", "profile", "video.other") and not meta.ld and not has_date and chars < 1200:
        return f"The page calls itself a {og} and carries no date."
    return ""
