"""Made-up articles for the clusterer: a few events, each told by several outlets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from index.stories.values import StoryText

START = datetime(2026, 3, 1, tzinfo=UTC)
EVENTS = (
    "harbour Aru tanker fire crew rescued pilots quay foam burning hull captain",
    "ministers Velm ceasefire talks delegation bridge checkpoint prisoners exchange envoy",
    "glacier Torsk avalanche climbers helicopter slope valley weather rope missing",
    "election Morava ballots recount court commission turnout candidates province result",
    "virus Kolt laboratory patients hospital ward vaccine nurses quarantine outbreak",
)
FILLER = (
    "people", "later", "area", "nearby", "office", "plans", "early", "service", "members", "public", "number", "road",
)  # fmt: skip


def telling(event: int, variant: int) -> str:
    """Return a text of some 60 words that tells of an event in its own order of words."""
    words = EVENTS[event % len(EVENTS)].split()
    told = []
    for at in range(60):
        pool = words if at % 3 else FILLER
        told.append(pool[(at * (3 + variant) + variant * 7 + at // 5) % len(pool)])
    return " ".join(told)


def article(number: int, *, event: int, variant: int | None = None, hours: float = 0.0, outlet: str = "") -> StoryText:
    """Return an article about an event, so many hours after the start."""
    variant = number if variant is None else variant
    title = " ".join(EVENTS[event % len(EVENTS)].split()[variant % 3 : variant % 3 + 5])
    at = START + timedelta(hours=hours)
    return StoryText(number, outlet or f"outlet{number % 7}.example", at, "en", title, telling(event, variant))
