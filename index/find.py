"""One question, one answer: the search that the site, the API, the command line and feeds share.

Query text -> tree -> engine -> articles of the database, with coverage, facets, snippets and the sentences that say
what was changed, cut or dropped. Nothing here knows an engine's files or a page's markup.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from time import monotonic

from config.settings import Settings
from index.names_asked import notes_on_names, slugs_asked
from index.records import Coverage, JsonObject, StoredArticle
from index.search import prepare
from index.search.aliases import load_aliases, with_aliases
from index.search.backend import FACETS, SearchAnswer, SearchBackend, SearchRequest, cut_after
from index.search.query import Alias, Dates, Group, Leaf, LinkedTo, Node, Query, Term, walk
from index.search.query_parser import parse
from index.search.query_text import text_of
from index.search.snippets import marked_html, snippet_html
from index.store import Store, Transaction
from index.store.articles import articles_by_id
from index.store.changes import last_change
from index.store.links import ids_linked_from, ids_linking_to
from index.store.outlets import coverage, outlet_of_host

SORTS = ("relevance", "newest", "oldest")
MOST_DROPPED = 6
"""Demands that are dropped one after the other before an empty answer is given as it is."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader narrowed besides the query; values of one kind are alternatives. `after` includes its day."""

    outlets: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by kind: names in any language, codes
    after: date | None = None
    before: date | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One search result. `snippet_html` and `title_html` are escaped and hold no tag but <mark>."""

    article: StoredArticle
    snippet_html: str
    title_html: str
    score: float
    story_id: int | None = None
    copies: int = 0


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
    stories_total: int | None = None
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
    filters: Filters = Filters(),
    sort: str = "",
    page: int = 1,
    per_page: int = 20,
    relax: bool = True,
    aliases: bool = True,
    snippets: bool = True,
) -> ResultPage:
    """Answer a query typed by a reader; pages count from 1, an empty text matches every article.

    `relax` drops the rarest demand while nothing is found, and says so; feeds and exports pass False. Without
    `snippets` no text is read, and hits show none. Raises QueryTooLargeError for a text over the limits and
    IndexDamagedError; every other text is answered.
    """
    began = time.perf_counter()
    ends_at = monotonic() + settings.search.budget_s
    query = parse(text, limits=settings.search)
    query = prepare.keep_rarest(query, _frequencies(query, backend, settings), settings.search.max_query_terms)
    chosen = sort if sort in SORTS else query.sort or "relevance"
    search = _Search(
        backend,
        settings,
        filters,
        chosen,
        now=now,
        offset=(page - 1) * per_page,
        limit=per_page,
        ends_at=ends_at,
    )
    notes = list(query.notes)
    also: tuple[str, ...] = ()
    reached = backend.position()
    with store.read() as tx:
        notes += _behind(reached, last_change(tx))
        root = _resolved(tx, query, notes)
        typed = root
        if root is not None:
            root = prepare.loosened(prepare.without_stop_words(root))
            if aliases:
                expanded = with_aliases(root, load_aliases())
                root, also = expanded.root, expanded.also
        answer, root, meant, relaxed = _answered(search, root, typed, query, relax=relax)
        if page > 1 and not answer.hits and answer.total:
            notes.append(f"There are only {_pages(answer.total, per_page)} pages.")
        if answer.cut:
            notes.append(answer.cut)
        held = articles_by_id(tx, [article_id for article_id, _ in answer.hits], with_text=snippets)
        covered = coverage(
            tx, now=now, stale_after_h=settings.coverage.stale_after_h, outlets=_outlets_asked(typed, filters)
        )
    hits = tuple(_hit(held[key], score, root) for key, score in answer.hits if key in held)
    if len(hits) < len(answer.hits):
        notes.append(f"{len(answer.hits) - len(hits)} hits were removed since the index was last brought up to date.")
    return ResultPage(
        query=query,
        total=answer.total,
        hits=hits,
        took_ms=round((time.perf_counter() - began) * 1000, 1),
        sort=chosen,
        page=page,
        pages=_pages(answer.total, per_page),
        relaxed=relaxed,
        coverage=tuple(covered),
        facets=answer.facets,
        notes=tuple(dict.fromkeys(notes)),
        did_you_mean=meant,
        also_searched=also,
    )


def ranked_ids(
    store: Store, backend: SearchBackend, text: str, *, settings: Settings, now: datetime, limit: int
) -> list[int]:
    """Return the ids of the best articles for a query, nothing folded, no relaxing; for `search --batch`."""
    found = find_articles(store, backend, text, settings=settings, now=now, per_page=limit, relax=False, snippets=False)
    return [hit.article.id for hit in found.hits]


def result_json(found: ResultPage) -> JsonObject:
    """Return the answer as the JSON of the API and of `search --json`; times in RFC 3339, UTC."""
    return {
        "query": {"text": found.query.text, "parsed": found.query.parsed, "notes": list(found.notes)},
        "total": found.total,
        "stories_total": found.stories_total,
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
    return {"outlet": one.outlet, "state": one.state, "last_success_at": success}


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
    ends_at: float  # of the clock `monotonic`: one budget for all that is asked to answer one search

    def is_over(self) -> bool:
        return monotonic() >= self.ends_at

    def ask(self, root: Node | None) -> SearchAnswer:
        return self.backend.search(self._request(root, limit=self.limit, facets=FACETS))

    def count(self, root: Node) -> int:
        return 0 if self.is_over() else self.backend.search(self._request(root, limit=0)).total

    def _request(self, root: Node | None, *, limit: int, facets: tuple[str, ...] = ()) -> SearchRequest:
        dated = any(isinstance(node, Dates) for node in walk(root)) or self.filters.after or self.filters.before
        return SearchRequest(
            root,
            filters=_filter_nodes(self.filters),
            sort=self.sort,
            offset=self.offset if limit else 0,
            limit=limit,
            facets=facets,
            now=self.now if root is not None and not dated else None,
            languages=_languages_asked(root, self.filters),
            budget_s=max(0.0, self.ends_at - monotonic()),
        )


def _answered(
    search: _Search, root: Node | None, typed: Node | None, query: Query, *, relax: bool
) -> tuple[SearchAnswer, Node | None, str | None, str | None]:
    """The answer, the tree it is for, what may have been meant, and what was dropped to find anything."""
    answer = search.ask(root)
    if root is None or typed is None:
        return answer, root, None, None
    meant: str | None = None
    corrections = _corrections(search.backend, _without_other_names(root, answer.unknown), typed)
    if corrections:
        meant = text_of(prepare.replaced(query.root, corrections), sort=query.sort) if query.root else None
        corrected = prepare.corrected(root, corrections)
        if (answer.total == 0 or _is_optional(root)) and not search.is_over():
            again = search.ask(corrected)
            if again.total:
                return again, corrected, meant, None
    dropped: list[str] = []
    left: Node = root
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


def _behind(position: int, end: int) -> list[str]:
    """Say that the index is not what the database is: no hit is not no news."""
    if position >= end:
        return []
    if position == 0:
        return ["The index is empty or of an older version: articles are missing here until it is brought up to date."]
    changes = f"{end - position:,} change{'' if end - position == 1 else 's'}"
    return [f"The index is {changes} behind the archive; the newest articles may be missing here."]


def _corrections(backend: SearchBackend, unknown: Sequence[Leaf], typed: Node) -> dict[Leaf, str]:
    """For every word typed that no document has, the commonest word close to it."""
    asked = {node for node in walk(typed, excluded=False) if isinstance(node, Leaf)}
    found: dict[Leaf, str] = {}
    for leaf in unknown:
        if leaf in asked and prepare.correctable(leaf):
            words = backend.corrections(prepare.words_of(leaf)[0], 1)
            if words:
                found[leaf] = words[0]
    return found


def _without_other_names(root: Node, unknown: Sequence[Leaf]) -> list[Leaf]:
    """The words no document has, but for those of which another name was found: they are no slips."""
    answered = {
        node.node
        for node in walk(root)
        if isinstance(node, Alias) and any(isinstance(other, Leaf) and other not in unknown for other in node.others)
    }
    return [leaf for leaf in unknown if leaf not in answered]


def _is_optional(root: Node) -> bool:
    return isinstance(root, Group) and not root.must


def _frequencies(query: Query, backend: SearchBackend, settings: Settings) -> dict[str, int]:
    """How often the words of a query occur; asked only when there are too many of them."""
    terms = {node for node in walk(query.root) if not isinstance(node, Group | Alias)}
    if len(terms) <= settings.search.max_query_terms:
        return {}
    return backend.frequencies(sorted({word for term in terms for word in prepare.words_of(term)}))


def _resolved(tx: Transaction, query: Query, notes: list[str]) -> Node | None:
    if query.root is None:
        return None

    def ids_of(node: LinkedTo) -> frozenset[int]:
        if node.direction == "story":
            notes.append("Articles are not grouped into stories here; story: finds nothing.")
            return frozenset()
        url = node.target if "://" in node.target else f"https://{node.target}"
        try:
            return ids_linking_to(tx, url) if node.direction == "to" else ids_linked_from(tx, url)
        except ValueError:
            notes.append(f"{node.target!r} is no address; write it as links:https://outlet.example/article.")
            return frozenset()

    def outlet_of(value: str) -> str:
        return (outlet_of_host(tx, value) if "." in value else None) or value.casefold().replace(" ", "_")

    notes += notes_on_names(tx, query.root)
    return prepare.resolved(query.root, ids_of=ids_of, outlet_of=outlet_of)


def _filter_nodes(filters: Filters) -> tuple[Node, ...]:
    kinds = {
        "outlet": filters.outlets,
        "topic": filters.topics,
        "language": filters.languages,
        "author": filters.authors,
        **slugs_asked(filters.names),
    }
    nodes: list[Node] = [
        Group(should=tuple(Term(kind, value) for value in values), any_of=True)
        for kind, values in kinds.items()
        if values
    ]
    if filters.after is not None or filters.before is not None:
        nodes.append(Dates(after=filters.after, before=filters.before))
    return tuple(nodes)


def _languages_asked(root: Node | None, filters: Filters) -> tuple[str, ...]:
    """The languages all hits are in, so that words are stemmed in no other; empty where any language may answer."""
    demanded: list[str] = []
    for node in root.must if isinstance(root, Group) else ():
        sides = node.should if isinstance(node, Group) and node.any_of else (node,)
        values = [side.value for side in sides if isinstance(side, Term) and side.field == "language"]
        demanded += values if len(values) == len(sides) else ()
    return tuple(dict.fromkeys([*filters.languages, *demanded]))


def _outlets_asked(root: Node | None, filters: Filters) -> tuple[str, ...]:
    typed = [node.value for node in walk(root, excluded=False) if isinstance(node, Term) and node.field == "outlet"]
    return tuple(dict.fromkeys([*filters.outlets, *typed]))


def _hit(article: StoredArticle, score: float, root: Node | None) -> Hit:
    """A hit without the text it was made from: pages hold twenty of them."""
    snippet = snippet_html(article.text, root, article.language)
    return Hit(replace(article, text=""), snippet, marked_html(article.title, root, article.language), score)


def _pages(total: int, per_page: int) -> int:
    return max(1, -(-total // per_page))
