"""The words of a query in Whoosh's postings: which documents a leaf matches, and with how much weight.

Frequencies of all forms are added, each divided by its field's length, as `scoring` says. Deleted documents are left
out here, so nobody above meets them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from index.search.fields import FIELDS
from index.search.lookups import Lookup, Steps
from index.search.whoosh_schema import LENGTHS
from index.search.whoosh_segments import Part, Segments, Snapshot

_SLOT = {name: slot for slot, name in enumerate(LENGTHS)}


class Leaves:
    """Looks leaves up in one snapshot, on one thread. `cut` says what a limit left out."""

    def __init__(self, segments: Segments, snapshot: Snapshot, *, max_prefix_words: int) -> None:
        self.segments = segments
        self.snapshot = snapshot
        self.max_prefix_words = max_prefix_words
        self.cut = ""

    def weights(self, lookup: Lookup) -> dict[int, float]:
        """Return the weighted frequency of every document the lookup matches, by its number in the snapshot."""
        found: dict[int, float] = {}
        if lookup.beginning:
            for field in lookup.fields:
                words = self._beginning(field, lookup.beginning)
                if words:
                    self._add(found, field, (frozenset(words),))
            return found
        for field, steps in lookup.steps:
            self._add(found, field, steps)
        return found

    def words(self, field: str, beginning: str) -> dict[str, int]:
        """Return the words of a field that begin so, with the number of documents each is in, at most 2,000."""
        counts: dict[str, int] = {}
        for part in self.snapshot.parts:
            reader = self.segments.reader(part)
            for text in _bounded(reader.expand_prefix(field, beginning.encode("utf-8")), 2000):
                word = text.decode("utf-8", "replace")
                counts[word] = counts.get(word, 0) + int(reader.doc_frequency(field, text))
        return counts

    def holds(self, field: str, word: str) -> int:
        """Return in how many documents a word is, deleted ones included: for suggestions only."""
        key = word.encode("utf-8")
        total = 0
        for part in self.snapshot.parts:
            reader = self.segments.reader(part)
            if (field, key) in reader:
                total += int(reader.doc_frequency(field, key))
        return total

    def _beginning(self, field: str, beginning: str) -> list[str]:
        counts = self.words(field, beginning)
        if len(counts) <= self.max_prefix_words:
            return list(counts)
        self.cut = f"{beginning}* stands for more than {self.max_prefix_words} words; the commonest were searched."
        return sorted(counts, key=lambda word: (-counts[word], word))[: self.max_prefix_words]

    def _add(self, found: dict[int, float], field: str, steps: Steps) -> None:
        average = self.snapshot.average_lengths.get(field, 0.0)
        shape, slot = FIELDS[field], _SLOT[field]
        weight, b = shape.weight, shape.b
        for part in self.snapshot.parts:
            counts = self._step(part, field, steps[0]) if len(steps) == 1 else self._row(part, field, steps)
            rows, deleted, base = part.rows.rows, part.deleted, part.base
            for number, frequency in counts.items():
                row = rows[number]
                if row is None or number in deleted:
                    continue
                relative = row.lengths[slot] / average if average > 0 else 1.0
                gained = weight * frequency / (1.0 - b + b * relative)
                key = base + number
                found[key] = found.get(key, 0.0) + gained

    def _step(self, part: Part, field: str, tokens: Iterable[str]) -> dict[int, float]:
        """Frequencies of any of the tokens, by document number in the segment."""
        counts: dict[int, float] = {}
        for token in tokens:
            matcher = self._matcher(part, field, token)
            while matcher is not None and matcher.is_active():
                number = matcher.id()
                counts[number] = counts.get(number, 0.0) + matcher.weight()
                matcher.next()
        return counts

    def _row(self, part: Part, field: str, steps: Steps) -> dict[int, float]:
        """How often the steps stand side by side, by document number in the segment."""
        candidates: set[int] | None = None
        for step in sorted(steps, key=len):
            numbers = self._numbers(part, field, step)
            candidates = numbers if candidates is None else candidates & numbers
            if not candidates:
                return {}
        starts = self._places(part, field, steps[0], candidates or set())
        for distance, step in enumerate(steps[1:], start=1):
            places = self._places(part, field, step, set(starts))
            starts = {
                number: kept
                for number, firsts in starts.items()
                if (kept := {at for at in firsts if at + distance in places.get(number, ())})
            }
        return {number: float(len(firsts)) for number, firsts in starts.items()}

    def _numbers(self, part: Part, field: str, tokens: Iterable[str]) -> set[int]:
        numbers: set[int] = set()
        for token in tokens:
            matcher = self._matcher(part, field, token)
            if matcher is not None:
                numbers.update(matcher.all_ids())
        return numbers

    def _places(self, part: Part, field: str, tokens: Iterable[str], wanted: set[int]) -> dict[int, set[int]]:
        """The positions of any of the tokens in the wanted documents."""
        places: dict[int, set[int]] = {}
        order = sorted(wanted)
        for token in tokens:
            matcher = self._matcher(part, field, token)
            if matcher is None:
                continue
            for number in order:
                if matcher.is_active() and matcher.id() < number:
                    matcher.skip_to(number)
                if not matcher.is_active():
                    break
                if matcher.id() == number:
                    places.setdefault(number, set()).update(matcher.value_as("positions"))
        return places

    def _matcher(self, part: Part, field: str, token: str) -> Any:
        reader = self.segments.reader(part)
        key = token.encode("utf-8")
        if (field, key) not in reader:
            return None
        matcher = reader.postings(field, key)
        # Deletions are looked up in the snapshot: a filter around the matcher would double the cost of every step.
        return getattr(matcher, "child", matcher) if part.deleted else matcher


def _bounded(items: Iterable[bytes], most: int) -> Sequence[bytes]:
    kept = []
    for item in items:
        kept.append(item)
        if len(kept) >= most:
            break
    return kept
