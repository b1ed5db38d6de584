"""The whole answer to `why URL`, for the command line and the site: what happened to an address, what comes, and what
would happen if a crawl came upon it now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from config.outlets import OutletSpec
from config.settings import Settings
from index.errors import NotFoundError
from index.hosts_told import delay_told
from index.records import Decision, JsonObject
from index.store import Transaction
from index.store.url_story import facts_of, story_of
from index.urls import canonical_url
from index.would_ask import Coming, Obstacle, coming, obstacles

MOST_URL_CHARS = 8192


@dataclass(frozen=True, slots=True)
class Why:
    """What is known of an address. `story` is in order, oldest first, empty where nothing is known (`nothing` says so).

    `verdict` says in one sentence whether a crawl would ask for it now; `obstacles` are the reasons against it.
    """

    url: str
    asked_at: datetime
    story: tuple[Decision, ...]
    coming: Coming
    obstacles: tuple[Obstacle, ...]
    verdict: str
    nothing: str = ""
    outlet: str = ""
    article_id: int | None = None
    host: str = ""


def why(tx: Transaction, url: str, *, settings: Settings, specs: Mapping[str, OutletSpec], now: datetime) -> Why:
    """Return everything about an address, in about twenty statements. Raises NotFoundError for what is no address."""
    asked = _whole(url)
    try:
        story, nothing = tuple(story_of(tx, asked)), ""
    except NotFoundError as error:
        story, nothing = (), str(error)
    facts = facts_of(tx, asked, specs, now=now)
    against = tuple(obstacles(facts, settings, now=now))
    spec = facts.spec
    host = facts.host.host if facts.host is not None else ""
    if against:
        verdict = f"A crawl would not ask for it now. {against[0].sentence}"
        if spec is not None and all(one.by_hand for one in against):
            verdict += f" `watchfloor crawl {spec.name} --url {asked}` would all the same."
    else:
        pace = f", {delay_told(facts.host)}" if facts.host is not None and facts.host.delay_s else ""
        verdict = f"A crawl of {spec.name if spec else 'its outlet'} would ask for it{pace}."
    return Why(
        asked,
        now,
        story,
        coming(facts, settings, now=now),
        against,
        verdict,
        nothing,
        spec.name if spec is not None else "",
        facts.article_id,
        host,
    )


def in_words(found: Why) -> list[str]:
    """Return the answer as lines for a terminal."""
    lines = [found.nothing] if found.nothing else []
    for one in found.story:
        what = one.outcome.value if one.outcome else one.what
        run = f" (run {one.run_id})" if one.run_id else ""
        lines.append(f"{one.at:%Y-%m-%d %H:%M:%S} UTC  {what:<18} {one.detail}{run}")
    lines.append(f"{'next':<25}{found.coming.sentence}")
    lines.append(f"{'now':<25}{found.verdict}")
    lines += [f"{'and':<25}{one.sentence}" for one in found.obstacles[1:]]
    return lines


def as_json(found: Why) -> list[JsonObject]:
    """Return the answer as JSON values: a list in order, at its end one entry `next` and one `now` for each reason.

    `at` of `next` is null where no instant is known.
    """
    told: list[JsonObject] = [
        {
            "url": one.url,
            "at": one.at.isoformat(),
            "what": one.what,
            "outcome": one.outcome.value if one.outcome else None,
            "detail": one.detail,
            "run_id": one.run_id,
        }
        for one in found.story
    ]
    at = found.coming.at
    ends: list[tuple[str, str | None, str | None, str]] = [
        ("next", None if at is None else at.isoformat(), None, found.coming.sentence)
    ]
    now = found.asked_at.isoformat()
    for number, one in enumerate(found.obstacles):
        ends.append(("now", now, one.outcome, found.verdict if number == 0 else one.sentence))
    if not found.obstacles:
        ends.append(("now", now, None, found.verdict))
    told += [
        {"url": found.url, "at": when, "what": what, "outcome": outcome, "detail": detail, "run_id": None}
        for what, when, outcome, detail in ends
    ]
    return told


def _whole(url: str) -> str:
    """Return the address as it is kept, or as it was given where it is none of the web (a urn:)."""
    given = url.strip()
    if not given or len(given) > MOST_URL_CHARS:
        raise NotFoundError(f"{given[:100] or 'Nothing'}: name one whole address, as https://outlet.example/article.")
    try:
        canonical_url(given)
    except ValueError:
        if not given.startswith("urn:"):
            raise NotFoundError(
                f"{given[:200]}: no whole address; write it with its https://, as the browser shows it."
            ) from None
    return given
