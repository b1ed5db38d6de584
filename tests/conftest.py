"""Fixtures every room may use. Sockets reach loopback only; the real data beside the checkout is optional."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
import pytest_socket

from config.settings import Settings, load_settings

pytest_plugins = ["tests.databases"]

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
LOOPBACK = ["127.0.0.1", "::1", "localhost"]


hypothesis.settings.register_profile(
    "suite",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize="TEST_EXPLORE" not in os.environ,
)
hypothesis.settings.load_profile("suite")
"""The examples are the same in every run and may take what time they need: what lands is not up to luck or machine.
TEST_EXPLORE=1 tries new ones."""


def pytest_configure() -> None:
    """Let Ctrl-C interrupt again: a suite begun in the background of a shell (`nohup … &`) inherits that it is ignored.

    Every process a test starts would inherit it too.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if is_main and signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_runtest_setup() -> None:
    """Let tests reach loopback and unix sockets, nothing else."""
    pytest_socket.socket_allow_hosts(LOOPBACK, allow_unix_socket=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once why tests were skipped, instead of a line for each of them."""
    reasons = Counter(str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", ()))
    for reason, number in reasons.items():
        terminalreporter.line(f"{number} tests: {reason}")


@pytest.fixture
def shared() -> Path:
    """The folder of real pages, feeds and stories beside the checkout. Skips, saying so, where it is absent."""
    if not (SHARED / "README.md").exists():
        reason = f"real data is absent: {SHARED.name}/ is not beside the checkout"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return SHARED


@pytest.fixture
def now() -> datetime:
    """A fixed clock."""
    return datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def make_settings(tmp_path: Path) -> Callable[..., Settings]:
    """Make Settings with the data folder in tmp_path; keyword arguments are tables laid over the defaults."""

    def make(**tables: object) -> Settings:
        data = {"dir": str(tmp_path / "data"), **tables.pop("data", {})}  # type: ignore[dict-item]
        return load_settings(environ={}, data=data, **tables)

    return make


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    """The defaults, with the data folder in tmp_path."""
    return make_settings()
