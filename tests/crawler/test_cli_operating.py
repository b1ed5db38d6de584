"""`schedule`, `jobs` and `runs` as an operator types them: what they print, and what they say to what cannot be."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config.cli import cli
from config.errors import UsageError
from config.settings import Settings
from crawler.cli_jobs import jobs
from crawler.cli_runs import runs
from crawler.cli_schedule import schedule
from crawler.cli_up import up
from crawler.scheduler import tick
from index.errors import NotFoundError
from index.job_records import JobState
from index.store import Store, open_store
from index.store.jobs import attach_run, claim_job, get_job
from index.store.runs import finish_run, start_run
from index.store.schedules import get_schedule, list_schedules
from tests.factories import a_spec

GAZETTE = 'name = "gazette"\ntitle = "Gazette"\nhome = "https://gazette.example/"\nlanguages = ["en"]\n'


@pytest.fixture
def outlet_file(tmp_path: Path) -> Path:
    folder = tmp_path / "outlets"
    folder.mkdir()
    (folder / "gazette.toml").write_text(GAZETTE)
    return folder / "gazette.toml"


@pytest.fixture
def settings(outlet_file: Path, make_settings: Callable[..., Settings]) -> Settings:
    return make_settings(crawler={"outlets_dir": str(outlet_file.parent)})


@pytest.fixture
def archive(settings: Settings):
    store = open_store(settings)
    yield store
    store.close()


@pytest.fixture
def typed(settings: Settings) -> Callable[..., Result]:
    def run(command: object, *words: str) -> Result:
        return CliRunner().invoke(command, list(words), obj=settings)  # type: ignore[arg-type]

    return run


def printed(result: Result) -> object:
    assert result.exit_code == 0, (result.output, result.exception)
    return json.loads(result.output)


def past_runs(store: Store, number: int, *, seconds: int = 600, asked: int = 100, state: str = "done") -> int:
    """Runs of gazette one after the other; the id of the last one."""
    begun = datetime(2026, 11, 1, tzinfo=UTC)
    for _ in range(number):
        with store.write() as tx:
            run = start_run(tx, "gazette", kind="crawl", now=begun, pid=1, host="elsewhere")
            numbers = {"asked": asked, "fetched": asked, "body_bytes": 1000 * asked}
            finish_run(tx, run.id, state=state, reason="", numbers=numbers, now=begun + timedelta(seconds=seconds))
        begun += timedelta(days=1)
    return run.id


def test_a_schedule_is_set_listed_paused_resumed_and_removed(typed):
    set_ = typed(schedule, "set", "gazette", "every", "30m", "--zone", "Europe/Berlin", "--jitter", "5m")
    assert set_.output.startswith("gazette: Every 30 minutes, Europe/Berlin. Next: ")
    (one,) = printed(typed(schedule, "list", "--json"))
    assert (one["when"], one["zone"], one["jitter_s"], one["origin"]) == ("every 30m", "Europe/Berlin", 300, "operator")
    paused = printed(typed(schedule, "pause", "gazette", "--reason", "They rebuild.", "--json"))
    assert (paused["paused_reason"], paused["next_at"]) == ("They rebuild.", None)
    assert "They rebuild." in typed(schedule, "list").output
    assert "It is paused (They rebuild.)" in typed(schedule, "set", "gazette", "every 2h").output
    assert printed(typed(schedule, "resume", "gazette", "--json"))["next_at"] is not None
    assert typed(schedule, "remove", "gazette").output == "gazette: removed.\n"
    assert typed(schedule, "list").output.startswith("No outlet has a schedule")


@pytest.mark.parametrize(
    "given", [["15 */2 * * 1-5"], ["15", "*/2", "*", "*", "1-5"], ["every 45m"], ["adaptive 10m-6h"]]
)
def test_a_time_may_be_typed_with_quotes_or_without(given, typed):
    assert printed(typed(schedule, "set", "gazette", *given, "--json"))["when"] == " ".join(given)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["61 * * * *"], r"`61` is no minute .* did you mean `59 \* \* \* \*`\? It would fire at \w{3} 20\d\d-"),
        (["0 0 31 2 *"], r"no such day ever comes; did you mean `0 0 .*It would fire at "),
        (["* * * * * *"], r"five fields .* did you mean `\* \* \* \* \*`\? It would fire at"),
        (["every 10s"], r"once a minute at the most; did you mean `every 1m`\? It would fire at"),
        (["every 2 years"], r"no interval can be read"),
        (["@daily"], r"did you mean `0 0 \* \* \*`\? It would fire at .* 00:00 UTC"),
        (["whenever"], r"no time can be read from it; write `every 30m`"),
        (["every 1h", "--zone", "Berlin"], r"did you mean `Europe/Berlin`\? It would fire at .* CES?T"),
        (["every 1h", "--zone", "Nowhere/Land"], r"not an IANA time zone"),
        (["every 10m", "--jitter", "15m"], r"a jitter of 15 minutes is no shorter .* it would fire at"),
        (["every 1d", "--jitter", "12h"], r"six hours are the most"),
        (["every 1h", "--jitter", "a bit"], r"a bit: is no span of time"),
        (["every 1h", "--jitter", "5"], r"--jitter: 5: is no span .* did you mean `5m`\? It would fire at .* UTC"),
        (["every 1h", "--quiet", "late"], r"--quiet: late: quiet hours are two times of the day"),
        (["0 5,9 * * *", "--quiet", "10pm-6am"], r"did you mean `22:00-06:00`\? It would fire at .* 09:00 UTC"),
        (["0 5 * * *", "--quiet", "22-6"], r"did you mean `22:00-06:00`\? It would never fire"),
        (["30 23 * * *", "--quiet", "22:00-06:00"], r"never fires: .* Without that it would fire at .* 23:30 UTC"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused_with_what_was_meant(words, said, typed, archive):
    result = typed(schedule, "set", "gazette", *words)
    assert isinstance(result.exception, UsageError)
    with pytest.raises(UsageError, match=said):
        raise result.exception
    assert "\n" not in str(result.exception)
    with archive.read() as tx:
        assert list_schedules(tx) == []


@pytest.mark.parametrize(
    ("command", "words", "said"),
    [
        (schedule, ["set", "gazete", "every 1h"], "gazete: no outlet of that name, perhaps gazette;"),
        (jobs, ["cancel", "9" * 30], "There is no job 9999"),
        (runs, ["show", "9" * 30], "There is no run 9999"),
        (runs, ["stop", "9" * 30], "There is no run 9999"),
        (jobs, ["add", "gazette", "--limit", "9" * 11], "A limit of 99,999,999,999 pages is none: no run comes so far"),
        (schedule, ["pause", "gazette", "--reason", "x"], "gazette: has no schedule; `watchfloor schedule set gazette"),
        (schedule, ["pause", "gazette", "--reason", " "], "--reason: say why in a few words"),
        (schedule, ["resume", "gazette"], "gazette: has no schedule"),
        (schedule, ["remove", "gazette"], "gazette: has no schedule"),
        (schedule, ["forecast", "gazette"], "gazette: has no schedule in force; name a WHEN"),
        (schedule, ["forecast", "gazete", "every 1h"], "perhaps gazette"),
        (jobs, ["add", "gazete"], "gazete: no outlet of that name, perhaps gazette;"),
        (jobs, ["add", "gazette", "--url", "https://herald.example/a"], "on no host of gazette"),
        (jobs, ["add", "gazette", "--url", "https://[::1"], "no whole address"),
        (jobs, ["add", "gazette", "--limit", "99999999999999999999"], "no run comes so far"),
        (jobs, ["cancel", "7"], "There is no job 7; `watchfloor jobs list`"),
        (jobs, ["cancel", "99999999999999999999"], "There is no job 99999999999999999999"),
        (runs, ["show", "99999999999999999999"], "There is no run 99999999999999999999"),
        (runs, ["stop", "99999999999999999999"], "There is no run 99999999999999999999"),
        (jobs, ["list", "--outlet", "gazete"], "perhaps gazette"),
        (runs, ["show", "7"], "There is no run 7; `watchfloor runs list`"),
        (runs, ["stop", "7"], "There is no run 7; `watchfloor runs list`"),
        (runs, ["list", "--outlet", "gazete"], "perhaps gazette"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_that_says_what_to_do(command, words, said, typed):
    result = typed(command, *words)
    assert isinstance(result.exception, UsageError | NotFoundError)
    assert said in str(result.exception)
    assert result.exception.exit_code == 2


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (jobs, ["add", "gazette", "--limit", "0"]),
        (jobs, ["cancel", "seven"]),
        (jobs, ["list", "--state", "asleep"]),
        (schedule, ["pause", "gazette"]),
        (schedule, ["set", "gazette"]),
        (schedule, ["forecast", "--days", "400"]),
        (up, ["--workers", "0"]),
        (up, ["--port", "70000"]),
    ],
)
def test_impossible_options_are_usage_errors(command, words, typed):
    assert typed(command, *words).exit_code == 2


def test_a_schedule_the_usual_run_does_not_fit_into_is_refused_unless_insisted_on(typed, archive):
    past_runs(archive, 3, seconds=2400)
    result = typed(schedule, "set", "gazette", "every 30m")
    assert "its usual run lasts 40 min" in str(result.exception)
    assert "`every 2h` would fit and fire at " in str(result.exception)
    assert str(result.exception).endswith("--anyway sets yours.")
    assert typed(schedule, "set", "gazette", "every 30m", "--anyway").exit_code == 0
    with archive.read() as tx:
        assert get_schedule(tx, "gazette").plan.when.text == "every 30m"


def test_the_schedule_of_a_file_is_listed_and_paused_before_a_scheduler_saw_it(typed, outlet_file):
    outlet_file.write_text(GAZETTE + 'schedule = "every 30m"\n')
    (one,) = printed(typed(schedule, "list", "--json"))
    assert (one["origin"], one["changed_by"]) == ("file", "the outlet's file")
    refused = typed(schedule, "remove", "gazette").exception
    assert f"stands in {outlet_file}; take the line out there, or `watchfloor schedule pause gazette" in str(refused)
    assert printed(typed(schedule, "pause", "gazette", "--reason", "x", "--json"))["origin"] == "file"
    outlet_file.write_text(GAZETTE + 'schedule = "every 2h"\n')
    (one,) = printed(typed(schedule, "list", "--json"))
    assert (one["when"], one["paused_reason"]) == ("every 2h", "x")


def test_a_schedule_of_an_operator_that_is_removed_gives_way_to_that_of_the_file(typed, outlet_file):
    outlet_file.write_text(GAZETTE + 'schedule = "every 30m"\n')
    typed(schedule, "set", "gazette", "every 2h")
    assert typed(schedule, "remove", "gazette").output.endswith("The schedule of its file counts again: every 30m.\n")
    (one,) = printed(typed(schedule, "list", "--json"))
    assert (one["when"], one["origin"]) == ("every 30m", "file")


def test_a_wrong_time_in_an_outlet_file_is_a_fault_of_that_file(typed, outlet_file):
    outlet_file.write_text(GAZETTE + 'schedule = "every 30"\n')
    fault = str(typed(schedule, "list").exception)
    assert fault.startswith(f"{outlet_file}: schedule: every 30: no interval can be read from it; write `every 30m`")


def test_quiet_hours_may_stand_in_one_text_with_commas(typed):
    result = typed(schedule, "set", "gazette", "every 30m", "--quiet", "22:00-06:00, 12:00-13:00", "--json")
    assert printed(result)["quiet"] == ["22:00-06:00", "12:00-13:00"]


def test_a_forecast_tries_a_schedule_without_setting_it(typed, archive):
    past_runs(archive, 3, seconds=600, asked=100)
    seen = printed(typed(schedule, "forecast", "gazette", "every 1h", "--json"))
    (one,) = seen["outlets"]
    assert (len(one["firings"]), one["run_s"], one["requests"]) == (24, 600, 2400)
    assert seen["clashes"] == []
    assert "gazette.example at most 100 an hour" in typed(schedule, "forecast", "gazette", "every 1h").output
    assert seen["hosts"][0]["most_an_hour"] == 3600
    with archive.read() as tx:
        assert list_schedules(tx) == []


def test_a_forecast_of_one_outlet_says_when_it_fires_next_however_far_ahead(typed):
    told = typed(schedule, "forecast", "gazette", "0 6 29 2 *").output
    assert "gazette: At 06:00 on February 29, UTC. Next: " in told
    assert "-02-29 06:00 UTC" in told


def test_a_forecast_of_an_adaptive_schedule_says_which_interval_it_counts(typed):
    told = typed(schedule, "forecast", "gazette", "adaptive 10m-6h").output
    assert "Counted at its shortest interval, 10 minutes: the most it can ask." in told


def test_a_forecast_says_which_outlets_have_no_history(typed):
    told = typed(schedule, "forecast", "gazette", "every 1h").output
    assert "what a run costs is not known yet: the outlet has too few whole runs" in told
    assert "Not counted, for want of three whole runs: 1 outlet (gazette)." in told


def test_jobs_are_asked_for_listed_and_cancelled(typed):
    job = printed(typed(jobs, "add", "gazette", "--limit", "5", "--json"))
    assert (job["state"], job["limit"], job["outlet"]) == ("waiting", 5, "gazette")
    assert "for a worker, attempt 1 (at most 5 pages; asked by" in typed(jobs, "list").output
    assert printed(typed(jobs, "cancel", str(job["id"]), "--json"))["state"] == "cancelled"
    assert [one["state"] for one in printed(typed(jobs, "list", "--json", "--state", "cancelled"))] == ["cancelled"]


def test_a_job_says_how_many_firings_it_answers(typed, archive):
    typed(schedule, "set", "gazette", "every 30m")
    with archive.read() as tx:
        since = get_schedule(tx, "gazette").plan.since
    specs = {"gazette": a_spec()}
    tick(archive, specs, since + timedelta(minutes=95))
    tick(archive, specs, since + timedelta(minutes=125))
    told = typed(jobs, "list").output
    assert "answers 2 missed firings too; 1 later firing folded into it" in told


def test_a_run_is_shown_beside_the_usual_one(typed, archive):
    past_runs(archive, 3, seconds=600, asked=100)
    last = past_runs(archive, 1, seconds=600, asked=12)
    shown = printed(typed(runs, "show", str(last), "--json"))
    assert shown["usual"]["asked"] == 100
    assert shown["unusual"] == ["12 URLs, usually 100 URLs", "12 answers, usually 100 answers"]
    assert "unusual    12 URLs, usually 100 URLs" in typed(runs, "show", str(last)).output
    assert [run["id"] for run in printed(typed(runs, "list", "--json", "--limit", "2"))] == [last, last - 1]
    assert "12.0 kB" in typed(runs, "list").output


def test_a_first_run_says_that_nothing_is_usual_yet(typed, archive):
    assert "usual      not known yet" in typed(runs, "show", str(past_runs(archive, 1))).output


def test_stopping_a_run_stops_its_job_as_well(typed, archive):
    typed(jobs, "add", "gazette")
    now = datetime.now(UTC)
    with archive.write() as tx:
        job = claim_job(tx, worker="w", now=now, lease=timedelta(hours=1)).job
        run = start_run(tx, "gazette", kind="crawl", now=now, pid=1, host="elsewhere")
        attach_run(tx, job.id, job.attempt, run.id)
    assert "is asked to stop" in typed(runs, "stop", str(run.id)).output
    with archive.read() as tx:
        held = get_job(tx, job.id)
    assert (held.state, bool(held.stop_asked_by)) == (JobState.LEASED, True)
    assert "to be stopped" in typed(jobs, "list").output


@pytest.mark.parametrize("name", ["schedule", "scheduler", "jobs", "runs", "worker", "indexer", "up"])
def test_every_command_is_in_the_list_of_commands_with_a_sentence(name):
    shown = CliRunner().invoke(cli, ["--help"]).output
    (line,) = [line for line in shown.splitlines() if line.split()[:1] == [name]]
    assert len(line.split()) > 4


def test_what_is_changed_by_a_command_is_noted_with_who_typed_it(typed, archive):
    from index.asking import who
    from index.store.audit import list_acts

    typed(schedule, "set", "gazette", "every", "2h")
    typed(schedule, "pause", "gazette", "--reason", "They move.")
    typed(jobs, "add", "gazette")
    typed(jobs, "cancel", "1")
    with archive.read() as tx:
        found = list_acts(tx)
    assert {one.by for one in found} == {who()}
    assert [(one.act, one.subject) for one in found] == [
        ("called off", "job 1"),
        ("asked for a run of", "gazette"),
        ("paused the schedule of", "gazette"),
        ("set the schedule of", "gazette"),
    ]
