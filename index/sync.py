"""Bringing the index up to the database: by the change log, by a rebuild, and the proof that both are equal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from config.settings import Settings
from index.errors import IndexOutdatedError
from index.followers import all_followers
from index.following import Follower, follow, followed_to
from index.search.backend import IndexDocument, SearchBackend
from index.store import Store
from index.store.changes import all_document_ids, changes_after, documents_for, held, last_change

OnProgress = Callable[[int, int], None]
"""Called with (done, all) after every commit."""

EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync or a rebuild did: documents indexed and removed, and the position the index has now."""

    position: int
    indexed: int
    deleted: int


@dataclass(frozen=True, slots=True)
class Verification:
    """How the index differs from the database. `behind` counts changes not read yet; the lists are ids, at most ten."""

    articles: int
    documents: int
    behind: int
    missing: tuple[int, ...]
    extra: tuple[int, ...]
    stale: tuple[int, ...]
    differences: int

    @property
    def equal(self) -> bool:
        """Whether ids, revisions and position are those of the database."""
        return self.differences == 0 and self.behind == 0


def sync(store: Store, backend: SearchBackend, *, settings: Settings, progress: OnProgress | None = None) -> SyncReport:
    """Read the change log from the index's own position to its end, a commit per batch.

    Killed at any moment it goes on from the last commit; repeated it does nothing. Raises BusyError while another
    process writes the index. What the index holds beside the text (topics, names) is worked out first. When all is
    read, and not before, the engine tidies up what it likes.
    """
    with backend.exclusive():
        followers = all_followers(settings)
        follow(store, followers)
        report = _catch_up(store, backend, settings=settings, progress=progress, followers=followers)
    while backend.tidy():  # which others may write beside
        pass
    return report


def rebuild(
    store: Store, backend: SearchBackend, *, settings: Settings, progress: OnProgress | None = None
) -> SyncReport:
    """Make the index anew from every article held, beside the old one, switch, then catch up.

    Searches are answered by the old index until the switch; a failure leaves it in force.
    """
    with backend.exclusive():
        followers = all_followers(settings)
        follow(store, followers)
        with store.read() as tx:
            position = followed_to(tx, followers)
        indexed = 0

        def batches() -> Iterator[tuple[Sequence[IndexDocument], int]]:
            nonlocal indexed
            total = _count(store)
            yield (), 0
            for documents in _all_documents(store, settings.search.batch_documents):
                indexed += len(documents)
                # The position is written with the last batch alone: a half-filled index must not claim it.
                yield documents, 0
                if progress is not None:
                    progress(indexed, total)
            yield (), position

        backend.rebuild(batches())
        caught_up = _catch_up(store, backend, settings=settings, progress=None, followers=followers)
    return SyncReport(caught_up.position, indexed + caught_up.indexed, caught_up.deleted)


def verify(store: Store, backend: SearchBackend) -> Verification:
    """Compare ids, revisions and position of index and database; both are read as they are at this moment."""
    position = backend.position()
    indexed: dict[int, int] = {}
    twice: list[int] = []
    for article_id, revision in backend.contents():
        if article_id in indexed:
            twice.append(article_id)
        indexed[article_id] = revision
    with store.read() as tx:
        behind = last_change(tx) - position
        truth = dict(held(tx))
    missing = sorted(truth.keys() - indexed.keys())
    extra = sorted({*(indexed.keys() - truth.keys()), *twice})
    stale = sorted(key for key in truth.keys() & indexed.keys() if truth[key] != indexed[key])
    return Verification(
        articles=len(truth),
        documents=len(indexed) + len(twice),
        behind=behind,
        missing=tuple(missing[:EXAMPLES]),
        extra=tuple(extra[:EXAMPLES]),
        stale=tuple(stale[:EXAMPLES]),
        differences=len(missing) + len(extra) + len(stale),
    )


def _catch_up(
    store: Store,
    backend: SearchBackend,
    *,
    settings: Settings,
    progress: OnProgress | None,
    followers: Sequence[Follower],
) -> SyncReport:
    """Read on to where the followers have read: a change they have not seen yet would be indexed half."""
    try:
        position = backend.position()
    except IndexOutdatedError:
        return rebuild(store, backend, settings=settings, progress=progress)
    indexed = removed = 0
    with store.read() as tx:
        end = last_change(tx)
    start = position
    if position > end or (position == 0 and backend.count()):
        # A database restored from a backup is older than its index: only a rebuild can tell what is gone. An index of
        # an older version answers until the new one is whole.
        return rebuild(store, backend, settings=settings, progress=progress)
    while True:
        with store.read() as tx:
            ready = followed_to(tx, followers)
            changes = changes_after(tx, position, settings.search.batch_documents, until=ready)
            ids = {change.article_id for change in changes}
            documents = documents_for(tx, ids)
        if not changes:
            return SyncReport(position, indexed, removed)
        gone = sorted(ids - {document.article_id for document in documents})
        position = changes[-1].position
        backend.apply(documents, gone, position)
        indexed += len(documents)
        removed += len(gone)
        if progress is not None:
            progress(position - start, max(end, position) - start)


def _all_documents(store: Store, size: int) -> Iterator[list[IndexDocument]]:
    after = 0
    while True:
        with store.read() as tx:
            ids = all_document_ids(tx, after, size)
            documents = documents_for(tx, ids)
        if not ids:
            return
        after = ids[-1]
        yield documents


def _count(store: Store) -> int:
    from index.store.articles import count_articles

    with store.read() as tx:
        return count_articles(tx)
