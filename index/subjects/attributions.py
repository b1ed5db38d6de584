"""Which verb of a sentence says who speaks in it. Pure; bounded by the verbs looked at in one sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.subjects.name_runs import Token, tokens_in
from index.subjects.quote_marks import MASK, STOP_MASK, Speech
from index.subjects.reporting import Language
from index.subjects.sources import Source, follows_inverted, leading_source, source_after, source_before

_WITH_HEARER = frozenset({"told", "tells", "tell", "asked", "asks", "informed", "assured", "reminded", "warned", "urged", "called", "thanked"})
MOST_VERBS = 12
_NEAR_CHARS = 140
_AS_SAYING = re.compile(r"\b(?:quoted|cited)\s+(?P<who>[^,.;]{2,120}?)\s+as\s+saying\b", re.IGNORECASE)
_WAS_QUOTED = re.compile(r"\b(?:was|were|is|are)\s+(?:also\s+|later\s+)?(?:quoted|cited)\b[^,.;]{0,60}?\sas\s+saying\b", re.IGNORECASE)
_WORD_BEFORE = re.compile(r"([^\s" + MASK + STOP_MASK + r"]+)[\s\u00a0]*\Z")
_MARKS = MASK + STOP_MASK


@dataclass(frozen=True, slots=True)
class Attribution:
    """A verb at [start, end) and who stands beside it. `weight` tells how sure it is."""

    start: int
    end: int
    source: Source
    weight: int


def attribution_in(text: str, start: int, end: int, spans: Sequence[Speech], language: Language) -> Attribution | None:
    """Return what says best who speaks in a sentence of a masked text, None where nothing does."""
    if language.code == "en":
        quoted = _quoted_as_saying(text, start, end, language)
        if quoted is not None:
            return quoted
    found: list[Attribution] = []
    if language.verbs is not None:
        for number, verb in enumerate(language.verbs.finditer(text, start, end)):
            if number >= MOST_VERBS:
                break
            one = _by_verb(text, start, end, verb.start(), verb.end(), spans, language)
            if one is not None:
                found.append(one)
    if language.according is not None:
        found += _by_phrase(text, start, end, spans, language)
    if not found and spans:
        colon = _by_colon(text, start, spans[0], language)
        return colon
    best = max(found, key=lambda one: (one.weight, -one.start), default=None)
    if best is not None and best.source.kind == "pronoun" and not best.source.plural:
        named = [one for one in found if one.start < best.start and one.source.kind == "name"]
        if named:  # one who was named in the same sentence
            return replace(best, source=named[-1].source)
    return best


def _by_verb(
    text: str, start: int, end: int, verb: int, verb_end: int, spans: Sequence[Speech], language: Language
) -> Attribution | None:
    words = language.words
    kind = re.sub(r"\s", " ", text[verb:verb_end].lower())
    if _is_blocked(text, start, verb, language) or text[verb].isupper() and verb > start and language.code != "ar" and not _opens(text, start, verb):
        return None
    near = _nearness(text, verb, verb_end, spans)
    behind_speech = text[start:verb].rstrip(" \u00a0,.–—-;")[-1:] in tuple(_MARKS) or text[start:verb].rstrip().endswith(",")
    if kind in words.goes_on and kind not in words.says:
        return _by_participle(text, start, end, verb, verb_end, spans, language)
    strong = kind in words.says
    opens = _opens_clause(text, verb_end, end, language)
    if not strong and not spans and not opens and not _is_last(text, verb_end, end):
        return None
    if kind in words.quotes and not strong and kind not in words.reports and near < 1:
        return None
    segment = _segment_start(text, start, verb)
    source = None
    if language.code == "ar" or (behind_speech and language.code != "en" and not words.ends_with_verb):
        source = source_after(text, verb_end, end, language)
        if language.code == "ar" and source is None:
            return None
        if source is not None and source.kind == "noun" and not source.role.split(" ", 1)[0].lower() in words.the | words.a and language.code != "ar":
            source = None
    elif behind_speech and language.code == "en" and kind not in _WITH_HEARER and follows_inverted(text, verb_end, end, language):
        source = source_after(text, verb_end, end, language)
    source = source or source_before(text, segment, verb, language)
    if source is None and (behind_speech or language.code in ("ar",) or language.code != "en"):
        source = source_after(text, verb_end, end, language)
    if source is None and not language.words.ends_with_verb:
        before = _WORD_BEFORE.search(text, max(start, verb - 40), verb)
        if before is not None and before.group(1).lower().strip(",") in words.joins | words.between:
            source = leading_source(text, start, verb, language)
        elif before is not None and before.group(1).endswith(",") and language.code == "en" and strong:
            source = leading_source(text, start, verb, language)
    if words.ends_with_verb:
        source = _subject_with_comma(text, start, verb, language)
    if source is None and words.drops_pronouns and spans and near > 0:
        source = Source("pronoun")
    if source is None or (source.kind == "pronoun" and source.definite and not strong):
        return None
    if source.kind == "noun" and not strong and not near:
        return None  # following claims that
    weight = (4 if strong else 3 if kind in words.reports else 2) + 3 * near
    if source.kind in ("name", "body"):
        weight += 1
    return Attribution(verb, verb_end, source, weight)


def _by_participle(
    text: str, start: int, end: int, verb: int, verb_end: int, spans: Sequence[Speech], language: Language
) -> Attribution | None:
    source = source_after(text, verb_end, end, language) if language.words.ends_with_verb else None
    source = source or leading_source(text, start, verb, language)
    if source is None:
        return None
    if language.words.ends_with_verb:
        return Attribution(verb, verb_end, source, 20) if source.kind in ("name", "body") else None
    return Attribution(verb, verb_end, source, 1)


def _subject_with_comma(text: str, start: int, verb: int, language: Language) -> Source:
    """Where verbs stand last: the name a sentence begins with, if a comma follows it; else who spoke last."""
    source = leading_source(text, start, verb, language)
    if source is not None and source.kind in ("name", "body"):
        behind = text.find(source.name, start, verb) + len(source.name)
        if text[behind : behind + 1] == ",":
            return source
    return Source("pronoun")


def _by_phrase(
    text: str, start: int, end: int, spans: Sequence[Speech], language: Language
) -> list[Attribution]:
    found: list[Attribution] = []
    if language.according is None:
        return found
    for number, phrase in enumerate(language.according.finditer(text, start, end)):
        if number >= MOST_VERBS:
            break
        written = phrase.group().lower()
        short = written in ("für", "pour", "per")
        if short and (not spans or phrase.start() > start + 5):
            continue
        if written.startswith(("à ses yeux", "a ses yeux")):
            found.append(Attribution(phrase.start(), phrase.end(), Source("pronoun"), 3))
            continue
        source = source_after(text, phrase.end(), end, language)
        if written == "zufolge":
            source = source_before(text, start, phrase.start(), language)
        if source is not None and not (short and source.kind not in ("name", "pronoun")):
            found.append(Attribution(phrase.start(), phrase.end(), source, 2 + _nearness(text, phrase.start(), phrase.end(), spans)))
    return found


def _by_colon(text: str, start: int, span: Speech, language: Language) -> Attribution | None:
    """A name, a colon, what it says: in any language."""
    before = text[start : span.start].rstrip()
    if not before.endswith(":") or len(before) < 3:
        return None
    colon = start + len(before) - 1
    source = leading_source(text, start, colon, language)
    if source is None or source.kind not in ("name", "body", "pronoun"):
        source = source_before(text, start, colon, language)
    if source is None:
        return None
    return Attribution(colon, colon + 1, source, 2)


def _quoted_as_saying(text: str, start: int, end: int, language: Language) -> Attribution | None:
    found = _AS_SAYING.search(text, start, end)
    if found is not None:
        source = source_after(text, found.start("who"), found.end("who"), language)
        if source is not None:
            return Attribution(found.end() - len("saying"), found.end(), source, 9)
    passive = _WAS_QUOTED.search(text, start, end)
    if passive is not None:
        source = source_before(text, start, passive.start(), language)
        if source is not None:
            return Attribution(passive.end() - len("saying"), passive.end(), source, 9)
    return None


def _is_blocked(text: str, start: int, verb: int, language: Language) -> bool:
    before = _WORD_BEFORE.search(text, max(start, verb - 40), verb)
    if before is None:
        return False
    word = before.group(1).lower()
    if word.endswith((",", ";", ":")):
        return False
    return word in language.words.blocked or word.endswith(("n't", "n’t"))


def _opens(text: str, start: int, verb: int) -> bool:
    """Whether a sentence, or a clause behind speech, begins with the verb."""
    return not text[start:verb].strip(" \u00a0\"'“”„«»" + _MARKS)


def _nearness(text: str, verb: int, verb_end: int, spans: Sequence[Speech]) -> int:
    """2 where speech ends or begins right beside the verb and its speaker, 1 where it is near, else 0."""
    best = 0
    for span in spans:
        gap = verb - span.end if span.end <= verb else span.start - verb_end
        if 0 <= gap <= 60:
            best = max(best, 2)
        elif 0 <= gap <= _NEAR_CHARS:
            best = max(best, 1)
    return best


def _segment_start(text: str, start: int, verb: int) -> int:
    """Behind the last speech before the verb: no speaker is looked for across it."""
    bracket = text.rfind("(", start, verb) + 1
    if bracket and text.find(")", bracket, verb) >= 0:
        bracket = 0
    return max(start, bracket, text.rfind(MASK, start, verb) + 1, text.rfind(STOP_MASK, start, verb) + 1)


def _opens_clause(text: str, verb_end: int, end: int, language: Language) -> bool:
    """Whether a word of `that` follows within three words."""
    following: list[Token] = tokens_in(text, verb_end, min(end, verb_end + 60))[:3]
    for token in following:
        if token.lower in language.words.that or token.lower.startswith(("qu'", "qu’")):
            return True
        if token.ends:
            return False
    return False


def _is_last(text: str, verb_end: int, end: int) -> bool:
    """Whether the sentence ends with the verb: `…, he warned.`"""
    return not text[verb_end:end].strip(" .:!?\u00a0,")
