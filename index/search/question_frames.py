"""What a question is put with before its subject: `I am interested in`, `please supply information on`. Pure.

These words stand in articles too, and mean something there; so only in their places in the frame are they left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WISHES = _words("interested pleased grateful glad like")
_BEFORE_WISHES = _words("am is are was be would should also especially")
_KINDS = _words("information article articles paper papers report reports document documents literature news")
_AFTER_KINDS = _words("on about regarding concerning describing discussing dealing deal deals that which")
_ASKS = _words("give find list describe discuss supply send tell show receive get know learn obtain")
_AFTER_ASKS = _words("me us all any the information")
_DEALS = _words("describing discussing dealing deal deals")
_FIRST = 2
"""An order (`list all`, `then give the`) frames a question where it begins it."""


def framing(words: Sequence[str], says_nothing: Callable[[int], bool]) -> frozenset[int]:
    """Return the places of words, in lower case and in the order typed, that only put the question.

    `says_nothing` tells of a place whether its word is left out anyway. Nothing is a frame where nothing else is asked
    for: such a query is about these words.
    """
    found: set[int] = set()
    for at, word in enumerate(words):
        before = words[at - 1] if at else ""
        after = words[at + 1] if at + 1 < len(words) else ""
        goes_on = at - 1 in found or (before == "to" and at - 2 in found)
        begins = at == 0 or at - 1 in found or says_nothing(at - 1)
        if (
            word == "please"
            or (word in _WISHES and before in _BEFORE_WISHES)
            or (word in _KINDS and begins and after in _AFTER_KINDS)
            or (word in _ASKS and (goes_on or (begins and at < _FIRST and after in _AFTER_ASKS)))
            or (word in _DEALS and at - 1 in found)
        ):
            found.add(at)
    if all(at in found or says_nothing(at) for at in range(len(words))):
        return frozenset()
    return frozenset(found)
