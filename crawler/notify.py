"""The one sender of alerts. The scheduler lets it look every minute; an indexer does while there is no scheduler.

A look reads the facts and keeps what is to be told, then sends what is due. What is due is taken under a lease before
it is sent, so that of several senders one sends it. A sender that dies between sending and writing that down makes its
message come once more when the lease is over: the same message, with the same id.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.errors import WatchfloorError
from config.settings import Settings
from crawler.stopping import Stop
from crawler.telling.channels import Channel, channels_of
from crawler.worker import Clock, utc_now
from index.alerts.deciding import Step, decide, next_try
from index.alerts.records import Due, Message, Part, Said
from index.alerts.storms import with_storm
from index.alerts.terms import terms_of
from index.alerts.troubles import troubles_of
from index.alerts.wording import message_of
from index.store import Store, Transaction, open_store
from index.store.alert_facts import gather_facts
from index.store.alerts import (
    channels_that_know,
    claim_due,
    drop_untold,
    forget_alert,
    keep_alert,
    note_failed,
    note_told,
    open_alerts,
    tell_on,
    told_last_at,
)
from index.store.beats import list_beats

log = logging.getLogger(__name__)

LOOK_EVERY_S = 60.0
SHORTEST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 300.0
END_GRACE_S = 5.0


@dataclass(slots=True)
class Notifier:
    """Looks, and tells. `sender` is the name of this machine in messages."""

    settings: Settings
    store: Store
    channels: Sequence[Channel]
    clock: Clock = utc_now
    sender: str = ""

    def look(self) -> None:
        """Bring the alerts to what the facts say, then send what is due."""
        self.take_stock()
        for channel in self.channels:
            self.send_due(channel)

    def take_stock(self) -> None:
        """Keep what is wrong now and what is to be told of it. Nothing is sent here."""
        terms, now = terms_of(self.settings.alerts), self.clock()
        with self.store.read() as tx:
            facts = gather_facts(tx, states=terms.states, since=now - terms.flap_within, now=now)
        names = [channel.name for channel in self.channels]
        with self.store.write() as tx:
            held = open_alerts(tx)
            troubles = with_storm(troubles_of(facts, terms, now), facts.outlets, held, terms, now)
            known = {alert.id: alert for alert in held}
            for step in decide(held, troubles, terms, now):
                if step.alert != known.get(step.alert.id) or step.tell is not None or step.forget:
                    keep_step(tx, step, names, now=now)

    def send_due(self, channel: Channel) -> None:
        """Send what is due on one channel as one message, unless the last one is not long enough ago."""
        terms, now = terms_of(self.settings.alerts), self.clock()
        with self.store.read() as tx:
            last = told_last_at(tx, channel.name)
        if last is not None and timedelta(0) <= now - last < terms.gather:
            return
        lease = timedelta(seconds=3 * self.settings.alerts.timeout_s + 30)
        with self.store.write() as tx:
            due = claim_due(tx, channel.name, now=now, lease=lease)
        if not due:
            return
        site = self.settings.alerts.site_url
        message = message_of(due, now, sender=self.sender or socket.gethostname(), site=site)
        self._send(channel, message, due)

    def _send(self, channel: Channel, message: Message, due: Sequence[Due]) -> None:
        try:
            note = channel.send(message)
        except WatchfloorError as error:
            log.warning("alert not taken: %s", error, extra={"channel": channel.name, "alerts": len(due)})
            now = self.clock()
            with self.store.write() as tx:
                for one in due:
                    again_at = next_try(one.telling.attempts, one.telling.made_at, now)
                    note_failed(tx, one, error=str(error), again_at=again_at, now=now)
            return
        log.info("alert sent", extra={"channel": channel.name, "subject": message.subject, "message_id": message.id})
        if note:
            log.warning("alert not taken by all: %s", note, extra={"channel": channel.name})
        with self.store.write() as tx:
            note_told(tx, due, now=self.clock())


def keep_step(tx: Transaction, step: Step, channels: Collection[str], *, now: datetime) -> None:
    """Write what was decided of one alert. Its end is told where its beginning was."""
    if step.forget:
        forget_alert(tx, step.alert.id)
        return
    kept = keep_alert(tx, step.alert)
    if kept.ended_at is not None:
        drop_untold(tx, kept.id, now=now)
    if step.tell is Said.OVER:
        tell_on(tx, kept.id, Said.OVER, channels_that_know(tx, kept.id) & set(channels), now=now)
    elif step.tell is not None:
        tell_on(tx, kept.id, step.tell, channels, now=now)


@contextmanager
def notifying(settings: Settings, stop: Stop, *, stand_in: bool = False) -> Iterator[None]:
    """Look every minute in a thread of its own while the block runs: a slow mail server holds up no schedule.

    `stand_in`: only while no scheduler gives a sign of life. What is looked at is kept even without a channel.
    """
    thread = threading.Thread(target=_work, args=(settings, stop, stand_in), name="alerts", daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join(END_GRACE_S)  # it may be waiting for a server; what it took comes again with the next start


def _work(settings: Settings, stop: Stop, stand_in: bool) -> None:
    channels = channels_of(settings)
    store: Store | None = None
    pause_s = LOOK_EVERY_S
    try:
        while not stop.wait(pause_s):
            started = time.monotonic()
            try:
                store = store or open_store(settings)
                if not stand_in or not has_scheduler(store, settings, utc_now()):
                    Notifier(settings, store, channels).look()
                pause_s = max(SHORTEST_PAUSE_S, LOOK_EVERY_S - (time.monotonic() - started))
            except WatchfloorError as error:
                log.warning("alerts not looked at: %s", error)
                pause_s = min(LONGEST_PAUSE_S, pause_s * 2)
            except Exception:
                log.exception("alerts not looked at")  # the schedules must go on, and the next look may do
                pause_s = LONGEST_PAUSE_S
    finally:
        if store is not None:
            store.close()


def has_scheduler(store: Store, settings: Settings, now: datetime) -> bool:
    """Say whether a scheduler has given a sign of life of late."""
    silent = terms_of(settings.alerts).silent
    with store.read() as tx:
        beats = list_beats(tx)
    return any(one.part is Part.SCHEDULER and one.ended_at is None and now - one.at <= silent for one in beats)
