"""Threads that ask one engine, without a pause if need be, and judge every answer by the position it tells."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.durable_articles import GROUPS, STAMP, Answers, Archive
from index.search.backend import SearchBackend, SearchRequest
from index.search.query import Group, Node, Phrase, Prefix, Word

STAMPED = Word("stamped")
STEPS_MS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


@dataclass(slots=True)
class Tally:
    """What came of the questions of all threads. Waits are counted by steps, so that memory does not grow."""

    answers: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    waits: Counter[int] = field(default_factory=Counter)  # step in ms -> answers that took at most that
    longest_ms: float = 0.0
    longest_cpu_ms: float = 0.0  # what of the longest wait was work of its own thread
    behind_ms: float = 0.0  # the longest time a commit was told and answers did not show it

    def within(self, share: float) -> int:
        """Return the step in ms within which a share of the answers came."""
        left = share * sum(self.waits.values())
        for step in sorted(self.waits):
            left -= self.waits[step]
            if left <= 0:
                return step
        return 0


class Readers:
    """So many threads on one engine. `told(position)` is called when the writer says that a commit is done."""

    def __init__(self, backend: SearchBackend, archive: Archive, threads: int, *, pause_ms: float = 0.0) -> None:
        self.backend = backend
        self.archive = archive
        self.tally = Tally()
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self._pause_s = pause_ms / 1000
        self._seen = 0  # the latest position of any answer given: none that begins later may be before it
        self._told: dict[int, float] = {}
        self._threads = [threading.Thread(target=self._read, args=(number,)) for number in range(threads)]

    def start(self) -> None:
        """Begin to ask."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> Tally:
        """End all threads and return what came of it."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        return self.tally

    def restart_tally(self) -> Tally:
        """Return what came of it so far and count anew."""
        with self._guard:
            tally, self.tally = self.tally, Tally()
        return tally

    def told(self, position: int) -> None:
        """Note that a commit is done."""
        with self._guard:
            self._told[position] = time.perf_counter()

    def _read(self, number: int) -> None:
        dice = random.Random(number)
        while not self._stop.wait(self._pause_s):
            request, judge = question(dice)
            with self._guard:
                seen = self._seen
            began, began_cpu = time.perf_counter(), time.thread_time()
            try:
                answer = self.backend.search(request)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
                with self._guard:
                    self.tally.errors[f"{type(error).__name__}: {error}"] += 1
                continue
            wall, cpu = (time.perf_counter() - began) * 1000, (time.thread_time() - began_cpu) * 1000
            stamps = [key - STAMP for key, _ in answer.hits if key >= STAMP]
            if len(stamps) != 1:
                wrong = f"{len(stamps)} stamps in one answer"
            elif stamps[0] < seen:
                wrong = "an answer older than one given before"
            else:
                wrong = judge(answer, self.archive.answers(stamps[0]))
            self._note(wall, cpu, wrong, stamps[0] if stamps else 0, began)

    def _note(self, wall: float, cpu: float, wrong: str, position: int, began: float) -> None:
        step = next((one for one in STEPS_MS if wall <= one), STEPS_MS[-1] * 10)
        with self._guard:
            tally = self.tally
            tally.answers += 1
            tally.waits[step] += 1
            if wall > tally.longest_ms:
                tally.longest_ms, tally.longest_cpu_ms = wall, cpu
            if wrong:
                tally.wrong[wrong] += 1
            self._seen = max(self._seen, position)
            # A commit told before this question began and not in its answer: so long it was not to be seen.
            missed = [at for number, at in self._told.items() if number > position and at < began]
            tally.behind_ms = max([tally.behind_ms, *((began - at) * 1000 for at in missed)])
            self._told = {number: at for number, at in self._told.items() if number > self._seen}


Judge = Callable[..., str]


def question(dice: random.Random) -> tuple[SearchRequest, Judge]:
    """Return a question that finds the stamp beside what it asks, and what judges its answer."""
    group = dice.choice(GROUPS)
    kind = dice.randrange(5)
    if kind == 0:
        return _request(Word(group), limit=11, sort="newest"), lambda *given: _newest(group, *given)
    if kind == 1:
        return _request(Phrase(("steady", group)), sort="newest"), lambda *given: _counted(group, *given)
    if kind == 2:
        return _request(Prefix("stea"), sort="newest", facets=("outlet", "author")), _facets
    if kind == 3:
        request = _request(Word("steady"), sort="newest", facets=("author",))
        return request, lambda answer, right: _told(answer.total == right.articles + 1, "a total")
    without = Group(must=(Word("steady"),), must_not=(Word(group),))
    return _request(without, sort="newest"), lambda *given: _without(group, *given)


def _request(node: Node, **other: object) -> SearchRequest:
    return SearchRequest(Group(should=(STAMPED, node), any_of=True), **other)  # type: ignore[arg-type]


def _newest(group: str, answer: object, right: Answers) -> str:
    hits = tuple(key for key, _ in answer.hits)[1:]  # type: ignore[attr-defined]
    return _counted(group, answer, right) or _told(hits == right.newest[group], "the newest")


def _counted(group: str, answer: object, right: Answers) -> str:
    return _told(answer.total == right.groups[group] + 1, "a total")  # type: ignore[attr-defined]


def _without(group: str, answer: object, right: Answers) -> str:
    left = right.articles - right.groups[group] + 1
    return _told(answer.total == left, "a total without a word")  # type: ignore[attr-defined]


def _facets(answer: object, right: Answers) -> str:
    facets = answer.facets  # type: ignore[attr-defined]
    outlets = {name: number for name, number in facets["outlet"] if name != "stamps"}
    return _told(outlets == right.outlets and dict(facets["author"]) == right.authors, "facets")


def _told(right: bool, what: str) -> str:
    return "" if right else f"{what} of no position"
