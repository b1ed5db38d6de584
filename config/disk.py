"""How much space is left where a folder is, or would be."""

from __future__ import annotations

import shutil
from pathlib import Path


def free_bytes_of(folder: Path) -> int | None:
    """Return the bytes free on the disk of a folder that may not be made yet; None where the system does not say."""
    place = folder.absolute()
    held = next((path for path in (place, *place.parents) if path.exists()), None)
    try:
        return None if held is None else shutil.disk_usage(held).free
    except OSError:
        return None
