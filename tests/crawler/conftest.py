"""What tests of crawls, workers and the other parts share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crawler.stopping import Stop


@pytest.fixture
def stop() -> Iterator[Stop]:
    """Whether to stop, as a part of `watchfloor up` is told."""
    made = Stop()
    yield made
    made.close()
