"""Who is quoted saying what in a text: speaker, verb, words. Pure, and linear in the text.

Found by marks and words alone (`config/reporting_verbs.toml`), not by a model: what is quoted stands in the text. A
speaker is a name: a person's, as full as the text has it, or that of a body (`the White House said`). Of one who is
not named (`officials said`), `speaker` is "" and `role` has the words the text uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.subjects.attributions import Attribution, attribution_in
from index.subjects.naming import Source
from index.subjects.people import People
from index.subjects.quote_marks import MASK, STOP_MASK, Speech, masked, speech_in
from index.subjects.reporting import Language, reporting_in
from index.subjects.sentences import paragraphs_in, sentences_in
from index.subjects.sources import leading_source

RULES = "3"
"""The version of these rules; raised with every change, so that all articles are read again."""

MOST_CHARS = 400_000  # of a text; what stands behind is not read
MOST_QUOTATIONS = 500
_MOST_QUOTE_CHARS = 2_000
_MOST_NAME_CHARS = 120
_MOST_SPEAKER_CHARS, _MOST_BEHIND_CHARS = 80, 40  # `the minister asked` and `in a speech on Monday.`
_MOST_NAME_WORDS = 5
_ENDS = (*".!?…:;\"”»“)’'", MASK, STOP_MASK)
_WITHOUT_STOPS = ("ar",)
_LETTERS = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Quotation:
    """What one is quoted saying. `quote` is what stands in quote marks; "" where the words are the writer's."""

    position: int  # order in the text, from 0
    speaker: str
    role: str
    verb: str
    quote: str
    sentence: str
    start: int  # of the sentence, in the text
    end: int

    @property
    def direct(self) -> bool:
        """Whether words of the speaker are given, not only what they mean."""
        return bool(self.quote)


def quotations_in(text: str, language: str) -> list[Quotation]:
    """Return the quotations of a text whose paragraphs are lines, in their order; at most MOST_QUOTATIONS."""
    reader = _Reader(text[:MOST_CHARS], reporting_in(language))
    return reader.read()


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    spans: tuple[Speech, ...]
    masked: str  # the paragraph, from `base`
    base: int


class _Reader:
    """Walks over the sentences once, with who spoke last in mind."""

    def __init__(self, text: str, language: Language) -> None:
        self.text = text
        self.language = language
        self.paragraphs = list(paragraphs_in(text))
        self.people = People(text, self.paragraphs, language)
        self.found: list[Quotation] = []
        self.last: Source | None = None  # who speaks on in a sentence of nothing but speech
        self.waiting: list[_Sentence] = []  # such sentences, before anybody was named
        self.announced: Source | None = None  # whom a colon at the end of the last sentence announced

    def read(self) -> list[Quotation]:
        for start, end in self.paragraphs:
            if len(self.found) >= MOST_QUOTATIONS:
                break
            self.waiting = []
            for sentence in self._sentences(start, end):
                self._take(sentence)
        return self.found[:MOST_QUOTATIONS]

    def _sentences(self, start: int, end: int) -> Iterator[_Sentence]:
        spans = speech_in(self.text, start, end, language=self.language.code)
        hidden = masked(self.text, start, end, spans)
        at = 0
        for begin, stop in self._with_their_verbs(hidden, spans, start):
            inside = []
            while at < len(spans) and spans[at].start - start < stop:
                inside.append(_moved(spans[at], start))
                at += 1
            yield _Sentence(start + begin, start + stop, tuple(inside), hidden, start)

    def _with_their_verbs(self, hidden: str, spans: list[Speech], base: int) -> Iterator[tuple[int, int]]:
        """Yield sentences; a question or a cry and the `she asked` behind it are one."""
        asked = {span.end - base for span in spans if self.text[span.inner_end - 1] in "?!…"}
        before: tuple[int, int] | None = None
        for begin, stop in sentences_in(hidden, 0, len(hidden)):
            if before is not None and self._is_only_a_verb(hidden, begin, stop):
                yield before[0], stop
                before = None
                continue
            if before is not None:
                yield before
            before = (begin, stop) if stop in asked and _is_speech_alone(hidden[begin:stop]) else None
            if before is None:
                yield begin, stop
        if before is not None:
            yield before

    def _is_only_a_verb(self, hidden: str, begin: int, stop: int) -> bool:
        verbs = self.language.verbs
        verb = verbs.search(hidden, begin, min(stop, begin + _MOST_SPEAKER_CHARS)) if verbs is not None else None
        return verb is not None and stop - verb.end() <= _MOST_BEHIND_CHARS and MASK not in hidden[begin : verb.start()]

    def _take(self, sentence: _Sentence) -> None:
        begin, stop = sentence.start - sentence.base, sentence.end - sentence.base
        attribution = attribution_in(sentence.masked, begin, stop, sentence.spans, self.language)
        alone = bool(sentence.spans) and _is_speech_alone(sentence.masked[begin:stop])
        if attribution is not None:
            self._meet_subject(sentence, begin, attribution)
            goes_on = _goes_on(sentence.masked, attribution)
            speaker = self._speaker(attribution.source, sentence.base + attribution.start, goes_on=goes_on)
            verb = sentence.masked[attribution.start : attribution.end].strip(":")
            for before in self.waiting:
                self._keep(before, speaker, "")
            self.waiting = []
            self._keep(sentence, speaker, verb)
            self.last = speaker
            self.announced = speaker if sentence.masked[begin:stop].endswith(":") else None
            return
        if alone:
            if self.announced is None and self._is_heading(sentence):
                return
            speaker_before = self.announced or self.last
            if speaker_before is not None:
                self._keep(sentence, speaker_before, "")
                self.last = speaker_before
            else:
                self.waiting.append(sentence)
            return
        self._told(sentence, begin, stop)

    def _is_heading(self, sentence: _Sentence) -> bool:
        """Whether words in quote marks are a paragraph of their own without a stop: a line between parts of a text."""
        whole = sentence.start == sentence.base and sentence.end - sentence.base >= len(sentence.masked)
        is_single = self.text[sentence.spans[0].start] in "'‘"
        return whole and (is_single or sentence.masked[-1:] == MASK) and sentence.spans[-1].closed

    def _told(self, sentence: _Sentence, begin: int, stop: int) -> None:
        """A sentence in which nobody speaks: whom it is about may be meant by the next `he said`."""
        subject = leading_source(sentence.masked, begin, stop, self.language)
        self.last = self.announced = None
        self.waiting = []
        ends = sentence.masked.rstrip()[-1:]
        if subject is None or (ends not in _ENDS and self.language.code not in _WITHOUT_STOPS):
            return  # a heading, a caption
        if subject.kind == "name" and len(subject.name.split()) <= _MOST_NAME_WORDS:
            subject = self._named(subject, sentence.base + begin)
            self.people.meet(subject)
            self.last = subject
        elif subject.kind == "pronoun":
            self.last = self.people.meant_by(subject)
        if sentence.masked[begin:stop].endswith(":"):
            self.announced = self.last

    def _speaker(self, source: Source, at: int, *, goes_on: bool) -> Source:
        if (
            source.kind == "name"
            and " " not in source.name
            and not source.role
            and not self.people.is_name(source.name)
        ):
            source = Source("noun", role=source.name, plural=True)
        if (
            self.language.code == "de"
            and source.kind == "name"
            and source.role
            and " " not in source.name
            and not self.people.knows(source.name)
        ):
            source = Source(
                "noun", role=f"{source.role} {source.name}", gender=source.gender, definite=True
            )  # der Kapitän
        if source.kind in ("name", "body"):
            source = self._named(source, at)
        elif source.kind == "pronoun" or source.definite:
            meant = self.people.meant_by(source, goes_on=goes_on)
            source = meant if source.kind == "pronoun" or meant.name else source
        self.people.meet(source, speaks=True)
        return source

    def _meet_subject(self, sentence: _Sentence, begin: int, attribution: Attribution) -> None:
        """Whom a sentence names first may be meant by `… signed a letter which she said would help`."""
        if attribution.source.kind != "pronoun" or attribution.source.plural or attribution.source.definite:
            return
        before = sentence.masked[begin : attribution.start].rsplit(None, 1)
        if len(before) < 2 or before[0].rstrip()[-1:] in (",", MASK, STOP_MASK):
            return
        subject = leading_source(sentence.masked, begin, attribution.start, self.language)
        if subject is not None and subject.kind == "name" and " " in subject.name:
            self.people.meet(self._named(subject, sentence.base + begin))

    def _named(self, source: Source, at: int) -> Source:
        name = source.name if source.kind == "body" else self.people.full_name(source.name, at)
        return Source(source.kind, name[:_MOST_NAME_CHARS], source.role, source.gender)

    def _keep(self, sentence: _Sentence, speaker: Source, verb: str) -> None:
        text = self.text
        said = " … ".join(
            span_text for span in sentence.spans if (span_text := _moved(span, -sentence.base).said(text))
        )
        self.found.append(
            Quotation(
                position=len(self.found),
                speaker=speaker.name,
                role=speaker.role[:_MOST_NAME_CHARS],
                verb=verb,
                quote=_cut(said),
                sentence=_cut(text[sentence.start : sentence.end]),
                start=sentence.start,
                end=sentence.end,
            )
        )


def _goes_on(hidden: str, attribution: Attribution) -> bool:
    """Whether the one who spoke last speaks again: `she also wrote`, `he added`."""
    verb = hidden[attribution.start : attribution.end].lower()
    before = hidden[max(0, attribution.start - 8) : attribution.start].lower()
    return verb in ("added", "adds", "continued", "continues", "went on") or " also" in before


def _moved(span: Speech, by: int) -> Speech:
    return Speech(span.start - by, span.end - by, span.inner_start - by, span.inner_end - by, span.closed)


def _is_speech_alone(hidden: str) -> bool:
    left = hidden.replace(MASK, "").replace(STOP_MASK, "")
    return len(_LETTERS.findall(left)) < 4


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_QUOTE_CHARS else text[: _MOST_QUOTE_CHARS - 1].rstrip() + "…"
