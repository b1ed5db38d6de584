"""A dry run of an outlet: its sources and a few of its articles, through every guard, with nothing kept.

It is a crawl into a folder that is thrown away, so what it says is what a crawl would do.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from config.outlets import OutletSpec
from config.settings import Settings
from crawler.check_report import (
    FIELDS,
    CheckReport,
    HostRobots,
    Rejected,
    Sampled,
    SourceFound,
    hints_of,
    problems_of,
    weekly_rate,
)
from crawler.lookup import turns_of
from crawler.network.robots import robots_of_answer
from crawler.observing import fields_of
from crawler.orders import Limits, RunReport
from crawler.run import crawl_outlet, find_outlet
from crawler.sources import is_of_source
from index.archive import Archive
from index.errors import ArchiveFileError
from index.outcomes import Outcome
from index.records import Decision, Page, StoredArticle, Via
from index.store import Transaction, open_store
from index.store.articles import articles_by_id, latest_articles, revisions_of
from index.store.decisions import decisions_of_run
from index.store.leads import count_leads_by_source, dated_leads
from index.store.links import references_of
from index.urls import host_of
from index.warc_files import iter_warc

MOST_ARTICLES = 1000
_KEPT = frozenset({Outcome.NEW, Outcome.PAYWALLED_STUB})


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
        run = crawl_outlet(name, Limits(pages=pages), settings=apart, turns_in=turns_of(settings))
        return _judged(spec, run, apart)


def _judged(spec: OutletSpec, run: RunReport, settings: Settings) -> CheckReport:
    store = open_store(settings)
    try:
        with store.read() as tx:
            ids = [row.id for row in latest_articles(tx, outlet=spec.name, limit=MOST_ARTICLES)]
            held = articles_by_id(tx, ids, with_text=True)
            articles = [_sampled(tx, held[key]) for key in ids if key in held]
            decisions = decisions_of_run(tx, run.run_id) if run.run_id is not None else []
            given = count_leads_by_source(tx, spec.name)
            dates = dated_leads(tx, spec.name)
    finally:
        store.close()
    fill = {field: _share(articles, field) for field in FIELDS}
    per_article = round(sum(sum(one.links.values()) for one in articles) / len(articles), 2) if articles else 0.0
    sources = _sources(spec, decisions, given)
    robots = _robots(settings, spec)
    weekly = weekly_rate(dates)
    problems = problems_of(spec, run, sources, fill=fill, links_per_article=per_article, articles=len(articles))
    hints = hints_of(spec, articles, sources, robots, fill=fill, links_per_article=per_article, weekly=weekly)
    return CheckReport(
        outlet=spec.name,
        run=run,
        articles=len(articles),
        fill=fill,
        links_per_article=per_article,
        articles_per_week=weekly,
        sources=sources,
        leads={via.value: sum(count for (_, how), count in given.items() if how is via) for via in Via},
        robots=robots,
        sample=tuple(articles),
        rejected=_rejected(decisions, sources),
        problems=tuple(problems),
        hints=tuple(hints),
    )


def _sampled(tx: Transaction, article: StoredArticle) -> Sampled:
    """Sum up one article: what was filled, by which rule, how doubtful its dates are, its links by role."""
    trace = revisions_of(tx, article.id)[-1].trace
    roles = Counter(link.role.value for link in references_of(tx, article.id) if link.role.value != "furniture")
    flags = (*article.published.flags, *article.updated.flags, *article.flags)
    return Sampled(
        url=article.canonical_url,
        title=article.title,
        authors=article.authors,
        published_at=article.published.at,
        language=article.language,
        characters=len(article.text),
        links=dict(sorted(roles.items())),
        flags=tuple(dict.fromkeys(flag.value for flag in flags)),
        filled=fields_of(article),
        rules={step.field: step.rule for step in trace if step.field in FIELDS},
    )


def _share(articles: Sequence[Sampled], field: str) -> float:
    return round(sum(field in one.filled for one in articles) / len(articles), 3) if articles else 0.0


def _sources(
    spec: OutletSpec, decisions: Sequence[Decision], given: dict[tuple[str, Via], int]
) -> tuple[SourceFound, ...]:
    """Every source asked, and those the file lists that were not, in the order they were asked."""
    listed = {
        url: kind
        for kind, urls in (
            ("feed", spec.leads.feeds),
            ("sitemap", spec.leads.sitemaps),
            ("listing", spec.leads.listings),
        )
        for url in urls
    }
    asked: dict[str, SourceFound] = {}
    for one in decisions:
        if is_of_source(one.url, one.detail, spec):
            kind = listed.get(one.url) or one.detail.split(":")[0].split()[-1]
            leads = sum(count for (url, _), count in given.items() if url == one.url)
            asked[one.url] = SourceFound(one.url, kind, leads, one.detail, one.detail.startswith("A "))
    left = [
        SourceFound(url, kind, 0, "It was not asked for.", False) for url, kind in listed.items() if url not in asked
    ]
    return (*asked.values(), *left)


def _rejected(decisions: Sequence[Decision], sources: Sequence[SourceFound]) -> tuple[Rejected, ...]:
    apart = {source.url for source in sources}
    return tuple(
        Rejected(one.url, one.outcome.value, one.detail)
        for one in decisions
        if one.outcome is not None and one.outcome not in _KEPT and one.url not in apart
    )


def _robots(settings: Settings, spec: OutletSpec) -> tuple[HostRobots, ...]:
    """What each host's robots.txt said of its home and of the listed sources, from the answers that were kept."""
    answers: dict[str, Page] = {}
    for path in sorted(Archive(settings.warc_dir).folder.glob("*.warc.gz")):
        try:
            answers |= {host_of(page.url): page for page in iter_warc(path) if page.url.endswith("/robots.txt")}
        except ArchiveFileError:
            continue  # a file without a single answer: nothing was fetched, which the run says
    found = []
    agent = settings.crawler.user_agent
    for host, page in sorted(answers.items()):
        robots = robots_of_answer(page.status, page.body, max_bytes=settings.politeness.max_robots_bytes)
        urls = (spec.home, *spec.leads.feeds, *spec.leads.sitemaps, *spec.leads.listings)
        denied = [url for url in urls if host_of(url) == host and robots.why_denied(url, agent) is not None]
        found.append(HostRobots(host, page.status, robots.crawl_delay_s(agent), tuple(denied)))
    return tuple(found)
