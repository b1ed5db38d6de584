"""The scorecard of an outlet in words: each of its figures now, and usually. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from index.health.figures import CHARACTERS_EACH, DELAY, FILL, LINKS_EACH, VOLUME, WAIT
from index.health.records import Figure
from index.usual import lasting


@dataclass(frozen=True, slots=True)
class Score:
    """One line: what is measured, now, and usually ("" where that is not known yet)."""

    what: str
    now: str
    usual: str = ""


def scores_of(figures: Mapping[str, Figure]) -> list[Score]:
    """Return the lines for the figures of an outlet, in their order."""
    lines = []
    for name, figure in figures.items():
        if figure.now is None:
            continue
        what, told = _LABELS.get(name) or _of_field(name)
        lines.append(Score(what, told(figure.now), "" if figure.usual is None else told(figure.usual)))
    return lines


def _of_field(name: str) -> tuple[str, Callable[[float], str]]:
    return f"Articles with {name.removeprefix(FILL).replace('_', ' ')}", lambda share: f"{share:.0%}"


def _number(value: float) -> str:
    return f"{value:,.0f}"


def _seconds(value: float) -> str:
    return f"{value:.2g} s" if value < 10 else lasting(value)


_LABELS: dict[str, tuple[str, Callable[[float], str]]] = {
    VOLUME: ("Articles in seven days", _number),
    LINKS_EACH: ("Links in an article", lambda value: f"{value:,.1f}"),
    CHARACTERS_EACH: ("Characters in a text", _number),
    DELAY: ("From publication to storage", _seconds),
    WAIT: ("Waiting for an answer", _seconds),
}
