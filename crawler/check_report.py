"""What a dry run of an outlet says: values, what is wrong with them, what to do, and the report as text. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from config.counting import counted
from config.outlets import FILL_FIELDS, Expectations, FieldRule, OutletSpec
from crawler.orders import RunReport
from index.records import DateFlag, JsonObject

FIELDS = FILL_FIELDS

MOST_SHOWN = 10
LEAST_DATED = 5
"""Dated leads a rate can be told from; fewer say nothing."""

DOUBTS = (
    DateFlag.FUTURE,
    DateFlag.TOO_OLD,
    DateFlag.ZONE_ASSUMED,
    DateFlag.DAY_MONTH_GUESSED,
    DateFlag.WEEKDAY_CONFLICT,
)
MARGIN = 0.05
"""What a proposed share of articles with a field stays under the share found."""


@dataclass(frozen=True, slots=True)
class SourceFound:
    """One feed, sitemap or listing: the leads it gave first, and what was said of it."""

    url: str
    kind: str
    leads: int
    found: str
    read: bool  # as what it should be


@dataclass(frozen=True, slots=True)
class HostRobots:
    """What robots.txt of a host said: its status, the delay it asks for, which of our sources it forbids."""

    host: str
    status: int
    crawl_delay_s: float
    denied: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sampled:
    """One article that was read: what was filled and by which rule, its links by role, what is doubtful."""

    url: str
    title: str
    authors: tuple[str, ...]
    published_at: datetime | None
    language: str
    characters: int
    links: Mapping[str, int]
    flags: tuple[str, ...]
    filled: tuple[str, ...]
    rules: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A URL that gave no article, and why."""

    url: str
    outcome: str
    detail: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a dry run found. `problems` are sentences; none means that the outlet is as its file says."""

    outlet: str
    run: RunReport
    articles: int
    fill: Mapping[str, float]
    links_per_article: float
    articles_per_week: float | None
    sources: tuple[SourceFound, ...]
    leads: Mapping[str, int]
    robots: tuple[HostRobots, ...]
    sample: tuple[Sampled, ...]
    rejected: tuple[Rejected, ...]
    problems: tuple[str, ...]
    hints: tuple[str, ...]

    def to_json(self) -> JsonObject:
        """Return the report as JSON values."""
        return {
            "outlet": self.outlet,
            "passed": not self.problems,
            "problems": list(self.problems),
            "hints": list(self.hints),
            "articles": self.articles,
            "fill": dict(self.fill),
            "read_by": read_by(self.sample),
            "links_per_article": self.links_per_article,
            "articles_per_week": self.articles_per_week,
            "leads": {via: count for via, count in self.leads.items() if count},
            "sources": [asdict(source) for source in self.sources],
            "robots": [asdict(host) for host in self.robots],
            "sample": [_sample_json(one) for one in self.sample],
            "rejected": [asdict(one) for one in self.rejected],
            "run": self.run.to_json(),
        }


def weekly_rate(dates: Sequence[datetime]) -> float | None:
    """Return articles a week by the dates of an outlet's leads, newest first; None where too few or too close."""
    if len(dates) < LEAST_DATED:
        return None
    days = (dates[0] - dates[-1]).total_seconds() / 86400
    return round((len(dates) - 1) / days * 7, 1) if days >= 0.25 else None


def read_by(sample: Sequence[Sampled]) -> dict[str, dict[str, int]]:
    """Count for each field the rules and fallbacks that read it."""
    counts = {name: Counter(one.rules[name] for one in sample if name in one.rules) for name in FIELDS}
    return {name: dict(count.most_common()) for name, count in counts.items() if count}


def problems_of(
    spec: OutletSpec,
    run: RunReport,
    sources: Sequence[SourceFound],
    *,
    fill: Mapping[str, float],
    links_per_article: float,
    articles: int,
) -> list[str]:
    """Say what is not as the outlet's file says."""
    expect = spec.expect
    problems = [
        f"{source.url}: the {source.kind} was not read. {source.found}" for source in sources if not source.read
    ]
    if run.state not in ("done", "budget", "partial"):
        problems.append(f"The run ended as {run.state}: {run.reason}")
    if not articles:
        causes = Counter(run.rejected).most_common(3)
        told = ", ".join(f"{name} {count}" for name, count in causes) or "no URL was found"
        problems.append(f"No article was read ({told}).")
        return problems
    for name, share in expect.fill.items():
        if fill.get(name, 0.0) < share:
            problems.append(f"{name}: {fill.get(name, 0.0):.0%} of articles have one, {share:.0%} are expected.")
    if expect.links_per_article is not None:
        least, most = expect.links_per_article
        if not least <= links_per_article <= most:
            problems.append(f"links: {links_per_article:g} an article, {least:g} to {most:g} are expected.")
    return problems


def hints_of(
    spec: OutletSpec,
    sample: Sequence[Sampled],
    sources: Sequence[SourceFound],
    robots: Sequence[HostRobots],
    *,
    fill: Mapping[str, float],
    links_per_article: float,
    weekly: float | None,
) -> list[str]:
    """Say what is worth a look although nothing is wrong, and what the file could expect."""
    hints = [f"{one.url}: gave no lead. {one.found}" for one in sources if one.read and not one.leads]
    for host in robots:
        if host.crawl_delay_s > spec.pace.delay_s:
            hints.append(f"robots.txt of {host.host} asks for {host.crawl_delay_s:g} s between requests; it is obeyed.")
        hints += [f"robots.txt of {host.host} forbids {url}; take it out of the file." for url in host.denied]
    hints += _rule_hints(spec, sample, fill)
    for flag in DOUBTS:
        count = sum(flag.value in one.flags for one in sample)
        if count:
            hints.append(f"{flag.value}: the dates of {count} of {counted(len(sample), 'article')}{_cure(flag)}.")
    others = Counter(one.language for one in sample if one.language and one.language not in spec.languages)
    hints += [
        f"language: {counted(count, 'article is', 'articles are')} in {code!r}, which `languages` does not name."
        for code, count in others.items()
    ]
    expected = spec.expect.articles_per_week
    if weekly is not None and expected is not None and not expected[0] <= weekly <= expected[1]:
        hints.append(
            f"articles_per_week: about {weekly:g} by the dates of its sources, "
            f"{expected[0]} to {expected[1]} are expected."
        )
    proposal = _proposal(spec.expect, sample, fill, links_per_article, weekly)
    return [*hints, *([f"[expect] could say: {proposal}"] if proposal else [])]


def as_text(report: CheckReport) -> str:
    """Write the report for a terminal: robots, sources, fields, articles, rejections, hints, problems."""
    run = report.run
    read = f"{counted(report.articles, 'article')} read in {run.seconds:.1f} s ({run.state})"
    lines = [f"{report.outlet}: {read}, nothing kept."]
    lines += ["robots.txt", *(f"  {_robots_line(host)}" for host in report.robots)] if report.robots else []
    lines += [
        "sources",
        *(
            f"  {one.leads:>5} {'lead ' if one.leads == 1 else 'leads'}  {one.url}  {one.found}"
            for one in report.sources
        ),
    ]
    told = ", ".join(f"{via} {count}" for via, count in report.leads.items() if count)
    lines.append(f"leads        {told or 'none'}" + _weekly(report.articles_per_week))
    lines.append("fields")
    by = read_by(report.sample)
    for name in FIELDS:
        how = ", ".join(f"{rule} {count}" for rule, count in by.get(name, {}).items())
        lines.append(f"  {name:<10} {report.fill[name]:>4.0%}  {how}".rstrip())
    lines.append(f"  {'links':<10} {report.links_per_article:g} an article")
    lines += ["articles", *(f"  {_sample_line(one)}" for one in report.sample[:MOST_SHOWN])] if report.sample else []
    lines += _rejected_lines(report.rejected)
    lines += [f"hint: {hint}" for hint in report.hints]
    return "\n".join([*lines, *([f"PROBLEM: {one}" for one in report.problems] or ["As its file says."])])


def _rule_hints(spec: OutletSpec, sample: Sequence[Sampled], fill: Mapping[str, float]) -> list[str]:
    """Name rules of the file that gave nothing on some pages: no fallback steps in for them."""
    hints = []
    for name in FIELDS:
        selectors = [rule.selector for rules in spec.rules if isinstance(rule := getattr(rules, name, None), FieldRule)]
        if selectors and sample and fill.get(name, 0.0) < 1:
            missing = sum(name not in one.filled for one in sample)
            hints.append(
                f"{name}: the rule `{selectors[0]}` gave nothing on {missing} of {counted(len(sample), 'page')}."
            )
    return hints


def _cure(flag: DateFlag) -> str:
    return {
        DateFlag.ZONE_ASSUMED: " name no zone; say `zone` in the rule",
        DateFlag.DAY_MONTH_GUESSED: " could be read two ways; say `formats` in the rule",
    }.get(flag, "")


def _proposal(
    expect: Expectations,
    sample: Sequence[Sampled],
    fill: Mapping[str, float],
    links_per_article: float,
    weekly: float | None,
) -> str:
    """Write the expectations a file does not state yet, from what was found, with room on both sides."""
    if len(sample) < LEAST_DATED:
        return ""
    said = []
    if not expect.fill:
        shares = {name: math.floor((share - MARGIN) * 20) / 20 for name, share in fill.items()}
        filled = ", ".join(f"{name} = {share:g}" for name, share in shares.items() if share >= 0.5)
        said += [f"fill = {{ {filled} }}"] if filled else []
    if expect.links_per_article is None and links_per_article:
        said.append(f"links_per_article = [{math.floor(links_per_article / 3)}, {math.ceil(links_per_article * 3)}]")
    if expect.articles_per_week is None and weekly is not None:
        said.append(f"articles_per_week = [{math.floor(weekly / 2)}, {math.ceil(weekly * 2)}]")
    return "; ".join(said)


def _robots_line(host: HostRobots) -> str:
    if host.denied:
        verdict = f"forbids {len(host.denied)} of our sources: {', '.join(host.denied[:3])}"
    else:
        verdict = "allows our sources" if host.status < 300 else "is not there, so all is allowed"
    delay = f"; asks for {host.crawl_delay_s:g} s between requests" if host.crawl_delay_s else ""
    return f"{host.host}: HTTP {host.status}, {verdict}{delay}"


def _weekly(rate: float | None) -> str:
    return f"; about {rate:g} articles a week by their dates" if rate is not None else ""


def _sample_line(one: Sampled) -> str:
    at = f"{one.published_at:%Y-%m-%d %H:%M}" if one.published_at is not None else "no date         "
    links = ", ".join(f"{role} {count}" for role, count in one.links.items()) or "no link"
    flags = f"  [{', '.join(one.flags)}]" if one.flags else ""
    authors = ", ".join(one.authors)[:40] or "no author"
    return f"{at}  {one.title[:60]}  ({authors}; {counted(one.characters, 'character')}; {links}){flags}"


def _rejected_lines(rejected: Sequence[Rejected]) -> list[str]:
    """Group rejections by outcome, a few addresses each."""
    lines = ["rejected"] if rejected else []
    for outcome, count in Counter(one.outcome for one in rejected).most_common():
        lines.append(f"  {outcome} {count}")
        few = [one for one in rejected if one.outcome == outcome]
        lines += [f"    {one.url}  {one.detail}".rstrip() for one in few[:MOST_SHOWN]]
        lines += [f"    … and {len(few) - MOST_SHOWN} more"] if len(few) > MOST_SHOWN else []
    return lines


def _sample_json(one: Sampled) -> JsonObject:
    at = one.published_at.isoformat().replace("+00:00", "Z") if one.published_at is not None else None
    return {**asdict(one), "published_at": at, "links": dict(one.links), "rules": dict(one.rules)}
