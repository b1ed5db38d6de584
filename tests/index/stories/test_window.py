"""A window read back from its table sleeps: it answers as the whole one does, and unpacks only what is looked at."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from index.stories import placer as placing
from index.stories.decided import implied
from index.stories.packing import Packed, unpacked
from index.stories.placer import Placer, Window
from index.stories.values import Kept
from tests.index.stories.streams import EVENTS, article

NOTHING_DECIDED = implied([])


class Table:
    """What a follower keeps between two sessions."""

    def __init__(self):
        self.terms, self.rows, self.recent, self.copies, self.stories = {}, {}, [], {}, {}

    def window(self):
        held = [
            Kept(one, self.stories[one], at, outlet, self.copies.get(one), unpacked(packed))
            for one, (at, outlet, packed) in sorted(self.rows.items())
        ]
        last_id = max(self.stories, default=0)
        return Window(self.terms.get(placing.SEEN, 0), held, self.recent[::-1], last_id)

    def take(self, placer, text, new_id):
        placer.read_ahead([text], lambda terms: {term: self.terms[term] for term in terms if term in self.terms})
        placed, packed = placer.place(text, new_id=new_id)
        self.rows[text.id] = (text.at, text.outlet, packed)
        self.recent.append((text.id, text.at))
        found = {}
        placing.note_copies(found, placed)
        for one, copy in found.items():
            self.copies.pop(copy.original_id, None)
            self.copies[one] = copy.original_id
        self.stories[text.id] = placed.story_id
        for gone in placed.merged:
            self.stories = {one: placed.story_id if of == gone else of for one, of in self.stories.items()}
        for one in placer.take_dropped():
            del self.rows[one]
        for term, number in placer.take_term_counts().items():
            self.terms[term] = self.terms.get(term, 0) + number
        return placed


def told(number, event, variant, hours):
    """Return an article of some 150 words of its event alone."""
    words = EVENTS[event].split()
    text = " ".join(
        words[(at * (3 + variant) + variant * 5 + at // 7) % len(words)] + "s" * (at % 2) for at in range(150)
    )
    return replace(
        article(number, event=event, variant=variant, hours=hours, outlet=f"o{number % 3}.example"), text=text
    )


def stream():
    """Events one after the other, each told again and again, some word for word; old ones leave the window."""
    return [told(number, (number - 1) // 24, number * 3 % 11, 9 * number) for number in range(1, 121)]


def placed_with(restart_every):
    table, ids = Table(), count(1)
    placer = Placer(table.window(), NOTHING_DECIDED)
    found = []
    for number, text in enumerate(stream()):
        if restart_every and number % restart_every == 0:
            placer = Placer(table.window(), NOTHING_DECIDED)
        found.append(table.take(placer, text, lambda: next(ids)))
    return found, table


@pytest.mark.parametrize("restart_every", [1, 7, 40])
def test_a_window_read_back_places_as_one_that_was_never_left(restart_every, monkeypatch):
    monkeypatch.setattr(placing, "CHECKED_EVERY", 10)
    monkeypatch.setattr(placing, "MOST_HELD", 50)
    expected, whole = placed_with(0)
    found, table = placed_with(restart_every)
    assert found == expected
    assert (table.rows.keys(), table.copies, table.terms) == (whole.rows.keys(), whole.copies, whole.terms)
    assert any(one.copy for one in expected)
    assert len(whole.rows) < len(expected)


def test_one_article_unpacks_only_the_stories_like_it(monkeypatch):
    table, ids = Table(), count(1)
    placer = Placer(table.window(), NOTHING_DECIDED)
    for number in range(1, 41):
        table.take(placer, told(number, number % 5, number, number), lambda: next(ids))
    anew = Placer(table.window(), NOTHING_DECIDED)
    unpack, asked = Packed.features, []
    monkeypatch.setattr(Packed, "features", lambda self: asked.append(self) or unpack(self))
    placed = table.take(anew, told(41, 2, 41, 41), lambda: next(ids))
    assert 0 < len(set(map(id, asked))) <= sum(story == placed.story_id for story in table.stories.values()) < 40
