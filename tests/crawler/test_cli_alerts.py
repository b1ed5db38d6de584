"""`watchfloor alerts`: what is wrong and what was told; whether the ways to tell are open."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from config.errors import UsageError
from crawler.cli_alerts import OFF, alerts
from index.alerts.records import Said
from index.store import opened_store
from index.store.alerts import claim_due, keep_alert, note_failed, note_told, tell_on
from tests.crawler.telling.servers import webhook_receiver
from tests.index.alerts.making import an_alert


def run(settings, *arguments, standalone=True):
    return CliRunner().invoke(alerts, list(arguments), obj=settings, standalone_mode=standalone)


def webhook_to(make_settings, receiver, **other):
    network = {"private_hosts": ["hook.example"], "hosts": {"hook.example": f"127.0.0.1:{receiver.port}"}}
    address = f"http://hook.example:{receiver.port}/secret-path"
    return make_settings(network=network, alerts={"webhook_url": address, "webhook_secret": "hunter2", **other})


@pytest.fixture
def archive(settings, now):
    """One alert told, one not told by a server that refuses, one over."""
    with opened_store(settings) as store, store.write() as tx:
        told = keep_alert(tx, an_alert(now, id=0, settled_at=now))
        tell_on(tx, told.id, Said.BEGAN, ["mail"], now=now)
        note_told(tx, claim_due(tx, "mail", now=now, lease=timedelta(minutes=1)), now=now)
        waits = keep_alert(tx, an_alert(now, "herald", id=0, settled_at=now, key="outlet:herald"))
        tell_on(tx, waits.id, Said.BEGAN, ["mail"], now=now)
        (due,) = claim_due(tx, "mail", now=now, lease=timedelta(minutes=1))
        note_failed(tx, due, error="mail.example: gone.", again_at=now + timedelta(minutes=2), now=now)
        over = {"settled_at": now, "cleared_at": now + timedelta(hours=1), "ended_at": now + timedelta(hours=2)}
        keep_alert(tx, an_alert(now, "tribune", id=0, key="outlet:tribune", **over))
    return settings


def test_alerts_are_listed_with_what_was_told_of_each(archive):
    said = run(archive, "list").output
    assert "herald: broken, since 2026-11-23 12:00 UTC\n  Its pages have another layout." in said
    assert "  mail: its begin told 2026-11-23 12:00 UTC" in said
    assert "  mail: its begin not told yet, tried again 2026-11-23 12:02 UTC: mail.example: gone." in said
    assert "tribune: was broken from 2026-11-23 12:00 UTC, over since 2026-11-23 13:00 UTC" in said


def test_only_open_ones_where_asked(archive):
    assert "tribune" not in run(archive, "list", "--open").output


def test_alerts_as_json(archive):
    found = json.loads(run(archive, "list", "--json").stdout)
    assert [(one["subject"], one["state"]) for one in found] == [
        ("herald", "open"),
        ("gazette", "open"),
        ("tribune", "over"),
    ]
    assert found[0]["told"][0]["last_error"] == "mail.example: gone."


def test_without_an_alert_and_without_a_channel_both_are_said(settings):
    said = run(settings, "list")
    assert (said.stdout, said.stderr) == ("Nothing has been wrong yet.\n", f"{OFF}\n")


def test_a_test_without_a_channel_is_refused_with_the_settings_to_set(settings):
    assert isinstance(run(settings, "test").exception, UsageError)


def test_a_test_reaches_the_channel_and_says_so(make_settings):
    with webhook_receiver() as receiver:
        said = run(webhook_to(make_settings, receiver), "test")
    assert (said.exit_code, said.output) == (0, "webhook to hook.example: taken; look whether it arrives.\n")
    assert json.loads(receiver.posts[0][2])["text"] == "Watchfloor: a test, all is well"


def test_a_test_that_fails_says_why_and_ends_with_10(make_settings):
    with webhook_receiver(status=404) as receiver:
        said = run(webhook_to(make_settings, receiver), "test", "--json", standalone=False)
    assert said.return_value == 10
    (one,) = json.loads(said.output)
    assert one == {
        "channel": "webhook",
        "target": "hook.example",
        "taken": False,
        "said": "hook.example does not take the message: it answers 404.",
    }


def test_no_secret_stands_in_what_is_printed_logged_or_handed_on(make_settings, caplog):
    with webhook_receiver(status=500) as receiver:
        settings = webhook_to(make_settings, receiver)
        said = run(settings, "test")
    from crawler.orders import Order

    everything = f"{said.output}{caplog.text}{settings!r}{Order(settings, 'gazette').to_json()}"
    assert "hunter2" not in everything
    assert "secret-path" not in everything
