"""A webhook: one POST of JSON, signed with a shared secret, to one address; redirects are not followed."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from config.logs import redact
from config.settings import Settings
from crawler.network.dialling import dial, ended_after, said_by
from crawler.telling.channels import ChannelError
from index.alerts.records import Message

TIMESTAMP, SIGNATURE, DELIVERY = "Watchfloor-Timestamp", "Watchfloor-Signature", "Watchfloor-Delivery"
MOST_READ = 1 << 16


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """The webhook of the settings. `clock` gives seconds since 1970, for the signature."""

    settings: Settings
    name: str = "webhook"
    clock: Callable[[], float] = time.time

    @property
    def target(self) -> str:
        """The host alone: the rest of the address is often what lets in."""
        return self._address.hostname or ""

    @property
    def _address(self) -> SplitResult:
        return urlsplit(self.settings.alerts.webhook_url.get_secret_value())

    def send(self, message: Message) -> str:
        """Post one message; an answer of 200 to 299 means that it was taken. Raises ChannelError."""
        terms, address = self.settings.alerts, self._address
        host = address.hostname or ""
        secure = address.scheme == "https"
        if not secure and host.lower() not in self.settings.private_hosts:
            raise ChannelError(f"{host}: alerts.webhook_url is http, and only hosts of yours get it so: use https.")
        body = json.dumps({"version": 1, "id": message.id, **message.values}, ensure_ascii=False).encode()
        headers = self._headers(message, body)
        connection = dial(
            host, address.port or (443 if secure else 80), settings=self.settings, timeout_s=terms.timeout_s
        )
        try:
            with ended_after(connection, terms.timeout_s):
                status = _post(connection, address, body, headers, timeout_s=terms.timeout_s)
        except ssl.SSLCertVerificationError as error:
            raise ChannelError(f"{host}: its certificate is not trusted ({error.verify_message}).") from None
        except (http.client.HTTPException, OSError, ValueError) as error:
            raise ChannelError(f"{host}: the message was not taken ({redact(said_by(error))}).") from None
        finally:
            connection.close()
        if 300 <= status < 400:
            raise ChannelError(f"{host} answers {status}, a redirect, which is not followed: set its final address.")
        if not 200 <= status < 300:
            raise ChannelError(f"{host} does not take the message: it answers {status}.")
        return ""

    def _headers(self, message: Message, body: bytes) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Watchfloor",
            "Connection": "close",
            DELIVERY: message.id,
        }
        secret = self.settings.alerts.webhook_secret.get_secret_value()
        if secret:
            at = str(int(self.clock()))
            headers |= {TIMESTAMP: at, SIGNATURE: signature_of(secret, at, body)}
        return headers


def signature_of(secret: str, timestamp: str, body: bytes) -> str:
    """Return what signs a POST: v1= and HMAC-SHA256 of timestamp, a dot, and the body, in hexadecimal."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _post(
    connection: socket.socket, address: SplitResult, body: bytes, headers: dict[str, str], *, timeout_s: float
) -> int:
    host = address.hostname or ""
    if address.scheme == "https":
        connection = ssl.create_default_context().wrap_socket(connection, server_hostname=host)
    client = http.client.HTTPConnection(host, address.port, timeout=timeout_s)
    client.sock = connection
    target = (address.path or "/") + (f"?{address.query}" if address.query else "")
    try:
        client.request("POST", target, body, {"Host": address.netloc, **headers})
        answer = client.getresponse()
        answer.read(MOST_READ)
        return answer.status
    finally:
        client.close()
