"""Mail through a server on loopback."""

from __future__ import annotations

import email
import email.policy
import re

import pytest

from config.errors import WatchfloorError
from crawler.telling.channels import channels_of
from crawler.telling.mail import MailChannel, mail_of
from index.alerts.records import Message
from tests.crawler.telling.servers import certificate, mail_server

MESSAGE = Message("abc123", "Watchfloor: gazette is broken", "gazette is broken, since now.\n  Ünusual: a layout.\n")
PASSWORD = "hunter2"


@pytest.fixture
def channel(make_settings):
    """Make a channel to a server; mail.example is loopback."""

    def make(server, **other):
        alerts = {
            "mail_to": ["ann@watch.example", "bob@watch.example"],
            "mail_from": "floor@watch.example",
            "smtp_host": "mail.example",
            "smtp_port": server.port,
            "smtp_security": "none",
            "timeout_s": 10,
            **other,
        }
        hosts = {"mail.example": f"127.0.0.1:{server.port}"}
        return MailChannel(make_settings(network={"private_hosts": ["mail.example"], "hosts": hosts}, alerts=alerts))

    return make


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    """A certificate of mail.example that this process trusts."""
    path = certificate(tmp_path, "mail.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


def read(text):
    return email.message_from_bytes(text.encode(), policy=email.policy.default)


def test_a_mail_reaches_everybody_it_is_for(channel):
    with mail_server() as server:
        assert channel(server).send(MESSAGE) == ""
    ((sender, recipients, text),) = server.mails
    assert sender.startswith("mail FROM:<floor@watch.example>")
    assert [one.split(":")[1] for one in recipients] == ["<ann@watch.example>", "<bob@watch.example>"]
    mail = read(text)
    assert (mail["subject"], mail["message-id"]) == (MESSAGE.subject, "<abc123@watch.example>")
    assert mail["auto-submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    assert "Ünusual: a layout." in mail.get_content()


def test_starttls_and_a_login_come_before_the_mail(channel, trusted):
    with mail_server(certificate=trusted, password=PASSWORD) as server:
        channel(server, smtp_security="starttls", smtp_user="floor", smtp_password=PASSWORD).send(MESSAGE)
    assert (server.secure, len(server.mails)) == ([True], 1)


def test_tls_from_the_first_byte(channel, trusted):
    with mail_server(certificate=trusted, tls=True, password=PASSWORD) as server:
        channel(server, smtp_security="tls", smtp_user="floor", smtp_password=PASSWORD).send(MESSAGE)
    assert (server.secure, len(server.mails)) == ([True], 1)


def refusal(channel):
    with pytest.raises(WatchfloorError) as told:
        channel.send(MESSAGE)
    return str(told.value)


def test_a_server_without_starttls_gets_neither_login_nor_mail(channel):
    with mail_server() as server:
        told = refusal(channel(server, smtp_security="starttls", smtp_user="floor", smtp_password=PASSWORD))
    assert told == f"mail.example:{server.port} offers no STARTTLS; see alerts.smtp_security and alerts.smtp_port."
    assert server.mails == []


def test_a_certificate_nobody_vouches_for_is_refused(channel, tmp_path):
    with mail_server(certificate=certificate(tmp_path, "mail.example")) as server:
        told = refusal(channel(server, smtp_security="starttls"))
    assert "its certificate is not trusted (self-signed certificate)" in told
    assert server.mails == []


def test_a_certificate_of_another_host_is_refused(channel, tmp_path, monkeypatch):
    other = certificate(tmp_path, "other.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    with mail_server(certificate=other) as server:
        assert "is not trusted (Hostname mismatch" in refusal(channel(server, smtp_security="starttls"))


def test_a_wrong_password_is_told_without_it(channel, trusted):
    with mail_server(certificate=trusted, password="another") as server:
        told = refusal(channel(server, smtp_security="starttls", smtp_user="floor", smtp_password=PASSWORD))
    assert told == f"mail.example:{server.port} refuses the login of alerts.smtp_user (535)."


def test_an_address_the_server_does_not_know_is_told_and_the_others_have_the_mail(channel):
    with mail_server(refuse={"rcpt TO:<bob@watch.example>": "550 nobody"}) as server:
        note = channel(server).send(MESSAGE)
    assert note == f"mail.example:{server.port} takes no mail for bob@watch.example; the others have it."
    assert len(server.mails) == 1


@pytest.mark.parametrize(
    ("refuse", "told"),
    [
        ({"RCPT": "550 nobody"}, "takes no mail for ann@watch.example, bob@watch.example."),
        ({"MAIL": "451 come\tback later"}, "refuses the mail: 451 come back later."),
        ({"DATA": "554 no password=hunter2"}, "refuses the mail: 554 no password=***"),
    ],
)
def test_a_refusal_is_told_in_the_words_of_the_server(refuse, told, channel):
    with mail_server(refuse=refuse) as server:
        assert told in refusal(channel(server))
    assert server.mails == []


def test_a_server_that_says_nothing_is_given_up_in_time(channel):
    with mail_server(silent=True) as server:
        told = refusal(channel(server, timeout_s=0.5))
    assert "the mail was not taken (" in told
    assert re.search(r"no answer within 0\.5 s|timed out|no answer in time", told)


def test_a_server_that_is_not_there_is_told(channel):
    with mail_server() as server:
        pass
    assert "cannot be reached (Connection refused)" in refusal(channel(server))


def test_nothing_in_a_message_begins_another_header(now):
    hostile = Message("a", "x\r\nBcc: all@b.example\nFrom: me", "text\n.\nQUIT\n")
    mail = mail_of(hostile, sender="floor@watch.example", recipients=("ann@watch.example",), now=now)
    read_again = read(mail.as_string())
    assert read_again["bcc"] is None
    assert read_again["subject"] == "x Bcc: all@b.example From: me"
    assert read_again.get_all("from") == ["Watchfloor <floor@watch.example>"]


def test_no_channel_is_made_of_empty_settings(settings):
    assert channels_of(settings) == ()
