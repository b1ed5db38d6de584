"""What every engine offers. Values in, values out; no engine type crosses this border."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from index.search.query import Leaf, Node

FACETS = ("outlet", "topic", "country", "person", "language", "author", "month")


@dataclass(frozen=True, slots=True)
class IndexDocument:
    """What of an article is indexed. `sort_at` is aware UTC; the text itself is never stored in the index."""

    article_id: int
    revision: int
    outlet: str
    language: str
    title: str
    text: str
    authors: tuple[str, ...]
    topics: tuple[str, ...]
    sort_at: datetime
    names: tuple[tuple[str, str], ...] = ()  # (kind, slug), kinds of fields.NAMES


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One question to an engine. `root` holds no LinkedTo (the caller made them Ids). `filters` is ANDed, unscored."""

    root: Node | None
    filters: tuple[Node, ...] = ()
    sort: str = "relevance"  # relevance, newest, oldest
    offset: int = 0
    limit: int = 20
    facets: tuple[str, ...] = ()  # of FACETS
    now: datetime | None = None  # set: fresh articles gain (recency); None: no such gain
    languages: tuple[str, ...] = ()  # stem query words in these languages; empty: all languages in the index
    budget_s: float | None = None  # what is left of the budget of the settings, where others were asked before


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """`total` counts all matches. `facets` maps name -> (value, count), most first. `cut` says what was left out.

    `unknown` are the words, phrases and beginnings of the question that no document has.
    """

    total: int
    hits: tuple[tuple[int, float], ...]  # (article id, score), best first; ties by newest, then id descending
    facets: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    cut: str = ""
    unknown: tuple[Leaf, ...] = ()


def cut_after(budget_s: float) -> str:
    """Return the sentence about a search that ran out of its budget."""
    return f"The search was cut after {budget_s:g} s; the last words were not looked up."


class SearchBackend(Protocol):
    """An engine. `apply` is atomic and the only way in; at most one writer, a second one gets BusyError."""

    name: str

    def position(self) -> int:
        """The change-log position committed with the documents; 0 for an empty index."""
        ...

    def exclusive(self) -> AbstractContextManager[None]:
        """Hold the writer's lock over several `apply`; may be entered again. BusyError while another process has it."""
        ...

    def apply(self, documents: Sequence[IndexDocument], deleted: Sequence[int], position: int) -> None:
        """Add or replace `documents` by article id, remove `deleted`, and commit all with `position`. Repeatable."""
        ...

    def search(self, request: SearchRequest) -> SearchAnswer:
        """Answer within the bounds of the settings; safe from several threads at once."""
        ...

    def frequencies(self, words: Sequence[str]) -> dict[str, int]:
        """For each word as typed, in how many documents it (stemmed or exact) occurs."""
        ...

    def corrections(self, word: str, limit: int = 3) -> list[str]:
        """Words of the index close to `word`, commonest first; for did-you-mean."""
        ...

    def suggest(self, prefix: str, limit: int = 8) -> list[str]:
        """Completions of the last word of `prefix` from title words, commonest first."""
        ...

    def contents(self) -> Iterator[tuple[int, int]]:
        """Every (article id, revision) held; for verify."""
        ...

    def count(self) -> int:
        """Documents held."""
        ...

    def rebuild(self, batches: Iterable[tuple[Sequence[IndexDocument], int]]) -> None:
        """Fill a new generation beside the old from (documents, position) batches, switch atomically, drop the old.

        Searches go on from the old one until the switch; a failure leaves the old one in force.
        """
        ...

    def tidy(self) -> bool:
        """Do a step of upkeep that makes searches faster and need not happen in a commit; say if there was any.

        For whoever has nothing else to do: others search and write meanwhile.
        """
        ...

    def purge(self) -> None:
        """Write anew whatever still holds words of removed documents, so that no file has them any more.

        Others may search meanwhile. Raises BusyError while another process writes or merges, and does not end.
        """
        ...

    def close(self) -> None:
        """Release files and locks."""
        ...
