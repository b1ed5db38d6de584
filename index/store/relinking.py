"""Reading all stored links anew: the address each means, the article it leads to, the counts of what is cited."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, func, select, update

from index.store.citations import recount_all
from index.store.columns import storable
from index.store.engine import Store
from index.store.rekeying import rekey
from index.store.tables import addresses, links
from index.urls import host_of
from index.wrapped import link_key, unwrapped

_CHUNK = 400


@dataclass(frozen=True, slots=True)
class Relinked:
    """How many links have an address, lead through another one, lead to an article held; what was changed, and how
    many other rows (addresses, pages, leads) have a new key."""

    links: int
    wrapped: int
    resolved: int
    changed: int
    cited: int
    rekeyed: int = 0


def relink(store: Store) -> Relinked:
    """Bring every link to today's rules (config/link_wrappers.toml), a batch in a transaction, then count anew.

    Killed at any moment it can be repeated; nothing differs where the rules are those the links were stored by.
    """
    rekeyed = rekey(store)
    last = number = wrapped = changed = 0
    while True:
        with store.write() as tx:
            query = select(links.c.id, links.c.url, links.c.url_key, links.c.host, links.c.target_article_id)
            query = query.where(links.c.id > last, links.c.url.is_not(None)).order_by(links.c.id).limit(_CHUNK)
            rows = tx.execute(query).all()
            if not rows:
                break
            last = rows[-1].id
            number += len(rows)
            meant = {row.id: unwrapped(row.url) for row in rows}
            keys = {row.id: link_key(storable(row.url)) for row in rows}
            wrapped += sum(meant[row.id] != row.url for row in rows)
            owned = select(addresses.c.url_key, addresses.c.article_id)
            owners = dict(tx.execute(owned.where(addresses.c.url_key.in_(sorted(set(keys.values()))))).all())
            better = [
                {"held_id": row.id, "new_key": keys[row.id], "new_host": host, "new_target": owners.get(keys[row.id])}
                for row in rows
                if (row.url_key, row.host, row.target_article_id)
                != (keys[row.id], host := host_of(meant[row.id]), owners.get(keys[row.id]))
            ]
            changed += len(better)
            if better:
                statement = update(links).where(links.c.id == bindparam("held_id"))
                statement = statement.values(url_key=bindparam("new_key"), host=bindparam("new_host"))
                tx.execute(statement.values(target_article_id=bindparam("new_target")), better)
    with store.write() as tx:
        cited = recount_all(tx)
        led = select(func.count()).select_from(links).where(links.c.target_article_id.is_not(None))
        resolved = int(tx.execute(led).scalar_one())
    return Relinked(links=number, wrapped=wrapped, resolved=resolved, changed=changed, cited=cited, rekeyed=rekeyed)
