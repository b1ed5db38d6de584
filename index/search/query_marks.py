"""The signs of a query as people and their devices write them: quotes of all styles, full-width letters, minus signs.

Pure, and every character stays in its place: a text and its plain form can be cut at the same numbers.
"""

from __future__ import annotations

import re
import unicodedata

_DOUBLE_QUOTES = "“”„‟«»「」『』〝〞〟❝❞″‹›"
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_PLAIN = str.maketrans(
    {
        **{chr(code): chr(plain) for code, plain in _FULL_WIDTH.items()},
        **dict.fromkeys(_DOUBLE_QUOTES, '"'),
        **dict.fromkeys("\u2010\u2011\u2212\ufe63", "-"),
        "\u3000": " ",
        "﹢": "+",
        "﹕": ":",
        "︰": ":",
    }
)
_DOUBLED = re.compile(r"''|``|’’|‘‘|‚‚")
_UNHELD = ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")


def plain_marks(text: str) -> str:
    """Return a text of the same length with plain quotes, brackets, colons and signs; what no index holds is a space.

    An en or em dash stays what it is: texts of many languages set it before a word, where a minus would leave that out.
    A single quote too, which is an apostrophe as often.
    """
    plain = _DOUBLED.sub('" ', text.translate(_PLAIN))
    if plain.isprintable():
        return plain
    return "".join(" " if unicodedata.category(char) in _UNHELD else char for char in plain)
