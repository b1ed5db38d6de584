"""`watchfloor serve` as a process: its first line, a taken port, its end; and `watchfloor search`."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from config.errors import UsageError
from index.cli import search
from index.search.opening import open_backend
from index.sync import sync
from tests.factories import an_article, save
from web.cli import open_to_listeners

COMMAND = [sys.executable, "-c", "from config.cli import main; main()"]


@pytest.fixture
def environment(settings) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "WATCHFLOOR_DATA__DIR": str(settings.data.dir)}


@pytest.fixture
def indexed(archive, settings, now):
    save(archive, an_article("imported", "Freight trains were counted.", import_id="doc-7"), now)
    backend = open_backend(settings)
    sync(archive, backend, settings=settings)
    backend.close()


@contextmanager
def served(environment, folder, port=0):
    """Run `serve` while the block lasts; give its process and its address."""
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", str(port), "--until-stdin-ends"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("Watchfloor is at http://127.0.0.1:")
        yield process, line.split()[-1]
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def test_serve_moves_on_from_a_taken_port_and_ends_with_its_parent(environment, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with served(environment, tmp_path, port) as (process, address):
            assert f":{port}/" not in address
            with urllib.request.urlopen(f"{address}healthz", timeout=20) as answer:
                assert json.load(answer) == {"status": "ok"}
            process.stdin.close()
            assert process.wait(timeout=20) == 0


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_figures_are_kept_from_whom_a_proxy_of_this_machine_passes_on(header, environment, tmp_path):
    with served(environment, tmp_path) as (_, address):
        with urllib.request.urlopen(f"{address}metrics", timeout=20) as answer:
            assert b"watchfloor_database_up 1.0" in answer.read()
        passed_on = urllib.request.Request(f"{address}metrics", headers={header: "203.0.113.7"})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(passed_on, timeout=20)
        assert refused.value.code == 403
        refused.value.close()


@pytest.mark.parametrize(
    ("host", "https", "told"),
    [
        ("127.0.0.1", False, False),
        ("::1", False, False),
        ("localhost", False, False),
        ("0.0.0.0", False, True),
        ("192.0.2.7", False, True),
        ("news.example.org", False, True),
        ("0.0.0.0", True, False),
    ],
)
def test_whoever_serves_others_without_https_is_told_what_that_means(host, https, told):
    assert bool(open_to_listeners(host, https=https)) is told


def test_address_that_is_not_ours_is_a_sentence(environment, tmp_path):
    done = subprocess.run(
        [*COMMAND, "serve", "--host", "203.0.113.9"],
        env=environment,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "203.0.113.9" in done.stderr
    assert "Traceback" not in done.stderr


def run(settings, *arguments: str):
    return CliRunner().invoke(search, list(arguments), obj=settings, catch_exceptions=False)


def test_search_prints_the_answer_of_the_site(indexed, settings):
    found = json.loads(run(settings, "ports", "--json").output)
    assert found["total"] >= 2
    assert found["hits"][0]["snippet_html"]


def test_search_says_for_people_what_was_not_read(indexed, settings):
    output = run(settings, "ports").output
    assert "Not up to date: courier (never)" in output
    assert "<mark>" not in output


def test_batch_answers_each_query_with_import_ids_where_there_are_some(indexed, settings, tmp_path):
    path = tmp_path / "queries.jsonl"
    path.write_text('{"id": "q1", "query": "freight trains"}\n\n{"id": 2, "query": "zzzz"}\n')
    lines = [json.loads(line) for line in run(settings, "--batch", str(path)).output.splitlines()]
    assert lines == [{"query": "q1", "docs": ["doc-7"]}, {"query": 2, "docs": []}]


def test_line_separator_inside_a_query_ends_no_line(indexed, settings, tmp_path):
    path = tmp_path / "queries.jsonl"
    path.write_text('{"id": "q1", "query": "freight\u2028trains"}\r\n', encoding="utf-8")
    assert json.loads(run(settings, "--batch", str(path)).output) == {"query": "q1", "docs": ["doc-7"]}


@pytest.mark.parametrize("content", ["{", '{"id": 1}', "[]", '"x"'])
def test_broken_line_of_a_batch_is_named(content, indexed, settings, tmp_path):
    path = tmp_path / "queries.jsonl"
    path.write_text(f'{{"id": 1, "query": "a"}}\n{content}\n')
    with pytest.raises(UsageError, match="line 2"):
        run(settings, "--batch", str(path))


@pytest.mark.parametrize("arguments", [[], ["a", "--batch", "x"]])
def test_search_needs_a_query_or_a_file(arguments, settings):
    with pytest.raises(UsageError):
        run(settings, *arguments)
