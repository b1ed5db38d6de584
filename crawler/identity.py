"""Which article a page is, and which of its links are leads. Pure decisions over values; nothing is read or stored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from config.outlets import OutletSpec, fold_host
from index.records import Article, Lead, Link, Page, Role, StoredArticle, TraceStep, Via
from index.urls import canonical_url, same_outlet, url_key
from index.wrapped import unwrapped

SHARED_PARAGRAPH_CHARS = 60
"""A paragraph this long that two texts share makes them one article; shorter ones are often boilerplate."""

_FRONT_PATH = re.compile(
    r"/?(?:[a-z]{2}(?:[-_][a-z]{2})?)?/?(?:(?:index|home|default)(?:\.\w{1,5})?)?/?$", re.IGNORECASE
)
_PASSAGE_PATH = re.compile(
    r"/(?:log-?in|sign-?in|sso|oauth2?|auth|authorize|consent|cookie-?wall|privacy-?(?:gate|wall)|account|register|"
    r"subscribe|paywall|interstitial|captcha)(?:/|\.|$)",
    re.IGNORECASE,
)

_DOCUMENT_PATH = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|csv|zip)$", re.IGNORECASE)

FOLLOWED_ROLES = frozenset({Role.INLINE, Role.BACKLINK, Role.SOURCE})


@dataclass(frozen=True, slots=True)
class Identity:
    """The address an article is known by, and what it is called besides.

    `is_twin`: the page stands at another address than the one that is the identity.
    """

    url: str
    aliases: tuple[str, ...]
    is_twin: bool
    step: TraceStep | None = None


def clean_url(url: str, spec: OutletSpec | None) -> str:
    """Normalise `url`, keeping only the query keys the outlet's file names, where it has such a list.

    Raises ValueError for what is no http or https address.
    """
    return canonical_url(url, query_keys=spec.articles.query_keys if spec is not None else None)


def identity_of(article: Article, page: Page, *, spec: OutletSpec | None) -> Identity:
    """Decide the identity of an article: its canonical address, where that can be believed, else the page's own.

    A canonical address is not believed when it is on another outlet (syndication), when it is a front page, or when
    the outlet's file calls it no article although the page's own address is one.
    """
    if page.url.startswith("urn:"):
        return Identity(article.canonical_url or page.url, (), is_twin=False)
    own = clean_url(page.url, spec)
    led_here = () if is_nobodys(page.url) else (url for url in (page.requested_url, *page.via) if not is_nobodys(url))
    others = tuple(dict.fromkeys(url for url in (page.url, *led_here) if url and url != own))
    doubt = why_not_canonical(article.canonical_url, own, spec=spec)
    if doubt:
        step = TraceStep("canonical_url", "not_believed", raw=article.canonical_url, value=doubt)
        return Identity(own, others, is_twin=False, step=step)
    canonical = clean_url(article.canonical_url, spec) if article.canonical_url else own
    is_twin = canonical != own
    return Identity(canonical, tuple(dict.fromkeys((own, *others))) if is_twin else others, is_twin)


def is_nobodys(url: str) -> bool:
    """Say whether an address is a front page or a login page: everything may lead there or through it."""
    parts = urlsplit(url)
    return bool(_FRONT_PATH.match(parts.path) and not parts.query) or _PASSAGE_PATH.search(parts.path) is not None


def why_not_canonical(canonical: str, own: str, *, spec: OutletSpec | None) -> str:
    """Say in words why the canonical address a page states is not its identity; "" when it is."""
    if not canonical:
        return ""
    try:
        canonical_url(canonical)
    except ValueError:
        return "it is no http or https address"
    if url_key(canonical) == url_key(own):
        return ""
    if not _same_publisher(canonical, own, spec):
        return "it names another outlet"
    if urlsplit(canonical).path in ("", "/") and not urlsplit(canonical).query:
        return "it names the front page"
    if spec is not None and spec.is_article_url(own) and not spec.is_article_url(canonical):
        return "the outlet's file says that address is no article"
    return ""


def is_same_story(held: StoredArticle, article: Article) -> bool:
    """Say whether a page shows the article held: same headline, or a long paragraph in both texts.

    Guards against a canonical address or a redirect that is put on everything alike.
    """
    if _folded(held.title) == _folded(article.title) and article.title:
        return True
    return bool(_long_paragraphs(held.text) & _long_paragraphs(article.text))


def leads_from(
    article: Article, *, specs: Mapping[str, OutletSpec], owners: Mapping[str, str], depth: int, found_in: str
) -> tuple[Lead, ...]:
    """Return the links of an article that are leads: of its own outlet or of another registered one.

    `owners` maps folded hosts to outlet names. A `backlink` is followed as a hub even where the outlet's file does
    not call it an article; other links only where they may be one. Links to hosts nobody registered are not leads.
    """
    spec = specs.get(article.outlet)
    if spec is not None and not spec.leads.follow_links:
        return ()
    leads: dict[str, Lead] = {}
    for link in article.links:
        if link.url is None or link.role not in FOLLOWED_ROLES or _is_document(link):
            continue
        via = Via.HUB if link.role is Role.BACKLINK else Via.LINK
        meant = unwrapped(link.url)
        lead = _lead_to(meant, via=via, specs=specs, owners=owners, depth=depth, found_in=found_in, title=link.text)
        if lead is not None and lead.url not in (article.url, article.canonical_url):
            leads.setdefault(lead.url, lead)
    return tuple(leads.values())


def leads_from_hub(
    urls: Iterable[str], *, outlet: str, specs: Mapping[str, OutletSpec], depth: int, found_in: str
) -> tuple[Lead, ...]:
    """Return the addresses on a hub or listing of `outlet` that may be articles of the same outlet."""
    spec = specs.get(outlet)
    owners = dict.fromkeys(spec.all_hosts, outlet) if spec is not None else {}
    leads: dict[str, Lead] = {}
    for url in urls:
        lead = _lead_to(url, via=Via.LINK, specs=specs, owners=owners, depth=depth, found_in=found_in, title="")
        if lead is not None:
            leads.setdefault(lead.url, lead)
    return tuple(leads.values())


def may_be_article(lead: Lead, spec: OutletSpec) -> bool:
    """Say whether a lead is worth a request: a hub or a named address always, others by the file's patterns."""
    return lead.via in (Via.HUB, Via.COMMAND) or spec.is_article_url(lead.url)


def with_identity(article: Article, identity: Identity) -> Article:
    """Return the article under its identity, with the doubt about a canonical address in its trace."""
    trace = (*article.trace, identity.step) if identity.step is not None else article.trace
    return replace(article, canonical_url=identity.url, trace=trace)


def _lead_to(
    url: str,
    *,
    via: Via,
    specs: Mapping[str, OutletSpec],
    owners: Mapping[str, str],
    depth: int,
    found_in: str,
    title: str,
) -> Lead | None:
    owner = owners.get(fold_host(urlsplit(url).hostname or ""))
    spec = specs.get(owner) if owner is not None else None
    if spec is None:
        return None
    try:
        cleaned = clean_url(url, spec)
    except ValueError:
        return None
    if via is not Via.HUB and not spec.is_article_url(cleaned):
        return None
    return Lead(url=cleaned, outlet=spec.name, via=via, found_in=found_in, depth=depth, title=title[:500])


def _is_document(link: Link) -> bool:
    """A file that is no page: an agency that is an outlet may be followed, its papers are not."""
    return link.role is Role.SOURCE and _DOCUMENT_PATH.search(urlsplit(link.url or "").path) is not None


def _same_publisher(a: str, b: str, spec: OutletSpec | None) -> bool:
    if spec is not None:
        return spec.owns(a) and spec.owns(b)
    return same_outlet(a, b)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _long_paragraphs(text: str) -> frozenset[str]:
    folded = (_folded(paragraph) for paragraph in text.split("\n\n"))
    return frozenset(paragraph for paragraph in folded if len(paragraph) >= SHARED_PARAGRAPH_CHARS)
