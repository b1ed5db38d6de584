"""Which articles carry one text: wire stories, syndicated ones, reprints, cut at different lengths.

Measured by containment: the share of the shorter text's 5-word shingles that the longer one has too. (Likeness of the
whole, as MinHash or SimHash have it, misses copies cut short.) What an outlet prints in three articles or more (notices
of copyright, "continue reading") is its furniture and counts for nothing.

What is answered depends on the articles held, not on the order in which they came.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from index.stories.postings import Postings
from index.stories.values import CopyOf
from index.stories.values import Kept as KeptArticle
from index.stories.wording import span_words

WITHIN = timedelta(days=30)
LEAST_CONTAINMENT = 0.5
LEAST_SHARED = 20
"""Shared shingles of those kept: one in four, so about eighty words in a row."""

LEAST_SHARED_WHOLE = 14
WHOLE = 0.75
"""So much of a short text is enough where it has hardly anything else: which shingles are kept is chance."""

FURNITURE_ARTICLES = 3
COMPARED_OF_OUTLET = 60
"""So many of an outlet's other texts, the latest, say what its furniture is."""

ANCHOR_WINDOW = 6
"""Of so many neighbouring shingles the least is an anchor: whatever run of them two texts share, they share anchors."""

MOST_WITH_ANCHOR = 50
"""An anchor in more texts than this is furniture or a formula, and finds nothing."""

FIXED_COPIES = 100
"""A text with so many copies keeps the original it has, whatever comes: naming another would rewrite all of them."""

MUCH_LONGER = 1.5

Kept = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class CopyText:
    """A text as copies are found among. `agency` is the agency it says it is from; `is_agency`: its outlet is one."""

    article_id: int
    at: datetime
    outlet: str
    kept: Kept  # sorted
    anchors: tuple[int, ...]
    agency: str
    is_agency: bool


def copy_text(article_id: int, at: datetime, outlet: str, shingles: Sequence[int], agency: str = "") -> CopyText:
    """Return a text ready to be compared."""
    kept = np.unique(np.array(shingles, dtype=np.uint32))
    is_agency = agency.startswith("=")
    return CopyText(article_id, at, outlet, kept, anchors_of(shingles), agency.lstrip("="), is_agency)


def anchors_of(shingles: Sequence[int]) -> tuple[int, ...]:
    """Return the least of every `ANCHOR_WINDOW` neighbouring shingles: about two in seven."""
    last = max(1, len(shingles) - ANCHOR_WINDOW + 1)
    return tuple(sorted({min(shingles[at : at + ANCHOR_WINDOW]) for at in range(last)})) if shingles else ()


class CopyIndex:
    """The texts of the last weeks, in groups: an original with its copies."""

    def __init__(self) -> None:
        self._texts: dict[int, CopyText] = {}
        self._root: dict[int, int] = {}
        self._groups: dict[int, set[int]] = {}
        self._asleep: dict[int, KeptArticle] = {}  # texts of a table, until they are looked at
        self._with_anchor: Postings[int] = Postings(int)
        self._anchored: dict[int, tuple[int, ...]] = {}  # by group: the texts found by their anchors
        self._of_outlet: dict[str, list[tuple[datetime, int]]] = {}

    def lay(self, kept: Sequence[KeptArticle]) -> None:
        """Take the texts of a table, each with its original, as if they had been added; before anything else."""
        self._asleep = {one.article_id: one for one in kept}
        for one in sorted(kept, key=lambda one: (one.at, one.article_id)):
            root = one.article_id if one.original_id is None else one.original_id
            self._root[one.article_id] = root
            self._groups.setdefault(root, set()).add(one.article_id)
            self._of_outlet.setdefault(one.outlet, []).append((one.at, one.article_id))
        for root, group in self._groups.items():
            if root in self._root:
                self._anchored[root] = self._anchors_wanted(root, group)
        found_by = [self._asleep[one] for wanted in self._anchored.values() for one in wanted]
        anchors = np.frombuffer(b"".join(one.packed.anchor_bytes() for one in found_by), dtype="<u4")
        owners = np.repeat([one.article_id for one in found_by], [one.packed.anchors for one in found_by])
        self._with_anchor.lay(anchors.astype(np.uint64), owners.astype(np.int64))

    def original_of(self, article_id: int) -> int | None:
        """Return the original of a copy; None for an original, or a text that is not held."""
        root = self._root.get(article_id)
        return None if root == article_id else root

    def copies_of(self, original_id: int) -> list[int]:
        """Return the copies of an original by their ids."""
        return sorted(self._groups.get(original_id, set()) - {original_id})

    def named(self, original_id: int) -> dict[int, CopyOf]:
        """Return what each copy of an original has of it."""
        original = self._text(original_id)
        return {one: self.as_copy(self._text(one), original) for one in self.copies_of(original_id)}

    def find(self, text: CopyText) -> tuple[int, CopyOf] | None:
        """Return the original of the group that a text belongs to, and how much it has of the one nearest to it."""
        found: list[tuple[float, int, CopyOf]] = []
        for other_id in self._near(text):
            match = self.compare(text, self._text(other_id))
            if match is not None:
                found.append((-match.containment, other_id, match))
        if not found:
            return None
        _, other_id, match = min(found, key=lambda one: one[:2])
        return self._root[other_id], match

    def add(self, text: CopyText, root: int | None) -> None:
        """Hold a text, as a copy of `root` or as an original of its own."""
        root = text.article_id if root is None else root
        self._texts[text.article_id] = text
        self._root[text.article_id] = root
        self._groups.setdefault(root, set()).add(text.article_id)
        insort(self._of_outlet.setdefault(text.outlet, []), (text.at, text.article_id))
        self._anchor(root, None if root == text.article_id else text.article_id)

    def is_better_original(self, text: CopyText, root: int) -> bool:
        """Say whether `text`, which has the text of the group of `root`, is likelier its original."""
        held = self.text_of(root)
        return held is not None and len(self._groups[root]) <= FIXED_COPIES and _rank(text) < _rank(held)

    def as_copy(self, copy: CopyText, original: CopyText) -> CopyOf:
        """Return what a copy has of its original, with the reasons for taking it as the original.

        Of one group, they may share little themselves: each shares much with a third, longer text.
        """
        match = self.compare(copy, original)
        reasons = _reasons(original, copy)
        if match is not None:
            return CopyOf(original.article_id, match.shared, match.containment, reasons)
        shared = int(_held(copy.kept, original.kept).sum())
        least = max(1, min(len(copy.kept), len(original.kept)))
        return CopyOf(original.article_id, shared, round(shared / least, 3), (*reasons, "by way of a longer copy"))

    def text_of(self, article_id: int) -> CopyText | None:
        """Return a text that is held."""
        return self._text(article_id) if article_id in self._root else None

    def reroot(self, root: int, new_root: int) -> None:
        """Make `new_root`, which is held, the original of a whole group."""
        self._unanchor(root)
        self._unanchor(new_root)
        self._regroup(root, new_root)

    def remove(self, article_id: int) -> int | None:
        """Forget a text; where it was an original with copies, return the copy that is the original now."""
        root = self._root.get(article_id)
        if root is None:
            return None
        text = self._text(article_id)
        group = self._groups[root]
        findable = article_id in self._anchored.get(root, ())
        if findable:
            self._unanchor(root)
        self._let_go(text, root)
        if not group or not findable:
            if not group:
                del self._groups[root]
            return None
        if root in group:
            self._anchor(root)
            return None
        heir = min(group, key=lambda one: _rank(self._text(one)))
        self._regroup(root, heir)
        return heir

    def _let_go(self, text: CopyText, root: int) -> None:
        del self._texts[text.article_id], self._root[text.article_id]
        self._groups[root].discard(text.article_id)
        held = self._of_outlet[text.outlet]
        del held[bisect_left(held, (text.at, text.article_id))]
        if not held:
            del self._of_outlet[text.outlet]

    def _regroup(self, root: int, new_root: int) -> None:
        members = self._groups.pop(root) | self._groups.pop(new_root, set())
        self._groups[new_root] = members
        for member in members:
            self._root[member] = new_root
        self._anchor(new_root)

    def compare(self, a: CopyText, b: CopyText) -> CopyOf | None:
        """Return how much two texts share where one is a copy of the other, `b` taken for the original."""
        if abs(a.at - b.at) > WITHIN:
            return None
        shared = a.kept[_held(a.kept, b.kept)]
        if len(shared) < LEAST_SHARED_WHOLE or len(shared) < 0.35 * min(len(a.kept), len(b.kept)):
            return None
        furniture = np.union1d(self._furniture(a, b), self._furniture(b, a))
        own = min(_without(a.kept, furniture), _without(b.kept, furniture))
        left = _without(shared, furniture)
        if left < LEAST_SHARED_WHOLE or left < LEAST_CONTAINMENT * own:
            return None
        if left < LEAST_SHARED and left < WHOLE * own:
            return None
        return CopyOf(b.article_id, left, round(left / own, 3))

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield every pair of texts with one text, as far as `FIXED_COPIES`; beyond, each copy with its original."""
        for root in sorted(self._groups):
            group = sorted(self._groups[root])
            for at, one in enumerate(group):
                for other in group[at + 1 :]:
                    small = len(group) <= FIXED_COPIES and self.compare(self._text(one), self._text(other))
                    if small or root in (one, other):
                        yield one, other

    def _near(self, text: CopyText) -> list[int]:
        """Return the texts that share anchors with this one, those that share most first; a dozen at most."""
        met: Counter[int] = Counter()
        for holders in self._with_anchor.of_many(text.kept.tolist()):
            if len(holders) <= MOST_WITH_ANCHOR:
                met.update(holders)
        return sorted((one for one in met if met[one] >= 2), key=lambda one: (-met[one], one))[:12]

    def _furniture(self, text: CopyText, beside: CopyText) -> Kept:
        """Return the shingles of a text that two other texts of its outlet have, those of its own group left out."""
        if not text.outlet:
            return text.kept[:0]
        seen = np.zeros(len(text.kept), dtype=np.int32)
        not_of = {self._root.get(text.article_id, text.article_id), self._root.get(beside.article_id)}
        compared = 0
        for _, other_id in self._of_outlet.get(text.outlet, [])[: -4 * COMPARED_OF_OUTLET : -1]:
            root = self._root[other_id]
            if root in not_of:
                continue
            not_of.add(root)
            seen += _held(text.kept, self._text(other_id).kept)
            compared += 1
            if compared == COMPARED_OF_OUTLET:
                break
        return text.kept[seen >= FURNITURE_ARTICLES - 1]

    def _anchor(self, root: int, added: int | None = None) -> None:
        """See to it that a group is found by its original and, where that is much longer, by its longest text."""
        if root not in self._root:
            return
        among = self._groups[root] if added is None else {*self._anchored.get(root, ()), added, root}
        wanted = self._anchors_wanted(root, among)
        if wanted == self._anchored.get(root):
            return
        self._unanchor(root)
        self._anchored[root] = wanted
        for one in wanted:
            for anchor in self._text(one).anchors:
                self._with_anchor.add(anchor, one)

    def _unanchor(self, root: int) -> None:
        for one in self._anchored.pop(root, ()):
            if self._with_anchor.is_laid(one):
                self._with_anchor.lift(one)
                continue
            for anchor in self._text(one).anchors:
                self._with_anchor.discard(anchor, one)

    def _anchors_wanted(self, root: int, among: Collection[int]) -> tuple[int, ...]:
        """Return the texts that find a group: its original, and the longest of `among` where that is much longer."""
        longest = min(among, key=lambda one: (-self._length(one), one))
        much = self._length(longest) > MUCH_LONGER * self._length(root)
        return (root, longest) if much and longest != root else (root,)

    def _length(self, article_id: int) -> int:
        asleep = self._asleep.get(article_id)
        return len(self._texts[article_id].kept) if asleep is None else asleep.packed.kept

    def _text(self, article_id: int) -> CopyText:
        """Return a text that is held; one that slept is unpacked."""
        text = self._texts.get(article_id)
        if text is None:
            one = self._asleep.pop(article_id)
            features = one.packed.features()
            text = copy_text(article_id, one.at, one.outlet, features.shingles, features.agency)
            self._texts[article_id] = text
        return text


def _without(kept: Kept, furniture: Kept) -> int:
    return len(kept) - int(_held(kept, furniture).sum())


def _held(kept: Kept, by: Kept) -> NDArray[np.bool_]:
    """Return for each shingle whether it is among the sorted ones of `by`."""
    if not len(by):
        return np.zeros(len(kept), dtype=np.bool_)
    nearest: Kept = np.take(by, by.searchsorted(kept), mode="clip")
    return np.equal(nearest, kept, dtype=np.bool_)


def _rank(text: CopyText) -> tuple[int, datetime, int]:
    """Return what makes an original: the agency itself, else the earliest."""
    return (0 if text.is_agency else 1, text.at, text.article_id)


def _reasons(original: CopyText, copy: CopyText) -> tuple[str, ...]:
    reasons = []
    if original.is_agency:
        reasons.append("its outlet is a news agency")
    if original.at < copy.at:
        hours = (copy.at - original.at).total_seconds() / 3600
        reasons.append(f"it was published {span_words(hours)} earlier")
    if copy.agency:
        reasons.append(f"the copy names {copy.agency} as its source")
    return tuple(reasons)
