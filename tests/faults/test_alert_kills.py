"""A sender killed while it sends: its message comes once more, the same one, and then never again."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from crawler.lifeline import environment_of_child
from crawler.notify import Notifier
from crawler.telling.channels import channels_of
from index.health.records import HealthState
from index.store.alerts import list_alerts
from index.store.health import set_health
from tests.crawler.telling.servers import webhook_receiver
from tests.index.alerts.making import a_health

SENDER = """
import sys
from config.settings import Settings
from crawler.notify import Notifier
from crawler.orders import Order
from crawler.telling.channels import channels_of
from index.store import opened_store
import json
settings = Settings.model_validate(json.loads(sys.stdin.read()))
with opened_store(settings) as store:
    Notifier(settings, store, channels_of(settings)).look()
"""


@pytest.mark.faults
def test_a_sender_killed_while_it_sends_makes_its_message_come_once_more(store, database_settings):
    begun = datetime.now(UTC)
    with webhook_receiver(silent=True) as receiver:
        alerts = {
            "webhook_url": f"http://hook.example:{receiver.port}/",
            "settle_min": 0,
            "gather_min": 0,
            "timeout_s": 60,
        }
        values = database_settings.model_dump(mode="json")
        values["alerts"] |= alerts
        values["network"] |= {
            "private_hosts": ["hook.example"],
            "hosts": {"hook.example": f"127.0.0.1:{receiver.port}"},
        }
        settings = type(database_settings).model_validate(values)
        with store.write() as tx:
            set_health(tx, a_health("gazette", HealthState.BROKEN, begun))
        sender = subprocess.Popen(
            [sys.executable, "-c", SENDER], stdin=subprocess.PIPE, env=environment_of_child(), text=True
        )
        sender.stdin.write(json.dumps(values))
        sender.stdin.close()
        until = time.monotonic() + 60
        while not receiver.posts and time.monotonic() < until:
            time.sleep(0.02)
        sender.send_signal(signal.SIGKILL)
        assert sender.wait(10) == -signal.SIGKILL
        receiver.silent = False
        for minutes in (0, 2, 60):
            at = datetime.now(UTC) + timedelta(minutes=minutes)
            Notifier(settings, store, channels_of(settings), lambda at=at: at).look()
    ids = [json.loads(body)["id"] for _, _, body in receiver.posts]
    assert len(ids) == 2
    assert ids[0] == ids[1]
    with store.read() as tx:
        (told,) = list_alerts(tx)
    assert (told.tellings[0].attempts, told.tellings[0].told_at is not None) == (2, True)
