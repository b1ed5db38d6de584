"""Questions as people and their devices write them: marks of all styles, capitals, pasted headlines and addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from config.settings import load_settings
from index.find import ResultPage, find_articles
from index.records import Role
from index.search.memory_backend import MemoryBackend
from index.search.query_marks import plain_marks
from index.search.query_parser import parse
from index.store import open_store
from index.store.changes import documents_for
from index.store.outlets import register_outlets
from index.store.subjects import save_subjects
from index.subjects.values import NameFound, Subjects
from index.sync import sync
from tests.factories import a_link, a_spec, an_article, save

LIMITS = load_settings(environ={}).search
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PAPER = "https://papers.example/treaty.pdf"

Ask = Callable[..., ResultPage]


@pytest.fixture(scope="module")
def ask(tmp_path_factory) -> Iterator[Ask]:
    settings = load_settings(environ={}, data={"dir": str(tmp_path_factory.mktemp("typed"))})
    store, backend = open_store(settings), MemoryBackend(settings=settings.search)
    titles = {
        "herald": "Morning Herald",
        "evening_herald": "Evening Herald",
        "zeitung": "Süd Zeitung",
        "gazette": "Gazette",
    }
    with store.write() as tx:
        register_outlets(tx, [a_spec(name, title=title) for name, title in titles.items()], NOW)
    links = (a_link(PAPER, "the treaty", Role.SOURCE), a_link("https://gazette.example/convoy", "the Gazette"))
    for number, (slug, outlet, title, text, more) in enumerate(
        [
            ("talks", "herald", "Border talks resume in Osten", "The WHO and the U.S. sent envoys.", {"links": links}),
            ("trade", "evening_herald", "Japanese trade grows", "Trading in Japan went on; nobody told us who.", {}),
            ("grenze", "zeitung", "Grenze geschlossen", "Die Grenze bleibt zu.", {"language": "de"}),
            ("convoy", "gazette", "Convoy leaves", "A convoy of ships left the border.", {"authors": ("Ana Ruiz",)}),
        ]
    ):
        url = f"https://{outlet}.example/{slug}"
        article = an_article(url=url, outlet=outlet, title=title, text=text, **more)
        save(store, article, NOW - timedelta(days=40 * number))
    named = {1: [("person", "ola-tarkova"), ("place", "new-osten")], 4: [("person", "ana-tarkova")]}
    sync(store, backend, settings=settings)
    with store.write() as tx:
        save_subjects(
            tx,
            {
                key: Subjects((), tuple(NameFound(*name, name[1].replace("-", " ").title(), 1) for name in some))
                for key, some in named.items()
            },
        )
    with store.read() as tx:
        backend.apply(documents_for(tx, list(named)), (), backend.position())

    def asked(text: str, **given: object) -> ResultPage:
        return find_articles(store, backend, text, settings=settings, now=NOW, **given)  # type: ignore[arg-type]

    yield asked
    store.close()


def outlets(found: ResultPage) -> set[str]:
    return {hit.article.outlet for hit in found.hits}


@pytest.mark.parametrize(
    "quoted",
    [
        *('"border talks"', "“border talks”", "„border talks“", "„border talks”", "”border talks”", "«border talks»"),
        *(
            "« border talks »",
            "»border talks«",
            "‹border talks›",
            "「border talks」",
            "『border talks』",
            "〝border talks〟",
        ),
        *(
            "＂border talks＂",
            "″border talks″",
            "''border talks''",
            "``border talks''",
            "‘‘border talks’’",
            "‟border talks”",
        ),
    ],
)
def test_quotes_of_all_styles_demand_a_phrase(quoted, ask):
    assert parse(quoted, limits=LIMITS).parsed == '"border talks"'
    assert outlets(ask(quoted)) == {"herald"}


@pytest.mark.parametrize("typed", ["'border talks'", "‘border talks’", "“border talks", "border talks”", "don’t go"])
def test_single_quotes_and_quotes_without_a_partner_demand_nothing(typed):
    assert '"' not in parse(typed, limits=LIMITS).parsed


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("ships −convoy", "ships -convoy"),
        ("ships ‑convoy", "ships -convoy"),
        ("ships ‐convoy", "ships -convoy"),
        ("ships －convoy", "ships -convoy"),
        ("ships –convoy", "ships convoy"),
        ("—dijo el ministro—", "dijo el ministro"),
        ("＋ships convoy", "+ships convoy"),
        ("ｔｉｔｌｅ：ｓｈｉｐｓ", "title:ships"),
        ("ships\u3000ＯＲ\u3000convoy", "ships OR convoy"),
        ("（ships ＯＲ convoy） border", "(ships OR convoy) border"),
    ],
)
def test_signs_of_other_keyboards_mean_what_they_look_like(typed, plain):
    assert parse(typed, limits=LIMITS) == parse(typed, limits=LIMITS)
    assert parse(typed, limits=LIMITS).root == parse(plain, limits=LIMITS).root
    assert len(plain_marks(typed)) == len(typed)


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("KENNEDY ADMINISTRATION PRESSURE ON DIEM", "kennedy administration pressure on diem"),
        ("JAPAN TRADE", "japan trade"),
        ("WHO SHOT KENNEDY", "who shot kennedy"),
        ("IRAN TALKS FAIL", "iran talks fail"),
        ("PRICES TO RISE AGAIN IN EGYPT | Courier", "prices to rise again in egypt Courier"),
    ],
)
def test_headlines_in_capitals_are_plain_words(typed, plain):
    assert parse(typed, limits=LIMITS).root == parse(plain, limits=LIMITS).root


@pytest.mark.parametrize(
    "typed", ["US", "WHO", "UNHCR", "NATO EU", "US JAPAN", "AUKUS talks", "NATO GPS UK", "US JAPAN TRADE"]
)
def test_names_in_capitals_stay_exact(typed):
    first = typed.split()[0]
    from index.search.query import Word, walk

    assert Word(first, exact=True) in list(walk(parse(typed, limits=LIMITS).root))


def test_capitals_tell_the_name_from_the_word(ask):
    assert outlets(ask("WHO")) == {"herald"}
    assert outlets(ask("US")) == outlets(ask("U.S.")) == outlets(ask("USA")) == {"herald"}
    assert outlets(ask("JAPAN TRADE")) == {"evening_herald"}


@pytest.mark.parametrize(
    "typed",
    [
        "Border talks resume in Osten - Morning Herald",
        "Border talks resume in Osten | World news | The Herald",
        "BORDER TALKS RESUME IN OSTEN",
        "border talks resume in osten…",
        "“Border talks resume in Osten”",
        "What is known about the talks at the border that were resumed in Osten, and who concerning them said what?",
    ],
)
def test_a_pasted_headline_finds_its_article_first(typed, ask):
    assert ask(typed).hits[0].article.outlet == "herald"


@pytest.mark.parametrize(
    ("typed", "found", "note"),
    [
        ("https://herald.example/talks", {"herald"}, "the article at the address"),
        ("https://herald.example/talks?utm_source=x", {"herald"}, "the article at the address"),
        ("www.herald.example/talks.", {"herald"}, "the article at the address"),
        (PAPER, {"herald"}, "these cite it"),
        ("https://other.example/2026/convoy-of-ships-98.html", {"gazette"}, "words of the address"),
        ("https://other.example/", set(), "none cites it"),
        ("convoy -https://gazette.example/convoy", set(), ""),
    ],
)
def test_a_pasted_address_finds_its_article_or_who_cites_it(typed, found, note, ask):
    answer = ask(typed)
    assert outlets(answer) == found
    assert not note or any(note in one for one in answer.notes)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (f"links:{PAPER}", {"herald"}),
        ("links:https://gazette.example/convoy", {"herald"}),
        ("linkedfrom:https://herald.example/talks", {"gazette"}),
        ("near:https://gazette.example/convoy", {"herald"}),
        ("outlet:herald", {"herald"}),
        ("site:herald.example", {"herald"}),
        ("source:HERALD.example/politics", {"herald"}),
        ('outlet:"Morning Herald"', {"herald"}),
        ('outlet:"sud zeitung"', {"zeitung"}),
        ("outlet:evening", {"evening_herald"}),
        ("outlet:Zeitung", {"zeitung"}),
        ("-outlet:zeitung -outlet:gazette", {"herald", "evening_herald"}),
        ("outlet:herald OR outlet:gazette", {"herald", "gazette"}),
        ("lang:de", {"zeitung"}),
        ("lang:German", {"zeitung"}),
        ("language:deutsch", {"zeitung"}),
        ("author:ruiz", {"gazette"}),
        ("person:tarkova", {"herald", "gazette"}),
        ('person:"ana tarkova"', {"gazette"}),
        ("person:ana", {"gazette"}),
        ("-person:ola lang:en", {"evening_herald", "gazette"}),
        ("person:tark", set()),
        ("place:osten", {"herald"}),
        ('author:"Ana Ruiz"', {"gazette"}),
        ("after:2026-10-20", {"herald"}),
        ("after:2026/10/20", {"herald"}),
        ("after:2026.10.1 before:2026-11", {"evening_herald"}),
        ("before:2026-8", {"gazette"}),
    ],
)
def test_fields_by_what_readers_call_things(typed, found, ask):
    answer = ask(typed, relax=False)
    assert outlets(answer) == found


@pytest.mark.parametrize(
    ("typed", "note"),
    [
        ("outlet:nosuch", "There is no outlet 'nosuch'"),
        ("outlet:evening", "is read as Evening Herald."),
        ("lang:xx", "No article held has lang:xx."),
        ("topic:nosuch convoy", "No article held has topic:nosuch."),
        ("author:nobody convoy", "No article held has author:nobody."),
        ("links:https://nobody.example/a", "No article held links to https://nobody.example/a."),
        ("linkedfrom:https://nobody.example/a", "No article held is linked from"),
        ("near:https://nobody.example/a", "No article held is linked with"),
        ("story:9999", "There is no story 9999"),
        ("person:nobody", "No article held names the person nobody."),
        ("country:france", "No article held names the country France."),
        ("person:tarkova", "person:tarkova is read as Ola Tarkova, Ana Tarkova."),
        ("👍", "every article is shown"),
        ('"..."', "every article is shown"),
        ("ships AND convoy", "AND is no operator"),
        ("ships NOT convoy", "NOT is no operator"),
        ('"convoy of shi*"', "A star inside quotes"),
        ("sh*", "A star needs three letters"),
        ("colour:red convoy", "There is no field colour"),
        ("after:tomorrow convoy", "takes a year, a month or a day"),
    ],
)
def test_what_means_nothing_here_is_said(typed, note, ask):
    assert any(note in one for one in ask(typed).notes)


@pytest.mark.parametrize(
    "typed", ["ships and convoy", "北*", "AND THEN THE SHIPS DID NOT LEAVE", "NOT", "+AND", "convoy OR border"]
)
def test_nothing_is_said_where_nothing_is_wrong(typed, ask):
    assert ask(typed).notes == ()


@pytest.mark.parametrize(
    ("typed", "found", "relaxed"),
    [
        ("outlet:gazette pineapple", {"gazette"}, "pineapple"),
        ("outlet:gazette pineapple -trade", {"gazette"}, "pineapple"),
        ("outlet:nosuch convoy", {"gazette"}, "outlet:nosuch"),
        ("story:9999 convoy", {"gazette"}, "story:9999"),
        ("links:https://nobody.example/a convoy", {"gazette"}, "links:https://nobody.example/a"),
        ("said:nobody convoy", {"gazette"}, "said:nobody"),
        ('"convoy of planes"', {"gazette"}, '"convoy of planes"'),
        ("+convoy +pineapple", {"gazette"}, "pineapple"),
        ("convoy after:2026-11-20", {"gazette"}, "after:2026-11-20"),
        ("outlet:zeitung convoy", {"gazette"}, "outlet:zeitung"),
        ("outlet:nosuch pineapple", set(), None),
        ("outlet:nosuch OR outlet:other convoy", {"gazette"}, "(outlet:nosuch OR outlet:other)"),
        ("outlet:evening OR outlet:zeitung convoy", {"gazette"}, "(outlet:evening_herald OR outlet:zeitung)"),
        ("after:2027 convoy", {"gazette"}, "after:2027-01-01"),
    ],
)
def test_what_nothing_meets_is_dropped_and_named(typed, found, relaxed, ask):
    answer = ask(typed)
    assert answer.relaxed == relaxed
    assert found <= outlets(answer)
    assert ask(typed, relax=False).total == 0


def test_a_question_of_many_unknown_things_is_told_of_some(ask):
    answer = ask(" ".join(f"outlet:nobody{number} https://a.example/{number}" for number in range(40)))
    assert len(answer.notes) <= 10


def test_beside_filters_one_of_the_words_must_match(ask):
    assert outlets(ask("after:2020 convoy border")) == {"gazette", "herald"}
    assert outlets(ask("lang:en -convoy")) == {"herald", "evening_herald"}
    assert outlets(ask("outlet:gazette")) == {"gazette"}
    assert outlets(ask("outlet:herald sanctoins talsk")) == {"herald"}
