"""`watchfloor stories cluster` and `score`: a line out for every line in, in its order; bad lines told by number."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config.errors import UsageError
from index.cli_stories import stories

TEXTS = {
    "fire": "Tanker burns in Aru harbour: pilots rescued the crew while foam was sprayed on the hull of the tanker",
    "talks": "Ministers met at the Velm bridge for ceasefire talks: envoys agreed an exchange of prisoners by Friday",
}


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(stories, list(arguments), input=stdin, standalone_mode=False)


def line(number: int, event: str, date: str | None = "2026-03-01T00:00:00Z") -> str:
    text = TEXTS[event] + " " + " ".join(f"{event}{number}w{at}" for at in range(20))
    row = {"id": f"n{number}", "outlet": "gazette.example", "title": TEXTS[event][:40], "text": text, "cluster": event}
    return json.dumps(row | ({"date": date} if date else {})) + "\n"


def test_stories_come_in_the_order_of_the_file_though_placed_in_that_of_time(tmp_path: Path):
    path = tmp_path / "articles.jsonl.gz"
    rows = [line(1, "fire", "2026-03-03"), line(2, "talks", "2026-03-02"), line(3, "fire", "2026-03-01")]
    path.write_bytes(gzip.compress("".join(rows).encode()))
    done = [json.loads(row) for row in run("cluster", str(path)).stdout.splitlines()]
    assert [row["id"] for row in done] == ["n1", "n2", "n3"]
    assert [row["cluster"] for row in done] == [1, 2, 1]


def test_a_line_without_a_date_is_told_of_and_has_the_time_of_the_one_before():
    done = run("cluster", "-", stdin=line(1, "fire") + line(2, "fire", None))
    assert done.stderr.startswith("1 line without a date")
    assert len({json.loads(row)["cluster"] for row in done.stdout.splitlines()}) == 1


def test_a_file_without_articles_is_said_to_have_none():
    done = run("cluster", "-", stdin="\n")
    assert done.stdout == ""
    assert done.stderr.startswith("-: no article in it; give one JSON object a line")


def test_copies_are_pairs(tmp_path: Path):
    text = " ".join(f"w{at * at % 997}" for at in range(300))
    rows = [json.dumps({"id": n, "date": "2026-03-01", "outlet": f"o{n}", "title": "t", "text": text}) for n in (7, 8)]
    assert run("cluster", "--copies", "-", stdin="\n".join(rows)).stdout == '{"a": 7, "b": 8}\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "-:1: not JSON"),
        ("[1]", "-:1: not a JSON object"),
        ('\n{"title": "x"}', "-:2: no id"),
        ('{"id": 1, "title": ["x"]}', "-:1: title is not a string"),
        ('{"id": 1, "title": "a"}\n{"id": "1", "title": "b"}', "-:2: the id '1' stands in a line before"),
    ],
)
def test_a_bad_line_is_told_by_its_number(text: str, said: str):
    caught = run("cluster", "-", stdin=text).exception
    assert isinstance(caught, UsageError)
    assert str(caught).startswith(said)


def test_a_file_that_is_not_there_is_one_sentence():
    caught = run("score", "absent.jsonl").exception
    assert isinstance(caught, UsageError)
    assert str(caught).startswith("absent.jsonl cannot be read (No such file or directory)")


def test_score_places_the_articles_itself_or_takes_what_is_given(tmp_path: Path):
    gold, found = tmp_path / "gold.jsonl", tmp_path / "found.jsonl"
    gold.write_text(line(1, "fire") + line(2, "talks") + line(3, "fire"))
    found.write_text("".join(json.dumps({"id": f"n{n}", "cluster": 1}) + "\n" for n in (1, 2, 3)))
    assert json.loads(run("score", "--json", str(gold)).stdout)["bcubed_f1"] == 1.0
    given = json.loads(run("score", "--json", str(gold), str(found)).stdout)
    assert (given["pair_p"], given["pair_r"]) == (0.3333, 1.0)
    assert run("score", "--min", "0.9", str(gold), str(found)).return_value == 10
