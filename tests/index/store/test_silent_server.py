"""A server that takes a connection and never says a word: it is given up, with a sentence, not waited for."""

from __future__ import annotations

import socket
import time

import pytest

from index.errors import StoreError
from index.store import engine as module
from index.store import open_store


def test_a_server_that_never_answers_is_given_up(make_settings, monkeypatch):
    pytest.importorskip("psycopg")
    monkeypatch.setitem(module._PATIENCE, "connect_timeout", 2)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"postgresql+psycopg://ann:secret@127.0.0.1:{deaf.getsockname()[1]}/x"
        began = time.monotonic()
        with pytest.raises(StoreError, match="does not answer") as told:
            open_store(make_settings(database={"url": url}))
    assert time.monotonic() - began < 60
    assert "secret" not in str(told.value)


def test_what_the_address_says_counts_before_our_patience(monkeypatch):
    asked = {}
    monkeypatch.setattr(module.event, "listen", lambda *_: None)
    monkeypatch.setattr(module, "create_engine", lambda _url, **more: asked.update(more))
    module.open_engine("postgresql+psycopg://ann@db/x?connect_timeout=60", busy_timeout_s=1)
    assert "connect_timeout" not in asked["connect_args"]
    assert asked["connect_args"]["tcp_user_timeout"] == 30_000
