"""How much memory a crawl process holds now. Scrapy asks for the peak, which a child takes over from its parent."""

from __future__ import annotations

import os
from pathlib import Path

from scrapy.extensions.memusage import MemoryUsage

_STATM = Path("/proc/self/statm")


class CurrentMemory(MemoryUsage):
    """Scrapy's memory watch, on what is resident now.

    The peak of getrusage() survives the start of a program: a crawl started by a large process would end before its
    first request, and one large page would end a run long after it was freed.
    """

    def get_virtual_size(self) -> int:
        """Return the resident bytes; the peak where the system does not tell."""
        try:
            pages = int(_STATM.read_text(encoding="ascii").split()[1])
        except (OSError, ValueError, IndexError):
            return int(super().get_virtual_size())
        return pages * os.sysconf("SC_PAGE_SIZE")
