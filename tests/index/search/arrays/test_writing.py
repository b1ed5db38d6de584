"""Writing: batches, replacing, merging, what is left after a failure; an index merged is an index made at once."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from whoosh import fields, query
from whoosh.index import EmptyIndexError, LockError

from index.search.arrays.container import VERSION
from index.search.arrays.errors import DamagedFileError, OtherVersionError, UnsupportedFieldError
from index.search.arrays.index import ArraysIndex
from index.search.arrays.tiers import MOST_AT_ONCE, Pile, to_merge

SCHEMA = fields.Schema(
    id=fields.ID(stored=True, unique=True),
    body=fields.TEXT(stored=True),
    tag=fields.ID(sortable=True),
    number=fields.NUMERIC(sortable=True),
)


def document(dice: random.Random, key: int) -> dict[str, Any]:
    words = [f"w{int(dice.paretovariate(0.6)) % 500}" for _ in range(dice.randint(0, 60))]
    if key % 7 == 0:
        words += ["often"] * dice.randint(200, 900)
    made = {"id": str(key), "body": " ".join(words), "tag": dice.choice(["a", "b", "c"]), "number": dice.randint(0, 99)}
    return {name: value for name, value in made.items() if name == "id" or dice.random() < 0.95}


def answers(index: ArraysIndex, dice: random.Random) -> list[Any]:
    """What an index answers, told by ids, so that two with other document numbers can be compared."""
    told: list[Any] = []
    with index.searcher() as searcher:
        for _ in range(60):
            one, two = f"w{dice.randint(1, 60)}", dice.choice([f"w{dice.randint(1, 60)}", "often"])
            for asked in (
                query.Term("body", one),
                query.And([query.Term("body", one), query.Term("body", two)]),
                query.Or([query.Term("body", one), query.Term("body", two)]),
                query.Phrase("body", [one, two]),
                query.NumericRange("number", 10, 40),
            ):
                found = searcher.search(asked, limit=None)
                told.append(sorted((hit["id"], round(hit.score, 9)) for hit in found))
    return told


def fill(index: ArraysIndex, keys: range, *, size: int, seed: int = 5) -> None:
    made = [document(random.Random(f"{seed} {key}"), key) for key in keys]
    for begin in range(0, len(made), size):
        with index.writer(batch_documents=50) as writer:
            for one in made[begin : begin + size]:
                writer.update_document(**one)


def test_an_index_merged_answers_as_one_made_at_once(tmp_path: Path) -> None:
    merged, fresh = ArraysIndex.create(tmp_path / "merged", SCHEMA), ArraysIndex.create(tmp_path / "fresh", SCHEMA)
    fill(merged, range(400), size=17, seed=4)
    fill(merged, range(0, 400, 3), size=40)
    fill(merged, range(1, 400, 3), size=40)
    fill(merged, range(2, 400, 3), size=40)
    while merged.merge():
        pass
    assert len(merged.commit().segments) < 16
    merged.merge(everything=True)
    (only,) = merged.commit().segments
    assert only.doc_count_all() == 400
    fill(fresh, range(400), size=400)
    assert answers(merged, random.Random(9)) == answers(fresh, random.Random(9))


def test_deleted_documents_leave_neither_words_nor_values(tmp_path: Path) -> None:
    index = ArraysIndex.create(tmp_path, SCHEMA)
    with index.writer() as writer:
        writer.add_document(id="1", body="alone here", tag="a")
        writer.add_document(id="2", body="here again", tag="b")
    with index.writer() as writer:
        writer.delete_by_term("id", "1")
    assert index.merge()
    with index.reader() as reader:
        assert list(reader.lexicon("body")) == [b"again", b"here"]
        assert [fields["id"] for _, fields in reader.iter_docs()] == ["2"]
        assert reader.column_reader("tag")[0] == "b"


def test_of_a_unique_value_written_three_times_the_last_stays(tmp_path: Path) -> None:
    index = ArraysIndex.create(tmp_path, SCHEMA)
    with index.writer(batch_documents=2) as writer:
        for number in range(3):
            writer.update_document(id="1", body=f"text {number}")
    with index.searcher() as searcher:
        assert [hit["body"] for hit in searcher.search(query.Term("id", "1"))] == ["text 2"]


def test_a_document_that_fails_half_way_is_not_there(tmp_path: Path) -> None:
    index = ArraysIndex.create(tmp_path, SCHEMA)
    writer = index.writer()
    with pytest.raises(ValueError, match="many"):
        writer.add_document(id="1", body="bad", number="many")
    writer.add_document(id="2", body="good")
    writer.commit()
    with index.searcher() as searcher:
        assert len(searcher.search(query.Term("body", "bad"))) == 0
        assert [hit["id"] for hit in searcher.search(query.Every())] == ["2"]


def test_what_is_cancelled_leaves_no_file(tmp_path: Path) -> None:
    index = ArraysIndex.create(tmp_path, SCHEMA)
    before = sorted(path.name for path in tmp_path.iterdir())
    writer = index.writer(batch_documents=1)
    writer.add_document(id="1", body="gone")
    writer.cancel()
    after = sorted(path.name for path in tmp_path.iterdir() if "LOCK" not in path.name)
    assert after == before


def test_documents_of_a_group_lie_in_one_segment(tmp_path: Path) -> None:
    index = ArraysIndex.create(tmp_path, SCHEMA)
    with index.writer(batch_documents=2) as writer, writer.group():
        for key in range(5):
            writer.add_document(id=str(key), body="part")
    assert [one.doc_count_all() for one in index.commit().segments] == [5]
    assert index.version == VERSION


def test_a_field_cannot_be_added_to_an_index(tmp_path: Path) -> None:
    writer = ArraysIndex.create(tmp_path, SCHEMA).writer()
    with pytest.raises(UnsupportedFieldError, match="make it anew"):
        writer.add_field("more", fields.ID())
    writer.cancel()
    assert "more" not in SCHEMA


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    index = ArraysIndex.create(tmp_path, SCHEMA)
    writer = index.writer()
    with pytest.raises(LockError):
        ArraysIndex(tmp_path, SCHEMA).writer()
    writer.cancel()


def test_a_searcher_answers_from_its_commit_while_others_follow(tmp_path: Path) -> None:
    index = ArraysIndex.create(tmp_path, SCHEMA)
    fill(index, range(30), size=10)
    with index.searcher() as searcher:
        fill(index, range(30, 90), size=5)
        index.merge(everything=True)
        assert len(searcher.search(query.Every(), limit=None)) == 30
        assert searcher.refresh().doc_count() == 90


def test_hostile_texts_index_and_come_back(tmp_path: Path) -> None:
    index = ArraysIndex.create(tmp_path, SCHEMA)
    texts = [
        "x" * 200_000,
        "nul \0 here",
        "lone \ud800 half",
        "again " * 70_000,
        "",
        "\U0001f600 emoji",
        "e\u0301" * 99,
    ]
    with index.writer() as writer:
        for key, text in enumerate(texts):
            writer.add_document(id=str(key), body=text)
    with index.writer() as writer:
        writer.add_document(id="last", body="again")
    index.merge(everything=True)
    with index.searcher() as searcher:
        assert [hit["body"] for hit in searcher.search(query.Every("id"), limit=None)] == [*texts, "again"]
        found = searcher.search(query.Term("body", "again"))
        assert [hit["id"] for hit in found] == ["3", "last"]
        assert len(searcher.search(query.Phrase("body", ["again", "again"]))) == 1
        assert len(searcher.search(query.Term("body", "x" * 200_000))) == 1


@pytest.mark.parametrize("spoil", ["cut", "zeroed", "flipped", "empty", "foreign", "newer"])
def test_a_spoilt_segment_is_noticed_when_it_is_opened(tmp_path: Path, spoil: str) -> None:
    fill(ArraysIndex.create(tmp_path, SCHEMA), range(30), size=30)
    (path,) = tmp_path.glob("*.arrays")
    data = bytearray(path.read_bytes())
    match spoil:
        case "cut":
            data = data[: len(data) // 2]
        case "zeroed":
            data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
        case "flipped":
            data[-200] ^= 64
        case "empty":
            data = bytearray()
        case "foreign":
            data[:8] = b"PK\3\4    "
        case "newer":
            data[8] += 1
    path.unlink()  # it may not be written to
    path.write_bytes(data)
    with pytest.raises((DamagedFileError, OtherVersionError), match=path.name):
        ArraysIndex(tmp_path, SCHEMA).searcher()


@pytest.mark.parametrize("spoil", [b"", b"{}", b"\x80\x04pickle", b'{"format": "other"}', None])
def test_a_spoilt_table_of_contents_is_noticed(tmp_path: Path, spoil: bytes | None) -> None:
    index = ArraysIndex.create(tmp_path, SCHEMA)
    fill(index, range(5), size=5)
    path = index.contents_path(index.latest_generation())
    text = path.read_bytes()
    path.write_bytes(text.replace(b'"documents": 5', b'"documents": 4') if spoil is None else spoil)
    with pytest.raises(DamagedFileError, match="toc"):
        ArraysIndex(tmp_path, SCHEMA).searcher()


def test_an_index_made_for_other_fields_is_noticed(tmp_path: Path) -> None:
    ArraysIndex.create(tmp_path, SCHEMA)
    with pytest.raises(OtherVersionError, match="other fields"):
        ArraysIndex(tmp_path, fields.Schema(id=fields.ID())).searcher()


def test_a_folder_without_an_index_is_none(tmp_path: Path) -> None:
    with pytest.raises(EmptyIndexError):
        ArraysIndex(tmp_path, SCHEMA).searcher()


@pytest.mark.parametrize("field", [fields.TEXT(chars=True), fields.TEXT(vector=True)])
def test_what_the_arrays_do_not_keep_is_refused(tmp_path: Path, field: Any) -> None:
    with pytest.raises(UnsupportedFieldError, match="body"):
        ArraysIndex.create(tmp_path, fields.Schema(body=field))


@pytest.mark.parametrize(
    ("sizes", "merged"),
    [
        ([], []),
        ([5000] * 3, []),
        ([5000] * 4, list(range(4))),
        ([60_000, 1, 1, 1, 1], [1, 2, 3, 4]),
        ([40_000] * 8, []),
        ([500] * 200, list(range(MOST_AT_ONCE))),
    ],
)
def test_four_of_a_size_are_merged_where_they_fit(sizes: list[int], merged: list[int]) -> None:
    assert to_merge([Pile(size, 0) for size in sizes]) == merged
