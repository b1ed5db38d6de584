"""How soon each kind of break is noticed, and how often nothing was wrong: our rules beside two bounds that peers use.

`python -m benchmarks.bench_health` makes up outlets (benchmarks/health_world.py), learns eight weeks of each and judges
eight more after every run, once as they are and once with each break. The bounds beside it see the same runs: no new
article in 24 hours, and a week's mean more than 1.5 standard deviations under (or 2 over) that of 28 days, looked at
daily. Absolute times depend on the intervals of the made-up schedules: 1, 3 and 6 hours.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import mean, median, pstdev

import numpy as np

from benchmarks.health_world import BREAKS, DAY, STARTS, Break, make_outlet, observe
from index.health.history import Facts, History
from index.health.judging import concluded
from index.health.records import Health, HealthState, Observation

LEARNED, JUDGED = 56, 56
GRAVE = frozenset({HealthState.BROKEN, HealthState.BLOCKED})


@dataclass(frozen=True, slots=True)
class Told:
    """An alarm that began: when, and what it said."""

    at: datetime
    state: str
    cause: str
    sentence: str = ""


def ours(seen: Sequence[Observation], *, begins: datetime, stop_at_first: bool = False) -> tuple[list[Told], int]:
    """Judge after every run from `begins` on; return the alarms that began, and the number of judgements."""
    history = History.of(seen)
    before: Health | None = None
    told: list[Told] = []
    judged = 0
    for one in seen:
        if one.finished_at < begins:
            continue
        found = concluded(Facts(one.outlet, one.finished_at, history.until(one.finished_at), before))
        judged += 1
        if found is None:
            continue
        health = found.health
        was = HealthState.HEALTHY if before is None else before.state
        if health.state is not HealthState.HEALTHY and (
            was is HealthState.HEALTHY or (health.state in GRAVE and was not in GRAVE)
        ):
            told.append(Told(one.finished_at, health.state.value, health.cause, health.sentence))
            if stop_at_first:
                break
        before = health
    return told, judged


def nothing_in_a_day(seen: Sequence[Observation], *, begins: datetime) -> list[Told]:
    """The bound many operators write: no new article in the last 24 hours."""
    told: list[Told] = []
    newest, alarmed = seen[0].finished_at, False
    for one in seen:
        if one.new:
            newest, alarmed = one.finished_at, False
        elif one.finished_at - newest > DAY and not alarmed and one.finished_at >= begins:
            alarmed = True
            told.append(Told(one.finished_at, "broken", "nothing in 24 h"))
    return told


def month_bounds(seen: Sequence[Observation], *, begins: datetime) -> list[Told]:
    """The mean of the last 7 of 28 daily counts, beside 1.5 standard deviations under and 2 over the mean of the 28."""
    days: dict[int, int] = defaultdict(int)
    for one in seen:
        days[(one.finished_at - STARTS) // DAY] += one.new
    told: list[Told] = []
    alarmed = False
    for day in range((begins - STARTS) // DAY, max(days) + 1):
        counts = [days.get(number, 0) for number in range(day - 28, day)]
        middle, spread = mean(counts), pstdev(counts)
        week = mean(counts[-7:])
        out = sum(counts) == 0 or week < middle - 1.5 * spread or week > middle + 2 * spread
        if out and not alarmed:
            told.append(Told(STARTS + day * DAY, "broken", "28-day bounds"))
        alarmed = out
    return told


RULES = {
    "ours": lambda seen, begins: ours(seen, begins=begins)[0],
    "nothing in 24 h": lambda seen, begins: nothing_in_a_day(seen, begins=begins),
    "28-day bounds": lambda seen, begins: month_bounds(seen, begins=begins),
}


def false_alarms(outlets: int, seed: int) -> dict[str, object]:
    """Judge outlets with nothing wrong for eight weeks; return alarms by rule, size and cause, and the cost."""
    begins = STARTS + LEARNED * DAY
    counts: dict[str, dict[str, int]] = {name: defaultdict(int) for name in (*RULES, "ours, grave")}
    causes: dict[str, int] = defaultdict(int)
    months: dict[str, float] = defaultdict(float)
    judged, spent, said = 0, 0.0, []
    for number in range(outlets):
        rng = np.random.default_rng((seed, number))
        outlet = make_outlet(number, rng)
        seen = observe(outlet, rng, days=LEARNED + JUDGED)
        months[outlet.size] += JUDGED / 30
        began = time.process_time()
        told, many = ours(seen, begins=begins)
        spent, judged = spent + time.process_time() - began, judged + many
        counts["ours"][outlet.size] += len(told)
        counts["ours, grave"][outlet.size] += sum(one.state in ("broken", "blocked") for one in told)
        for one in told:
            causes[f"{one.state}: {one.cause}"] += 1
            which = f"{outlet.name} ({outlet.size}, {outlet.weekly:.0f} a week)"
            said.append(f"{which} {one.at:%a %d %b}: {one.cause}: {one.sentence}")
        counts["nothing in 24 h"][outlet.size] += len(nothing_in_a_day(seen, begins=begins))
        counts["28-day bounds"][outlet.size] += len(month_bounds(seen, begins=begins))
        if number % 25 == 24:
            so_far = {name: sum(by_size.values()) for name, by_size in counts.items()}
            print(f"{number + 1} outlets, {sum(months.values()):.0f} months: {so_far}", file=sys.stderr, flush=True)
    sizes = [size for size in ("small", "medium", "large") if months[size]]
    rates = {
        name: {size: round(by_size[size] / months[size], 4) for size in sizes}
        | {"all": round(sum(by_size.values()) / sum(months.values()), 4)}
        for name, by_size in counts.items()
    }
    return {
        "outlet_months": round(sum(months.values()), 1),
        "false_alarms_a_month": rates,
        "causes": dict(causes),
        "said": said,
        "judgements": judged,
        "ms_of_a_judgement": round(1000 * spent / max(1, judged), 2),
    }


def delays(each: int, seed: int, only: str = "") -> dict[str, dict[str, object]]:
    """Break so many outlets of each size in each way; return hours until each rule said so, and what ours said."""
    table: dict[str, dict[str, object]] = {}
    for kind, change in BREAKS.items():
        if only and only not in kind:
            continue
        hours: dict[str, dict[str, list[float | None]]] = {name: defaultdict(list) for name in RULES}
        causes: dict[str, int] = defaultdict(int)
        sentence = ""
        for size in ("small", "medium", "large"):
            for number in range(each):
                seen, began = _broken(size, number, seed, change, lists=2 if "lists stands still" in kind else 0)
                for name in RULES:
                    if name == "ours":
                        told = ours(seen, begins=began, stop_at_first=True)[0]
                    else:
                        told = RULES[name](seen, began)
                    first = next((one for one in told if one.at >= began), None)
                    hours[name][size].append(None if first is None else (first.at - began) / timedelta(hours=1))
                    if name == "ours" and first is not None:
                        causes[first.cause] += 1
                        sentence = sentence or first.sentence
        table[kind] = {
            "hours": {name: {size: _told(found) for size, found in by_size.items()} for name, by_size in hours.items()},
            "causes": dict(causes),
            "sentence": sentence,
        }
    return table


def _broken(size: str, number: int, seed: int, change: Break, *, lists: int) -> tuple[list[Observation], datetime]:
    """What an outlet of a size shows that breaks in the first week after eight, and when it does."""
    rng = np.random.default_rng((seed, number))
    outlet = make_outlet(number, rng, size)
    outlet = replace(outlet, lists=max(lists, outlet.lists))
    from_day = LEARNED + float(rng.uniform(0, 7))
    seen = observe(outlet, rng, days=LEARNED + JUDGED, breaks=change, from_day=from_day)
    return seen, STARTS + from_day * DAY


def _told(found: Sequence[float | None]) -> dict[str, float | None]:
    known = sorted(one for one in found if one is not None)
    return {"median_h": round(median(known), 1) if known else None, "noticed": round(len(known) / len(found), 2)}


def as_text(quiet: dict[str, object], broken: dict[str, dict[str, object]]) -> str:
    """Write both tables as markdown."""
    lines: list[str] = []
    if quiet:
        rates = quiet["false_alarms_a_month"]
        assert isinstance(rates, dict)
        cost = f"{quiet['judgements']} judgements, {quiet['ms_of_a_judgement']} ms each (CPU)"
        lines += [
            f"{quiet['outlet_months']} outlet-months with nothing wrong, {cost}.",
            "",
            "| false alarms an outlet and month | small | medium | large | all |",
            "|---|---|---|---|---|",
        ]
        for name, by_size in rates.items():
            lines.append(
                f"| {name} | "
                + " | ".join(f"{by_size.get(size, 0):g}" for size in ("small", "medium", "large", "all"))
                + " |"
            )
        lines += ["", f"Ours by cause: {quiet['causes']}", ""]
    if broken:
        lines += [
            "| break | " + " | ".join(f"{name}: small, medium, large" for name in RULES) + " | ours says |",
            "|---|" + "---|" * (len(RULES) + 1),
        ]
        for kind, row in broken.items():
            cells = []
            hours = row["hours"]
            assert isinstance(hours, dict)
            for name in RULES:
                cells.append(", ".join(_cell(hours[name].get(size)) for size in ("small", "medium", "large")))
            causes = row["causes"]
            assert isinstance(causes, dict)
            told = ", ".join(
                f"{cause} {number}" for cause, number in sorted(causes.items(), key=lambda pair: -pair[1])[:3]
            )
            lines.append(f"| {kind} | " + " | ".join(cells) + f" | {told} |")
    return "\n".join(lines)


def _cell(found: dict[str, float | None] | None) -> str:
    if not found or found["median_h"] is None:
        return "never"
    hours = found["median_h"]
    said = f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} d"
    return said if found["noticed"] == 1 else f"{said} ({found['noticed']:.0%})"


def main() -> int:
    """Print the tables, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outlets", type=int, default=60, help="Outlets with nothing wrong.")
    parser.add_argument("--each", type=int, default=3, help="Outlets of each size for each break.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="Only breaks whose name holds this.")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--said", action="store_true", help="Print every false alarm.")
    arguments = parser.parse_args()
    quiet = false_alarms(arguments.outlets, arguments.seed) if arguments.outlets else {}
    broken = delays(arguments.each, arguments.seed, arguments.only) if arguments.each else {}
    if arguments.json:
        print(json.dumps({"quiet": quiet, "broken": broken}, indent=2))
        return 0
    print(as_text(quiet, broken))
    if arguments.said and quiet:
        print("\n".join(quiet["said"]))  # type: ignore[arg-type]
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
