"""Words beside a verb as a speaker: a name with its title, a pronoun, or words such as `a police spokesman`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.subjects.name_runs import Token, name_in, run_after, run_before, written
from index.subjects.reporting import Language, Reporting
from index.subjects.sentences import word_set

MOST_ROLE = 10  # words that say what a speaker is
AUXILIARIES = word_set("has have had is was were are will would who which that whose hat hatte ha han a qui que")
_POSSESSIVE = ("'s", "’s")


@dataclass(frozen=True, slots=True)
class Source:
    """One who is said to have spoken. `kind` is name, body, pronoun or noun; `name` is "" for the last two."""

    kind: str
    name: str = ""
    role: str = ""
    gender: str = ""  # he, she or "": what its title or pronoun tells
    definite: bool = False  # `the official`: one who was named before
    plural: bool = False


def source_ending(tokens: Sequence[Token], stop: int, language: Language) -> Source | None:
    """The source whose last word is the one before `stop`."""
    words = language.words
    last = tokens[stop - 1]
    if last.lower in words.pronouns:
        return None if last.pauses else pronoun(last.lower, words)
    if last.lower in words.first or last.lower in words.that or last.lower in AUXILIARIES:
        return None
    begin = run_before(tokens, stop, words)
    if begin == stop:
        return _noun_before(tokens, stop, words)
    before = tokens[begin - 1] if begin else None
    if before is not None and not before.ends:
        longer = _whole_body(tokens, begin, words)
        if longer < begin:
            return named(tokens[longer:stop], _role_before(tokens, longer, words), language, definite=True)
        if (
            before.lower in words.the
            and begin > 1
            and tokens[begin - 2].lower in words.of
            and not tokens[begin - 2].ends
        ):
            return spoken_for(tokens[:stop], begin - 2, words)
        if before.lower in words.of and begin > 1:
            return spoken_for(tokens[:stop], begin - 1, words)
    role = _role_before(tokens, begin, words)
    at = begin - len(role) - 1
    if (
        role
        and at > 0
        and tokens[at].lower in words.of
        and role[0].lower not in words.the
        and not tokens[at].ends
        and not tokens[at - 1].ends
        and not tokens[at - 1].is_capital
    ):
        return spoken_for(tokens[:stop], at, words)
    return named(tokens[begin:stop], role, language, definite=before is not None and before.lower in words.the)


def named(run: Sequence[Token], role: Sequence[Token], language: Language, *, definite: bool) -> Source | None:
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
    name = written(kept) + (
        run[-1].written[-2:] if kept and run[-1].written.endswith(_POSSESSIVE) and language.code == "en" else ""
    )
    if not any(map(str.isalpha, name)) or all(token.lower in words.not_names | words.peoples for token in kept):
        return None
    if len(kept) == 1 and kept[0].lower in words.bodies:
        return Source("noun", role=name, plural=True)
    if definite and not titles and not role[:-1]:
        is_body = True
    return Source("body" if is_body else "name", name, text, gender)


def _without_place(run: Sequence[Token], words: Reporting) -> Sequence[Token]:
    """A person's name without `of Oklahoma` behind it; a body's as it is."""
    for at, token in enumerate(run):
        if (
            at > 1
            and token.lower == "of"
            and not any(one.lower in words.bodies or one.lower == "for" for one in run[:at])
        ):
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


def spoken_for(tokens: Sequence[Token], of: int, words: Reporting) -> Source:
    """`a spokesman for the Foreign Ministry` speaks for it; `a lawyer for Trump` is one who is not named."""
    role = [*_role_before(tokens, of, words)] or list(tokens[max(0, of - 3) : of])
    text = " ".join(token.core for token in (*role, *tokens[of:]) if token.core)
    gender = _gender(role, words)
    speaks = any(token.lower in words.spokes | words.papers for token in role)
    at = of + 1
    while at < len(tokens) and tokens[at].lower in words.the:
        at += 1
    stop = run_after(tokens, at)
    if speaks and stop > at:
        return Source("body", written(tokens[at:stop]), text, gender)
    plural = bool(role) and role[-1].lower.endswith("s")
    definite = bool(role) and role[0].lower in words.the - words.whose
    return Source("noun", role=text, gender=gender, definite=definite, plural=plural)


def _noun_before(tokens: Sequence[Token], stop: int, words: Reporting) -> Source | None:
    begin = stop
    while begin and stop - begin < MOST_ROLE:
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
    return noun(tokens[begin:stop], words)


def noun(run: Sequence[Token], words: Reporting) -> Source | None:
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
    definite = lower[0] in words.the - words.whose and not is_body and words.is_person(head)
    return Source("noun", role=text, gender=gender, definite=definite, plural=head.endswith("s"))


def _body_in(run: Sequence[Token], words: Reporting) -> str:
    """The body whose spokesman is named: `Ministry of Foreign Affairs spokesperson`, `a Delta spokesman`."""
    at = next((number for number, token in enumerate(run) if token.is_capital and not _is_small(token, words)), None)
    if at is None:
        return ""
    stop = run_after(run, at)
    if run[stop - 1].written.endswith(_POSSESSIVE) and not any(token.lower in words.bodies for token in run[at:stop]):
        return ""  # of somebody's family
    kept = [token for token in run[at:stop] if token.lower not in words.spokes]
    return written(kept)


def _is_small(token: Token, words: Reporting) -> bool:
    return token.lower in words.the or token.lower in words.a or token.lower in words.not_names


def pronoun(word: str, words: Reporting) -> Source:
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
    while at and begin - at < MOST_ROLE:
        token = tokens[at - 1]
        if token.ends and not token.written.endswith(_POSSESSIVE):
            break
        if (
            token.lower in words.of | words.that | words.between
            or token.lower in AUXILIARIES
            or token.lower in ("and", "but", "when", "as")
        ):
            break
        at -= 1
        if token.lower in words.the or token.lower in words.a:
            break
    return list(tokens[at:begin])
