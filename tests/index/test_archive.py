"""Raw pages as WARC: written, read at their position, by other tools too, after cuts, and removed for good."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from config.errors import StorageFullError
from index.archive import Archive, _empty_members
from index.errors import ArchiveFileError
from index.records import Page
from index.warc_files import MAX_BODY_BYTES, WarcLookup, iter_warc

AT = datetime(2024, 6, 22, 5, 30, 1, 250000, tzinfo=UTC)


def a_page(slug: str = "a", body: bytes = b"<p>h\xe4fen</p>", **other) -> Page:
    values = {
        "content_type": "text/html; charset=iso-8859-1",
        "etag": '"1"',
        "last_modified": "Sat, 22 Jun 2024 05:00:00 GMT",
        **other,
    }
    return Page(f"https://gazette.example/{slug}", body, AT, **values)


@pytest.fixture
def archive(tmp_path) -> Archive:
    return Archive(tmp_path / "warc")


@pytest.fixture
def three(archive):
    with archive.open_writer("gazette") as writer:
        positions = [writer.append(a_page(slug, slug.encode() * 2000)) for slug in "abc"]
    return archive.folder / positions[0].file, positions


def test_page_comes_back_from_its_position(archive):
    page = a_page(requested_url="https://gazette.example/r/1", headers=(("X-Served", "yes"),), status=203)
    with archive.open_writer("gazette") as writer:
        writer.append(a_page("other"))
        position = writer.append(page)
        read = archive.read(position)  # before the file is closed
    for name in ("url", "body", "fetched_at", "requested_url", "status", "content_type", "etag", "last_modified"):
        assert getattr(read, name) == getattr(page, name), name
    assert ("X-Served", "yes") in read.headers


def test_other_tools_read_the_file(three):
    with three[0].open("rb") as file:
        kinds = [record.rec_type for record in ArchiveIterator(file)]
    assert kinds == ["warcinfo", "response", "response", "response"]


def test_every_record_is_a_gzip_member_of_its_own(three):
    path, positions = three
    raw = path.read_bytes()
    for position in positions:
        assert gzip.decompress(raw[position.offset : position.offset + position.length]).startswith(b"WARC/1.")


def test_run_without_a_page_leaves_no_file(archive):
    archive.open_writer("empty").close()
    assert not archive.folder.exists() or list(archive.folder.iterdir()) == []


def test_cut_file_gives_the_pages_before_the_cut_and_names_the_place(three):
    path, positions = three
    path.write_bytes(path.read_bytes()[: positions[2].offset + positions[2].length // 2])
    pages = []
    with pytest.raises(ArchiveFileError, match=r"cannot be read .*what came before it was taken"):
        for page in iter_warc(path):
            pages.append(page.url[-1])
    assert pages == ["a", "b"]


@pytest.mark.parametrize(
    "content", [b"", b"no archive at all", gzip.compress(b"neither", mtime=0)], ids=["empty", "text", "gzip"]
)
def test_file_that_is_no_warc_is_told(tmp_path, content):
    path = tmp_path / "x.warc.gz"
    path.write_bytes(content)
    with pytest.raises(ArchiveFileError, match=r"x\.warc\.gz"):
        list(iter_warc(path))


def test_missing_record_is_told(archive, three):
    path, positions = three
    path.unlink()
    with pytest.raises(ArchiveFileError, match="raw record is gone"):
        archive.read(positions[0])


def test_removed_record_is_gone_from_the_bytes_and_the_others_stay_where_they_were(archive, three):
    path, positions = three
    archive.remove(positions[1])
    assert archive.read(positions[2]).url.endswith("/c")
    assert [page.url[-1] for page in iter_warc(path)] == ["a", "c"]
    with pytest.raises(ArchiveFileError):
        archive.read(positions[1])
    with gzip.open(path) as unpacked:
        assert b"gazette.example/b" not in unpacked.read()


def test_header_with_line_breaks_cannot_forge_a_record(archive):
    page = a_page(etag='"x"\r\nWARC-Target-URI: https://evil.example/', headers=(("X-A", "b\r\nInjected: yes"),))
    with archive.open_writer("gazette") as writer:
        position = writer.append(page)
    assert archive.read(position).url == "https://gazette.example/a"
    assert not any(name == "Injected" for name, _ in archive.read(position).headers)


def test_name_of_a_run_cannot_leave_the_folder(archive):
    with archive.open_writer("../../etc/passwd") as writer:
        writer.append(a_page())
    assert all(path.parent == archive.folder for path in archive.folder.rglob("*.warc.gz"))


def test_pages_are_found_by_address_the_last_record_answers(archive):
    with archive.open_writer("gazette") as writer:
        writer.append(a_page("a", b"first"))
        writer.append(a_page("b", b"other"))
        position = writer.append(a_page("a", b"second"))
    found = WarcLookup(archive.folder / position.file)
    assert (len(found), found.damage) == (2, "")
    pages = [found.find(url) for url in ("https://gazette.example/a", "http://www.gazette.example/b/")]
    assert [page.body for page in pages if page is not None] == [b"second", b"other"]
    assert found.find("https://gazette.example/c") is None


def test_pages_before_a_cut_are_found_and_the_cut_is_told(three):
    path, positions = three
    path.write_bytes(path.read_bytes()[: positions[2].offset + 40])
    found = WarcLookup(path)
    assert len(found) == 2
    assert "what came before it was taken" in found.damage


def test_body_over_the_limit_is_left_out_and_its_size_told(archive):
    size = MAX_BODY_BYTES + 70_000
    with archive.open_writer("gazette") as writer:
        position = writer.append(a_page("big", b"x" * size))
    path = archive.folder / position.file
    looked_up = WarcLookup(path).find("https://gazette.example/big")
    for page in [*iter_warc(path), looked_up]:
        assert page is not None
        assert (page.body, page.left_out_bytes) == (b"", size)


def foreign_warc(path, bodies, *, packed=True):
    """A WARC of another tool: {slug: (body as sent, headers)}."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=packed)
        for slug, (body, headers) in bodies.items():
            http = StatusAndHeaders("200 OK", [("Content-Type", "text/html"), *headers], protocol="HTTP/1.1")
            url = f"https://gazette.example/{slug}"
            writer.write_record(
                writer.create_warc_record(
                    url, "response", payload=io.BytesIO(body), length=len(body), http_headers=http
                )
            )
    return path


def raw_deflated(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


HTML = b"<p>cable cut in the strait</p>" * 9000


@pytest.mark.parametrize(
    ("sent", "encoding"),
    [
        pytest.param(brotli.compress(HTML), "br", id="br"),
        (gzip.compress(HTML), "gzip"),
        (gzip.compress(HTML), "GZIP"),
        (zlib.compress(HTML), "deflate"),
        (raw_deflated(HTML), "deflate"),
        (HTML, "br"),
        (HTML, "gzip"),
        (HTML, "deflate"),
        (HTML, "identity"),
    ],
)
def test_a_body_is_unpacked_as_its_header_says_or_left_as_it_is(sent, encoding, tmp_path):
    path = foreign_warc(tmp_path / "a.warc.gz", {"a": (sent, [("Content-Encoding", encoding)]), "b": (b"<p>b", [])})
    assert [page.body for page in iter_warc(path)] == [HTML, b"<p>b"]


@pytest.mark.parametrize(("packed", "encoding"), [(brotli.compress, "br"), (gzip.compress, "gzip")])
def test_a_torn_body_costs_no_other_record(packed, encoding, tmp_path):
    noise = bytes(range(256)) * 2000
    sent = packed(noise)
    torn = sent[: len(sent) // 2]
    path = foreign_warc(tmp_path / "a.warc.gz", {"a": (torn, [("Content-Encoding", encoding)]), "b": (b"<p>b", [])})
    first, second = iter_warc(path)
    assert noise.startswith(first.body)
    assert second.body == b"<p>b"


def test_a_body_that_unpacks_to_more_than_the_limit_is_left_out(tmp_path):
    size = MAX_BODY_BYTES + 1000
    bodies = {"a": (brotli.compress(b"\0" * size), [("Content-Encoding", "br")])}
    (page,) = iter_warc(foreign_warc(tmp_path / "a.warc.gz", bodies))
    assert (page.body, page.left_out_bytes) == (b"", size)


def test_a_file_gzipped_as_a_whole_is_read_too(tmp_path):
    plain = foreign_warc(tmp_path / "a.warc", {"a": (b"<p>a", []), "b": (b"<p>b", [])}, packed=False)
    whole = tmp_path / "whole.warc.gz"
    whole.write_bytes(gzip.compress(plain.read_bytes()))
    assert [page.body for page in iter_warc(whole)] == [b"<p>a", b"<p>b"]
    assert "gunzip it" in WarcLookup(whole).damage


def test_damage_between_records_is_one_sentence_and_nothing_else_on_the_screen(tmp_path, capsys):
    good = foreign_warc(tmp_path / "good.warc.gz", {"a": (HTML, []), "b": (HTML, [])}).read_bytes()
    bad = tmp_path / "bad.warc.gz"
    bad.write_bytes(good + good[: len(good) // 3] + bytes(range(255, 0, -1)) * 20 + good)
    found = []
    with pytest.raises(ArchiveFileError, match="cannot be read"):
        found.extend(iter_warc(bad))
    assert capsys.readouterr().err == ""


def test_what_is_no_warc_is_told_without_its_bytes(tmp_path):
    path = tmp_path / "junk.warc.gz"
    path.write_bytes(bytes(range(256)) * 10)
    with pytest.raises(ArchiveFileError, match="holds no WARC record; is it a WARC file"):
        list(iter_warc(path))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told_once_and_the_file_can_be_closed(archive):
    writer = archive.open_writer("gazette")
    with Path("/dev/full").open("wb") as full:
        writer._file, writer._writer = full, WARCWriter(full, gzip=True)
        with pytest.raises(StorageFullError, match="free space"):
            writer.append(a_page())
        writer.close()


def test_a_large_record_is_removed_too_and_its_room_given_back(archive):
    with archive.open_writer("gazette") as writer:
        positions = [writer.append(a_page(slug, os.urandom(700_000))) for slug in "abc"]
    path = archive.folder / positions[0].file
    before = path.stat()
    archive.remove(positions[1])
    after = path.stat()
    assert after.st_size == before.st_size
    assert after.st_blocks < before.st_blocks
    with path.open("rb") as file:
        urls = [record.rec_headers.get_header("WARC-Target-URI") for record in ArchiveIterator(file)]
    assert [url[-1] for url in urls if url] == ["a", "c"]
    assert gzip.decompress(path.read_bytes()).count(b"WARC-Target-URI") == 2


@pytest.mark.parametrize("size", [22, 23, 44, 65557, 65558, 65579, 65580, 131114, 131115, 200_000])
def test_what_stands_in_the_place_of_a_record_has_its_length_and_holds_nothing(size):
    filling = b"".join(_empty_members(size))
    assert len(filling) == size
    assert gzip.decompress(filling) == b""


def test_records_are_removed_together_and_told_twice_once(archive, three):
    path, positions = three
    archive.remove_all(path.name, [positions[0], positions[2], positions[0]])
    assert archive.read(positions[1]).body == b"b" * 2000
    with path.open("rb") as file:
        assert len(list(ArchiveIterator(file))) == 2


def test_a_file_that_is_gone_needs_no_removal(archive, three):
    three[0].unlink()
    assert archive.remove_all(three[0].name, three[1]) is False


def test_what_a_killed_removal_left_is_swept(archive, three):
    path, positions = three
    left = path.with_name(f".{path.name}.1.rewriting")
    left.write_bytes(path.read_bytes())
    archive.remove(positions[0])
    assert not left.exists()


def test_a_file_being_written_is_not_dropped(archive):
    with archive.open_writer("gazette") as writer:
        position = writer.append(a_page())
        assert archive.drop_file(position.file) == 0
        assert archive.read(position).body
    assert archive.drop_file(position.file) > 0
