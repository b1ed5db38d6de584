"""`watchfloor extract`: a line out for every line in, and one sentence for what cannot be read."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config.settings import Settings
from crawler.cli_extract import extract
from index.outcomes import Outcome
from tests.loopback_outlet import article_html

URL = "https://gazette.example/news/cable"
PAGE = article_html("cable", "", "", "", URL)
KEYS = {
    *("url", "canonical_url", "outcome", "title", "search_title", "authors", "published_at", "published_text"),
    *("updated_at", "updated_text", "date_flags", "flags", "language", "text", "read_minutes", "links"),
}


def run(settings: Settings, *arguments: str, sent: bytes | None = None) -> Result:
    return CliRunner().invoke(extract, [*arguments], input=sent, obj=settings, standalone_mode=False)


def read(settings: Settings, line: bytes) -> dict[str, object]:
    (found,) = run(settings, "--jsonl", sent=line + b"\n").stdout.splitlines()
    values = json.loads(found)
    assert set(values) >= KEYS
    return values


@pytest.mark.parametrize(
    ("line", "url", "outcome"),
    [
        (json.dumps({"url": URL, "html": PAGE}).encode(), URL, Outcome.NEW),
        (b"\xef\xbb\xbf" + json.dumps({"url": URL, "html": PAGE}).encode(), URL, Outcome.NEW),
        (json.dumps({"html": PAGE}).encode(), URL, Outcome.NEW),  # the page states its address
        (json.dumps({"url": None, "html": PAGE}).encode(), URL, Outcome.NEW),
        (json.dumps({"url": "", "html": "<p>x"}).encode(), "", Outcome.SCHEME_REFUSED),
        (
            json.dumps({"url": "ftp://gazette.example/a", "html": PAGE}).encode(),
            "ftp://gazette.example/a",
            "scheme_refused",
        ),
        (json.dumps({"url": "https://[bad", "html": PAGE}).encode(), "https://[bad", Outcome.SCHEME_REFUSED),
        (json.dumps({"url": URL}).encode(), URL, Outcome.UNDECODABLE),
        (json.dumps({"url": URL, "html": 5}).encode(), URL, Outcome.UNDECODABLE),
        (json.dumps({"url": URL, "html": "x" * (9 << 20)}).encode(), URL, Outcome.TOO_LARGE),
        (b"not json", "", Outcome.UNDECODABLE),
        (b"\xff\xfe\x00", "", Outcome.UNDECODABLE),
        (b"[" * 100_000, "", Outcome.UNDECODABLE),
        (b"[1]", "", Outcome.UNDECODABLE),
        (b"null", "", Outcome.UNDECODABLE),
    ],
    ids=range(15),
)
def test_every_line_is_answered_with_every_field(settings, line: bytes, url: str, outcome: str):
    found = read(settings, line)
    assert (found["url"], found["outcome"]) == (url, outcome)


def test_half_a_surrogate_pair_does_not_end_the_lines(tmp_path: Path):
    lines = ({"url": "https://gazette.example/\ud800", "html": "<title>\ud800</title>"}, {"url": URL, "html": PAGE})
    done = subprocess.run(
        [str(Path(sys.executable).with_name("watchfloor")), "extract", "--jsonl"],
        input="".join(json.dumps(line) + "\n" for line in lines).encode(),
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
    )
    assert [json.loads(line)["outcome"] for line in done.stdout.splitlines()] == ["not_article", "new"]
    assert (done.returncode, done.stderr) == (0, b"")


def test_lines_may_be_gzipped(settings, tmp_path: Path):
    path = tmp_path / "pages.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps({"url": URL, "html": PAGE}).encode() + b"\n"))
    assert json.loads(run(settings, "--jsonl", str(path)).stdout)["outcome"] == "new"


def test_an_address_that_is_none_is_a_usage_error(settings, tmp_path: Path):
    path = tmp_path / "a.html"
    path.write_text(PAGE, encoding="utf-8")
    assert "is no address" in str(run(settings, str(path), "--url", "nonsense").exception)


def test_a_text_file_takes_no_url(settings, tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_text("By A, B\n" + "word " * 100, encoding="utf-8")
    done = run(settings, str(path), "--outlet", "foremedia", "--url", URL)
    assert "leave --url out" in str(done.exception)


def test_bytes_that_are_no_text_are_undecodable(settings, tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_bytes(bytes(range(14, 256)) * 20)
    done = run(settings, str(path), "--outlet", "foremedia", "--json")
    assert (done.return_value, json.loads(done.stdout)["outcome"]) == (10, "undecodable")
