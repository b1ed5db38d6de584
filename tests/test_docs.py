"""The docs say what the code does: every setting, outcome, command, route, exit code; generated pages are current."""

from __future__ import annotations

import importlib.util
import itertools
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *sorted(DOCS.rglob("*.md")),
]


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["settings.md", "outcomes.md", "causes.md", "commands.md"])
def test_generated_pages_are_current(generate: ModuleType, name: str):
    assert (DOCS / name).read_text(encoding="utf-8") == generate.PAGES[name](), "run `make docs`"


def test_every_setting_has_its_line(generate: ModuleType):
    generate.check_defaults()


def test_every_default_is_explained_by_a_comment_above_it():
    lines = (ROOT / "config" / "defaults.toml").read_text(encoding="utf-8").splitlines()
    bare = [
        line
        for before, line in itertools.pairwise(lines)
        if " = " in line and not line.startswith("#") and not before.startswith("#")
    ]
    assert bare == []


def test_every_route_is_in_the_docs():
    from config.settings import load_settings
    from index.search.memory_backend import MemoryBackend
    from web import create_app

    reading = "".join((DOCS / name).read_text(encoding="utf-8") for name in ("reading.md", "operating.md"))
    app = create_app(load_settings(environ={}), None, MemoryBackend())  # type: ignore[arg-type]
    rules = {rule.rule for rule in app.url_map.iter_rules() if not rule.rule.startswith("/static")}
    shown = {re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", r"<\1>", rule) for rule in rules}
    missing = [rule for rule in sorted(shown) if f"`{rule}`" not in reading]
    assert missing == []


def test_every_key_of_an_outlet_file_is_in_the_guide():
    from config.outlets import (
        ArticleUrls,
        Expectations,
        FieldRule,
        LeadSources,
        OutletSpec,
        Pace,
        RequestParts,
        RuleSet,
    )

    guide = (DOCS / "adding-an-outlet.md").read_text(encoding="utf-8")
    parts = (OutletSpec, LeadSources, ArticleUrls, RuleSet, FieldRule, RequestParts, Pace, Expectations)
    keys = {name for part in parts for name in part.model_fields} - {"file", "package"}
    assert [key for key in sorted(keys) if f"`{key}`" not in guide] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_inside_the_docs_lead_somewhere(page: Path):
    for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_readme_opens_with_the_two_commands_and_a_picture():
    first_screen = (ROOT / "README.md").read_text(encoding="utf-8")[:1800]
    assert "make run" in first_screen
    assert "make test" in first_screen
    assert re.search(r"!\[[^\]]+\]\(docs/img/[\w.-]+\.png\)", first_screen)


def test_the_lock_names_no_registry_and_hashes_everything():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    assert "--index-url" not in lock
    blocks = re.split(r"\n(?=[a-z0-9])", lock.strip())
    assert [block.split("\n")[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_the_lock_holds_every_dependency_that_is_declared():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    wanted = [
        *declared["dependencies"],
        *(line for lines in declared["optional-dependencies"].values() for line in lines),
    ]
    names = [re.split(r"[\[=<>; ]", line)[0].lower().replace("_", "-") for line in wanted]
    assert [name for name in names if not re.search(rf"^{re.escape(name)}==", lock, re.MULTILINE)] == []
