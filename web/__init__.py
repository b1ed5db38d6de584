"""The readers' site: `create_app(settings, store, backend)`. Parses requests, calls one function, renders values."""

from __future__ import annotations

from web.application import create_app

__all__ = ["create_app"]
