"""Where the sentences of a text begin and end. Pure, linear in the text, for any language.

A line is a paragraph; no sentence goes over its end. A full stop behind an abbreviation or an initial ends nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_LINE = re.compile(r"[^\n\r\u2028\u2029]+")
_BEGINS = r"(?:[\ufffb\ufffc]|[^\W_a-zà-öø-ÿа-яё])"  # quoted speech that is masked, or no small letter
_STOP = re.compile(
    r"(?:[.!?…؟।]{1,8}|\ufffb)[\"'”’»“)\]]{0,3}(?=[ \t\u00a0]{1,8}[\"'“”„«‘(\[–—-]{0,3}[ ]?" + _BEGINS + ")"
    r"|[。！？]{1,8}[」』”）]{0,3}"
)
_LAST_WORD = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]{1,12}\Z")
_BEFORE = 16  # characters looked at before a full stop: longer than any abbreviation


def word_set(text: str) -> frozenset[str]:
    """Return a list written with blanks as a set."""
    return frozenset(text.split())


ABBREVIATIONS = word_set(
    "mr mrs ms dr prof gen sen rep gov lt col sgt capt cmdr adm maj sr jr st rev hon pres vs etc no nos fig inc corp "
    "ltd co bros jan feb mar apr jun jul aug sept sep oct nov dec approx dept est u.s u.k u.n e.g i.e a.m p.m "
    "mm mme mlle m bzw z.b d.h u.a ca nr abs art hr fr dipl ing sig dott on avv sra sto sta exmo г гг тыс млн млрд "
    "им ул д др т.е т.д т.п prof.dr av alb org gr ör vb"
)


def paragraphs_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each line with anything in it begins and ends, its outer blanks left out."""
    for line in _LINE.finditer(text):
        written = line.group()
        start = line.start() + len(written) - len(written.lstrip())
        end = line.start() + len(written.rstrip())
        if start < end:
            yield start, end


def sentences_in(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where each sentence of a paragraph begins and ends, the blanks between them left out."""
    begin = start
    for stop in _STOP.finditer(text, start, end):
        if stop.end() >= end:
            break
        if (
            stop.group()[0] == "."
            and len(stop.group()) == 1
            and _is_abbreviated(text, max(begin, stop.start() - _BEFORE), stop.start())
        ):
            continue
        yield begin, stop.end()
        begin = stop.end()
        while begin < end and text[begin].isspace():
            begin += 1
    if begin < end:
        yield begin, end


def _is_abbreviated(text: str, start: int, stop: int) -> bool:
    """Whether the full stop at `stop` belongs to the word before it: Gen. Milley, U.S. troops, J. Smith."""
    word = _LAST_WORD.search(text, start, stop)
    if word is None:
        return False
    written = word.group()
    return written.lower() in ABBREVIATIONS or (len(written) == 1 and written.isupper()) or "." in written
