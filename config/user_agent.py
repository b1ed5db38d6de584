"""Who we say we are to a server. Pure."""

from __future__ import annotations

from importlib.metadata import version

from config.settings import Settings


def user_agent(settings: Settings) -> str:
    """Return the User-Agent header as sent: product, version, and where a site owner can reach the operator."""
    name = settings.crawler.user_agent
    product = name if "/" in name else f"{name}/{version('watchfloor')}"
    contact = settings.crawler.contact
    return f"{product} (+{contact})" if contact else product
