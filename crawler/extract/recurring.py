"""Leaving out of a text what its outlet repeats on its pages, as learned from its own articles. Pure.

What is left out stays told: a step of the trace for each paragraph, and the links in it are furniture.
"""

from __future__ import annotations

from config.counting import counted
from crawler.extract.draft import Draft, Paragraphs
from crawler.extract.metadata import types_of
from crawler.extract.refusals import MIN_CHARS
from index.records import LeftOut, TraceStep
from index.recurring import OWN_SHARE, RULE, block_key, may_be_block


def without_recurring(draft: Draft, blocks: Paragraphs) -> tuple[Paragraphs, tuple[LeftOut, ...]]:
    """Return the paragraphs that are the article's own, and those its outlet repeats.

    Nothing is left out of a live report, whose lines recur by nature, nor where too little would stay.
    """
    if not draft.recurring or _is_live(draft):
        return blocks, ()
    keys = [block_key(text) for text, _ in blocks]
    left = {place for place, key in enumerate(keys) if key in draft.recurring and may_be_block(blocks[place][0])}
    if not left:
        return blocks, ()
    kept = [block for place, block in enumerate(blocks) if place not in left]
    chars = sum(len(text) for text, _ in kept)
    if chars < max(MIN_CHARS, OWN_SHARE * sum(len(text) for text, _ in blocks)):
        told = f"kept: without them {counted(chars, 'character')} would be left"
        draft.trace.append(TraceStep("text", "recurring_kept", matches=len(left), value=told))
        return blocks, ()
    for place in sorted(left):
        known = draft.recurring[keys[place]]
        told = f"left out: in {known.articles} of {counted(known.of_articles, 'article')} of the outlet"
        draft.trace.append(TraceStep("text", RULE, keys[place], known.articles, blocks[place][0], told))
    return kept, tuple(LeftOut(place, blocks[place][0]) for place in sorted(left))


def _is_live(draft: Draft) -> bool:
    return draft.rules.entry_times is not None or "liveblogposting" in types_of(draft.meta.ld)
