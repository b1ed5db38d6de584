"""Where the news of a story comes from: who had it first, who followed whom, how many independent origins. Pure.

Each article gets at most one step to an earlier one: the text it copies, else the article it links to, else the source
it names, else its own outlet's earlier report. Where no step leads on, there is an origin: the outlet, or the agency
that the byline names. Two outlets with one origin count once. docs/reading.md has the rules in full.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from config.counting import counted
from index.records import DateFlag, DateReading
from index.stories.attribution import Attribution

ZONES = timedelta(hours=14)
"""How far an instant may be off whose time zone was not written."""

DAY = timedelta(days=1)
_CLOCK = re.compile(
    r"\d{1,2}\s*[:h]\s*\d{2}|T\d{4}|\d\s*[ap]\.?m\b|^\d{9,13}$|\d\s*(?:uhr|時|시|点)|\bkl(?:o|\.)?\s*\d", re.IGNORECASE
)
_MIDNIGHT = re.compile(r"(?<![\d:+-])(?:00:00|12:00\s*a\.?m)", re.IGNORECASE)
_SENTENCE_CHARS = 240
_UNRELIABLE = {
    DateFlag.WEEKDAY_CONFLICT: "the weekday written does not fit the date",
    DateFlag.DAY_MONTH_GUESSED: "day and month could be the other way round",
}


@dataclass(frozen=True, slots=True)
class Dated:
    """When an article was there at the latest, at the earliest, which of its dates says so, and what is doubtful."""

    at: datetime
    earliest: datetime | None  # None: nobody knows
    latest: datetime
    instant: str  # published, updated, first_seen
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CopyStep:
    """That the article's text is another's."""

    original_id: int
    evidence: str
    original_outlet: str = ""  # set where the original is not in the story
    original_title: str = ""


@dataclass(frozen=True, slots=True)
class LinkStep:
    """That the article links to another of the story, in its text.

    `added_at` is when a link that an edit brought was first seen; when it was made nobody saw.
    """

    target_id: int
    sentence: str
    added_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """An article of a story with all that says where its news is from."""

    id: int
    title: str
    outlet: str
    dated: Dated
    agency: tuple[str, str] | None = None  # key and name of the agency its byline names
    copy: CopyStep | None = None
    links: tuple[LinkStep, ...] = ()
    named: tuple[Attribution, ...] = ()
    not_held: int = 0  # links to pages of known outlets that are not held
    method: str = ""  # how it came into the story


@dataclass(frozen=True, slots=True)
class Step:
    """How one article came by its news. `kind`: own, wire, copy, link, words, outlet (follows its own outlet)."""

    article_id: int
    title: str
    outlet: str
    at: datetime
    instant: str
    kind: str
    evidence: str
    from_id: int | None = None
    from_name: str = ""
    from_outlet: str = ""
    origin: str = ""  # the key of the origin that the steps lead to
    origin_name: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is uncertain, about which article (None: about the story), in a sentence."""

    kind: str
    text: str
    article_id: int | None = None


@dataclass(frozen=True, slots=True)
class Origins:
    """The answer: the first report held, outlets, independent origins, the chain that shows it, what is uncertain.

    `at_most` counts the origins if only copies are believed, and every link and every source named was but a nod.
    """

    first: Step | None
    first_is_certain: bool
    outlets: int
    independent: int
    at_most: int
    chain: tuple[Step, ...]
    uncertain: tuple[Doubt, ...]
    not_looked_at: int = 0


def dated(published: DateReading, updated: DateReading, first_seen_at: datetime) -> Dated:
    """Say when an article was there, from the first date that can be true of published, updated, first seen."""
    for name, reading in (("published", published), ("updated", updated)):
        if reading.at is None or {DateFlag.FUTURE, DateFlag.TOO_OLD} & set(reading.flags):
            continue
        doubts = [words for flag, words in _UNRELIABLE.items() if flag in reading.flags]
        earliest: datetime | None = reading.at
        latest = reading.at
        if DateFlag.ZONE_ASSUMED in reading.flags:
            doubts.append("no time zone was written; the outlet's was assumed")
            earliest, latest = reading.at - ZONES, reading.at + ZONES
        if is_day_only(reading.text, reading.at):
            doubts.append("only a day is given, no time")
            latest = max(latest, reading.at + DAY)
        if name == "updated":
            doubts.append("only the time of an update is given; it may have been there earlier")
        if name == "updated" or any(flag in reading.flags for flag in _UNRELIABLE):
            earliest = None
        return Dated(reading.at, earliest, latest, name, tuple(doubts))
    why = "its date cannot be true" if published.at or updated.at else "it has no date"
    return Dated(first_seen_at, None, first_seen_at, "first_seen", (f"{why}; it was there before we first saw it",))


def is_day_only(text: str | None, at: datetime) -> bool:
    """Say whether a date names a day without a time; midnight sharp is what systems write for that."""
    if text is None:
        return False
    return not _CLOCK.search(text) or (at.minute == 0 and _MIDNIGHT.search(text) is not None)


def origins_of(reports: Sequence[Report], titles: Mapping[str, str], *, not_looked_at: int = 0) -> Origins:
    """Find the origins behind a story's reports; the same reports in any order give the same answer.

    `titles` are those of outlets by name. Time is linear in reports and their links.
    """
    ordered = sorted(reports, key=lambda one: (one.dated.at, one.id))
    if not ordered:
        return Origins(None, False, 0, 0, 0, (), (), not_looked_at)
    steps, doubts = _Tracing(ordered, titles).steps()
    only_copies, _ = _Tracing([replace(one, links=(), named=()) for one in ordered], titles).steps()
    first = steps[0]
    rivals = _rivals(ordered, _linked_to_first(steps))
    doubts = [*_first_doubts(ordered, rivals), *doubts]
    if not_looked_at:
        later = counted(not_looked_at, "later article was", "later articles were")
        doubts.append(Doubt("not_looked_at", f"{later} not looked at"))
    independent = len({step.origin for step in steps})
    return Origins(
        first=first,
        first_is_certain=not rivals and not ordered[0].dated.doubts,
        outlets=len({one.outlet for one in ordered}),
        independent=independent,
        at_most=max(independent, len({step.origin for step in only_copies})),
        chain=tuple(steps),
        uncertain=tuple(doubts),
        not_looked_at=not_looked_at,
    )


class _Tracing:
    """The steps of one story while they are found. Trees only: a step that would close a ring is not taken."""

    def __init__(self, ordered: Sequence[Report], titles: Mapping[str, str]) -> None:
        self._ordered = ordered
        self._titles = titles
        self._by_id = {one.id: one for one in ordered}
        self._rank = {one.id: number for number, one in enumerate(ordered)}
        self._root = {one.id: one.id for one in ordered}
        self._steps: dict[int, Step] = {}
        self._doubts: list[Doubt] = []

    def steps(self) -> tuple[list[Step], list[Doubt]]:
        """Return a step for every report, in the order of time, and what is uncertain about them."""
        for one in self._ordered:
            if one.copy is not None:
                self._by_copy(one, one.copy)
        first_of: dict[str, Report] = {}
        outlets_first = {one.outlet: one for one in reversed(self._ordered)}
        for one in self._ordered:
            own_first = first_of.setdefault(one.outlet, one)
            if one.id not in self._steps:
                _ = (
                    self._by_wire(one, outlets_first)
                    or self._by_link(one)
                    or self._by_words(one, outlets_first)
                    or self._by_outlet(one, own_first)
                    or self._by_itself(one)
                )
            if one.not_held and self._steps[one.id].kind in ("own", "outlet"):
                pages = "a page" if one.not_held == 1 else counted(one.not_held, "page")
                text = f"links to {pages} of known outlets that we do not hold; its source may be there"
                self._doubts.append(Doubt("link_not_held", text, one.id))
        return self._with_origins(), self._doubts

    def _by_copy(self, one: Report, copy: CopyStep) -> None:
        original = self._by_id.get(copy.original_id)
        if original is not None and self._joined(one, original):
            self._take(one, "copy", copy.evidence, original)
        elif original is None and copy.original_outlet:
            name = self._titles.get(copy.original_outlet, copy.original_outlet)
            evidence = f"{copy.evidence} (“{copy.original_title}”, in another story)"
            self._take(one, "copy", evidence, None, origin=(f"outlet:{copy.original_outlet}", name))

    def _by_wire(self, one: Report, outlets_first: Mapping[str, Report]) -> bool:
        """An agency's text under its byline, of which no copy is known: the agency's own report, where it is held."""
        if one.agency is None or one.agency[0] == one.outlet:
            return False
        key, name = one.agency
        target = outlets_first.get(key)
        if target is not None and self._can_follow(one, target) and self._joined(one, target):
            self._take(one, "wire", f"its byline names {name}", target)
            return True
        text = f"carries {name}; the agency's own report is not held here"
        self._doubts.append(Doubt("copy_without_original", text, one.id))
        origin = f"outlet:{key}" if key in self._titles else f"agency:{key.casefold()}"
        self._take(one, "wire", f"its byline names {name}", None, origin=(origin, name))
        return True

    def _by_link(self, one: Report) -> bool:
        """Follow a link in the text to an earlier report: another outlet's before its own, the earliest first."""
        found = [(self._by_id[link.target_id], link) for link in one.links if link.target_id in self._by_id]
        found.sort(key=lambda pair: (pair[0].outlet == one.outlet, self._rank[pair[0].id], pair[1].sentence))
        for target, link in found:
            if target.id == one.id:
                continue
            if not self._can_follow(one, target):
                title = _cut(target.title, 100)
                text = f"links to “{title}”, which is dated later: the link was added, or a date is wrong"
                self._doubts.append(Doubt("link_to_later", text, one.id))
            elif self._joined(one, target):
                self._doubt_if_added(one, target, link)
                sentence = _cut(link.sentence, _SENTENCE_CHARS)
                self._take(one, "link", f"“{sentence}”" if sentence else "links to it", target)
                return True
        return False

    def _doubt_if_added(self, one: Report, target: Report, link: LinkStep) -> None:
        if link.added_at is not None:
            seen = f"{link.added_at:%Y-%m-%d %H:%M} UTC"
            text = f"its link to “{_cut(target.title, 100)}” came with an edit, first seen {seen}"
            self._doubts.append(Doubt("link_added", text, one.id))

    def _by_words(self, one: Report, outlets_first: Mapping[str, Report]) -> bool:
        for source in one.named:
            evidence = f"“{_cut(source.sentence, _SENTENCE_CHARS)}”"
            target = outlets_first.get(source.key)
            if target is not None and self._can_follow(one, target) and self._joined(one, target):
                self._take(one, "words", evidence, target)
                return True
            kind = "agency" if source.agency else "outlet"
            key = source.key.casefold() if source.agency else source.key
            held = "has no report in this story" if target is None else "has only a later report in this story"
            self._doubts.append(Doubt("named_not_held", f"names {source.name}, which {held}", one.id))
            self._take(one, "words", evidence, None, origin=(f"{kind}:{key}", source.name))
            return True
        return False

    def _by_outlet(self, one: Report, own_first: Report) -> bool:
        if own_first is one or not self._joined(one, own_first):
            return False
        self._take(one, "outlet", "follows its own outlet's first report", own_first)
        return True

    def _by_itself(self, one: Report) -> bool:
        name = self._titles.get(one.outlet, one.outlet)
        self._take(one, "own", "nothing shows that it follows another", None, origin=(f"outlet:{one.outlet}", name))
        return True

    def _can_follow(self, one: Report, target: Report) -> bool:
        """Whether `target` can have been there before `one`, as far as their dates are known."""
        if self._rank[target.id] < self._rank[one.id]:
            return True
        return target.dated.earliest is None or target.dated.earliest <= one.dated.latest

    def _joined(self, one: Report, target: Report) -> bool:
        """Put `one` under the tree of `target`; False where it stands above it already."""
        root = target.id
        while self._root[root] != root:
            self._root[root] = self._root[self._root[root]]
            root = self._root[root]
        if root == one.id or one.id == target.id:
            return False
        self._root[one.id] = root
        return True

    def _take(
        self, one: Report, kind: str, evidence: str, target: Report | None, *, origin: tuple[str, str] = ("", "")
    ) -> None:
        name = self._titles.get(target.outlet, target.outlet) if target is not None else origin[1]
        self._steps[one.id] = Step(
            article_id=one.id,
            title=one.title,
            outlet=one.outlet,
            at=one.dated.at,
            instant=one.dated.instant,
            kind=kind,
            evidence=evidence,
            from_id=target.id if target is not None else None,
            from_name=name if kind != "own" else "",
            from_outlet=target.outlet if target is not None else "",
            origin=origin[0],
            origin_name=origin[1],
        )

    def _with_origins(self) -> list[Step]:
        """Carry the origins down from the roots; chains may be as long as the story."""
        for one in self._ordered:
            path = []
            step = self._steps[one.id]
            while not step.origin and step.from_id is not None:
                path.append(step)
                step = self._steps[step.from_id]
            for below in path:
                self._steps[below.article_id] = replace(below, origin=step.origin, origin_name=step.origin_name)
        return [self._steps[one.id] for one in self._ordered]


def _linked_to_first(steps: Sequence[Step]) -> set[int]:
    """The reports that link to the first one, or to one that does: they came after it."""
    followers: dict[int, list[int]] = {}
    for step in steps:
        if step.kind == "link" and step.from_id is not None:
            followers.setdefault(step.from_id, []).append(step.article_id)
    found: set[int] = set()
    waiting = [steps[0].article_id]
    while waiting:  # steps form trees, so each is met once
        below = followers.get(waiting.pop(), [])
        found.update(below)
        waiting += below
    return found


def _rivals(ordered: Sequence[Report], after_first: Collection[int]) -> list[Report]:
    """The other reports that may have been first, as far as dates are known. Who links to the first came after it."""
    limit = ordered[0].dated.latest
    others = (one for one in ordered[1:] if one.id not in after_first)
    return [one for one in others if one.dated.earliest is None or one.dated.earliest <= limit]


def _first_doubts(ordered: Sequence[Report], rivals: Sequence[Report]) -> list[Doubt]:
    first = ordered[0]
    doubts = [Doubt("first_date", text, first.id) for text in first.dated.doubts]
    same = [one for one in rivals if abs(one.dated.at - first.dated.at) < timedelta(minutes=1)]
    if same:
        text = f"{_articles(len(same))} of the same minute as the first report"
        doubts.append(Doubt("same_minute", text, same[0].id))
    undated = [one for one in ordered if one.dated.instant == "first_seen"]
    if undated:
        text = f"{_articles(len(undated))} without a date that can be true: dated by when we first saw them"
        doubts.append(Doubt("undated", text, undated[0].id))
    same_ids = {one.id for one in (*same, *undated)}
    loose = [one for one in rivals if one.id not in same_ids]
    if loose:
        reasons = Counter(doubt for one in loose for doubt in one.dated.doubts)
        most = sorted(reasons, key=lambda doubt: (-reasons[doubt], doubt))
        why = most[0] if most else "the first report gives only a day"
        doubts.append(
            Doubt("may_be_earlier", f"{_articles(len(loose))} may be earlier than the first: {why}", loose[0].id)
        )
    return doubts


def _articles(number: int) -> str:
    return f"{number} article{'' if number == 1 else 's'}"


def _cut(text: str, chars: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= chars else line[: chars - 1].rstrip() + "…"
