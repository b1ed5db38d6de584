"""A webhook's receiver on loopback."""

from __future__ import annotations

import hmac
import json
import time

import pytest

from config.errors import WatchfloorError
from crawler.telling.channels import channels_of
from crawler.telling.webhook import WebhookChannel, signature_of
from index.alerts.records import Message
from tests.crawler.telling.servers import certificate, webhook_receiver

MESSAGE = Message("abc123", "Watchfloor: gazette is broken", "text", {"text": "gazette is bröken", "alerts": []})


@pytest.fixture
def channel(make_settings):
    """Make a channel to a receiver; hook.example is loopback."""

    def make(receiver, *, scheme="http", path="/in/secret-path?token=abc", private=True, **other):
        alerts = {"webhook_url": f"{scheme}://hook.example:{receiver.port}{path}", "timeout_s": 10, **other}
        network = {
            "private_hosts": ["hook.example"] if private else [],
            "hosts": {"hook.example": f"127.0.0.1:{receiver.port}"},
        }
        return WebhookChannel(make_settings(network=network, alerts=alerts), clock=lambda: 1795435200.9)

    return make


def refusal(channel):
    with pytest.raises(WatchfloorError) as told:
        channel.send(MESSAGE)
    assert "secret-path" not in str(told.value)
    return str(told.value)


def test_a_message_is_posted_as_json(channel):
    with webhook_receiver() as receiver:
        assert channel(receiver).send(MESSAGE) == ""
    ((path, headers, body),) = receiver.posts
    assert path == "/in/secret-path?token=abc"
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["Host"] == f"hook.example:{receiver.port}"
    assert json.loads(body) == {"version": 1, "id": "abc123", "text": "gazette is bröken", "alerts": []}


def test_a_post_is_signed_with_its_time_and_its_body(channel):
    with webhook_receiver() as receiver:
        channel(receiver, webhook_secret="s3cret").send(MESSAGE)
    ((_, headers, body),) = receiver.posts
    assert headers["Watchfloor-Timestamp"] == "1795435200"
    assert headers["Watchfloor-Signature"] == signature_of("s3cret", "1795435200", body)
    assert headers["Watchfloor-Delivery"] == "abc123"


def test_the_signature_is_hmac_sha256_of_time_dot_body():
    by_hand = hmac.digest(b"s3cret", b'1795435200.{"version": 1}', "sha256").hex()
    assert signature_of("s3cret", "1795435200", b'{"version": 1}') == f"v1={by_hand}"


def test_without_a_secret_nothing_is_signed(channel):
    with webhook_receiver() as receiver:
        channel(receiver).send(MESSAGE)
    assert not any(name.startswith("Watchfloor-S") for name in receiver.posts[0][1])


def test_a_redirect_is_not_followed(channel):
    with webhook_receiver() as elsewhere, webhook_receiver(status=302) as receiver:
        receiver.headers["Location"] = f"http://hook.example:{elsewhere.port}/"
        told = refusal(channel(receiver))
    assert told == "hook.example answers 302, a redirect, which is not followed: set its final address."
    assert elsewhere.posts == []


def test_an_answer_that_is_no_success_is_told(channel):
    with webhook_receiver(status=500) as receiver:
        assert refusal(channel(receiver)) == "hook.example does not take the message: it answers 500."


def test_an_answer_that_drips_on_after_its_status_holds_nobody_up(channel):
    started = time.monotonic()
    with webhook_receiver(drip=True) as receiver:
        channel(receiver, timeout_s=0.5).send(MESSAGE)
        assert time.monotonic() - started < 5


def test_a_receiver_that_says_nothing_is_given_up_in_time(channel):
    with webhook_receiver(silent=True) as receiver:
        assert "hook.example: the message was not taken (" in refusal(channel(receiver, timeout_s=0.5))


def test_https_is_checked(channel, tmp_path, monkeypatch):
    pem = certificate(tmp_path, "hook.example")
    with webhook_receiver(pem) as receiver:
        assert "its certificate is not trusted (self-signed certificate)" in refusal(channel(receiver, scheme="https"))
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        channel(receiver, scheme="https").send(MESSAGE)
    assert len(receiver.posts) == 1


def test_a_private_address_that_is_not_listed_gets_nothing(channel, tmp_path):
    with webhook_receiver(certificate(tmp_path, "hook.example")) as receiver:
        told = refusal(channel(receiver, scheme="https", private=False))
    assert told.startswith("hook.example is 127.0.0.1, an address that is loopback: nothing is sent there.")
    assert receiver.posts == []


def test_http_is_for_hosts_of_ones_own(channel):
    with webhook_receiver() as receiver:
        assert "only hosts of yours get it so: use https" in refusal(channel(receiver, private=False))


def test_its_address_is_shown_as_its_host_alone(channel):
    with webhook_receiver() as receiver:
        made = channel(receiver)
    assert made.target == "hook.example"
    assert "secret-path" not in repr(made)
    assert [one.name for one in channels_of(made.settings)] == ["webhook"]
