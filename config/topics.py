"""What is security news: `topics.toml` read and checked. They are applied in index/subjects/topics.py."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from config.errors import ConfigurationError
from config.faults import wanted_by

TOPICS_FILE = Path(__file__).with_name("topics.toml")
_SLUG = re.compile(r"[a-z][a-z0-9-]{1,39}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_FORM = re.compile(r"(?=.*\w)[^*]+(?:\*(?= |$)[^*]*)*")
MOST_FORM_CHARS = 60

Forms = Mapping[str, tuple[str, ...]]
"""By language, `all` for every one: words and rows of words; a star stands for any ending."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _checked(forms: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    for language, words in forms.items():
        if not _LANGUAGE.fullmatch(language):
            raise ValueError(f"{language!r} is no language; write its code, as en, or all")
        for word in words:
            if not _FORM.fullmatch(word) or len(word) > MOST_FORM_CHARS:
                raise ValueError(f"{word!r} is no word; write letters, a star only at the end of a word")
            if any(len(part.rstrip("*")) < 3 for part in word.split() if part.endswith("*") and part.isascii()):
                raise ValueError(f"{word!r}: write three letters or more before a star")
    return forms


class Topic(_Table):
    """The words of one topic. Weak ones count only where a strong or plain one stands in the same text."""

    label: str = Field(min_length=1, max_length=60)
    about: str = Field(min_length=1, max_length=300)
    strong: dict[str, tuple[str, ...]]
    plain: dict[str, tuple[str, ...]] = {}
    weak: dict[str, tuple[str, ...]] = {}

    _forms = field_validator("strong", "plain", "weak")(_checked)


class TopicRules(_Table):
    """All topics, and how words are weighed. `against` (sport) takes away from every topic."""

    needed: float = Field(gt=0, le=100)
    strong: float = Field(gt=0, le=10)
    plain: float = Field(gt=0, le=10)
    weak: float = Field(gt=0, le=10)
    against_each: float = Field(ge=0, le=10)
    in_title: float = Field(ge=1, le=10)
    in_lead: float = Field(ge=1, le=10)
    lead_chars: int = Field(ge=0, le=5000)
    each_further: float = Field(ge=0, le=1)
    most_times: int = Field(ge=1, le=100)
    long_words: int = Field(ge=1, le=100000)
    topics: dict[str, Topic] = Field(min_length=1, max_length=50)
    left_out: dict[str, tuple[str, ...]] = {}
    against: dict[str, tuple[str, ...]] = {}

    _forms = field_validator("left_out", "against")(_checked)

    @field_validator("topics")
    @classmethod
    def _have_slugs(cls, topics: dict[str, Topic]) -> dict[str, Topic]:
        for slug in topics:
            if not _SLUG.fullmatch(slug) or slug == "security":
                raise ValueError(f"{slug!r} is no name of a topic; write small letters (security means any)")
        return topics


def load_topics(path: Path = TOPICS_FILE) -> TopicRules:
    """Read and check a file of topics. Raises ConfigurationError with every fault, each with file and key path."""
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError([f"{path}: no such file of topics; name one in subjects.topics_file."]) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigurationError([f"{path}: cannot be read as TOML ({error})."]) from None
    try:
        return TopicRules.model_validate(read)
    except ValidationError as error:
        raise ConfigurationError([_fault(path, problem) for problem in error.errors()]) from None


def _fault(path: Path, problem: Any) -> str:
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"{path}: {key}: unknown key; see docs/subjects.md for the list."
    return f"{path}: {key}: {wanted_by(problem)}."
