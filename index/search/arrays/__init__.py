"""Whoosh with its postings as arrays: an index, a writer and a searcher for any Whoosh schema, with numpy alone.

`ArraysIndex.create(folder, schema)` makes an index and `ArraysIndex(folder, schema)` opens one; from there on it is
Whoosh: `writer()`, `searcher()`, its queries and its query parser. How the files lie is told in `container` and
`layout`. Nothing in this package knows of articles; it could be a library of its own.
"""
