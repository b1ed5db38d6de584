"""What is furniture of a page and not its article: by the names elements carry, and by the words they hold. Pure.

The word lists are general habits of news sites in many languages; nothing here knows one outlet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

_TAGS = frozenset({"nav", "footer", "aside", "figcaption", "menu", "figure"})
_TEXT_TAGS = frozenset({"p", "h1", "h2", "h3", "h4", "li", "blockquote"})

WEAK = frozenset(
    {
        "ad", "ads", "teaser", "teasers", "promo", "widget", "player", "hidden", "paywall", "topic", "topics",
        "popular", "menu", "inread", "overlay", "popup", "modal",
    }
)  # fmt: skip
"""Names that wrap real paragraphs often enough to be overruled where the text inside reads like the article."""

_ON_TEXT = frozenset({"ad", "ads", "paywall", "hidden", "widget", "video", "player", "promo"})
"""Names that say on a paragraph itself what stands beside it ("p.before-ad"), not what it is."""

_NAMED = re.compile(
    r"(?:^|[\s_-])("
    r"related\w*|recirc\w*|recommend\w*|newsletter\w*|paywall\w*|share|shares|sharing|social\w*|captions?|credits?|"
    r"figcaption|promo\w*|comments?|disqus\w*|advert\w*|ads?|adslot|sponsor\w*|outbrain|taboola|breadcrumbs?|tags?|"
    r"taglist|keywords|author-?(?:bio|box|info)|bio|biography|twitter-tweet|tweet|instagram-media|tiktok-embed|"
    r"read-?more|see-?also|most-?(?:read|popular|viewed)|trending|popular|subscri\w+|sign-?up|toolbar|teasers?|sidebar|"
    r"cookies?|consent|modal|popup|overlay|login|copyright|disclaimer|byline|dateline|timestamp|nav|navigation|menu|"
    r"footer|infobox|fact-?box|widget|gallery|carousel|slideshow|more-?(?:on|from|stories|news)|pagination|hidden|"
    r"visually-?hidden|sr-only|screen-reader\w*|noprint|inread|player|poll|quiz|survey|donat\w*|support-us|follow\w*|"
    r"topics?|report-?error|feedback|pull-?quotes?"
    r")(?=$|[\s_-])"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

# A line that ends the article when nothing but furniture follows it, and is never a paragraph of its own.
_STOP = re.compile(
    r"^(?:you (?:might|may) also (?:like|be interested)|more (?:on|from|stories|news|like this)\b.*|"
    r"related(?: \w+){0,2}|read (?:more|next|also)|recommended(?: \w+){0,2}|most (?:read|popular|viewed)|trending\b.*|"
    r"also (?:read|on)\b.*|see also|what to read next|up next|editors?'? picks?|top stories|latest(?: \w+)?|comments?|"
    r"leave a (?:comment|reply)|join the (?:conversation|discussion)|join our commenting forum|lire aussi|à lire aussi|"
    r"sur le même sujet|lesen sie auch|mehr zum thema|weitere (?:artikel|themen)|auch interessant|lea también|"
    r"más (?:noticias|información)|te puede interesar|leia (?:também|mais)|leggi anche|lees ook|les også|läs också|"
    r"læs også|lue myös|czytaj (?:więcej|też|także)|zobacz (?:też|także)|читайте также|по теме|čtěte (?:také|dále)|"
    r"ilgili haberler|関連記事|相关阅读|相关新闻|延伸閱讀|相關新聞|관련기사|اقرأ أيضا|مواضيع ذات صلة)[\s:.…]*$",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"^(?:photo|foto|image|picture|фото|写真|图|图片|사진|getty images|reuters/|ap photo|video:|watch:|listen:|"
    r"illustration|graphic|credit)\b|\b(?:getty images|via ap|ap photo|/afp|afp via|reuters/|epa-efe|shutterstock|"
    r"file photo|image credits?)\b",
    re.IGNORECASE,
)
# Lines after the last paragraph that tell of the making of an article, or ask something of the reader.
_CODA = re.compile(
    r"^(?:with (?:files|reports?|reporting|additional)|additional reporting|reporting by|editing by|"
    r"(?:this|the) (?:article|story|report) (?:was|has been|originally|first)|(?:source|sources|via)\s*:|"
    r"first published|this is a breaking (?:new |news )?story|.{0,80}\bmore (?:to follow|follows)\W*$|"
    r"follow (?:him|her|us|me)|contact |email |the associated press|associated press writer|"
    r"read more|click here|sign up|subscribe|download|join |get (?:our|the|your)|copyright|©|\(c\)|"
    r"all rights reserved)",
    re.IGNORECASE,
)
STOP_CHARS = 80
CREDIT_CHARS = 120
CODA_CHARS = 400


def furniture_word(tag: str, attributes: Mapping[str, str | None]) -> str:
    """Return the word by which an element calls itself furniture, "" where it does not."""
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''} {attributes.get('data-component') or ''}"
    word = _word_in(names) if len(names) > 2 else ""
    if word and not (tag in _TEXT_TAGS and word in _ON_TEXT):
        return word
    if tag in _TAGS:
        return tag
    return "hidden" if attributes.get("aria-hidden") == "true" or "hidden" in attributes else ""


def is_stop_line(line: str) -> bool:
    """Say whether a line is the heading of a list of other articles, or of the comments."""
    return len(line) <= STOP_CHARS and bool(_STOP.match(line))


def is_credit(line: str) -> bool:
    """Say whether a short line names where a picture is from."""
    return len(line) < CREDIT_CHARS and bool(_CREDIT.search(line))


def is_coda(line: str) -> bool:
    """Say whether a line at the end of an article tells of its making, or asks something of the reader."""
    return len(line) < CODA_CHARS and bool(_CODA.match(line))


@lru_cache(maxsize=4096)
def _word_in(names: str) -> str:
    found = _NAMED.search(_CAMEL.sub("-", names).lower())
    return found.group(1) if found else ""
