"""What changed between two states of an article, in plain words. Pure."""

from __future__ import annotations

import difflib
import hashlib

MAX_PARAGRAPHS = 2000
"""Beyond this many paragraphs only their number is compared: difflib's time grows with the square."""


def digest_of(title: str, text: str) -> str:
    """Return the sha256 of title and text with white space folded: equal for what a reader would call the same."""
    folded = " ".join(title.split()) + "\n\n" + " ".join(text.split())
    return hashlib.sha256(folded.encode("utf-8", "replace")).hexdigest()


def same_for_readers(old: tuple[str, tuple[str, ...], str], new: tuple[str, tuple[str, ...], str]) -> bool:
    """Say whether two states (title, authors, text) differ in nothing but white space."""
    return digest_of(old[0], old[2]) == digest_of(new[0], new[2]) and old[1] == new[1]


def what_changed(old: tuple[str, tuple[str, ...], str], new: tuple[str, tuple[str, ...], str]) -> str:
    """Describe the step from one state (title, authors, text) to the next in one sentence for readers."""
    said = []
    if " ".join(old[0].split()) != " ".join(new[0].split()):
        said.append("headline changed")
    if old[1] != new[1]:
        said.append("byline changed")
    before = [" ".join(paragraph.split()) for paragraph in old[2].split("\n\n") if paragraph.strip()]
    after = [" ".join(paragraph.split()) for paragraph in new[2].split("\n\n") if paragraph.strip()]
    if before != after:
        said.append(_paragraphs_changed(before, after))
    sentence = "; ".join(said) or "nothing a reader would see changed"
    return sentence[0].upper() + sentence[1:] + "."


def _paragraphs_changed(before: list[str], after: list[str]) -> str:
    if max(len(before), len(after)) > MAX_PARAGRAPHS:
        return f"text rewritten ({len(before)} paragraphs before, {len(after)} now)"
    added = removed = changed = 0
    for tag, start, end, new_start, new_end in difflib.SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            continue
        old_count, new_count = end - start, new_end - new_start
        changed += min(old_count, new_count)
        removed += max(0, old_count - new_count)
        added += max(0, new_count - old_count)
    if not (added or removed or changed):
        return "paragraphs split or joined anew"
    counts = ((changed, "changed"), (added, "added"), (removed, "removed"))
    return ", ".join(f"{count} paragraph{'s' if count > 1 else ''} {what}" for count, what in counts if count)
