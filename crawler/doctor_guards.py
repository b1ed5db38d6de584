"""What `watchfloor doctor` finds of the guards: no connection to a private address, no archive or secret for others."""

from __future__ import annotations

import os
import re
import socket
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from twisted.internet.interfaces import IResolutionReceiver
from zope.interface import implementer

from config.addresses import why_refused
from config.settings import Settings, load_settings
from crawler.findings import FAULT, OK, WARNING, Finding
from crawler.network.dialling import DiallingError, allowed_addresses
from crawler.network.resolver import GuardedResolver
from crawler.network.settings import scrapy_settings

METADATA_ADDRESS = "169.254.169.254"
"""Where clouds answer with credentials: the address no crawler may ever be sent to."""

PROBE_HOST = "doctor.invalid"


def guards(settings: Settings, *, parts: Mapping[str, Any] | None = None) -> Iterator[Finding]:
    """Find whether no connection leads to a private address: the rule, the resolver of crawls, mail and webhooks."""
    parts = scrapy_settings(settings, None) if parts is None else parts
    resolver = f"{GuardedResolver.__module__}.{GuardedResolver.__qualname__}"
    if parts.get("TWISTED_DNS_RESOLVER") != resolver or parts.get("DNSCACHE_ENABLED"):
        yield Finding("guards", FAULT, "Crawls would resolve names without the address guard; do not crawl. Reinstall.")
        return
    if why_refused(METADATA_ADDRESS) is None or _resolves(METADATA_ADDRESS) or _dials(METADATA_ADDRESS):
        yield Finding(
            "guards", FAULT, f"The address guard would let {METADATA_ADDRESS} through; do not crawl. Reinstall."
        )
        return
    private = settings.network.private_hosts
    if private:
        yield Finding(
            "guards", WARNING, f"Private addresses are open for {', '.join(private)} (network.private_hosts)."
        )
    else:
        yield Finding(
            "guards", OK, "No private address is asked: the resolver of crawls, mail and webhooks refuses them."
        )


@implementer(IResolutionReceiver)
class _Heard:
    """Keeps the addresses a look-up gives."""

    def __init__(self) -> None:
        self.addresses: list[Any] = []

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802 - the interface's name
        """Nothing is to be done."""

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        """Keep it."""
        self.addresses.append(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        """Nothing is to be done."""


def _resolves(address: str) -> bool:
    """Say whether the resolver of crawls hands on a name that leads to an address. No question leaves this machine."""
    settings = load_settings(environ={}, network={"hosts": {PROBE_HOST: f"{address}:80"}, "private_hosts": []})
    heard = _Heard()
    reactor = SimpleNamespace(nameResolver=None)  # a fixed host is not looked up anywhere
    GuardedResolver(reactor, 0, settings=settings).resolveHostName(heard, PROBE_HOST, 80)
    return bool(heard.addresses)


def _dials(address: str) -> bool:
    """Say whether mail or a webhook would be sent to a name that leads to an address. Nothing is connected."""

    def answer(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 9))]

    try:
        return bool(allowed_addresses(PROBE_HOST, 9, settings=load_settings(environ={}), resolve=answer))
    except DiallingError:
        return False


def permissions(settings: Settings, config_file: Path | None) -> Iterator[Finding]:
    """Find whether others of this machine can read the archive or the secrets of the settings."""
    found = list(_permissions(settings, config_file))
    yield from found or [Finding("access", OK, "Nobody else of this machine reads the data folder or the secrets.")]


def _permissions(settings: Settings, config_file: Path | None) -> Iterator[Finding]:
    folder = settings.data.dir
    if folder.exists():
        held = folder.stat()
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            yield Finding("access", FAULT, f"{folder}: cannot be written by this user; give it the folder (chown).")
        elif held.st_uid != os.geteuid():
            yield Finding(
                "access",
                WARNING,
                f"{folder}: belongs to another user; run as that one, or what is made there is mixed.",
            )
        if held.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield Finding("access", WARNING, f"{folder}: others of this machine can read it: chmod 700 {folder}")
    secrets = secrets_of(settings)
    if config_file is not None and secrets and config_file.exists():
        text = config_file.read_text(encoding="utf-8", errors="replace")
        if config_file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH) and any(secret in text for secret in secrets):
            yield Finding(
                "access", WARNING, f"{config_file}: holds a password, and others can read it: chmod 600 {config_file}"
            )


def secrets_of(settings: Settings) -> list[str]:
    """Return what in the settings lets somebody in."""
    alerts = settings.alerts
    kept = (alerts.smtp_password, alerts.webhook_secret, alerts.webhook_url, settings.web.metrics_token)
    found = [secret.get_secret_value() for secret in kept]
    password = re.search(r"://[^/\s@]*:([^\s@]+)@", settings.database.url)
    return [one for one in (*found, password[1] if password else "") if one]
