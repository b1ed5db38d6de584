"""What the built package contains: our four import names, their data, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NEEDED = {
    "config/defaults.toml",
    "config/aliases.toml",
    "config/outlets/foremedia.toml",
    "crawler/demo/truth.json",
    "web/templates/search.html",
    "index/store/migrations/env.py",
}


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    for package in ("config", "index", "crawler", "web"):
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(folder), "."]
    subprocess.run(command, cwd=source, check=True, capture_output=True, timeout=110)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_top_level_names_are_ours_and_no_others(names: set[str]):
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"config", "index", "crawler", "web"}


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_data_files_travel_with_the_code(names: set[str], name: str):
    assert name in names


def test_every_file_of_the_checkout_that_is_code_or_data_is_in_the_wheel(names: set[str]):
    ignored = {"__pycache__"}
    files = {
        str(path.relative_to(ROOT))
        for package in ("config", "index", "crawler", "web")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and not ignored & set(path.parts) and path.suffix != ".pyc"
    }
    assert files - names == set()
