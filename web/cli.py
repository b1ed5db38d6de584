"""`watchfloor serve`: the reading site on one process with a few threads."""

from __future__ import annotations

import _thread
import errno
import os
import socket
import sys
import threading
from ipaddress import ip_address

import click
import waitress

from config.errors import TryAgainError, UsageError
from config.settings import Settings
from index.search.opening import open_backend
from index.store import open_store
from web import create_app

TRIED_PORTS = 20


@click.command()
@click.option("--host", default=None, help="Address to listen on; default: [web] host.")
@click.option("--port", type=click.IntRange(0, 65535), default=None, help="Port; default: [web] port. 0: any free one.")
@click.option("--until-stdin-ends", is_flag=True, hidden=True, help="End when the process that started this one does.")
@click.pass_obj
def serve(settings: Settings, host: str | None, port: int | None, until_stdin_ends: bool) -> None:
    """Serve the reading site. A taken port moves on to the next; the first line printed is the address."""
    listener = _bound(host or settings.web.host, settings.web.port if port is None else port)
    store, backend = open_store(settings), open_backend(settings)
    server = waitress.create_server(
        create_app(settings, store, backend),
        sockets=[listener],
        threads=settings.web.threads,
        ident=None,
        max_request_body_size=1 << 16,
        max_request_header_size=1 << 15,
        channel_timeout=60,
        clear_untrusted_proxy_headers=False,  # web.clients decides whose count, by [web] trusted_proxies
    )
    if told := open_to_listeners(host or settings.web.host, https=settings.web.https):
        click.echo(told, err=True)
    name, chosen = listener.getsockname()[:2]
    shown = f"[{name}]" if ":" in name else name
    click.echo(f"Watchfloor is at http://{shown}:{chosen}/")
    sys.stdout.flush()
    if until_stdin_ends:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    try:
        server.run()
    finally:
        server.close()
        backend.close()
        store.close()


def open_to_listeners(host: str, *, https: bool) -> str:
    """Say that passwords can be read on the way to a site that others reach without https; "" where they cannot."""
    try:
        here = ip_address(host).is_loopback
    except ValueError:
        here = host == "localhost"
    if here or https:
        return ""
    return (
        f"Others can reach {host}, and a password typed on a page without https can be read on the way: put a proxy "
        "with https before it and set web.https (docs/operating.md, Who may sign in)."
    )


def _bound(host: str, port: int) -> socket.socket:
    """A listening socket on the port, or on the next free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    last = min(port + TRIED_PORTS, 65536) if port else 1
    for number in range(port, last):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, number))
            listener.listen(128)
        except OSError as error:
            listener.close()
            if error.errno == errno.EADDRINUSE:
                continue
            raise UsageError(f"{host}:{number} cannot be listened on ({error.strerror or error}).") from None
        return listener
    raise TryAgainError(f"Ports {port} to {last - 1} of {host} are all taken; name another with --port.")


def _end_with_stdin() -> None:
    while os.read(0, 1 << 16):  # not by sys.stdin, whose lock this thread would hold at the end of the process
        pass
    _thread.interrupt_main()  # which ends server.run() in order
