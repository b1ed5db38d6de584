"""Which paragraphs an outlet repeats on its pages: pitches, standing notices, the line on an author. Pure.

Learned from an outlet's last articles: a paragraph recurs when articles that otherwise have words of their own hold it
word for word. What a reader came for is never one: a correction, a dateline, a quotation, background that goes with one
subject. What was left out of a text is told in its trace and counts on, so that leaving out unlearns nothing.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from index.page_lines import tells_correction
from index.records import TraceStep

WINDOW = 200
"""So many of an outlet's articles, the latest by date, are looked at."""

LEAST_ARTICLES = 20
"""With fewer articles than this that differ, what several repeat may be the story of the day."""

LEARNED_SHARE = 0.2
UNLEARNED_SHARE = 0.1
"""A paragraph recurs from the first share on and stays so down to the second, so that none goes to and fro."""

SHORT_CHARS = 40
SHORT_FACTOR = 2.5
"""A line so short may be a heading, so it has to stand in half of the articles."""

AUTHOR_ARTICLES = 3
AUTHOR_FACTOR = 2.5
"""A paragraph that names its author is judged by that author's articles alone: three of them, and half."""

OWN_SHARE = 1 / 3
"""A text of which less than this is its own is a copy of another, and copies say nothing of an outlet's habits."""

LEAST_CHARS, MOST_CHARS = 8, 1200
MOST_BLOCKS = 50
TOPIC_SHARE = 0.25
TOPIC_LIFT = 2.0
TOPIC_LEAST = 2
"""A word of a paragraph in so many titles above it, and so much oftener than in other titles, is its subject."""

EVERYWHERE = 0.8
"""What so many articles have goes with no subject."""

RULE = "recurring"
"""The rule that steps of a trace name for a paragraph left out; their selector is its key."""

_DATELINE = re.compile(r"^.{0,80}[(（][^()（）]{2,40}[)）][\s:–—-]*$|^.{0,80}[-–—]$", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
STEM_CHARS = 6


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How many articles hold a paragraph, and among how many; for an author's line, among that author's."""

    articles: int
    of_articles: int


NOTHING_RECURS: Mapping[str, Recurrence] = {}


@dataclass(frozen=True, slots=True)
class RecurringBlock:
    """A paragraph an outlet repeats, word for word, and since when that is known."""

    key: str
    text: str
    recurrence: Recurrence
    learned_at: datetime


@dataclass(frozen=True, slots=True)
class SeenText:
    """An article as this looks at it; `left_out` are the keys of paragraphs that were left out of its text."""

    title: str
    authors: tuple[str, ...]
    paragraphs: tuple[str, ...]
    left_out: frozenset[str] = frozenset()


def block_key(paragraph: str) -> str:
    """Return what a paragraph is known by: the same for other capitals, white space and width of letters."""
    plain = " ".join(unicodedata.normalize("NFKC", paragraph).casefold().split()).replace("\x00", "")
    return hashlib.blake2b(plain.encode("utf-8", "ignore"), digest_size=8).hexdigest()


def left_out_in(trace: Iterable[TraceStep]) -> frozenset[str]:
    """Return the keys of the paragraphs that a trace says were left out of the text."""
    return frozenset(step.selector for step in trace if step.rule == RULE and step.selector)


def without_blocks(text: str, keys: Collection[str]) -> str:
    """Return a text without the paragraphs of these keys."""
    if not keys:
        return text
    return "\n\n".join(paragraph for paragraph in text.split("\n\n") if block_key(paragraph) not in keys)


def learn(texts: Sequence[SeenText], known: Mapping[str, RecurringBlock], *, now: datetime) -> list[RecurringBlock]:
    """Return the paragraphs that recur in these articles, the commonest first; `known` are those that did until now.

    The order of the articles counts for nothing.
    """
    words = {key: block.text for key, block in known.items()}
    keys = [[block_key(paragraph) for paragraph in text.paragraphs] for text in texts]
    held_by = _holders(texts, keys, words)
    counted = _with_own_words(texts, keys, held_by)
    if len(counted) < LEAST_ARTICLES:
        return []
    titles = {number: _stems(texts[number].title) for number in counted}
    found = []
    for key, holders in held_by.items():
        holding = holders & counted
        recurrence = _recurrence(words[key], holding, counted, texts, known=key in known)
        if recurrence is None:
            continue
        if key not in known:
            with_it = [titles[number] for number in holding]
            others = [titles[number] for number in counted - holding]
            if not may_be_block(words[key]) or _goes_with_subject(words[key], with_it, others):
                continue
        since = known[key].learned_at if key in known else now
        found.append(RecurringBlock(key, words[key], recurrence, since))
    return sorted(found, key=lambda block: (-block.recurrence.articles, block.key))[:MOST_BLOCKS]


def may_be_block(paragraph: str) -> bool:
    """Say whether a paragraph, however often it stands there, may be left out: no correction, quotation, dateline."""
    text = " ".join(paragraph.split())
    if _size(text) < LEAST_CHARS or len(text) > MOST_CHARS or tells_correction(text):
        return False
    return not (text[0] in "\"'‘“„«「『" or _DATELINE.match(text))


def _holders(texts: Sequence[SeenText], keys: Sequence[Sequence[str]], words: dict[str, str]) -> dict[str, set[int]]:
    """Return for each paragraph held several times the numbers of the articles that hold it; adds to `words`."""
    held_by: defaultdict[str, set[int]] = defaultdict(set)
    for number, text in enumerate(texts):
        for key, paragraph in zip(keys[number], text.paragraphs, strict=True):
            held_by[key].add(number)
            words[key] = min(words.get(key, paragraph), paragraph)
        for key in text.left_out:
            held_by[key].add(number)
    return {key: holders for key, holders in held_by.items() if key in words and len(holders) >= AUTHOR_ARTICLES}


def _with_own_words(
    texts: Sequence[SeenText], keys: Sequence[Sequence[str]], held_by: Mapping[str, Set[int]]
) -> set[int]:
    """Return the numbers of the articles that are no copies of others here: enough of their text is theirs alone."""
    counted = set()
    for number, text in enumerate(texts):
        own = sum(
            len(paragraph) for key, paragraph in zip(keys[number], text.paragraphs, strict=True) if key not in held_by
        )
        if own > 0 and own >= OWN_SHARE * sum(map(len, text.paragraphs)):
            counted.add(number)
    return counted


def _recurrence(
    words: str, holding: Set[int], counted: Set[int], texts: Sequence[SeenText], *, known: bool
) -> Recurrence | None:
    """Return how often a paragraph is held, among all articles or its author's; None where that is not often enough."""
    share = UNLEARNED_SHARE if known else LEARNED_SHARE
    needed = share * (SHORT_FACTOR if _size(words) < SHORT_CHARS else 1)
    if holding and len(holding) >= needed * len(counted):
        return Recurrence(len(holding), len(counted))
    for author in sorted(_named_authors(words, holding, texts)):
        by_author = {number for number in counted if author in texts[number].authors}
        with_it = by_author & holding
        if len(with_it) >= max(AUTHOR_ARTICLES, share * AUTHOR_FACTOR * len(by_author)):
            return Recurrence(len(with_it), len(by_author))
    return None


def _named_authors(words: str, holding: Set[int], texts: Sequence[SeenText]) -> set[str]:
    """Return the authors of the articles whom the paragraph names by at least two words."""
    plain = words.casefold()
    authors = {author for number in holding for author in texts[number].authors}
    return {author for author in authors if len(author.split()) > 1 and author.casefold() in plain}


def _goes_with_subject(words: str, with_it: Sequence[Set[str]], others: Sequence[Set[str]]) -> bool:
    """Say whether a word of the paragraph marks the titles of the articles that hold it, as background does."""
    if len(with_it) >= EVERYWHERE * (len(with_it) + len(others)):
        return False
    here = Counter(stem for title in with_it for stem in title)
    there = Counter(stem for title in others for stem in title)
    for stem in _stems(words) & here.keys():
        share = here[stem] / len(with_it)
        if here[stem] >= TOPIC_LEAST and share >= max(TOPIC_SHARE, TOPIC_LIFT * there[stem] / len(others)):
            return True
    return False


def _stems(text: str) -> set[str]:
    """Return the beginnings of the longer words; of scripts without spaces, every pair of characters."""
    stems: set[str] = set()
    for word in _WORD.findall(text.casefold()):
        if _UNSPACED.search(word):
            stems.update(word[at : at + 2] for at in range(len(word) - 1))
        elif len(word) >= 4:
            stems.add(word[:STEM_CHARS])
    return stems


def _size(text: str) -> int:
    """Return how long a text is in Latin letters: a character of a script without spaces counts twice."""
    return len(text) + len(_UNSPACED.findall(text))
