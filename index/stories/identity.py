"""Which id a story has after all stories were worked out anew. Pure.

A story keeps its id in the new story that holds more than half of its articles. Where several claim one new story, the
one with the most articles there keeps its id, of equals the oldest; the others redirect to it. A story that no new one
holds half of redirects to the one that holds the most of it. A new story that nobody claims gets an id never given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identities:
    """The ids new stories have, and where ids lead that are no longer stories of their own."""

    ids: Mapping[int, int]  # number of a new story -> its id
    redirects: Mapping[int, int]  # id of an old story -> the id of the one it leads to


def identities(old: Mapping[int, int], new: Mapping[int, int], *, next_id: int) -> Identities:
    """Return the ids of new stories; both mappings go from article to story.

    New stories are numbered in the order they began; fresh ids follow that order from `next_id`.
    """
    sizes = Counter(old.values())
    shared = Counter((story, new[article]) for article, story in old.items() if article in new)
    ids: dict[int, int] = {}
    kept: set[int] = set()
    for (story, number), articles in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        if 2 * articles > sizes[story] and number not in ids and story not in kept:
            ids[number] = story
            kept.add(story)
    for number in sorted(set(new.values())):
        if number not in ids:
            ids[number] = next_id
            next_id += 1
    redirects: dict[int, int] = {}
    for (story, number), _ in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        if story not in kept and story not in redirects:
            redirects[story] = ids[number]
    return Identities(ids, redirects)
