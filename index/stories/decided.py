"""What persons decided of articles: these belong together, those apart. From the pairs kept to all they imply. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

TOGETHER, APART = "together", "apart"
NONE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Pair:
    """One decision about two articles."""

    kind: str  # together, apart
    a: int
    b: int


@dataclass(frozen=True, slots=True)
class Decided:
    """For each article those that belong with it, and those that do not; articles nobody spoke of are not in it."""

    together: Mapping[int, frozenset[int]]
    apart: Mapping[int, frozenset[int]]

    def with_(self, article_id: int) -> frozenset[int]:
        """Return the articles that belong with this one."""
        return self.together.get(article_id, NONE)

    def without(self, article_id: int) -> frozenset[int]:
        """Return the articles that do not belong with this one."""
        return self.apart.get(article_id, NONE)


def implied(pairs: Iterable[Pair]) -> Decided:
    """Return what pairs imply: what belongs with one belongs with all, and what is apart from one is apart from all."""
    pairs = list(pairs)
    group: dict[int, list[int]] = {}
    for pair in pairs:
        ours, theirs = group.setdefault(pair.a, [pair.a]), group.setdefault(pair.b, [pair.b])
        if pair.kind == TOGETHER and ours is not theirs:
            ours += theirs
            for one in theirs:
                group[one] = ours
    whole = {key: frozenset(members) for key, members in group.items()}
    apart: dict[int, set[int]] = {}
    for pair in pairs:
        if pair.kind == APART and whole[pair.a] != whole[pair.b]:
            for one in whole[pair.a]:
                apart.setdefault(one, set()).update(whole[pair.b])
            for one in whole[pair.b]:
                apart.setdefault(one, set()).update(whole[pair.a])
    return Decided(
        together={key: members - {key} for key, members in whole.items() if len(members) > 1},
        apart={key: frozenset(others) for key, others in apart.items()},
    )
