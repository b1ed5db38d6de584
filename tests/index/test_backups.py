"""Backups: made beside writers, verified, brought back whole, refused in words when they are not."""

from __future__ import annotations

import fcntl
import hashlib
import json
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from config.errors import StorageFullError, UsageError
from config.settings import Settings
from index.account_records import Role, SessionLimits
from index.archive import Archive
from index.backing_up import make_backup
from index.backup_records import MANIFEST, manifest_of
from index.cli_backup import backup, restore
from index.errors import ArchiveFileError, BusyError, StoreError
from index.records import Page
from index.restoring import read_tombstones, restore_backup
from index.search.opening import open_backend
from index.store import opened_store
from index.store.articles import article_by_url, latest_articles, save_article
from index.store.pages import latest_page, link_page_to_article, pages_of_article, save_page
from index.store.sessions import begin_session, user_of_session
from index.store.users import add_user, has_admin
from index.sync import sync, verify
from index.taking_down import take_down
from tests.factories import HOME, a_link, an_article, register


def keep(store, writer, slug: str, now) -> None:
    """Store an article with its raw page as a crawl does."""
    article = an_article(slug, f"Text of {slug}.\n\nShips left {slug} at noon.", links=(a_link(f"{HOME}/x", "x"),))
    page = Page(article.url, f"<p>raw page of {slug}</p>".encode(), now, content_type="text/html")
    position = writer.append(page)
    with store.write() as tx:
        page_id = save_page(tx, page, digest=hashlib.sha256(page.body).hexdigest(), warc=position, run_id=None)
        saved = save_article(tx, article, page_id=page_id, run_id=None, now=now)
        link_page_to_article(tx, page_id, saved.article_id)


@pytest.fixture
def archived(settings, now):
    """Eight articles with raw pages, an outlet file, an index."""
    with opened_store(settings) as store:
        register(store, now)
        with Archive(settings.warc_dir).open_writer("gazette") as writer:
            for number in range(8):
                keep(store, writer, f"a{number}", now)
        backend = open_backend(settings)
        sync(store, backend, settings=settings)
        backend.close()
    (settings.data.dir / "outlets").mkdir()
    (settings.data.dir / "outlets" / "mine.toml").write_text("name = 'mine'\n")
    return settings


@pytest.fixture
def elsewhere(settings: Settings, tmp_path: Path) -> Settings:
    """The same settings with another data folder."""
    return settings.model_copy(update={"data": settings.data.model_copy(update={"dir": tmp_path / "other" / "data"})})


def backed_up(settings, target, now, **other):
    with opened_store(settings) as store:
        return make_backup(store, settings, target, now=now, **other)


@pytest.mark.parametrize("name", ["backup", "backup.tar"])
def test_what_comes_back_is_what_was_there(archived, elsewhere, tmp_path, now, name):
    manifest = backed_up(archived, tmp_path / name, now)
    restored = restore_backup(tmp_path / name, elsewhere, tombstones=(), now=now)
    assert restored.whole
    assert (manifest.counts["articles"], restored.documents) == (8, 8)
    with opened_store(archived) as before, opened_store(elsewhere) as after, before.read() as a, after.read() as b:
        assert latest_articles(a, limit=20) == latest_articles(b, limit=20)
        page = latest_page(b, f"{HOME}/a3")
        assert Archive(elsewhere.warc_dir).read(page.warc).body == b"<p>raw page of a3</p>"
        backend = open_backend(elsewhere)
        assert verify(after, backend).equal
        backend.close()
    assert (elsewhere.data.dir / "outlets" / "mine.toml").read_text() == "name = 'mine'\n"


def test_users_come_back_and_no_session_does(archived, elsewhere, tmp_path, now):
    limits = SessionLimits(idle=timedelta(hours=12), longest=timedelta(days=7))
    with opened_store(archived) as store, store.write() as tx:
        ada = add_user(tx, "ada", role=Role.ADMIN, password_hash="a hash", by="root@desk", now=now)
        begin_session(tx, ada, token_digest="digest", replacing=None, now=now)
    backed_up(archived, tmp_path / "b", now)
    assert restore_backup(tmp_path / "b", elsewhere, tombstones=(), now=now).whole
    with opened_store(elsewhere) as store, store.read() as tx:
        assert has_admin(tx)
        assert user_of_session(tx, "digest", limits=limits, now=now) is None


def test_nobody_else_may_read_a_backup(archived, tmp_path, now):
    assert [path.name for path in archived.warc_dir.glob("*.gz") if path.stat().st_mode & 0o077] == []
    next(archived.warc_dir.glob("*.gz")).chmod(0o644)
    backed_up(archived, tmp_path / "b", now)
    assert [path.name for path in (tmp_path / "b").rglob("*") if path.stat().st_mode & 0o077] == []
    backed_up(archived, tmp_path / "b.tar", now)
    assert (tmp_path / "b.tar").stat().st_mode & 0o077 == 0


def test_there_is_no_index_in_it(archived, tmp_path, now):
    backed_up(archived, tmp_path / "b", now)
    assert sorted(path.name for path in (tmp_path / "b").iterdir()) == [
        "database.sqlite3",
        "manifest.json",
        "outlets",
        "warc",
    ]


def test_raw_pages_may_be_left_out(archived, elsewhere, tmp_path, now):
    backed_up(archived, tmp_path / "b", now, raw=False)
    assert not (tmp_path / "b" / "warc").exists()
    assert restore_backup(tmp_path / "b", elsewhere, tombstones=(), now=now).whole


def test_passwords_of_the_settings_stay_at_home(archived, tmp_path, now):
    config = tmp_path / "watchfloor.toml"
    config.write_text(
        '[database]\nurl = "postgresql://ann:hush@host/db"\n[alerts]\nsmtp_password = "s3cret"\nport = 25\n'
    )
    backed_up(archived, tmp_path / "b", now, config_file=config)
    told = (tmp_path / "b" / "watchfloor.toml").read_text()
    assert "hush" not in told
    assert "s3cret" not in told
    assert "port = 25" in told


def test_a_crawl_goes_on_beside_it_and_the_backup_is_of_one_instant(archived, elsewhere, tmp_path, now):
    stop = threading.Event()
    stored: list[int] = []

    def crawl():
        with opened_store(archived) as store, Archive(archived.warc_dir).open_writer("live") as writer:
            while not stop.is_set():
                keep(store, writer, f"live{len(stored)}", now)
                stored.append(1)

    thread = threading.Thread(target=crawl)
    thread.start()
    try:
        while len(stored) < 20:
            pass
        manifest = backed_up(archived, tmp_path / "b", now)
        beside = len(stored)
        while len(stored) < beside + 5:
            pass
    finally:
        stop.set()
        thread.join()
    restored = restore_backup(tmp_path / "b", elsewhere, tombstones=(), now=now)
    assert restored.whole
    assert 28 <= manifest.counts["articles"] <= beside + 8
    archive = Archive(elsewhere.warc_dir)
    with opened_store(elsewhere) as store, store.read() as tx:
        for article in latest_articles(tx, limit=10_000):
            for page in pages_of_article(tx, article.id):
                assert archive.read(page.warc).url == article.canonical_url


def test_a_file_a_crawl_is_writing_is_copied_and_not_linked(archived, tmp_path, now):
    with opened_store(archived) as store, Archive(archived.warc_dir).open_writer("live") as writer:
        keep(store, writer, "live", now)
        make_backup(store, archived, tmp_path / "b", now=now)
    links = {path.name.split("-")[1]: path.stat().st_nlink for path in (tmp_path / "b" / "warc").iterdir()}
    assert links == {"gazette": 2, "live": 1}


def test_what_is_taken_down_later_stays_in_the_backup_as_it_was(archived, elsewhere, tmp_path, now):
    backed_up(archived, tmp_path / "b", now)
    backend = open_backend(archived)
    with opened_store(archived) as store:
        take_down(store, backend, archived, f"{HOME}/a3", by="ann", now=now)
    backend.close()
    assert restore_backup(tmp_path / "b", elsewhere, tombstones=(), now=now).whole
    with opened_store(elsewhere) as store, store.read() as tx:
        assert article_by_url(tx, f"{HOME}/a3") is not None


@pytest.mark.parametrize("kind", ["database", "json"])
def test_tombstones_of_a_newer_archive_are_applied(archived, elsewhere, tmp_path, now, kind):
    from index.cli_takedown import takedown
    from tests.leftovers import files_with

    backed_up(archived, tmp_path / "b", now)
    backend = open_backend(archived)
    with opened_store(archived) as store:
        take_down(store, backend, archived, f"{HOME}/a3", by="ann", reason="r", now=now)
        take_down(store, backend, archived, f"{HOME}/never", by="ann", now=now)
    backend.close()
    file = archived.data.dir / "watchfloor.sqlite3"
    if kind == "json":
        file = tmp_path / "list.json"
        file.write_text(CliRunner().invoke(takedown, ["--list", "--json"], obj=archived).output)
    restored = restore_backup(tmp_path / "b", elsewhere, tombstones=read_tombstones(file), now=now)
    assert (restored.taken_down, restored.documents, restored.whole) == (1, 7, True)
    assert files_with(elsewhere.data.dir, ["Text of a3", "raw page of a3"]) == {}
    with opened_store(elsewhere) as store, store.write() as tx:
        for slug in ("a3", "never"):
            assert save_article(tx, an_article(slug), page_id=None, run_id=None, now=now).outcome.value == "taken_down"


def test_a_folder_that_is_not_empty_is_refused(archived, tmp_path, now):
    backed_up(archived, tmp_path / "b", now)
    with pytest.raises(UsageError, match="is not empty; name another folder with --into"):
        restore_backup(tmp_path / "b", archived, tombstones=(), now=now)


@pytest.mark.parametrize("name", ["database.sqlite3", "warc", "manifest.json"])
def test_a_changed_byte_anywhere_is_refused_and_leaves_nothing(archived, elsewhere, tmp_path, now, name):
    backed_up(archived, tmp_path / "b", now)
    path = tmp_path / "b" / name
    path = next(path.iterdir()) if path.is_dir() else path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"is not as it was written|was changed or damaged|cannot be read"):
        restore_backup(tmp_path / "b", elsewhere, tombstones=(), now=now)
    assert [*elsewhere.data.dir.parent.glob("*")] == []


def test_a_backup_of_a_newer_schema_is_refused(archived, elsewhere, tmp_path, now):
    manifest = backed_up(archived, tmp_path / "b", now)
    newer = manifest_of(manifest.written(), where="b")
    object.__setattr__(newer, "schema", "9999")
    (tmp_path / "b" / MANIFEST).write_text(newer.written())
    with pytest.raises(StoreError, match=r"newer than .* install the newer version"):
        restore_backup(tmp_path / "b", elsewhere, tombstones=(), now=now)


@pytest.mark.parametrize(
    "path", ["../mine.toml", "/mine.toml", "outlets/../../mine.toml", "index/0001/a.pickle", "watchfloor.sqlite3-wal"]
)
def test_a_file_that_no_backup_has_is_refused(archived, elsewhere, tmp_path, now, path):
    manifest = backed_up(archived, tmp_path / "b", now)
    text = manifest.written().replace("outlets/mine.toml", path)
    values = json.loads(text)
    del values["seal"]
    values["seal"] = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    (tmp_path / "b" / MANIFEST).write_text(json.dumps(values))
    with pytest.raises(UsageError, match="which no backup has"):
        restore_backup(tmp_path / "b", elsewhere, tombstones=(), now=now)


@pytest.mark.parametrize("what", ["folder without manifest", "torn tar", "text", "nothing"])
def test_what_is_no_backup_is_refused_in_words(elsewhere, archived, tmp_path, now, what):
    source = tmp_path / "b"
    if what == "folder without manifest":
        backed_up(archived, source, now)
        (source / MANIFEST).unlink()
    elif what == "torn tar":
        source = tmp_path / "b.tar"
        backed_up(archived, source, now)
        source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    elif what == "text":
        source.write_text("no backup")
    with pytest.raises(UsageError, match=r"no manifest|is no backup|no such backup"):
        restore_backup(source, elsewhere, tombstones=(), now=now)
    assert not elsewhere.data.dir.exists()


def test_a_target_that_is_taken_is_refused(archived, tmp_path, now):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "file").write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        backed_up(archived, tmp_path / "b", now)


def test_a_backup_that_fails_half_way_leaves_nothing_under_its_name(archived, tmp_path, now, monkeypatch):
    class Killed(BaseException):
        pass

    def die(*_args):
        raise Killed

    monkeypatch.setattr("index.backing_up._Folder.add_raw", die)
    with pytest.raises(Killed):
        backed_up(archived, tmp_path / "b", now)
    assert not (tmp_path / "b").exists()


def test_a_full_disk_is_told_of_the_target_and_not_of_the_database(archived, tmp_path, now, monkeypatch):
    def full(*_args, **_more):
        raise StorageFullError("sqlite:////data/watchfloor.sqlite3: the disk is full; free space.")

    monkeypatch.setattr("index.backing_up.copied_database", full)
    with pytest.raises(StorageFullError) as told:
        backed_up(archived, tmp_path / "backup", now)
    assert str(told.value) == (
        f"{tmp_path / 'backup'}: the backup cannot be written (the disk is full); free space, then repeat."
    )


def test_what_a_killed_backup_left_is_swept_by_the_next(archived, tmp_path, now):
    (tmp_path / "b.partial").mkdir()
    (tmp_path / "b.partial" / "database.sqlite3").write_text("half")
    backed_up(archived, tmp_path / "b", now)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "data"]


def test_two_backups_to_one_place_are_refused(archived, tmp_path, now):
    with (tmp_path / "b.partial.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(BusyError, match="another backup is being written"):
            backed_up(archived, tmp_path / "b", now)


def test_a_lost_file_of_raw_pages_is_told_and_does_not_stop_a_backup(archived, elsewhere, tmp_path, now):
    next(archived.warc_dir.glob("*.warc.gz")).unlink()
    manifest = backed_up(archived, tmp_path / "b", now)
    assert "are not there any more" in manifest.notes[0]
    assert restore_backup(tmp_path / "b", elsewhere, tombstones=(), now=now).whole
    with opened_store(elsewhere) as store, store.read() as tx, pytest.raises(ArchiveFileError):
        Archive(elsewhere.warc_dir).read(latest_page(tx, f"{HOME}/a3").warc)


def test_a_backup_of_an_older_schema_is_upgraded(archived, elsewhere, tmp_path, now):
    from index.store.engine import open_engine
    from index.store.schema import HEAD, downgrade, schema_version

    engine, _ = open_engine(archived.database_url, busy_timeout_s=5)
    downgrade(engine, "0010")
    engine.dispose()
    target = tmp_path / "old"
    with opened_store(archived) as store:  # which upgrades it: so the copy is made of an older one by hand
        manifest = make_backup(store, archived, target, now=now)
    engine, _ = open_engine(f"sqlite:///{target / manifest.database}", busy_timeout_s=5)
    downgrade(engine, "0010")
    engine.dispose()
    content = (target / manifest.database).read_bytes()
    values = json.loads((target / MANIFEST).read_text())
    del values["seal"]
    values["schema"] = "0010"
    values["counts"] = {name: number for name, number in values["counts"].items() if name != "takedowns"}
    for one in values["files"]:
        if one["path"] == manifest.database:
            one["bytes"], one["sha256"] = len(content), hashlib.sha256(content).hexdigest()
    values["seal"] = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    (target / MANIFEST).write_text(json.dumps(values))
    assert restore_backup(target, elsewhere, tombstones=(), now=now).whole
    engine, _ = open_engine(elsewhere.database_url, busy_timeout_s=5)
    assert schema_version(engine) == HEAD
    engine.dispose()


def test_the_commands_say_what_was_saved_and_brought_back(archived, tmp_path):
    made = CliRunner().invoke(backup, [str(tmp_path / "b")], obj=archived)
    assert made.exit_code == 0, made.output
    assert "8 articles, 8 revisions" in made.output
    back = CliRunner().invoke(restore, [str(tmp_path / "b"), "--into", str(tmp_path / "new"), "--json"], obj=archived)
    told = json.loads(back.output)
    assert (back.exit_code, told["whole"], told["documents"]) == (0, True, 8)


def test_counts_that_differ_are_told_with_exit_code_10(archived, tmp_path, now):
    manifest = backed_up(archived, tmp_path / "b", now)
    wrong = manifest_of(manifest.written(), where="b")
    object.__setattr__(wrong, "counts", {**wrong.counts, "articles": 9})
    (tmp_path / "b" / MANIFEST).write_text(wrong.written())
    found = CliRunner().invoke(restore, [str(tmp_path / "b"), "--into", str(tmp_path / "new")], obj=archived)
    assert found.exit_code == 10
    assert "Not as in the manifest: articles: 8 rows, not 9." in found.output


def test_a_backup_of_another_kind_of_database_is_refused(archived, make_settings, postgres_url, tmp_path, now):
    backed_up(archived, tmp_path / "b", now)
    other = make_settings(database={"url": postgres_url}, data={"dir": str(tmp_path / "pg")})
    with pytest.raises(UsageError, match=r"is a backup of sqlite, but .database. url names a PostgreSQL"):
        restore_backup(tmp_path / "b", other, tombstones=(), now=now)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"takedowns": [{}]}', b"SQLite format 3\x00 and nothing", b"[1]"])
def test_a_file_without_tombstones_is_refused_in_words(tmp_path, content):
    file = tmp_path / "stones"
    file.write_bytes(content)
    with pytest.raises(UsageError, match="tombstones"):
        read_tombstones(file)
