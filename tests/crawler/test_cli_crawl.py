"""`watchfloor crawl` and `watchfloor import` as a user types them, and the scrapy command beside them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config.errors import EXIT_TRY_AGAIN, UsageError
from config.outlets import load_outlets
from config.settings import Settings
from crawler.cli import as_text, chosen_outlets, crawl
from crawler.cli_import import import_
from crawler.orders import RunReport
from index.search.opening import open_backend
from index.store import open_store
from index.store.outlets import register_outlets
from index.store.runs import list_runs, start_run
from tests.loopback_outlet import HOME, HOST, LoopbackOutlet, article_html, serving

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def outlet() -> Iterator[LoopbackOutlet]:
    with serving(LoopbackOutlet()) as running:
        yield running


@pytest.fixture
def settings(outlet: LoopbackOutlet, make_settings: Callable[..., Settings], tmp_path: Path) -> Settings:
    return outlet.settings(make_settings, tmp_path / "outlets")


def run(command: object, settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(command, [*arguments], obj=settings, standalone_mode=False)  # type: ignore[arg-type]


def test_crawl_stores_indexes_and_prints_outcomes(outlet, settings):
    outlet.article("a")
    outlet.feed("a")
    done = run(crawl, settings, "harbour", "--json")
    told = json.loads(done.stdout)
    assert (done.return_value, told["exit_code"], told["outcomes"]) == (0, 0, {"new": 1, "not_article": 1})
    assert told["runs"][0]["notes"] == ["Index: 1 article indexed, 0 removed."]
    backend = open_backend(settings)
    assert backend.count() == 1
    backend.close()


def test_table_of_runs_names_outcomes_and_reasons():
    text = as_text([RunReport(7, "harbour", "budget", "The budget is used up.", counts={"new": 2, "gone": 1})])
    assert "harbour: gone 1, new 2" in text
    assert "harbour: The budget is used up." in text


@pytest.mark.parametrize(
    ("outlets", "every", "url", "names"),
    [
        (("harbour", "harbour"), False, None, ["harbour"]),
        ((), True, None, ["harbour"]),
        ((), False, f"{HOME}/news/a", ["harbour"]),
        (("harbour",), False, f"http://www.{HOST}/news/a", ["harbour"]),
    ],
)
def test_outlets_are_chosen_by_name_by_all_or_by_address(settings, outlets, every, url, names):
    specs = {"harbour": load_outlets(settings.outlet_folders)["harbour"]}
    assert chosen_outlets(specs, outlets=outlets, every=every, url=url) == names


@pytest.mark.parametrize(
    ("outlets", "every", "url"),
    [((), False, None), (("harbour",), True, None), ((), False, "http://nobody.example/a"), (("x",), False, HOME)],
)
def test_choice_that_cannot_be_meant_is_a_usage_error(settings, outlets, every, url):
    with pytest.raises(UsageError):
        chosen_outlets(load_outlets(settings.outlet_folders), outlets=outlets, every=every, url=url)


def test_import_prints_outcomes_and_every_fault(settings, tmp_path):
    file = tmp_path / "pages.jsonl"
    page = {"url": f"{HOME}/news/a", "html": article_html("a", "", "", "", f"{HOME}/news/a")}
    file.write_text(json.dumps(page) + "\n{broken\n", encoding="utf-8")
    done = run(import_, settings, str(file), "--json")
    told = json.loads(done.stdout)
    assert (done.return_value, told["outcomes"], told["faults"]) == (10, {"new": 1}, 1)
    assert told["index"] == "Index: 1 article indexed, 0 removed."
    assert f"{file}, line 2: not JSON" in done.stderr


def test_import_can_leave_the_index_alone(settings, tmp_path):
    file = tmp_path / "texts.jsonl"
    file.write_text(json.dumps({"id": "1", "outlet": "wire", "title": "T", "text": "Text."}), encoding="utf-8")
    done = run(import_, settings, str(file), "--no-index")
    assert "Index:" not in done.stdout
    assert not settings.index_dir.exists()


def scrapy(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {
        "WATCHFLOOR_DATA__DIR": str(settings.data.dir),
        "WATCHFLOOR_CRAWLER__OUTLETS_DIR": settings.crawler.outlets_dir,
        "WATCHFLOOR_CRAWLER__MIN_FREE_MB": "1",
        "WATCHFLOOR_NETWORK__PRIVATE_HOSTS": json.dumps([HOST]),
        "WATCHFLOOR_NETWORK__HOSTS": json.dumps(settings.network.hosts),
        "WATCHFLOOR_POLITENESS__FLOOR_S": "0",
    }
    return subprocess.run(
        [str(Path(sys.executable).with_name("scrapy")), *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_scrapy_list_names_the_outlets(settings):
    assert "harbour" in scrapy(settings, "list").stdout.split()


def test_scrapy_crawl_goes_through_the_same_pipeline_and_records_a_run(outlet, settings):
    outlet.article("a")
    outlet.feed("a")
    done = scrapy(settings, "crawl", "harbour")
    assert done.returncode == 0, done.stderr
    store = open_store(settings)
    with store.read() as tx:
        (run_row,) = list_runs(tx)
    store.close()
    assert (run_row.state, dict(run_row.counts)) == ("done", {"new": 1, "not_article": 1})


def test_scrapy_crawl_ends_with_the_code_of_a_run_that_is_refused(settings):
    store = open_store(settings)
    with store.write() as tx:
        register_outlets(tx, load_outlets(settings.outlet_folders).values(), datetime.now(UTC))
        start_run(tx, "harbour", kind="crawl", now=datetime.now(UTC), pid=os.getpid(), host=socket.gethostname())
    store.close()
    done = scrapy(settings, "crawl", "harbour")
    assert done.returncode == EXIT_TRY_AGAIN, done.stderr
    assert "scrapy crawl harbour: " in done.stderr
    assert "Traceback" not in done.stderr


def test_all_without_an_enabled_outlet_says_so(make_settings):
    specs = {name: spec for name, spec in load_outlets(make_settings().outlet_folders).items() if not spec.enabled}
    with pytest.raises(UsageError, match="no outlet file says enabled = true"):
        chosen_outlets(specs, outlets=(), every=True, url=None)


def test_an_index_that_cannot_follow_does_not_take_the_report_of_an_import_away(settings, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"id": "1", "outlet": "wire", "text": "First."}) + "\n", encoding="utf-8")
    settings.index_dir.mkdir(parents=True)
    (settings.index_dir / "current").write_text("gen-lost", encoding="ascii")
    done = run(import_, settings, str(path), "--json")
    told = json.loads(done.stdout)
    assert (told["outcomes"], told["exit_code"], done.return_value) == ({"new": 1}, 10, 10)
    assert "index rebuild" in told["index"]
