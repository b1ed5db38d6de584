"""Links, seen from both ends, and the topic hubs that outlets' related lists name."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, func, insert, or_, select, update

from index.records import Hub, Link, Role, StoredArticle, StoredLink
from index.store.citations import change_counts, citing_link, counted, held_at, hosts_of_outlet, uncount_self
from index.store.columns import storable
from index.store.engine import Transaction
from index.store.furniture import as_learned
from index.store.link_checks import link_check
from index.store.story_tables import link_checks
from index.store.tables import (
    NAMES_HUB,
    addresses,
    articles,
    hubs,
    links,
)
from index.urls import host_of, slug_of
from index.wrapped import link_key, unwrapped

MAX_LINKS = 5000
"""Links kept of one article; a page with more is no article anybody reads."""

_MAX_CONTEXT_CHARS = 2000
_CHUNK = 400
_citing = articles.alias("citing")
_target = articles.alias("target")


def replace_links(
    tx: Transaction,
    article_id: int,
    found: Sequence[Link],
    *,
    outlet: str,
    revision: int,
    now: datetime,
    outlet_before: str | None = None,
) -> bool:
    """Make `found` the article's current links and say whether anything differs.

    A link that is still there keeps its row; one that is gone keeps its row with the last revision that had it.
    A label whose outlet changed (`outlet_before`: what it was) joins the hub of the new one. Targets held already are
    resolved at once, and the counts of what is cited follow. The number of statements does not grow with the number of
    links.
    """
    rows = _rows(tx, found[:MAX_LINKS], outlet=outlet)
    current = tx.execute(
        select(links).where(links.c.article_id == article_id, links.c.revision_to.is_(None)).order_by(links.c.position)
    ).all()
    held: dict[tuple[Any, ...], deque[Row[Any]]] = defaultdict(deque)
    for row in current:
        held[_identity(row._mapping)].append(row)
    fresh, moved = [], []
    for values in rows:
        same = held[_identity(values)]
        if not same:
            fresh.append({**values, "article_id": article_id, "revision_from": revision, "first_seen_at": now})
            continue
        row = same.popleft()  # a link that stands twice on the page has two rows, each matched once
        if (row.position, row.hub_id) != (values["position"], values["hub_id"]):
            moved.append({"held_id": row.id, "new_position": values["position"], "new_hub_id": values["hub_id"]})
    gone = [row for rest in held.values() for row in rest]
    _end(tx, gone, last_revision=revision - 1)
    if moved:
        statement = update(links).where(links.c.id == bindparam("held_id"))
        statement = statement.values(position=bindparam("new_position"), hub_id=bindparam("new_hub_id"))
        tx.execute(statement, moved)
    if fresh:
        tx.execute(insert(links), fresh)
    if fresh or gone or outlet_before not in (None, outlet):
        _count(tx, article_id, current, rows, outlet=outlet, outlet_before=outlet_before or outlet, now=now)
    return bool(fresh or gone)


def _count(
    tx: Transaction,
    article_id: int,
    before: Sequence[Row[Any]],
    after: Sequence[dict[str, Any]],
    *,
    outlet: str,
    outlet_before: str,
    now: datetime,
) -> None:
    listed = any(row.hub_id is not None and row.host for row in before) or any(
        values["hub_id"] is not None and values["host"] for values in after
    )
    own = hosts_of_outlet(tx, outlet) if listed else frozenset()  # asked only where a related list names addresses
    was_own = own if outlet == outlet_before or not listed else hosts_of_outlet(tx, outlet_before)
    change_counts(
        tx,
        counted((citing_link(row._mapping) for row in before), article_id=article_id, own_hosts=was_own),
        counted(map(citing_link, after), article_id=article_id, own_hosts=own),
        outlet_before=outlet_before,
        outlet=outlet,
        now=now,
    )


def _end(tx: Transaction, gone: Sequence[Row[Any]], *, last_revision: int) -> None:
    """Close links with the last revision that had them: one that came without a revision goes with its own."""
    by_last: dict[int, list[int]] = defaultdict(list)
    for row in gone:
        by_last[max(row.revision_from, last_revision)].append(row.id)
    for last, ids in by_last.items():
        for start in range(0, len(ids), _CHUNK):
            ended = update(links).where(links.c.id.in_(ids[start : start + _CHUNK]))
            tx.execute(ended.values(revision_to=last))


def resolve_links_to(tx: Transaction, article_id: int, keys: Sequence[str]) -> None:
    """Point every link to one of these addresses at the article that now holds them."""
    if keys:
        led = links.c.url_key.in_(list(keys))
        unresolved = or_(links.c.target_article_id.is_(None), links.c.target_article_id != article_id)
        uncount_self(tx, article_id, and_(led, unresolved))
        tx.execute(update(links).where(led, unresolved).values(target_article_id=article_id))
        held_at(tx, keys, article_id)


def references_of(
    tx: Transaction, article_id: int, *, limit: int = MAX_LINKS, offset: int = 0, but: Collection[Role] = ()
) -> list[StoredLink]:
    """Return the current links of an article in the order they stand on its page, those of some roles left out."""
    query = _stored_links().where(links.c.article_id == article_id).order_by(links.c.position, links.c.id)
    if but:
        query = query.where(links.c.role.not_in([role.value for role in but]))
    return [_stored_link(row) for row in tx.execute(query.limit(limit).offset(offset))]


def count_references(tx: Transaction, article_id: int, *, but: Collection[Role] = ()) -> int:
    """Return how many current links an article has, those of some roles left out."""
    query = (
        select(func.count()).select_from(links).where(links.c.article_id == article_id, links.c.revision_to.is_(None))
    )
    return int(tx.execute(query.where(links.c.role.not_in([role.value for role in but]))).scalar_one())


def backlinks_to(tx: Transaction, article_id: int, *, limit: int = 200, offset: int = 0) -> list[StoredLink]:
    """Return the current links of other articles to this one, newest citing article first."""
    query = (
        _stored_links()
        .where(links.c.target_article_id == article_id, links.c.article_id != article_id)
        .order_by(_citing.c.sort_at.desc(), links.c.id)
        .limit(limit)
        .offset(offset)
    )
    return [_stored_link(row) for row in tx.execute(query)]


def links_to_url(tx: Transaction, url: str, *, limit: int = 200, offset: int = 0) -> list[StoredLink]:
    """Return the current links to an address, held or not, newest citing article first.

    Of an article held, those to its other addresses too.
    """
    query = (
        _stored_links()
        .where(_leads_to(link_key(storable(url))))
        .order_by(_citing.c.sort_at.desc(), links.c.id)
        .limit(limit)
        .offset(offset)
    )
    return [_stored_link(row) for row in tx.execute(query)]


def ids_linking_to(tx: Transaction, url: str, *, limit: int | None = None) -> frozenset[int]:
    """Return the articles that link to an address, under whatever address of the same article; the newest `limit`."""
    query = select(links.c.article_id).where(links.c.revision_to.is_(None), _leads_to(link_key(storable(url))))
    query = query.distinct().order_by(links.c.article_id.desc()) if limit is not None else query.distinct()
    return frozenset(tx.execute(query.limit(limit)).scalars())


def ids_linked_from(tx: Transaction, url: str) -> frozenset[int]:
    """Return the articles held that the article at this address links to."""
    owner = select(addresses.c.article_id).where(addresses.c.url_key == link_key(storable(url))).scalar_subquery()
    query = select(links.c.target_article_id).where(
        links.c.article_id == owner, links.c.revision_to.is_(None), links.c.target_article_id.is_not(None)
    )
    return frozenset(tx.execute(query.distinct()).scalars())


def hubs_by_citers(tx: Transaction, *, limit: int = 50, offset: int = 0) -> list[Hub]:
    """Return the hubs most articles point at."""
    return [_hub(row) for row in tx.execute(_hubs().limit(limit).offset(offset))]


def get_hub(tx: Transaction, slug: str, outlet: str | None = None) -> Hub | None:
    """Return a hub by slug: that of one outlet, or the one most articles point at."""
    which = [hubs.c.slug == slug]
    if outlet is not None:
        which.append(hubs.c.outlet == outlet)
    row = tx.execute(_hubs(*which).limit(1)).first()
    return None if row is None else _hub(row)


def articles_of_hub(
    tx: Transaction, slug: str, *, outlet: str | None = None, limit: int = 50, offset: int = 0
) -> list[StoredArticle]:
    """Return the articles whose related list names a hub, newest first, without their text."""
    from index.store.articles import articles_by_id  # which needs the counts of this module's table

    query = (
        select(articles.c.id)
        .join(links, and_(links.c.article_id == articles.c.id, links.c.revision_to.is_(None)))
        .join(hubs, hubs.c.id == links.c.hub_id)
        .where(hubs.c.slug == slug)
        .group_by(articles.c.id, articles.c.sort_at)
        .order_by(articles.c.sort_at.desc(), articles.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    if outlet is not None:
        query = query.where(hubs.c.outlet == outlet)
    ids = list(tx.execute(query).scalars())
    found = articles_by_id(tx, ids)
    return [found[article_id] for article_id in ids if article_id in found]


def hub_labels(tx: Transaction, slugs: Collection[str]) -> dict[str, str]:
    """Return the label of each slug as its outlets write it; one statement."""
    query = select(hubs.c.slug, func.min(hubs.c.label)).where(hubs.c.slug.in_(sorted(set(slugs))))
    return dict(tx.execute(query.group_by(hubs.c.slug)).all()) if slugs else {}


def _hubs(*which: Any) -> Select[Any]:
    """Hubs that current links name, with the number of articles that do; most first."""
    counts = select(links.c.hub_id, func.count(links.c.article_id.distinct()).label("citers")).where(NAMES_HUB)
    if which:
        counts = counts.where(links.c.hub_id.in_(select(hubs.c.id).where(*which)))
    found = counts.group_by(links.c.hub_id).subquery()
    query = select(hubs, found.c.citers).join(found, found.c.hub_id == hubs.c.id)
    return query.order_by(found.c.citers.desc(), hubs.c.slug, hubs.c.id)


def _hub(row: Row[Any]) -> Hub:
    return Hub(row.slug, row.label, row.outlet or None, row.url, row.citers)


def _leads_to(key: str) -> Any:
    """Links to this address or to another of the article that has it; the second is a look-up by a known id."""
    owner = select(addresses.c.article_id).where(addresses.c.url_key == key).scalar_subquery()
    return or_(links.c.url_key == key, links.c.target_article_id == owner)


def _identity(row: Any) -> tuple[Any, ...]:
    return (row["url_key"], row["text"], row["role"], row["context"])


def _rows(tx: Transaction, found: Sequence[Link], *, outlet: str) -> list[dict[str, Any]]:
    keys = {link.url: link_key(storable(link.url)) for link in found if link.url}
    targets = _targets(tx, sorted(set(keys.values())))
    hub_ids = _hub_ids(tx, [link for link in found if link.role is Role.BACKLINK], outlet=outlet)
    return [
        {
            "position": number,
            "url": storable(link.url) if link.url else None,
            "url_key": keys.get(link.url) if link.url else None,
            "host": host_of(unwrapped(link.url)) if link.url else None,
            "text": storable(link.text)[:1000],
            "role": link.role.value,
            "context": storable(link.context)[:_MAX_CONTEXT_CHARS],
            "target_article_id": targets.get(keys[link.url]) if link.url else None,
            "hub_id": hub_ids.get(slug_of(link.text)) if link.role is Role.BACKLINK else None,
        }
        for number, link in enumerate(as_learned(tx, outlet, found))
    ]


def _targets(tx: Transaction, keys: Sequence[str]) -> dict[str, int]:
    targets: dict[str, int] = {}
    for start in range(0, len(keys), _CHUNK):
        query = select(addresses.c.url_key, addresses.c.article_id)
        for row in tx.execute(query.where(addresses.c.url_key.in_(keys[start : start + _CHUNK]))):
            targets[row.url_key] = row.article_id
    return targets


def _hub_ids(tx: Transaction, named: Sequence[Link], *, outlet: str) -> dict[str, int]:
    """Return the hubs these labels name, made on first need; a label that comes with an address gives it to its hub."""
    labels = {slug_of(link.text): link for link in named if slug_of(link.text)}
    if not labels:
        return {}
    query = select(hubs).where(hubs.c.outlet == outlet, hubs.c.slug.in_(list(labels)))
    held = {row.slug: row for row in tx.execute(query)}
    ids = {slug: row.id for slug, row in held.items()}
    for slug, link in labels.items():
        url = storable(link.url) if link.url else None
        if slug not in held:
            values = {"outlet": outlet, "slug": slug, "label": storable(link.text)[:500], "url": url}
            ids[slug] = tx.execute(insert(hubs).values(values).returning(hubs.c.id)).scalar_one()
        elif url and held[slug].url != url:
            tx.execute(update(hubs).where(hubs.c.id == held[slug].id).values(url=url))
    return ids


def _stored_links() -> Select[Any]:
    return (
        select(
            links,
            hubs.c.slug.label("hub_slug"),
            hubs.c.outlet.label("hub_outlet"),
            _citing.c.title.label("citing_title"),
            _citing.c.outlet.label("citing_outlet"),
            _citing.c.sort_at.label("citing_at"),
            _target.c.title.label("target_title"),
            _target.c.outlet.label("target_outlet"),
            link_checks.c.state,
            link_checks.c.since,
            link_checks.c.checked_at,
            link_checks.c.status,
            link_checks.c.leads_to,
        )
        .join(_citing, _citing.c.id == links.c.article_id)
        .join(_target, _target.c.id == links.c.target_article_id, isouter=True)
        .join(hubs, hubs.c.id == links.c.hub_id, isouter=True)
        .join(link_checks, link_checks.c.url_key == links.c.url_key, isouter=True)
        .where(links.c.revision_to.is_(None))
    )


def _stored_link(row: Row[Any]) -> StoredLink:
    return StoredLink(
        id=row.id,
        article_id=row.article_id,
        position=row.position,
        url=row.url,
        text=row.text,
        role=Role(row.role),
        context=row.context,
        target_article_id=row.target_article_id,
        hub_slug=row.hub_slug,
        hub_outlet=row.hub_outlet,
        article_title=row.citing_title,
        article_outlet=row.citing_outlet,
        article_at=row.citing_at,
        target_title=row.target_title or "",
        target_outlet=row.target_outlet or "",
        check=link_check(row) if row.state is not None else None,
        meant=meant if row.url and (meant := unwrapped(row.url)) != row.url else None,
    )
