"""Serves a rehearsed outlet on loopback: plainly, and over TLS by a certificate that nobody trusts."""

from __future__ import annotations

import hashlib
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.rehearsed_outlet import HOST, SAFE_HOST, Break, RehearsedOutlet

USUAL_S, SLOW_S = 0.12, 2.0
"""Seconds that every answer takes, and takes while the outlet is slow."""


@contextmanager
def serving(outlet: RehearsedOutlet, certificate: Path) -> Iterator[RehearsedOutlet]:
    """Serve the outlet on loopback until the block ends: plainly, and over TLS by a certificate nobody trusts."""
    servers = [_server(outlet, None), _server(outlet, certificate)]
    outlet.ports = {HOST: servers[0].server_address[1], SAFE_HOST: servers[1].server_address[1]}
    threads = [threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.05}) for one in servers]
    for thread in threads:
        thread.start()
    try:
        yield outlet
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            thread.join()
            server.server_close()


def make_certificate(folder: Path) -> Path:
    """Write a certificate that no one has signed but itself, with its key; return the file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, SAFE_HOST)])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
    made = made.not_valid_after(datetime(2060, 1, 1, tzinfo=UTC))
    signed = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(SAFE_HOST)]), critical=False)
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path = folder / "untrusted.pem"
    path.write_bytes(private + signed.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return path


def _server(outlet: RehearsedOutlet, certificate: Path | None) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # headers and body in one packet
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            answer = outlet.answer(self.path, is_safe=certificate is not None)
            time.sleep(SLOW_S if outlet.broken is Break.SLOW else USUAL_S)
            tag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
            same = answer.status == 200 and answer.body and self.headers.get("If-None-Match") == tag
            body = b"" if same else answer.body
            self.send_response(304 if same else answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(body)))
            for key, value in (("ETag", tag), *answer.headers):
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            return

    server = _Quiet(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    return server


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that refuses the certificate goes away in the middle: that is what is rehearsed."""
