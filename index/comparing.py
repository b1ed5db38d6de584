"""What stayed, came, went and moved between two texts: by paragraph, and by word within a paragraph. Pure.

Bounded for any two texts: paragraphs are matched by look-up, likeness and words are compared while a budget lasts, and
beyond it the old is said to be gone and the new to have come, which is true of any two texts.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from index.revising import essence, paragraphs_of

MOST_PAIRS = 4_000_000
"""Words of one text times words of the other that are compared: about a second for the worst texts."""

MOST_LIKENESS = 2_000_000
"""Words looked at to find which paragraph was changed into which: half a second."""

CHARS_OF_A_WORD = 5

LIKE_ENOUGH = 0.4
"""Share of words in common from which a paragraph counts as changed, not as another one."""

# Scripts without blanks between words: there each character is a word.
_CHARACTER = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"(?:[{_CHARACTER}\U00020000-\U0003ffff]|[^\s{_CHARACTER}\U00020000-\U0003ffff]+)\s*")


class Kind(StrEnum):
    """What became of a paragraph or of a run of words."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Step:
    """One paragraph on the way from the old text to the new; `before` or `after` is "" where there is none."""

    kind: Kind
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class WordStep:
    """A run of words that stayed (both are equal), or what went and what came in its place."""

    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether the words stayed."""
        return [word.strip() for word in self.before] == [word.strip() for word in self.after]


def words_of(text: str) -> list[str]:
    """Cut a text into words, each with the white space behind it: joined they are the text again."""
    return _WORD.findall(text)


def paragraph_steps(before: str, after: str) -> list[Step]:
    """Compare two texts by paragraph, in the order of the new one; what went stands where it stood.

    Paragraphs that differ in nothing that counts (see revising.py) are the same; lines of the page are left out.
    """
    old, new = _keyed(before), _keyed(after)
    pairs = _matched([key for key, _ in old], [key for key, _ in new])
    taken_old, taken_new = {i for i, _ in pairs}, {j for _, j in pairs}
    moved = _moved(old, new, taken_old, taken_new)
    moved_from, moved_to = {i for i, _ in moved}, {j: i for i, j in moved}
    budget = MOST_LIKENESS
    steps: list[Step] = []
    start_old = start_new = 0
    for i, j in [*pairs, (len(old), len(new))]:
        gap_old = [at for at in range(start_old, i) if at not in moved_from]
        gap_new = list(range(start_new, j))
        fresh = [at for at in gap_new if at not in moved_to]
        changed, spent = _changed([old[at][1] for at in gap_old], [new[at][1] for at in fresh], budget)
        budget -= spent
        partner = {fresh[b]: gap_old[a] for a, b in changed}
        steps += _gap(old, new, gap_old, gap_new, partner, moved_to)
        if i < len(old):
            steps.append(Step(Kind.SAME, old[i][1], new[j][1]))
        start_old, start_new = i + 1, j + 1
    return steps


def word_steps(before: str, after: str, *, most_pairs: int) -> tuple[list[WordStep], int]:
    """Compare two paragraphs by word; return the runs in order and how many pairs of `most_pairs` it took."""
    old, new = words_of(before), words_of(after)
    plain_old, plain_new = [word.strip() for word in old], [word.strip() for word in new]
    head = _common(plain_old, plain_new)
    tail = _common(plain_old[head:][::-1], plain_new[head:][::-1])
    end_old, end_new = len(old) - tail, len(new) - tail
    cost = (end_old - head) * (end_new - head)
    runs = [WordStep(tuple(old[:head]), tuple(new[:head]))]
    if cost <= most_pairs:
        matcher = SequenceMatcher(None, plain_old[head:end_old], plain_new[head:end_new], autojunk=False)
        for _, a, b, c, d in matcher.get_opcodes():
            runs.append(WordStep(tuple(old[head + a : head + b]), tuple(new[head + c : head + d])))
    else:
        cost = 0
        runs.append(WordStep(tuple(old[head:end_old]), tuple(new[head:end_new])))
    runs.append(WordStep(tuple(old[end_old:]), tuple(new[end_new:])))
    return [run for run in runs if run.before or run.after], cost


def _keyed(text: str) -> list[tuple[str, str]]:
    keyed = ((essence(paragraph), paragraph) for paragraph in paragraphs_of(text))
    return [(key, paragraph) for key, paragraph in keyed if key]


def _matched(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Pair equal paragraphs in order: those at both ends, those that stand once in both texts, and their neighbours."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    end_old, end_new = len(old) - tail, len(new) - tail
    pairs = [(at, at) for at in range(head)]
    last_old, last_new = head, head
    for i, j in [*_anchors(old, new, range(head, end_old), range(head, end_new)), (end_old, end_new)]:
        while last_old < i and last_new < j and old[last_old] == new[last_new]:
            pairs.append((last_old, last_new))
            last_old, last_new = last_old + 1, last_new + 1
        behind = 0
        while last_old < i - behind and last_new < j - behind and old[i - behind - 1] == new[j - behind - 1]:
            behind += 1
        pairs += [(i - back, j - back) for back in range(behind, 0, -1)]
        if i < end_old:
            pairs.append((i, j))
        last_old, last_new = i + 1, j + 1
    return pairs + [(end_old + at, end_new + at) for at in range(tail)]


def _anchors(old: Sequence[str], new: Sequence[str], of_old: range, of_new: range) -> list[tuple[int, int]]:
    """Return the longest run, in order, of paragraphs that stand once in both texts."""
    seen_old, seen_new = Counter(old[at] for at in of_old), Counter(new[at] for at in of_new)
    place = {new[at]: at for at in of_new if seen_new[new[at]] == 1}
    once = [(at, place[old[at]]) for at in of_old if seen_old[old[at]] == 1 and old[at] in place]
    ends: list[int] = []  # the smallest place that ends a run of each length
    at_end: list[int] = []
    before: list[int] = []
    for number, (_, j) in enumerate(once):
        length = bisect_left(ends, j)
        before.append(at_end[length - 1] if length else -1)
        if length == len(ends):
            ends.append(j)
            at_end.append(number)
        else:
            ends[length], at_end[length] = j, number
    run: list[tuple[int, int]] = []
    here = at_end[-1] if at_end else -1
    while here >= 0:
        run.append(once[here])
        here = before[here]
    return run[::-1]


def _moved(
    old: list[tuple[str, str]], new: list[tuple[str, str]], taken_old: set[int], taken_new: set[int]
) -> list[tuple[int, int]]:
    """Pair what is left of one text with its equals left of the other: they stand elsewhere now."""
    left: dict[str, deque[int]] = defaultdict(deque)
    for at, (key, _) in enumerate(old):
        if at not in taken_old:
            left[key].append(at)
    return [(left[key].popleft(), at) for at, (key, _) in enumerate(new) if at not in taken_new and left.get(key)]


def _changed(old: Sequence[str], new: Sequence[str], budget: int) -> tuple[list[tuple[int, int]], int]:
    """Pair paragraphs of a gap that are alike, in order and so that they are most alike in all; and what it took."""
    chars = len(new) * sum(map(len, old)) + len(old) * sum(map(len, new))
    cost = chars // CHARS_OF_A_WORD + len(old) * len(new)
    if not old or not new or cost > budget:
        return [], 0
    bags_old, bags_new = [_bag(text) for text in old], [_bag(text) for text in new]
    likeness = [[_likeness(one, other) for other in bags_new] for one in bags_old]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            joined = likeness[i][j] + best[i + 1][j + 1] if likeness[i][j] >= LIKE_ENOUGH else 0.0
            best[i][j] = max(joined, best[i + 1][j], best[i][j + 1])
    pairs, i, j = [], 0, 0
    while i < len(old) and j < len(new):
        if likeness[i][j] >= LIKE_ENOUGH and best[i][j] == likeness[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs, cost


def _gap(
    old: list[tuple[str, str]],
    new: list[tuple[str, str]],
    gap_old: list[int],
    gap_new: list[int],
    partner: dict[int, int],
    moved_to: dict[int, int],
) -> Iterator[Step]:
    """Yield the steps between two paragraphs that stayed."""
    waiting, kept = deque(gap_old), set(partner.values())
    for at in gap_new:
        while waiting and waiting[0] not in kept:
            yield Step(Kind.REMOVED, old[waiting.popleft()][1], "")
        if at in moved_to:
            yield Step(Kind.MOVED, old[moved_to[at]][1], new[at][1])
        elif at in partner:
            yield Step(Kind.CHANGED, old[waiting.popleft()][1], new[at][1])
        else:
            yield Step(Kind.ADDED, "", new[at][1])
    for at in waiting:
        yield Step(Kind.REMOVED, old[at][1], "")


def _bag(text: str) -> Counter[str]:
    return Counter(word for written in words_of(text) if (word := essence(written)))


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    """Return the share of words two paragraphs have in common; of the shorter one where it is no mere phrase."""
    few, many = sorted((one, other), key=len)
    shared = sum(min(count, many[word]) for word, count in few.items())
    sizes = sorted((one.total(), other.total()))
    if not sizes[0]:
        return 0.0
    within = shared / sizes[0] if sizes[0] >= 8 else 0.0
    return max(2 * shared / sum(sizes), within - 0.25)


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    shorter = min(len(old), len(new))
    return next((at for at in range(shorter) if old[at] != new[at]), shorter)
