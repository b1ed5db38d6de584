"""`watchfloor search --batch`: a line out for every line in."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from config.settings import Settings
from index.cli import search
from index.search.opening import open_backend
from index.store import open_store
from index.sync import sync
from tests.factories import an_article, register, save


def run(settings: Settings, path: Path) -> Result:
    return CliRunner().invoke(search, ["--batch", str(path)], obj=settings, standalone_mode=False)


def test_a_query_that_cannot_be_answered_costs_no_other(settings, tmp_path: Path):
    path = tmp_path / "queries.jsonl"
    path.write_text("".join(json.dumps({"id": n, "query": q}) + "\n" for n, q in ((1, "x" * 5000), (2, "border"))))
    done = run(settings, path)
    assert [json.loads(line)["query"] for line in done.stdout.splitlines()] == [1, 2]
    assert done.stderr.startswith("watchfloor: query 1: The query has 5,000 characters")
    assert done.return_value == 10


def test_a_query_may_hold_what_python_takes_for_the_end_of_a_line(settings, tmp_path: Path):
    path = tmp_path / "queries.jsonl"
    line = json.dumps({"id": "a", "query": "border\u2028talks\x85"}, ensure_ascii=False)
    path.write_bytes(b"\xef\xbb\xbf" + line.encode() + b"\r\n")
    assert [json.loads(line) for line in run(settings, path).stdout.splitlines()] == [{"query": "a", "docs": []}]


def test_a_demand_that_nothing_meets_is_dropped_and_said(settings, now, tmp_path: Path):
    store, backend = open_store(settings), open_backend(settings)
    register(store, now, "gazette")
    save(store, an_article("ports", "Ports were closed."), now)
    sync(store, backend, settings=settings)
    backend.close()
    store.close()
    path = tmp_path / "queries.jsonl"
    path.write_text("".join(json.dumps({"id": n, "query": q}) + "\n" for n, q in ((1, "+ports +moon"), (2, "+ports"))))
    first, second = map(json.loads, run(settings, path).stdout.splitlines())
    assert (len(first["docs"]), first["relaxed"]) == (1, "moon")
    assert "relaxed" not in second
    assert second["docs"] == first["docs"]


def test_a_word_behind_a_minus_is_of_the_query_and_no_option(settings, now):
    store, backend = open_store(settings), open_backend(settings)
    register(store, now, "gazette")
    save(store, an_article("ports", "Ports were closed."), now)
    save(store, an_article("fleet", "Ships left the ports."), now)
    sync(store, backend, settings=settings)
    backend.close()
    store.close()

    def asked(*words: str) -> Result:
        return CliRunner().invoke(search, [*words, "--json"], obj=settings, standalone_mode=False)

    for words in (("ports", "-ships"), ("-ships", "ports"), ("ports -ships",)):
        assert [hit["url"][-5:] for hit in json.loads(asked(*words).stdout)["hits"]] == ["ports"]
    assert "There is no option --limt" in str(asked("ports", "--limt", "3").exception)
