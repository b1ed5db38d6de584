"""Countries, people and the rest, listed and found by rules; and what only looks like a name."""

from __future__ import annotations

import pytest

from config.names import load_gazetteer
from index.subjects.names import NameReader

READER = NameReader(load_gazetteer())


def named(text: str, language: str = "en", *, kind: str = "country") -> set[str]:
    return {found.slug for found in READER.names_in("", text, language) if found.kind == kind}


@pytest.mark.parametrize(
    ("language", "text", "countries"),
    [
        ("en", "South Korean and North Korean envoys met U.S. officials", {"kr", "kp", "us"}),
        ("fr", "L'Allemagne et la Corée du Sud", {"de", "kr"}),
        ("de", "Nordkoreas Machthaber und die iranische Führung", {"kp", "ir"}),
        ("es", "Estados Unidos y Alemania", {"us", "de"}),
        ("pt", "Reino Unido e Japão", {"gb", "jp"}),
        ("it", "Germania e Regno Unito", {"de", "gb"}),
        ("nl", "Duitsland en het Verenigd Koninkrijk", {"de", "gb"}),
        ("sv", "Tysklands och Finlands regeringar", {"de", "fi"}),
        ("no", "Tyskland og Sverige", {"de", "se"}),
        ("da", "Tyskland og Sverige", {"de", "se"}),
        ("fi", "Venäjän ja Saksan", {"ru", "de"}),
        ("ru", "в России и Украине", {"ru", "ua"}),
        ("uk", "в Росії та Україні", {"ru", "ua"}),
        ("tr", "İran'ın ve Suriye'nin", {"ir", "sy"}),
        ("ar", "في العراق وإيران", {"iq", "ir"}),
        ("fa", "ایران و روسیه", {"ir", "ru"}),
        ("he", 'באיראן ובארה"ב', {"ir", "us"}),
        ("ko", "북한은 일본에", {"kp", "jp"}),
        ("ja", "北朝鮮と韓国", {"kp", "kr"}),
        ("zh", "美国和俄罗斯", {"us", "ru"}),
    ],
)
def test_countries_in_the_twenty_languages(language, text, countries):
    assert named(text, language) == countries


@pytest.mark.parametrize(
    ("text", "slug", "is_meant"),
    [
        ("Georgia accused Russia of moving the line near Tbilisi.", "ge", True),
        ("The runoff in Georgia was decided in Atlanta.", "ge", False),
        ("Jordan and Israel reopened the crossing near Amman.", "jo", True),
        ("Michael Jordan scored for the Bulls.", "jo", False),
        ("Turkey and Greece agreed.", "tr", True),
        ("We roast the turkey.", "tr", False),
        ("Troops from Chad crossed into the Sahel.", "td", True),
        ("Chad Smith plays drums.", "td", False),
        ("Fighting near Goma in eastern Congo goes on.", "cd", True),
        ("Fighting near Goma in eastern Congo goes on.", "cg", False),
        ("The president of Congo spoke in Brazzaville.", "cg", True),
        ("Equatorial Guinea and Papua New Guinea voted.", "gn", False),
        ("Equatorial Guinea voted.", "gq", True),
        ("Guinea-Bissau voted.", "gw", True),
        ("Papua New Guinea voted.", "pg", True),
        ("Between the US and them.", "us", True),
        ("They told us so.", "us", False),
        ("The Washington Post has a new editor.", "us", False),
        ("Nigeria and Niger closed it.", "ne", True),
    ],
)
def test_ambiguous_names_of_countries(text, slug, is_meant):
    assert (slug in named(text)) is is_meant


def test_a_capital_counts_for_its_country():
    assert named("Pyongyang said no.") == {"kp"}
    assert named("Pyongyang said no.", kind="place") == {"pyongyang"}


@pytest.mark.parametrize(
    ("kind", "language", "text", "slug"),
    [
        ("organisation", "en", "The IAEA and NATO", "iaea"),
        ("organisation", "ru", "Генсек НАТО", "nato"),
        ("organisation", "ar", "مجلس الأمن", "un-security-council"),
        ("organisation", "de", "der Bundesnachrichtendienst warnt", "bnd"),
        ("place", "en", "ships in the Strait of Hormuz", "strait-of-hormuz"),
        ("place", "ru", "через Ормузский пролив", "strait-of-hormuz"),
        ("weapon", "en", "twelve F-35s and HIMARS", "f-35"),
        ("treaty", "en", "the Non-Proliferation Treaty", "non-proliferation-treaty"),
        ("person", "en", "Volodymyr Zelenskyy spoke", "volodymyr-zelensky"),
        ("person", "ru", "Владимира Путина", "vladimir-putin"),
        ("person", "ko", "김정은이", "kim-jong-un"),
        ("person", "en", "Chang Ho-jin met reporters", "chang-ho-jin"),
    ],
)
def test_listed_names_of_other_kinds(kind, language, text, slug):
    assert slug in named(text, language, kind=kind)


def test_a_surname_counts_where_the_whole_name_stands():
    whole = READER.names_in("", "Boris Johnson spoke. Johnson left.", "en")
    assert [(one.slug, one.mentions) for one in whole if one.kind == "person"] == [("boris-johnson", 2)]
    assert named("Johnson left.", kind="person") == set()


@pytest.mark.parametrize(
    ("language", "text", "slug"),
    [
        ("en", "Defense Minister Ana Tarkova spoke.", "ana-tarkova"),
        ("en", "Anna Lindqvist warned of it. Lindqvist said so. Lindqvist left.", "anna-lindqvist"),
        ("de", "Außenministerin Greta Vollmer reiste ab.", "greta-vollmer"),
        ("fr", "le ministre Paul Dubreuil a dit", "paul-dubreuil"),
    ],
)
def test_people_nobody_listed_are_found_by_rules(language, text, slug):
    assert slug in named(text, language, kind="person")


@pytest.mark.parametrize(
    ("language", "start"),
    [
        ("en", "Although"),
        ("en", "Yesterday"),
        ("en", "Unlike"),
        ("en", "Reportedly"),
        ("en", "Describing"),  # stands in small letters elsewhere in the text
        ("fr", "Selon"),
        ("fr", "Lundi"),
        ("fr", "Finalement"),
        ("es", "Aunque"),
        ("es", "Ayer"),
        ("pt", "Embora"),
        ("it", "Sebbene"),
        ("nl", "Volgens"),
        ("sv", "Enligt"),
        ("no", "Ifølge"),
        ("da", "Ifølge"),
        ("tr", "Ancak"),
    ],
)
def test_a_word_that_begins_a_sentence_is_no_first_name(language, start):
    text = f"Lindqvist arrived. {start} Lindqvist, x. Lindqvist, describing. {start} Lindqvist, y. Lindqvist."
    assert named(text, language, kind="person") == set()
    text = f"{start} Anna Lindqvist, x. Anna Lindqvist, describing. Lindqvist. Lindqvist."
    assert named(text, language, kind="person") == {"anna-lindqvist"}


@pytest.mark.parametrize("name", ["Rose Lindqvist", "Mark Lindqvist", "Kimberly Lindqvist"])
def test_a_first_name_that_is_a_word_too_is_kept(name):
    text = f"{name} will mark it. {name} left. Lindqvist spoke. Lindqvist left."
    assert named(text, kind="person") == {name.lower().replace(" ", "-")}


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("Chairman Anna Lindqvist spoke. Chairman Anna Lindqvist left. Lindqvist. Lindqvist.", {"anna-lindqvist"}),
        ("Lindqvist Securities rose. Lindqvist Securities fell. Securities. Securities.", set()),
    ],
)
def test_callings_and_firms_are_no_part_of_a_person(text, slugs):
    assert named(text, kind="person") == slugs


@pytest.mark.parametrize(
    "text", ["Supreme Court ruled. Supreme Court again. Court Court.", "New Year was. Year. Year."]
)
def test_rows_of_capital_words_are_no_people(text):
    assert named(text, kind="person") == set()


@pytest.mark.parametrize(
    "text", ["", "\x00" * 50, "Kim Jong " * 20_000, "A" * 100_000, "President John Smith. " * 9_000]
)
def test_any_text_is_read_and_the_names_are_bounded(text):
    assert len(READER.names_in(text[:200], text, "en")) <= 120


def test_a_possessive_is_no_part_of_a_name():
    text = (
        "Anna Lindqvist’s report came. Lindqvist spoke. Among Lindqvist’s papers. Lindqvist left. Anna Lindqvist too."
    )
    assert named(text, kind="person") == {"anna-lindqvist"}


def test_people_are_found_by_rules_in_languages_we_know_alone():
    assert named("Islamskiej Republiki rada. Republiki rada. Islamskiej Republiki.", "pl", kind="person") == set()
