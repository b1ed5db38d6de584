"""Are articles told apart as they usually are: by title, by text, by date? And are they in their language? Pure."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from config.counting import counted
from index.health.causes import Cause
from index.health.history import Facts, Finding, Measure, Strength
from index.health.pools import fallen
from index.health.records import Evidence, HealthState, Observation
from index.health.wording import percent

LOOKED_AT = 8
LEAST_ALIKE = 4
WHAT = {"title": "title", "text": "text", "published": "instant of publication"}
LANGUAGES_SHOWN = 2


def alike(facts: Facts) -> list[Finding]:
    """Find that most new articles have one and the same title, text or instant: of a notice, a wall, a wrong rule."""
    found = []
    for kind, what in WHAT.items():
        key = _commonest(facts, kind)
        cause = Cause.DATES_WRONG if kind == "published" else Cause.ALL_ALIKE
        fall = None if key is None else fallen(facts, _others(key), cause, least=0.5)
        if fall is None:
            continue
        same = fall.pool.tries - fall.pool.hits
        usual = percent(1 - fall.usual.share)
        said = (
            f"{same:,} of the last {counted(fall.pool.tries, 'new article')} have one and the same {what}; "
            f"usually {usual} do."
        )
        shown = (Evidence(f"New articles with the same {what}", percent(1 - fall.pool.share), usual),)
        nearly_all = fall.strength is Strength.OVERWHELMING and cause is Cause.ALL_ALIKE
        state = HealthState.BROKEN if nearly_all else HealthState.DEGRADED
        found.append(Finding(cause, said, shown, state, fall.strength, unfit=said if nearly_all else ""))
    return found


def languages(facts: Facts) -> list[Finding]:
    """Find articles in languages that the outlet's file does not name."""
    ours = set(facts.languages)
    if not ours:
        return []

    def in_ours(one: Observation) -> tuple[int, int]:
        told = one.languages
        return sum(number for name, number in told.items() if name in ours), sum(told.values())

    fall = fallen(facts, Measure(f"in {' '.join(sorted(ours))}", in_ours), Cause.WRONG_LANGUAGE)
    if fall is None:
        return []
    others: Counter[str] = Counter()
    for one in facts.history.between(fall.pool.begins, facts.now + timedelta(seconds=1)):
        others.update({name: number for name, number in one.languages.items() if name not in ours})
    mostly = ", ".join(name for name, _ in others.most_common(LANGUAGES_SHOWN))
    other, usual = percent(1 - fall.pool.share), percent(1 - fall.usual.share)
    said = (
        f"{other} of the last {counted(fall.pool.tries, 'article')} are in a language that its file does not name "
        f"({mostly}); usually {usual}."
    )
    shown = (Evidence("Articles in other languages", other, usual),)
    return [Finding(Cause.WRONG_LANGUAGE, said, shown, HealthState.DEGRADED, fall.strength)]


def _commonest(facts: Facts, kind: str) -> str | None:
    """Return the digest that most of the newest articles have, None where it is of half of them or fewer."""
    times: Counter[str] = Counter()
    seen = 0
    for one in facts.history.newest():
        times.update({key: number for key, number in one.alike.items() if key.startswith(f"{kind}:")})
        seen += one.new
        if seen >= LOOKED_AT:
            break
    key, most = next(iter(times.most_common(1)), ("", 0))
    return key if most >= LEAST_ALIKE and 2 * most > min(seen, LOOKED_AT) else None


def _others(key: str) -> Measure:
    return Measure(f"other than {key}", lambda one: (max(0, one.new - one.alike.get(key, 0)), one.new))
