"""Articles of made-up events, enough to be told apart, each event in words of its own."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from index.records import Article
from tests.factories import an_article

SYLLABLES = ("ka", "ro", "ven", "tis", "mol", "dar", "pe", "sun", "gri", "lo", "bas", "ter", "ni", "fal", "cho")
FILLER = ("minister", "border", "forces", "region", "talks", "government", "officials", "area", "people", "security")
OUTLETS = ("gazette", "herald", "courier")


def words_of_event(event: int, number: int = 40) -> list[str]:
    """The words only this event has."""
    dice = random.Random(event * 7919 + 13)
    return ["".join(dice.choice(SYLLABLES) for _ in range(3)) for _ in range(number)]


def text_of(event: int, telling: int) -> str:
    """How one outlet tells an event: its words, in an order of their own, among words all news have."""
    dice = random.Random(event * 1000 + telling)
    words = words_of_event(event)
    told = [dice.choice(words) if dice.random() < 0.6 else dice.choice(FILLER) for _ in range(120)]
    return " ".join(told) + "."


def telling(event: int, number: int, at: datetime, *, outlet: str = "", text: str = "", slug: str = "") -> Article:
    """An article about an event: `number` tells the tellings of one event apart."""
    outlet = outlet or OUTLETS[number % len(OUTLETS)]
    words = words_of_event(event)
    title = f"{words[0].title()} {words[1]} {words[2 + number % 5]}"
    url = f"https://{outlet}.example/{slug or f'e{event}-{number}'}"
    return an_article(url=url, outlet=outlet, title=title, text=text or text_of(event, number), published_at=at)


def stream(events: int, tellings: int, start: datetime, *, seed: int = 1, days: float = 3.0) -> list[Article]:
    """Tellings of several events, mixed, in the order of their dates."""
    dice = random.Random(seed)
    told = [
        (start + timedelta(days=dice.uniform(0, days), seconds=event), event, number)
        for event in range(events)
        for number in range(tellings)
    ]
    return [telling(event, number, at) for at, event, number in sorted(told)]
