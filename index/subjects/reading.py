"""Topics and names of an article in one call, with the version of all rules that decide them. Reads rule files once."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from config.names import GAZETTEERS, load_gazetteer
from config.topics import load_topics
from index.subjects.names import NameReader
from index.subjects.topics import TopicReader
from index.subjects.values import Subjects

CODE_VERSION = 2
"""Raise it when the code of this package finds other topics or names in the same text."""


class SubjectReader:
    """The rules and gazetteers of one archive, made ready language by language."""

    def __init__(self, topics_file: Path) -> None:
        """Read and check the files. Raises ConfigurationError with all faults."""
        self.rules = load_topics(topics_file)
        self._topics = TopicReader(self.rules)
        self._names = NameReader(load_gazetteer())

    def read(self, title: str, text: str, language: str) -> Subjects:
        """Return what an article is about and names."""
        return Subjects(self._topics.topics_of(title, text, language), self._names.names_in(title, text, language))


@lru_cache(maxsize=4)
def subject_reader(topics_file: Path, version: str) -> SubjectReader:
    """Return the reader of one version of the rules; kept, for making a language ready takes longer than a text."""
    assert version, "the key under which a reader is kept"
    return SubjectReader(topics_file)


def rules_version(topics_file: Path) -> str:
    """Return the version of code and rule files together: another one means that articles are read again."""
    digest = sha256(str(CODE_VERSION).encode())
    for path in (topics_file, *sorted(GAZETTEERS.glob("*.toml"))):
        digest.update(path.name.encode() + (path.read_bytes() if path.is_file() else b""))
    return digest.hexdigest()[:16]
