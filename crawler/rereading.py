"""A stored page against what is held of it: whether it decides anything, and what today's rules read differently."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from config.outlets import OutletSpec
from crawler.differing import PageChange, compare, state_of, state_of_revision, state_of_stored
from crawler.intake import Reading
from crawler.placing import revision_decided_by
from crawler.sources import is_of_source
from index.outcomes import Outcome
from index.records import Article, ArticleFlag, StoredPage
from index.store import Transaction
from index.store.articles import article_by_url, get_article, is_taken_down, revisions_of
from index.store.decisions import last_reading
from index.store.furniture import as_learned
from index.store.links import references_of
from index.store.pages import latest_page


def decides_something(tx: Transaction, stored: StoredPage, spec: OutletSpec | None) -> bool:
    """Say whether a page decides anything: a revision, or, where it gave no article, that there is none.

    Feeds, sitemaps and listings are kept too, and never were to be articles.
    """
    if stored.status != 200 or is_taken_down(tx, stored.url):
        return False
    if stored.article_id is not None:
        return revision_decided_by(tx, stored) is not None
    said = last_reading(tx, stored.url)
    if is_of_source(stored.url, said.detail if said is not None else "", spec):
        return False
    newest = latest_page(tx, stored.url)
    return newest is not None and newest.id == stored.id and article_by_url(tx, stored.url) is None


def change_of(tx: Transaction, stored: StoredPage, reading: Reading) -> PageChange | None:
    """Compare what is held of a page with what was read from it now; None where nothing differs."""
    number = revision_decided_by(tx, stored)
    after: Mapping[str, Any] = {"outcome": (reading.extraction.outcome or Outcome.EXTRACTION_FAILED).value}
    if reading.article is not None:
        after = state_of(_as_stored(tx, reading.article, reading.spec))
    if number is None or stored.article_id is None:
        said = last_reading(tx, stored.url)
        before: Mapping[str, Any] = {"outcome": said.outcome.value if said and said.outcome else "unknown"}
    else:
        before = _state_held(tx, stored.article_id, number)
    fields = compare(before, after)
    return PageChange(stored.url, number, fields) if fields else None


def _as_stored(tx: Transaction, article: Article, spec: OutletSpec | None) -> Article:
    """Give an article what the store gives it: the roles learned for its outlet's links, the mark of a provisional one.

    Which outlet an article of an unregistered host belongs to, the store decides.
    """
    article = replace(article, links=as_learned(tx, article.outlet, article.links))
    if spec is not None:
        return article
    return replace(article, outlet="", flags=tuple(dict.fromkeys((*article.flags, ArticleFlag.PROVISIONAL_OUTLET))))


def _state_held(tx: Transaction, article_id: int, number: int) -> Mapping[str, Any]:
    held = get_article(tx, article_id)
    if held is not None and held.revision == number:
        return state_of_stored(held, references_of(tx, article_id))
    return state_of_revision(revisions_of(tx, article_id, first=number, last=number)[0])
