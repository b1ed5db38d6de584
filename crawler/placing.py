"""Where an article belongs among those held: the same one, a twin address of it, or one that moved.

Works inside the transaction that stores the page, so what is decided is what is stored. Nothing is fetched here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from config.outlets import OutletSpec
from crawler.identity import Identity, clean_url, identity_of, is_nobodys, is_same_story, with_identity
from index.outcomes import Outcome
from index.records import Article, Page, StoredArticle, StoredPage, TraceStep
from index.store import Transaction
from index.store.articles import (
    add_addresses,
    addresses_of,
    article_by_url,
    get_article,
    merge_articles,
    move_article,
    revisions_of,
    save_article,
)
from index.store.correcting import correct_revision
from index.store.pages import pages_of_article
from index.urls import url_key

MAX_ADDRESSES = 40
"""Addresses of one article after which no redirect adds another; twins that differ in marks share a key."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What the store did with an article, under which outcome, and why in words."""

    outcome: Outcome
    article_id: int | None
    detail: str = ""
    article: Article | None = None  # as stored; None when its links are not to be followed


def place_article(
    tx: Transaction,
    article: Article,
    page: Page,
    *,
    page_id: int | None,
    run_id: int | None,
    spec: OutletSpec | None,
    now: datetime,
    moved_from: int | None = None,
) -> Placed:
    """Store an article under its identity and return the outcome: new, changed, unchanged, moved or duplicate.

    `moved_from` is the article whose old address is known to lead here or to be gone. A redirect from the address of
    a held article counts as a move too, when both show the same story.
    """
    identity = identity_of(article, page, spec=spec)
    held = article_by_url(tx, identity.url)
    if identity.is_twin and held is not None:
        own = clean_url(page.url, spec)
        if not is_same_story(held, article):
            identity = Identity(own, (), is_twin=False)
            held = article_by_url(tx, own)
        elif _was_fetched_itself(tx, held, identity.url, spec):
            add_addresses(tx, held.id, identity.aliases)
            return Placed(Outcome.DUPLICATE, held.id, f"The page of {identity.url} at another address.")
    old = _moved_article(tx, article, page, held=held, moved_from=moved_from)
    if old is not None:
        if held is not None:
            merge_articles(tx, old.id, held.id, now=now)
        move_article(tx, old.id, identity.url, now=now)
    aliases = _aliases_that_hold(tx, identity, page, moved=old is not None)
    is_new_name = held is not None and _is_redirect(page) and article_by_url(tx, page.requested_url) is None
    saved = save_article(tx, with_identity(article, identity), page_id=page_id, run_id=run_id, now=now, aliases=aliases)
    placed = with_identity(article, identity)
    if old is not None and saved.outcome is not Outcome.TAKEN_DOWN:
        return Placed(Outcome.MOVED, saved.article_id, f"Was at {old.canonical_url}.", placed)
    if is_new_name and saved.outcome is Outcome.UNCHANGED:
        return Placed(Outcome.DUPLICATE, saved.article_id, f"Redirects to {page.url}, which is held.", placed)
    return Placed(saved.outcome, saved.article_id, _told(saved.outcome, saved.revision), placed)


def reread_article(
    tx: Transaction, article: Article, stored: StoredPage, *, now: datetime, fetched_at: datetime | None = None
) -> Placed | None:
    """Correct the revision that a page we hold is the state of; None where it decides no revision.

    The outlet's bytes are the same, so whatever differs is our reading of them. `fetched_at`: the outlet has just
    shown them again; None: they come from the archive.
    """
    number = None if stored.article_id is None else revision_decided_by(tx, stored)
    if stored.article_id is None or number is None:
        return None
    held = get_article(tx, stored.article_id)
    note = TraceStep("revision", "read_again", value=f"Read again on {now:%Y-%m-%d}; the outlet changed nothing.")
    marked = replace(article, trace=(*article.trace, note)) if fetched_at is None else article
    saved = correct_revision(tx, stored.article_id, number, marked, now=now, seen_at=fetched_at)
    current = held is not None and number == held.revision
    told = "Fetched, and nothing differs." if saved.change is None else "The same bytes, read by better rules."
    return Placed(saved.outcome, stored.article_id, told, article if current else None)


def revision_decided_by(tx: Transaction, stored: StoredPage) -> int | None:
    """Return the number of the revision whose newest page this is, at the address the revision was read from."""
    if stored.article_id is None:
        return None
    numbered = [(one.number, one.page_id) for one in revisions_of(tx, stored.article_id, with_text=False)]
    return deciding_pages(numbered, pages_of_article(tx, stored.article_id)).get(stored.id)


def deciding_pages(revisions: Sequence[tuple[int, int | None]], pages: Sequence[StoredPage]) -> dict[int, int]:
    """Map the page each revision is to be read from to its number. Pure.

    A revision (number, id of the page that first showed it) spans the pages up to the one that showed the next. Of
    those at the same address the newest counts: it is the last thing the outlet showed under that number.
    """
    by_id = {page.id: page for page in pages}
    begun = [(number, by_id[page_id]) for number, page_id in revisions if page_id in by_id]
    decided: dict[int, int] = {}
    for at, (number, first) in enumerate(begun):
        end = begun[at + 1][1].fetched_at if at + 1 < len(begun) else None
        span = [
            page
            for page in pages
            if url_key(page.url) == url_key(first.url)
            and page.fetched_at >= first.fetched_at
            and (end is None or page.fetched_at < end or page.id == first.id)
        ]
        decided[max(span, key=lambda page: (page.fetched_at, page.id)).id] = number
    return decided


def _was_fetched_itself(tx: Transaction, held: StoredArticle, url: str, spec: OutletSpec | None) -> bool:
    """Say whether the held article was read from its canonical address, so that no twin may overwrite it."""
    return any(clean_url(stored.url, spec) == url for stored in pages_of_article(tx, held.id))


def _moved_article(
    tx: Transaction, article: Article, page: Page, *, held: StoredArticle | None, moved_from: int | None
) -> StoredArticle | None:
    """Return the held article that lived elsewhere until now, or None."""
    if moved_from is not None:
        old = get_article(tx, moved_from)
    elif _is_redirect(page) and not is_nobodys(page.url):
        passed = (article_by_url(tx, url) for url in (page.requested_url, *page.via) if not is_nobodys(url))
        old = next((one for one in passed if one is not None and is_same_story(one, article)), None)
    else:
        return None
    return None if old is None or (held is not None and held.id == old.id) else old


def _aliases_that_hold(tx: Transaction, identity: Identity, page: Page, *, moved: bool) -> tuple[str, ...]:
    """Leave out addresses that led here and belong to another article: a redirect on everything alike is no alias.

    None is taken any more where very many lead to one article: an outlet sends there what it no longer has.
    """
    led = {url_key(url) for url in (page.requested_url, *page.via) if url}
    if not led:
        return identity.aliases
    here = article_by_url(tx, identity.url)
    if here is not None and len(addresses_of(tx, here.id)) >= MAX_ADDRESSES:
        return tuple(url for url in identity.aliases if url_key(url) not in led)
    kept = []
    for url in identity.aliases:
        owner = article_by_url(tx, url) if url_key(url) in led else None
        is_old = moved and url_key(url) == url_key(page.requested_url)
        if owner is None or is_old or (here is not None and owner.id == here.id):
            kept.append(url)
    return tuple(kept)


def _is_redirect(page: Page) -> bool:
    return bool(page.requested_url) and url_key(page.requested_url) != url_key(page.url)


def _told(outcome: Outcome, revision: int | None) -> str:
    if outcome is Outcome.CHANGED:
        return f"Revision {revision} was added."
    return "Fetched, and nothing differs." if outcome is Outcome.UNCHANGED else ""
