"""What a perfect crawl of the demo site finds, as a file, and how far a crawl that was made agrees with it.

`truth.json` is written from the content files by `python -m crawler.demo.truth`, without any of the crawler's code;
a test holds the two together.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from config.counting import counted
from crawler.demo.content_files import (
    EDITS,
    HOSTS,
    MOVED,
    DemoArticle,
    article_url,
    labels_of,
    outlets,
    parts_of,
    target_url,
)
from crawler.demo.site import TRAP_SLUG, trap_links
from index.records import Role, StoredArticle, StoredLink
from index.store import Store
from index.store.articles import article_by_url, articles_by_id, revisions_of
from index.store.changes import held
from index.store.decisions import decisions_about
from index.store.hubs import wanted
from index.store.links import references_of
from index.urls import url_key

FILE = Path(__file__).with_name("truth.json")
MOST_WANTED = 1000


@dataclass(slots=True)
class Comparison:
    """Counts of what was expected and found; `faults` names every difference in a sentence."""

    articles: int = 0
    articles_found: int = 0
    links: int = 0
    links_found: int = 0
    wrong_role: int = 0
    revisions: int = 0
    revisions_found: int = 0
    faults: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the counts in the shape that `watchfloor demo --json` prints."""
        return {
            "articles": {"expected": self.articles, "found": self.articles_found},
            "links": {"expected": self.links, "found": self.links_found, "wrong_role": self.wrong_role},
            "revisions": {"expected": self.revisions, "found": self.revisions_found},
        }


def truth_from_content() -> dict[str, Any]:
    """Return the truth as the content files have it: the site at stage 2, after its edits and its move."""
    found = outlets(2)
    articles = [_article(article) for outlet in found.values() for article in outlet.articles]
    foremedia = f"http://{HOSTS['foremedia']}"
    elsewhere = {
        link["url"]
        for article in articles
        for link in article["links"]
        if link["url"] and not any(f"//{host}/" in link["url"] for host in HOSTS.values())
    }
    return {
        "articles": articles,
        "moved": [{"from": article_url(*MOVED[:2]), "to": MOVED[2]}],
        "outcomes": {
            f"{foremedia}/calendar/2024/06.html": "trap",
            f"{foremedia}/private/annex-to-the-indictment.html": "robots_denied",
            f"{foremedia}/2024/05/withdrawn-note-on-the-strait.html": "gone",
            f"{foremedia}/2024/05/an-old-report-that-is-gone.html": "gone",
            f"{foremedia}/members/dossier": "login_wall",
            f"{foremedia}/r/1001": "duplicate",
            article_url("strait_herald", "mine-that-was-a-fridge"): "paywalled_stub",
        },
        "wanted": sorted(elsewhere),
    }


def _article(article: DemoArticle) -> dict[str, Any]:
    outlet = outlets(2)[article.outlet]
    inline = [(words, target_url(to)) for part in article.paragraphs for words, to in parts_of(part) if to]
    if article.slug == TRAP_SLUG:
        inline += trap_links()
    links: list[dict[str, str | None]] = [{"url": url, "text": words, "role": _role(url)} for words, url in inline]
    links += [{"url": url, "text": label, "role": "backlink"} for label, url in labels_of(article, outlet)]
    return {
        "url": article.url,
        "outlet": article.outlet,
        "title": article.title,
        "authors": list(article.authors),
        "published_at": article.published.isoformat() if article.published else None,
        "revisions": 2 if (article.outlet, article.slug) in EDITS else 1,
        "links": links,
    }


def _role(url: str) -> str:
    return "source" if url.endswith(".pdf") else "inline"


def load_truth() -> dict[str, Any]:
    """Return the truth as the file has it."""
    truth: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return truth


def compare(store: Store, truth: dict[str, Any]) -> Comparison:
    """Compare what the store holds with the truth, article by article and link by link."""
    result = Comparison()
    with store.read() as tx:
        expected_ids = set()
        for expected in truth["articles"]:
            result.articles += 1
            result.links += len(expected["links"])
            result.revisions += expected["revisions"] - 1
            article = article_by_url(tx, expected["url"])
            if article is None:
                result.faults.append(f"{expected['url']}: not found.")
                continue
            expected_ids.add(article.id)
            result.articles_found += 1
            _compare_fields(expected, article, result)
            states = len(revisions_of(tx, article.id))
            result.revisions_found += min(states, expected["revisions"]) - 1
            if states != expected["revisions"]:
                result.faults.append(f"{expected['url']}: {counted(states, 'revision')}, not {expected['revisions']}.")
            _compare_links(expected, references_of(tx, article.id), result)
        extra = {article_id for article_id, _ in held(tx)} - expected_ids
        result.faults += [
            f"{row.canonical_url}: is no article of the demo." for row in articles_by_id(tx, extra).values()
        ]
        for pair in truth["moved"]:
            old, new = article_by_url(tx, pair["from"]), article_by_url(tx, pair["to"])
            if old is None or new is None or old.id != new.id:
                result.faults.append(f"{pair['from']} and {pair['to']}: not one article.")
        for url, outcome in truth["outcomes"].items():
            ended = {decision.outcome for decision in decisions_about(tx, url) if decision.outcome is not None}
            if outcome not in ended:
                result.faults.append(f"{url}: ended as {sorted(ended)}, not {outcome}.")
        listed = {url_key(one.url) for one in wanted(tx, limit=MOST_WANTED)}
        result.faults += [f"{url}: is not on the wanted list." for url in truth["wanted"] if url_key(url) not in listed]
    return result


def _compare_fields(expected: dict[str, Any], article: StoredArticle, result: Comparison) -> None:
    for name, value in (
        ("title", article.title),
        ("authors", list(article.authors)),
        ("outlet", article.outlet),
        ("url", article.canonical_url),
    ):
        if value != expected[name]:
            result.faults.append(f"{expected['url']}: {name} is {value!r}, not {expected[name]!r}.")
    published = article.published.at
    wanted_at = expected["published_at"]
    if (published.timestamp() if published else None) != (
        datetime.fromisoformat(wanted_at).timestamp() if wanted_at else None
    ):
        result.faults.append(f"{expected['url']}: published_at is {published}, not {wanted_at}.")


def _compare_links(expected: dict[str, Any], found: list[StoredLink], result: Comparison) -> None:
    """Count expected links by address and words; what is stored beyond them, but for furniture, has a wrong role."""
    stored: Counter[tuple[str, str, str]] = Counter(
        (url_key(link.url) if link.url else "", link.text, link.role.value) for link in found
    )
    for link in expected["links"]:
        key = url_key(link["url"]) if link["url"] else ""
        right = (key, link["text"], link["role"])
        if stored[right] > 0:
            stored[right] -= 1
            result.links_found += 1
            continue
        other = next((name for name in stored if name[:2] == right[:2] and stored[name] > 0), None)
        if other is None:
            result.faults.append(f"{expected['url']}: link to {link['url'] or link['text']} not found.")
            continue
        stored[other] -= 1
        result.links_found += 1
        result.wrong_role += 1
        result.faults.append(f"{expected['url']}: link to {link['url']} has role {other[2]}, not {link['role']}.")
    for (key, text, role), number in stored.items():
        if number > 0 and role != Role.FURNITURE:
            result.wrong_role += number
            result.faults.append(f"{expected['url']}: link {text!r} to {key} is no {role} link of the article.")


def write_truth() -> None:
    """Write the file anew."""
    FILE.write_text(json.dumps(truth_from_content(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_truth()
