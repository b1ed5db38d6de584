"""What an archive has learned of an outlet from its own crawl, for operators to see. Reads; never makes a database."""

from __future__ import annotations

from config.outlets import OutletSpec
from config.settings import Settings
from index.errors import StoreError
from index.records import JsonObject
from index.store import open_store
from index.store.engine import holds_archive
from index.store.recurring import blocks_of


def learned_of(spec: OutletSpec, settings: Settings) -> JsonObject:
    """Return the paragraphs an outlet repeats, the commonest first, and whether they are left out of its texts.

    Empty where there is no archive. One that cannot be read is told under `fault`: the outlet's file is shown all the
    same.
    """
    learned: JsonObject = {"left_out": settings.crawler.drop_recurring and spec.drop_recurring, "recurring": []}
    try:
        if not holds_archive(settings):
            return learned
        store = open_store(settings)
        try:
            with store.read() as tx:
                blocks = blocks_of(tx, spec.name)
        finally:
            store.close()
    except StoreError as error:
        return {**learned, "fault": str(error)}
    learned["recurring"] = [
        {
            "text": block.text,
            "articles": block.recurrence.articles,
            "of_articles": block.recurrence.of_articles,
            "learned_at": block.learned_at.isoformat().replace("+00:00", "Z"),
            "key": block.key,
        }
        for block in blocks
    ]
    return learned
