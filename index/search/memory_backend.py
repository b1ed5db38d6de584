"""The reference engine: SearchBackend in plain Python, to be read, and to check other engines against.

It keeps everything in memory and nothing on disk; what it answers is what every engine has to answer.
"""

from __future__ import annotations

import threading
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from datetime import time as clock

from config.counting import counted
from config.settings import DEFAULTS_FILE, SearchSettings
from index.errors import BusyError
from index.search.analysis import fold, tokens
from index.search.backend import IndexDocument, SearchAnswer, SearchRequest, cut_after
from index.search.fields import NAMES, TEXT_EXACT, TITLE_EXACT
from index.search.lookups import lookup_of, word_typed
from index.search.memory_postings import Postings, words_of
from index.search.nearness import CANDIDATES, Pair, fields_of, forms_of, pairs_of
from index.search.query import Alias, Dates, Group, Ids, Leaf, LinkedTo, Node, Phrase, Prefix, Term, Word
from index.search.scoring import (
    alias_scores,
    closeness,
    emphasis,
    group_score,
    idf,
    leaf_score,
    nearness_factor,
    recency_factor,
)
from index.search.spelling import corrections_of


class MemoryBackend:
    """SearchBackend over dictionaries."""

    name = "memory"

    def __init__(self, *, settings: SearchSettings | None = None) -> None:
        """Start empty, with the limits of `settings` or else the defaults."""
        self.settings = settings or _default_settings()
        self._postings = Postings()
        self._position = 0
        self._reading = threading.RLock()
        self._writing = threading.RLock()
        self._rebuilding = False

    def position(self) -> int:
        """Return the position of the last `apply`."""
        return self._position

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the writer's lock; the thread that has it may enter again. Raises BusyError while another has it."""
        if not self._writing.acquire(blocking=False):
            raise BusyError("The index is being written by another thread; try again when it is done.")
        try:
            yield
        finally:
            self._writing.release()

    def apply(self, documents: Sequence[IndexDocument], deleted: Sequence[int], position: int) -> None:
        """Add, replace and remove, all or nothing. Of a repeated id the last counts."""
        if self._rebuilding:
            raise BusyError("The index is being rebuilt; try again when it is done.")
        with self.exclusive():
            ready = [words_of(document) for document in documents]
            with self._reading:
                for article_id in deleted:
                    self._postings.remove(article_id)
                for held in ready:
                    self._postings.add(held)
                self._position = position

    def search(self, request: SearchRequest) -> SearchAnswer:
        """Answer a request."""
        with self._reading:
            return _Search(self._postings, self.settings, request).answer()

    def frequencies(self, words: Sequence[str]) -> dict[str, int]:
        """Return for each word as typed in how many documents it is."""
        with self._reading:
            languages = tuple(sorted(+self._postings.languages))
            most = self.settings.max_prefix_words
            found = {word: self._postings.weights(lookup_of(word_typed(word), languages), most)[0] for word in words}
            return {word: len(weights) for word, weights in found.items()}

    def corrections(self, word: str, limit: int = 3) -> list[str]:
        """Return words of the index close to `word`, commonest first."""
        with self._reading:
            places = self._postings.places[TEXT_EXACT]
            return corrections_of(
                fold(word),
                held=lambda edits: {edit: len(places[edit]) for edit in edits if edit in places},
                beginning=lambda letters: {
                    one: len(places[one]) for one in self._postings.beginning_with(TEXT_EXACT, letters)
                },
                limit=limit,
            )

    def suggest(self, prefix: str, limit: int = 8) -> list[str]:
        """Return completions of the last word of `prefix` from words of titles, commonest first."""
        words = tokens(prefix)
        if not words or len(words[-1]) < 2:
            return []
        with self._reading:
            found = self._postings.beginning_with(TITLE_EXACT, words[-1])[:limit]
        return [" ".join([*prefix.split()[:-1], word]) for word in found]

    def contents(self) -> Iterator[tuple[int, int]]:
        """Yield (article id, revision) of every document."""
        with self._reading:
            held = [(article_id, held.document.revision) for article_id, held in self._postings.held.items()]
        yield from held

    def count(self) -> int:
        """Return how many documents are held."""
        return len(self._postings.held)

    def rebuild(self, batches: Iterable[tuple[Sequence[IndexDocument], int]]) -> None:
        """Fill new postings beside the old, then switch to them."""
        with self.exclusive():
            fresh, reached = Postings(), 0
            self._rebuilding = True
            try:
                for documents, position in batches:
                    for document in documents:
                        fresh.add(words_of(document))
                    reached = position
            finally:
                self._rebuilding = False
            with self._reading:
                self._postings, self._position = fresh, reached

    def tidy(self) -> bool:
        """Say that there is nothing to do."""
        return False

    def purge(self) -> None:
        """Do nothing: what was removed is nowhere."""

    def close(self) -> None:
        """Keep everything: there is no file or lock to release."""


class _Search:
    """One request. Every node becomes the articles it matches with their scores."""

    def __init__(self, postings: Postings, settings: SearchSettings, request: SearchRequest) -> None:
        self.postings = postings
        self.settings = settings
        self.request = request
        self.languages = request.languages or tuple(sorted(+postings.languages))
        self.ends_at = time.thread_time() + (settings.budget_s if request.budget_s is None else request.budget_s)
        self.cut = ""
        self.unknown: dict[Leaf, None] = {}
        self.inverse: dict[Leaf, float] = {}

    def answer(self) -> SearchAnswer:
        """Match, filter, order, count."""
        request = self.request
        scores = self._everything() if request.root is None else self._match(request.root)
        for node in request.filters:
            allowed = self._match(node)
            scores = {article_id: score for article_id, score in scores.items() if article_id in allowed}
        if request.now is not None and request.sort == "relevance":
            weight = self.settings.recency_weight
            for article_id in scores:
                scores[article_id] *= recency_factor(self._document(article_id).sort_at, request.now, weight)
        order = sorted(scores, key=lambda article_id: self._place(article_id, scores[article_id]))
        if request.sort == "relevance":
            scores.update(self._with_nearness(order[:CANDIDATES], scores))
            order.sort(key=lambda article_id: self._place(article_id, scores[article_id]))
        page = order[request.offset : request.offset + request.limit]
        return SearchAnswer(
            total=len(scores),
            hits=tuple((article_id, scores[article_id]) for article_id in page),
            facets={name: self._facet(name, scores) for name in request.facets},
            cut=self.cut,
            unknown=tuple(self.unknown),
        )

    def _with_nearness(self, article_ids: Sequence[int], scores: dict[int, float]) -> dict[int, float]:
        """The scores of the best candidates with what they gain by neighbouring words that stand close together."""
        pairs = [pair for pair in pairs_of(self.request.root) if all(word in self.inverse for word in pair)]
        return {
            article_id: scores[article_id] * nearness_factor([self._gain(pair, article_id) for pair in pairs])
            for article_id in article_ids
        }

    def _gain(self, pair: Pair, article_id: int) -> tuple[float, float]:
        some, others = forms_of(pair[0]), forms_of(pair[1])
        distances = [self.postings.distance(name, some, others, article_id) for name in fields_of(pair)]
        return min(self.inverse[word] for word in pair), max(map(closeness, distances))

    def _place(self, article_id: int, score: float) -> tuple[float, float, int]:
        moment = self._document(article_id).sort_at.timestamp()
        if self.request.sort == "oldest":
            return (0.0, moment, article_id)
        return (0.0 if self.request.sort == "newest" else -round(score, 9), -moment, -article_id)

    def _match(self, node: Node) -> dict[int, float]:
        match node:
            case Word() | Phrase() | Prefix():
                return self._leaf(node)
            case Group():
                return self._group(node)
            case Alias():
                return self._alias(node)
            case Term(field, value):
                return self._those(lambda document: value in values_of(document, field))
            case Dates():
                return self._those(lambda document: _is_within(node, document.sort_at))
            case Ids(ids):
                return self._those(lambda document: document.article_id in ids)
            case LinkedTo(direction, target):
                raise ValueError(f"{direction} {target}: links are resolved before an engine is asked")

    def _leaf(self, leaf: Leaf) -> dict[int, float]:
        if time.thread_time() >= self.ends_at:
            self.cut = cut_after(self.settings.budget_s)
            return {}
        weights, cut = self.postings.weights(lookup_of(leaf, self.languages), self.settings.max_prefix_words)
        if cut and isinstance(leaf, Prefix):
            most = self.settings.max_prefix_words
            self.cut = f"{leaf.text}* stands for more than {counted(most, 'word')}; the commonest were searched."
        if not weights:
            self.unknown[leaf] = None
        inverse = self.inverse[leaf] = idf(len(self.postings.held), len(weights))
        share = emphasis(leaf)
        return {article_id: share * leaf_score(weight, inverse) for article_id, weight in weights.items()}

    def _group(self, group: Group) -> dict[int, float]:
        must, should = [self._match(node) for node in group.must], [self._match(node) for node in group.should]
        if must:
            matching = set(must[0]).intersection(*must[1:])
        elif should:
            matching = set().union(*should)
        else:
            matching = set(self.postings.held)
        matching = matching.difference(*(self._match(node) for node in group.must_not))
        ranked = [
            found for node, found in zip((*group.must, *group.should), (*must, *should), strict=True) if is_ranked(node)
        ]
        return {
            article_id: group_score([found[article_id] for found in ranked if article_id in found], len(ranked))
            for article_id in matching
        }

    def _alias(self, node: Alias) -> dict[int, float]:
        return alias_scores(self._match(node.node), [self._match(other) for other in node.others], node.weight)

    def _those(self, test: Callable[[IndexDocument], bool]) -> dict[int, float]:
        return {article_id: 0.0 for article_id, held in self.postings.held.items() if test(held.document)}

    def _everything(self) -> dict[int, float]:
        return dict.fromkeys(self.postings.held, 0.0)

    def _document(self, article_id: int) -> IndexDocument:
        return self.postings.held[article_id].document

    def _facet(self, name: str, article_ids: Iterable[int]) -> tuple[tuple[str, int], ...]:
        counts = Counter(value for key in article_ids for value in dict.fromkeys(values_of(self._document(key), name)))
        return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def values_of(document: IndexDocument, field: str) -> tuple[str, ...]:
    """Return a document's values of a keyword field or facet."""
    match field:
        case "outlet":
            return (document.outlet,)
        case "language":
            return (document.language,) if document.language else ()
        case "topic":
            return document.topics
        case "author":
            return document.authors
        case "month":
            return (f"{document.sort_at.year:04d}-{document.sort_at.month:02d}",)
        case kind if kind in NAMES:
            return tuple(slug for own, slug in document.names if own == kind)
        case _:
            raise KeyError(field)


def is_ranked(node: Node) -> bool:
    """Say whether a node's score means anything: words do, groups and aliases of words do, filters do not."""
    match node:
        case Word() | Phrase() | Prefix() | Alias():
            return True
        case Group():
            return any(map(is_ranked, (*node.must, *node.should)))
        case _:
            return False


def _is_within(dates: Dates, moment: datetime) -> bool:
    after, before = _midnight(dates.after), _midnight(dates.before)
    return (after is None or moment >= after) and (before is None or moment < before)


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, clock(), UTC)


def _default_settings() -> SearchSettings:
    return SearchSettings.model_validate(tomllib.loads(DEFAULTS_FILE.read_text(encoding="utf-8"))["search"])
