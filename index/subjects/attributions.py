"""Which verb of a sentence says who speaks in it. Pure; bounded by the verbs looked at in one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from index.subjects.name_runs import tokens_in
from index.subjects.naming import Source
from index.subjects.quote_marks import MASK, STOP_MASK, Speech
from index.subjects.reporting import Language
from index.subjects.sentences import word_set
from index.subjects.sources import follows_inverted, leading_source, source_after, source_before

MOST_VERBS = 12
_WITH_HEARER = word_set("told tells tell asked asks informed assured reminded warned urged called thanked")
_NEAR_CHARS = 140
_AS_SAYING = re.compile(r"\b(?:quoted|cited)\s+(?P<who>[^,.;]{2,120}?)\s+as\s+saying\b", re.IGNORECASE)
_WAS_QUOTED = re.compile(
    r"\b(?:was|were|is|are)\s+(?:also\s+|later\s+)?(?:quoted|cited)\b[^,.;]{0,60}?\sas\s+saying\b", re.IGNORECASE
)
_WORD_BEFORE = re.compile(r"([^\s" + MASK + STOP_MASK + r"]+)[\s\u00a0]*\Z")
_MARKS = (MASK, STOP_MASK)
_SURE, _BY_PARTICIPLE = 20, 1  # weights: surer than any verb, less sure than any


@dataclass(frozen=True, slots=True)
class Attribution:
    """A verb at [start, end) and who stands beside it. `weight` tells how sure it is."""

    start: int
    end: int
    source: Source
    weight: int


@dataclass(frozen=True, slots=True)
class _Clause:
    """A sentence [start, end) of a masked text with its quoted speech."""

    text: str
    start: int
    end: int
    spans: Sequence[Speech]
    language: Language


@dataclass(frozen=True, slots=True)
class _Verb:
    """A verb at [start, end): its words, whether it reports by itself, how near speech is (0 to 2)."""

    start: int
    end: int
    words: str
    is_strong: bool
    near: int
    is_behind: bool  # it follows speech or a comma


def attribution_in(text: str, start: int, end: int, spans: Sequence[Speech], language: Language) -> Attribution | None:
    """Return what says best who speaks in a sentence of a masked text, None where nothing does."""
    clause = _Clause(text, start, end, spans, language)
    quoted = _quoted_as_saying(clause) if language.code == "en" else None
    if quoted is not None:
        return quoted
    found = [*_by_verbs(clause), *_by_phrases(clause)]
    if not found and spans:
        return _by_colon(clause)
    best = max(found, key=lambda one: (one.weight, -one.start), default=None)
    if best is not None and best.source.kind == "pronoun" and not best.source.plural:
        named = [one for one in found if one.start < best.start and one.source.kind == "name"]
        if named:  # one who was named in the same sentence
            return replace(best, source=named[-1].source)
    return best


def _by_verbs(clause: _Clause) -> Iterator[Attribution]:
    words = clause.language.words
    if clause.language.verbs is None:
        return
    for match in islice(clause.language.verbs.finditer(clause.text, clause.start, clause.end), MOST_VERBS):
        verb = _verb(clause, match.start(), match.end())
        if _is_blocked(clause, verb.start) or _is_a_name(clause, verb.start):
            continue
        if verb.words in words.goes_on and not verb.is_strong:
            one = _by_participle(clause, verb)
        elif not _may_report(clause, verb):
            continue
        else:
            one = _with(verb, _source_of(clause, verb), clause)
        if one is not None:
            yield one


def _verb(clause: _Clause, start: int, end: int) -> _Verb:
    words = re.sub(r"\s", " ", clause.text[start:end].lower())
    before = clause.text[clause.start : start].rstrip()
    is_behind = before.endswith(",") or before.rstrip(" \u00a0,.–—-;").endswith(_MARKS)
    is_strong = words in clause.language.words.says
    return _Verb(start, end, words, is_strong, _nearness(start, end, clause.spans), is_behind)


def _may_report(clause: _Clause, verb: _Verb) -> bool:
    """Whether a verb that does not report by itself has speech, or a word of `that`, beside it."""
    words = clause.language.words
    if verb.is_strong:
        return True
    if verb.words in words.quotes and verb.words not in words.reports:
        return verb.near > 0
    return bool(clause.spans) or _opens_clause(clause, verb.end) or _is_last(clause, verb.end)


def _source_of(clause: _Clause, verb: _Verb) -> Source | None:
    """Who speaks by a verb: in the order its language has."""
    language = clause.language
    if language.words.ends_with_verb:
        return _subject_with_comma(clause, verb.start)
    if language.code == "ar":
        return source_after(clause.text, verb.end, clause.end, language)
    source = _inverted(clause, verb) if verb.is_behind else None
    if source is None:
        source = source_before(clause.text, _segment_start(clause, verb.start), verb.start, language)
    if source is None and (verb.is_behind or language.code != "en"):
        source = source_after(clause.text, verb.end, clause.end, language)
    if source is None and _takes_first_subject(clause, verb):
        source = leading_source(clause.text, clause.start, verb.start, language)
    if source is None and language.words.drops_pronouns and clause.spans and verb.near > 0:
        return Source("pronoun")
    return source


def _inverted(clause: _Clause, verb: _Verb) -> Source | None:
    """Who follows a verb that itself follows speech: `…, sagt Oreschkin`, `…, says Ofer Shacham,`."""
    language = clause.language
    if language.code == "en":
        if verb.words in _WITH_HEARER or not follows_inverted(clause.text, verb.end, clause.end, language):
            return None
        return source_after(clause.text, verb.end, clause.end, language)
    source = source_after(clause.text, verb.end, clause.end, language)
    if source is not None and source.kind == "noun":
        first = source.role.split(" ", 1)[0].lower()
        return source if first in language.words.the | language.words.a else None
    return source


def _takes_first_subject(clause: _Clause, verb: _Verb) -> bool:
    """Whether the subject is the one the sentence began with: `…, but said`."""
    words = clause.language.words
    before = _WORD_BEFORE.search(clause.text, max(clause.start, verb.start - 40), verb.start)
    if before is None:
        return False
    if before.group(1).lower().strip(",") in words.joins | words.between:
        return True
    return before.group(1).endswith(",") and clause.language.code == "en" and verb.is_strong


def _with(verb: _Verb, source: Source | None, clause: _Clause) -> Attribution | None:
    if source is None or (source.kind == "pronoun" and source.definite and not verb.is_strong):
        return None
    if source.kind == "noun" and not verb.is_strong and not verb.near:
        return None  # following claims that
    base = 4 if verb.is_strong else 3 if verb.words in clause.language.words.reports else 2
    return Attribution(verb.start, verb.end, source, base + 3 * verb.near + (source.kind in ("name", "body")))


def _by_participle(clause: _Clause, verb: _Verb) -> Attribution | None:
    language = clause.language
    if language.words.ends_with_verb:
        source = source_after(clause.text, verb.end, clause.end, language)
        if source is not None and source.kind in ("name", "body"):
            return Attribution(verb.start, verb.end, source, _SURE)
        return None
    source = leading_source(clause.text, clause.start, verb.start, language)
    return None if source is None else Attribution(verb.start, verb.end, source, _BY_PARTICIPLE)


def _subject_with_comma(clause: _Clause, verb: int) -> Source:
    """Where verbs stand last: the name a sentence begins with, if a comma follows it; else who spoke last."""
    source = leading_source(clause.text, clause.start, verb, clause.language)
    if source is not None and source.kind in ("name", "body"):
        behind = clause.text.find(source.name, clause.start, verb) + len(source.name)
        if clause.text[behind : behind + 1] == ",":
            return source
    return Source("pronoun")


def _by_phrases(clause: _Clause) -> Iterator[Attribution]:
    language = clause.language
    if language.according is None:
        return
    for match in islice(language.according.finditer(clause.text, clause.start, clause.end), MOST_VERBS):
        start, end, phrase = match.start(), match.end(), match.group().lower()
        weight = 2 + _nearness(start, end, clause.spans)
        if phrase.endswith("ses yeux"):
            yield Attribution(start, end, Source("pronoun"), weight)
            continue
        means_more = phrase in ("für", "pour", "per")  # only before a name, at the beginning, beside speech
        if means_more and (not clause.spans or start > clause.start + 5):
            continue
        if phrase == "zufolge":
            source = source_before(clause.text, clause.start, start, language)
        else:
            source = source_after(clause.text, end, clause.end, language)
        if source is not None and not (means_more and source.kind not in ("name", "pronoun")):
            yield Attribution(start, end, source, weight)


def _by_colon(clause: _Clause) -> Attribution | None:
    """A name, a colon, what it says: in any language."""
    before = clause.text[clause.start : clause.spans[0].start].rstrip()
    if not before.endswith(":") or len(before) < 3:
        return None
    colon = clause.start + len(before) - 1
    source = leading_source(clause.text, clause.start, colon, clause.language)
    if source is None or source.kind == "noun":
        source = source_before(clause.text, clause.start, colon, clause.language)
    return None if source is None else Attribution(colon, colon + 1, source, 2)


def _quoted_as_saying(clause: _Clause) -> Attribution | None:
    text, language = clause.text, clause.language
    found = _AS_SAYING.search(text, clause.start, clause.end)
    if found is not None:
        source = source_after(text, found.start("who"), found.end("who"), language)
        if source is not None:
            return Attribution(found.end() - len("saying"), found.end(), source, _SURE)
    passive = _WAS_QUOTED.search(text, clause.start, clause.end)
    if passive is not None:
        source = source_before(text, clause.start, passive.start(), language)
        if source is not None:
            return Attribution(passive.end() - len("saying"), passive.end(), source, _SURE)
    return None


def _is_blocked(clause: _Clause, verb: int) -> bool:
    """Whether the word before a verb makes it no report: `declined to say`."""
    before = _WORD_BEFORE.search(clause.text, max(clause.start, verb - 40), verb)
    if before is None:
        return False
    word = before.group(1).lower()
    if word.endswith((",", ";", ":")):
        return False
    return word in clause.language.words.blocked or word.endswith(("n't", "n’t"))


def _is_a_name(clause: _Clause, verb: int) -> bool:
    """Whether a verb is written with a capital where no sentence or clause begins."""
    between = clause.text[clause.start : verb].strip(" \u00a0\"'“”„«»" + MASK + STOP_MASK)
    return clause.text[verb].isupper() and bool(between)


def _nearness(start: int, end: int, spans: Sequence[Speech]) -> int:
    """2 where speech ends or begins right beside a verb and its speaker, 1 where it is near, else 0."""
    best = 0
    for span in spans:
        gap = start - span.end if span.end <= start else span.start - end
        if 0 <= gap <= 60:
            best = max(best, 2)
        elif 0 <= gap <= _NEAR_CHARS:
            best = max(best, 1)
    return best


def _segment_start(clause: _Clause, verb: int) -> int:
    """Behind the last speech or opening bracket before the verb: no speaker is looked for across it."""
    text, start = clause.text, clause.start
    bracket = text.rfind("(", start, verb) + 1
    if bracket and text.find(")", bracket, verb) >= 0:
        bracket = 0
    return max(start, bracket, text.rfind(MASK, start, verb) + 1, text.rfind(STOP_MASK, start, verb) + 1)


def _opens_clause(clause: _Clause, verb_end: int) -> bool:
    """Whether a word of `that` follows within three words."""
    for token in tokens_in(clause.text, verb_end, min(clause.end, verb_end + 60))[:3]:
        if token.lower in clause.language.words.that or token.lower.startswith(("qu'", "qu’")):
            return True
        if token.ends:
            return False
    return False


def _is_last(clause: _Clause, verb_end: int) -> bool:
    """Whether the sentence ends with the verb: `…, he warned.`"""
    return not clause.text[verb_end : clause.end].strip(" .:!?\u00a0,")
