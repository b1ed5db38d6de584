"""The embedded index on a full disk: told as such, and the index as it was stays in force."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from config.errors import StorageFullError
from index.search.whoosh_generations import Generations


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_under_the_lock_is_storage_full(number: int, tmp_path: Path):
    generations = Generations(tmp_path / "index")
    with pytest.raises(StorageFullError, match="the disk is full"), generations.exclusive():
        raise OSError(number, "No space left on device")
    with generations.exclusive():  # and the lock is free again
        assert generations.current() is None


def test_another_fault_of_the_system_stays_what_it_is(tmp_path: Path):
    with pytest.raises(PermissionError), Generations(tmp_path / "index").exclusive():
        raise PermissionError(errno.EACCES, "Permission denied")
