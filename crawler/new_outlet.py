"""From one article to an outlet file, a case and a test that waits for a person: `watchfloor outlets new`.

What to write is worked out in crawler/propose; here pages are fetched or read, files written, and each step is told.
"""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from config.counting import counted
from config.errors import UsageError
from config.outlets import NAME_PATTERN, OutletSpec, fold_host, load_outlets, read_outlet
from config.settings import Settings
from crawler.cases import CHECKOUT, differences, load_cases
from crawler.extract.article import extract_article
from crawler.extract.charset import decode
from crawler.extract.metadata import Metadata, read_metadata
from crawler.lookup import LookedUp, NoPageError, look_up
from crawler.propose.fields import FIELDS, Proposal, machine_rule, propose_rules
from crawler.propose.identity import country_for, home_for, language_for, name_for, title_for
from crawler.propose.outlet_file import Draft, outlet_file, rule_text
from crawler.propose.patterns import article_pattern
from crawler.propose.related import propose_backlinks
from crawler.propose.sources import (
    Source,
    articles_a_week,
    chosen,
    crawl_delay_s,
    feeds_in_page,
    news_sitemaps_of,
    places_to_ask,
    sitemaps_in_robots,
    source_in,
)
from crawler.record import LeakError, Recorded, cases_folder_of, record_case
from index.outcomes import Outcome
from index.records import Article, JsonObject, Page

Say = Callable[[str], None]
MOST_PAUSE_S = 15.0
"""A site that asks for longer pauses still gets its own pace within each fetch; this is only between them."""

MOST_NAME_WORDS = 5


@dataclass(frozen=True, slots=True)
class NewOutlet:
    """What was written. `problems` are sentences; none means that only a person's look is missing."""

    name: str
    file: Path
    recorded: Recorded | None
    problems: tuple[str, ...]
    steps: tuple[str, ...]

    def to_json(self) -> JsonObject:
        """Return the outcome as JSON values."""
        return {
            "outlet": self.name,
            "file": str(self.file),
            "case": None if self.recorded is None else str(self.recorded.folder),
            "problems": list(self.problems),
            "steps": list(self.steps),
        }


@dataclass(frozen=True, slots=True)
class Found:
    """What could be looked up: the article's page, and where articles are listed."""

    page: Page
    declared: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    left_out: tuple[Source, ...] = ()


class _Steps:
    """Tells each step as it is done, and keeps what was told."""

    def __init__(self, say: Say) -> None:
        self.told: list[str] = []
        self._say = say

    def __call__(self, step: str) -> None:
        self.told.append(step)
        self._say(step)


def new_outlet_from_page(
    page: Page, *, name: str, settings: Settings, now: datetime, own_folder: bool = False, say: Say
) -> NewOutlet:
    """Make an outlet of a saved page, without network: the sources its page names are written down unseen."""
    name, target = _place(page.url, name=name, settings=settings, own_folder=own_folder)
    steps = _Steps(say)
    html = decode(page.body, page.content_type) or ""
    feeds = feeds_in_page(html, url=page.url)
    steps(f"Page      {page.url} (a saved file: nothing is looked up)")
    steps(f"Feeds     the page names {_count(len(feeds), 'feed')}; not looked up")
    steps("Sitemaps  not looked up: robots.txt and the usual places need the network")
    return _write(Found(page, declared=feeds), name=name, target=target, settings=settings, now=now, steps=steps)


def new_outlet_from_url(
    url: str, *, name: str, settings: Settings, now: datetime, own_folder: bool = False, say: Say
) -> NewOutlet:
    """Make an outlet of an address: its page, robots.txt, home page, feeds and sitemaps are fetched as by a crawl."""
    name, target = _place(url, name=name, settings=settings, own_folder=own_folder)
    steps = _Steps(say)
    home = _home_of(url)
    first = look_up([url, home], settings=settings)
    page = first.page(url)
    if page is None:
        raise NoPageError(f"{url}: gave no page to start from ({first.why_none(url)}).")
    steps(f"Page      {page.url}: {len(page.body) / 1000:.0f} kB")
    declared, asked, pause_s = _places(first, page, home, settings=settings)
    time.sleep(pause_s)
    second = look_up(asked, settings=settings)
    sources = [source for one in asked if (answer := second.page(one)) is not None and (source := source_in(answer))]
    deeper = [one for source in sources if source.kind == "sitemap index" for one in news_sitemaps_of(source)][:3]
    if deeper and not any(source.kind == "news sitemap" for source in sources):
        time.sleep(pause_s)
        third = look_up(deeper, settings=settings)
        answers = (third.page(one) for one in deeper)
        sources += [source for answer in answers if answer is not None and (source := source_in(answer))]
    kept, left_out = chosen(sources, home=home)
    for source in sources:
        size = _count(len(source.leads), "address") if source.leads else _count(len(source.sitemaps), "sitemap")
        steps(f"{'Feed' if source.kind == 'feed' else 'Sitemap':<9} {source.url}: {source.kind}, {size}")
    if not sources:
        steps(f"Feeds     none of {_count(len(asked), 'address')} asked is a feed or a sitemap")
    found = Found(page, (*declared,), kept, left_out)
    return _write(found, name=name, target=target, settings=settings, now=now, steps=steps)


def _places(
    first: LookedUp, page: Page, home: str, *, settings: Settings
) -> tuple[tuple[str, ...], tuple[str, ...], float]:
    """The feeds declared elsewhere, what to ask for next, and the pause the site is given before that."""
    feeds: list[str] = []
    for one in (page, first.page(home)):
        if one is not None:
            feeds += feeds_in_page(decode(one.body, one.content_type) or "", url=one.url)
    robots = first.page(f"{home}robots.txt")
    said = robots.body.decode("utf-8", "replace") if robots is not None else ""
    sitemaps = sitemaps_in_robots(said, url=home)
    asked = places_to_ask(home=home, feeds=feeds, sitemaps=sitemaps)
    floor_s = settings.floor_s_for(urlsplit(home).hostname or "")
    elsewhere = tuple(feed for feed in dict.fromkeys(feeds) if feed not in asked)
    return elsewhere, asked, min(MOST_PAUSE_S, max(floor_s, crawl_delay_s(said)))


def _place(url: str, *, name: str, settings: Settings, own_folder: bool) -> tuple[str, Path]:
    """The name of the outlet and its file. Raises UsageError for what is taken or cannot be a name."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{url[:200]}: is no address; write it as https://outlet.example/article.")
    specs = load_outlets(settings.outlet_folders)
    host = fold_host(parts.hostname)
    owner = next((spec for spec in specs.values() if host in spec.all_hosts), None)
    if owner is not None:
        raise UsageError(
            f"{host}: belongs to {owner.name} already ({owner.file}); add a page of it as a case with "
            f"`watchfloor record URL-or-FILE --outlet {owner.name}`."
        )
    chosen_name = name or name_for(url)
    if not re.match(NAME_PATTERN, chosen_name):
        said = f"--name {name!r}" if name else f"{host}: makes no name"
        raise UsageError(f"{said}: name it with --name, two letters or more in lower case, digits, underscores.")
    if chosen_name in specs:
        raise UsageError(f"{chosen_name}: is taken by {specs[chosen_name].file}; choose another with --name.")
    in_checkout = CHECKOUT.is_dir() and CHECKOUT.parent.parent in (Path.cwd(), *Path.cwd().parents)
    folder = settings.outlet_folders[0 if in_checkout and not own_folder else -1]
    return chosen_name, folder / f"{chosen_name}.toml"


def _write(found: Found, *, name: str, target: Path, settings: Settings, now: datetime, steps: _Steps) -> NewOutlet:
    page = found.page
    html = decode(page.body, page.content_type)
    if html is None:
        raise UsageError(f"{page.url}: the bytes are no text in any charset named or detected; is it a page at all?")
    tree = LexborHTMLParser(html)
    meta = read_metadata(tree)
    home = home_for(tree, meta, url=page.url)
    owned = {host for spec in load_outlets(settings.outlet_folders).values() for host in spec.all_hosts}
    if fold_host(_host(home)) in owned:
        home = _home_of(page.url)  # the page's sub-domain is an outlet beside the one that is known
    plain = OutletSpec(name=name, title=title_for(meta, url=page.url), home=home, languages=(language_for(meta, None),))
    read = extract_article(page, spec=plain, now=now)
    if read.article is None:
        outcome = read.outcome or Outcome.NOT_ARTICLE
        raise NoPageError(f"{page.url}: is read as no article ({outcome.value}: {read.detail}); start from an article.")
    draft = _draft(found, html, meta, read.article, name=name, home=home, now=now)
    draft = _tried(draft, page, now=now)
    _tell(draft, steps)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(outlet_file(draft), encoding="utf-8")
    steps(f"Written   {target}")
    spec = read_outlet(target)
    recorded, problems = _case(page, spec, settings=settings, steps=steps)
    return NewOutlet(name, target, recorded, tuple(problems), tuple(steps.told))


def _draft(found: Found, html: str, meta: Metadata, article: Article, *, name: str, home: str, now: datetime) -> Draft:
    url = found.page.url
    samples = [lead.url for source in found.sources for lead in source.leads]
    language = language_for(meta, article)
    rules = propose_rules(html, article, now=now, languages=(language,))
    backlinks = propose_backlinks(html, article, url=url)
    hosts = {fold_host(urlsplit(source.url).hostname or "") for source in found.sources}
    ours = fold_host(urlsplit(url).hostname or "")
    unseen = () if found.sources else tuple(feed for feed in found.declared if fold_host(_host(feed)) == ours)
    elsewhere = [feed for feed in found.declared if fold_host(_host(feed)) != ours]
    return Draft(
        name=name,
        title=title_for(meta, url=url),
        home=home,
        country=country_for(url),
        language=language,
        hosts=tuple(sorted((hosts | {ours}) - {fold_host(_host(home))})),
        sources=found.sources,
        unseen_feeds=unseen,
        left_out=found.left_out,
        listing=not found.sources and not unseen,
        pattern=article_pattern(url, samples),
        given={field: rule for field in FIELDS if (rule := machine_rule(article, field))},
        rules=tuple(rule for rule in (*rules, *backlinks[:1]) if not rule.why_not),
        ideas=(*(rule for rule in rules if rule.why_not), *backlinks[1:]),
        per_week=articles_a_week(found.sources, now=now),
        notes=tuple(f"A feed on another host, which would need its host in `hosts`: {feed}" for feed in elsewhere[:2]),
    )


def _tried(draft: Draft, page: Page, *, now: datetime) -> Draft:
    """The draft with only those rules that give their field on its own page; the others become comments."""
    plain = OutletSpec.model_validate(tomllib.loads(outlet_file(replace(draft, rules=(), ideas=()))))
    before = extract_article(page, spec=plain, now=now).article
    kept: list[Proposal] = []
    ideas = list(draft.ideas)
    for rule in draft.rules:
        trial = replace(draft, rules=(rule,), ideas=())
        spec = OutletSpec.model_validate(tomllib.loads(outlet_file(trial)))
        article = extract_article(page, spec=spec, now=now).article
        if article is not None and _gives(article, rule.field, before=before):
            kept.append(rule)
        else:
            ideas.insert(0, replace(rule, why_not="it gave nothing on this page, or something else"))
    return replace(draft, rules=tuple(kept), ideas=tuple(ideas))


def _gives(article: Article, field: str, *, before: Article | None) -> bool:
    """Whether a rule gives its field: authors who were read without it stay the same, others look like names."""
    if field == "backlinks":
        return any(link.role.value == "backlink" for link in article.links)
    if field == "authors" and article.authors:
        if before is not None and before.authors:
            return set(article.authors) == set(before.authors)
        return all(len(name.split()) <= MOST_NAME_WORDS and not re.search(r"\d", name) for name in article.authors)
    value = getattr(article, field)
    return value.at is not None if field in ("published", "updated") else bool(value)


def _tell(draft: Draft, steps: _Steps) -> None:
    pattern = draft.pattern
    share = (
        f"; {pattern.matched} of {counted(pattern.samples, 'address', 'addresses')} found match"
        if pattern.samples
        else ""
    )
    steps(f"Articles  {', '.join(pattern.match)}{share}")
    if not pattern.certain:
        steps("          nothing in this address tells an article from a section: compare with a few others")
    for name, source in draft.given.items():
        steps(f"Given     {name}: {source}, so no rule is needed")
    for rule in draft.rules:
        steps(f"Rule      {rule.field} = {rule_text(rule)}, {_count(rule.matches, 'match')}: {rule.gives[:70]}")
    for idea in draft.ideas:
        steps(f"Comment   {idea.field} = {rule_text(idea)}, {_count(idea.matches, 'match')}: {idea.gives[:70]}")
    ruled = {rule.field for rule in draft.rules} | set(draft.given)
    missing = [field for field in FIELDS[:4] if field not in ruled]
    if missing:
        steps(f"No rule   {', '.join(missing)}: nothing on this page gives one for sure; the general reading is used")
    if "backlinks" not in ruled:
        steps("No rule   backlinks: no list behind the text is named or labelled as the outlet's own")


def _case(page: Page, spec: OutletSpec, *, settings: Settings, steps: _Steps) -> tuple[Recorded | None, list[str]]:
    """Record the case and run the outlet's test; it must fail for one reason only, that nobody has confirmed it."""
    folder = cases_folder_of(spec, settings)
    try:
        recorded = record_case(
            page,
            spec=spec,
            folder=folder,
            special="The page this outlet was made from.",
            max_page_s=settings.crawler.max_page_s,
        )
    except LeakError as error:
        return None, [str(error)]
    steps(f"Case      {recorded.folder}: {recorded.body_bytes / 1000:.0f} kB, the publisher's words replaced")
    problems = [f"The case is read differently from the page: {told}." for told in recorded.scrubbed.differences]
    for case in load_cases([folder], outlets=[spec.name]):
        failed = differences(case, spec, max_page_s=settings.crawler.max_page_s)
        others = sorted(set(failed) - {"confirmed"})
        problems += [f"The test of {case.name} fails for {', '.join(others)}."] if others else []
        passed = len(case.expected) - len(others)
        waits = ", and waits for you to confirm them" if "confirmed" in failed else ""
        steps(
            f"Test      {spec.name}/{case.name}: {passed} of {counted(len(case.expected), 'field')} as expected{waits}"
        )
    return recorded, problems


def _home_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _count(number: int, noun: str) -> str:
    plural = f"{noun}es" if noun.endswith(("s", "ch")) else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def sentences_after(done: NewOutlet) -> Sequence[str]:
    """Return what the person who ran it does next."""
    lines = [f"PROBLEM   {problem}" for problem in done.problems]
    if done.recorded is not None:
        lines += [
            "",
            "Now it is your turn:",
            f"  1. Compare {done.recorded.folder / 'expected.json'}",
            "     with page.html beside it: title, authors, dates, first and last paragraph, links and their roles.",
            '  2. Where they are right, set "confirmed" to true in it; where not, mend the rules and record it again.',
            f"  3. watchfloor outlets test {done.name}      the case, offline",
            f"  4. watchfloor outlets check {done.name}     a dry run, live",
            f"  5. Add a page that must be rejected: watchfloor record URL-or-FILE --outlet {done.name}",
        ]
    return lines
