"""Who stands beside a reporting verb: before it, behind it, or where the sentence begins. Pure, bounded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.subjects.name_runs import Token, name_in, run_after, tokens_in
from index.subjects.naming import AUXILIARIES, MOST_ROLE, Source, named, noun, pronoun, source_ending, spoken_for
from index.subjects.reporting import Language, Reporting
from index.subjects.sentences import word_set

REACH_CHARS = 400  # how far from its verb a speaker is looked for
_MOST_TOKENS = 60
_NO_ADVERBS = word_set("family assembly ally rally supply reply bully monopoly anomaly")
_SUFFIXES = word_set("jr sr inc ltd ii iii phd m.d esq")
_DATELINE = re.compile(r"[A-Z]{3}[^\n—–]{0,60}?(?:\([^()\n]{2,24}\)\s?[—–-]{1,2}|\s?[—–]|\s-{1,2})\s")
_POSSESSIVE = ("'s", "’s")


def source_before(text: str, start: int, verb: int, language: Language) -> Source | None:
    """Return who stands right before the verb at `verb`, not looking before `start`."""
    words = language.words
    tokens = _without_brackets(tokens_in(text, max(start, verb - REACH_CHARS), verb)[-_MOST_TOKENS:])
    stop = len(tokens)
    while stop and _may_stand_between(tokens[stop - 1], words, language.code):
        stop -= 1
    if stop > 1 and tokens[stop - 1].lower == "who":
        stop -= 1
    elif not stop or tokens[stop - 1].lower in words.joins:
        return None
    stop = _before_who(tokens, stop)
    last = tokens[stop - 1]
    skipped_comma = stop < len(tokens) and last.written.endswith(",") and tokens[-1].written.endswith(",")
    if last.pauses and not last.written.endswith(".") and not skipped_comma:
        stop = _before_apposition(tokens, stop)
        if not stop:
            return None
        last = tokens[stop - 1]
    return source_ending(tokens, stop, language)


def follows_inverted(text: str, verb_end: int, end: int, language: Language) -> bool:
    """Whether the name of the speaker follows a verb and a pause follows the name: `, says Ofer Shacham,`."""
    tokens = tokens_in(text, verb_end, min(end, verb_end + REACH_CHARS))[:MOST_ROLE]
    if not tokens or not tokens[0].is_capital or tokens[0].lower in language.words.not_names:
        return False
    stop = run_after(tokens, 0)
    return tokens[stop - 1].pauses or stop == len(tokens)


def source_after(text: str, verb_end: int, end: int, language: Language) -> Source | None:
    """Return who stands right behind the verb that ends at `verb_end`."""
    words = language.words
    tokens = tokens_in(text, verb_end, min(end, verb_end + REACH_CHARS))[:_MOST_TOKENS]
    tokens = tokens[: _stretch(tokens)]
    if not tokens:
        return None
    first = tokens[0]
    if first.written.lower().startswith("-t-"):
        return pronoun(first.written.lower().rstrip(".,:;»"), words)
    if first.lower in words.pronouns:
        return pronoun(first.lower, words)
    if first.lower in words.first | words.that:
        return None
    if language.code == "ar":
        return _arabic(tokens, words)
    if first.lower in (words.of | words.between | words.joins) - words.the - words.a:
        return None
    if first.lower in words.not_names and first.is_capital:
        if len(tokens) < 2 or first.ends or not tokens[1].is_capital:
            return None
        tokens, first = tokens[1:], tokens[1]
    if first.is_capital and first.lower not in words.the | words.a:
        return named(tokens[: run_after(tokens, 0)], (), language, definite=False)
    return _noun_and_name(tokens, language)


def _noun_and_name(tokens: Sequence[Token], language: Language) -> Source | None:
    """`veteran strategist James Carville`, `a spokesman for the ministry`, `the airline`: small words come first."""
    words = language.words
    for at, token in enumerate(tokens[:MOST_ROLE]):
        if at and token.lower in words.of:
            if tokens[at - 1].lower in words.spokes | words.papers:
                return spoken_for(tokens, at, words)
            return noun(tokens[:at], words)
        if token.is_capital and token.lower not in words.not_names:
            stop = run_after(tokens, at)
            if not tokens[stop - 1].ends and _later_name(tokens, stop, words):
                continue
            return named(tokens[at:stop], tokens[:at], language, definite=tokens[at - 1].lower in words.the)
    return noun(tokens[:6], words)


def leading_source(text: str, start: int, verb: int, language: Language) -> Source | None:
    """Return the subject a sentence begins with: whom a later `saying`, `but said` or `who said` stands for."""
    words = language.words
    dateline = _DATELINE.match(text, start, verb)
    start = start if dateline is None else dateline.end()
    tokens = tokens_in(text, start, min(verb, start + REACH_CHARS))[:_MOST_TOKENS]
    at = 0
    if (
        len(tokens) > 1
        and tokens[0].lower in words.not_names - words.of
        and tokens[1].is_capital
        and not tokens[0].ends
    ):
        at = 1
    elif tokens and (
        tokens[0].lower in words.of
        or (tokens[0].written.endswith(",") and tokens[0].lower in words.not_names)
        or tokens[0].lower.endswith("ing")
    ):
        comma = next((number for number, token in enumerate(tokens) if token.written.endswith(",")), None)
        at = 0 if comma is None else comma + 1
        if comma is None and tokens[0].lower in words.of:
            return None
    if at >= len(tokens):
        return None
    if tokens[at].lower in words.pronouns:
        return pronoun(tokens[at].lower, words)
    stop = at
    while stop < len(tokens) and stop - at < 14:
        token = tokens[stop]
        if stop > at and (
            token.lower in AUXILIARIES
            or token.lower in words.between
            or (token.lower.endswith("ed") and not token.is_capital)
        ):
            break
        stop += 1
        if token.ends:
            break
    if tokens[at].is_capital and tokens[at].lower not in words.the | words.a:
        first = run_after(tokens, at)
        run = tokens[at:first]
        if len(run) - name_in(run, words, language=language.code)[0] >= 1 and (
            first >= stop or len(run) > 1 or tokens[first - 1].ends
        ):
            later = _name_behind_title(tokens, first, stop, words)
            if later > first:
                return named(tokens[later : run_after(tokens, later)], tokens[at:later], language, definite=False)
            return named(run, [], language, definite=False)
    return source_ending(tokens[at:stop], stop - at, language)


def _name_behind_title(tokens: Sequence[Token], first: int, stop: int, words: Reporting) -> int:
    """Where a person's name begins behind a body's and a title: `White House press secretary Josh Earnest`."""
    at = first
    while at < min(stop, first + 4) and not tokens[at].is_capital and not tokens[at].ends:
        at += 1
    if first < at < stop and tokens[at].is_capital:
        title = tokens[at - 1].lower
        if words.is_person(title) or title in words.spokes:
            return at
    return first


def _before_apposition(tokens: Sequence[Token], stop: int) -> int:
    """Where the words before `, a spokeswoman for the event,` end: back over parts between commas that tell more."""
    at, steps = stop, 0
    while at and steps < 6:
        begin = at - 1
        while begin and not tokens[begin - 1].pauses:
            begin -= 1
        first = tokens[begin]
        told = (
            first.written.endswith(_POSSESSIVE)
            or not first.is_capital
            or first.lower in _SUFFIXES
            or first.lower in ("who", "a", "an", "the")
        )
        place = steps and begin and at - begin == 1 and _begins_lower(tokens, begin)
        if not told and not place and (steps or not begin or _is_whole_name(tokens[begin:at])):
            break
        if not begin and steps and tokens[at - 1].is_capital:
            break
        at, steps = begin, steps + 1
    return at if at or not steps else 0


def _begins_lower(tokens: Sequence[Token], stop: int) -> bool:
    """Whether the part between commas that ends at `stop` begins with a small letter."""
    begin = stop - 1
    while begin and not tokens[begin - 1].pauses:
        begin -= 1
    return begin > 0 and not tokens[begin].is_capital


def _before_who(tokens: Sequence[Token], stop: int) -> int:
    """Where the words before `, who lives near the stop` end."""
    for at in range(stop - 1, max(0, stop - 14), -1):
        if tokens[at].lower == "who" and tokens[at - 1].written.endswith(","):
            return at
    return stop


def _is_whole_name(run: Sequence[Token]) -> bool:
    return all(token.is_capital for token in run) and len(run) > 1


def _may_stand_between(token: Token, words: Reporting, code: str) -> bool:
    if token.lower in words.pronouns:
        return False
    return token.lower in words.between or (
        code == "en" and token.lower.endswith("ly") and not token.is_capital and token.lower not in _NO_ADVERBS
    )


def _later_name(tokens: Sequence[Token], stop: int, words: Reporting) -> bool:
    """Whether a longer name follows lower words: `Democratic strategist James Carville`."""
    for at in range(stop, min(len(tokens), stop + 5, MOST_ROLE)):
        if tokens[at].lower in words.of or tokens[at].lower in ("and", "who"):
            return False
        if tokens[at].is_capital:
            return run_after(tokens, at) - at >= 2
    return False


def _stretch(tokens: Sequence[Token]) -> int:
    """How many words stand before the first comma or stop."""
    for at, token in enumerate(tokens):
        if token.ends:
            return at + 1
    return len(tokens)


def _arabic(tokens: Sequence[Token], words: Reporting) -> Source | None:
    """Behind an Arabic verb: the words up to the next particle, titles left out."""
    run: list[Token] = []
    for token in tokens[:8]:
        if token.core in words.that or token.core in words.of or token.written[:1] in '"«“':
            break
        run.append(token)
        if token.ends:
            break
    told = [token for token in run if token.core in words.titles]
    names = [token for token in run if token.core not in words.titles]
    text = " ".join(token.core for token in run)
    if not names or len(names) > 4:
        return Source("noun", role=text, definite=True) if run else None
    if names[0].core in words.a:
        return Source("noun", role=text)
    is_body = any(token.core in words.bodies for token in names)
    return Source(
        "body" if is_body else "name", " ".join(token.core for token in names), " ".join(token.core for token in told)
    )


def _without_brackets(tokens: list[Token]) -> list[Token]:
    """Words in brackets say where one is from; they are no part of a name."""
    kept: list[Token] = []
    depth = 0
    for token in tokens:
        if token.written.startswith("("):
            depth = 1
        if not depth:
            kept.append(token)
        if depth and ")" in token.written:
            depth = 0
            if kept and token.written.endswith(","):
                last = kept[-1]
                kept[-1] = replace(last, written=last.written + ",", pauses=True, ends=True)
    return kept
