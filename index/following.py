"""Working out from articles what is not written in them: each follower reads the change log by a position of its own.

A follower (subjects, stories) takes changed articles in the order of the log, and keeps a batch in one transaction
together with its new position: killed at any moment it goes on where it was, and the same log gives the same result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from index.records import Change, StoredArticle
from index.store import Store, Transaction
from index.store.articles import articles_by_id
from index.store.changes import changes_after, last_change, touched_after
from index.store.followers import follower_state, set_follower_state

BATCH = 100
"""Changes in one transaction. What is kept of them is written in some tens of milliseconds, so no crawl waits long."""

OnProgress = Callable[[int, int], None]
"""Called with (done, all) after every batch."""


Keep = Callable[[Transaction], bool]
"""Writes what was worked out. False, and nothing written, where what it rests on was changed since it was read."""


class Follower(Protocol):
    """What keeps something worked out from articles up to date."""

    name: str
    version: str
    """The version of its rules. Where another version read the log before, `begins_anew` decides."""

    begins_anew: bool
    """Whether new rules read the whole log again; False: they hold from now on, and a command works all out anew."""

    def work_out(
        self, tx: Transaction, changed: Sequence[StoredArticle], gone: Sequence[int], *, now: datetime
    ) -> Keep:
        """Work out what is to be kept of articles in the order they changed, with their texts, and of those gone.

        Only reads: others may write meanwhile. The same article may come again, unchanged too.
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
    try:
        while (done := _take(store, follower, mine, now or datetime.now(UTC))) is not None:
            if done.position is None:
                continue  # another process read on meanwhile
            mine = done.position
            taken += done.changed
            if progress is not None and end > start:
                progress(min(mine, end) - start, end - start)
    except BaseException:
        follower.forget()
        raise
    return taken


@dataclass(frozen=True, slots=True)
class _Done:
    position: int | None
    changed: int = 0


def _take(store: Store, follower: Follower, mine: int | None, now: datetime) -> _Done | None:
    """Take a batch and return where it ended, None at the end of the log.

    It is worked out in a transaction that reads, so that a crawl may write meanwhile, and kept in one that writes.
    Where one of its articles was changed or any was removed in between, it is worked out again inside the second.
    """
    with store.read() as tx:
        seen = last_change(tx)
        state = follower_state(tx, follower.name)
        position = 0 if state[1] != follower.version and follower.begins_anew else state[0]
        if position != mine:
            follower.forget()
        changes = changes_after(tx, position, BATCH)
        changed, gone = _articles(tx, changes)
        keep = follower.work_out(tx, changed, gone, now=now) if changes else None
    if keep is None and state[1] == follower.version:
        return None
    with store.write() as tx:
        if follower_state(tx, follower.name) != state:
            follower.forget()
            return _Done(None)
        if keep is None:
            set_follower_state(tx, follower.name, position, follower.version)
            return None
        if touched_after(tx, seen, [change.article_id for change in changes]) or not keep(tx):
            follower.forget()
            changed, gone = _articles(tx, changes)
            kept = follower.work_out(tx, changed, gone, now=now)(tx)
            assert kept, "nobody else writes in this transaction"
        set_follower_state(tx, follower.name, changes[-1].position, follower.version)
    return _Done(changes[-1].position, len(changed))


def _articles(tx: Transaction, changes: Sequence[Change]) -> tuple[list[StoredArticle], list[int]]:
    """Return the articles of changes in their order, each where it changed last, and the ids of those that are gone."""
    ids = list(dict.fromkeys(change.article_id for change in reversed(changes)))[::-1]
    held = articles_by_id(tx, ids, with_text=True)
    return [held[one] for one in ids if one in held], [one for one in ids if one not in held]
