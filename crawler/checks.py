"""A dry run of an outlet: its sources and a few of its articles, through every guard, with nothing kept.

It is a crawl into a folder that is thrown away, so what it says is what a crawl would do.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from config.outlets import Expectations, OutletSpec
from config.settings import Settings
from crawler.orders import Limits, RunReport
from crawler.run import crawl_outlet, find_outlet
from crawler.sources import is_of_source
from index.outcomes import Outcome
from index.records import JsonObject, Role, StoredArticle
from index.store import open_store
from index.store.articles import articles_by_id, latest_articles
from index.store.decisions import decisions_of_run
from index.store.links import references_of

FIELDS: dict[str, Callable[[StoredArticle], bool]] = {
    "title": lambda article: bool(article.title),
    "authors": lambda article: bool(article.authors),
    "published": lambda article: article.published.at is not None,
    "updated": lambda article: article.updated.at is not None,
    "text": lambda article: len(article.text) > 0,
    "language": lambda article: bool(article.language),
}


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a dry run found. `problems` are sentences; none means that the outlet is as its file says."""

    outlet: str
    run: RunReport
    articles: int
    fill: dict[str, float]
    links_per_article: float
    sources: tuple[tuple[str, str], ...]
    rejected: tuple[tuple[str, str, str], ...]
    problems: tuple[str, ...]

    def to_json(self) -> JsonObject:
        """Return the report as JSON values."""
        return {
            "outlet": self.outlet,
            "passed": not self.problems,
            "problems": list(self.problems),
            "articles": self.articles,
            "fill": self.fill,
            "links_per_article": self.links_per_article,
            "sources": [{"url": url, "found": found} for url, found in self.sources],
            "rejected": [{"url": url, "outcome": outcome, "detail": detail} for url, outcome, detail in self.rejected],
            "run": self.run.to_json(),
        }


def check_outlet(name: str, *, settings: Settings, pages: int) -> CheckReport:
    """Crawl at most `pages` pages of an outlet into a folder that is thrown away, and judge what was found."""
    spec = find_outlet(name, settings)
    with tempfile.TemporaryDirectory(prefix="watchfloor-check-") as folder:
        # The operator's own outlet files stay where they are, although the data folder is another.
        own = str(settings.outlet_folders[-1].absolute())
        apart = settings.model_copy(
            update={
                "data": settings.data.model_copy(update={"dir": Path(folder)}),
                "database": settings.database.model_copy(update={"url": ""}),
                "crawler": settings.crawler.model_copy(update={"outlets_dir": own}),
            }
        )
        run = crawl_outlet(name, Limits(pages=pages), settings=apart)
        return _judged(spec, run, apart)


def _judged(spec: OutletSpec, run: RunReport, settings: Settings) -> CheckReport:
    store = open_store(settings)
    try:
        with store.read() as tx:
            ids = [row.id for row in latest_articles(tx, outlet=spec.name, limit=1000)]
            articles = list(articles_by_id(tx, ids, with_text=True).values())
            links = [len([link for link in references_of(tx, key) if link.role is not Role.FURNITURE]) for key in ids]
            decisions = decisions_of_run(tx, run.run_id) if run.run_id is not None else []
    finally:
        store.close()
    sources = tuple((one.url, one.detail) for one in decisions if is_of_source(one.url, one.detail, spec))
    apart = {url for url, _ in sources}
    rejected = tuple(
        (one.url, one.outcome.value, one.detail)
        for one in decisions
        if one.outcome is not None and one.outcome not in (Outcome.NEW, Outcome.PAYWALLED_STUB) and one.url not in apart
    )
    fill = {
        name: round(sum(map(has, articles)) / len(articles), 3) if articles else 0.0 for name, has in FIELDS.items()
    }
    per_article = round(sum(links) / len(links), 2) if links else 0.0
    problems = _problems(spec.expect, run, fill, per_article, articles=len(articles))
    return CheckReport(spec.name, run, len(articles), fill, per_article, sources, rejected, tuple(problems))


def _problems(
    expect: Expectations, run: RunReport, fill: dict[str, float], links_per_article: float, *, articles: int
) -> list[str]:
    problems = []
    if run.state not in ("done", "budget"):
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
