"""Opening the engine the settings name."""

from __future__ import annotations

from config.settings import Settings
from index.search.backend import SearchBackend
from index.search.whoosh_backend import WhooshBackend


def open_backend(settings: Settings) -> SearchBackend:
    """Return the engine of `settings`. Nothing is read before the first question, nothing written before `apply`."""
    return WhooshBackend(settings.index_dir, settings=settings.search)
