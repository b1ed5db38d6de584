"""What a reader may be about to type: names, outlets, topics, words of headlines, stories. One entry for site and API.

Names, outlets and topics become a field of the query (`person:"Anna Berg"`), a word goes on with the text, a story is a
page of its own. Every part is a look-up by index with a limit: what a key stroke costs does not grow with the archive.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from index.search.analysis import is_cjk, tokens
from index.search.backend import SearchBackend, SearchRequest
from index.search.fields import NAMES
from index.search.known_names import known_beginning, slug_named, starts_of
from index.search.query import Dates, Group, Node, Prefix, Word
from index.search.query_lexer import FIELDS, trimmed
from index.search.query_marks import plain_marks
from index.search.query_text import FIELD_NAMES, value_text
from index.store import Store, Transaction
from index.store.articles import newest_instant
from index.store.names import KnownName, hottest_names, names_beginning, names_of_slugs, topics_beginning
from index.store.outlets import newest_of_outlets
from index.store.stories import headlines_in_stories, stories_by_id
from index.story_records import Story
from index.urls import slug_of

MOST_CHARS = 200
"""A longer text is no beginning of anything."""

FRESH_DAYS = 90
"""Headlines and stories older than this, counted from the newest article held, are not suggested."""

MOST_WORDS = 4
"""Words at the end of the text that may be the beginning of one name."""

HEADLINES = 200
"""Newest headlines with the words typed: their words and stories are suggested."""

STORIES_READ = 20
LISTED = 200
SURE_LETTERS = 4
"""So many Latin letters may be a name in another language: `ag` for Egypt (Ägypten) would surprise most."""

BUDGET_S = 0.25
SHOWN = {"name": 5, "outlet": 2, "topic": 2, "word": 3, "story": 3}
MOST = 10
STORY_HALF_LIFE_DAYS = 7.0
_FIELD = re.compile(r'(?:^|(?<=[\s(]))(?P<mark>[+-]?)(?P<name>[A-Za-z]{1,30}):"?(?P<value>[^":()]*)$')
_ENDS = ('"', "(", ")", ":")


@dataclass(frozen=True, slots=True)
class Completion:
    """One way to go on. `query` is the whole text with it taken, "" for a story, which is a page."""

    kind: str  # a kind of name, outlet, topic, word, story
    label: str
    query: str = ""
    story_id: int | None = None
    articles: int | None = None  # how many have it, None where that is not counted
    language: str = ""  # of a headline


@dataclass(frozen=True, slots=True)
class _Ending:
    """The end of the text that may be the beginning of a name: where it starts, its sign, and its folded words."""

    start: int
    mark: str
    key: str
    words: int


def complete(
    store: Store,
    backend: SearchBackend,
    text: str,
    *,
    topics: Mapping[str, str],
    now: datetime,
) -> list[Completion]:
    """Return completions of a text that is being typed, of each kind the freshest and most frequent first.

    `topics` are the security topics, label by slug. After `person:` and the like only these are suggested.
    """
    typed = plain_marks(text)
    if len(typed) > MOST_CHARS:
        return []
    within = _FIELD.search(typed)
    if within is not None and within["name"].lower() in FIELDS:
        return _of_field(store, text, within, topics)
    endings = list(_endings(typed))
    if not endings:
        return []
    with store.read() as tx:
        named = _names(tx, text, endings, NAMES)[: SHOWN["name"]]
        outlets = _outlets(tx, text, endings)[: SHOWN["outlet"]]
        about = _topics(tx, text, endings, topics)[: SHOWN["topic"]]
        words, stories = _headlines(tx, backend, text, typed, now)
    whole = endings[0].key.strip()
    found = [*named, *outlets, *about]
    found.sort(key=lambda one: one.label.lower() != whole)  # what was typed in full comes first
    taken = {one.label.lower() for one in found}
    found += [one for one in words if one.label.lower() not in taken][: SHOWN["word"]]
    return [*found[: MOST - min(len(stories), SHOWN["story"])], *stories[: SHOWN["story"]]][:MOST]


def starting_points(store: Store, *, topics: Mapping[str, str]) -> list[Completion]:
    """Return what to begin with where nothing is typed: the names articles have most and most lately, then topics."""
    with store.read() as tx:
        names = hottest_names(tx, kinds=("person", "country", "organisation", "place"), least=2, limit=MOST)
    return [*(_named("", _Ending(0, "", "", 0), name) for name in names), *_security_topics("", "", topics, [""])]


def _of_field(store: Store, text: str, within: re.Match[str], topics: Mapping[str, str]) -> list[Completion]:
    """Completions of the value of a field, of its kind alone; where nothing is typed yet the hottest ones."""
    kind, value = FIELDS[within["name"].lower()], within["value"]
    ending = _Ending(within.start(), within["mark"], _key(value), 1)
    with store.read() as tx:
        if kind == "outlet":
            found = _outlets(tx, text, [ending])
        elif kind == "topic":
            found = _topics(tx, text, [ending], topics, typed=value)
        elif kind in NAMES and not ending.key.strip():
            found = [_named(text, ending, name) for name in hottest_names(tx, kinds=(kind,), limit=MOST)]
        elif kind in NAMES:
            found = _names(tx, text, [ending], (kind,))
        else:
            found = []
    return found[:MOST]


def _endings(typed: str) -> Iterator[_Ending]:
    """The last words of the text, most of them first: each may be where a name begins. None inside quotes."""
    if typed.count('"') % 2:
        return
    chunks = list(re.finditer(r"\S+", typed))
    found: list[_Ending] = []
    for words, chunk in enumerate(reversed(chunks[-MOST_WORDS:]), start=1):
        if chunk.group() == "OR" or any(sign in chunk.group() for sign in _ENDS):
            break
        mark = chunk.group()[0] if chunk.group()[0] in "+-" else ""
        key = _key(typed[chunk.start() + len(mark) :])
        if len(key.strip()) >= 2 or is_cjk(key):
            found.append(_Ending(chunk.start(), mark, key, words))
        if mark:
            break
    yield from reversed(found)


def _key(text: str) -> str:
    """The folded words of a beginning; a blank behind them where the last word is whole."""
    return " ".join(token.lower() for token in tokens(text)) + (" " if text[-1:].isspace() else "")


def _names(tx: Transaction, text: str, endings: Sequence[_Ending], kinds: Collection[str]) -> list[Completion]:
    """Names in the articles that begin so, by their own label or, where they are listed, by a form in any language."""
    by_name: dict[tuple[str, str], tuple[_Ending, KnownName]] = {}
    for name in names_beginning(tx, [one.key for one in endings], kinds=kinds, limit=MOST):
        ending = next(one for one in endings if name.word.startswith(one.key))
        at = by_name.get((name.kind, name.slug))
        if at is None or ending.words > at[0].words:
            by_name[name.kind, name.slug] = (ending, name)
    listed: dict[tuple[str, str], _Ending] = {}
    for ending in endings:
        if ending.key.isascii() and len(ending.key) < SURE_LETTERS:
            continue
        for pair in known_beginning(ending.key, kinds=kinds, limit=LISTED):
            listed.setdefault(pair, ending)
    for name in names_of_slugs(tx, listed.keys() - by_name.keys()):
        by_name[name.kind, name.slug] = (listed[name.kind, name.slug], name)
    best = sorted(by_name.values(), key=lambda found: (-found[0].words, -found[1].heat, found[1].slug))
    return [_named(text, ending, name) for ending, name in best]


def _named(text: str, ending: _Ending, name: KnownName) -> Completion:
    value = name.label if slug_named(name.kind, name.label) == name.slug else name.slug
    return Completion(name.kind, name.label, _taken(text, ending, name.kind, value), articles=name.articles)


def _outlets(tx: Transaction, text: str, endings: Sequence[_Ending]) -> list[Completion]:
    """Outlets with articles whose title or name begins so, those with the newest article first."""
    found = []
    for name, title, _ in newest_of_outlets(tx):
        starts = _starts_of_outlet(name, title)
        ending = next((one for one in endings if any(start.startswith(one.key) for start in starts)), None)
        if ending is not None:
            found.append(Completion("outlet", title, _taken(text, ending, "outlet", name)))
    return found


@lru_cache(maxsize=8192)
def _starts_of_outlet(name: str, title: str) -> tuple[str, ...]:
    return (*starts_of(title), *starts_of(name.replace("_", " ")))


def _topics(
    tx: Transaction, text: str, endings: Sequence[_Ending], topics: Mapping[str, str], *, typed: str = ""
) -> list[Completion]:
    """Security topics, then topics of outlets, whose label begins so."""
    found: dict[str, Completion] = {}
    for ending in endings:
        for one in _security_topics(text[: ending.start], ending.mark, topics, [ending.key]):
            found.setdefault(one.query, one)
        slug = slug_of(typed or text[ending.start + len(ending.mark) :])
        for topic in topics_beginning(tx, slug, limit=MOST) if slug else ():
            query = _taken(text, ending, "topic", topic.slug)
            found.setdefault(query, Completion("topic", topic.label, query))
    return list(found.values())


def _security_topics(head: str, mark: str, topics: Mapping[str, str], keys: Sequence[str]) -> list[Completion]:
    return [
        Completion("topic", label, f"{head}{mark}topic:{slug} ")
        for slug, label in topics.items()
        if any(start.startswith(key) for key in keys for start in (*starts_of(label), slug))
    ]


def _taken(text: str, ending: _Ending, field: str, value: str) -> str:
    """The whole text with the ending as a field; a blank behind it, to go on."""
    return f"{text[: ending.start]}{ending.mark}{FIELD_NAMES[field]}:{value_text(value)} "


def _headlines(
    tx: Transaction, backend: SearchBackend, text: str, typed: str, now: datetime
) -> tuple[list[Completion], list[Completion]]:
    """Words that go on with the last one, and stories, of the newest headlines that have the words typed."""
    chunks = _plain_run(typed)
    last = tokens(chunks[-1].group())[-1:] if chunks and not typed[-1:].isspace() else []
    if not chunks or not any(len(token) >= 2 or is_cjk(token) for token in tokens(chunks[-1].group())):
        return [], []
    before: list[Node] = [Word(chunk.group(), exact=True, field="title") for chunk in chunks[:-1]]
    begun = _begun(chunks[-1].group()) if last else Word(chunks[-1].group(), exact=True, field="title")
    newest = newest_instant(tx, until=now) or now
    fresh = Dates(after=(newest - timedelta(days=FRESH_DAYS)).date())
    request = SearchRequest(
        Group(must=(*before, begun)), filters=(fresh,), sort="newest", limit=HEADLINES, budget_s=BUDGET_S
    )
    hits = backend.search(request).hits
    if not hits and before:
        hits, chunks = backend.search(replace(request, root=begun)).hits, chunks[-1:]
    held = headlines_in_stories(tx, [article_id for article_id, _ in hits])
    head = text[: chunks[-1].start()]
    words = _words_of([title for title, _ in held], last[0]) if last else []
    told = Counter(story_id for _, story_id in held if story_id is not None)
    best = stories_by_id(tx, [story_id for story_id, _ in told.most_common(STORIES_READ)])
    asked = [tokens(chunk.group()) for chunk in chunks]
    stories = [one for one in {story.id: story for story in best.values()}.values() if _has(one.title, asked)]
    stories.sort(key=lambda story: (-_rank(story, now), -story.id))
    return (
        [Completion("word", word, f"{head}{word} ", articles=number) for word, number in words],
        [
            Completion("story", story.title, story_id=story.id, articles=story.articles, language=story.language)
            for story in stories
        ],
    )


def _plain_run(typed: str) -> list[re.Match[str]]:
    """The words at the end of the text that are words and nothing else, eight at the most."""
    run: list[re.Match[str]] = []
    for chunk in reversed(list(re.finditer(r"\S+", typed))):
        word = chunk.group()
        if word == "OR" or word[0] in "+-" or any(sign in word for sign in _ENDS) or len(run) == 8:
            break
        if tokens(word):
            run.append(chunk)
    return run[::-1]


def _begun(chunk: str) -> Node:
    """A last word that may be unfinished."""
    word = trimmed(chunk)
    whole = len(tokens(word)) != 1 or is_cjk(word)
    return Word(word, exact=True, field="title") if whole else Prefix(word, field="title")


def _words_of(titles: Sequence[str], begun: str) -> list[tuple[str, int]]:
    """The words of headlines that begin so, as most of them write them, with how many headlines have them."""
    beginning = begun.lower()
    written: dict[str, Counter[str]] = {}
    if is_cjk(beginning):
        return []
    for title in titles:
        for chunk in dict.fromkeys(map(trimmed, title.split())):
            read = tokens(chunk)
            if len(read) == 1 and read[0].lower().startswith(beginning) and read[0].lower() != beginning:
                shown = chunk if read[0].isupper() else chunk.lower()
                written.setdefault(read[0], Counter())[shown] += 1
    ranked = sorted(written.values(), key=lambda forms: (-forms.total(), min(forms)))
    return [(forms.most_common(1)[0][0], forms.total()) for forms in ranked]


def _has(title: str, asked: Sequence[Sequence[str]]) -> bool:
    """Say whether a headline has all words typed, the last of them at least begun."""
    words = [token.lower() for token in tokens(title)]
    *whole, last = (token.lower() for row in asked for token in row)
    return set(whole) <= set(words) and any(word.startswith(last) for word in words)


def _rank(story: Story, now: datetime) -> float:
    """How many articles, and how fresh the newest."""
    age_days = max(0.0, (now - story.last_at).total_seconds() / 86400)
    return float(story.articles * 2 ** (-age_days / STORY_HALF_LIFE_DAYS))
