"""Who is quoted: a case per way of saying it; what is no quotation; and that any text is read, in bounds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import ConfigurationError
from index.subjects.quotations import MOST_QUOTATIONS, quotations_in
from index.subjects.reporting import load_reporting

NAMED = "Foreign Minister Anna Berg met Colonel Petro Melnyk in Osten on Monday.\n"


def said(text: str, language: str = "en") -> list[tuple[str, str]]:
    """The speakers and their words, in order; of words that are the writer's, ""."""
    return [(one.speaker, one.quote) for one in quotations_in(text, language)]


@pytest.mark.parametrize(
    ("text", "speaker", "quote"),
    [
        ('"The bridge is closed," said Anna Berg, the mayor of Osten.', "Anna Berg", "The bridge is closed,"),
        ('Anna Berg said: "The bridge is closed."', "Anna Berg", "The bridge is closed."),
        ('"The bridge is closed," Anna Berg told the Gazette.', "Anna Berg", "The bridge is closed,"),
        ('"The bridge," Anna Berg said, "is closed for good."', "Anna Berg", "The bridge, … is closed for good."),
        ("“The bridge is closed,” said Anna Berg.", "Anna Berg", "The bridge is closed,"),
        ("‘The bridge is closed,’ said Anna Berg.", "Anna Berg", "The bridge is closed,"),
        ('"Is the bridge closed?" Anna Berg asked.', "Anna Berg", "Is the bridge closed?"),
        ("Anna Berg said the bridge was closed.", "Anna Berg", ""),
        ("The bridge was closed, according to Anna Berg.", "Anna Berg", ""),
        ("The Gazette quoted Anna Berg as saying the bridge was closed.", "Anna Berg", ""),
        ("Anna Berg was quoted as saying the bridge was closed.", "Anna Berg", ""),
        ("South Osten National Security Adviser Chang Ho-jin said the bridge was closed.", "Chang Ho-jin", ""),
        ("Secretary of State Maria de la Cruz said the bridge was closed.", "Maria de la Cruz", ""),
        ("Anna Berg, a spokeswoman for the harbour, said the bridge was closed.", "Anna Berg", ""),
        ("Anna Berg (L-Osten) said the bridge was closed.", "Anna Berg", ""),
        ("Anna Berg, who lives near the bridge, said it was closed.", "Anna Berg", ""),
        ("Anna Berg criticised the plan, but said the bridge was closed.", "Anna Berg", ""),
        ("The bridge is closed, says Anna Berg, the harbour's engineer.", "Anna Berg", ""),
        ('"It is closed," said veteran Liberal strategist Anna Berg.', "Anna Berg", "It is closed,"),
        ("A spokesman for the Harbour Ministry said the bridge was closed.", "Harbour Ministry", ""),
        ("A Harbour Ministry spokesman said the bridge was closed.", "Harbour Ministry", ""),
        ("The White House said the bridge was closed.", "White House", ""),
        ("Davis Steel and Rope Inc said the bridge was closed.", "Davis Steel and Rope Inc", ""),
        ("OSTEN, Nov 24 (Gazette) - Anna Berg said the bridge was closed.", "Anna Berg", ""),
        ("Officials said the bridge was closed.", "", ""),
        ("The bridge was closed, two police officers said.", "", ""),
    ],
)
def test_one_who_speaks_in_english(text, speaker, quote):
    assert said(text) == [(speaker, quote)]


@pytest.mark.parametrize(
    ("language", "text", "speaker"),
    [
        ("fr", "« Le pont est fermé », a déclaré Anne Lemaire.", "Anne Lemaire"),
        ("fr", "Selon Anne Lemaire, le pont est fermé.", "Anne Lemaire"),
        ("de", "„Die Brücke ist gesperrt“, sagte Anna Berg am Montag.", "Anna Berg"),
        ("de", "Die Ministerin Anna Berg sagte, die Brücke sei gesperrt.", "Anna Berg"),
        ("de", "Laut Anna Berg ist die Brücke gesperrt.", "Anna Berg"),
        ("es", "“El puente está cerrado”, dijo Ana Torres.", "Ana Torres"),
        ("es", "La ministra Ana Torres afirmó que el puente está cerrado.", "Ana Torres"),
        ("pt", "“A ponte está fechada”, disse Ana Torres.", "Ana Torres"),
        ("it", "«Il ponte è chiuso», ha detto Anna Torri.", "Anna Torri"),
        ("ru", "«Мост закрыт», — сказала Анна Белова.", "Анна Белова"),
        ("ru", "— Мост закрыт, — сказала Анна Белова.", "Анна Белова"),
        ("uk", "«Міст закрито», — сказала Анна Біленко.", "Анна Біленко"),
        ("tr", 'Ayşe Yılmaz, "Köprü kapalı." dedi.', "Ayşe Yılmaz"),
        ("ar", "وقالت ليلى حداد إن الجسر مغلق.", "ليلى حداد"),
        ("pl", "„Most jest zamknięty” – powiedziała Anna Nowak.", "Anna Nowak"),
        ("fi", "Anna Berg: ”Silta on suljettu.”", "Anna Berg"),
    ],
)
def test_one_who_speaks_in_another_language(language, text, speaker):
    assert [one.speaker for one in quotations_in(text, language)] == [speaker]


@pytest.mark.parametrize(
    "text",
    [
        'The so-called "Grey Line" runs along the river.',
        'Critics liked "The Long Road to Osten" a lot.',
        "The minister declined to say when the bridge opens.",
        "Anna Berg did not say when the bridge opens.",
        "They are said to have left.",
        "The sign on the bridge is new.",
        '"The Bridge at Night" opens on Friday.',
        "That said, the bridge is old.",
        "",
    ],
)
def test_what_is_no_quotation(text):
    assert said(text) == []


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ('Berg said it was closed. "It was an old bridge."', "Anna Berg"),
        ('"It is closed," said Berg. "It was an old bridge."', "Anna Berg"),
        ("Berg said it was closed.\nShe added it was an old bridge.", "Anna Berg"),
        ('Berg said: "It is closed.\n"It was an old bridge."', "Anna Berg"),
        ("Mr Melnyk crossed the bridge. He said it was old.", "Petro Melnyk"),
        ('Ms Berg spoke to Mr Melnyk. "It is closed," she said.', "Anna Berg"),
        ("Otto Lind came back. Berg left.\nMayor Eva Moor signed a letter which she said was old.", "Eva Moor"),
        ("Berg crossed the bridge. The minister said it was old.", "Anna Berg"),
    ],
)
def test_who_is_meant_is_found_earlier_in_the_text(text, last):
    assert said(NAMED + text)[-1][0] == last


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Berg left at noon. Her lawyer said that she would appeal.", "Her lawyer"),
        ("A lorry came over the bridge. Its driver, who had waited, said that he had learned chess.", "Its driver"),
    ],
)
def test_one_told_by_whose_he_is_is_not_the_one_named_last(text, role):
    [found] = quotations_in(NAMED + text, "en")[-1:]
    assert (found.speaker, found.role) == ("", role)


@pytest.mark.parametrize(
    "before",
    [
        "Zorvex raised its prices on Monday.",
        "Lomvia Rail stopped its trains.",
        "The Port of Osten was opened again.",
        "Tarnow Bridge was closed on Monday.",
        "Kronwerk said that nothing was lost.",
        "Anna Berg left. Zorvex opened an office in Tarnow.",
    ],
)
def test_a_calling_is_laid_to_nobody_of_whom_the_text_does_not_show_that_he_is_a_person(before):
    one = quotations_in(f"{before} The driver said the road was closed.", "en")[-1]
    assert (one.speaker, one.role) == ("", "The driver")


@pytest.mark.parametrize(
    "before",
    [
        "Anna Berg, a former driver from Osten, crossed the bridge.",
        "Anna Berg crossed the bridge. Berg was late.",
        "Ms Berg crossed the bridge.",
        "Anna Berg crossed the bridge. Lomvia Rail stopped its trains. Nobody knew what Berg did.",
    ],
)
def test_a_calling_is_laid_to_a_person(before):
    one = quotations_in(f"{before} The driver said the road was closed.", "en")[-1]
    assert one.speaker.endswith("Berg")


def test_dialogue_behind_a_dash_goes_on_with_its_speaker():
    text = "— Мост закрыт, — сказала Анна Белова. — Объезда нет."
    assert said(text, "ru") == [("Анна Белова", "Мост закрыт,"), ("Анна Белова", "Объезда нет.")]


def test_a_title_and_words_in_the_place_of_a_name_are_kept():
    (titled,) = quotations_in("Foreign Minister Anna Berg said it was closed.", "en")
    assert (titled.speaker, titled.role, titled.verb) == ("Anna Berg", "Foreign Minister", "said")
    (unnamed,) = quotations_in("A harbour official said it was closed.", "en")
    assert (unnamed.speaker, unnamed.role) == ("", "A harbour official")


def test_of_two_with_one_surname_the_one_named_more_often_is_meant():
    text = "Anna Berg left. Anna Berg came back with Otto Berg.\nBerg said the bridge was closed."
    assert said(text) == [("Anna Berg", "")]


def test_a_heading_in_quote_marks_is_nobodys_words():
    assert said('Anna Berg crossed the bridge.\n"A bridge for all of us"\nIt rained.') == []


def test_positions_are_those_of_the_sentence():
    text = 'It rained. "It is closed," said Anna Berg. It rained on.'
    (one,) = quotations_in(text, "en")
    assert text[one.start : one.end] == one.sentence == '"It is closed," said Anna Berg.'


MARKS = ['"', "“", "”", "«", "»", "„", "'", "’", "—", "(", ")", ". ", ", ", ": ", "\n", "\x00", "\ud800", "\ufffc"]
WORDS = ["said", "told", "he", "Anna", "Berg", "the", "of", "according to", "who", "a spokesman for", "is closed"]
PIECES = st.sampled_from(MARKS) | st.sampled_from([f" {word} " for word in WORDS])


@settings(max_examples=300, deadline=None)
@given(
    text=st.lists(PIECES | st.text(max_size=6), max_size=60).map("".join),
    language=st.sampled_from(["en", "fr", "de", "ru", "tr", "ar", "ja", "", "x-y"]),
)
def test_any_text_gives_sentences_of_it_in_order(text, language):
    found = quotations_in(text, language)
    assert [one.position for one in found] == list(range(len(found)))
    starts = [one.start for one in found]
    assert starts == sorted(starts)
    for one in found:
        assert text[one.start : one.end].strip() == text[one.start : one.end]
        assert one.speaker or one.role or one.quote or one.verb


@pytest.mark.parametrize(
    "text",
    ['"' * 2_000_000, "“" * 2_000_000, "he said " * 250_000, '"x\n' * 600_000, "Bank of " * 250_000, "(" * 2_000_000],
    ids=["marks", "open", "verbs", "lines", "names", "brackets"],
)
def test_two_million_characters_end(text):
    assert len(quotations_in(text, "en")) <= MOST_QUOTATIONS


def test_no_more_than_the_most_are_kept():
    assert len(quotations_in('Anna Berg said: "It is closed."\n' * 2_000, "en")) == MOST_QUOTATIONS


def test_every_language_of_the_file_has_verbs():
    for code, language in load_reporting().items():
        assert language.verbs is not None, code


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[en]\nsays = ['Said']\n", r"\[en\]: says: must be a list of words in lower case"),
        ("[en]\nsay = ['said']\n", r"\[en\]: say: there is no such entry"),
        ("[en]\ndrops_pronouns = 1\n", r"drops_pronouns: must be true or false"),
        ("en = 1\n", r"\[en\]: must be a table"),
        ("[en\n", "cannot be read as TOML"),
    ],
)
def test_a_faulty_file_is_refused_with_the_entry(tmp_path, text, fault):
    path = tmp_path / "verbs.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=fault):
        load_reporting(path)
