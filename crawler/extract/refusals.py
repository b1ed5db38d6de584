"""Why a page is no article: its kind, a wall before it, too little of it. Each reason is an outcome and a sentence."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from config.counting import counted
from config.outlets import OutletSpec
from crawler.extract.draft import Draft
from crawler.extract.metadata import Metadata
from index.outcomes import Outcome
from index.records import DateReading, Page

Refusal = tuple[Outcome, str]
MIN_CHARS = 140
"""A text shorter than this is no news article; the shortest real one measured had 300 characters."""

LIST_TYPES = frozenset(
    {"collectionpage", "itemlist", "searchresultspage", "profilepage", "videogallery", "contactpage", "aboutpage"}
)
MOST_LINKS = 400
HEADLINE_CHARS = 15
LEAST_OWN = 0.3
LIST_HEADLINES = 12
"""So many links as long as headlines, more characters in them than in its own text (twice as many, where the address
looks like an article's): a list. Front pages had six to twelve times as many; articles without a date, 1.5."""

SLUG_WORDS = 4
PROSE_LINE_CHARS = 120
PROSE_CHARS = 2000
"""So much in lines so long below an address of several words is an article, whatever menu stands above it."""

WEAK_DATES = frozenset({"time", "article", "main", "htmldate"})
"""Ways to a date that find one on lists, too: the first time of a teaser, a day somewhere in the page."""

_FEED = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,500}?-->\s*)?<(rss|feed|urlset|sitemapindex|rdf:RDF)\b", re.S
)
_NOT_ARTICLE_PATH = re.compile(
    r"^/(?:(?:tags?|topics?|themen?|sections?|category|categories|rubrique|author|authors|search|archive|archives|page)"
    r"(?:/[^/]*){0,3}/?|(?:index|home|default)\.\w+)?$",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"\b(log ?in|sign ?in|anmelden|einloggen|se connecter|connexion|iniciar sesión|accedi|войти)\b", re.I
)
_CONSENT = re.compile(
    r"\b(accept (?:all )?cookies|consent|cookies?|(?:your )?privacy (?:choices|settings|preferences|options)|"
    r"before you continue|we value your privacy|zustimmen|einwilligung|datenschutz-?einstellungen|"
    r"accepter (?:les )?cookies|vos choix|aceptar (?:las )?cookies|informativa sui cookie|toestemming|samtykke|"
    r"samtycke|zgoda|согласие)\b",
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


def why_rejected(draft: Draft, *, title: str, paragraphs: list[str], published: DateReading) -> Refusal | None:
    """Return outcome and sentence for a page that is no article; None when it is one."""
    page, meta, spec = draft.page, draft.meta, draft.spec
    other = why_other_kind(page)
    if other:
        return Outcome.NOT_ARTICLE, other
    if feed := _FEED.match(draft.html[:2000]):
        return Outcome.NOT_ARTICLE, f"The page is a feed or sitemap ({feed.group(1)}), not HTML."
    chars = sum(len(line) for line in paragraphs)
    refusal = _wall(draft, chars, meta.title_tag or title)
    if refusal is not None:
        return refusal
    named = _named_by_file(page, spec)
    if named is False:
        return Outcome.NOT_ARTICLE, "The outlet's file says addresses like this one are no articles."
    if named is None and (reason := _why_list(draft, paragraphs, published=published)):
        return Outcome.NOT_ARTICLE, reason
    needed = 1 if draft.rules.text is not None else MIN_CHARS
    if chars < needed or (not title and chars < MIN_CHARS):
        if named:
            detail = f"An article by its address, but only {counted(chars, 'character')} of text were read."
            return Outcome.EXTRACTION_FAILED, detail
        return Outcome.NOT_ARTICLE, f"Only {counted(chars, 'character')} of text."
    if named and not title:
        return Outcome.EXTRACTION_FAILED, "An article by its address, but no title was read."
    return None


def _named_by_file(page: Page, spec: OutletSpec | None) -> bool | None:
    """Whether the outlet's file calls the address an article; None where it does not say."""
    if spec is None or not (spec.articles.match or spec.articles.exclude):
        return None
    says = spec.is_article_url(page.url)
    return says if spec.articles.match or not says else None


def _wall(draft: Draft, chars: int, heading: str) -> Refusal | None:
    """What stands before an article or in its place; a page that calls itself an article is believed."""
    if chars >= 1500:
        return None
    if not _calls_itself_article(draft.meta):
        if _CHALLENGE.search(heading):
            return Outcome.BLOCKED, "The page is a bot challenge."
        if _ERROR_TITLE.search(heading):
            return Outcome.GONE, f"The page says {heading[:80]!r} although it was answered as found."
    if chars >= 600:
        return None
    asks = draft.tree.css_first("input[type='password']") is not None
    if asks and (chars < MIN_CHARS or _LOGIN.search(heading)):
        return Outcome.LOGIN_WALL, "The page asks for a password and shows no article."
    if chars < MIN_CHARS and (_CONSENT.search(heading) or _CONSENT.search(_first_heading(draft.tree))):
        return Outcome.CONSENT_WALL, "The page asks for consent and shows no article."
    return None


def _first_heading(tree: LexborHTMLParser) -> str:
    """Return what the page itself is headed with: dialogs over an article have lesser headings."""
    node = tree.css_first("h1")
    return "" if node is None else " ".join(node.text().split())[:200]


def _is_made_of_links(tree: LexborHTMLParser, text: str) -> bool:
    """Whether little of a text is left without the words that lead elsewhere: a list of headlines, not an article."""
    rest = text
    for node in tree.css("a[href]")[:MOST_LINKS]:
        words = " ".join(node.text().split())
        if len(words) >= HEADLINE_CHARS:
            rest = rest.replace(words, "")
    return len(rest.strip()) < len(text) * LEAST_OWN


def _calls_itself_article(meta: Metadata) -> bool:
    return bool(meta.ld) or meta.first("og:type")[0].lower() == "article"


def _why_list(draft: Draft, paragraphs: list[str], *, published: DateReading) -> str:
    """Why a page is a list of articles, or about something else than an event; "" where it may be an article."""
    meta, parts = draft.meta, urlsplit(draft.page.url)
    og = meta.first("og:type")[0].lower()
    named_article = _calls_itself_article(meta)
    home = parts.path in ("", "/") and not parts.query
    if home or (_NOT_ARTICLE_PATH.match(parts.path) and not named_article and not parts.query):
        return "A home, section or tag page by its address."
    if named_article:
        return ""
    if LIST_TYPES & meta.ld_types:
        return f"The page calls itself a list ({', '.join(sorted(LIST_TYPES & meta.ld_types))})."
    chars = sum(len(line) for line in paragraphs)
    said = published.at is not None and published.method.split(":")[0] not in WEAK_DATES
    if og in ("website", "profile", "video.other") and not said and chars < 1200:
        return f"The page calls itself a {og} and carries no date."
    count, length = draft.headlines
    prose = sum(len(line) for line in paragraphs if len(line) >= PROSE_LINE_CHARS)
    is_told = prose >= PROSE_CHARS and _words_in_slug(parts.path) >= SLUG_WORDS
    if count >= LIST_HEADLINES and not said and not is_told and length > chars * (2 if _is_slug(parts.path) else 1):
        headlines = counted(count, "headline that leads", "headlines that lead")
        return f"{headlines} elsewhere, {counted(chars, 'character')} of its own, and no date of publication."
    if _is_made_of_links(draft.tree, " ".join(paragraphs)):
        return "Most of its text is links to other pages."
    return ""


def _is_slug(path: str) -> bool:
    """Whether the last part of a path looks like one article's: a number in it, a file, or several words."""
    return bool(re.search(r"\d{3}|\.\w{2,5}$", _last_part(path))) or _words_in_slug(path) >= SLUG_WORDS


def _words_in_slug(path: str) -> int:
    return len(re.split(r"[-_]", _last_part(path)))


def _last_part(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[-1]
