"""An outlet on loopback that lives by a clock of its own, and that can be broken in every way operators know.

What it publishes, and when, comes from a seed: more by day than by night, less on Sundays, in two feeds. Pages, feeds
and robots.txt are pure functions of the clock and of what is broken; rehearsed_server opens the ports.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

HOST = "harbour.example"
HOME = f"http://{HOST}"
SAFE_HOST = f"www.{HOST}"
FEEDS = {"news": f"{HOME}/feed.xml", "security": f"{HOME}/security.xml"}
LISTED = {"news": 40, "security": 20}
SEED = 20261129
OUTLET_FILE = f"""\
name = "harbour"
title = "Harbour Herald"
home = "{HOME}/"
languages = ["en"]
hosts = ["{SAFE_HOST}"]
schedule = "every 1h"

[leads]
feeds = ["{FEEDS["news"]}", "{FEEDS["security"]}"]

[articles]
match = ["^/news/"]

[pace]
delay_s = 0

[[rules]]
title = "h1"
authors = ".byline a"
text = "article p"
published = {{ selector = "time", attribute = "datetime" }}
backlinks = "ul.backlinks li"

[expect]
articles_per_week = [150, 450]
links_per_article = [3, 12]
fill = {{ title = 1, authors = 0.9, published = 0.95, text = 1 }}
"""
WORDS = tuple(
    word
    for line in (
        "harbour minister border talks crossing convoy strait patrol treaty sanctions envoy council ceasefire depot",
        "grain spokesman district frigate summit pipeline inquiry ballot garrison customs valley islanders railway",
        "tanker pilot admiral ferry reservoir quarry bridge signal lantern orchard granary turbine meadow tribunal",
    )
    for word in line.split()
)


class Break(StrEnum):
    """One way in which an outlet breaks, as the table calls it."""

    LAYOUT = "the layout changes"
    SLOW = "it slows down"
    FORBIDDEN = "it blocks us (403)"
    TOO_MANY = "it blocks us (429)"
    EMPTY = "empty answers with status 200"
    OLD = "it republishes old items"
    ROBOTS = "robots.txt forbids us"
    LOGIN = "a login wall"
    NO_LINKS = "links vanish"
    NO_DATES = "dates vanish"
    CERTIFICATE = "its certificate fails"
    DRIES_UP = "it dries up"
    FROZEN = "one of two feeds stands still"
    NO_FEEDS = "its feeds answer with a web page"
    CUT_OFF = "it blocks us (403) after the first article of each run"
    MOVED = "its feeds name another host"
    CONSENT = "a consent dialog in place of articles (200)"
    HEADLINES = "every headline is the outlet's name"
    DATED_NOW = "every date is that of the request"
    LANGUAGE = "another language is served"


@dataclass(frozen=True, slots=True)
class Item:
    """One article of the outlet."""

    number: int
    at: datetime
    feed: str

    @property
    def path(self) -> str:
        """Its address on the outlet."""
        return f"/news/{self.number}-{'-'.join(words(self.number, 3))}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a path answers."""

    body: bytes
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class RehearsedOutlet:
    """The outlet at an instant `now` of its own clock; `broken` since `broken_at`, None while all is well."""

    items: Sequence[Item]
    now: datetime
    broken: Break | None = None
    broken_at: datetime | None = None
    ports: dict[str, int] = field(default_factory=dict)
    served: tuple[datetime | None, int] = (None, 0)
    """The hour, and how many articles were asked for in it."""

    def listed(self, feed: str) -> list[Item]:
        """Return what a feed names now, the newest first."""
        still = self.broken is Break.DRIES_UP or (self.broken is Break.FROZEN and feed == "security")
        until = self.broken_at if still and self.broken_at is not None else self.now
        if self.broken is Break.OLD and self.broken_at is not None:
            return self._of_old(feed)
        return [item for item in reversed(self.items) if item.feed == feed and item.at <= until][: LISTED[feed]]

    def answer(self, path: str, *, is_safe: bool = False) -> Answer:
        """Return what a path answers now; `is_safe`: asked over TLS."""
        if path == "/robots.txt":
            return Answer(self.robots().encode(), content_type="text/plain")
        if self.broken is Break.FORBIDDEN:
            return Answer(b"<h1>Forbidden</h1>", 403)
        if self.broken is Break.TOO_MANY:
            return Answer(b"<h1>Too many requests</h1>", 429, headers=(("Retry-After", "900"),))
        if self.broken is Break.CERTIFICATE and not is_safe:
            return Answer(b"", 301, headers=(("Location", f"https://{SAFE_HOST}{path}"),))
        if self.broken is Break.EMPTY:
            return Answer(b"")
        for name, url in FEEDS.items():
            if url == f"{HOME}{path}":
                return self._feed_answer(name)
        item = self._at(path)
        if self.broken is Break.CUT_OFF and item is not None:
            hour, number = self.served
            self.served = (self.now, number + 1 if hour == self.now else 1)
            if self.served[1] > 1:
                return Answer(b"<h1>Forbidden</h1>", 403)
        return Answer(b"Nothing here.", 404, "text/plain") if item is None else Answer(self.page(item).encode())

    def _feed_answer(self, name: str) -> Answer:
        if self.broken is Break.NO_FEEDS:
            links = "".join(f'<li><a href="/topics/{word}">{word.title()}</a></li>' for word in WORDS[:9])
            return Answer(f"<!doctype html><html><body><h1>Harbour Herald</h1><ul>{links}</ul></body></html>".encode())
        body = self.feed(name)
        if self.broken is Break.MOVED:
            body = body.replace(HOME, f"http://new.{HOST}")
        return Answer(body.encode(), content_type="application/atom+xml")

    def robots(self) -> str:
        """Return robots.txt of now."""
        return f"User-agent: *\nDisallow: /{'' if self.broken is Break.ROBOTS else 'admin/'}\n"

    def feed(self, name: str) -> str:
        """Return a feed of now as Atom."""
        entries = "".join(
            f"<entry><id>{item.number}</id><title>{title_of(item)}</title><updated>{item.at.isoformat()}</updated>"
            f'<link href="{HOME}{item.path}"/></entry>'
            for item in self.listed(name)
        )
        return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>{name}</title>{entries}</feed>'

    def page(self, item: Item) -> str:
        """Return the page of an article as it is served now."""
        if self.broken is Break.LOGIN:
            form = '<form><input name="user"><input type="password" name="word"><button>Log in</button></form>'
            return f'<!doctype html><html lang="en"><head><title>Log in</title></head><body>{form}</body></html>'
        if self.broken is Break.CONSENT:
            asked = "<h1>We value your privacy</h1><p>We and our partners use cookies.</p><button>Accept all</button>"
            return f'<!doctype html><html lang="en"><head><title>Herald</title></head><body>{asked}</body></html>'
        links = [] if self.broken is Break.NO_LINKS else self._links(item)
        at = self.now if self.broken is Break.DATED_NOW else item.at
        date = "" if self.broken is Break.NO_DATES else f'<time datetime="{at.isoformat()}">{at:%d %B}</time>'
        parts = paragraphs_of(item, links) if self.broken is not Break.LANGUAGE else _in_german(item, links)
        by = f'<span class="byline"><a href="/by/{item.number % 7}">{author_of(item)}</a></span>'
        hubs = "" if not links else '<ul class="backlinks"><li>Strait Security Brief</li><li>Harbour Watch</li></ul>'
        head = f'<title>{title_of(item)} | Herald</title><link rel="canonical" href="{HOME}{item.path}">'
        if self.broken is Break.LAYOUT:
            body = "".join(f'<div class="t4">{part}</div>' for part in parts)
            inner = f'<main><h2 class="t1">{title_of(item)}</h2><div class="t2">{author_of(item)}</div>{body}</main>'
        else:
            body = "".join(f"<p>{part}</p>" for part in parts)
            title = "Harbour Herald" if self.broken is Break.HEADLINES else title_of(item)
            inner = f"<article><h1>{title}</h1>{by}{date}{body}{hubs}</article>"
        return f'<!doctype html><html lang="en"><head>{head}</head><body>{inner}</body></html>'

    def _links(self, item: Item) -> list[str]:
        """Two articles before it and two primary documents."""
        own = min(item.number, bisect_right(self.items, self.now, key=lambda one: one.at))  # old ones have high numbers
        before = [f"{HOME}{self.items[own - back].path}" for back in (3, 9) if own >= back]
        papers = [f"https://papers{part}.example/{item.number}" for part in (1, 2)]
        return before + papers

    def _of_old(self, feed: str) -> list[Item]:
        """What it brings anew each hour once it republishes: articles of two years before, at addresses never seen."""
        assert self.broken_at is not None
        hours = int((self.now - self.broken_at) / timedelta(hours=1)) + 1
        known = len(self.items)
        numbers = range(known + (0 if feed == "news" else 1), known + hours * 6, 2)
        return [self._old_item(number, feed) for number in reversed(numbers)][: LISTED[feed]]

    def _old_item(self, number: int, feed: str) -> Item:
        return Item(number, self.items[0].at - timedelta(days=730, hours=number - len(self.items)), feed)

    def _at(self, path: str) -> Item | None:
        found = path.removeprefix("/news/").partition("-")[0]
        number = int(found) if path.startswith("/news/") and found.isdigit() else -1
        if 0 <= number < len(self.items):
            return self.items[number] if self.items[number].at <= self.now else None
        return self._old_item(number, "news") if self.broken is Break.OLD and number >= len(self.items) else None


def items_between(begins: datetime, ends: datetime, *, seed: int = SEED) -> list[Item]:
    """Return what the outlet publishes between two instants, the oldest first."""
    chance = random.Random(seed)
    items: list[Item] = []
    hour = begins
    while hour < ends:
        for _ in range(_poisson(chance, rate_at(hour))):
            feed = "security" if chance.random() < 0.35 else "news"
            items.append(Item(0, hour + timedelta(seconds=chance.randrange(3600)), feed))
        hour += timedelta(hours=1)
    items.sort(key=lambda item: item.at)
    return [Item(number, item.at, item.feed) for number, item in enumerate(items)]


def rate_at(hour: datetime) -> float:
    """Articles an hour: three at noon, half of one at night; on Sundays half as many."""
    by_day = 0.5 + 2.5 * max(0.0, math.sin(math.pi * (hour.hour - 5) / 16)) if 5 <= hour.hour < 21 else 0.5
    return by_day * (0.5 if hour.weekday() == 6 else 1.0)


def words(number: int, count: int) -> list[str]:
    """Return words that a number stands for, always the same."""
    chance = random.Random(number)
    return [chance.choice(WORDS) for _ in range(count)]


def title_of(item: Item) -> str:
    """Return the headline of an article."""
    first, second, third = words(item.number, 3)
    return f"{first.title()} {second} weighs {third} plan {item.number}"


def author_of(item: Item) -> str:
    """Return who wrote an article."""
    return ("Fiona Nanna", "Tom Reed", "Ida Moss", "Per Lund", "Ana Cruz", "Jon Vale", "Mia Hart")[item.number % 7]


def paragraphs_of(item: Item, links: Sequence[str]) -> list[str]:
    """Return the paragraphs of an article, the first ones with its links."""
    parts = []
    for place in range(5 + item.number % 4):
        told = words(item.number * 31 + place, 38)
        text = f"{told[0].title()} {' '.join(told[1:])}, officials in district {item.number}-{place} said."
        link = f' <a href="{links[place]}">the {told[5]} report {place}</a>' if place < len(links) else ""
        parts.append(text + link)
    return parts


def _in_german(item: Item, links: Sequence[str]) -> list[str]:
    """Return paragraphs that are no English, with the links."""
    parts = []
    for place in range(5 + item.number % 4):
        link = f' <a href="{links[place]}">dem Bericht {place}</a>' if place < len(links) else ""
        parts.append(
            f"Der Minister sagte am Dienstag in der Hauptstadt, dass die Verhandlungen über den Bezirk {item.number} "
            f"noch nicht beendet seien und dass man über Punkt {place} weiter sprechen werde, so heißt es in{link}."
        )
    return parts


def _poisson(chance: random.Random, mean: float) -> int:
    """Draw a number of events by Knuth's method; means are small here."""
    limit, count, product = math.exp(-mean), 0, chance.random()
    while product > limit:
        count += 1
        product *= chance.random()
    return count
