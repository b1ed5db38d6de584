"""The guard against foreign packages with our import names."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import ConfigurationError
from config.roots import check_roots


def test_our_own_packages_pass():
    check_roots()


def test_a_package_that_resolves_elsewhere_names_both_folders(tmp_path: Path):
    with pytest.raises(ConfigurationError) as caught:
        check_roots(tmp_path)
    assert len(caught.value.faults) == 4
    assert str(tmp_path / "config") in caught.value.faults[0]
    assert "environment of its own" in caught.value.faults[0]
