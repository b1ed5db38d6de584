"""The query language: what each text means, written down as its canonical text, and that any text is answered."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.settings import load_settings
from index.errors import QueryTooLargeError
from index.search.aliases import load_aliases, with_aliases
from index.search.analysis import analyse, stem, tokens
from index.search.backend import IndexDocument, SearchRequest
from index.search.languages import LANGUAGES
from index.search.memory_backend import MemoryBackend
from index.search.prepare import keep_rarest, without_stop_words
from index.search.query import Dates, Ids, LinkedTo, Term, walk
from index.search.query_lexer import FIELDS
from index.search.query_parser import parse
from index.search.snippets import plain_of, snippet_html
from index.search.spelling import is_within_two

LIMITS = load_settings(environ={}).search


def parsed(text: str) -> str:
    return parse(text, limits=LIMITS).parsed


def notes(text: str) -> tuple[str, ...]:
    return parse(text, limits=LIMITS).notes


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("border talks", "border talks"),
        ("+border talks", "+border talks"),
        ('"border talks"', '"border talks"'),
        ("border -talks", "border -talks"),
        ("ships -(convoy column)", "ships -(convoy column)"),
        ("convoy OR column", "convoy OR column"),
        ('said:"Chang  Ho-jin" missile', 'said:"Chang Ho-jin" missile'),
        ("said:kim -said:berg", "said:kim -said:berg"),
        ("convoy or column", "convoy or column"),
        ("(convoy OR column) +bridge", "(convoy OR column) +bridge"),
        ("sanction*", "sanction*"),
        ("title:ceasefire", "title:ceasefire"),
        ("intitle:ceasefire", "title:ceasefire"),
        ("author:nanna", "author:nanna"),
        ("site:foremedia", "outlet:foremedia"),
        ("source:foremedia", "outlet:foremedia"),
        ("lang:fr", "lang:fr"),
        ("lang:french", "lang:fr"),
        ("links:https://a.example/b?c=1", "links:https://a.example/b?c=1"),
        ("linkedfrom:https://a.example/b", "linkedfrom:https://a.example/b"),
        ("near:https://a.example/b?c=d&e=(f)", 'near:"https://a.example/b?c=d&e=(f)"'),
        ("story:12", "story:12"),
        ("ships after:2024", "after:2024-01-01 ships"),
        ("ships before:2024-06", "before:2024-06-01 ships"),
        ("after:2024-06-15", "after:2024-06-15"),
        ("ships sort:new", "ships sort:new"),
        ("", ""),
    ],
)
def test_canonical_text(typed, canonical):
    assert sorted(parsed(typed).split()) == sorted(canonical.split())


@pytest.mark.parametrize(
    "typed", ['say "border talks', "a:b", "http://x.example:80", ":", "unknown:word", "((a", "a))"]
)
def test_what_is_no_query_is_read_as_text(typed):
    assert parse(typed, limits=LIMITS) is not None


def test_unknown_field_is_text_with_a_note():
    query = parse("colour:red ships", limits=LIMITS)
    assert any("colour" in note for note in query.notes)
    assert "red" in query.parsed


def test_date_that_is_none_is_said():
    assert any("after: takes a year" in note for note in notes("ships after:2024-13"))


def test_dates_and_links_become_filters():
    nodes = list(walk(parse("after:2024-06 links:https://a.example/ outlet:x", limits=LIMITS).root))
    assert {type(node) for node in nodes} >= {Dates, LinkedTo, Term}


@pytest.mark.parametrize("typed", ["x" * 4097, "(" * 9 + "a" + ")" * 9])
def test_only_too_long_or_too_deep_is_refused(typed):
    with pytest.raises(QueryTooLargeError, match=r"\.$"):
        parse(typed, limits=LIMITS)


def test_beyond_thirty_two_terms_the_rarest_are_kept_and_said():
    words = [f"word{number}" for number in range(40)]
    query = parse(" ".join(words), limits=LIMITS)
    kept = keep_rarest(query, {word: number + 1 for number, word in enumerate(words)}, 32)
    assert set(kept.parsed.split()) == set(words[:32])
    assert "32 rarest" in kept.notes[-1]


@settings(max_examples=1500, deadline=None)
@given(st.text(max_size=80) | st.text(alphabet='ab "+-()*:OR\\', max_size=40))
def test_any_text_is_read_and_its_canonical_text_means_the_same(text):
    try:
        first = parse(text, limits=LIMITS)
        again = parse(first.parsed, limits=LIMITS)
    except QueryTooLargeError:
        return
    assert again.root == first.root


TYPED = [*FIELDS, "unknown"]
PIECES = [
    "ships",
    "US",
    "U.S.",
    "Oil-Rig",
    "F-35",
    "naïve",
    "北朝鮮",
    "OR",
    "or",
    "2024",
    "2024-06",
    "2024-06-22",
    "new",
    "12",
]
PIECES += [
    "new",
    "12",
    "https://a.example/b?c=d&e=(f)",
    "https://a.example/what's",
    "O'Neil",
    "a",
    "...",
    "Côte",
    "security",
    "old",
]
WORDS = st.sampled_from(PIECES) | st.text(alphabet="abÉ-.'’:/?&=_#@%()\"*,", min_size=1, max_size=6)
PHRASES = st.lists(WORDS, min_size=1, max_size=3).map(lambda words: f'"{" ".join(words)}"')
VALUES = WORDS | PHRASES | WORDS.map("{}*".format)
LEAVES = VALUES | st.tuples(st.sampled_from(TYPED), VALUES).map(":".join)


def test_the_outlet_of_an_address_has_no_blank_behind_it():
    assert parsed('outlet:"ships /"') == "outlet:ships"


def marked(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(st.sampled_from(["", "", "+", "-"]), inner).map("".join)


def grouped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    together = st.lists(marked(inner), min_size=1, max_size=3).map(lambda parts: f"({' '.join(parts)})")
    return together | st.lists(marked(inner), min_size=2, max_size=3).map(" OR ".join)


QUERIES = st.lists(marked(st.recursive(LEAVES, grouped, max_leaves=6)), max_size=5).map(" ".join)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(QUERIES)
def test_every_field_and_sign_is_written_down_as_it_was_meant(text):
    try:
        first = parse(text, limits=LIMITS)
        again = parse(first.parsed, limits=LIMITS)
    except QueryTooLargeError:
        return
    assert (again.root, again.sort, again.parsed) == (first.root, first.sort, first.parsed)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='ships port "+-()*:OR', max_size=40))
def test_any_query_is_answered(text):
    engine = MemoryBackend(settings=LIMITS)
    document = {"revision": 1, "outlet": "g", "language": "en", "authors": (), "topics": ()}
    from datetime import UTC, datetime

    at = datetime(2024, 1, 1, tzinfo=UTC)
    engine.apply([IndexDocument(1, title="Ships", text="Ships left port.", sort_at=at, **document)], (), 1)
    from index.search.prepare import resolved

    try:
        root = parse(text, limits=LIMITS).root
    except QueryTooLargeError:
        return
    if root is not None:
        root = resolved(root, articles_of=lambda _node: Ids(frozenset()), values_of=lambda node: (node.value,))
    assert engine.search(SearchRequest(root)).total in (0, 1)


@pytest.mark.parametrize(
    "question",
    [
        "what do the bases or troops of the u.s. in laos cost",
        "talks on bases, or, what of troops?",
        "the bases (or troops) in europe and the policy on the bases",
        'plans for a "cease fire" or a truce',
    ],
)
def test_a_question_in_capitals_means_what_it_means_in_small_letters(question):
    assert parse(question.upper(), limits=LIMITS).root == parse(question, limits=LIMITS).root


@pytest.mark.parametrize(
    "typed", ["HEZBOLLAH OR HAMAS", "NATO OR UN", "(BASES OR TROOPS) LAOS", "BASES AND TROOPS OR SHIPS"]
)
def test_or_between_words_in_capitals_still_means_either(typed):
    assert " OR " in parsed(typed)
    assert not any("OR" in note for note in notes(typed))


def test_or_in_a_sentence_of_capitals_is_said_to_be_a_word():
    assert any(note.startswith("In a sentence of capitals OR") for note in notes("TROOPS OR SHIPS IN THE GULF"))


def test_a_word_typed_again_is_kept_with_how_often_and_one_that_says_nothing_is_not():
    words = parse("The war of the words and the War", limits=LIMITS).root.should
    assert [(word.text, word.times) for word in words] == [("The", 1), ("war", 2), ("of", 1), ("words", 1), ("and", 1)]


@pytest.mark.parametrize(
    "typed", ["(war war) war peace", "(war war) OR peace", "-(war war) peace", "title:(war war) x"]
)
def test_words_typed_again_are_written_down_as_often(typed):
    assert parse(parsed(typed), limits=LIMITS).root == parse(typed, limits=LIMITS).root


def test_capital_names_meet_and_the_pronoun_does_not():
    assert tokens("U.S.") == tokens("US") == tokens("USA")
    assert tokens("us") != tokens("US")


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "sanctions", "sanctioned"),
        ("fr", "frontières", "frontière"),
        ("de", "Grenzen", "Grenze"),
        ("es", "fronteras", "frontera"),
        ("pt", "fronteiras", "fronteira"),
        ("it", "sanzioni", "sanzione"),
        ("nl", "landen", "land"),
        ("sv", "länderna", "länder"),
        ("no", "grenser", "grense"),
        ("da", "grænser", "grænse"),
        ("fi", "rajat", "raja"),
        ("ru", "границы", "граница"),
        ("tr", "sınırlar", "sınır"),
        ("ar", "الحدود", "حدود"),
    ],
)
def test_forms_of_a_word_have_one_stem(language, one, other):
    assert stem(one, language) == stem(other, language)


@pytest.mark.parametrize("language", ["uk", "he", "ko", "ja", "zh", "fa"])
def test_text_of_a_language_without_stemmer_has_words(language):
    text = {"uk": "санкції", "he": "סנקציות", "ko": "제재", "ja": "制裁措置", "zh": "制裁措施", "fa": "تحریم"}[language]
    assert analyse(text, language).exact
    assert analyse(text, language).stems


def test_there_are_twenty_languages():
    assert len(LANGUAGES) == 20


def test_accents_fold():
    assert tokens("Détroit") == tokens("detroit")


def test_chinese_is_matched_by_pairs():
    assert tokens("制裁措施") == ["制裁", "裁措", "措施"]


def test_alias_stands_beside_what_was_typed():
    expanded = with_aliases(parse("DPRK missile", limits=LIMITS).root, load_aliases())
    assert "North Korea" in expanded.also


@pytest.mark.parametrize(
    ("typed", "also"),
    [
        ("bosnia and herzegovina", "Bosnia"),
        ("Viet Nam troops", "Vietnam"),
        ("Zelensky's army", "Zelenskyy"),
        ("Taliban's leader", "Taleban"),
        ("cease-fire", "truce"),
        ("Red China", "China"),
        ("Formosa", "Taiwan"),
        ("Rhodesia", "Zimbabwe"),
        ("Ceylon", "Sri Lanka"),
        ("IS attack", "Islamic State"),
    ],
)
def test_names_are_found_however_they_are_written(typed, also):
    assert also in with_aliases(parse(typed, limits=LIMITS).root, load_aliases()).also


@pytest.mark.parametrize(
    ("typed", "also"),
    [
        ("UAVs over Kyiv", "drone"),
        ("drones over the front", "UAV"),
        ("Huthis fire", "Houthi"),
        ("WHO report", "World Health Organisation"),
        ("Israel Defence Forces", "Israel Defense Forces"),
        ("airstrikes", "air strikes"),
        ("air strikes kill", "airstrike"),
        ("gunmen attack", "gun men"),
        ("war-planes", "warplane"),
    ],
)
def test_names_are_found_in_the_plural_in_other_spellings_and_written_apart(typed, also):
    assert also in with_aliases(parse(typed, limits=LIMITS).root, load_aliases()).also


@pytest.mark.parametrize("typed", ["his dog was", "doors of the bus", "james fighters"])
def test_other_words_are_no_names(typed):
    assert with_aliases(parse(typed, limits=LIMITS).root, load_aliases()).also == ()


@pytest.mark.parametrize("word", ["contra", "dog", "dock", "door", "sin"])
def test_english_words_that_say_nothing_elsewhere_are_searched(word):
    kept = without_stop_words(parse(f"the {word} attack", limits=LIMITS).root)
    assert [node.text for node in kept.should] == [word, "attack"]


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("I am interested in papers on drone warfare", "drone warfare"),
        ("please supply information on the Kakhovka dam", "Kakhovka dam"),
        ("I would be pleased to receive any information about convoys", "convoys"),
        ("list all articles dealing with border talks", "border talks"),
        ("INFORMATION REGARDING THE CEASEFIRE", "ceasefire"),
        ("Pentagon papers on Vietnam", "Pentagon papers Vietnam"),
        ("information war", "information war"),
        ("news about information", "information"),
        ("please list all", "please list"),
        ("who gave the order to report", "gave order report"),
    ],
)
def test_what_only_puts_a_question_is_not_searched(question, subject):
    kept = without_stop_words(parse(question, limits=LIMITS).root)
    assert " ".join(node.text for node in kept.should) == subject


@pytest.mark.parametrize("typed", ["is it war", "la guerre au mali", "who is he", "a car bomb"])
def test_a_word_that_says_nothing_is_no_name(typed):
    also = with_aliases(parse(typed, limits=LIMITS).root, load_aliases()).also
    assert not {"Islamic State", "Los Angeles", "African Union", "World Health Organization"} & set(also)
    assert "Central African Republic" not in also


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("abc", "abc", True),
        ("abcdef", "badcfe", False),
        ("abcdef", "bacdfe", True),
        ("abcd", "abcdefg", False),
        ("cincinatti", "cincinnati", True),
        ("kitten", "sitting", False),
        ("", "ab", True),
    ],
)
def test_two_edits(one, other, near):
    assert is_within_two(one, other) is near
    assert is_within_two(other, one) is near


def test_quoted_name_has_no_alias():
    assert with_aliases(parse('"North Korea"', limits=LIMITS).root, load_aliases()).also == ()


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ships port <>&\"'.\n", max_size=400))
def test_snippet_is_the_text_with_marks_and_nothing_else(text):
    root = parse("ships", limits=LIMITS).root
    snippet = snippet_html(text, root, "en", length=60)
    assert plain_of(snippet).strip("… ") in " ".join(text.split()) or not text.strip()
    assert {part.split(">")[0] for part in snippet.split("<")[1:]} <= {"mark", "/mark"}


def test_snippet_shows_where_most_words_of_the_query_are():
    text = "Ships wait. " + "Nothing here. " * 60 + "The ships left the harbour for the border talks. " + "More. " * 60
    snippet = snippet_html(text, parse("ships harbour talks", limits=LIMITS).root, "en")
    assert snippet.count("<mark>") >= 3
    assert snippet.startswith("… ")
    assert snippet.endswith(" …")
