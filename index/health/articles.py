"""Is what is read of articles what it usually is: fields, dates, texts, links, selectors, age? Rules; pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from config.counting import counted
from index.health.causes import Cause
from index.health.delays import apart
from index.health.history import Facts, Finding, Measure, Strength
from index.health.pools import Fall, Pool, below, fallen, mean_fallen, newest_pools
from index.health.records import Evidence, HealthState, Observation
from index.health.volume import current_share
from index.health.wording import joined, percent

FIELDS = ("title", "authors", "published", "updated", "text", "language")
WRONG_DATES = ("future", "too_old", "weekday_conflict", "day_month_guessed")
LEAST_SELECTOR_SHARE = 0.3
"""A selector that usually meets something on fewer pages is of something rare."""

SELECTORS_SHOWN = 3
MANY_FIELDS = 2
TEASER = 0.15
CHARACTERS = Measure("characters", lambda one: (one.text_characters, one.articles))
LINKS = Measure("links", lambda one: (one.links, one.articles))
LEAST_APART_S = 600.0
DATED_BEFORE = Measure("dated before", lambda one: (max(0, one.new - one.just_now), one.new))
OF_TODAY = Measure("of today", lambda one: (max(0, one.new - one.old), one.new))


def fields(facts: Facts) -> list[Finding]:
    """Find fields that are missing more often than usual, or than the outlet's file allows."""
    falls: dict[str, Fall] = {}
    missed: dict[str, tuple[Pool, float]] = {}
    for name in FIELDS:
        measure = filled(name)
        cause = Cause.DATES_WRONG if name == "published" else Cause.FIELDS_LOST
        fall = fallen(facts, measure, cause, Cause.LAYOUT_CHANGED, held=_holds(facts, name, cause))
        if fall is not None:
            falls[name] = fall
        minimum = facts.expect.fill.get(name, 0.0)
        pool = below(facts, measure, minimum, held=facts.was(cause)) if minimum else None
        if pool is not None:
            missed[name] = (pool, minimum)
    lost = [name for name, fall in falls.items() if fall.strength is Strength.OVERWHELMING]
    if "text" in lost or ("title" in lost and len(lost) >= MANY_FIELDS) or len(lost) > MANY_FIELDS:
        return [_layout(falls, missed, lost)]
    found = []
    for cause, names in (
        (Cause.FIELDS_LOST, [one for one in FIELDS if one != "published"]),
        (Cause.DATES_WRONG, ["published"]),
    ):
        concerned = [name for name in names if name in falls or name in missed]
        if concerned:
            found.append(_fields(cause, concerned, falls, missed))
    return found


def dates(facts: Facts) -> list[Finding]:
    """Find dates that cannot be (in the future, too old, of another weekday) more often than usual."""

    def right(one: Observation) -> tuple[int, int]:
        wrong = min(one.articles, max((one.date_flags.get(flag, 0) for flag in WRONG_DATES), default=0))
        return one.articles - wrong, one.articles

    fall = fallen(facts, Measure("right dates", right), Cause.DATES_WRONG)
    if fall is None:
        return _just_now(facts)
    wrong, usual = 1 - fall.pool.share, 1 - fall.usual.share
    many = counted(fall.pool.tries, "article")
    said = f"{percent(wrong)} of the last {many} have a date that cannot be; usually {percent(usual)}."
    shown = (Evidence("Dates that cannot be", percent(wrong), percent(usual)),)
    return [Finding(Cause.DATES_WRONG, said, shown, HealthState.DEGRADED, fall.strength)]


def _just_now(facts: Facts) -> list[Finding]:
    """Find new articles that are dated at the very moment they are read: the date is the page's, not the article's."""
    if apart(facts) < LEAST_APART_S:
        return []  # looked for so often, news may be as young
    fall = fallen(facts, DATED_BEFORE, Cause.DATES_WRONG, least=0.5)
    if fall is None:
        return []
    now, usual = percent(1 - fall.pool.share), percent(1 - fall.usual.share)
    many = counted(fall.pool.tries, "new article")
    said = f"{now} of the last {many} are dated at the very minute they were read; usually {usual}."
    shown = (Evidence("Dated when they were read", now, usual),)
    return [Finding(Cause.DATES_WRONG, said, shown, HealthState.DEGRADED, fall.strength)]


def texts(facts: Facts) -> list[Finding]:
    """Find texts that are far shorter than usual."""
    fall = mean_fallen(facts, CHARACTERS, Cause.TEXTS_SHORT, ratio=0.5)
    if fall is None:
        return []
    many = counted(fall.articles, "text")
    said = f"Of the last {many} the average length in characters is {fall.mean:,.0f}; usually {fall.usual:,.0f}."
    shown = (Evidence("Characters of a text", f"{fall.mean:,.0f}", f"{fall.usual:,.0f}"),)
    teaser = fall.mean <= TEASER * fall.usual
    state = HealthState.BROKEN if teaser else HealthState.DEGRADED
    return [Finding(Cause.TEXTS_SHORT, said, shown, state, unfit=said if teaser else "")]


def links(facts: Facts) -> list[Finding]:
    """Find articles that bring far fewer links than usual, or than the outlet's file expects at the least."""
    found = []
    fall = mean_fallen(facts, LINKS, Cause.LINKS_LOST, ratio=0.4)
    if fall is not None and fall.usual >= 0.5:
        many = counted(fall.articles, "article")
        said = f"Of the last {many} the average number of links is {_few(fall.mean)}; usually {_few(fall.usual)}."
        shown = (Evidence("Links of an article", _few(fall.mean), _few(fall.usual)),)
        found.append(Finding(Cause.LINKS_LOST, said, shown, HealthState.DEGRADED))
    least = facts.expect.links_per_article[0] if facts.expect.links_per_article is not None else 0.0
    pools = newest_pools(facts, LINKS) if least else []
    enough = [pool for pool in pools if pool.tries >= 16]
    if enough and max(pool.share for pool in enough) < least * (1 if facts.was(Cause.LINKS_LOST) else 0.8):
        pool = enough[-1]
        said = (
            f"Of the last {counted(pool.tries, 'article')} the average number of links is {_few(pool.share)}; its file "
            f"expects {least:g} at the least."
        )
        shown = (Evidence("Links of an article", _few(pool.share), f"{least:g} at the least (its file)"),)
        found.insert(0, Finding(Cause.LINKS_LOST, said, shown, HealthState.DEGRADED, unfit=said))
    return found[:1]


def selectors(facts: Facts) -> list[Finding]:
    """Find selectors that meet something on fewer pages than they used to, before they meet nothing."""
    names = {name for one in islice(facts.history.newest(), 40) for name in one.selectors}
    falls: list[tuple[str, Fall]] = []
    for name in sorted(names):
        fall = fallen(facts, _met(name), Cause.SELECTOR_DRIFT, Cause.LAYOUT_CHANGED, least=0.2)
        if fall is not None and fall.usual.share >= LEAST_SELECTOR_SHARE:
            falls.append((name, fall))
    if not falls:
        return []
    falls.sort(key=lambda pair: pair[1].pool.share / pair[1].usual.share)
    name, worst = falls[0]
    said = (
        f"`{_shortened(name)}` meets something on {percent(worst.pool.share)} of the last "
        f"{counted(worst.pool.tries, 'page')}; usually on {percent(worst.usual.share)}."
    )
    shown = tuple(
        Evidence(
            f"Pages on which `{_shortened(key)}` meets something", percent(one.pool.share), percent(one.usual.share)
        )
        for key, one in falls[:SELECTORS_SHOWN]
    )
    return [Finding(Cause.SELECTOR_DRIFT, said, shown, HealthState.DEGRADED, worst.strength)]


def old_news(facts: Facts) -> list[Finding]:
    """Find that what comes as new is old: in the place of the usual news it is a break, beside it worth a look."""
    fall = fallen(facts, OF_TODAY, Cause.REPUBLISHING_OLD, least=0.4)
    if fall is None or fall.pool.share > 0.5:
        return []
    volume = current_share(facts)  # old ones do not count in it
    instead = volume is None or volume <= 0.5
    old = fall.pool.tries - fall.pool.hits
    said = (
        f"{old:,} of the last {counted(fall.pool.tries, 'new article')} are dated more than two weeks back; "
        f"usually {percent(1 - fall.usual.share)}."
    )
    shown = (Evidence("Old ones among new articles", percent(1 - fall.pool.share), percent(1 - fall.usual.share)),)
    state = HealthState.BROKEN if instead and fall.pool.share <= 0.25 else HealthState.DEGRADED
    return [Finding(Cause.REPUBLISHING_OLD, said, shown, state, fall.strength, unfit=said if instead else "")]


def filled(name: str) -> Measure:
    """Return on how many articles a field is found, as a measure."""
    return Measure(f"with {name}", lambda one: (min(one.articles, one.filled.get(name, 0)), one.articles))


def _met(name: str) -> Measure:
    def counts(one: Observation) -> tuple[int, int]:
        seen = one.selectors.get(name)
        return (0, 0) if seen is None else (seen.articles, seen.tried)

    return Measure(f"met by {name}", counts)


def _holds(facts: Facts, name: str, cause: Cause) -> bool:
    """Say whether the judgement in force speaks of this field, so that less is enough for it to go on."""
    if facts.before is None or not facts.was(cause, Cause.LAYOUT_CHANGED):
        return False
    return any(one.what == _label(name) for one in facts.before.evidence)


def _label(name: str) -> str:
    return f"Articles with {name}"


def _shown(names: Iterable[str], falls: dict[str, Fall], missed: dict[str, tuple[Pool, float]]) -> tuple[Evidence, ...]:
    shown = []
    for name in names:
        if name in falls:
            shown.append(Evidence(_label(name), percent(falls[name].pool.share), percent(falls[name].usual.share)))
        else:
            pool, minimum = missed[name]
            shown.append(Evidence(_label(name), percent(pool.share), f"{percent(minimum)} at the least (its file)"))
    return tuple(shown)


def _layout(falls: dict[str, Fall], missed: dict[str, tuple[Pool, float]], lost: list[str]) -> Finding:
    many = counted(max(falls[name].pool.tries for name in lost), "article")
    verb = "is" if len(lost) == 1 else "are"
    said = f"{joined(lost).capitalize()} {verb} missing on nearly all of the last {many}; usually nearly all have them."
    shown = _shown(falls, falls, missed)
    return Finding(Cause.LAYOUT_CHANGED, said, shown, HealthState.BROKEN, Strength.OVERWHELMING, unfit=said)


def _fields(cause: Cause, names: list[str], falls: dict[str, Fall], missed: dict[str, tuple[Pool, float]]) -> Finding:
    parts = []
    for name in names:
        pool = missed[name][0] if name in missed else falls[name].pool
        beside = (
            f"its file expects {percent(missed[name][1])} at the least"
            if name in missed
            else f"usually {percent(falls[name].usual.share)}"
        )
        what = "a date of publication" if name == "published" else name
        parts.append(f"{percent(pool.share)} of the last {counted(pool.tries, 'article')} have {what}; {beside}")
    said = f"{'. '.join(parts)}."
    strength = max((falls[name].strength for name in names if name in falls), default=Strength.STRONG)
    unfit = said if any(name in missed for name in names) or "title" in names else ""
    return Finding(cause, said, _shown(names, falls, missed), HealthState.DEGRADED, strength, unfit)


def _few(number: float) -> str:
    return f"{number:.1f}" if number < 10 else f"{number:.0f}"


def _shortened(name: str) -> str:
    return name if len(name) <= 80 else f"{name[:79]}…"
