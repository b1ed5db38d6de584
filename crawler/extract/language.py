"""Which language a text is in, limited to the twenty we serve."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

LANGUAGES = (
    "en", "fr", "de", "es", "pt", "it", "nl", "sv", "no", "da",
    "fi", "ru", "uk", "tr", "ar", "fa", "he", "ko", "ja", "zh",
)  # fmt: skip
"""ISO 639-1. Norwegian is `no`, whatever the page calls it."""

_SAME = {"nb": "no", "nn": "no", "iw": "he"}
SAMPLE_CHARS = 1500
"""More characters cost time and change no answer."""

MIN_CHARS = 60
"""Below this many characters a page's own word for its language is better than any guess."""


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(sorted({*LANGUAGES, "nb", "nn"} & set(identifier.nb_classes)))
    return identifier


def language_of(text: str, *, title: str = "", declared: str = "") -> str:
    """Return the language of a text, "" when it is none of ours; `declared` is what the page says of itself.

    The text wins where it is clear, the declaration where the text is short or the two are close.
    """
    said = folded_code(declared)
    sample = re.sub(r"https?://\S+", " ", f"{title}\n{text}")[:SAMPLE_CHARS].strip()
    if len(sample) < MIN_CHARS:
        return said if said in LANGUAGES else _guess(sample)[0] if len(sample) >= 20 else ""
    guess, probability = _guess(sample)
    if said in LANGUAGES and said != guess and probability < 0.95:
        return said
    return guess


def folded_code(code: str) -> str:
    """Return the two letters of a language tag, as we name the language."""
    short = re.split(r"[-_]", code.strip().lower())[0][:2]
    return _SAME.get(short, short)


def _guess(text: str) -> tuple[str, float]:
    name, probability = _identifier().classify(text)
    return folded_code(str(name)), float(probability)
