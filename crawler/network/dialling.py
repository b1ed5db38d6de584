"""Connections of this program that Scrapy does not make, through the same address rule as its own: mail and webhooks.

The name is resolved once, each address is judged, and only a judged address is connected to: nothing that answers
differently the next time can lead elsewhere.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

from config.addresses import why_refused
from config.errors import WatchfloorError
from config.settings import Settings

Resolve = Callable[..., list[Any]]


class DiallingError(WatchfloorError):
    """A host could not be reached, or must not be; one sentence that says why."""


def dial(
    host: str, port: int, *, settings: Settings, timeout_s: float, resolve: Resolve = socket.getaddrinfo
) -> socket.socket:
    """Connect to a host at one of its addresses that may be connected to, and return the socket.

    Hosts with a private address must stand in `network.private_hosts`. Raises DiallingError.
    """
    allowed = allowed_addresses(host, port, settings=settings, resolve=resolve)
    cause = ""
    for address, at_port in allowed:
        try:
            return socket.create_connection((address, at_port), timeout=timeout_s)
        except OSError as error:
            cause = cause or said_by(error)
    raise DiallingError(f"{host}:{port} cannot be reached ({cause}).")


def allowed_addresses(
    host: str, port: int, *, settings: Settings, resolve: Resolve = socket.getaddrinfo
) -> list[tuple[str, int]]:
    """Return the addresses of a host, with their ports, that may be connected to. Raises DiallingError for none."""
    name = host.lower().rstrip(".")
    addresses = list(dict.fromkeys(_addresses(name, port, settings, resolve)))
    allowed = [one for one in addresses if name in settings.private_hosts or why_refused(one[0]) is None]
    if not allowed:
        address = addresses[0][0]
        raise DiallingError(
            f"{host} is {address}, an address that is {why_refused(address)}: nothing is sent there. If it is yours, "
            f'add "{host}" to network.private_hosts.'
        )
    return allowed


@contextmanager
def ended_after(connection: socket.socket, seconds: float) -> Iterator[None]:
    """Cut a connection that is still in use after `seconds`, however slowly its other end goes on answering.

    What then fails inside is raised as TimeoutError.
    """
    handle = connection.dup()  # of its own, for a wrapped socket takes the descriptor away

    was_cut = threading.Event()

    def cut() -> None:
        was_cut.set()
        try:
            handle.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it ended by itself just now

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as error:
        if was_cut.is_set():
            raise TimeoutError(f"no answer within {seconds:g} s") from error
        raise
    finally:
        timer.cancel()
        timer.join()
        handle.close()


def said_by(error: BaseException) -> str:
    """Return what an error of a connection says, in one line."""
    if isinstance(error, TimeoutError) and not error.args:
        return "no answer in time"
    told = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(told.split())[:200] or type(error).__name__


def _addresses(host: str, port: int, settings: Settings, resolve: Resolve) -> Iterator[tuple[str, int]]:
    fixed = {name.lower(): target for name, target in settings.network.hosts.items()}.get(host)
    if fixed is not None:
        address, _, at_port = fixed.rpartition(":")
        yield str(ip_address(address.strip("[]"))), int(at_port) or port
        return
    try:
        found = resolve(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DiallingError(f"{host}: no such host ({said_by(error)}).") from None
    if not found:
        raise DiallingError(f"{host}: has no address.")
    for _family, _type, _protocol, _name, where in found:
        yield str(where[0]), int(where[1])
