"""Working out from articles what is not written in them: each follower reads the change log by a position of its own.

A follower (subjects, stories) takes changed articles in the order of the log, a batch in one transaction together with
its new position: killed at any moment it goes on where it was, and the same log gives the same result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from index.records import StoredArticle
from index.store import Store, Transaction
from index.store.articles import articles_by_id
from index.store.changes import changes_after, last_change
from index.store.followers import follower_state, set_follower_state

BATCH = 100
"""Changes in one transaction: half a second of work, so that no crawl waits longer for its turn to write."""

OnProgress = Callable[[int, int], None]
"""Called with (done, all) after every batch."""


class Follower(Protocol):
    """What keeps something worked out from articles up to date."""

    name: str
    version: str
    """The version of its rules. Where another version read the log before, `begins_anew` decides."""

    begins_anew: bool
    """Whether new rules read the whole log again; False: they hold from now on, and a command works all out anew."""

    def take(self, tx: Transaction, changed: Sequence[StoredArticle], gone: Sequence[int], *, now: datetime) -> None:
        """Take articles in the order they changed, with their texts, and the ids of those no longer held.

        The same article may come again, unchanged too: taking is repeatable.
        """
        ...

    def forget(self) -> None:
        """Drop what is held in memory: another process wrote, or the last transaction did not commit."""
        ...


def follow(
    store: Store,
    followers: Sequence[Follower],
    *,
    now: datetime | None = None,
    progress: OnProgress | None = None,
) -> int:
    """Bring every follower to the end of the change log, one after the other; return how many articles were taken.

    Later followers see all that earlier ones worked out. `now` is the clock of what they write; None: the real one.
    """
    return sum(_bring(store, one, now=now, progress=progress) for one in followers)


def followed_to(tx: Transaction, followers: Sequence[Follower]) -> int:
    """Return the position up to which all followers have read; the end of the log where there is none."""
    positions = [follower_state(tx, one.name)[0] for one in followers]
    return min(positions, default=last_change(tx))


def _bring(store: Store, follower: Follower, *, now: datetime | None, progress: OnProgress | None) -> int:
    taken = 0
    mine: int | None = None  # where this process left the follower
    with store.read() as tx:
        end = last_change(tx)
        start = follower_state(tx, follower.name)[0]
    while True:
        try:
            with store.write() as tx:
                position, version = follower_state(tx, follower.name)
                if version != follower.version and follower.begins_anew:
                    position = 0
                if position != mine:
                    follower.forget()
                changes = changes_after(tx, position, BATCH)
                if not changes:
                    if version != follower.version:
                        set_follower_state(tx, follower.name, position, follower.version)
                    return taken
                ids = list(dict.fromkeys(change.article_id for change in reversed(changes)))[::-1]
                held = articles_by_id(tx, ids, with_text=True)
                changed = [held[article_id] for article_id in ids if article_id in held]
                gone = [article_id for article_id in ids if article_id not in held]
                follower.take(tx, changed, gone, now=now or datetime.now(UTC))
                mine = changes[-1].position
                set_follower_state(tx, follower.name, mine, follower.version)
        except BaseException:
            follower.forget()
            raise
        taken += len(changed)
        if progress is not None and end > start:
            progress(min(mine, end) - start, end - start)
