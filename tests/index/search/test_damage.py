"""Damaged files of an index as everyone meets them: command line, site, API, health; and how they are mended."""

from __future__ import annotations

import errno
import json
import re
import shutil
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from config.settings import Settings
from index.cli import search as search_command
from index.cli_index import index as index_command
from index.errors import IndexDamagedError, IndexOutdatedError
from index.search.arrays import container
from index.search.arrays.container import VERSION
from index.search.arrays.toc import read_contents, write_contents
from index.search.opening import open_backend
from index.search.whoosh_backend import WhooshBackend
from index.search.whoosh_generations import Generations
from index.store import Store, open_store
from index.sync import sync, verify
from tests.factories import an_article, register, save
from web import create_app

REBUILD = "run `watchfloor index rebuild`"
SYNC = "run `watchfloor index sync`, which makes it anew"


@pytest.fixture
def settings(make_settings) -> Settings:
    return make_settings(search={"batch_documents": 10, "codec": "arrays"})


@pytest.fixture
def archive(settings, now):
    """Thirty articles, indexed."""
    store, backend = open_store(settings), open_backend(settings)
    register(store, now, "gazette")
    for number in range(30):
        save(store, an_article(f"ports{number}", f"Ports were closed, report {number}. " + "Ships wait. " * 40), now)
    sync(store, backend, settings=settings)
    backend.close()
    yield store
    store.close()


def generation(settings: Settings) -> Path:
    (folder,) = settings.index_dir.glob("gen-*")
    return folder


def segment(settings: Settings) -> Path:
    return max(generation(settings).glob("*.arrays"), key=lambda path: path.stat().st_size)


def table(settings: Settings) -> Path:
    (path,) = generation(settings).glob("*.toc")
    return path


def rewritten(path: Path, change: Callable[[bytearray], bytes | bytearray]) -> None:
    """Put another file in the place of one; files of the index themselves cannot be written to."""
    data = change(bytearray(path.read_bytes()))
    path.unlink()
    path.write_bytes(data)


def at(place: int, data: bytes) -> Callable[[bytearray], bytearray]:
    def put(whole: bytearray) -> bytearray:
        whole[place : place + len(data)] = data
        return whole

    return put


def cut(settings: Settings) -> None:
    rewritten(segment(settings), lambda data: data[: len(data) // 2])


def emptied(settings: Settings) -> None:
    rewritten(segment(settings), lambda _: b"")


def zeroed_block(settings: Settings) -> None:
    rewritten(segment(settings), lambda data: at(len(data) // 8192 * 4096, bytes(4096))(data))


def foreign(settings: Settings) -> None:
    rewritten(segment(settings), lambda _: b"%PDF-1.7 " * 500)


def missing(settings: Settings) -> None:
    segment(settings).unlink()


def spoilt_table(settings: Settings) -> None:
    rewritten(table(settings), lambda data: data.replace(b'"generation"', b'"generatjon"'))


def cut_table(settings: Settings) -> None:
    rewritten(table(settings), lambda data: data[:100])


def emptied_generation(settings: Settings) -> None:
    for path in generation(settings).iterdir():
        path.unlink()


def lost_generation(settings: Settings) -> None:
    shutil.rmtree(generation(settings))


def spoilt_pointer(settings: Settings) -> None:
    (settings.index_dir / "current").write_bytes(b"\xff\xfe")


def older_segment(settings: Settings) -> None:
    rewritten(segment(settings), at(8, struct.pack("<I", VERSION - 1)))


def newer_segment(settings: Settings) -> None:
    rewritten(segment(settings), at(8, struct.pack("<I", VERSION + 1)))


def table_of_version(number: object) -> Callable[[Settings], None]:
    def put(settings: Settings) -> None:
        whole = json.loads(table(settings).read_text())
        rewritten(table(settings), lambda _: json.dumps({**whole, "version": number}).encode())

    return put


def other_fields(settings: Settings) -> None:
    held = read_contents(table(settings))
    write_contents(table(settings), replace(held, schema={**held.schema, "mood": "TEXT"}))


def unreadable(settings: Settings) -> None:
    segment(settings).chmod(0)


CASES = [
    (cut, "is cut or longer than written", REBUILD),
    (emptied, "is cut short", REBUILD),
    (zeroed_block, "is not as it was written", REBUILD),
    (foreign, "is not a file of arrays", REBUILD),
    (missing, "is missing", REBUILD),
    (spoilt_table, "is not as it was written", REBUILD),
    (cut_table, "is not a table of contents", REBUILD),
    (emptied_generation, "its table of contents is missing", REBUILD),
    (lost_generation, "which is not there", REBUILD),
    (spoilt_pointer, "the pointer current cannot be read", REBUILD),
    (older_segment, f"has version {VERSION - 1} of the format, and this program reads {VERSION}", SYNC),
    (table_of_version(VERSION - 1), f"has version {VERSION - 1} of the format", SYNC),
    (other_fields, "was made for other fields", SYNC),
    (newer_segment, "made by a newer version", f"use that version, or {REBUILD}"),
    (table_of_version(VERSION + 1), "made by a newer version", f"use that version, or {REBUILD}"),
    (table_of_version("two"), "has no version", REBUILD),
    (unreadable, "cannot be read", "give the user of this process the right to read"),
]


@pytest.fixture
def refused(monkeypatch):
    """Make files without any permission unreadable for root, too."""
    opened = Path.open

    def open_or_refuse(path: Path, *given, **named):
        if path.exists() and not path.stat().st_mode & 0o777:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return opened(path, *given, **named)

    monkeypatch.setattr(Path, "open", open_or_refuse)


@pytest.mark.usefixtures("refused")
@pytest.mark.parametrize(("damage", "cause", "mended_by"), CASES, ids=lambda given: getattr(given, "__name__", None))
def test_damage_is_one_sentence_wherever_it_is_met(damage, cause, mended_by, archive, settings, now):
    damage(settings)
    for command, arguments in ((search_command, ["ports"]), (index_command, ["verify"]), (index_command, ["status"])):
        with pytest.raises(IndexDamagedError) as told:
            CliRunner().invoke(command, arguments, obj=settings, standalone_mode=False, catch_exceptions=False)
        assert re.fullmatch(r"\S+: the index [^;]+; [^;]+\.", str(told.value)), told.value
        assert cause in str(told.value)
        assert mended_by in str(told.value)
    backend = open_backend(settings)
    site = create_app(settings, archive, backend, clock=lambda: now).test_client()
    page, data, ready = site.get("/search?q=ports"), site.get("/api/v1/search?q=ports"), site.get("/readyz")
    assert {page.status_code, data.status_code, ready.status_code} == {503}
    assert page.headers["Retry-After"] == data.headers["Retry-After"] == "600"
    assert "The search index does not open" in page.get_data(as_text=True)
    assert data.content_type == "application/problem+json"
    assert data.get_json(force=True)["detail"].startswith("The search index does not open")
    assert mended_by in ready.get_json()["checks"]["index"]
    assert str(settings.index_dir) not in page.get_data(as_text=True) + data.get_data(as_text=True)
    assert site.get("/articles/1").status_code == 200
    made = CliRunner().invoke(index_command, ["rebuild"], obj=settings, standalone_mode=False, catch_exceptions=False)
    assert made.output.startswith("30 indexed")
    # The process that met the damage answers again without being started anew.
    assert site.get("/api/v1/search?q=ports").get_json()["total"] == 30
    assert site.get("/readyz").status_code == 200
    equal = CliRunner().invoke(index_command, ["verify"], obj=settings, standalone_mode=False)
    assert equal.output.startswith("Equal: 30 articles")
    assert generation(settings).is_dir()
    backend.close()


@pytest.mark.parametrize("damage", [older_segment, table_of_version(VERSION - 1), other_fields])
def test_an_index_of_an_older_version_is_made_anew_by_a_sync(damage, archive, settings):
    damage(settings)
    backend = open_backend(settings)
    with pytest.raises(IndexOutdatedError):
        backend.position()
    assert sync(archive, backend, settings=settings).indexed == 30
    assert verify(archive, backend).equal
    backend.close()


@pytest.mark.parametrize("damage", [cut, newer_segment, spoilt_table])
def test_no_sync_makes_a_damaged_or_newer_index_anew_by_itself(damage, archive, settings):
    damage(settings)
    backend = open_backend(settings)
    with pytest.raises(IndexDamagedError):
        sync(archive, backend, settings=settings)
    backend.close()


def test_while_a_damaged_index_is_made_anew_the_site_says_so(archive, settings, now):
    cut(settings)
    backend, writer = open_backend(settings), open_backend(settings)
    site = create_app(settings, archive, backend, clock=lambda: now).test_client()
    seen = []

    def batches():
        seen.extend([site.get("/search?q=ports"), site.get("/api/v1/search?q=ports"), site.get("/readyz")])
        yield (), 0

    writer.rebuild(batches())
    page, data, ready = seen
    assert {answer.status_code for answer in seen} == {503}
    assert "is being made anew" in page.get_data(as_text=True)
    assert "is being made anew" in data.get_json(force=True)["detail"]
    assert page.headers["Retry-After"] == "60"
    assert "is being made anew" in ready.get_json()["checks"]["index"]
    assert site.get("/search?q=ports").status_code == 200
    for one in (backend, writer):
        one.close()


def test_a_rebuild_is_no_longer_told_of_when_it_has_ended_or_failed(archive, settings):
    generations = Generations(settings.index_dir)
    backend = open_backend(settings)
    assert not generations.being_made_anew()
    with generations.exclusive(), generations.making_anew():
        assert generations.being_made_anew()
        assert generations.being_made_anew()
    assert not generations.being_made_anew()

    def fails():
        assert generations.being_made_anew()
        yield (), 0
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        backend.rebuild(fails())
    assert not generations.being_made_anew()
    backend.close()


@pytest.mark.parametrize("size", [0, 5000])
def test_a_file_cut_while_it_is_open_is_noticed_and_mended_without_a_restart(size, archive: Store, settings, now):
    backend = open_backend(settings)
    assert isinstance(backend, WhooshBackend)
    site = create_app(settings, archive, backend, clock=lambda: now).test_client()
    assert site.get("/api/v1/search?q=ports").get_json()["total"] == 30
    path = segment(settings)
    assert path.stat().st_mode & 0o777 == 0o400
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.truncate(size)
    for address in ("/search?q=ports", "/api/v1/search?q=ports", "/readyz", "/api/v1/suggest?q=po"):
        assert site.get(address).status_code == 503, address
    with pytest.raises(IndexDamagedError, match="the index is damaged"):
        backend.frequencies(["ports"])
    CliRunner().invoke(index_command, ["rebuild"], obj=settings, standalone_mode=False, catch_exceptions=False)
    assert site.get("/api/v1/search?q=ports").get_json()["total"] == 30
    backend.close()


def test_verify_waits_for_the_checksums_of_large_files(archive, settings, monkeypatch):
    monkeypatch.setattr(container, "CHECKED_AT_ONCE", 1)
    monkeypatch.setattr(container, "_SMALL", 64)
    offset, size, _ = container.open_array_file(segment(settings)).unchecked["text/impacts"]
    rewritten(segment(settings), lambda data: at(offset + size // 2, b"\0\0\0\0")(data))
    with pytest.raises(IndexDamagedError, match="the checksum of text/impacts differs"):
        CliRunner().invoke(index_command, ["verify"], obj=settings, standalone_mode=False, catch_exceptions=False)


def test_a_table_spoilt_while_a_commit_before_is_open_is_noticed(archive, settings):
    backend, writer = open_backend(settings), open_backend(settings)
    assert backend.frequencies(["ports"]) == {"ports": 30}
    writer.apply([], [1], 99)
    cut_table(settings)
    with pytest.raises(IndexDamagedError, match="is not a table of contents"):
        backend.frequencies(["ports"])
    for one in (backend, writer):
        one.close()


def test_an_answer_during_which_a_file_was_cut_is_not_given(archive, settings, monkeypatch):
    backend = open_backend(settings)
    assert backend.frequencies(["ports"]) == {"ports": 30}
    path = segment(settings)
    leaves = WhooshBackend._leaves

    def cut_meanwhile(self, snapshot):
        path.chmod(0o600)
        with path.open("r+b") as file:
            file.truncate(path.stat().st_size - 1)
        return leaves(self, snapshot)

    monkeypatch.setattr(WhooshBackend, "_leaves", cut_meanwhile)
    with pytest.raises(IndexDamagedError, match="was changed while it was open"):
        backend.frequencies(["ports"])
    backend.close()


def test_too_many_open_files_are_no_damage(archive, settings, monkeypatch):
    from config.errors import TryAgainError
    from index.search.arrays import segment as of_segment

    def none_left(path: Path) -> None:
        raise OSError(errno.EMFILE, "Too many open files", str(path))

    monkeypatch.setattr(of_segment, "open_array_file", none_left)
    backend = open_backend(settings)
    with pytest.raises(TryAgainError, match="ulimit"):
        backend.count()
    backend.close()


def test_a_folder_that_cannot_be_written_is_a_sentence(archive, settings, monkeypatch):
    from config.errors import StorageFullError
    from index.search.arrays import index as of_index

    def refuse(path: Path, *_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(of_index, "write_contents", refuse)
    backend = open_backend(settings)
    with pytest.raises(StorageFullError, match="cannot be written"):
        backend.apply([], [1], 99)
    backend.close()
