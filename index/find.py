"""One question, one answer: the search that the site, the API, the command line and feeds share.

Query text -> tree -> engine -> articles of the database, with coverage, facets, snippets and the sentences that say
what was changed, cut or dropped. Nothing here knows an engine's files or a page's markup.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import thread_time

from config.counting import counted
from config.settings import Settings
from index.filters import Filters as Filters
from index.filters import filter_nodes, languages_asked, outlets_asked
from index.find_corrections import corrections, suggestions
from index.find_stories import hits_of_page
from index.folding import WINDOW, Fold
from index.names_asked import notes_on_nothing
from index.records import Coverage, JsonObject, StoredArticle
from index.resolving import resolved
from index.saying import shown_sentences
from index.search import prepare
from index.search.aliases import load_aliases, with_aliases
from index.search.backend import FACETS, SearchAnswer, SearchBackend, SearchRequest, cut_after
from index.search.query import Alias, Dates, Group, Leaf, Node, Query, walk
from index.search.query_parser import parse
from index.search.query_text import text_of
from index.search.snippets import marked_html, snippet_html
from index.store import Store
from index.store.articles import articles_by_id
from index.store.changes import last_change
from index.store.outlets import coverage

SORTS = ("relevance", "newest", "oldest")
COPIES_SHOWN = 10
UNFILTERED = Filters()
MOST_DROPPED = 6
"""Demands that are dropped one after the other before an empty answer is given as it is."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One search result. `snippet_html` and `title_html` are escaped and hold no tag but <mark>."""

    article: StoredArticle
    snippet_html: str
    title_html: str
    score: float
    story_id: int | None = None
    copies: int = 0  # other articles held that have its text, found by this search or not
    same_text: tuple[StoredArticle, ...] = ()  # those found, folded under this hit; a few, see `folded_copies`
    folded_copies: int = 0
    more_in_story: int = 0  # further articles of its story that were found and are not shown


@dataclass(frozen=True, slots=True)
class ResultPage:
    """An answer. `relaxed` is the demand that was dropped because nothing met it; `total` counts the answer given."""

    query: Query
    total: int
    hits: tuple[Hit, ...]
    took_ms: float
    sort: str
    page: int
    pages: int
    relaxed: str | None = None
    stories_total: int | None = None  # None: unfolded, or more articles than can be folded
    folded_of: int | None = None  # how many articles were folded; None: nothing was
    coverage: tuple[Coverage, ...] = ()
    facets: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    did_you_mean: str | None = None
    also_searched: tuple[str, ...] = ()


def find_articles(
    store: Store,
    backend: SearchBackend,
    text: str,
    *,
    settings: Settings,
    now: datetime,
    filters: Filters = UNFILTERED,
    sort: str = "",
    page: int = 1,
    per_page: int = 20,
    relax: bool = True,
    aliases: bool = True,
    snippets: bool = True,
    folded: bool = True,
) -> ResultPage:
    """Answer a query typed by a reader; pages count from 1, an empty text matches every article.

    `relax` drops the rarest demand while nothing is found, and says so; feeds and exports pass False. Without
    `snippets` no text is read, hits show none, and nothing is suggested for words the index has. `folded`: copies
    under one hit, two hits a story (see folding.py), all hits of a story where the query names one. Raises
    QueryTooLargeError for a text over the limits and IndexDamagedError; every other text is answered.
    """
    began = time.perf_counter()
    ends_at = thread_time() + settings.search.budget_s
    query = parse(text, limits=settings.search)
    query = prepare.keep_rarest(query, _frequencies(query, backend, settings), settings.search.max_query_terms)
    chosen = sort if sort in SORTS else query.sort or "relevance"
    search = _Search(
        backend,
        settings,
        filters,
        chosen,
        now=now,
        offset=0 if folded else (page - 1) * per_page,
        limit=max(WINDOW, per_page) if folded else per_page,
        suggests=snippets,
        ends_at=ends_at,
    )
    notes = list(query.notes)
    also: tuple[str, ...] = ()
    reached = backend.position()
    with store.read() as tx:
        notes += _behind(reached, last_change(tx))
        root = resolved(tx, query, notes)
        typed = root
        if root is not None:
            if aliases:
                # Before anything is left out: Bosnia and Herzegovina is a name with its `and`.
                expanded = with_aliases(root, load_aliases())
                root, also = expanded.root, expanded.also
            root = prepare.without_stop_words(prepare.loosened(root))
        answer, root, meant, relaxed = _answered(search, root, typed, query, relax=relax)
        if answer.cut:
            notes.append(answer.cut)
        if relaxed or not answer.total:
            notes += notes_on_nothing(typed, search.count)
        shown, pages, stories_total = hits_of_page(tx, answer, query, page=page, per_page=per_page, folded=folded)
        if page > 1 and not shown and answer.total:
            notes.append(f"There are only {counted(pages, 'page')}.")
        wanted = [one.article_id for one in shown]
        held = articles_by_id(tx, wanted, with_text=snippets)
        copies = articles_by_id(tx, [key for one in shown for key in one.same_text[:COPIES_SHOWN]])
        said = shown_sentences(tx, query.root, held) if snippets else {}
        covered = coverage(
            tx, now=now, stale_after_h=settings.coverage.stale_after_h, outlets=outlets_asked(typed, filters)
        )
    hits = tuple(
        _hit(held[one.article_id], one, copies, root, said=said.get(one.article_id, ""))
        for one in shown
        if one.article_id in held
    )
    if len(hits) < len(shown):
        notes.append(
            f"{counted(len(shown) - len(hits), 'hit was', 'hits were')} removed since the index was "
            "last brought up to date."
        )
    return ResultPage(
        query=query,
        total=answer.total,
        hits=hits,
        took_ms=round((time.perf_counter() - began) * 1000, 1),
        sort=chosen,
        page=page,
        pages=pages,
        relaxed=relaxed,
        stories_total=stories_total,
        folded_of=len(answer.hits) if folded else None,
        coverage=tuple(covered),
        facets=answer.facets,
        notes=tuple(dict.fromkeys(notes)),
        did_you_mean=meant,
        also_searched=also,
    )


def ranked_ids(
    store: Store, backend: SearchBackend, text: str, *, settings: Settings, now: datetime, limit: int
) -> tuple[list[int], str | None]:
    """Return the ids of the best articles for a query, nothing folded, and the demand that was dropped to find any.

    For `search --batch`.
    """
    found = find_articles(
        store, backend, text, settings=settings, now=now, per_page=limit, snippets=False, folded=False
    )
    return [hit.article.id for hit in found.hits], found.relaxed


def result_json(found: ResultPage) -> JsonObject:
    """Return the answer as the JSON of the API and of `search --json`; times in RFC 3339, UTC."""
    return {
        "query": {"text": found.query.text, "parsed": found.query.parsed, "notes": list(found.notes)},
        "total": found.total,
        "stories_total": found.stories_total,
        "folded_of": found.folded_of,
        "took_ms": found.took_ms,
        "relaxed": found.relaxed,
        "did_you_mean": found.did_you_mean,
        "also_searched": list(found.also_searched),
        "sort": found.sort,
        "page": found.page,
        "pages": found.pages,
        "coverage": [coverage_json(one) for one in found.coverage],
        "facets": {name: [list(pair) for pair in values] for name, values in found.facets.items()},
        "hits": [_hit_json(hit) for hit in found.hits],
    }


def coverage_json(one: Coverage) -> JsonObject:
    """Return one outlet of the coverage line as JSON."""
    success = one.last_success_at.isoformat() if one.last_success_at else None
    return {"outlet": one.outlet, "state": one.state, "last_success_at": success, "reason": one.reason}


def _hit_json(hit: Hit) -> JsonObject:
    article = hit.article
    published = article.published.at
    return {
        "id": article.id,
        "url": article.canonical_url,
        "title": article.title,
        "outlet": article.outlet,
        "authors": list(article.authors),
        "language": article.language,
        "published_at": published.isoformat() if published else None,
        "sort_at": article.sort_at.isoformat(),
        "sort_by": article.sort_by,
        "snippet_html": hit.snippet_html,
        "story_id": hit.story_id,
        "copies": hit.copies,
        "folded": {
            "copies": [{"id": one.id, "outlet": one.outlet} for one in hit.same_text],
            "copies_total": hit.folded_copies,
            "more_in_story": hit.more_in_story,
        },
        "cites": article.cites,
        "cited_by": article.cited_by,
        "score": round(hit.score, 4),
    }


@dataclass(frozen=True, slots=True)
class _Search:
    """The parts of a request that stay the same while its tree is relaxed or corrected."""

    backend: SearchBackend
    settings: Settings
    filters: Filters
    sort: str
    now: datetime
    offset: int
    limit: int
    suggests: bool
    ends_at: float  # of this thread's processor time: one budget for all that is asked to answer one search
    counted: dict[Node, int] = field(default_factory=dict)

    def is_over(self) -> bool:
        return thread_time() >= self.ends_at

    def ask(self, root: Node | None, *, words_only_help: bool = False) -> SearchAnswer:
        """Ask the engine. Beside filters one of the optional words must match, unless `words_only_help`."""
        request = self._request(root, limit=self.limit, facets=FACETS)
        if not words_only_help:
            left, narrow = prepare.without_filters(root)
            request = replace(request, root=left, filters=(*request.filters, *narrow))
        return self.backend.search(request)

    def count(self, root: Node) -> int:
        if root not in self.counted and not self.is_over():
            self.counted[root] = self.backend.search(self._request(root, limit=0)).total
        return self.counted.get(root, 0)

    def _request(self, root: Node | None, *, limit: int, facets: tuple[str, ...] = ()) -> SearchRequest:
        dated = any(isinstance(node, Dates) for node in walk(root)) or self.filters.after or self.filters.before
        return SearchRequest(
            root,
            filters=filter_nodes(self.filters),
            sort=self.sort,
            offset=self.offset if limit else 0,
            limit=limit,
            facets=facets,
            now=self.now if root is not None and not dated else None,
            languages=languages_asked(root, self.filters),
            budget_s=max(0.0, self.ends_at - thread_time()),
        )


def _answered(
    search: _Search, root: Node | None, typed: Node | None, query: Query, *, relax: bool
) -> tuple[SearchAnswer, Node | None, str | None, str | None]:
    """The answer, the tree it is for, what may have been meant, and what was dropped to find anything."""
    answer = search.ask(root)
    if root is None or typed is None:
        return answer, root, None, None
    meant: str | None = None
    slips = corrections(search.backend, root, answer.unknown, typed, search.count)
    if slips:
        meant = _meant(query, slips)
        corrected = prepare.corrected(root, slips)
        if (answer.total == 0 or _is_optional(prepare.without_filters(root)[0])) and not search.is_over():
            again = search.ask(corrected)
            if again.total:
                return again, corrected, meant, None
    elif search.suggests and answer.total and not search.is_over():
        meant = _meant(query, suggestions(search.backend, typed))
    dropped: list[str] = []
    left: Node = root
    words = _found_nowhere(search, root) if relax and answer.total == 0 else None
    if words is not None:  # what is nowhere narrows nothing
        answer, dropped = search.ask(root, words_only_help=True), [text_of(words)]
    while relax and answer.total == 0 and len(dropped) < MOST_DROPPED:
        step = prepare.without_rarest_demand(left, search.count)
        if step is None:
            break
        if search.is_over():
            return replace(answer, cut=answer.cut or cut_after(search.settings.search.budget_s)), left, meant, None
        left, demand = step
        dropped.append(text_of(demand))
        answer = search.ask(left)
    return answer, left, meant, ", ".join(dropped) if dropped and answer.total else None


def _found_nowhere(search: _Search, root: Node) -> Node | None:
    """The optional words beside filters where none of them is in any article; None where some is."""
    words, filters = prepare.without_filters(root)
    if not filters or not isinstance(words, Group) or search.is_over() or search.count(words):
        return None
    return replace(words, must_not=())


def _behind(position: int, end: int) -> list[str]:
    """Say that the index is not what the database is: no hit is not no news."""
    if position >= end:
        return []
    if position == 0:
        return ["The index is empty or of an older version: articles are missing here until it is brought up to date."]
    changes = f"{end - position:,} change{'' if end - position == 1 else 's'}"
    return [f"The index is {changes} behind the archive; the newest articles may be missing here."]


def _meant(query: Query, slips: Mapping[Leaf, str]) -> str | None:
    """The text of the query with what may have been meant, None where nothing is to be told."""
    return text_of(prepare.replaced(query.root, slips), sort=query.sort) if query.root and slips else None


def _is_optional(root: Node | None) -> bool:
    return isinstance(root, Group) and not root.must


def _frequencies(query: Query, backend: SearchBackend, settings: Settings) -> dict[str, int]:
    """How often the words of a query occur; asked only when there are too many of them."""
    terms = {node for node in walk(query.root) if not isinstance(node, Group | Alias)}
    if len(terms) <= settings.search.max_query_terms:
        return {}
    return backend.frequencies(sorted({word for term in terms for word in prepare.words_of(term)}))


def _hit(
    article: StoredArticle, one: Fold, copies: Mapping[int, StoredArticle], root: Node | None, *, said: str
) -> Hit:
    """A hit without the text it was made from: pages hold twenty of them. `said`: a sentence to show of it."""
    return Hit(
        replace(article, text=""),
        snippet_html(said or article.text, root, article.language),
        marked_html(article.title, root, article.language),
        one.score,
        story_id=article.story_id,
        copies=article.copies,
        same_text=tuple(copies[key] for key in one.same_text if key in copies),
        folded_copies=len(one.same_text),
        more_in_story=one.more_in_story,
    )
