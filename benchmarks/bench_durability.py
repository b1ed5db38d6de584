"""Does the index keep what was committed, and answer rightly, beside commits, merges, rebuilds and kills?

Without an option: a short run of each. Every answer of `--threads` is judged: it tells its position by a stamp, and
totals, facets and the newest articles must be those of that position, none older than an answer given before. After
each of `--kills` the index is opened and compared, article by article, with what its position says it holds.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from benchmarks import durable_costs, durable_runs
from benchmarks.durable_readers import Tally
from benchmarks.durable_runs import Load

STEADY_FROM = 1 / 3
"""The part of a soak in which caches fill; growth is counted after it."""


def main() -> None:
    """Measure and print; the exit code is 1 where anything was wrong."""
    options = _options()
    ran = [options.threads, options.kills, options.soak, options.share, options.latency]
    wrong = 0
    with tempfile.TemporaryDirectory(dir=options.folder) as made:
        folder = Path(made)
        if (options.threads and not options.soak) or not any(ran):
            wrong += _print_load(options, folder / "load")
        if options.kills or not any(ran):
            wrong += _print_kills(options, folder / "kills")
        if options.soak:
            wrong += _print_soak(options, folder / "soak")
        if options.share or options.latency or not any(ran):
            _print_costs(options, folder / "costs")
    raise SystemExit(wrong > 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=0, help="threads that ask one engine, or of the soak (12)")
    parser.add_argument("--minutes", type=float, default=0.2, help="how long --threads ask (full size 5)")
    parser.add_argument("--kills", type=int, default=0, help="kills inside commits, merges, rebuilds (full size 50)")
    parser.add_argument("--soak", type=float, default=0.0, help="minutes of mixed load with samples (full size 30)")
    parser.add_argument("--share", type=int, default=0, help="processes over one index of --documents (full size 10)")
    parser.add_argument("--latency", type=int, default=0, help="new articles beside --documents, one by one (30)")
    parser.add_argument("--documents", type=int, default=1000, help="articles for --share and --latency (100000)")
    parser.add_argument("--articles", type=int, default=2000, help="articles for the other runs (default 2000)")
    parser.add_argument("--pause", type=float, default=0.0, help="milliseconds a thread rests (default 0; soak 20)")
    parser.add_argument("--pace", type=int, default=50, help="milliseconds between two commits (default 50)")
    parser.add_argument("--rebuild-every", type=int, default=100, help="commits between two rebuilds (default 100)")
    parser.add_argument("--folder", type=Path, default=None, help="where the indexes are made (default: temporary)")
    parser.add_argument("--seed", type=int, default=None, help="seed of the kills; told when none is given")
    return parser.parse_args()


def _print_load(options: argparse.Namespace, folder: Path) -> int:
    threads = options.threads or 4
    found = _load(options, folder, threads=threads, seconds=options.minutes * 60, alone_s=options.minutes * 6)
    print(f"{threads} threads, {options.minutes:g} minutes, {options.articles} articles; {_done(found)}")
    return _print_tallies(found)


def _print_soak(options: argparse.Namespace, folder: Path) -> int:
    sample_s = min(10.0, options.soak * 2)
    threads = options.threads or 4
    found = _load(options, folder, threads=threads, seconds=options.soak * 60, alone_s=5.0, sample_s=sample_s)
    print(f"soak of {options.soak:g} minutes, {threads} threads, {options.articles} articles; {_done(found)}")
    wrong = _print_tallies(found)
    steady = [one for one in found.usage if one.minute >= options.soak * STEADY_FROM]
    half = len(steady) // 2
    print(f"{'':<22} {'at first':>10} {'steady':>10} {'later':>10} {'most':>10}   (greatest of each part)")
    for name in ("rss_mb", "writer_rss_mb", "descriptors", "mapped_files", "threads", "disk_mb"):
        first, early, late = (
            max(getattr(one, name) for one in part) for part in (found.usage[:1], steady[:half], steady[half:])
        )
        most = max(getattr(one, name) for one in found.usage)
        print(f"{name.replace('_', ' '):<22} {first:>10} {early:>10} {late:>10} {most:>10}")
    return wrong


def _load(options: argparse.Namespace, folder: Path, **other: float) -> Load:
    return durable_runs.load(
        folder,
        articles=options.articles,
        pace_ms=options.pace,
        rebuild_every=options.rebuild_every,
        pause_ms=options.pause,
        **other,  # type: ignore[arg-type]
    )


def _done(found: Load) -> str:
    return ", ".join(f"{found.done[stage]} {stage}s" for stage in durable_runs.STAGES)


def _print_tallies(found: Load) -> int:
    heads = f"{'wrong':>7} {'errors':>7} {'p50 <=':>7} {'p99 <=':>7} {'longest':>9}"
    print(f"{'':<22} {'answers':>9} {heads}   own work in it")
    for name, tally in (("no writer", found.alone), ("beside the writer", found.beside)):
        if tally.answers or tally.errors:
            print(_row(name, tally))
    print(f"a commit that was told was not to be seen for {found.beside.behind_ms:.0f} ms at the most")
    for one in (found.alone, found.beside):
        for what, number in [*one.wrong.most_common(5), *one.errors.most_common(5)]:
            print(f"  {number} x {what}")
    return sum((found.alone.wrong + found.alone.errors + found.beside.wrong + found.beside.errors).values())


def _row(name: str, tally: Tally) -> str:
    wrong, errors = sum(tally.wrong.values()), sum(tally.errors.values())
    steps = f"{tally.within(0.5):>4} ms {tally.within(0.99):>4} ms"
    longest = f"{tally.longest_ms:>6.0f} ms   {tally.longest_cpu_ms:.0f} ms"
    return f"{name:<22} {tally.answers:>9} {wrong:>7} {errors:>7} {steps} {longest}"


def _print_kills(options: argparse.Namespace, folder: Path) -> int:
    seed = int.from_bytes(os.urandom(4), "big") if options.seed is None else options.seed
    found = durable_runs.kills(folder, articles=options.articles, number=options.kills or 6, seed=seed)
    inside = ", ".join(f"{number} in a {stage}" for stage, number in found.inside.most_common())
    print(f"{found.kills} kills (seed {seed}; {inside}; several may go on at once), {found.commits} commits told")
    print(f"  articles lost {found.lost}, of another revision {found.wrong}, twice {found.twice}")
    print(f"  positions behind what was told {found.went_back}, opens that failed {sum(found.failed_opens.values())}")
    print(f"  files left when the next writer had ended: {', '.join(found.left_files) or 'none'}")
    for what, number in found.failed_opens.most_common(5):
        print(f"  {number} x {what}")
    lost = found.lost + found.wrong + found.twice + found.went_back + len(found.left_files)
    return lost + sum(found.failed_opens.values())


def _print_costs(options: argparse.Namespace, folder: Path) -> None:
    further, merge = durable_costs.fill(folder, options.documents)
    beside = durable_costs.told(*zip(*merge.beside, strict=True)) if merge.beside else "none fell into it"
    print(f"a commit of one article beside {merge.merged}: {durable_costs.told(*zip(*merge.alone, strict=True))}")
    print(f"  while another process merges them, for {merge.merge_s:.1f} s: {beside} (of {len(merge.beside)})")
    if options.share or not options.latency:
        found = durable_costs.shared(folder, options.share or 2)
        print(f"{found.processes} processes over one index of {options.documents} articles, {found.index_mb:.0f} MB")
        for name, rss, pss in (
            ("whole process", found.rss_mb, found.pss_mb),
            ("the mapped index", found.mapped_rss_mb, found.mapped_pss_mb),
        ):
            each = f"each Rss {max(rss):.0f} MB, Pss {max(pss):.0f} MB"
            print(f"  {name:<18} {each}; all together Rss {sum(rss):.0f} MB, Pss {sum(pss):.0f} MB")
    if options.latency or not options.share:
        new = durable_costs.new_article(folder, further, rounds=min(options.latency or 5, 100))
        print(f"one new article beside {new.held}, median of {len(new.seen_ms)}:")
        print(f"  its commit  {durable_costs.told(new.apply_ms, new.apply_cpu_ms)}")
        print(f"  then an answer of a reader that has it  {durable_costs.told(new.seen_ms, new.seen_cpu_ms)}")


if __name__ == "__main__":
    main()
