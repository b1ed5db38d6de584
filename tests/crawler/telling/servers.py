"""A mail server and a webhook's receiver on loopback, each with what it was told and the ways it can misbehave."""

from __future__ import annotations

import base64
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def certificate(folder: Path, *hosts: str) -> Path:
    """Write a certificate for `hosts` that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, hosts[0])])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path = folder / f"{hosts[0]}.pem"
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return path


@dataclass
class MailServer:
    """A mail server of one connection at a time. `refuse` answers a command by its verb with a line of its own."""

    certificate: Path | None = None
    tls: bool = False
    password: str = ""
    refuse: dict[str, str] = field(default_factory=dict)
    greeting: str = "220 mail.example ready"
    mails: list[tuple[str, list[str], str]] = field(default_factory=list)
    secure: list[bool] = field(default_factory=list)
    silent: bool = False
    port: int = 0

    def serve(self, listener: socket.socket) -> None:
        """Answer connections until the listener closes."""
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.settimeout(5)
            try:
                self._talk(connection)
            except (OSError, ssl.SSLError):
                continue
            finally:
                connection.close()

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        assert self.certificate is not None
        context.load_cert_chain(self.certificate)
        return context

    def _talk(self, connection: socket.socket) -> None:
        secure = self.tls
        if self.tls:
            connection = self._context().wrap_socket(connection, server_side=True)
        if self.silent:
            connection.recv(1)
            return
        say = lambda line: connection.sendall(line.encode() + b"\r\n")  # noqa: E731
        say(self.greeting)
        sender, recipients = "", []
        lines = connection.makefile("rb")
        while line := lines.readline():
            text = line.decode().strip()
            verb = text.split(" ")[0].split(":")[0].upper()
            if verb in self.refuse or text in self.refuse:
                say(self.refuse.get(text) or self.refuse[verb])
            elif verb == "EHLO":
                offers = ["mail.example"]
                offers += ["STARTTLS"] if self.certificate is not None and not secure else []
                offers += ["AUTH PLAIN"] if self.password and secure else []
                for offer in offers[:-1]:
                    say(f"250-{offer}")
                say(f"250 {offers[-1]}")
            elif verb == "STARTTLS":
                say("220 go on")
                lines.close()
                connection = self._context().wrap_socket(connection, server_side=True)
                say = lambda line, to=connection: to.sendall(line.encode() + b"\r\n")  # noqa: E731
                lines, secure = connection.makefile("rb"), True
            elif verb == "AUTH":
                given = base64.b64decode(text.split(" ")[2]).decode().split("\0")[-1]
                say("235 welcome" if given == self.password else "535 no")
            elif verb == "MAIL":
                sender, recipients = text, []
                say("250 so be it")
            elif verb == "RCPT":
                recipients.append(text)
                say("250 so be it")
            elif verb == "DATA":
                say("354 go on")
                body = b""
                while not body.endswith(b"\r\n.\r\n"):
                    body += lines.readline()
                self.mails.append((sender, recipients, body.decode()))
                self.secure.append(secure)
                say("250 taken")
            elif verb == "QUIT":
                say("221 goodbye")
                break
            else:
                say("250 so be it")
        lines.close()
        connection.close()


@contextmanager
def mail_server(**how: Any) -> Iterator[MailServer]:
    """Run a mail server on loopback while the block lasts."""
    server = MailServer(**how)
    listener = socket.create_server(("127.0.0.1", 0))
    server.port = listener.getsockname()[1]
    thread = threading.Thread(target=server.serve, args=(listener,))
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


@dataclass
class Receiver:
    """What a webhook got: path, headers, body of each POST; it answers with its status and headers.

    `drip`: headers without an end. `silent`: no answer at all.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drip: bool = False
    silent: bool = False
    posts: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0
    done: threading.Event = field(default_factory=threading.Event)


@contextmanager
def webhook_receiver(certificate: Path | None = None, **how: Any) -> Iterator[Receiver]:
    """Run the receiver of a webhook on loopback while the block lasts."""
    receiver = Receiver(**how)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.posts.append((self.path, dict(self.headers), body))
            if receiver.silent:
                receiver.done.wait(5)
                return
            self.send_response(receiver.status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            if receiver.drip:
                self.flush_headers()
                while not receiver.done.wait(0.05):
                    self.wfile.write(b"X-Drip: drop\r\n")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            return

    server = Quiet(("127.0.0.1", 0), Handler)
    receiver.port = server.server_address[1]
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.done.set()
        server.shutdown()
        server.server_close()
        thread.join(10)
