"""Which codec an index folder is in, and which one a new folder gets."""

from __future__ import annotations

from pathlib import Path

from index.search.arrays.toc import is_contents
from index.search.whoosh_arrays import ArraysSegments
from index.search.whoosh_segments import INDEX_NAME, Segments
from index.search.whoosh_stock import StockSegments

CODECS: dict[str, type[Segments]] = {"arrays": ArraysSegments, "stock": StockSegments}


def codec_of(folder: Path) -> str:
    """Return the codec an index was written in; "" where there is no table of contents to tell it."""
    for path in folder.glob(f"_{INDEX_NAME}_*.toc"):
        return "arrays" if is_contents(path) else "stock"
    return ""


def segments_of(folder: Path, codec: str) -> Segments:
    """Open the segments of a folder in the codec they are in, those of an empty folder in `codec`."""
    return CODECS[codec_of(folder) or codec](folder)
