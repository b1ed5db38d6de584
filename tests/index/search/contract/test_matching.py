"""Which documents a query finds, on every engine."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from index.search.query import Alias, Group, Ids, Term, Word


def test_words_are_optional(fill, ids):
    fill("troops at the border", "talks in geneva", "troops hold talks")
    assert sorted(ids("troops talks")) == [1, 2, 3]


def test_demanded_words_must_match(fill, ids):
    fill("troops at the border", "talks in geneva", "troops hold talks")
    assert ids("+troops +talks") == [3]


def test_demanded_and_optional_words_go_together(fill, ids):
    fill("troops at the border", "talks in geneva", "troops hold talks")
    assert ids("+troops talks") == [3, 1]


def test_excluded_words_do_not_match(fill, ids):
    fill("troops at the border", "talks in geneva", "troops hold talks")
    assert ids("troops -talks") == [1]


def test_only_excluded_words_leave_all_others(fill, ids):
    fill("troops at the border", "talks in geneva", "troops hold talks")
    assert ids("-talks") == [1]


def test_excluded_group_leaves_out_what_matches_any_of_it(fill, ids):
    fill("alpha one", "alpha two", "alpha three")
    assert ids("alpha -(one two)") == [3]


def test_excluded_phrase(fill, ids):
    fill("alpha red line", "alpha line red")
    assert ids('alpha -"red line"') == [2]


def test_written_or_demands_one_side(fill, ids):
    fill("iran sanctions", "israel sanctions", "sanctions alone", "iran alone")
    assert sorted(ids("(iran OR israel) sanctions")) == [1, 2, 4]


def test_or_with_a_not_keeps_every_hit_under_a_limit(backend, document, ids):
    backend.apply([document(n, "", "alpha beta gamma" if n % 7 else "alpha delta") for n in range(1, 301)], (), 1)
    expected = {n for n in range(1, 301) if n % 7}
    assert set(ids("(alpha OR beta OR gamma) -delta")) <= expected
    assert len(ids("(alpha OR beta OR gamma) -delta")) == 100


def test_optional_group_with_a_demand_inside(fill, ids):
    fill("alpha beta", "beta gamma", "delta")
    assert sorted(ids("(+beta alpha) delta")) == [1, 2, 3]


def test_words_match_by_their_stem(fill, ids):
    fill("The minister was criticising sanctions", "They criticised a sanction", "critical mass")
    assert sorted(ids("criticise")) == [1, 2]


def test_stems_are_made_in_the_language_of_the_text(backend, document, ids):
    backend.apply(
        [
            document(1, "", "Die Regierungen verhandelten", language="de"),
            document(2, "", "Les négociations ont échoué", language="fr"),
            document(3, "", "Переговоры о санкциях", language="ru"),
        ],
        (),
        1,
    )
    assert ids("Regierung") == [1]
    assert ids("négociation") == [2]
    assert ids("санкции") == [3]


def test_a_query_word_can_be_read_in_one_language_only(backend, document, ids):
    backend.apply([document(1, "", "negociations", language="fr"), document(2, "", "x", language="en")], (), 1)
    assert ids("négociation", languages=("fr",)) == [1]


def test_quoted_words_are_exact(fill, ids):
    fill("bombing in the city", "bombings in the city", "bombed")
    assert ids('"bombings"') == [2]


def test_phrases_need_their_words_side_by_side(fill, ids):
    fill("the red line was crossed", "the line is red", "red and line")
    assert ids('"red line"') == [1]


def test_phrases_match_in_the_title(backend, document, ids):
    backend.apply([document(1, "Red line crossed", "text"), document(2, "Line", "red")], (), 1)
    assert ids('"red line"') == [1]


def test_phrases_do_not_run_from_title_into_text(backend, document, ids):
    backend.apply([document(1, "Alpha red", "line beta")], (), 1)
    assert ids('"red line"') == []


def test_phrases_of_common_words(fill, ids):
    fill("To be or not to be, that is the question", "or to be not be to")
    assert ids('"to be or not to be"') == [1]


def test_phrases_go_through_punctuation_and_paragraphs(fill, ids):
    fill("the bank's estimates\n\nrose", "estimates bank")
    assert ids('"bank s estimates rose"') == [1]


def test_phrase_with_a_repeated_word(fill, ids):
    fill("very very large", "very large")
    assert ids('"very very large"') == [1]


def test_capitals_tell_the_country_from_the_pronoun(fill, ids):
    fill("they told us nothing", "the US said", "the U.S. said", "the USA said")
    assert sorted(ids("US")) == [2, 3, 4]
    assert sorted(ids("U.S.")) == [2, 3, 4]
    assert sorted(ids("USA")) == [2, 3, 4]


def test_quoted_lower_case_matches_any_case(fill, ids):
    fill("they told us nothing", "the US said")
    assert sorted(ids('"us"')) == [1, 2]


def test_phrases_go_through_capitals_and_dots(fill, ids):
    fill("U.S. troops left", "he told us troops left", "USA troops left")
    assert sorted(ids('"US troops"')) == [1, 3]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Money supplies in the U.S. rose", '"supplies in the U S rose"'),
        ("a U.S. court said", '"a U S court"'),
        ("born in the U.S.A. then", '"in the U S A then"'),
        ("the P.L.O. said no", '"the P L O said"'),
        ("they don't see it", '"they don t see it"'),
        ("Mr O'Neill said", '"Mr O Neill said"'),
        ("we've had it", '"we ve had it"'),
        ("made in the U.S. last year", '"was made in the U"'),
        ("Moody's said", '"Moody s said"'),
        ("rated by S&P today", '"by S P today"'),
        ("rated by S&P today", '"S&P today"'),
        ("AT&T said", '"AT T said"'),
        ("AT&T said", '"AT&T said"'),
        ("AT&T said", "AT&T"),
        ("a cease-fire began", '"a cease fire began"'),
    ],
)
def test_phrases_without_the_marks_of_the_text_find_it(text, query, fill, ids):
    fill("plan B of a company in the USSR", f"It was {text}.")
    assert ids(query) == [2]


def test_letters_of_a_phrase_do_not_find_other_words(fill, ids):
    fill("vitamin C and E", "the letter s in us")
    assert ids('"vitamin E"') == []
    assert ids('"letter u s"') == []


def test_capitals_are_not_stemmed(fill, ids):
    fill("a sanction was lifted", "sanctions were lifted")
    assert ids("SANCTIONS and more") == [2]


def test_names_in_capitals_match_their_other_spelling(fill, ids):
    fill("Nato said", "NATO said")
    assert sorted(ids("NATO")) == [1, 2]


def test_accents_hyphens_and_apostrophes_fold(fill, ids):
    fill("Erdoğan met Zelenskyy in Mazar-i-Sharif", "the Qur’an in Łódź")
    assert ids("erdogan") == [1]
    assert ids('"mazar i sharif"') == [1]
    assert ids("Mazar-i-Sharif") == [1]
    assert ids("Qur'an") == [2]
    assert ids("lodz") == [2]


def test_joined_and_hyphenated_spellings_meet(fill, ids):
    fill("a cease-fire began", "a ceasefire began")
    assert sorted(ids("ceasefire")) == [1, 2]
    assert sorted(ids("cease-fire")) == [1, 2]


@pytest.mark.parametrize(
    ("language", "text", "query"),
    [
        ("zh", "北京市政府宣布新的制裁", "制裁"),
        ("ja", "日本政府は北朝鮮を非難した", "北朝鮮"),
        ("ko", "한국은 북한을 비난했다", "북한"),
        ("ar", "أعلنت الحكومةُ عن العقوبات", "العقوبات"),
        ("fa", "دولت ایران اعلام كرد", "ایران"),
        ("he", "הממשלה הודיעה על הסנקציות", "הסנקציות"),
        ("uk", "Уряд у Києві заявив", "Києві"),
        ("ru", "Самолёт упал", "самолет"),
        ("tr", "Diyarbakır'da patlama", "diyarbakir"),
    ],
)
def test_other_scripts_are_found(backend, document, ids, language, text, query):
    backend.apply([document(1, "", text, language=language), document(2, "", "nothing", language="en")], (), 1)
    assert ids(query) == [1]
    assert ids(f'"{query}"') == [1]


def test_beginnings_of_words(fill, ids):
    fill("nuclear plant", "nucleus", "number")
    assert sorted(ids("nucl*")) == [1, 2]


def test_beginnings_in_the_title_only(backend, document, ids):
    backend.apply([document(1, "Nuclear plant", ""), document(2, "Plant", "nuclear")], (), 1)
    assert ids("title:nucl*") == [1]


def test_title_words_are_not_looked_for_in_the_text(backend, document, ids):
    backend.apply([document(1, "Border closed", "x"), document(2, "x", "border")], (), 1)
    assert ids("title:border") == [1]
    assert ids('title:"border closed"') == [1]


def test_authors_are_found_by_name_and_part_of_it(backend, document, ids):
    backend.apply([document(1, "a", "b", authors=("Fiona Nanna",)), document(2, "a", "Nanna", authors=("Li",))], (), 1)
    assert ids("author:nanna") == [1]
    assert ids('author:"fiona nanna"') == [1]
    assert ids('author:"nanna fiona"') == []


def test_words_match_authors_and_outlets_too(backend, document, ids):
    backend.apply([document(1, "a", "b", authors=("Fiona Nanna",)), document(2, "a", "b", outlet="sea_post")], (), 1)
    assert ids("nanna") == [1]
    assert ids("post") == [2]


def test_keywords_match_as_a_whole(backend, document, ids):
    backend.apply(
        [
            document(1, "a", outlet="bbc", language="en", topics=("south-korea", "north-korea")),
            document(2, "a", outlet="bbc_persian", language="fa", topics=("korea",)),
        ],
        (),
        1,
    )
    assert ids("outlet:bbc") == [1]
    assert ids("topic:korea") == [2]
    assert ids("topic:north-korea") == [1]
    assert ids("lang:fa") == [2]
    assert ids("-outlet:bbc") == [2]
    assert sorted(ids("outlet:bbc outlet:bbc_persian")) == [1, 2]


def test_dates_after_includes_and_before_excludes(backend, document, ids):
    days = [
        datetime(2024, 5, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2024, 6, 1, tzinfo=UTC),
        datetime(2024, 6, 30, 12, tzinfo=UTC),
        datetime(2024, 7, 1, tzinfo=UTC),
    ]
    backend.apply([document(n, "a", sort_at=day) for n, day in enumerate(days, start=1)], (), 1)
    assert sorted(ids("after:2024-06-01 before:2024-07-01")) == [2, 3]
    assert sorted(ids("after:2024-06")) == [2, 3, 4]
    assert ids("before:2024-06") == [1]
    assert sorted(ids("-before:2024-07")) == [4]


def test_dates_before_1970_and_far_ahead(backend, document, ids):
    backend.apply([document(1, "a", sort_at=datetime(1890, 1, 2, tzinfo=UTC)), document(2, "a")], (), 1)
    assert ids("before:1891") == [1]
    assert ids("after:2200") == []


def test_ids_are_a_set_of_articles(fill, ids):
    fill("alpha", "alpha", "alpha")
    assert sorted(ids(Group(must=(Ids(frozenset({2, 3, 99})),), should=(Word("alpha"),)))) == [2, 3]
    assert ids(Ids(frozenset())) == []


def test_aliases_match_any_of_their_forms(fill, ids):
    fill("kyiv today", "kiev today", "paris today")
    assert sorted(ids(Alias(Word("kyiv"), (Word("kiev"),)))) == [1, 2]


def test_filters_are_anded_and_do_not_score(backend, document, ids):
    backend.apply([document(1, "alpha", outlet="a1"), document(2, "alpha", outlet="b1")], (), 1)
    assert ids("alpha", filters=(Term("outlet", "b1"),)) == [2]


def test_no_root_matches_everything(fill, ids):
    fill("alpha", "beta")
    assert sorted(ids(None)) == [1, 2]


def test_stop_words_alone_are_searched(fill, ids):
    fill("who is it", "nothing here")
    assert ids("+is") == [1]


def test_what_no_word_is_matches_nothing(fill, ids):
    fill("alpha")
    assert ids(Word("…")) == []
    assert ids("zzzzunknown") == []


def test_odd_texts_are_indexed_and_found(fill, ids):
    fill("a" * 200_000 + " marker", "nul \x00 marker", "lone \ud800 surrogate marker", "emoji 🚀 marker", "")
    assert sorted(ids("marker")) == [1, 2, 3, 4]


def test_a_common_token_is_counted_beyond_sixteen_bits(fill, ids):
    fill("alpha " * 70_000 + "beta gamma", "alpha")
    assert ids('"beta gamma"') == [1]


@pytest.mark.parametrize("query", ["था", '"था"', "था।", '"कहा था"'])
def test_punctuation_of_indic_scripts_is_no_part_of_a_word(query, fill, ids):
    fill("उन्होंने कहा था।")
    assert ids(query) == [1]


@pytest.mark.parametrize("query", ["米", "+米", '"米"', "title:米"])
def test_one_character_finds_the_runs_it_is_in(query, backend, document, ids):
    backend.apply([document(1, "米国と協議", "", language="ja"), document(2, "中国と協議", "", language="ja")], (), 1)
    assert ids(query) == [1]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("defence", "the defense budget"),
        ("Defense", "the defence budget"),
        ("organisation", "organizations met"),
        ("labor", "the labour market"),
        ("travelling", "he traveled far"),
        ("theatre", "in the theater of war"),
        ("programme", "a nuclear program"),
        ("Moslem", "Muslim leaders"),
        ("criticise", "they criticize it"),
        ("Indonesian", "Indonesia said"),
        ("Kenya", "the Kenyan army"),
        ("French", "France said"),
        ("title:Britain", "nothing"),
    ],
)
def test_other_spellings_and_the_people_of_a_country_meet(query, text, backend, document, ids):
    other = document(2, "Filled with organs", "They filed critical stories of a laboratory.")
    backend.apply([document(1, "British papers", text), other], (), 1)
    assert ids(query) == [1]


def test_quoted_words_have_no_other_spelling(fill, ids):
    fill("the defense budget", "the defence budget", "Kenyan", "Kenya")
    assert ids('"defence"') == [2]
    assert ids('"Kenya"') == [4]
