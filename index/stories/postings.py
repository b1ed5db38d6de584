"""Who holds a key: sets for what changes, and beneath them arrays laid once for what was read from a table."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Key = TypeVar("Key", bound=Hashable)
Keys = NDArray[np.uint64]
Owners = NDArray[np.int64]


class Postings(Generic[Key]):
    """Owners by key. What was laid counts for an owner until that owner is lifted; then only what was added does."""

    __slots__ = ("_added", "_keys", "_laid", "_number_of", "_owners")

    def __init__(self, number_of: Callable[[Key], int]) -> None:
        """`number_of` gives the number under which a key was laid."""
        self._number_of = number_of
        self._added: dict[Key, set[int]] = {}
        self._keys: Keys = np.empty(0, dtype=np.uint64)
        self._owners: Owners = np.empty(0, dtype=np.int64)
        self._laid: set[int] = set()

    def __len__(self) -> int:
        return len(self._added) + len(self._laid)

    def lay(self, keys: Keys, owners: Owners) -> None:
        """Take pairs of key and owner, in any order; nothing may have been laid before."""
        assert not len(self._keys), "laid once"
        order = np.argsort(keys)
        self._keys, self._owners = keys[order], owners[order]
        self._laid = set(np.unique(owners).tolist())

    def is_laid(self, owner: int) -> bool:
        """Say whether what was laid still counts for an owner."""
        return owner in self._laid

    def lift(self, owner: int) -> None:
        """Let nothing that was laid count for this owner any more."""
        self._laid.discard(owner)
        if not self._laid and len(self._keys):
            self._keys, self._owners = self._keys[:0].copy(), self._owners[:0].copy()

    def add(self, key: Key, owner: int) -> None:
        """Let an owner hold a key."""
        self._added.setdefault(key, set()).add(owner)

    def discard(self, key: Key, owner: int) -> None:
        """Let an owner hold a key no longer."""
        holders = self._added.get(key)
        if holders is not None:
            holders.discard(owner)
            if not holders:
                del self._added[key]

    def holders(self, key: Key) -> set[int]:
        """Return who holds a key; not to be changed."""
        return self._together(key, self._added.get(key, _NOBODY))

    def of_many(self, keys: list[Key]) -> list[set[int]]:
        """Return the holders of those of many keys that anybody holds."""
        found = [(key, held) for key in keys if (held := self._added.get(key)) is not None]
        if not self._laid:
            return [held for _, held in found]
        numbers = np.array([self._number_of(key) for key in keys], dtype=np.uint64)
        places = np.searchsorted(self._keys, numbers)
        met = self._keys[np.minimum(places, len(self._keys) - 1)] == numbers
        below = {keys[one] for one in np.flatnonzero(met).tolist()}
        only_added = [held for key, held in found if key not in below]
        return only_added + [self._together(key, self._added.get(key, _NOBODY)) for key in below]

    def _together(self, key: Key, added: set[int]) -> set[int]:
        if not self._laid:
            return added
        number = np.uint64(self._number_of(key))
        first, last = np.searchsorted(self._keys, number), np.searchsorted(self._keys, number, side="right")
        below = self._laid.intersection(self._owners[first:last].tolist())
        return added | below if below else added


_NOBODY: set[int] = set()
