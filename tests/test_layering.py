"""Who may import whom, as a table: config <- index <- crawler, config <- index <- web; one framework a package."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "config": {"config"},
    "index": {"config", "index"},
    "crawler": {"config", "index", "crawler"},
    "web": {"config", "index", "web"},
}
FRAMEWORKS = {
    "scrapy": {"crawler"},
    "twisted": {"crawler"},
    "sqlalchemy": {"index"},
    "alembic": {"index"},
    "whoosh": {"index"},
    "flask": {"web"},
    "werkzeug": {"web"},
    "waitress": {"web"},
    "argon2": {"web"},
}
PURE = {"crawler/extract": {"scrapy", "twisted"}, "crawler/discover": {"scrapy", "twisted"}}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "managers"}
FILES = [path for package in MAY_IMPORT for path in sorted((ROOT / package).rglob("*.py"))]


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path: Path):
    where = path.relative_to(ROOT)
    package = where.parts[0]
    for name in imports_of(path):
        assert name not in MAY_IMPORT or name in MAY_IMPORT[package], f"{where} imports {name}"
        assert name not in FRAMEWORKS or package in FRAMEWORKS[name], f"{where} imports {name}"
        for folder, unwanted in PURE.items():
            assert not (where.is_relative_to(folder) and name in unwanted), f"{where} must stay free of {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_are_small_rooms_with_names(path: Path):
    assert path.stem not in FORBIDDEN_NAMES
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
