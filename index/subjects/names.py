"""Which countries, places, organisations, people, weapons and treaties an article names. Pure.

Known names come from the gazetteers (`config.names`) through one lexicon a language; people nobody listed are found by
`persons`. A text costs one look-up for each of its words.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from config.names import KINDS, Ambiguous, Entry, Forms, Gazetteer
from index.search.analysis import fold
from index.search.languages import LANGUAGES, code_of
from index.subjects.lexicon import WORD, Lexicon, Place
from index.subjects.persons import persons_in
from index.subjects.values import NameFound

MOST_CHARS = 60_000
MOST_NAMES = 120
_NOTHING, _FULL, _ALONE, _LAST = range(4)


@dataclass(frozen=True, slots=True)
class _Thing:
    """What a form stands for: an entry, and whether the form says enough by itself."""

    how: int
    entry: Entry | None = None


@dataclass(slots=True)
class _Tally:
    written: Counter[str] = field(default_factory=Counter)


class NameReader:
    """The gazetteer made ready; the names of a language on its first text."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        """Take a gazetteer that was checked."""
        self._gazetteer = gazetteer
        self._ready: dict[str, tuple[Lexicon, list[_Thing]]] = {}
        self._labels = {("country", one.slug): one.label for one in gazetteer.entries if one.kind == "country"}
        self._rules: defaultdict[tuple[str, str, str], list[Ambiguous]] = defaultdict(list)
        for rule in gazetteer.ambiguous:
            self._rules[(fold(rule.form), rule.kind, rule.slug)].append(rule)
        self._by_key = {(one.kind, one.slug): one for one in gazetteer.entries}

    def names_in(self, title: str, text: str, language: str) -> tuple[NameFound, ...]:
        """Return the names of an article: by kind, then by mentions, a listed number at the most."""
        own = code_of(language) if language else "en"
        code = own if own in LANGUAGES else "en"
        lexicon, things = self._lexicon(code)
        whole = f"{title}\n\n{text[:MOST_CHARS]}"
        places = list(lexicon.places_in(whole))
        words = _Words(whole)
        tallies: defaultdict[tuple[str, str], _Tally] = defaultdict(_Tally)
        waiting: list[tuple[Place, Entry]] = []
        taken: dict[int, int] = {}
        for place in places:
            taken[place.start] = place.end
        for place in places:
            if any(things[number].how == _NOTHING for number in place.things):
                continue
            for thing in (things[number] for number in place.things):
                entry = thing.entry
                if entry is None or not self._is_meant(place, entry, whole, words, taken, code):
                    continue
                if thing.how == _LAST:
                    waiting.append((place, entry))
                else:
                    tallies[(entry.kind, entry.slug)].written[_shown(whole, place)] += 1
        self._count_last_words(waiting, tallies, whole)
        found = [*self._listed(tallies), *self._unlisted(whole, taken, tallies, own)]
        found.sort(key=lambda one: (KINDS.index(one.kind), -one.mentions, one.slug))
        return tuple(found[:MOST_NAMES])

    def _count_last_words(
        self, waiting: list[tuple[Place, Entry]], tallies: defaultdict[tuple[str, str], _Tally], whole: str
    ) -> None:
        """Count surnames whose whole name stands in the text; one that two people of the text share counts for none."""
        by_place: defaultdict[int, list[tuple[Place, Entry]]] = defaultdict(list)
        for place, entry in waiting:
            if (entry.kind, entry.slug) in tallies:
                by_place[place.start].append((place, entry))
        for known in by_place.values():
            if len(known) == 1:
                place, entry = known[0]
                tallies[(entry.kind, entry.slug)].written[_shown(whole, place)] += 1

    def _listed(self, tallies: dict[tuple[str, str], _Tally]) -> Iterator[NameFound]:
        through: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for key, tally in tallies.items():
            entry = self._by_key[key]
            if entry.country:
                through[entry.country].update(tally.written)
            if entry.kind != "country":
                yield _found(entry.kind, entry.slug, entry.label, tally.written, "listed")
        for slug in {*through, *(slug for kind, slug in tallies if kind == "country")}:
            own = tallies[("country", slug)].written if ("country", slug) in tallies else Counter[str]()
            yield _found("country", slug, self._labels[("country", slug)], own | through.get(slug, Counter()), "listed")

    def _unlisted(
        self, whole: str, taken: dict[int, int], tallies: dict[tuple[str, str], _Tally], language: str
    ) -> Iterator[NameFound]:
        for person in persons_in(whole, taken, language):
            if not any((kind, person.slug) in tallies for kind in KINDS):
                yield person

    def _is_meant(
        self, place: Place, entry: Entry, whole: str, words: _Words, taken: dict[int, int], language: str
    ) -> bool:
        """Say whether a form that may name something else names this here."""
        rules = self._rules.get((fold(whole[place.start : place.end]), entry.kind, entry.slug), ())
        for rule in rules:
            if rule.languages and language not in rule.languages:
                continue
            if rule.person and _is_part_of_a_name(whole, place, taken):
                return False
            needs, against = words.hold(rule.needs), words.hold(rule.against)
            if needs == against:
                return rule.keep
            return needs > against if needs and against else bool(needs)
        return True

    def _lexicon(self, language: str) -> tuple[Lexicon, list[_Thing]]:
        if language not in self._ready:
            things: list[_Thing] = []
            forms: list[tuple[str, int]] = []

            def add(given: Iterator[str], thing: _Thing) -> None:
                things.append(thing)
                forms.extend((form, len(things) - 1) for form in given)

            add(_of(self._gazetteer.nothing, language), _Thing(_NOTHING))
            for entry in self._gazetteer.entries:
                add(_of(entry.forms, language), _Thing(_FULL, entry))
                if entry.kind == "person":
                    add(iter(entry.alone), _Thing(_ALONE, entry))
                    if not entry.alone:
                        add(iter(_last_words(entry)), _Thing(_LAST, entry))
            self._ready[language] = (Lexicon(forms, language, inflected=True), things)
        return self._ready[language]


class _Words:
    """The words of a text, read only where a rule asks for one."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._folded: str | None = None

    def hold(self, wanted: tuple[str, ...]) -> int:
        """Count how many of the wanted words stand in the text."""
        if not wanted:
            return 0
        if self._folded is None:
            self._folded = f" {' '.join(fold(word) for word in WORD.findall(self._text))} "
        held = self._folded
        return sum(f" {' '.join(fold(word) for word in WORD.findall(one))} " in held for one in wanted)


def _found(kind: str, slug: str, label: str, written: Counter[str], why: str) -> NameFound:
    forms = tuple(form for form, _ in written.most_common(5))
    return NameFound(kind, slug, label, sum(written.values()), forms, why)


def _shown(text: str, place: Place) -> str:
    return " ".join(text[place.start : place.end].split())


def _of(forms: Forms, language: str) -> Iterator[str]:
    yield from dict.fromkeys((*forms.get(language, ()), *forms.get("all", ())))


def _last_words(entry: Entry) -> tuple[str, ...]:
    """The surname of a person, or the first word where names begin with it (Kim Jong Un, Xi Jinping)."""
    words = entry.label.split()
    if len(words) < 2:
        return ()
    return tuple(dict.fromkeys((words[-1], words[0]) if words[0] in _FAMILY_FIRST else (words[-1],)))


_FAMILY_FIRST = frozenset(
    ["Kim", "Xi", "Li", "Wang", "Moon", "Park", "Yoon", "Lee", "Chang", "Shin", "Cho", "Tsai", "Lai", "Ban", "Hun"]
)


def _is_part_of_a_name(text: str, place: Place, taken: dict[int, int]) -> bool:
    """Whether a capital word that is no name of ours stands right beside it: `Michael Jordan`, `Jordan Henderson`."""
    behind = WORD.match(text, place.end + 1) if text[place.end : place.end + 1] == " " else None
    if behind is not None and behind.group()[:1].isupper() and behind.start() not in taken:
        return not behind.group().isupper()
    before = text[max(0, place.start - 40) : place.start]
    if not before.endswith(" ") or before.endswith((". ", ", ", "  ")):
        return False
    word = before.rstrip().rsplit(None, 1)[-1] if before.strip() else ""
    begins = len(before) < 40 and before.strip() == word
    sentence_start = before.rstrip()[: -len(word)].rstrip()[-1:] in ("", ".", "!", "?", ":", "”", '"')
    return word[:1].isupper() and word.isalpha() and not begins and not sentence_start and fold(word) not in _FUNCTION


_FUNCTION = frozenset(
    [
        "in",
        "from",
        "of",
        "to",
        "and",
        "the",
        "with",
        "for",
        "by",
        "near",
        "at",
        "via",
        "king",
        "queen",
        "president",
        "minister",
        "prime",
        "north",
        "south",
        "east",
        "west",
        "israel",
        "between",
        "into",
        "against",
        "across",
        "outside",
        "over",
        "inside",
        "while",
        "when",
        "as",
        "but",
        "or",
    ]
)
