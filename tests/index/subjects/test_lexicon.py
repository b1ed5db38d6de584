"""Forms found in texts: inflected, with particles in front or behind, in scripts without spaces."""

from __future__ import annotations

import pytest

from index.subjects.lexicon import Lexicon


def found(language: str, forms: list[str], text: str) -> list[tuple[str, str]]:
    lexicon = Lexicon([(form, number) for number, form in enumerate(forms)], language, inflected=True)
    return [(text[one.start : one.end], forms[one.things[0]]) for one in lexicon.places_in(text)]


@pytest.mark.parametrize(
    ("language", "form", "written"),
    [
        ("ru", "Россия", "России"),
        ("ru", "Россия", "российскими"),
        ("ru", "Иран", "Иране"),
        ("ru", "Северная Корея", "Северной Кореей"),
        ("ru", "Турция", "Турцию"),
        ("uk", "Україна", "Україною"),
        ("uk", "Іран", "іранського"),
        ("fi", "Venäjä", "Venäjällä"),
        ("fi", "Iran", "Iranissa"),
        ("fi", "Ukraina", "Ukrainaan"),
        ("tr", "Türkiye", "Türkiye"),
        ("de", "Nordkorea", "Nordkoreas"),
        ("de", "Iran", "iranischen"),
        ("sv", "Iran", "iranska"),
        ("ar", "العراق", "والعراق"),
        ("ar", "العراق", "للعراق"),
        ("ar", "سوريا", "بسوريا"),
        ("ar", "إيران", "الإيرانية"),
        ("he", "איראן", "באיראן"),
        ("he", "איראן", "ושאיראן"),
        ("ko", "북한", "북한이"),
        ("en", "U.S.", "US"),
        ("en", "North Korea", "North-Korea"),
        ("en", "ballistic missile*", "ballistic missiles"),
    ],
)
def test_forms_of_a_word_are_met(language, form, written):
    assert found(language, [form], f"x {written} y") == [(written, form)]


@pytest.mark.parametrize(
    ("language", "form", "text"),
    [
        ("en", "US", "they told us"),
        ("en", "Turkey", "a turkey sandwich"),
        ("en", "missile", "missiles"),
        ("en", "North Korea", "the north. Korea won"),
        ("en", "North Korea", "north\n\nKorea"),
        ("ru", "Мали", "маленький"),
        ("ru", "Иран", "Иранцевичская"),
        ("ar", "مصر", "مصرف"),
    ],
)
def test_what_only_looks_like_a_form_is_not_met(language, form, text):
    assert found(language, [form], text) == []


def test_turkish_endings_stand_behind_an_apostrophe():
    assert found("tr", ["Suriye"], "Suriye'deki") == [("Suriye", "Suriye")]


def test_chinese_needs_no_spaces():
    assert found("zh", ["美国", "朝鲜"], "美国和朝鲜的NATO") == [("美国", "美国"), ("朝鲜", "朝鲜")]


def test_the_longest_form_wins_and_hides_what_is_in_it():
    assert found("en", ["war", "trade war"], "a trade war and a war") == [("trade war", "trade war"), ("war", "war")]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u202e\x00", "a" * 200_000, "U.S." * 1000])
def test_any_text_is_read(text):
    assert isinstance(found("en", ["US", "war*"], text), list)
