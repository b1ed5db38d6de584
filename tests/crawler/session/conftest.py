"""A run without a network: an outlet on paper, a driver that answers its requests, the archive they fill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.settings import Settings
from index.store import Store, open_store
from tests.crawler.driving import Driver
from tests.loopback_outlet import LoopbackOutlet


@pytest.fixture
def outlet() -> LoopbackOutlet:
    return LoopbackOutlet()


@pytest.fixture
def make(outlet: LoopbackOutlet, make_settings: Callable[..., Settings], tmp_path: Path) -> Callable[..., Driver]:
    return lambda **tables: Driver(outlet, outlet.settings(make_settings, tmp_path / "outlets", **tables))


@pytest.fixture
def driver(make: Callable[..., Driver]) -> Driver:
    return make()


@pytest.fixture
def archive(driver: Driver) -> Iterator[Store]:
    store = open_store(driver.settings)
    yield store
    store.close()
