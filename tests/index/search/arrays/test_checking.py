"""Checksums of large files: read beside the searches, and what does not fit is told to whoever asks next."""

from __future__ import annotations

from pathlib import Path

import pytest
from whoosh import fields

from config.settings import load_settings
from index.errors import IndexDamagedError
from index.search.arrays import container
from index.search.arrays.errors import DamagedFileError
from index.search.arrays.index import ArraysIndex
from index.search.backend import SearchRequest
from index.search.query import Word
from index.search.whoosh_backend import WhooshBackend
from tests.index.search.test_whoosh_costs import documents

SCHEMA = fields.Schema(id=fields.ID(stored=True), body=fields.TEXT())


@pytest.fixture(autouse=True)
def _every_file_is_large(monkeypatch):
    monkeypatch.setattr(container, "CHECKED_AT_ONCE", 0)
    monkeypatch.setattr(container, "_SMALL", 0)


def spoil(path: Path, array: str) -> None:
    """Change a byte of an array that says nothing of where others are."""
    file = container.open_array_file(path)
    offset, size, _ = file.unchecked[array]
    data = bytearray(path.read_bytes())
    data[offset + size // 2] ^= 1
    path.unlink()  # it may not be written to
    path.write_bytes(data)


def filled(folder: Path) -> Path:
    index = ArraysIndex.create(folder, SCHEMA)
    for begin in range(0, 40, 10):
        with index.writer() as writer:
            for number in range(begin, begin + 10):
                writer.add_document(id=str(number), body=f"report {number} of the harbour")
    return min(folder.glob("*.arrays"))


def test_a_whole_file_stays_open(tmp_path: Path) -> None:
    filled(tmp_path)
    index = ArraysIndex(tmp_path, SCHEMA)
    for segment in index.commit().segments:
        assert index.open_segments.whole(segment.segment_id()).file.unchecked


def test_damage_in_a_large_file_is_noticed_after_it_was_opened(tmp_path: Path) -> None:
    path = filled(tmp_path)
    spoil(path, "body/impacts")
    index = ArraysIndex(tmp_path, SCHEMA)
    index.open_segments.get(path.stem)
    index.open_segments.checks.wait()
    with pytest.raises(DamagedFileError, match="checksum of body/impacts"):
        index.open_segments.get(path.stem)


def test_what_is_damaged_is_not_merged_into_a_file_with_good_checksums(tmp_path: Path) -> None:
    path = filled(tmp_path)
    spoil(path, "body/impacts")
    before = set(tmp_path.glob("*.arrays"))
    index = ArraysIndex(tmp_path, SCHEMA)
    with pytest.raises(DamagedFileError, match="checksum"):
        index.merge()
    assert set(tmp_path.glob("*.arrays")) == before


def test_a_search_after_the_check_says_what_mends_a_damaged_index(tmp_path: Path) -> None:
    settings = load_settings(environ={}).search.model_copy(update={"codec": "arrays"})
    backend = WhooshBackend(tmp_path, settings=settings)
    backend.apply(documents(range(1, 50)), (), 1)
    backend.close()
    (path,) = tmp_path.glob("gen-*/*.arrays")
    spoil(path, "text/impacts")
    backend = WhooshBackend(tmp_path, settings=settings)
    opened = backend.opened.newest()
    assert opened is not None
    opened.segments._index.open_segments.checks.wait()
    for _ in range(3):  # it stays so, though it is opened and checked anew
        with pytest.raises(IndexDamagedError, match="watchfloor index rebuild"):
            backend.search(SearchRequest(Word("troops")))
    backend.close()


def test_a_file_that_a_later_commit_took_away_is_no_damage(tmp_path: Path) -> None:
    path = filled(tmp_path)
    file = container.open_array_file(path)
    path.unlink()
    from index.search.arrays.checking import fault_of

    assert fault_of(path, file) == ""
