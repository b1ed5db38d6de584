"""The sender over a clock that tests turn: told once, told once when it is over, and nothing in between."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from config.settings import Settings
from crawler.notify import Notifier, has_scheduler, notifying
from crawler.pulse import Pulse
from crawler.stopping import Stop
from crawler.telling.channels import ChannelError
from crawler.worker import utc_now
from index.alerts.records import Beat, Message, Part
from index.health.records import HealthState
from index.job_records import Cause, JobState, Wish
from index.store import opened_store
from index.store.alerts import count_unsent, list_alerts
from index.store.beats import list_beats, note_beat
from index.store.health import set_health
from index.store.jobs import add_job, claim_job, end_job
from index.store.runs import finish_run, start_run
from tests.crawler.telling.servers import webhook_receiver
from tests.factories import an_article, register, save
from tests.index.alerts.making import a_health

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@dataclass
class Mailbox:
    """A channel that keeps what it is sent, and refuses while it is told to."""

    name: str = "mail"
    target: str = "ann@watch.example"
    refusal: str = ""
    sent: list[Message] = field(default_factory=list)

    def send(self, message):
        if self.refusal:
            raise ChannelError(self.refusal)
        self.sent.append(message)
        return ""

    @property
    def subjects(self):
        return [message.subject.removeprefix("Watchfloor: ") for message in self.sent]


@dataclass
class Watch:
    """An archive with its sender, and a clock."""

    store: object
    settings: Settings
    now: object
    box: Mailbox = field(default_factory=Mailbox)
    more: list[Mailbox] = field(default_factory=list)

    def judge(self, outlet, state, sentence="So it is."):
        with self.store.write() as tx:
            set_health(tx, a_health(outlet, HealthState(state), self.now, sentence=sentence))

    def wait(self, minutes=0, look=True):
        """Let time pass, and look once at its end."""
        self.now += minutes * MINUTE
        if look:
            self.notifier().look()

    def notifier(self):
        return Notifier(self.settings, self.store, [self.box, *self.more], lambda: self.now, "one")

    def kept(self):
        with self.store.read() as tx:
            return list_alerts(tx)


@pytest.fixture
def watch(store, database_settings, now):
    return Watch(store, database_settings, now)


def test_a_rehearsal_one_message_when_it_breaks_none_for_fifty_bad_runs_one_when_it_is_over(watch):
    watch.judge("gazette", "healthy")
    watch.wait(30)
    watch.judge("gazette", "broken", "Its pages have another layout.")
    for _ in range(15):
        watch.wait(1)
    assert watch.box.subjects == ["gazette is broken"]
    for number in range(50):
        watch.judge("gazette", ("broken", "blocked")[number % 2], f"Bad run {number}.")
        for _ in range(3):
            watch.wait(10)
    assert len(watch.box.sent) == 1
    watch.judge("gazette", "healthy")
    for _ in range(15):
        watch.wait(1)
    assert watch.box.subjects == ["gazette is broken", "gazette works again"]
    watch.wait(24 * 60)
    assert len(watch.box.sent) == 2


def test_an_outlet_that_swings_between_broken_and_degraded_is_told_once_until_it_is_well(watch):
    watch.judge("gazette", "healthy")
    for number in range(12):
        watch.judge("gazette", ("broken", "degraded")[number % 2], f"So few as {number}.")
        for _ in range(6):
            watch.wait(20)
    assert watch.box.subjects == ["gazette is broken"]
    watch.judge("gazette", "healthy")
    for _ in range(15):
        watch.wait(1)
    assert watch.box.subjects == ["gazette is broken", "gazette works again"]


def test_a_break_that_is_mended_before_it_was_told_is_told_as_neither(watch):
    watch.judge("gazette", "broken")
    watch.wait(5)
    watch.judge("gazette", "healthy")
    watch.wait(20)
    assert (watch.box.sent, watch.kept()) == ([], [])


def test_several_breaks_at_one_time_are_one_message(watch):
    for name in ("a", "b", "c"):
        watch.judge(name, "broken")
    watch.wait(10)
    assert watch.box.subjects == ["3 broken (a, b, c)"]


def test_what_comes_soon_after_a_message_is_gathered_for_the_next(watch):
    watch.judge("a", "broken")
    watch.wait(2)
    watch.judge("b", "broken")
    watch.wait(1)
    watch.judge("c", "broken")
    for _ in range(20):
        watch.wait(1)
    assert watch.box.subjects == ["a is broken", "2 broken (b, c)"]


def test_an_outlet_that_comes_and_goes_is_told_so_once(watch):
    for number in range(40):
        watch.judge("gazette", ("broken", "healthy")[number % 2])
        watch.wait(6)
        watch.wait(6)
    told = ["gazette is broken", "gazette breaks and comes back, again and again"]
    assert watch.box.subjects == told
    watch.wait(24 * 60)
    watch.wait(10)
    assert watch.box.subjects == [*told, "gazette works again"]


def test_when_most_outlets_break_at_once_one_message_says_so_and_one_its_end(watch):
    names = [f"o{number:02}" for number in range(30)]
    for name in names:
        watch.judge(name, "broken")
    for _ in range(60):
        watch.wait(1)
    assert watch.box.subjects == ["30 outlets broke at once"]
    for name in names[:29]:
        watch.judge(name, "healthy")
    for _ in range(30):
        watch.wait(1)
    assert watch.box.subjects[1:] == ["o29 is broken", "the wave of breaks is over"]


def test_what_is_sent_is_logged_with_the_id_of_its_message(watch, caplog):
    with caplog.at_level("INFO", "crawler.notify"):
        watch.judge("gazette", "broken")
        watch.wait(10)
    (sent,) = [record for record in caplog.records if record.getMessage() == "alert sent"]
    assert (sent.message_id, sent.channel) == (watch.box.sent[0].id, "mail")
    assert watch.kept()[0].tellings[0].told_at == watch.now


def test_a_server_that_refuses_is_asked_again_later_and_told_then(watch):
    watch.box.refusal = "mail.example: the mail was not taken (no answer in time)."
    watch.judge("gazette", "broken")
    watch.wait(10)
    (told,) = watch.kept()
    assert (told.tellings[0].attempts, told.tellings[0].last_error) == (1, watch.box.refusal)
    watch.box.refusal = ""
    watch.wait(0)
    assert watch.box.sent == []
    watch.wait(1)
    assert watch.box.subjects == ["gazette is broken"]


def test_a_channel_that_never_heard_of_a_break_hears_nothing_of_its_end(watch):
    deaf = Mailbox(name="webhook", refusal="hook.example does not take the message: it answers 500.")
    watch.more.append(deaf)
    watch.judge("gazette", "broken")
    watch.wait(10)
    watch.judge("gazette", "healthy")
    deaf.refusal = ""
    watch.settings = watch.settings.model_copy(
        update={"alerts": watch.settings.alerts.model_copy(update={"settle_min": 0})}
    )
    watch.notifier().take_stock()
    watch.wait(10)
    assert watch.box.subjects == ["gazette is broken", "gazette works again"]
    assert deaf.sent == []


def test_a_sender_that_died_before_writing_makes_its_message_come_once_more(watch):
    watch.judge("gazette", "broken")
    watch.wait(10, look=False)
    watch.notifier().take_stock()

    class Dies(Mailbox):
        def send(self, message):
            super().send(message)
            raise KeyboardInterrupt

    dying = Dies()
    with pytest.raises(KeyboardInterrupt):
        watch.notifier().send_due(dying)
    watch.wait(1)
    assert watch.box.sent == []
    watch.wait(5)
    watch.wait(60)
    assert [message.id for message in watch.box.sent] == [message.id for message in dying.sent]


def test_two_senders_send_it_once(watch):
    watch.judge("gazette", "broken")
    watch.wait(10, look=False)
    watch.notifier().take_stock()
    other = watch.notifier()

    class Meanwhile(Mailbox):
        def send(self, message):
            other.look()
            return super().send(message)

    slow = Meanwhile()
    watch.notifier().send_due(slow)
    assert (len(slow.sent), watch.box.sent) == (1, [])


def test_a_paused_outlet_is_not_told_to_work_again(watch):
    watch.judge("gazette", "broken")
    watch.wait(10)
    watch.judge("gazette", "paused")
    watch.wait(30)
    assert watch.box.subjects == ["gazette is broken"]
    assert watch.kept()[0].alert.ended_at is not None


def test_a_job_given_up_is_told_and_its_end_when_a_later_one_is_done(watch, store):
    with store.write() as tx:
        job = add_job(tx, Wish("gazette"), by="ann", now=watch.now)
        claim = claim_job(tx, worker="w", now=watch.now, lease=HOUR)
        end_job(tx, claim.job, JobState.FAILED, cause=Cause.CONNECTION, reason="Not reached.", now=watch.now)
    watch.wait(10)
    assert watch.box.subjects == ["gazette was given up"]
    assert f"Job {job.id} was given up: Not reached." in watch.box.sent[0].text
    with store.write() as tx:
        add_job(tx, Wish("gazette"), by="ann", now=watch.now)
        claim = claim_job(tx, worker="w", now=watch.now, lease=HOUR)
        end_job(tx, claim.job, JobState.DONE, cause=None, reason="", now=watch.now)
    watch.wait(1)
    watch.wait(10)
    assert watch.box.subjects[1:] == ["gazette works again"]


def test_a_crawl_by_hand_that_goes_well_ends_the_alert_of_a_job_given_up(watch, store):
    with store.write() as tx:
        add_job(tx, Wish("gazette"), by="ann", now=watch.now)
        claim = claim_job(tx, worker="w", now=watch.now, lease=HOUR)
        end_job(tx, claim.job, JobState.FAILED, cause=Cause.CONNECTION, reason="Not reached.", now=watch.now)
    watch.wait(10)
    with store.write() as tx:
        run = start_run(tx, "gazette", kind="crawl", now=watch.now, pid=1, host="here")
        finish_run(tx, run.id, state="done", reason="", numbers={}, now=watch.now)
    watch.wait(1)
    watch.wait(10)
    assert watch.box.subjects == ["gazette was given up", "gazette works again"]


def beat(store, part, at, **other):
    with store.write() as tx:
        note_beat(tx, Beat(part, "one", 9, at, at, **other))


def test_a_full_disk_and_a_silent_scheduler_are_told_in_one_message(watch, store):
    beat(store, Part.WORKER, watch.now, free_mb=10, least_mb=1024)
    watch.wait(4)
    beat(store, Part.WORKER, watch.now, free_mb=10, least_mb=1024)
    watch.wait(4)
    beat(store, Part.WORKER, watch.now, free_mb=10, least_mb=1024)
    watch.wait(4)
    assert watch.box.subjects == ["disk of one is too full"]
    beat(store, Part.WORKER, watch.now, free_mb=9000, least_mb=1024)
    watch.wait(1)
    beat(store, Part.WORKER, watch.now + 10 * MINUTE, free_mb=9000, least_mb=1024)
    watch.wait(11)
    assert watch.box.subjects[1:] == ["disk of one has space again"]


def test_an_index_that_lags_is_told(watch, store):
    register(store, watch.now)
    save(store, an_article(), watch.now)
    beat(store, Part.INDEXER, watch.now, position=0)
    watch.wait(31)
    assert watch.box.subjects == ["index is behind"]
    assert "The index lacks 1 change since" in watch.box.sent[0].text


def test_without_a_channel_alerts_are_kept_and_nothing_waits_to_be_told(watch, store):
    watch.judge("gazette", "broken")
    watch.wait(10, look=False)
    Notifier(watch.settings, store, [], lambda: watch.now).look()
    assert [one.alert.state for one in watch.kept()] == ["broken"]
    with store.read() as tx:
        assert count_unsent(tx) == (0, 0)


def test_a_look_at_what_has_not_changed_writes_nothing(watch, store):
    watch.judge("gazette", "broken")
    watch.wait(10)
    before = store.statements
    watch.notifier().take_stock()
    quiet = store.statements - before
    for number in range(30):
        watch.judge(f"o{number}", "healthy")
    before = store.statements
    watch.notifier().take_stock()
    assert store.statements - before == quiet


def test_an_indexer_stands_in_only_while_no_scheduler_gives_a_sign_of_life(watch, store):
    assert not has_scheduler(store, watch.settings, watch.now)
    beat(store, Part.SCHEDULER, watch.now)
    assert has_scheduler(store, watch.settings, watch.now + 5 * MINUTE)
    assert not has_scheduler(store, watch.settings, watch.now + 6 * MINUTE)


def test_a_part_that_stops_in_order_says_so(watch, store):
    pulse = Pulse(Part.WORKER, watch.settings, watch.now)
    pulse.beat_if_due(store, watch.now)
    pulse.beat_if_due(store, watch.now + timedelta(seconds=14))
    with store.read() as tx:
        (one,) = list_beats(tx)
    assert (one.at, one.ended_at, one.least_mb) == (watch.now, None, watch.settings.crawler.min_free_mb)
    pulse.end(store, watch.now + MINUTE)
    with store.read() as tx:
        (one,) = list_beats(tx)
    assert one.ended_at == watch.now + MINUTE


def test_the_scheduler_looks_by_itself_and_a_webhook_hears_of_it(make_settings, monkeypatch):
    monkeypatch.setattr("crawler.notify.LOOK_EVERY_S", 0.05)
    monkeypatch.setattr("crawler.notify.SHORTEST_PAUSE_S", 0.05)
    stop = Stop()
    with webhook_receiver() as receiver:
        network = {"private_hosts": ["hook.example"], "hosts": {"hook.example": f"127.0.0.1:{receiver.port}"}}
        alerts = {"webhook_url": "http://hook.example/", "settle_min": 0, "gather_min": 0}
        settings = make_settings(network=network, alerts=alerts)
        with opened_store(settings) as store, notifying(settings, stop):
            for state in ("broken", "healthy"):
                with store.write() as tx:
                    set_health(tx, a_health("gazette", HealthState(state), utc_now()))
                heard = len(receiver.posts)
                until = time.monotonic() + 30
                while len(receiver.posts) == heard and time.monotonic() < until:
                    stop.wait(0.05)
            stop.wait(0.5)
            stop.ask()
    stop.close()
    texts = [json.loads(body)["text"] for _, _, body in receiver.posts]
    assert texts == ["Watchfloor: gazette is broken", "Watchfloor: gazette works again"]


def test_a_look_that_fails_does_not_end_the_scheduler(settings, monkeypatch, caplog):
    stop = Stop()
    monkeypatch.setattr("crawler.notify.LOOK_EVERY_S", 0.0)
    monkeypatch.setattr("crawler.notify.LONGEST_PAUSE_S", 0.0)

    def fails(_settings):
        stop.ask()
        raise ChannelError("The database does not answer.")

    monkeypatch.setattr("crawler.notify.open_store", fails)
    with notifying(settings, stop):
        stop.wait(10)
    assert "alerts not looked at: The database does not answer." in caplog.text
    stop.close()
