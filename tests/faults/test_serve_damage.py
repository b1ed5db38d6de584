"""`watchfloor serve` as a process whose mapped index files are cut under it, and whose index is made anew beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

import pytest

from index.search.opening import open_backend
from index.store import open_store
from index.sync import sync
from tests.factories import an_article, register, save

COMMAND = [sys.executable, "-c", "from config.cli import main; main()"]

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]


def asked(address: str, path: str) -> tuple[int, dict[str, object]]:
    try:
        with urllib.request.urlopen(address + path, timeout=60) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_serve_outlives_a_cut_of_its_index_and_answers_again_after_a_rebuild(make_settings, now, tmp_path):
    settings = make_settings(search={"codec": "arrays"})
    store, backend = open_store(settings), open_backend(settings)
    register(store, now, "gazette")
    for number in range(40):
        save(store, an_article(f"ports{number}", f"Ports were closed, report {number}. " * 60), now)
    sync(store, backend, settings=settings)
    backend.close()
    store.close()
    here = {"PYTHONPATH": str(Path(__file__).parents[2]), "WATCHFLOOR_DATA__DIR": str(settings.data.dir)}
    environment = {**os.environ, **here}
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--until-stdin-ends"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        assert asked(address, "api/v1/search?q=ports")[1]["total"] == 40
        for path in settings.index_dir.rglob("*.arrays"):
            path.chmod(0o600)
            os.truncate(path, 0)
        status, told = asked(address, "api/v1/search?q=ports")
        assert (status, told["status"]) == (503, 503)
        assert "does not open" in str(told["detail"])
        assert asked(address, "readyz")[0] == 503
        assert asked(address, "api/v1/articles/1")[0] == 200
        rebuilt = subprocess.run(
            [*COMMAND, "index", "rebuild"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            cwd=tmp_path,
        )
        assert rebuilt.stdout.startswith("40 indexed"), rebuilt.stderr
        assert asked(address, "api/v1/search?q=ports")[1]["total"] == 40
        assert asked(address, "readyz")[0] == 200
        assert process.poll() is None
        _, log = process.communicate(timeout=60)
        assert "Traceback" not in log
        assert "run `watchfloor index rebuild`" in log
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()
