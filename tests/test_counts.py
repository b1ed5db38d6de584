"""Sentences that count: one of a thing is not told in the plural. Reads the sources, new sentences too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.counting import counted

ROOT = Path(__file__).parent.parent
SOURCES = [path for room in ("config", "crawler", "index", "web") for path in sorted((ROOT / room).rglob("*.py"))]
TEMPLATES = sorted((ROOT / "web" / "templates").glob("*.html"))
PLURALS = (
    "addresses articles bytes cases changes characters copies documents entries fields files headlines hits ids leads "
    "lines links matches numbers outlets pages paragraphs quotations records redirects reports revisions searches "
    "segments sitemaps stories times words"
)
AFTER_A_VALUE = re.compile(rf"^ (?:(?:more|new|other|later|raw) )?(?:{PLURALS.replace(' ', '|')})\b")
IN_TEMPLATE = re.compile(rf"\{{\{{(?P<value>[^}}]*)\}}\}} (?:more |new )?(?:{PLURALS.replace(' ', '|')})\b")
DIFFERENT = re.compile(r"^(came_from|request\.url|host|selector|rate)$")
"""Values that are no numbers: `URL redirects to URL`."""


def fixed_plurals(source: str) -> Iterator[str]:
    """Yield the formatted values of a module that stand before a noun which is always plural."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            for value, text in zip(node.values, node.values[1:], strict=False):
                if not isinstance(value, ast.FormattedValue) or not isinstance(text, ast.Constant):
                    continue
                told = ast.unparse(value.value)
                name = told.rsplit(".", 1)[-1]
                if AFTER_A_VALUE.match(str(text.value)) and not name.isupper() and not DIFFERENT.match(told):
                    yield f"{node.lineno}: {told}{text.value}"


@pytest.mark.parametrize(
    ("number", "noun", "plural", "told"),
    [(0, "line", "", "0 lines"), (1, "line", "", "1 line"), (1204, "story", "stories", "1,204 stories")],
)
def test_a_number_is_told_with_the_noun_it_needs(number, noun, plural, told):
    assert counted(number, noun, plural) == told


def test_a_fixed_plural_is_noticed():
    assert list(fixed_plurals('f"{len(x)} lines without"')) == ["1: len(x) lines without"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_sentence_counts_in_a_fixed_plural(path):
    assert list(fixed_plurals(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_page_counts_in_a_fixed_plural(path):
    assert [found.group() for found in IN_TEMPLATE.finditer(path.read_text(encoding="utf-8"))] == []
