"""Who stands beside a reporting verb: a name with its title, a pronoun, or words such as `a police spokesman`. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.subjects.name_runs import Token, name_in, run_after, run_before, tokens_in, written
from index.subjects.reporting import Language, Reporting

REACH_CHARS = 400  # how far from its verb a speaker is looked for
_MOST_TOKENS = 60
_MOST_ROLE = 10
_SUFFIXES = frozenset({"jr", "sr", "inc", "ltd", "ii", "iii", "phd", "m.d", "esq"})
_DATELINE = re.compile(r"[A-Z]{3}[^\n—–]{0,60}?(?:\([^()\n]{2,24}\)\s?[—–-]{1,2}|\s?[—–]|\s-{1,2})\s")
_AUX = frozenset("has have had is was were are will would who which that whose hat hatte ha han a qui que".split())


@dataclass(frozen=True, slots=True)
class Source:
    """One who is said to have spoken. `kind` is name, body, pronoun or noun; `name` is "" for the last two."""

    kind: str
    name: str = ""
    role: str = ""
    gender: str = ""  # he, she or "": what its title or pronoun tells
    definite: bool = False  # `the official`: one who was named before
    plural: bool = False


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
    return _source_ending(tokens, stop, language)


def follows_inverted(text: str, verb_end: int, end: int, language: Language) -> bool:
    """Whether the name of the speaker follows a verb and a pause follows the name: `, says Ofer Shacham,`."""
    tokens = tokens_in(text, verb_end, min(end, verb_end + REACH_CHARS))[:_MOST_ROLE]
    if not tokens or not tokens[0].is_capital or tokens[0].lower in language.words.not_names:
        return False
    stop = run_after(tokens, 0, language.words)
    return tokens[stop - 1].pauses or stop == len(tokens)


def source_after(text: str, verb_end: int, end: int, language: Language) -> Source | None:
    """Return who stands right behind the verb that ends at `verb_end`."""
    words = language.words
    tokens = tokens_in(text, verb_end, min(end, verb_end + REACH_CHARS))[:_MOST_TOKENS]
    tokens = tokens[: _stretch(tokens, words)]
    if not tokens:
        return None
    first = tokens[0]
    if first.written.lower().startswith("-t-"):
        return _pronoun(first.written.lower().rstrip(".,:;»"), words)
    if first.lower in words.pronouns:
        return _pronoun(first.lower, words)
    if first.lower in words.first or first.lower in words.that:
        return None
    if language.code == "ar":
        return _arabic(tokens, words)
    if first.lower in words.of | words.between | words.joins and first.lower not in words.the | words.a:
        return None
    if first.lower in words.not_names and first.is_capital:
        if len(tokens) < 2 or first.ends or not tokens[1].is_capital:
            return None
        tokens, first = tokens[1:], tokens[1]
    if first.is_capital and first.lower not in words.the and first.lower not in words.a:
        stop = run_after(tokens, 0, words)
        return _named(tokens[:stop], tokens[:0], language, definite=False)
    for at, token in enumerate(tokens[:_MOST_ROLE]):
        if at and token.lower in words.of:
            if tokens[at - 1].lower in words.spokes | words.papers:
                return _spoken_for(tokens, at, words)
            break
        if token.is_capital and token.lower not in words.not_names:
            stop = run_after(tokens, at, words)
            if stop < len(tokens) and not tokens[stop - 1].ends and tokens[stop].lower not in words.of and stop < _MOST_ROLE and _later_name(tokens, stop, words):
                continue
            return _named(tokens[at:stop], tokens[:at], language, definite=tokens[at - 1].lower in words.the)
    stop = next((at for at, token in enumerate(tokens[:_MOST_ROLE]) if at and token.lower in words.of), min(len(tokens), 6))
    return _noun(tokens[:stop], words)


def leading_source(text: str, start: int, verb: int, language: Language) -> Source | None:
    """Return the subject a sentence begins with: whom a later `saying`, `but said` or `who said` stands for."""
    words = language.words
    dateline = _DATELINE.match(text, start, verb)
    start = start if dateline is None else dateline.end()
    tokens = tokens_in(text, start, min(verb, start + REACH_CHARS))[:_MOST_TOKENS]
    at = 0
    if len(tokens) > 1 and tokens[0].lower in words.not_names - words.of and tokens[1].is_capital and not tokens[0].ends:
        at = 1
    elif tokens and (tokens[0].lower in words.of or tokens[0].written.endswith(",") and tokens[0].lower in words.not_names or tokens[0].lower.endswith("ing")):
        comma = next((number for number, token in enumerate(tokens) if token.written.endswith(",")), None)
        at = 0 if comma is None else comma + 1
        if comma is None and tokens[0].lower in words.of:
            return None
    if at >= len(tokens):
        return None
    if tokens[at].lower in words.pronouns:
        return _pronoun(tokens[at].lower, words)
    stop = at
    while stop < len(tokens) and stop - at < 14:
        token = tokens[stop]
        if stop > at and (token.lower in _AUX or token.lower in words.between or (token.lower.endswith("ed") and not token.is_capital)):
            break
        stop += 1
        if token.ends:
            break
    if tokens[at].is_capital and tokens[at].lower not in words.the | words.a:
        first = run_after(tokens, at, words)
        run = tokens[at:first]
        if len(run) - name_in(run, words, language=language.code)[0] >= 1 and (first >= stop or len(run) > 1 or tokens[first - 1].ends):
            inner = run_before(tokens, stop, words)
            between = tokens[first:inner]
            if inner < stop and inner > first and not any(token.ends or token.lower in words.joins for token in between):
                return _named(tokens[inner:stop], tokens[at:inner], language, definite=False)
            return _named(run, [], language, definite=False)
    return _source_ending(tokens[at:stop], stop - at, language)


def _source_ending(tokens: Sequence[Token], stop: int, language: Language) -> Source | None:
    """The source whose last word is the one before `stop`."""
    words = language.words
    last = tokens[stop - 1]
    if last.lower in words.pronouns:
        return None if last.pauses else _pronoun(last.lower, words)
    if last.lower in words.first or last.lower in words.that or last.lower in _AUX:
        return None
    begin = run_before(tokens, stop, words)
    if begin == stop:
        return _noun_before(tokens, stop, words)
    before = tokens[begin - 1] if begin else None
    if before is not None and not before.ends:
        longer = _whole_body(tokens, begin, words)
        if longer < begin:
            return _named(tokens[longer:stop], _role_before(tokens, longer, words), language, definite=True)
        if before.lower in words.the and begin > 1 and tokens[begin - 2].lower in words.of and not tokens[begin - 2].ends:
            return _spoken_for(tokens[:stop], begin - 2, words)
        if before.lower in words.of and begin > 1:
            return _spoken_for(tokens[:stop], begin - 1, words)
    role = _role_before(tokens, begin, words)
    at = begin - len(role) - 1
    if role and at > 0 and tokens[at].lower in words.of and role[0].lower not in words.the and not tokens[at].ends and not tokens[at - 1].ends and not tokens[at - 1].is_capital:
        return _spoken_for(tokens[:stop], at, words)
    return _named(tokens[begin:stop], role, language, definite=before is not None and before.lower in words.the)


def _named(run: Sequence[Token], role: Sequence[Token], language: Language, *, definite: bool) -> Source | None:
    words = language.words
    titles, is_body = name_in(run, words, language=language.code)
    told = [*role, *run[:titles]]
    gender = _gender(told, words)
    text = " ".join(token.core for token in told if token.core)
    if titles and language.code in ("ru", "uk") and len(run) - titles == 1 and run[-1].lower.endswith(("ии", "ії")):
        titles = len(run)  # the prime minister of a country
        text = " ".join(token.core for token in run)
    if titles == len(run):
        if definite or len(run) > 1 or (role and not role[-1].is_capital):
            return Source("noun", role=text, gender=gender, definite=True)
        return Source("name", written(run), gender=gender)
    if any(token.lower in words.spokes for token in run) and not titles:
        return Source("noun", role=" ".join(token.core for token in (*role, *run)), gender=gender)
    kept = _without_place(run[titles:], words)
    is_body = is_body or any(token.lower == "for" for token in run)
    name = written(kept) + (run[-1].written[-2:] if kept and run[-1].written.endswith(("'s", "’s")) and language.code == "en" else "")
    if not any(map(str.isalpha, name)) or all(token.lower in words.not_names for token in kept):
        return None
    if len(kept) == 1 and kept[0].lower in words.bodies:
        return Source("noun", role=name, plural=True)
    if definite and not titles and not role[:-1]:
        is_body = True
    return Source("body" if is_body else "name", name, text, gender)


def _without_place(run: Sequence[Token], words: Reporting) -> Sequence[Token]:
    """A person's name without `of Oklahoma` behind it; a body's as it is."""
    for at, token in enumerate(run):
        if at > 1 and token.lower == "of" and not any(one.lower in words.bodies or one.lower == "for" for one in run[:at]):
            return run[:at]
    return run


def _whole_body(tokens: Sequence[Token], begin: int, words: Reporting) -> int:
    """Where the name of a body begins that has `for the` inside: People for the Ethical Treatment of Animals."""
    at = begin - 1
    if tokens[at].lower in words.the and at:
        at -= 1
    if tokens[at].lower in ("for", "on", "of") and at and tokens[at - 1].is_capital and not tokens[at - 1].ends:
        return run_before(tokens, at, words)
    return begin


def _spoken_for(tokens: Sequence[Token], of: int, words: Reporting) -> Source:
    """`a spokesman for the Foreign Ministry` speaks for it; `a lawyer for Trump` is one who is not named."""
    role = [*_role_before(tokens, of, words)] or list(tokens[max(0, of - 3) : of])
    text = " ".join(token.core for token in (*role, *tokens[of:]) if token.core)
    gender = _gender(role, words)
    speaks = any(token.lower in words.spokes | words.papers for token in role)
    at = of + 1
    while at < len(tokens) and tokens[at].lower in words.the:
        at += 1
    stop = run_after(tokens, at, words)
    if speaks and stop > at:
        return Source("body", written(tokens[at:stop]), text, gender)
    plural = bool(role) and role[-1].lower.endswith("s")
    return Source("noun", role=text, gender=gender, definite=bool(role) and role[0].lower in words.the, plural=plural)


def _noun_before(tokens: Sequence[Token], stop: int, words: Reporting) -> Source | None:
    begin = stop
    while begin and stop - begin < _MOST_ROLE:
        token = tokens[begin - 1]
        if begin < stop and (token.pauses or token.lower in words.joins):
            break
        begin -= 1
        if token.lower in words.the or token.lower in words.a:
            before = tokens[begin - 1].lower if begin else ""
            if before in words.of and begin > 1 and not tokens[begin - 1].ends:
                begin -= 1
                continue
            break
    return _noun(tokens[begin:stop], words)


def _noun(run: Sequence[Token], words: Reporting) -> Source | None:
    if not run:
        return None
    text = " ".join(token.core for token in run if token.core)
    lower = [token.lower for token in run]
    if not any(map(str.isalpha, text)):
        return None
    gender = _gender(run, words)
    if any(word in words.spokes for word in lower):
        name = _body_in(run, words)
        if name:
            return Source("body", name, text, gender)
    head = lower[-1]
    is_body = any(word in words.bodies for word in lower[-2:])
    definite = lower[0] in words.the and not is_body and words.is_person(head)
    return Source("noun", role=text, gender=gender, definite=definite, plural=head.endswith("s"))


def _body_in(run: Sequence[Token], words: Reporting) -> str:
    """The body whose spokesman is named: `Ministry of Foreign Affairs spokesperson`, `a Delta spokesman`."""
    at = next((number for number, token in enumerate(run) if token.is_capital and not _is_small(token, words)), None)
    if at is None:
        return ""
    stop = run_after(run, at, words)
    kept = [token for token in run[at:stop] if token.lower not in words.spokes]
    return written(kept)


def _is_small(token: Token, words: Reporting) -> bool:
    return token.lower in words.the or token.lower in words.a or token.lower in words.not_names


def _pronoun(word: str, words: Reporting) -> Source:
    gender = "he" if word in words.he else "she" if word in words.she else ""
    return Source("pronoun", gender=gender, plural=word in words.they, definite=word in words.it)


def _gender(tokens: Sequence[Token], words: Reporting) -> str:
    for token in reversed(tokens):
        if token.lower in words.she_words:
            return "she"
        if token.lower in words.he_words:
            return "he"
    return ""


def _role_before(tokens: Sequence[Token], begin: int, words: Reporting) -> list[Token]:
    """The words before a name that say what its bearer is: `White House press secretary`."""
    at = begin
    while at and begin - at < _MOST_ROLE:
        token = tokens[at - 1]
        if token.ends and not token.written.endswith(("'s", "’s")):
            break
        if token.lower in words.of | words.that | words.between or token.lower in _AUX or token.lower in ("and", "but", "when", "as"):
            break
        at -= 1
        if token.lower in words.the or token.lower in words.a:
            break
    return list(tokens[at:begin])


def _before_apposition(tokens: Sequence[Token], stop: int) -> int:
    """Where the words before `, a spokeswoman for the event,` end: back over parts between commas that tell more."""
    at, steps = stop, 0
    while at and steps < 6:
        begin = at - 1
        while begin and not tokens[begin - 1].pauses:
            begin -= 1
        first = tokens[begin]
        told = first.written.endswith(("'s", "’s")) or not first.is_capital or first.lower in _SUFFIXES or first.lower in ("who", "a", "an", "the")
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
    return token.lower in words.between or (code == "en" and token.lower.endswith("ly") and not token.is_capital)


def _later_name(tokens: Sequence[Token], stop: int, words: Reporting) -> bool:
    """Whether a longer name follows lower words: `Democratic strategist James Carville`."""
    for at in range(stop, min(len(tokens), stop + 5)):
        if tokens[at].lower in words.of or tokens[at].lower in ("and", "who"):
            return False
        if tokens[at].is_capital:
            return run_after(tokens, at, words) - at >= 2
    return False


def _stretch(tokens: Sequence[Token], words: Reporting) -> int:
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
    return Source("body" if is_body else "name", " ".join(token.core for token in names), " ".join(token.core for token in told))


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
                kept[-1] = Token(last.start, last.end, last.written + ",", last.core)
    return kept
