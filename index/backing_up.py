"""Making a backup while crawls run: database as it is at one instant, raw pages as far as it knows them, outlet files.

The index is left out: it is made anew from the database. A folder or a tar file appears under its name only when all
of it is written; what a killed backup leaves beside it ends in `.partial` and is swept by the next one.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import os
import shutil
import tarfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Protocol

from config.counting import counted
from config.errors import StorageFullError, UsageError
from config.hiding import without_secrets
from config.settings import Settings
from index.archive import Archive
from index.backup_records import DATABASES, MANIFEST, OUTLETS, RAW, SETTINGS, BackupFile, Manifest
from index.errors import BusyError
from index.store import Store
from index.store.backups import copied_database, raw_lengths, row_counts, schema_of

PARTIAL = ".partial"
_PIECE_BYTES = 1 << 20


class _Target(Protocol):
    """Where files of a backup go."""

    def add(self, name: str, source: IO[bytes], size: int) -> BackupFile:
        """Take so many bytes of a file under a name."""
        ...

    def add_raw(self, archive: Archive, file: str, size: int) -> BackupFile:
        """Take so many bytes of a file of raw pages."""
        ...


def make_backup(
    store: Store, settings: Settings, target: Path, *, now: datetime, config_file: Path | None = None, raw: bool = True
) -> Manifest:
    """Write a backup to a folder that is not there yet or is empty, or to a .tar file that is not there yet.

    `raw`: with the raw pages. Raises UsageError where the target is taken, BusyError while another backup writes to
    it, StorageFullError when the disk is full; nothing is left under the target's name then.
    """
    if (target.is_dir() and any(target.iterdir())) or target.is_file():
        raise UsageError(f"{target}: is there already; name a new folder or .tar file for each backup.")
    partial = target.with_name(target.name + PARTIAL)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone(partial), ExitStack() as ends:
            ends.callback(shutil.rmtree, partial, ignore_errors=True)
            manifest = _written(store, settings, partial, target, now=now, config_file=config_file, raw=raw)
            if _is_tar(target):
                (partial / "all.tar").chmod(0o600)
                (partial / "all.tar").replace(target)
            else:
                (partial / "files").replace(target)
            return manifest
    except StorageFullError as error:  # the database names itself, and is only read
        raise StorageFullError(
            f"{target}: the backup cannot be written (the disk is full); free space, then repeat."
        ) from error
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        do = "free space, then repeat" if full else "name a folder that can be written"
        raise StorageFullError(f"{target}: the backup cannot be written ({error.strerror}); {do}.") from error


def _written(
    store: Store,
    settings: Settings,
    partial: Path,
    target: Path,
    *,
    now: datetime,
    config_file: Path | None,
    raw: bool,
) -> Manifest:
    files: list[BackupFile] = []
    copy = partial / DATABASES[store.dialect]
    with ExitStack() as ends:
        with copied_database(store, copy, url=settings.database_url) as tx:
            counts, lengths, schema = row_counts(tx), raw_lengths(tx), schema_of(tx)
        tar = ends.enter_context(tarfile.open(partial / "all.tar", "w")) if _is_tar(target) else None
        into: _Target = _Folder(partial / "files") if tar is None else _Tar(tar)
        with copy.open("rb") as source:
            files.append(into.add(copy.name, source, copy.stat().st_size))
        copy.unlink()
        notes = []
        for name in sorted(lengths) if raw else ():
            held = _size_of(settings.warc_dir / Path(name).name)
            if held < lengths[name]:
                lost = counted(lengths[name] - held, "byte")
                notes.append(f"{RAW}/{name}: {lost} of raw pages are not there any more; what is left was taken.")
            if held:
                files.append(into.add_raw(Archive(settings.warc_dir), name, min(held, lengths[name])))
        for path in sorted(settings.outlet_folders[-1].glob("*")):
            if path.is_file():
                with path.open("rb") as source:
                    files.append(into.add(f"{OUTLETS}/{path.name}", source, path.stat().st_size))
        if config_file is not None and config_file.is_file():
            told = without_secrets(config_file.read_text(encoding="utf-8")).encode()
            files.append(into.add(SETTINGS, io.BytesIO(told), len(told)))
        manifest = Manifest(version("watchfloor"), schema, store.dialect, now, counts, tuple(files), raw, tuple(notes))
        text = manifest.written().encode()
        into.add(MANIFEST, io.BytesIO(text), len(text))
    return manifest


class _Folder:
    """A backup as a folder, for its owner alone."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        self._folder = folder

    def add(self, name: str, source: IO[bytes], size: int) -> BackupFile:
        path = self._named(name)
        hashing = _Hashing(source, size)
        with path.open("xb") as file:
            os.fchmod(file.fileno(), 0o600)
            shutil.copyfileobj(hashing, file, _PIECE_BYTES)
            file.flush()
            os.fsync(file.fileno())
        return BackupFile(name, size, hashing.seal.hexdigest())

    def add_raw(self, archive: Archive, file: str, size: int) -> BackupFile:
        name = f"{RAW}/{Path(file).name}"
        path = self._named(name)
        if archive.link(file, path) != size:  # being written, on another disk, or longer than the database knows
            path.unlink(missing_ok=True)
            with (archive.folder / Path(file).name).open("rb") as source:
                return self.add(name, source, size)
        with path.open("rb") as source:
            return BackupFile(name, size, hashlib.file_digest(source, "sha256").hexdigest())

    def _named(self, name: str) -> Path:
        path = self._folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path


class _Tar:
    """A backup as one tar file."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def add(self, name: str, source: IO[bytes], size: int) -> BackupFile:
        told = tarfile.TarInfo(name)
        told.size, told.mode, told.mtime = size, 0o600, int(time.time())
        hashing = _Hashing(source, size)
        self._tar.addfile(told, hashing)
        return BackupFile(name, size, hashing.seal.hexdigest())

    def add_raw(self, archive: Archive, file: str, size: int) -> BackupFile:
        with (archive.folder / Path(file).name).open("rb") as source:
            return self.add(f"{RAW}/{Path(file).name}", source, size)


class _Hashing:
    """Bytes that are hashed as they are read."""

    def __init__(self, source: IO[bytes], size: int) -> None:
        self._source, self._left = source, size
        self.seal = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        piece = self._source.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(piece)
        self.seal.update(piece)
        return piece


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _is_tar(target: Path) -> bool:
    return target.suffix == ".tar"


@contextmanager
def _alone(partial: Path) -> Iterator[None]:
    """Make the folder a backup is written to, swept of what a killed one left. Raises BusyError while one writes."""
    with partial.with_name(partial.name + ".lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(f"{partial}: another backup is being written; wait for it to end, then repeat.") from None
        try:
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(mode=0o700)
            yield
        finally:
            Path(lock.name).unlink(missing_ok=True)
