"""Reading a kept robots.txt for people: which lines concern us, and which of them decides about an address. Pure.

Whether an address may be asked is Protego's word alone, here as in a crawl; worked out here is the line to show.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from protego import Protego

MOST_TRIED = 500
"""Lines of one group that are tried to find the one that decides; of the rest nothing is shown."""

MOST_LINES = 200
"""Lines kept of what was put in, and of what was taken out."""

_FIELD = re.compile(r"^\s*(?P<field>[A-Za-z][A-Za-z -]*?)\s*:\s*(?P<value>.*?)\s*$")
_AGENT = re.compile(r"^user[- ]?agent$", re.IGNORECASE)
_SITE_WIDE = re.compile(r"^(site-?maps?|host)$", re.IGNORECASE)
_FORBIDS = re.compile(r"^diss?all?ow$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RobotsLine:
    """One line of a robots.txt, counted from 1, without its comment."""

    number: int
    text: str
    field: str
    value: str

    @property
    def told(self) -> str:
        """The line as messages show it."""
        return f"robots.txt line {self.number} `{self.text[:200]}`"


def product_of(user_agent: str) -> str:
    """Return the product that groups of rules name: a word of the contact behind it must not pick a group."""
    return re.split(r"[\s(]", user_agent.strip(), maxsplit=1)[0]


def may_ask(text: str, url: str, user_agent: str) -> bool:
    """Say whether a robots.txt lets us ask for an address."""
    return not text or bool(Protego.parse(text).can_fetch(url, product_of(user_agent)))


@lru_cache(maxsize=16)
def lines_for(text: str, user_agent: str) -> tuple[RobotsLine, ...]:
    """Return the lines of the groups that are meant for us, their User-agent lines with them; () where none is."""
    groups = list(_groups(text))
    names = {line.value.lower() for agents, _ in groups for line in agents}
    product = product_of(user_agent).lower()
    best = max(names, key=lambda name: _fit(name, product), default="")
    if not best or not _fit(best, product):
        return ()
    ours = [agents + rules for agents, rules in groups if any(line.value.lower() == best for line in agents)]
    return tuple(line for group in ours for line in group)


def line_forbidding(lines: Iterable[RobotsLine], url: str) -> RobotsLine | None:
    """Return the line of a group that forbids an address known to be forbidden: the longest that matches it.

    None where the line is written in a way only Protego understands.
    """
    rules = [line for line in lines if _FORBIDS.match(line.field) and line.value]
    rules.sort(key=lambda line: len(line.value), reverse=True)
    alone = (line for line in rules[:MOST_TRIED] if not may_ask(f"User-agent: *\nDisallow: {line.value}", url, "x"))
    return next(alone, None)


def changed_lines(before: str, after: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the lines taken out and those put in between two texts, at most 200 of each; blanks do not count."""
    old, new = _bare(before), _bare(after)
    removed: list[str] = []
    added: list[str] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=len(old) > 1000).get_opcodes():
        if tag != "equal":
            removed += old[i1:i2]
            added += new[j1:j2]
    return tuple(removed[:MOST_LINES]), tuple(added[:MOST_LINES])


def _groups(text: str) -> Iterable[tuple[list[RobotsLine], list[RobotsLine]]]:
    """Give each group as its User-agent lines and its other lines."""
    agents: list[RobotsLine] = []
    rules: list[RobotsLine] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        bare = raw.partition("#")[0].strip()
        found = _FIELD.match(bare)
        if found is None or _SITE_WIDE.match(found["field"]):
            continue
        line = RobotsLine(number, bare, found["field"], found["value"])
        if _AGENT.match(line.field):
            if rules:
                yield agents, rules
                agents, rules = [], []
            agents.append(line)
        elif agents:
            rules.append(line)
    if agents:
        yield agents, rules


def _fit(name: str, product: str) -> int:
    """How well a group's name fits our product: 0 not at all, 1 for all, else the length of the name."""
    if name == "*":
        return 1
    name = name.replace("*", "")
    where = re.search(rf"(?<![\w-]){re.escape(name)}", product) if name else None
    return 0 if where is None else len(name)


def _bare(text: str) -> Sequence[str]:
    return [line.strip()[:300] for line in text.splitlines() if line.strip()][:5000]
