"""Whom a text names as the source of its news: cases by language, and names that are no source."""

from __future__ import annotations

import pytest

from index.stories.attribution import SourceNames

TITLES = {
    "strait_herald": "The Strait Herald",
    "foremedia": "ForeMedia News",
    "courrier_sarn": "Le Courrier de Sarn",
    "die_zeit": "Die Zeit",
    "the_hill": "The Hill",
    "foreign_affairs": "Foreign Affairs",
    "ap_news": "Associated Press",
    "el_pais": "El País",
}
NAMES = SourceNames(TITLES)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Ports were shut, according to the Strait Herald.", ["strait_herald"]),
        ("en", "The Strait Herald reported on Friday that ports were shut.", ["strait_herald"]),
        ("en", "Reuters first reported the sale.", ["Reuters"]),
        ("en", "The minister told Reuters that he knew nothing.", ["Reuters"]),
        ("en", "A pilot told the news agency AFP it was quiet.", ["Agence France-Presse"]),
        ("en", "The AP reported the deal.", ["ap_news"]),
        ("en", "A report by Kyodo News, citing the Associated Press, said so.", ["ap_news"]),
        ("en", "according to The Hill", ["the_hill"]),
        ("en", "according to Foreign Affairs", ["foreign_affairs"]),
        ("fr", "Deux marins manquent, selon le Courrier de Sarn.", ["courrier_sarn"]),
        ("fr", "Le Courrier de Sarn a rapporté la collision.", ["courrier_sarn"]),
        ("fr", "Selon l'AFP, le pont est fermé.", ["Agence France-Presse"]),
        ("fr", "a-t-il confié à l’agence Reuters", ["Reuters"]),
        ("de", "Wie Die Zeit am Montag berichtete, ist die Brücke zu.", ["die_zeit"]),
        ("de", "Die Brücke ist zu, sagte er der Nachrichtenagentur dpa.", ["dpa"]),
        ("de", "Laut dpa ist die Brücke zu.", ["dpa"]),
        ("de", "Reuters zufolge ist die Brücke zu.", ["Reuters"]),
        ("es", "El puente está cerrado, según El País.", ["el_pais"]),
        ("es", "El País informó del cierre.", ["el_pais"]),
        ("es", "según la agencia EFE", ["EFE"]),
        ("it", "Secondo l'ANSA il ponte è chiuso.", ["ANSA"]),
        ("", "according to Reuters", ["Reuters"]),
        ("ko", "according to Reuters", ["Reuters"]),
    ],
)
def test_a_source_is_found_beside_its_word(language, text, expected):
    assert [one.key for one in NAMES.named_in(text, language, own="foremedia")] == expected


@pytest.mark.parametrize(
    "text",
    [
        "Reuters has an office in Vess.",
        "The Ministry of Foreign Affairs said nothing.",
        "The Reuters Institute said that trust is low.",
        "He walked up the hill, according to a neighbour.",
        "according to Hill",
        "according to reuterses",
        "The ForeMedia News reported on itself.",
        "",
    ],
)
def test_a_name_alone_or_a_longer_name_is_no_source(text):
    assert NAMES.named_in(text, "en", own="foremedia") == []


def test_the_evidence_is_the_sentence():
    text = "It rained. The ship was sold, according to the Strait Herald. Nobody saw it."
    [found] = NAMES.named_in(text, "en", own="foremedia")
    assert found.sentence == "The ship was sold, according to the Strait Herald."
    assert (found.name, found.agency) == ("The Strait Herald", False)


def test_a_source_named_twice_counts_once_and_a_long_text_is_cut():
    text = "according to Reuters and according to Reuters " * 2000 + "according to AFP"
    assert [one.key for one in NAMES.named_in(text, "en", own="x")] == ["Reuters"]


@pytest.mark.parametrize(
    ("authors", "expected"),
    [
        (["Meridian Wire"], ("Meridian Wire", "Meridian Wire")),
        (["Ana Ruiz", "Reuters"], ("Reuters", "Reuters")),
        (["AP"], ("ap_news", "Associated Press")),
        (["Associated Press"], ("ap_news", "Associated Press")),
        (["Ana Ruiz"], None),
        (["The Strait Herald"], None),
        (["Wire"], None),
        ([], None),
    ],
)
def test_an_agency_is_known_in_a_byline(authors, expected):
    assert NAMES.agency_in(authors) == expected
