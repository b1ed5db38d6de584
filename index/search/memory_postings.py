"""The words of documents held in memory, and what a leaf of a query weighs in each. Plain dictionaries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from index.search.analysis import analyse, tokens
from index.search.backend import IndexDocument
from index.search.fields import AUTHOR, OUTLET_WORDS, RANKED, TEXT, TEXT_EXACT, TITLE, TITLE_EXACT
from index.search.lookups import Lookup, Steps
from index.search.scoring import weighted_frequency

Places = dict[int, list[int]]  # article id -> positions


@dataclass(frozen=True, slots=True)
class Held:
    """A document and its words by field."""

    document: IndexDocument
    words: dict[str, list[str]]


class Postings:
    """An inverted index: field -> token -> article -> positions (of stems the positions mean nothing)."""

    def __init__(self) -> None:
        """Start empty."""
        self.held: dict[int, Held] = {}
        self.places: dict[str, dict[str, Places]] = {name: {} for name in RANKED}
        self.lengths: Counter[str] = Counter()
        self.languages: Counter[str] = Counter()

    def add(self, held: Held) -> None:
        """Add a document, or put it in the place of the one with its id."""
        article_id = held.document.article_id
        self.remove(article_id)
        self.held[article_id] = held
        self.languages[held.document.language] += 1
        for name, words in held.words.items():
            self.lengths[name] += len(words)
            for position, word in enumerate(words):
                self.places[name].setdefault(word, {}).setdefault(article_id, []).append(position)

    def remove(self, article_id: int) -> None:
        """Remove a document, if it is held."""
        held = self.held.pop(article_id, None)
        if held is None:
            return
        self.languages[held.document.language] -= 1
        for name, words in held.words.items():
            self.lengths[name] -= len(words)
            for word in set(words):
                articles = self.places[name][word]
                del articles[article_id]
                if not articles:
                    del self.places[name][word]

    def weights(self, lookup: Lookup, max_prefix_words: int) -> tuple[dict[int, float], bool]:
        """Return the weighted frequency of every article the lookup matches, and whether a beginning was cut."""
        found: defaultdict[int, float] = defaultdict(float)
        cut = False
        steps = list(lookup.steps)
        for name in lookup.fields if lookup.beginning else ():
            words = self.beginning_with(name, lookup.beginning)
            cut = cut or len(words) > max_prefix_words
            steps.append((name, (frozenset(words[:max_prefix_words]),)))
        for name, row in steps:
            average = self.lengths[name] / len(self.held) if self.held else 0.0
            for article_id, starts in self._row(name, row).items():
                length = len(self.held[article_id].words[name])
                found[article_id] += weighted_frequency(name, len(starts), length, average)
        return dict(found), cut

    def distance(self, name: str, some: Iterable[str], others: Iterable[str], article_id: int) -> int:
        """Return how far apart two words stand in a field of an article at the nearest; 0 where they do not."""
        places = [
            [at for word in forms for at in self.places[name].get(word, {}).get(article_id, ())]
            for forms in (some, others)
        ]
        return min((abs(one - other) for one in places[0] for other in places[1] if one != other), default=0)

    def beginning_with(self, name: str, beginning: str) -> list[str]:
        """Return the words of a field that begin so, commonest first."""
        words = [word for word in self.places[name] if word.startswith(beginning)]
        return sorted(words, key=lambda word: (-len(self.places[name][word]), word))

    def _row(self, name: str, steps: Steps) -> dict[int, set[int]]:
        """Return where the steps stand side by side: the position of the first, by article."""
        starts = self._step(name, steps[0])
        for distance, step in enumerate(steps[1:], start=1):
            places = self._step(name, step)
            kept = {
                key: {at for at in firsts if at + distance in places.get(key, ())} for key, firsts in starts.items()
            }
            starts = {article_id: firsts for article_id, firsts in kept.items() if firsts}
        return starts

    def _step(self, name: str, step: frozenset[str]) -> dict[int, set[int]]:
        found: dict[int, set[int]] = {}
        for word in step:
            for article_id, positions in self.places[name].get(word, {}).items():
                found.setdefault(article_id, set()).update(positions)
        return found


def words_of(document: IndexDocument) -> Held:
    """Make the words of a document, field by field."""
    title, text = analyse(document.title, document.language), analyse(document.text, document.language)
    return Held(
        document,
        {
            TITLE: title.stems,
            TEXT: text.stems,
            TITLE_EXACT: title.exact,
            TEXT_EXACT: text.exact,
            AUTHOR: [token for name in document.authors for token in tokens(name)],
            OUTLET_WORDS: tokens(document.outlet.replace("_", " ")),
        },
    )
