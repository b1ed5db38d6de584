"""`watchfloor outlets health` as an operator types it: the table, one outlet's evidence, JSON, the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config.errors import UsageError
from config.settings import Settings
from crawler.cli_outlets import outlets
from index.health.records import Evidence, Figure, Health, HealthState
from index.store import Store, open_store
from index.store.health import set_health
from tests.factories import register

FILE = 'name = "{0}"\ntitle = "{0}"\nhome = "https://{0}.example/"\nlanguages = ["en"]\n'
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def settings(tmp_path: Path, make_settings: Callable[..., Settings]) -> Settings:
    folder = tmp_path / "outlets"
    folder.mkdir()
    for name in ("gazette", "herald"):
        (folder / f"{name}.toml").write_text(FILE.format(name))
    return make_settings(crawler={"outlets_dir": str(folder)})


@pytest.fixture
def archive(settings: Settings):
    store = open_store(settings)
    register(store, NOW, "gazette", "herald")
    yield store
    store.close()


@pytest.fixture
def typed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    def run(*words: str) -> Result:
        return CliRunner().invoke(outlets, ["health", *words], obj=settings, standalone_mode=False)

    return run


def judged(store: Store, state: HealthState, cause: str, sentence: str, **values: object) -> None:
    at = NOW - timedelta(hours=3)
    with store.write() as tx:
        set_health(tx, Health("gazette", state, cause, sentence, at, at, **values))  # type: ignore[arg-type]


def test_the_table_has_a_line_for_each_and_says_what_to_do(archive, typed):
    figures = {
        "articles_a_week": Figure(12, 140.4),
        "links_per_article": Figure(0.4, 4.1),
        "delay_s": Figure(1800.0, 1500.0),
    }
    figures |= {"fill_authors": Figure(0.1, 0.98)}
    judged(archive, HealthState.BROKEN, "layout_changed", "No text in 8 articles.", figures=figures)
    found = typed()
    lines = found.stdout.splitlines()
    row = next(line for line in lines if line.startswith("gazette"))
    assert row.split() == [
        "gazette",
        "broken",
        "12",
        "(140)",
        "0.4",
        "(4.1)",
        "30",
        "min",
        "authors",
        "10%",
        "(98%)",
        "never",
    ]
    assert any("layout_changed, since" in line and "(3 hours): No text in 8 articles." in line for line in lines)
    assert any(line.strip().startswith("To do: Compare the last good page") for line in lines)


def test_broken_and_blocked_end_with_ten(archive, typed):
    judged(archive, HealthState.BLOCKED, "blocked", "403.")
    assert typed().return_value == 10


@pytest.mark.parametrize("state", [HealthState.HEALTHY, HealthState.DEGRADED, HealthState.STALE, HealthState.PAUSED])
def test_other_states_end_with_nought(archive, typed, state):
    judged(archive, state, "" if state is HealthState.HEALTHY else "slow", "Said.")
    assert typed().return_value == 0


def test_of_outlets_named_only_these_decide(archive, typed):
    judged(archive, HealthState.BROKEN, "gone", "404.")
    assert typed("herald").return_value == 0


def test_with_a_name_the_evidence_and_the_changes_are_shown(archive, typed):
    judged(archive, HealthState.BROKEN, "gone", "404.", evidence=(Evidence("Runs that failed", "4 in a row", "none"),))
    said = typed("gazette").stdout
    assert "Runs that failed: 4 in a row  (usual: none)" in said
    assert "Changes of the last 30 days:" in said
    assert "broken (gone): 404." in said


def test_what_is_not_fresh_is_said(archive, typed):
    judged(archive, HealthState.DEGRADED, "below_minimum", "Too few.", fit=False)
    assert "What its newest run brought is not called fresh." in typed().stdout


def test_an_outlet_that_was_not_judged_yet_says_so(archive, typed):
    assert "Not judged yet: no crawl of it has ended so far." in typed("herald").stdout


def test_switched_off_outlets_are_left_out_unless_asked_for(archive, typed):
    assert "tagesschau" not in typed().stdout
    assert "tagesschau" in typed("--all").stdout


def test_json_is_a_list_of_scorecards(archive, typed):
    judged(archive, HealthState.BROKEN, "gone", "404.")
    found = {one["outlet"]: one for one in json.loads(typed("--json").stdout)}
    assert (found["gazette"]["state"], found["gazette"]["cause"]) == ("broken", "gone")
    assert found["herald"]["state"] is None


def test_an_unknown_name_is_answered_with_a_known_one(archive, typed):
    found = typed("gazete")
    assert isinstance(found.exception, UsageError)
    assert "gazette" in str(found.exception)
