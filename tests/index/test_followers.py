"""All followers together: a batch costs so many statements, whatever its articles hold."""

from __future__ import annotations

from datetime import timedelta

from index.followers import all_followers
from index.following import follow
from index.store import open_store
from tests.factories import an_article, register, save

SAID = (
    "“The ports of {n} are closed,” said Ana Ruiz of the harbour office in Port {n}. Ships wait at Kyiv and Oslo.\n\n"
)


def statements_for(settings, number, now):
    store = open_store(settings)
    register(store, now)
    for one in range(number):
        text = "".join(SAID.format(n=f"Aru{one}{part}") for part in range(8))
        save(
            store,
            an_article(str(one), text, title=f"Port Aru{one} closed", published_at=now - timedelta(hours=one)),
            now,
        )
    follow(store, all_followers(settings)[:1])  # subjects: what it changes comes back as changes of their own
    before = store.statements
    for one in all_followers(settings):
        follow(store, [one], now=now)
    spent = store.statements - before
    store.close()
    return spent


def test_statements_of_a_batch_do_not_grow_with_its_articles(settings, now, tmp_path):
    few, many = (
        statements_for(
            settings.model_copy(update={"data": settings.data.model_copy(update={"dir": folder})}), number, now
        )
        for folder, number in ((tmp_path / "few", 5), (tmp_path / "many", 80))
    )
    assert many <= few + 5
    assert few <= 100
