"""Outlets from installed packages: built, put on the path, listed, tested, crawled; a broken one harms nobody."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from config.errors import ConfigurationError
from config.outlets import load_outlets, read_outlet_files
from config.packages import installed_packages
from config.settings import Settings
from crawler.cli_outlets import outlets
from crawler.doctor import WARNING, examine
from crawler.run import crawl_outlet, find_outlet
from index.store import open_store
from index.store.articles import latest_articles
from tests.loopback_outlet import Answer, LoopbackOutlet, serving

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "docs" / "examples" / "package"
HOST = "baltic-times.example"
GOOD = 'name = "{name}"\ntitle = "T"\nhome = "http://{name}.example/"\nlanguages = ["en"]\n'


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example package, built and installed into a folder of its own."""
    folder = tmp_path_factory.mktemp("package")
    shutil.copytree(PACKAGE, folder / "source", ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    command += ["--disable-pip-version-check", "--target", str(folder / "site"), "."]
    subprocess.run(command, cwd=folder / "source", check=True, capture_output=True, timeout=110)
    return folder / "site"


@pytest.fixture
def on_path(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Put a folder of installed packages where this process and its children look."""

    def put(folder: Path) -> None:
        monkeypatch.syspath_prepend(str(folder))
        monkeypatch.setenv("PYTHONPATH", f"{folder}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")

    yield put
    for name in [name for name in sys.modules if name.split(".")[0] in ("baltic_outlets", "broken_outlets")]:
        del sys.modules[name]


@pytest.fixture
def write_package(tmp_path: Path, on_path) -> Callable[..., Path]:
    """Write a package as pip leaves it, files by name, and put it on the path."""

    def write(value: str = "broken_outlets", **files: str) -> Path:
        site = tmp_path / "site"
        info = site / "watchfloor_broken-0.3.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: watchfloor-broken\nVersion: 0.3\n")
        (info / "entry_points.txt").write_text(f"[watchfloor.outlets]\nbroken = {value}\n")
        folder = site / "broken_outlets"
        folder.mkdir()
        (folder / "__init__.py").write_text(files.pop("init", ""))
        for name, text in files.items():
            stem, _, suffix = name.rpartition("_")
            (folder / f"{stem}.{suffix}").write_text(text)
        on_path(site)
        return folder

    return write


def run(settings: Settings, *arguments: str):
    return CliRunner().invoke(outlets, list(arguments), obj=settings)


def test_outlets_of_a_package_are_listed_with_their_spiders(built, on_path, settings):
    on_path(built)
    listed = {one["name"]: one for one in json.loads(run(settings, "list", "--json").output)}
    assert listed["baltic_times"]["package"] == "baltic_outlets"
    assert {"foremedia", "baltic_times"} <= set(listed)


def test_cases_of_a_package_run_beside_its_files_and_from_any_folder(built, on_path, settings):
    on_path(built)
    beside = run(settings, "test", "baltic_times")
    assert "passed  baltic_times/article" in beside.output
    cases = PACKAGE / "baltic_outlets" / "cases"
    assert "1 case, 0 failed" in run(settings, "test", "--cases", str(cases)).output


def test_folder_without_a_case_passes_nothing(tmp_path, settings):
    done = CliRunner().invoke(outlets, ["test", "--cases", str(tmp_path)], obj=settings, standalone_mode=False)
    assert "no case of an outlet there is" in str(done.exception)


def test_outlet_of_a_package_is_crawled_through_the_one_door(built, on_path, make_settings):
    on_path(built)
    with serving(LoopbackOutlet()) as site:
        page = (PACKAGE / "baltic_outlets" / "cases" / "baltic_times" / "article" / "page.html").read_bytes()
        site.pages["/"] = Answer(b"<a href='/report/keepers'>Keepers</a>")
        site.pages["/report/keepers"] = Answer(page)
        settings = make_settings(
            network={"private_hosts": [HOST], "hosts": {HOST: f"127.0.0.1:{site.port}"}},
            politeness={"floor_s": 0},
            crawler={"min_free_mb": 1},
            logs={"level": "WARNING"},
        )
        report = crawl_outlet("baltic_times", settings=settings)
    assert (report.new, report.counts["gone"]) == (1, 1)
    store = open_store(settings)
    with store.read() as tx:
        (article,) = latest_articles(tx, outlet="baltic_times", limit=5)
    store.close()
    assert article.title == "Lighthouse keepers meet on the outer skerry"


def test_scrapy_sees_the_outlets_of_a_package(built, on_path, tmp_path):
    on_path(built)
    environ = {**os.environ, "WATCHFLOOR_DATA__DIR": str(tmp_path / "data")}
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "list"], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60
    )
    assert "baltic_times" in done.stdout.split()


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"aaa_toml": GOOD.format(name="aaa") + "colour = 1\n"}, "colour: unknown key"),
        ({"foremedia_toml": GOOD.format(name="foremedia")}, "name: 'foremedia' is taken by"),
        ({"harbor_toml": GOOD.format(name="harbor") + 'hosts = ["foremedia.example"]\n'}, "already belongs to"),
        ({"aaa_toml": "name = "}, "not valid TOML"),
    ],
    ids=["key", "name", "host", "toml"],
)
def test_outlet_of_a_package_with_a_fault_is_left_out_alone(write_package, settings, files, told):
    write_package(**files, good_outlet_toml=GOOD.format(name="good_outlet"))
    found = read_outlet_files(settings.outlet_folders)
    assert found.faults == []
    assert {"foremedia", "good_outlet"} <= set(found.specs)
    ((_, faults),) = found.left_out.items()
    assert faults[0].startswith("package watchfloor-broken 0.3: ")
    assert told in faults[0]
    assert faults[0].endswith("This outlet is left out.")


def test_outlet_left_out_is_refused_with_its_fault(write_package, settings):
    write_package(aaa_toml=GOOD.format(name="aaa") + "colour = 1\n")
    with pytest.raises(ConfigurationError, match="colour: unknown key"):
        find_outlet("aaa", settings)


@pytest.mark.parametrize(
    ("value", "init", "told"),
    [
        ("nothing_there", "", "is no package with a folder of its own"),
        ("broken_outlets:thing", "", "name a package, without a colon"),
        ("broken_outlets.sub", "raise RuntimeError('no')", "cannot be found (RuntimeError: no)"),
        ("broken_outlets.sub", "raise SystemExit", "cannot be found (SystemExit"),
    ],
    ids=["absent", "object", "raises", "exits"],
)
def test_package_that_cannot_be_found_is_named_and_harms_nobody(write_package, settings, value, init, told):
    write_package(value, init=init)
    (package,) = installed_packages()
    assert told in package.fault
    assert "foremedia" in load_outlets(settings.outlet_folders)
    done = run(settings, "list")
    assert done.exit_code == 0
    assert told in done.stderr
    warned = [
        one.sentence for one in examine(settings, now=_now()) if one.subject == "outlets" and one.state == WARNING
    ]
    assert any(told in sentence for sentence in warned)


def test_package_with_broken_python_refuses_its_run_and_no_other(write_package, settings):
    write_package(aaa_toml=GOOD.format(name="aaa"), aaa_py="import nothing_of_that_name\n")
    crawled = settings.model_copy(update={"crawler": settings.crawler.model_copy(update={"contact": "a@b.example"})})
    with pytest.raises(
        ConfigurationError, match=r"aaa\.py: cannot be imported .*nothing_of_that_name.* in line 1"
    ) as told:
        crawl_outlet("aaa", settings=crawled)
    assert told.value.exit_code == 3
    assert run(settings, "test", "foremedia").exit_code == 0


def _now():
    from datetime import UTC, datetime

    return datetime(2026, 11, 23, tzinfo=UTC)
