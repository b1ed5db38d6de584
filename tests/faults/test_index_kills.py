"""The index after kills in the middle of commits, after damage, and while a rebuild goes on beside searches."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.outlets import OutletSpec
from config.settings import Settings
from index.errors import BusyError, IndexDamagedError
from index.find import find_articles
from index.records import Article, DateReading, Page
from index.search.opening import open_backend
from index.store import Store, open_store
from index.store.articles import delete_article, save_article
from index.store.outlets import register_outlets
from index.store.pages import save_page
from index.sync import rebuild, sync, verify

KILLS = 10
ARTICLES = 400
SYNC = "import sys\nfrom config.cli import main\nmain(['index', 'sync'])\n"
HOLD = """
import os
import sys
from config.settings import load_settings
from index.search.opening import open_backend
with open_backend(load_settings(None, os.environ)).exclusive():
    print("held", flush=True)
    sys.stdin.read()
"""
WORDS = ("convoy", "harbour", "border", "treaty", "patrol", "strait", "envoy", "garrison", "customs", "summit")

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]


@pytest.fixture(params=["arrays", "stock"])
def settings(request: pytest.FixtureRequest, make_settings: Callable[..., Settings]) -> Settings:
    return make_settings(search={"batch_documents": 10, "codec": request.param})


@pytest.fixture
def archive(settings: Settings) -> Iterator[Store]:
    store = open_store(settings)
    yield store
    store.close()


def an_article(number: int, text: str = "") -> Article:
    dice = random.Random(number)
    body = text or " ".join(dice.choice(WORDS) for _ in range(60))
    published = DateReading("then", datetime(2024, 6, 1, tzinfo=UTC) + timedelta(hours=number), "test")
    url = f"https://gazette.example/{number}"
    return Article(url, url, "gazette", f"Report {number}", body, published=published, language="en")


def fill(store: Store, articles: list[Article], now: datetime) -> None:
    spec = OutletSpec(name="gazette", title="Gazette", home="https://gazette.example/", languages=("en",))
    with store.write() as tx:
        register_outlets(tx, [spec], now)
        for article in articles:
            page_id = save_page(tx, Page(article.url, b"x", now), digest="0" * 64, warc=None, run_id=None)
            save_article(tx, article, page_id=page_id, run_id=None, now=now)


def start_sync(settings: Settings) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", SYNC], env=environment(settings), stdout=subprocess.DEVNULL)


def environment(settings: Settings) -> dict[str, str]:
    here = str(Path(__file__).parents[2])
    mine = {"WATCHFLOOR_DATA__DIR": str(settings.data.dir), "WATCHFLOOR_SEARCH__BATCH_DOCUMENTS": "10"}
    return {**os.environ, "PYTHONPATH": here, **mine, "WATCHFLOOR_SEARCH__CODEC": settings.search.codec}


def position_of(settings: Settings) -> int:
    backend = open_backend(settings)
    try:
        return backend.position()
    finally:
        backend.close()


def test_ten_kills_in_the_middle_of_commits_leave_an_index_that_answers_and_catches_up(settings, archive, now):
    fill(archive, [an_article(number) for number in range(ARTICLES)], now)
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    dice = random.Random(seed)
    for _ in range(KILLS):
        before = position_of(settings)
        child = start_sync(settings)
        deadline = time.monotonic() + 30
        while position_of(settings) == before and child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(dice.uniform(0.0, 0.08))
        child.send_signal(signal.SIGKILL)
        child.wait(timeout=20)
        backend = open_backend(settings)
        # What is there is whole: as many documents as the position says, each the revision of the database.
        assert backend.count() == backend.position(), seed
        found = verify(archive, backend)
        assert not found.extra, seed
        assert not found.stale, seed
        backend.close()
    backend = open_backend(settings)
    sync(archive, backend, settings=settings)
    assert verify(archive, backend).equal, seed
    backend.close()


def test_killed_rebuild_leaves_the_old_index_in_force_and_is_swept_by_the_next(settings, archive, now):
    fill(archive, [an_article(number) for number in range(120)], now)
    backend = open_backend(settings)
    sync(archive, backend, settings=settings)
    code = SYNC.replace("'sync'", "'rebuild'")
    child = subprocess.Popen([sys.executable, "-c", code], env=environment(settings), stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while len(list(settings.index_dir.glob("gen-*"))) < 2 and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    child.send_signal(signal.SIGKILL)
    child.wait(timeout=20)
    assert verify(archive, backend).equal
    rebuild(archive, backend, settings=settings)
    assert verify(archive, backend).equal
    assert len(list(settings.index_dir.glob("gen-*"))) == 1
    backend.close()


def test_searches_during_rebuilds_and_commits_never_miss_an_article(settings, archive, now):
    fill(archive, [an_article(number, "steady harbour report") for number in range(150)], now)
    backend = open_backend(settings)
    sync(archive, backend, settings=settings)
    faults: list[object] = []
    stop = threading.Event()

    def read() -> None:
        try:
            while not stop.is_set():
                found = find_articles(archive, backend, "steady", settings=settings, now=now)
                if found.total < 150:
                    faults.append(found.total)
        except BaseException as error:
            faults.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    writer = open_backend(settings)
    try:
        for round_ in range(3):
            rebuild(archive, writer, settings=settings)
            fill(archive, [an_article(1000 + round_, "steady harbour report")], now)
            sync(archive, writer, settings=settings)
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert faults == []
    assert verify(archive, backend).equal
    writer.close()
    backend.close()


def test_second_writer_of_another_process_is_told_to_wait(settings, archive, now):
    fill(archive, [an_article(1)], now)
    settings.data.dir.mkdir(exist_ok=True)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD], env=environment(settings), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == b"held\n"
        backend = open_backend(settings)
        with pytest.raises(BusyError, match="another process is writing the index"):
            sync(archive, backend, settings=settings)
        backend.close()
    finally:
        holder.stdin.close()
        holder.wait(timeout=20)
        holder.stdout.close()
    backend = open_backend(settings)
    assert sync(archive, backend, settings=settings).indexed == 1
    backend.close()


def damaged_index(settings: Settings, archive: Store, now: datetime) -> Path:
    fill(archive, [an_article(number) for number in range(30)], now)
    backend = open_backend(settings)
    sync(archive, backend, settings=settings)
    backend.close()
    return next(settings.index_dir.glob("gen-*"))


def replaced(path: Path, data: bytes) -> None:
    """Put other contents in the place of a file, which may not be written to."""
    path.unlink()
    path.write_bytes(data)


@pytest.mark.parametrize("damage", ["pointer", "emptied", "cut", "noise", "gone", "no table"])
def test_damage_is_told_with_the_command_that_mends_it_and_rebuild_mends_it(damage, settings, archive, now):
    folder = damaged_index(settings, archive, now)
    segments = [
        path for path in folder.iterdir() if path.suffix in ((".toc",) if damage == "no table" else (".seg", ".arrays"))
    ]
    assert segments
    if damage == "pointer":
        (settings.index_dir / "current").write_text("gen-nowhere")
    elif damage == "emptied":
        for path in segments:
            replaced(path, b"")
    elif damage == "cut":
        for path in segments:
            replaced(path, path.read_bytes()[: path.stat().st_size // 2])
    elif damage in ("noise", "no table"):
        for path in segments:
            replaced(path, random.Random(1).randbytes(path.stat().st_size))
    else:
        for path in segments:
            path.unlink()
    backend = open_backend(settings)
    with pytest.raises(IndexDamagedError, match="watchfloor index rebuild"):
        find_articles(archive, backend, "harbour", settings=settings, now=now)
    rebuild(archive, backend, settings=settings)
    assert verify(archive, backend).equal
    assert find_articles(archive, backend, "harbour", settings=settings, now=now).total > 0
    backend.close()


def test_deleted_index_is_brought_back_by_one_command(settings, archive, now):
    folder = damaged_index(settings, archive, now)
    for path in sorted(folder.parent.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    backend = open_backend(settings)
    assert not verify(archive, backend).equal
    rebuild(archive, backend, settings=settings)
    assert verify(archive, backend).equal
    backend.close()


def test_database_older_than_its_index_is_followed(settings, archive, now):
    fill(archive, [an_article(number) for number in range(20)], now)
    backend = open_backend(settings)
    sync(archive, backend, settings=settings)
    backend.apply([], [], backend.position() + 50)  # as if the database had been restored from an older backup
    sync(archive, backend, settings=settings)
    assert verify(archive, backend).equal
    backend.close()


def test_taken_down_article_leaves_the_index_with_the_next_sync(settings, archive, now):
    fill(archive, [an_article(number) for number in range(5)], now)
    backend = open_backend(settings)
    sync(archive, backend, settings=settings)
    with archive.write() as tx:
        delete_article(tx, 3, reason="asked for by its outlet", now=now)
    assert sync(archive, backend, settings=settings).deleted == 1
    assert verify(archive, backend).equal
    assert 3 not in {article_id for article_id, _ in backend.contents()}
    backend.close()
