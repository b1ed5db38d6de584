"""What articles are about and name, as pages show it: security topics with their evidence, and names. No routes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from flask import current_app, request
from flask.typing import ResponseReturnValue

from config.topics import TopicRules, load_topics
from index.errors import NotFoundError
from index.records import Hub, JsonObject
from index.store import Transaction
from index.store.outlets import outlet_titles
from index.store.subjects import articles_of_topic, count_by_topic, names_of, topics_with_evidence
from index.subjects.values import ANY_TOPIC, NameFound
from web.shapes import article_json
from web.site import answer, page_number, refuse_page_behind_last, site

ARTICLES_PAGE = 25
RULES = "watchfloor topics"
KIND_LABELS = {
    "country": "Countries",
    "place": "Places",
    "organisation": "Organisations",
    "person": "People",
    "weapon": "Weapons",
    "treaty": "Treaties",
}
ARGUMENTS = {"country": "country", "person": "person", "organisation": "org", "place": "place"}
"""Kinds that /search can be narrowed to by an argument; the others go into the query."""

WORDS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class SubjectsShown:
    """The topics of an article with why, and its names by kind, each in the order it is shown."""

    topics: tuple[tuple[str, JsonObject], ...]
    names: Mapping[str, tuple[NameFound, ...]]


def topic_labels() -> dict[str, str]:
    """Return the label of every security topic, `security` among them, in the order of the rules."""
    return {ANY_TOPIC: "Security news"} | {slug: topic.label for slug, topic in _rules().topics.items()}


def is_topic(slug: str) -> bool:
    """Say whether a slug is a security topic."""
    return slug in topic_labels()


def topic_counts(tx: Transaction) -> dict[str, int]:
    """Return how many articles each security topic has, in the order of the rules; none left out."""
    counts = count_by_topic(tx)
    return {slug: counts.get(slug, 0) for slug in topic_labels()}


def chosen_topic() -> str:
    """Return the security topic that ?topic= names, "" for none. Raises NotFoundError for one that nobody has."""
    slug = request.args.get("topic", "").strip()
    if slug and not is_topic(slug):
        known = ", ".join(topic_labels())
        raise NotFoundError(f"There is no security topic {slug[:40]!r}; there are {known}.")
    return slug


def subjects_of(tx: Transaction, article_id: int) -> SubjectsShown:
    """Return what an article is about and names."""
    by_kind: defaultdict[str, list[NameFound]] = defaultdict(list)
    for name in names_of(tx, article_id):
        by_kind[name.kind].append(name)
    names = {kind: tuple(by_kind[kind]) for kind in KIND_LABELS if kind in by_kind}
    return SubjectsShown(tuple(topics_with_evidence(tx, article_id)), names)


def subjects_json(subjects: SubjectsShown) -> JsonObject:
    """Return topics with evidence and names as JSON."""
    return {
        "security_topics": [{"topic": slug, **why} for slug, why in subjects.topics],
        "names": {
            kind: [{"slug": name.slug, "label": name.label, "mentions": name.mentions} for name in names]
            for kind, names in subjects.names.items()
        },
    }


def topic_page(slug: str, hub: Hub | None) -> ResponseReturnValue:
    """Show a security topic and its articles, newest first; `hub` is an outlet's own topic of the same name."""
    page = page_number()
    with site().store.read() as tx:
        articles = articles_of_topic(tx, slug, limit=ARTICLES_PAGE + 1, offset=(page - 1) * ARTICLES_PAGE)
        titles = outlet_titles(tx)
        total = count_by_topic(tx).get(slug, 0)
    refuse_page_behind_last(page, articles)
    shown = articles[:ARTICLES_PAGE]
    topic = _rules().topics.get(slug)
    about = topic.about if topic is not None else "Every article that is about at least one of the security topics."
    data = {
        "slug": slug,
        "label": topic_labels()[slug],
        "about": about,
        "articles": total,
        "page": page,
        "latest": [article_json(article) for article in shown],
    }
    return answer(
        "security_topic.html",
        data,
        slug=slug,
        about=about,
        total=total,
        hub=hub,
        articles=shown,
        page=page,
        more=len(articles) > ARTICLES_PAGE,
        titles=titles,
        now=site().now(),
    )


def _rules() -> TopicRules:
    """The rules in force when the site was first asked; read once for an application."""
    kept = current_app.extensions
    if RULES not in kept:
        kept[RULES] = load_topics(site().settings.topics_file)
    found = kept[RULES]
    assert isinstance(found, TopicRules)
    return found
