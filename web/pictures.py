"""Pictures as values for inline SVG: places and sizes are worked out here, templates only write them down. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 720
HEIGHT = 42
WIDEST = 26.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its place in the picture, what it counts, and where a click leads."""

    x: float
    y: float
    width: float
    height: float
    label: str
    number: int
    address: str


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar chart. `first` and `last` name the ends of its axis."""

    width: int
    height: int
    bars: tuple[Bar, ...]
    first: str
    last: str
    most: int


def month_bars(months: Sequence[tuple[str, int, str]]) -> Bars:
    """Lay out (YYYY-MM, number, address) in their order, months without articles left as gaps."""
    first, last = month_number(months[0][0]), month_number(months[-1][0])
    slots = max(1, last - first + 1)
    step = WIDTH / slots
    most = max(number for _, number, _ in months)
    bars = []
    for month, number, address in months:
        height = max(2.0, HEIGHT * number / most)
        width = max(1.5, min(step - 1.5, WIDEST))
        x = (month_number(month) - first + 0.5) * step - width / 2
        bars.append(
            Bar(
                x=round(x, 1),
                y=round(HEIGHT - height, 1),
                width=round(width, 1),
                height=round(height, 1),
                label=month,
                number=number,
                address=address,
            )
        )
    return Bars(WIDTH, HEIGHT, tuple(bars), months[0][0], months[-1][0], most)


def month_number(month: str) -> int:
    """Return the number of YYYY-MM among all months."""
    return int(month[:4]) * 12 + int(month[5:7])


def hour_bars(hours: Sequence[tuple[int, int, str]], *, size: int, first: str, last: str) -> Bars:
    """Lay out (hour counted from the first, number, label) over `size` hours; hours without anything are gaps."""
    step = WIDTH / max(1, size)
    most = max((number for _, number, _ in hours), default=1)
    width = round(max(1.5, min(step - 0.5, WIDEST)), 1)
    bars = []
    for hour, number, label in hours:
        height = max(2.0, HEIGHT * number / max(1, most))
        x, y = (hour + 0.5) * step - width / 2, HEIGHT - height
        bars.append(Bar(round(x, 1), round(y, 1), width, round(height, 1), label, number, ""))
    return Bars(WIDTH, HEIGHT, tuple(bars), first, last, most)
