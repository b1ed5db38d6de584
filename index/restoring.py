"""Bringing a backup back into an empty data folder: verified, upgraded, taken-down addresses removed, index rebuilt.

All of it is made beside the folder and takes its name at the very end, so that a killed restore leaves none behind.
"""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from config.counting import counted
from config.errors import StorageFullError, UsageError
from config.settings import Settings
from index.backup_records import DATABASES, MANIFEST, SETTINGS, Manifest, manifest_of
from index.errors import StoreError
from index.search.opening import open_backend
from index.store import Store, opened_store
from index.store.backups import check_copy, load_dump, row_counts, tombstones_in
from index.store.schema import is_newer, newer_schema
from index.store.sessions import end_all_sessions
from index.sync import rebuild, verify
from index.takedown_records import Tombstone
from index.taking_down import take_down_again

_PIECE_BYTES = 1 << 20
RESTORING = ".restoring"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore brought back. `differences` are tables whose rows are not as many as the manifest says."""

    manifest: Manifest
    folder: Path
    documents: int
    taken_down: int
    differences: tuple[str, ...] = ()
    index_equal: bool = True

    @property
    def whole(self) -> bool:
        """Whether everything is as the manifest says, and the index as the database."""
        return not self.differences and self.index_equal


def restore_backup(source: Path, settings: Settings, *, tombstones: Iterable[Tombstone], now: datetime) -> Restored:
    """Bring a backup into the data folder of the settings, which must not be there or be empty.

    `tombstones` of a newer database are applied before anything can be searched. Raises UsageError for a folder in
    use, a damaged backup or another kind of database, StoreError for a newer schema.
    """
    folder = settings.data.dir.absolute()
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(f"{folder}: is not empty; name another folder with --into, or move this one away.")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is no folder; name another with --into.")
    try:
        with _opened(source) as files, ExitStack() as ends:
            manifest = _checked(files, source, settings)
            making = folder.with_name(folder.name + RESTORING)
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir(mode=0o700, parents=True)
            ends.callback(shutil.rmtree, making, ignore_errors=True)
            _unpack(files, manifest, making, source)
            restored = _made(manifest, making, settings, list(tombstones), now=now)
            if folder.is_dir():
                folder.rmdir()
            making.rename(folder)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        do = "free space, then repeat" if full else "check the folder and its permissions"
        raise StorageFullError(f"{folder}: the backup cannot be restored ({error.strerror}); {do}.") from error
    return Restored(manifest, folder, *restored)


def read_tombstones(path: Path) -> list[Tombstone]:
    """Read the tombstones of a newer archive: its database file, or what `takedown --list --json` printed.

    Raises UsageError for a file that is neither.
    """
    try:
        with path.open("rb") as file:
            begins = file.read(16)
        if begins.startswith(b"SQLite format 3"):
            return tombstones_in(path)
        told = json.loads(path.read_text(encoding="utf-8"))
        return [
            Tombstone(url, datetime.fromisoformat(one["at"]).astimezone(UTC), str(one["reason"]))
            for one in told["takedowns"]
            if one["lifted_at"] is None
            for url in one["addresses"]
        ]
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}).") from None
    except (ValueError, KeyError, TypeError):
        raise UsageError(
            f"{path}: holds no tombstones; name a watchfloor.sqlite3, or what `takedown --list --json` printed."
        ) from None


def _checked(files: _Files, source: Path, settings: Settings) -> Manifest:
    """Return the manifest of a backup that may be restored here."""
    text = files.text(MANIFEST)
    if text is None:
        raise UsageError(f"{source}: has no manifest: it is no backup, or one that was cut short; use another.")
    manifest = manifest_of(text, where=str(source))
    if is_newer(manifest.schema):
        raise StoreError(newer_schema(str(source), manifest.schema))
    wanted = "sqlite" if settings.database_url.startswith("sqlite") else "postgresql"
    if manifest.dialect != wanted:
        here = "names a PostgreSQL database" if wanted == "postgresql" else "names none, so SQLite in the data folder"
        raise UsageError(
            f"{source}: is a backup of {manifest.dialect}, but [database] url {here}; set it for the restore."
        )
    if wanted == "sqlite" and settings.database.url:
        raise UsageError("database.url: names a file; leave it empty for the restore, which fills the data folder.")
    return manifest


def _unpack(files: _Files, manifest: Manifest, making: Path, source: Path) -> None:
    """Write every file where it belongs, against its checksum."""
    for one in manifest.files:
        path = making / _place(one.path, manifest)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        seal, size = hashlib.sha256(), 0
        with files.opened(one.path) as held, path.open("xb") as file:
            path.chmod(0o600)
            while held is not None and (piece := held.read(_PIECE_BYTES)):
                seal.update(piece)
                size += len(piece)
                file.write(piece)
        if (size, seal.hexdigest()) != (one.bytes, one.sha256):
            raise UsageError(f"{source}: {one.path} is not as it was written; use another copy of the backup.")


def _place(path: str, manifest: Manifest) -> str:
    if path == DATABASES["sqlite"] and manifest.dialect == "sqlite":
        return "watchfloor.sqlite3"
    return f"restored-{SETTINGS}" if path == SETTINGS else path


def _made(
    manifest: Manifest, making: Path, settings: Settings, tombstones: list[Tombstone], *, now: datetime
) -> tuple[int, int, tuple[str, ...], bool]:
    """Bring the database up, apply tombstones, build the index; return documents, takedowns, and what differs."""
    here = settings.model_copy(update={"data": settings.data.model_copy(update={"dir": making})})
    if manifest.dialect == "postgresql":
        dump = making / manifest.database
        load_dump(dump, here)
        dump.unlink()
    else:
        check_copy(making / "watchfloor.sqlite3")
    with opened_store(here) as store:
        differences = _differences(store, manifest.counts)
        with store.write() as tx:
            end_all_sessions(tx)
        backend = open_backend(here)
        try:
            taken = take_down_again(store, backend, here, tombstones, now=now)
            rebuild(store, backend, settings=here)
            equal = verify(store, backend).equal
            documents = backend.count()
        finally:
            backend.close()
    return documents, taken, differences, equal


def _differences(store: Store, counts: Mapping[str, int]) -> tuple[str, ...]:
    with store.read() as tx:
        held = row_counts(tx)
    return tuple(
        f"{name}: {counted(held[name], 'row')}, not {number:,}"
        for name, number in sorted(counts.items())
        if name in held and held[name] != number
    )


class _Files:
    """The files of a backup, in a folder or in a tar file."""

    def __init__(self, folder: Path | None, tar: tarfile.TarFile | None) -> None:
        self._folder, self._tar = folder, tar

    def text(self, name: str) -> str | None:
        """Return a small file, None where there is none."""
        with self.opened(name) as file:
            return None if file is None else file.read(1 << 26).decode("utf-8", "replace")

    @contextmanager
    def opened(self, name: str) -> Iterator[IO[bytes] | None]:
        """Open a file, None where there is none."""
        with ExitStack() as ends:
            found: IO[bytes] | None = None
            if self._folder is not None and (self._folder / name).is_file():
                found = ends.enter_context((self._folder / name).open("rb"))
            elif self._tar is not None and name in self._tar.getnames() and self._tar.getmember(name).isfile():
                held = self._tar.extractfile(name)
                found = None if held is None else ends.enter_context(held)
            yield found


@contextmanager
def _opened(source: Path) -> Iterator[_Files]:
    """Open a backup. Raises UsageError where there is none."""
    if source.is_dir():
        yield _Files(source, None)
        return
    try:
        with tarfile.open(source, "r:") as tar:
            yield _Files(None, tar)
    except FileNotFoundError:
        raise UsageError(f"{source}: no such backup.") from None
    except tarfile.TarError as error:
        raise UsageError(f"{source}: is no backup, or is damaged ({error}); use another copy.") from None
