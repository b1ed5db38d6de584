"""What a backup says of itself: its manifest, sealed, with size and checksum of every file. Values as text; no I/O.

The manifest is written last, so a backup that was cut short has none and is none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from config.errors import UsageError

FORMAT = 1
MANIFEST = "manifest.json"
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
RAW, OUTLETS, SETTINGS = "warc", "outlets", "watchfloor.toml"


@dataclass(frozen=True, slots=True)
class BackupFile:
    """A file of a backup: its path inside, its size, the sha256 of its bytes in hex."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `counts` are rows by table at the instant of the snapshot; `made_at` is aware UTC."""

    program: str
    schema: str
    dialect: str  # sqlite, postgresql
    made_at: datetime
    counts: Mapping[str, int]
    files: tuple[BackupFile, ...]
    raw: bool = True  # whether the raw pages are in it
    notes: tuple[str, ...] = ()  # what could not be taken as the database says, in sentences

    @property
    def database(self) -> str:
        """The path of the copy of the database."""
        return DATABASES[self.dialect]

    def written(self) -> str:
        """Return the manifest as text, with a seal over all of it."""
        values = self._values()
        return json.dumps({**values, "seal": _seal(values)}, indent=1, ensure_ascii=False) + "\n"

    def _values(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "program": self.program,
            "schema": self.schema,
            "dialect": self.dialect,
            "made_at": self.made_at.isoformat(),
            "raw": self.raw,
            "notes": list(self.notes),
            "counts": dict(self.counts),
            "files": [asdict(one) for one in self.files],
        }


def manifest_of(text: str, *, where: str) -> Manifest:
    """Read a manifest. Raises UsageError for one that is damaged, of a newer format, or names paths outside."""
    try:
        values = json.loads(text)
        seal = values.pop("seal")
        if values["format"] != FORMAT:
            raise UsageError(
                f"{where}: is a backup of format {values['format']}; install the version of Watchfloor that made it."
            )
        if seal != _seal(values):
            raise UsageError(f"{where}: its manifest was changed or damaged; use another copy of the backup.")
        manifest = Manifest(
            program=values["program"],
            schema=values["schema"],
            dialect=values["dialect"],
            made_at=datetime.fromisoformat(values["made_at"]),
            counts=values["counts"],
            files=tuple(BackupFile(**one) for one in values["files"]),
            raw=values["raw"],
            notes=tuple(values["notes"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(f"{where}: its manifest cannot be read; use another copy of the backup.") from None
    for one in manifest.files:
        if not _is_ours(one.path):
            raise UsageError(f"{where}: names the file {one.path!r}, which no backup has; it is no backup of ours.")
    if manifest.dialect not in DATABASES or manifest.database not in {one.path for one in manifest.files}:
        raise UsageError(f"{where}: holds no database; it is no backup of ours.")
    return manifest


def _is_ours(path: str) -> bool:
    """Say whether a backup may hold this file: none lies outside of it, and none in the index, whose files are code."""
    folder, _, name = path.rpartition("/")
    if folder:
        return folder in (RAW, OUTLETS) and PurePosixPath(name).name == name and name not in ("", ".", "..")
    return name in (*DATABASES.values(), SETTINGS)


def _seal(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
