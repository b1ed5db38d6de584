"""Lines of text already extracted into articles: pure."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.import_files import Fault, TextRecord, read_records
from crawler.import_texts import article_of_line, date_of, first_sentence, paragraphs_of
from index.records import ArticleFlag, DateFlag

NOW = datetime(2024, 6, 1, tzinfo=UTC)


def record(**more: str) -> TextRecord:
    parts = {"id": "w-1", "url": "", "outlet": "wire", "date": "", "title": "A title", "text": "Text.", "where": "x"}
    return TextRecord(**{**parts, **more})


def test_line_without_url_is_named_by_outlet_and_id():
    found = article_of_line(record(), outlet="wire", spec=None, language="en", now=NOW)
    assert found.canonical_url == "urn:watchfloor:wire:w-1"
    assert found.import_id == "w-1"


def test_line_with_url_is_named_by_it():
    found = article_of_line(
        record(url="http://wire.example/a?utm_source=x"), outlet="wire", spec=None, language="en", now=NOW
    )
    assert found.canonical_url == "http://wire.example/a"


def test_outlet_without_a_file_is_flagged_as_provisional():
    assert article_of_line(record(), outlet="wire", spec=None, language="", now=NOW).flags == (
        ArticleFlag.PROVISIONAL_OUTLET,
    )


def test_title_is_the_first_sentence_where_there_is_none():
    found = article_of_line(
        record(title=" ", text="The port closed. It rained."), outlet="w", spec=None, language="", now=NOW
    )
    assert found.title == "The port closed."
    assert ArticleFlag.TITLE_FROM_TEXT in found.flags


def test_long_first_sentence_is_cut_at_a_word():
    title = first_sentence("word " * 60)
    assert len(title) <= 121
    assert title.endswith("word…")


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        ("One.\nTwo.\r\nThree.", "One.\n\nTwo.\n\nThree."),
        ("One\nwrapped.\n\nTwo.", "One wrapped.\n\nTwo."),
        ("  One.  \n\n\n\n  Two. \n", "One.\n\nTwo."),
    ],
)
def test_paragraphs_are_joined_by_a_blank_line(text, paragraphs):
    assert paragraphs_of(text) == paragraphs


@pytest.mark.parametrize(
    ("text", "at", "flags"),
    [
        ("1987-02-26T15:01:01Z", datetime(1987, 2, 26, 15, 1, 1, tzinfo=UTC), ()),
        ("1987-02-26T15:01:01+02:00", datetime(1987, 2, 26, 13, 1, 1, tzinfo=UTC), ()),
        ("1987-02-26 15:01", datetime(1987, 2, 26, 15, 1, tzinfo=UTC), (DateFlag.ZONE_ASSUMED,)),
        ("1987-02-26", datetime(1987, 2, 26, tzinfo=UTC), (DateFlag.ZONE_ASSUMED,)),
        ("last week", None, (DateFlag.MISSING,)),
        ("", None, (DateFlag.MISSING,)),
        ("0001-01-01T00:00:00+05:00", None, (DateFlag.MISSING,)),
        ("9999-12-31T23:59:59-05:00", None, (DateFlag.MISSING,)),
        ("2299-01-01T00:00:00Z", datetime(2299, 1, 1, tzinfo=UTC), (DateFlag.FUTURE,)),
        ("2299-01-01", datetime(2299, 1, 1, tzinfo=UTC), (DateFlag.ZONE_ASSUMED, DateFlag.FUTURE)),
        ("2024-06-01T20:00:00Z", datetime(2024, 6, 1, 20, tzinfo=UTC), ()),
    ],
)
def test_date_of_a_line_is_read_as_iso_and_never_guessed(text, at, flags):
    found = date_of(text, now=NOW)
    assert (found.at, found.flags) == (at, flags)


def test_text_that_nobody_can_see_is_empty(tmp_path):
    path = tmp_path / "texts.jsonl"
    path.write_text('{"id": "1", "outlet": "wire", "text": " \\u200b\\n\\u00ad"}\n', encoding="utf-8")
    [found] = read_records(path, url="", now=NOW, max_bytes=1000, on_bytes=lambda _: None)
    assert found == Fault(f"{path}, line 1: its text is empty; passed over.")
