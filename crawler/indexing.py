"""What follows a crawl or an import by default: the index is brought up to the database."""

from __future__ import annotations

from config.counting import counted
from config.errors import EXIT_DONE, WatchfloorError
from config.settings import Settings
from index.errors import BusyError
from index.search.opening import open_backend
from index.store import open_store
from index.sync import sync


def sync_after(settings: Settings) -> tuple[str, int]:
    """Bring the index up to the database; say in words what was done, or why not, and the exit code of that.

    What a run stored is stored: an index that cannot follow must not take its report away.
    """
    try:
        return sync_index(settings), EXIT_DONE
    except WatchfloorError as error:
        return f"Index: not brought up ({error})", error.exit_code


def sync_index(settings: Settings) -> str:
    """Bring the index up to the database and say in words what was done.

    Another process at work on the index is no fault: it reads the same changes.
    """
    store = open_store(settings)
    try:
        backend = open_backend(settings)
        try:
            report = sync(store, backend, settings=settings)
        finally:
            backend.close()
    except BusyError as error:
        return f"Index: left to the process that holds it ({error})"
    finally:
        store.close()
    return f"Index: {counted(report.indexed, 'article')} indexed, {report.deleted} removed."
