"""What is related to an article or a story, and why: ties in, a ranked list with reasons out. Pure, no reads here.

Each kind of reason has a weight between 0 and 1 (docs/reading.md has the formulas). Reasons of one article are taken
together as independent hints: 1 - (1 - a)(1 - b)... Stories are never merged by any of this.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from math import log, log2

from config.counting import counted
from index.records import Role
from index.search.analysis import is_stop, tokens
from index.stories.ties import DEGREE_READ, Brief, CopyTie, LinkTie, StoryBrief, Surroundings

SHOWN = 12
CAPS: Mapping[str, int] = {
    "copy": 4,
    "story": 4,
    "link": 5,
    "shared_targets": 4,
    "cocited": 4,
    "earlier": 3,
    "later": 3,
    "similar": 4,
}
"""How many articles may stand in the list mainly for one kind of reason."""

CLOSED_AFTER = timedelta(days=30)
LEAST_TOGETHER = 2
"""Shared targets, or third articles that cite both, under which nothing is said."""

_COPY, _STORY, _LINK, _COUPLED, _EARLIER, _SIMILAR = 0.95, 0.5, 0.8, 0.7, 0.6, 0.5
_LISTED = 0.35
"""A link in an outlet's own related list, against one in the text."""

_RARE = 0.15
"""Names in more than a third of a thousand articles, or a fifth of a hundred thousand, say nothing."""

_NAMESAKES = 60
_TARGET_KINDS = ("document", "article", "page", "topic")
_EXAMPLES = 3
_SENTENCE_CHARS = 200


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an article is related: the kind, the evidence in words and numbers, and a weight between 0 and 1."""

    kind: str
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Related:
    """An article with its reasons, the strongest first."""

    article: Brief
    reasons: tuple[Reason, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class RelatedList:
    """Related articles, the strongest first, each once. `left_out` counts what was not shown or not looked at."""

    items: tuple[Related, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)


def related_to(near: Surroundings, *, now: datetime) -> RelatedList:
    """Rank what stands near a subject. The same ties give the same list; at most twelve articles, each kind capped."""
    reasons: dict[int, list[Reason]] = defaultdict(list)
    own = {one.id for one in near.subjects}
    for article_id, reason in _all_reasons(near, now):
        if article_id in near.others and article_id not in own:
            reasons[article_id].append(reason)
    ranked = [_related(near.others[article_id], found) for article_id, found in reasons.items()]
    ranked.sort(key=lambda one: (-one.weight, -one.article.at.timestamp(), one.article.id))
    shown, cut = _capped(ranked)
    return RelatedList(tuple(shown), {**near.left_out, **({"not_shown": cut} if cut else {})})


def hub_discount(degree: int) -> float:
    """Return how much a target says that `degree` articles link to: 1 for one, .5 for three, .15 for a hundred."""
    return 1 / log2(1 + max(1, degree))


def apart(first: datetime, second: datetime) -> str:
    """Return the time between two instants in its largest fitting unit: `4 h apart`."""
    minutes = round(abs((second - first).total_seconds()) / 60)
    if minutes < 1:
        return "the same minute"
    if minutes < 90:
        return f"{minutes} min apart"
    if minutes < 48 * 60:
        return f"{round(minutes / 60)} h apart"
    return f"{round(minutes / 1440)} days apart"


@lru_cache(maxsize=4096)
def telling_words(title: str, language: str) -> tuple[str, ...]:
    """Return the words of a headline that say something, folded, in their order, each once."""
    found = (word for word in tokens(title) if len(word) > 2 or not word.isascii())
    return tuple(dict.fromkeys(word for word in found if not is_stop(word, [language] if language else ())))


def _related(article: Brief, found: list[Reason]) -> Related:
    strongest: dict[str, Reason] = {}
    for reason in sorted(found, key=lambda one: (-one.weight, one.kind, one.text)):
        strongest.setdefault(reason.kind, reason)
    rest = 1.0
    for reason in strongest.values():
        rest *= 1 - reason.weight
    return Related(article, tuple(strongest.values()), round(1 - rest, 4))


def _capped(ranked: list[Related]) -> tuple[list[Related], int]:
    counts: Counter[str] = Counter()
    shown: list[Related] = []
    for one in ranked:
        kind = one.reasons[0].kind
        if len(shown) < SHOWN and counts[kind] < CAPS[kind]:
            counts[kind] += 1
            shown.append(one)
    return shown, len(ranked) - len(shown)


def _all_reasons(near: Surroundings, now: datetime) -> Iterator[tuple[int, Reason]]:
    said = _Said(near)
    yield from _copies(near)
    yield from _same_story(near, said)
    yield from _links(near)
    yield from _shared_targets(near)
    yield from _cocited(near)
    yield from _continued(near)
    yield from _similar(near, said, now)


class _Said:
    """What the subject says: its rare names and the words of its headlines, to be found again in others."""

    def __init__(self, near: Surroundings) -> None:
        words: Counter[str] = Counter()
        for one in near.subjects:
            words.update(telling_words(one.title, one.language))
        least = 2 if len(near.subjects) > 2 else 1  # a word of one headline among many is not the story's
        self._words = {word for word, count in words.items() if count >= least}
        self._names = {name.key: name for name in near.names}
        self._near = near

    def names(self, other: Brief) -> list[tuple[str, float]]:
        """Return the names that `other` has too with how rare each is, the rarest first."""
        found = [self._names[key] for key in self._near.names_of.get(other.id, ()) if key in self._names]
        rated = [(name.label, _rarity(name.articles, self._near.held, common=name.common)) for name in found]
        return sorted(rated, key=lambda one: (-one[1], one[0]))

    def words(self, other: Brief, names: list[tuple[str, float]]) -> list[str]:
        """Return the headline's words that `other` has in its own, those of the names left out."""
        inside = {word for label, _ in names for word in tokens(label)}
        return [
            word for word in telling_words(other.title, other.language) if word in self._words and word not in inside
        ]


def _rarity(articles: int, held: int, *, common: bool) -> float:
    """Between 0 (in all articles) and 1 (in one of very many)."""
    if common or held < 2:
        return 0.0
    return max(0.0, log(held / max(1, articles)) / log(max(held, 1000)))


def _copies(near: Surroundings) -> Iterator[tuple[int, Reason]]:
    own = {one.id for one in near.subjects}
    original_of = {tie.article_id: tie for tie in near.copies if tie.article_id in own}
    for tie in near.copies:
        share = f"{tie.containment:.0%} of the shorter text, {counted(tie.shared, 'run')} of words alike"
        weight = _COPY * min(1.0, max(0.0, tie.containment))
        if tie.article_id in own:
            yield tie.original_id, Reason("copy", f"the original of this text: {share}{_gap(near, tie)}", weight)
        elif tie.original_id in own:
            yield tie.article_id, Reason("copy", f"a copy of this text: {share}{_gap(near, tie)}", weight)
        elif any(mine.original_id == tie.original_id for mine in original_of.values()):
            yield tie.article_id, Reason("copy", f"another copy of the same original: {share}", weight * 0.95)


def _gap(near: Surroundings, tie: CopyTie) -> str:
    briefs = {**near.others, **{one.id: one for one in near.subjects}}
    first, second = briefs.get(tie.article_id), briefs.get(tie.original_id)
    return "" if first is None or second is None else f"; {apart(first.at, second.at)}"


def _same_story(near: Surroundings, said: _Said) -> Iterator[tuple[int, Reason]]:
    if near.of_story:
        return
    subject = near.subjects[0]
    for article_id in near.members:
        other = near.others.get(article_id)
        if other is None:
            continue
        names = said.names(other)
        shown = [label for label, _ in names] + said.words(other, names)
        what = f": {', '.join(shown[:4])}" if shown else ""
        days = abs((other.at - subject.at).total_seconds()) / 86400
        closeness = 0.2 * min(len(shown), 4) / 4 + 0.15 / (1 + days)
        elsewhere = 0.04 if other.outlet != subject.outlet else 0.0
        reason = Reason("story", f"same story{what}; {apart(subject.at, other.at)}", _STORY + closeness + elsewhere)
        yield article_id, _rounded(reason)


def _links(near: Surroundings) -> Iterator[tuple[int, Reason]]:
    own = {one.id for one in near.subjects}
    outlets = {**{one.id: one.outlet for one in near.subjects}, **{key: one.outlet for key, one in near.others.items()}}
    between: dict[tuple[int, bool], list[tuple[float, LinkTie]]] = defaultdict(list)
    for tie in near.links:
        if (tie.from_id in own) == (tie.to_id in own):
            continue
        outward = tie.from_id in own
        listed = tie.role is Role.BACKLINK and outlets.get(tie.from_id) == outlets.get(tie.to_id)
        weight = _LINK * (_LISTED if listed else 0.8 if tie.role is Role.BACKLINK else 1.0)
        weight *= 0.5 + 0.5 * hub_discount(near.degrees.get(tie.to_id, 1))
        between[tie.to_id if outward else tie.from_id, outward].append((weight, tie))
    for (article_id, outward), found in sorted(between.items()):
        weight, tie = min(found, key=lambda one: (-one[0], one[1].from_id, one[1].to_id, one[1].sentence))
        mine = len({one.from_id if outward else one.to_id for _, one in found})
        yield (
            article_id,
            _rounded(Reason("link", _link_words(near, tie, outward, mine), weight + 0.04 * min(mine - 1, 3))),
        )


def _link_words(near: Surroundings, tie: LinkTie, outward: bool, mine: int) -> str:
    if near.of_story:
        what = f"cited by {mine} of these" if outward else f"cites {mine} of these"
    else:
        what = "this links to it" if outward else "links to this"
    if tie.role is Role.BACKLINK:
        what += ", in a related list"
    sentence = _cut(tie.sentence)
    return f"{what}: “{sentence}”" if sentence and tie.role is not Role.BACKLINK else what


def _shared_targets(near: Surroundings) -> Iterator[tuple[int, Reason]]:
    by_other: dict[int, list[tuple[float, str, str, int]]] = defaultdict(list)
    for target in near.shared:
        weight = hub_discount(target.degree) * (_LISTED if target.weight_role is Role.BACKLINK else 1.0)
        for article_id in target.citers:
            by_other[article_id].append((weight, target.label, target.kind, target.degree))
    for article_id, found in sorted(by_other.items()):
        if len(found) < LEAST_TOGETHER or all(kind == "topic" for _, _, kind, _ in found):
            continue
        found.sort(key=lambda one: (-one[0], one[1]))
        kinds = Counter(kind for _, _, kind, _ in found)
        counted = " and ".join(
            _count(kinds[kind], kind) for kind in ("document", "article", "page", "topic") if kinds[kind]
        )
        labels = "; ".join(_cut(label, 80) for _, label, _, _ in found[:_EXAMPLES])
        total = sum(weight for weight, _, _, _ in found)
        text = f"both cite {counted}: {labels}"
        if all(degree >= DEGREE_READ for _, _, _, degree in found):
            text += f" (each cited by {DEGREE_READ} articles or more)"
        yield article_id, _rounded(Reason("shared_targets", text, _COUPLED * total / (total + 1)))


def _cocited(near: Surroundings) -> Iterator[tuple[int, Reason]]:
    by_other: dict[int, list[tuple[float, str]]] = defaultdict(list)
    for citer in near.citers:
        weight = hub_discount(len(citer.targets))  # who links to everything ties nothing together
        for article_id in dict.fromkeys(citer.targets):
            if article_id != citer.id:
                by_other[article_id].append((weight, citer.title))
    for article_id, found in sorted(by_other.items()):
        if len(found) < LEAST_TOGETHER:
            continue
        found.sort(key=lambda one: (-one[0], one[1]))
        total = sum(weight for weight, _ in found) * hub_discount(near.degrees.get(article_id, 1)) ** 0.5
        titles = "; ".join(_cut(title, 80) for _, title in found[:_EXAMPLES])
        text = (
            f"cited together with {'these' if near.of_story else 'this'} by {counted(len(found), 'article')}: {titles}"
        )
        yield article_id, _rounded(Reason("cocited", text, _COUPLED * total / (total + 1)))


def _continued(near: Surroundings) -> Iterator[tuple[int, Reason]]:
    for ids, kind, words in (
        (near.earlier_stories, "earlier", "earlier story that this one goes on from"),
        (near.later_stories, "later", "later story that goes on from this one"),
    ):
        for story_id in ids:
            story = near.stories.get(story_id)
            if story is not None and story.lead_article_id is not None:
                yield story.lead_article_id, Reason(kind, f"{words}: {_told(story)}", _EARLIER)


def _similar(near: Surroundings, said: _Said, now: datetime) -> Iterator[tuple[int, Reason]]:
    best: dict[int, tuple[float, int, Reason]] = {}
    for other, names in _by_rare_names(near, said):
        words = said.words(other, names)
        if len(names) + min(len(words), 1) < LEAST_TOGETHER:
            continue
        total = sum(rarity for _, rarity in names) + 0.15 * min(len(words), 4)
        weight = _SIMILAR * total / (total + 1)
        shown = ", ".join(label for label, _ in names[:4])
        what = f"the same names: {shown}" + (f"; in both headlines: {', '.join(words[:4])}" if words else "")
        theirs = near.stories.get(other.story_id or 0)
        if theirs is not None and _is_earlier(theirs, near, now):
            reason = _rounded(Reason("earlier", f"earlier story {_told(theirs)}; {what}", weight))
            if theirs.id not in best or (-weight, other.id) < (-best[theirs.id][0], best[theirs.id][1]):
                best[theirs.id] = (weight, other.id, reason)
            continue
        yield other.id, _rounded(Reason("similar", what, weight))
    for _, article_id, reason in best.values():  # one article speaks for an earlier story
        yield article_id, reason


def _by_rare_names(near: Surroundings, said: _Said) -> list[tuple[Brief, list[tuple[str, float]]]]:
    """The articles outside the story that have the subject's rare names, those with most of them."""
    found = []
    for article_id in near.names_of:
        other = near.others.get(article_id)
        if other is None or article_id in near.members or (near.story is not None and other.story_id == near.story.id):
            continue
        names = [(label, rarity) for label, rarity in said.names(other) if rarity > _RARE]
        if names:
            found.append((other, names))
    found.sort(key=lambda one: (-sum(rarity for _, rarity in one[1]), one[0].id))
    return found[:_NAMESAKES]


def _is_earlier(theirs: StoryBrief, near: Surroundings, now: datetime) -> bool:
    """Whether a story was closed when the subject began; one that goes on is no earlier story."""
    begun = near.story.first_at if near.story is not None else min(one.at for one in near.subjects)
    return theirs.last_at < begun and theirs.last_at + CLOSED_AFTER < max(now, begun)


def _told(story: StoryBrief) -> str:
    last = story.last_at
    return f"“{_cut(story.title, 120)}” ({_count(story.articles, 'article')}, last on {last.day} {last:%b} {last.year})"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _cut(text: str, chars: int = _SENTENCE_CHARS) -> str:
    line = " ".join(text.split())
    return line if len(line) <= chars else line[: chars - 1].rstrip() + "…"


def _rounded(reason: Reason) -> Reason:
    return Reason(reason.kind, reason.text, round(min(reason.weight, 0.99), 4))
