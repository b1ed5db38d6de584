"""A text of the page into filler: dates, the outlet's own name and what makes a line a byline or a prompt stay."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence

from crawler.extract.bylines import is_agency, is_byline
from crawler.extract.furniture import is_coda, is_credit, is_stop_line
from crawler.extract.text import is_furniture_line
from crawler.scrub.calendar_words import date_spans
from crawler.scrub.words import WORD, Words, script_of

MAIL = "desk@mail.example"
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]+\w")
_HANDLE = re.compile(r"(?<!\w)@\w+")
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_PHONE = re.compile(r"\+?\d[\d\s()./-]{7,40}\d")
_PIECE = re.compile(rf"{WORD.pattern}|\d+")

SHORT_CHARS = 60
"""Only in a line so short do the words of SHORT_LINE_WORDS stay."""

_TRADE_WORDS = (
    "published updated posted modified last publié mis jour aktualisiert veröffentlicht stand publicado "
    "actualizado pubblicato aggiornato minute minutes min minuti minutos minuten minuter minutter минут "
    "минуты read lesezeit lecture staff newsroom desk editor editors reporter correspondent writer columnist "
    "contributor redaktion redaction rédaction redacción team news service agency journalist journaliste "
    "redakteur korrespondent periodista login log sign anmelden einloggen connexion accedi войти cookies "
    "consent zustimmen not found forbidden denied error captcha backlinks related topics advertisement "
    "reuters afp ap ansa efe tass interfax xinhua dpa upi ntb ritzau belga anp kyodo yonhap anadolu"
)
SHORT_LINE_WORDS = frozenset(_TRADE_WORDS.split())
"""What a page says of its own furniture, and agencies: vocabulary of the trade, no publisher's prose."""

KINDS: tuple[Callable[[str], bool], ...] = (
    is_stop_line,
    lambda line: is_furniture_line(line, number=0),
    is_credit,
    is_coda,
    is_byline,
    is_agency,
)
"""What a line may be to the extractor. A line keeps the fewest of its words that leave it what it is."""

LINE_CHARS = 400
MOST_KEPT = 5
MOST_STARTS = 30


class Prose:
    """Scrubs texts. `houses` are the names the outlet goes by; they stay where they stand as a whole."""

    def __init__(self, words: Words, *, houses: Sequence[str] = ()) -> None:
        """Take the substitution of the page. `given_back` are the runs of words that had to stay for their kind."""
        self.words = words
        self.given_back: set[tuple[str, ...]] = set()
        names = sorted({house.strip() for house in houses if len(house.strip()) > 2}, key=len, reverse=True)
        self._houses = (
            re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, names)) + r")(?!\w)", re.IGNORECASE) if names else None
        )

    def scrub(self, text: str, *, in_line: bool = False) -> str:
        """Return the filler of a text; white space and punctuation stay.

        `in_line`: it is a piece of a longer line, which says what it is: the piece keeps no word for its kind.
        """
        if not any(sign.isalnum() for sign in text):
            return text
        if "&" in text:
            text = html.unescape(html.unescape(text))  # entities escaped twice are read as their signs
        kept = self._kept(text)
        pieces = self._pieces(text, kept, in_line=in_line)
        filled = "".join(new for _, new in pieces)
        line = " ".join(text.split())
        if in_line or len(line) > LINE_CHARS or not any(kind(line) for kind in KINDS):
            return filled
        for kind in KINDS:
            if kind(line) and not kind(" ".join(filled.split())):
                pieces = self._least_kept(pieces, kind)
                filled = "".join(new for _, new in pieces)
        return filled

    def _least_kept(self, pieces: list[tuple[str, str]], kind: Callable[[str], bool]) -> list[tuple[str, str]]:
        """Give back the shortest run of the line's own words that makes it again what it was; none where none does."""
        places = [place for place, (was, new) in enumerate(pieces) if was != new]
        for size in range(1, MOST_KEPT + 1):
            for start in range(min(len(places) - size + 1, MOST_STARTS)):
                own = places[start : start + size]
                tried = [(was, was if place in own else new) for place, (was, new) in enumerate(pieces)]
                if kind(" ".join("".join(new for _, new in tried).split())):
                    self.given_back.add(tuple(pieces[place][0].casefold() for place in own))
                    return tried
        return pieces

    def _kept(self, text: str) -> list[tuple[int, int]]:
        kept = date_spans(text)
        if self._houses is not None:
            kept += [found.span() for found in self._houses.finditer(text)]
        return kept

    def _pieces(self, text: str, kept: Sequence[tuple[int, int]], *, in_line: bool) -> list[tuple[str, str]]:
        """The text as (was, becomes), words and numbers apart from what stands between them."""
        short = len(text.strip()) <= SHORT_CHARS and not in_line
        done: list[tuple[int, int, str]] = [(begin, end, text[begin:end]) for begin, end in kept]
        done += [(*found.span(), MAIL) for found in _MAIL.finditer(text)]
        done += [(*found.span(), self.words.token(found.group())) for found in _HANDLE.finditer(text)]
        done += [(*found.span(), "www.site.example") for found in _ADDRESS.finditer(text)]
        done += [
            (*found.span(), re.sub(r"\d+", lambda run: self.words.number(run.group()), found.group()))
            for found in _PHONE.finditer(text)
        ]
        done.sort(key=lambda one: (one[0], -one[1]))
        pieces: list[tuple[str, str]] = []
        at = 0
        for begin, end, new in done:
            if begin < at:
                continue
            pieces += self._fill(text[at:begin], short=short)
            pieces.append((text[begin:end], new))
            at = end
        return pieces + self._fill(text[at:], short=short)

    def _fill(self, text: str, *, short: bool) -> list[tuple[str, str]]:
        pieces: list[tuple[str, str]] = []
        at = 0
        for found in _PIECE.finditer(text):
            if found.start() > at:
                pieces.append((text[at : found.start()], text[at : found.start()]))
            pieces.append((found.group(), self._piece(found.group(), short=short)))
            at = found.end()
        if at < len(text):
            pieces.append((text[at:], text[at:]))
        return pieces

    def _piece(self, piece: str, *, short: bool) -> str:
        if piece[0].isdigit():
            return piece if len(piece) <= 2 else self.words.number(piece)
        if short and piece.casefold() in SHORT_LINE_WORDS:
            return piece
        return self.words.word(piece)


def words_of_names(names: Sequence[str]) -> set[str]:
    """Return the words of persons' names that begin with a capital, where the script has capitals."""
    found = {word for name in names for word in WORD.findall(name) if len(word) > 1}
    return {
        word
        for word in found
        if (word[0].isupper() or script_of(word) not in ("latin", "greek", "cyrillic"))
        and word.casefold() not in SHORT_LINE_WORDS
    }
