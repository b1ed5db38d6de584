"""The articles of the demo as values, read from content/*.toml. All of it is invented. No HTML here."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from index.urls import slug_of

CONTENT = Path(__file__).with_name("content")
HOSTS = {
    "foremedia": "foremedia.example",
    "strait_herald": "www.straitherald.example",
    "courrier_sarn": "courrier-sarn.example",
}
SHORT = {"fm": "foremedia", "sh": "strait_herald", "cs": "courrier_sarn"}
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")

EDITS = {
    ("foremedia", "tarnov-refuses-radar-tapes"): (
        "Tarnov refuses radar tapes, then offers to play them once",
        'Judge Sorge called the offer "a courtesy, not evidence".',
        "On Saturday Tarnov offered to play the tapes once, in its embassy, to the judge alone. She has accepted.",
    ),
    ("courrier_sarn", "vess-capitale-des-couloirs"): (
        "Vess, capitale des couloirs et des bancs",
        "Un banc y a été ajouté.",
        "Trois bancs y ont été ajoutés depuis.",
    ),
}
"""What stage 2 edits: the new headline, and a beginning of a paragraph with the sentence that takes its place."""

MOVED = (
    "strait_herald",
    "freeze-of-2019-explained",
    "http://www.straitherald.example/archive/2024/freeze-of-2019-explained",
)
"""The article that stage 2 moves, and its new address."""

EDITED_AT = datetime(2024, 7, 16, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DemoArticle:
    """One article as written. `paragraphs` still hold their links as [words](target)."""

    outlet: str
    slug: str
    title: str
    authors: tuple[str, ...]
    paragraphs: tuple[str, ...]
    hubs: tuple[str, ...]
    found: str
    published: datetime | None
    updated: datetime | None
    paywalled: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class DemoOutlet:
    """One outlet: its articles in the order of the file, its hubs by label ("" for a label without address)."""

    name: str
    articles: tuple[DemoArticle, ...]
    hubs: dict[str, str]


@cache
def outlets(stage: int) -> dict[str, DemoOutlet]:
    """Return the three outlets as they are at stage 1 or 2."""
    found = {}
    for name in HOSTS:
        with (CONTENT / f"{name}.toml").open("rb") as file:
            raw = tomllib.load(file)
        articles = [_article(name, entry) for entry in raw["article"]]
        shown = [_at_stage(article, stage) for article in articles if stage == 2 or article.found != "stage2"]
        found[name] = DemoOutlet(name, tuple(shown), raw["hubs"])
    return found


def article_url(outlet: str, slug: str) -> str:
    """Return the address of an article at stage 1."""
    written = (article for stage in (1, 2) for article in outlets(stage)[outlet].articles)
    return next(article.url for article in written if article.slug == slug)


def hub_url(outlet: str, slug: str) -> str:
    """Return the address of a hub page."""
    folder = {"foremedia": "topics", "strait_herald": "topic", "courrier_sarn": "dossier"}[outlet]
    end = ".html" if outlet != "strait_herald" else "/"
    return f"http://{HOSTS[outlet]}/{folder}/{slug}{end}"


def target_url(target: str) -> str:
    """Return the address a link target means."""
    short, _, slug = target.partition(":")
    return article_url(SHORT[short], slug) if short in SHORT else target


def parts_of(paragraph: str) -> list[tuple[str, str | None]]:
    """Split a paragraph into (text, target or None) pieces."""
    pieces: list[tuple[str, str | None]] = []
    end = 0
    for found in _LINK.finditer(paragraph):
        pieces += [(paragraph[end : found.start()], None), (found.group(1), found.group(2))]
        end = found.end()
    return [*pieces, (paragraph[end:], None)]


def plain(paragraph: str) -> str:
    """Return a paragraph's text without its link targets."""
    return "".join(text for text, _ in parts_of(paragraph))


def labels_of(article: DemoArticle, outlet: DemoOutlet) -> list[tuple[str, str | None]]:
    """Return the related list of an article as (label, address or None)."""
    return [(label, hub_url(outlet.name, slug) if (slug := outlet.hubs[label]) else None) for label in article.hubs]


def _article(outlet: str, entry: dict[str, object]) -> DemoArticle:
    text = " ".join(str(entry["text"]).split(" ")).strip()
    paragraphs = tuple(" ".join(part.split()) for part in text.split("\n\n"))
    published, updated = _moment(entry.get("published")), _moment(entry.get("updated"))
    slug = str(entry["slug"])
    if slug_of(slug) != slug:
        raise ValueError(f"{outlet}: {slug!r} is no slug")
    return DemoArticle(
        outlet=outlet,
        slug=slug,
        title=str(entry["title"]),
        authors=tuple(map(str, _listed(entry["authors"]))),
        paragraphs=paragraphs,
        hubs=tuple(map(str, _listed(entry["hubs"]))),
        found=str(entry["found"]),
        published=published,
        updated=updated,
        paywalled=bool(entry.get("paywalled", False)),
        url=_url(outlet, slug, published or updated),
    )


def _at_stage(article: DemoArticle, stage: int) -> DemoArticle:
    if stage == 1:
        return article
    if (article.outlet, article.slug) == MOVED[:2]:
        return replace(article, url=MOVED[2])
    edit = EDITS.get((article.outlet, article.slug))
    if edit is None:
        return article
    title, old, new = edit
    if not any(old in paragraph for paragraph in article.paragraphs):
        raise ValueError(f"{article.slug}: the edit does not find {old!r}")
    paragraphs = tuple(paragraph.replace(old, new) for paragraph in article.paragraphs)
    return replace(article, title=title, paragraphs=paragraphs, updated=EDITED_AT)


def _url(outlet: str, slug: str, at: datetime | None) -> str:
    host = HOSTS[outlet]
    if outlet == "foremedia":
        day = at or EDITED_AT
        return f"http://{host}/{day:%Y/%m}/{slug}.html"
    return f"http://{host}/news/{slug}" if outlet == "strait_herald" else f"http://{host}/article/{slug}.html"


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(str(text).replace("Z", "+00:00")) if text else None


def _listed(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return value


def read_minutes(article: DemoArticle) -> int:
    """Return the read time a page states: at least two minutes."""
    return max(2, sum(len(part.split()) for part in article.paragraphs) // 60)


def changed_at(article: DemoArticle) -> datetime:
    """Return what sitemaps and headers call the article's last change."""
    moments = [moment for moment in (article.published, article.updated) if moment is not None]
    return max(moments) + timedelta(minutes=1)
