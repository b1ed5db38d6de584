"""Completion as one types: what is suggested, as what, in which order, and what a key stroke may cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from index.completing import Completion, complete, starting_points
from index.records import Role
from index.search.memory_backend import MemoryBackend
from index.store import Store, open_store
from index.store.outlets import register_outlets
from index.store.subjects import save_subjects
from index.subjects.values import NameFound, Subjects
from index.sync import sync
from tests.factories import a_link, a_spec, an_article, register, save

TOPICS = {"security": "Security news", "war": "War and fighting"}
PERSON, COUNTRY = "person", "country"
MOST_STATEMENTS = 12


@dataclass
class Archive:
    """An archive of one engine, and completion over it."""

    store: Store
    backend: MemoryBackend
    now: datetime

    def asked(self, text: str) -> list[Completion]:
        return complete(self.store, self.backend, text, topics=TOPICS, now=self.now)

    def of(self, kind: str, text: str) -> list[str]:
        return [one.label for one in self.asked(text) if one.kind == kind]

    def queries(self, text: str) -> list[str]:
        return [one.query for one in self.asked(text)]


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Iterator[Archive]:
    from datetime import UTC

    from config.settings import load_settings

    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    settings = load_settings(environ={}, data={"dir": str(tmp_path_factory.mktemp("completing"))})
    store, backend = open_store(settings), MemoryBackend(settings=settings.search)
    register(store, now, "gazette", "herald")
    with store.write() as tx:
        register_outlets(tx, [a_spec("zuerich", title="Zürcher Zeitung"), a_spec("silent", title="Silent Zed")], now)
    day = timedelta(days=1)
    brief = (a_link(None, "Border Brief", Role.BACKLINK),)
    pages = [
        ("ports", "Ports of Osten closed", "gazette", 1, brief),
        ("ports2", "Ports of Osten still closed", "herald", 1, ()),
        ("pos", "Positions shelled near Osten", "zuerich", 2, ()),
        ("old", "Porcelain is found", "gazette", 200, ()),
        ("etat", "État d’urgence au Mali", "gazette", 3, ()),
        ("us", "U.S. posts a fleet", "gazette", 4, ()),
    ]
    for slug, title, outlet, age, links in pages:
        url = f"https://{outlet}.example/{slug}"
        text = f"{title}. The ports of Osten were closed on Friday, the minister said, and ships wait. {slug}"
        save(
            store,
            an_article(url=url, text=text, title=title, outlet=outlet, links=links, published_at=now - age * day),
            now,
        )
    sync(store, backend, settings=settings)
    putin = (PERSON, "vladimir-putin", "Vladimir Putin")
    named = {
        1: [putin, (COUNTRY, "kr", "South Korea"), (PERSON, "ana-porta", "Ana Porta")],
        2: [putin, (COUNTRY, "de", "Germany")],
        4: [(PERSON, "jo-porter", "Jo Porter"), ("organisation", "port-authority", "Port Authority")],
    }
    with store.write() as tx:
        save_subjects(tx, {key: Subjects((), tuple(NameFound(*row, 1) for row in rows)) for key, rows in named.items()})
    yield Archive(store, backend, now)
    store.close()


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("puti", 'person:"Vladimir Putin" '),
        ("vladimir p", 'person:"Vladimir Putin" '),
        ("ships vladimir pu", 'ships person:"Vladimir Putin" '),
        ("ships -puti", 'ships -person:"Vladimir Putin" '),
        ("+puti", '+person:"Vladimir Putin" '),
        ("ПУТИ", 'person:"Vladimir Putin" '),
        ("푸", 'person:"Vladimir Putin" '),
        ("بوت", 'person:"Vladimir Putin" '),
        ("普", 'person:"Vladimir Putin" '),
        ("south k", 'country:"South Korea" '),
        ("south ", 'country:"South Korea" '),
        ("Südk", 'country:"South Korea" '),
        ("sudk", 'country:"South Korea" '),
        ("ｓｏｕｔｈ", 'country:"South Korea" '),
        ("deuts", "country:Germany "),
        ("zurch", "outlet:zuerich "),
        ("zeit", "outlet:zuerich "),
        ("border b", "topic:border-brief "),
        ("war", "topic:war "),
        ("person:pu", 'person:"Vladimir Putin" '),
        ("ships person:pu", 'ships person:"Vladimir Putin" '),
        ('-country:"south k', '-country:"South Korea" '),
        ("country：“south k", 'country:"South Korea" '),
        ("(ships OR person:pu", '(ships OR person:"Vladimir Putin" '),
        ("site:her", "outlet:herald "),
        ("topic:bor", "topic:border-brief "),
        ("org:po", 'org:"Port Authority" '),
    ],
)
def test_a_beginning_becomes_a_field_of_the_query(text, query, archive):
    assert query in archive.queries(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "p",
        '"ports of o',
        "xyzzy",
        "links:https://a.example/po",
        "before:20",
        "colour:po",
        "x" * 201,
        "((",
        "de",
    ],
)
def test_what_is_no_beginning_of_a_name_suggests_none(text, archive):
    assert [one for one in archive.asked(text) if one.kind in (PERSON, COUNTRY, "outlet", "topic")] == []


def test_after_a_field_only_its_kind_is_suggested_and_what_is_hot_where_nothing_is_typed(archive):
    assert archive.of(PERSON, "person:") == ["Vladimir Putin", "Ana Porta", "Jo Porter"]
    assert {one.kind for one in archive.asked("person:p")} == {PERSON}
    assert archive.of("outlet", "outlet:") == ["Gazette", "Herald", "Zürcher Zeitung"]
    assert archive.of("topic", "topic:") == ["Security news", "War and fighting"]


def test_fresh_and_frequent_names_come_first(archive):
    assert archive.of(PERSON, "po") == ["Ana Porta", "Jo Porter"]
    assert [one.articles for one in archive.asked("putin")][:1] == [2]


def test_words_are_those_of_headlines_of_the_last_ninety_days_the_commonest_first(archive):
    assert archive.of("word", "po") == ["ports", "positions", "posts"]
    assert "osten ports " in archive.queries("osten po")
    assert archive.of("word", "porc") == []
    assert archive.of("word", "etat") == []
    assert archive.of("word", "éta") == ["état"]
    assert archive.of("word", "nothing po") == ["ports", "positions", "posts"]


def test_an_archive_that_has_ended_completes_from_its_own_last_days(archive):
    later = Archive(archive.store, archive.backend, archive.now + timedelta(days=3000))
    assert later.of("word", "po") == ["ports", "positions", "posts"]
    earlier = Archive(archive.store, archive.backend, archive.now - timedelta(days=150))
    assert earlier.of("word", "porc") == ["porcelain"]


def test_a_story_is_a_page_found_by_words_of_its_headline(archive):
    for text in ("osten clo", "ports of", "PORTS clos"):
        (story,) = (one for one in archive.asked(text) if one.kind == "story" and one.articles == 2)
        assert (story.query, story.label in ("Ports of Osten closed", "Ports of Osten still closed")) == ("", True)
    assert archive.of("story", "closed ost gazet") == []
    assert archive.of("story", "porc") == []


def test_nothing_typed_begins_with_names_that_several_articles_have_and_topics(archive):
    found = [(one.kind, one.label, one.query) for one in starting_points(archive.store, topics=TOPICS)]
    assert found[0] == (PERSON, "Vladimir Putin", 'person:"Vladimir Putin" ')
    assert [kind for kind, _, _ in found[1:]] == ["topic", "topic"]


@pytest.mark.parametrize(
    "text", ["po", "ships vladimir pu", "the ports of osten clo", "outlet:g", "topic:b", "a b c d e f"]
)
def test_a_key_stroke_asks_a_bounded_number_of_statements(text, archive):
    before = archive.store.statements
    archive.asked(text)
    assert archive.store.statements - before <= MOST_STATEMENTS


@limits(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40) | st.text(alphabet='po "+-():*%_OR\x00\u202e“：', max_size=20))
def test_any_beginning_has_an_answer(archive, text):
    found = archive.asked(text)
    assert len(found) <= 10
    for one in found:
        assert (one.story_id is None) == bool(one.query)


def test_a_suggested_query_means_what_it_says(archive):
    from config.settings import load_settings
    from index.search.query import Term, walk
    from index.search.query_parser import parse

    meant = {"puti": (PERSON, "vladimir-putin"), "south k": (COUNTRY, "kr"), "zeit": ("outlet", "zuerich")}
    meant |= {"jo por": (PERSON, "jo-porter"), "border b": ("topic", "border-brief")}
    for text, (field, value) in meant.items():
        root = parse(archive.asked(text)[0].query, limits=load_settings(environ={}).search).root
        assert Term(field, value) in list(walk(root))
