"""Where a run's knowledge of hosts meets the store: what is known at its start, turns as it asks, notes at its beats.

A look-up works in a store of its own that is thrown away; its turns are still taken where the archive's crawls take
theirs, so that the pace holds between the two.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from config.errors import WatchfloorError
from config.outlets import OutletSpec
from config.settings import Settings
from crawler.network.pace import Paces
from index.host_records import Breaker, HostNotes, HostState, Rest, RobotsChange
from index.store import Store, Transaction, open_store
from index.store.hosts import note_hosts, note_robots_change, states_of
from index.store.turns import hold_host, take_turn

log = logging.getLogger(__name__)


@dataclass(slots=True)
class HostKeeping:
    """The hosts of one run. It is one of the turns that `Paces` takes."""

    store: Store
    shared: Store  # whose turns count; the run's own store but for a look-up
    run_id: int
    known: Mapping[str, HostState]
    opened_at: datetime
    paces: Paces | None = None
    _said: list[HostNotes] = field(default_factory=list)

    @classmethod
    def open(
        cls, store: Store, settings: Settings, spec: OutletSpec, *, run_id: int, turns_in: str, now: datetime
    ) -> HostKeeping:
        """Read what is known of an outlet's hosts. `turns_in` is the database of the turns; "" the run's own."""
        shared = store
        if turns_in and turns_in != settings.database_url:
            database = settings.database.model_copy(update={"url": turns_in})
            shared = open_store(settings.model_copy(update={"database": database}))
        with shared.read() as tx:
            known = states_of(tx, spec.all_hosts)
        return cls(store, shared, run_id, known, now)

    def watch(self, paces: Paces) -> None:
        """Keep what these paces see from now on, and let them take their turns here."""
        self.paces = paces
        paces.known, paces.known_at, paces.shared = self.known, self.opened_at, self

    def take(self, host: str, gap_s: float) -> float:
        """Take the turn to ask a host and return 0, or return the seconds to wait before trying again."""
        with self.shared.write() as tx:
            return take_turn(tx, host, gap_s=gap_s)

    def hold(self, host: str, rest: Rest) -> None:
        """Let no process ask a host for a while."""
        with self.shared.write() as tx:
            hold_host(tx, host, rest)

    def keep(self, tx: Transaction, *, now: datetime) -> None:
        """Write what is to be said of the hosts asked so far, in an open transaction of the run's store.

        A look-up says it where its turns are: what it asked, the archive asked.
        """
        if self.paces is None:
            return
        self._said, changes = self.paces.tally.notes(self.paces)
        if self.shared is self.store:
            _note(tx, self._said, changes, run_id=self.run_id, now=now)
            return
        try:
            with self.shared.write() as theirs:
                _note(theirs, [_at_its_end(one) for one in self._said], changes, run_id=None, now=now)
        except WatchfloorError as error:
            log.warning("what was asked is not told to the archive: %s", error)

    def kept(self) -> None:
        """Take note that what `keep` wrote last is committed."""
        if self.paces is not None:
            self.paces.tally.kept(self._said)
        self._said = []

    def close(self) -> None:
        """Close the store of the turns, where it is another than the run's."""
        if self.shared is not self.store:
            self.shared.close()


def _at_its_end(note: HostNotes) -> HostNotes:
    """What a look-up gave up on is tried again by whoever comes next: no end of a run will say so."""
    if note.state.breaker is not Breaker.OPEN:
        return note
    return replace(note, state=replace(note.state, breaker=Breaker.HALF_OPEN))


def _note(
    tx: Transaction,
    notes: Iterable[HostNotes],
    changes: Iterable[RobotsChange],
    *,
    run_id: int | None,
    now: datetime,
) -> None:
    note_hosts(tx, notes, run_id=run_id, now=now)
    for change in changes:
        note_robots_change(tx, change)
