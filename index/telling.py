"""One plain sentence that says what an outlet changed: counted facts, no judgement. Pure, and bounded for any texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from config.counting import counted
from index.comparing import Kind, Step, paragraph_steps, word_steps
from index.entries import entry_instant
from index.page_lines import tells_correction
from index.revising import State, essence

NUMBERS_TOLD = 3
"""Numbers that changed and are named; of more the first."""

MOST_PAIRS = 1_000_000
"""Words compared with words to find the numbers that changed: a quarter of a second."""

NOTHING = "Nothing a reader would see changed."

_NUMBER = re.compile(r"[-+−]?[$€£¥₩]?\d[\d.,:/]*%?")
_QUOTED = re.compile(
    '“[^“”]{2,}”|„[^„“”]{2,}[“”]|«[^«»]{2,}»|»[^«»]{2,}«|"[^"]{2,}"|「[^「」]{2,}」|『[^『』]{2,}』|(?<!\\w)‘[^‘]{2,}?’(?!\\w)'
)
_SEVERAL_WORDS = re.compile(r"\S\s+\S|[\u3040-\u30ff\u3400-\u9fff]{4}")


def what_changed(old: State, new: State) -> str:
    """Describe the step from one state of an article to the next in one sentence for readers."""
    steps = paragraph_steps(_without_times(old.text), _without_times(new.text))
    said = [
        "headline changed" if essence(old.title) != essence(new.title) else "",
        _authors(old.authors, new.authors),
        _correction(steps),
        *_paragraphs(steps),
        _entries(old.text, new.text),
        _numbers([(old.title, new.title), *((step.before, step.after) for step in _of(steps, Kind.CHANGED))]),
    ]
    sentence = "; ".join(part for part in said if part)
    return sentence[0].upper() + sentence[1:] + "." if sentence else NOTHING


def _authors(old: Sequence[str], new: Sequence[str]) -> str:
    before, after = {essence(name) for name in old}, {essence(name) for name in new}
    came, went = len(after - before), len(before - after)
    if came and went:
        return "author changed" if came == went == 1 else "authors changed"
    if came or went:
        return f"{counted(came or went, 'author')} {'added' if came else 'removed'}"
    return ""


def _correction(steps: Sequence[Step]) -> str:
    before = any(tells_correction(step.before) for step in steps if step.before)
    after = any(
        tells_correction(step.after) and not (step.before and tells_correction(step.before))
        for step in steps
        if step.kind in (Kind.ADDED, Kind.CHANGED)
    )
    if after:
        return "a correction notice was added"
    gone = before and not any(tells_correction(step.after) for step in steps if step.after)
    return "a correction notice was removed" if gone else ""


def _paragraphs(steps: Sequence[Step]) -> Iterable[str]:
    removed, added, changed = (_of(steps, kind) for kind in (Kind.REMOVED, Kind.ADDED, Kind.CHANGED))
    moved = _of(steps, Kind.MOVED)
    if len(removed) > 2 and len(added) > 2 and len(removed) + len(added) == len(steps):
        yield f"text rewritten, {counted(len(removed), 'paragraph')} before and {len(added)} now"
        return
    yield _group(removed, "removed", sum(bool(_quotes(step.before)) for step in removed), "with")
    yield _group(added, "added", sum(bool(_quotes(step.after)) for step in added), "with")
    yield _group(changed, "changed", sum(_quotes(step.before) != _quotes(step.after) for step in changed), "in")
    yield _group(moved, "moved", 0, "")


def _group(steps: Sequence[Step], verb: str, quoting: int, link: str) -> str:
    if not steps:
        return ""
    said = f"{counted(len(steps), 'paragraph')} {verb}"
    if not quoting:
        return said
    if len(steps) == 1:
        return f"{said}, {link} a quotation"
    return f"{said}, {'one' if quoting == 1 else quoting} {link} {'a quotation' if quoting == 1 else 'quotations'}"


def _entries(old: str, new: str) -> str:
    """Of a live report: entries are counted by the lines that give their times."""
    before, after = _times(old), _times(new)
    came, went = (after - before).total(), (before - after).total()
    told = (counted(number, "entry", "entries") + f" {verb}" for number, verb in ((came, "added"), (went, "removed")))
    return "; ".join(part for part, number in zip(told, (came, went), strict=True) if number)


def _numbers(pairs: Sequence[tuple[str, str]]) -> str:
    found: list[tuple[str, str]] = []
    budget = MOST_PAIRS
    for before, after in pairs:
        if before == after:
            continue
        runs, cost = word_steps(before, after, most_pairs=budget)
        budget -= cost
        for run in runs:
            if not run.is_same and len(run.before) == len(run.after):
                written = zip(map(_number, run.before), map(_number, run.after), strict=True)
                found += [(a, b) for a, b in written if a and b and a != b]
    told = [f"from {before} to {after}" for before, after in dict.fromkeys(found)]
    if len(told) > NUMBERS_TOLD:
        return f"{counted(len(told), 'number')} changed, the first {told[0]}"
    return "; ".join(f"a number changed {one}" for one in told)


def _number(word: str) -> str:
    plain = word.strip().strip("()[]{}\"'“”„«»‘’.,;:!?")
    return plain if len(plain) <= 30 and _NUMBER.fullmatch(plain) else ""


def _quotes(paragraph: str) -> Counter[str]:
    """The quotations of a paragraph by what counts of them: several words between marks."""
    return Counter(essence(quote) for quote in _QUOTED.findall(paragraph) if _SEVERAL_WORDS.search(quote))


def _times(text: str) -> Counter[str]:
    return Counter(line for line in text.split("\n\n") if entry_instant(line) is not None)


def _without_times(text: str) -> str:
    return "\n\n".join(line for line in text.split("\n\n") if entry_instant(line) is None)


def _of(steps: Sequence[Step], kind: Kind) -> list[Step]:
    return [step for step in steps if step.kind is kind]
