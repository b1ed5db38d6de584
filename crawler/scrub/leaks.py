"""What of a publisher's page is still in its scrubbed form: runs of words, names, mail and picture addresses."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Sequence
from urllib.parse import unquote

from crawler.scrub.addresses import IMAGE, PICTURES, looks_like_address
from crawler.scrub.calendar_words import date_spans
from crawler.scrub.prose import SHORT_LINE_WORDS
from crawler.scrub.vocabulary import CHARACTERS
from crawler.scrub.words import KEPT_WORDS, WORD, folded_word, script_of

RUN = 4
SIGNS_RUN = 8
"""For scripts written without spaces: so many signs in a row are a run."""

_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]*\w")
_TAG = re.compile(r"<[^<>]*>")
_ADDRESS = re.compile(r"https?:\\?/\\?/[^\s\"'<>]+")


def survivors(
    texts: Sequence[str],
    scrubbed: str,
    *,
    houses: Sequence[str],
    persons: Sequence[str],
    prompts: Collection[tuple[str, ...]] = (),
) -> tuple[str, ...]:
    """Return in words what survived: runs of four words of the texts, persons' names, mails, pictures.

    `prompts` are runs that make a line a prompt or a byline ("you may also like"), which a case needs.
    """
    for house in sorted(houses, key=len, reverse=True):
        if script_of(house) in CHARACTERS:
            texts = [text.replace(house, " ") for text in texts]
    allowed = KEPT_WORDS | SHORT_LINE_WORDS | {folded_word(word) for house in houses for word in WORD.findall(house)}
    plain = html.unescape(_TAG.sub(" ", scrubbed))
    same = _runs(texts, allowed) & _runs([scrubbed, plain], allowed)
    given = {part for prompt in prompts for part in _runs([" ".join(prompt)], frozenset())}
    left = [f"words: {' '.join(run)}" for run in sorted(same - given)]
    folded = " ".join(folded_word(word) for word in WORD.findall(plain))
    for person in dict.fromkeys(persons):
        parts = [folded_word(word) for word in WORD.findall(person)]
        own_name = [part for part in parts if part not in allowed]
        if len(own_name) > 1 and f" {' '.join(parts)} " in f" {folded} ":
            left.append(f"name: {person}")
    left += [f"mail: {mail}" for mail in sorted(set(_MAIL.findall(scrubbed))) if not mail.endswith(".example")]
    found = {address for raw in _ADDRESS.findall(scrubbed) for address in _ADDRESS.findall(unquote(raw))}
    left += [
        f"picture: {address}"
        for address in sorted(found)
        if IMAGE.search(address.partition("?")[0]) and not address.startswith(PICTURES)
    ]
    return tuple(left[:20])


def _runs(texts: Sequence[str], allowed: frozenset[str] | set[str]) -> set[tuple[str, ...]]:
    """The runs of words none of which may stand; dates break a run."""
    found: set[tuple[str, ...]] = set()
    for raw in texts:
        text = "" if looks_like_address(raw) else _ADDRESS.sub(" ", raw)
        for part in _between_dates(text):
            words = [folded_word(word) for word in WORD.findall(part)]
            for at in range(len(words) - RUN + 1):
                run = tuple(words[at : at + RUN])
                if not allowed.intersection(run) and sum(len(word) > 1 for word in run) >= RUN - 1:
                    found.add(run)
            for word in words:
                cuts = (word[at : at + SIGNS_RUN] for at in range(len(word) - SIGNS_RUN + 1))
                found.update((cut,) for cut in cuts if all(script_of(sign) in CHARACTERS for sign in cut))
    return found


def _between_dates(text: str) -> list[str]:
    parts, at = [], 0
    for begin, end in date_spans(text) if len(text) < 2000 else ():
        parts.append(text[at:begin])
        at = end
    return [*parts, text[at:]]
