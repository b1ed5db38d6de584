"""Which topics an article is about, by the rules of `config/topics.toml`, with the words that decided it. Pure.

A text's words are weighed by strength and place; a topic holds when they reach what is needed, which grows slowly with
the length of the text. The cost of a text is that of reading its words once, whatever they are.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from config.topics import Forms, TopicRules
from index.search.languages import code_of
from index.subjects.lexicon import Lexicon
from index.subjects.values import TopicFound, WordFound

MOST_CHARS = 60_000
"""Of a longer text the beginning is read: what an article is about stands there."""

MOST_WORDS_SHOWN = 12
_STRENGTHS = ("strong", "plain", "weak")
_WHERE = ("text", "lead", "title")


@dataclass(frozen=True, slots=True)
class _Rule:
    topic: str  # "" for what is left out, "-" for what speaks against
    strength: str
    form: str


@dataclass(slots=True)
class _Met:
    """One rule met in a text: how often, in which place at best, and as what."""

    times: int = 0
    place: int = 0
    written: str = ""


@dataclass(slots=True)
class _Counted:
    rules: dict[int, _Met] = field(default_factory=dict)
    left_out: dict[str, None] = field(default_factory=dict)


class TopicReader:
    """The rules made ready; the words of a language on its first text."""

    def __init__(self, rules: TopicRules) -> None:
        """Take rules that were checked."""
        self.rules = rules
        self._ready: dict[str, tuple[Lexicon, list[_Rule]]] = {}

    def topics_of(self, title: str, text: str, language: str) -> tuple[TopicFound, ...]:
        """Return the topics of an article, the highest score first."""
        lexicon, rules = self._lexicon(self._code(language))
        counted = _Counted()
        read = text[:MOST_CHARS]
        lead = self.rules.lead_chars
        self._count(lexicon, rules, title, counted, lead=-1)
        self._count(lexicon, rules, read, counted, lead=lead)
        against = self._against(counted, rules)
        length = max(1.0, (len(read) / 6) / self.rules.long_words)
        needed = round(self.rules.needed * (1 + 0.25 * math.log2(length)), 2)
        by_topic: defaultdict[str, list[tuple[_Rule, _Met]]] = defaultdict(list)
        for number, met in counted.rules.items():
            if rules[number].topic != "-":
                by_topic[rules[number].topic].append((rules[number], met))
        found = [self._topic(slug, met, needed, against, counted) for slug, met in by_topic.items()]
        return tuple(sorted((one for one in found if one is not None), key=lambda one: (-one.score, one.topic)))

    def _topic(
        self, slug: str, met: list[tuple[_Rule, _Met]], needed: float, against: float, counted: _Counted
    ) -> TopicFound | None:
        certain = any(rule.strength != "weak" for rule, _ in met)
        words = [
            WordFound(one.written, rule.form, _WHERE[one.place], one.times, self._adds(rule, one))
            for rule, one in met
            if certain or rule.strength != "weak"
        ]
        score = sum(word.adds for word in words) - against
        if score < needed:
            return None
        words.sort(key=lambda word: (-word.adds, word.rule))
        return TopicFound(
            slug, score, needed, tuple(words[:MOST_WORDS_SHOWN]), tuple(counted.left_out)[:MOST_WORDS_SHOWN]
        )

    def _adds(self, rule: _Rule, met: _Met) -> float:
        weights = {"strong": self.rules.strong, "plain": self.rules.plain, "weak": self.rules.weak}
        place = (1.0, self.rules.in_lead, self.rules.in_title)[met.place]
        further = self.rules.each_further * (min(met.times, self.rules.most_times) - 1)
        return weights[rule.strength] * (place + further)

    def _against(self, counted: _Counted, rules: list[_Rule]) -> float:
        met = [one for number, one in counted.rules.items() if rules[number].topic == "-"]
        return self.rules.against_each * sum((1.0, 1.0, self.rules.in_title)[one.place] for one in met)

    def _count(self, lexicon: Lexicon, rules: list[_Rule], text: str, counted: _Counted, *, lead: int) -> None:
        for place in lexicon.places_in(text):
            where = 2 if lead < 0 else 1 if place.start < lead else 0
            written = text[place.start : place.end]
            if any(not rules[number].topic for number in place.things):
                counted.left_out[" ".join(written.split())] = None
                continue
            for number in place.things:
                met = counted.rules.setdefault(number, _Met())
                met.times += 1
                if where > met.place or not met.written:
                    met.place, met.written = where, " ".join(written.split())

    def _lexicon(self, language: str) -> tuple[Lexicon, list[_Rule]]:
        if language not in self._ready:
            rules = list(self._rules_in(language))
            forms = ((rule.form, number) for number, rule in enumerate(rules))
            self._ready[language] = (Lexicon(forms, language, inflected=False), rules)
        return self._ready[language]

    def _code(self, language: str) -> str:
        """A language that has rules; texts in others are read as English, whose words they may quote."""
        code = code_of(language) if language else "en"
        return code if any(code in topic.strong for topic in self.rules.topics.values()) else "en"

    def _rules_in(self, language: str) -> Iterator[_Rule]:
        for slug, topic in self.rules.topics.items():
            for strength in _STRENGTHS:
                yield from (_Rule(slug, strength, form) for form in _forms(getattr(topic, strength), language))
        yield from (_Rule("", "", form) for form in _forms(self.rules.left_out, language))
        yield from (_Rule("-", "weak", form) for form in _forms(self.rules.against, language))


def _forms(forms: Forms, language: str) -> Iterator[str]:
    yield from dict.fromkeys((*forms.get(language, ()), *forms.get("all", ())))
