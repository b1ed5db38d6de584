"""What is security news, by the shipped rules, and why."""

from __future__ import annotations

import pytest

from config.topics import load_topics
from index.search.languages import LANGUAGES
from index.subjects.topics import TopicReader

READER = TopicReader(load_topics())
NEVER_LOWER = 0.6
"""What precision and recall of `any` topic on the half held out must reach at the least; the floors are stricter."""


def topics(title: str, text: str = "", language: str = "en") -> list[str]:
    return [found.topic for found in READER.topics_of(title, text, language)]


@pytest.mark.parametrize(
    ("language", "title", "topic"),
    [
        ("en", "Airstrike kills ten as ceasefire collapses", "war"),
        ("en", "NATO ministers meet in Brussels", "alliance"),
        ("en", "North Korea test-fires ballistic missile", "weapons"),
        ("en", "Border guards open fire at crossing point, border closure follows", "border"),
        ("en", "EU agrees new sanctions on oil exporters", "sanctions"),
        ("en", "Spy chief accused of espionage", "intelligence"),
        ("en", "Ransomware gang hacked hospital", "cyber"),
        ("fr", "Cessez-le-feu : les bombardements reprennent", "war"),
        ("de", "Luftangriffe trotz Waffenruhe", "war"),
        ("de", "Verfassungsschutz warnt vor Spionage", "intelligence"),
        ("es", "El ejército lanza una ofensiva tras romper la tregua", "war"),
        ("pt", "Novas sanções contra bancos", "sanctions"),
        ("it", "Attacco hacker contro i ministeri", "cyber"),
        ("nl", "NAVO stuurt extra troepen", "alliance"),
        ("sv", "Vapenvila i kriget", "war"),
        ("no", "Nye sanksjoner mot rederier", "sanctions"),
        ("da", "Hackerangreb rammer havn", "cyber"),
        ("fi", "Itärajan rajavartiosto lisää valvontaa", "border"),
        ("ru", "Ракетный удар по порту, обстрелы продолжаются", "war"),
        ("uk", "Нові санкції проти банків", "sanctions"),
        ("tr", "Siber saldırı bankaları vurdu", "cyber"),
        ("ar", "غارات وقصف على المدينة", "war"),
        ("fa", "تحریم‌های جدید علیه نفتکش‌ها", "sanctions"),
        ("he", "מתקפת סייבר על בתי חולים", "cyber"),
        ("ko", "탄도미사일 발사", "weapons"),
        ("ja", "弾道ミサイルを発射", "weapons"),
        ("zh", "空袭造成平民伤亡", "war"),
    ],
)
def test_a_headline_has_its_topic(language, title, topic):
    assert topic in topics(title, "", language)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_topic_has_words_in_every_language(language):
    lacking = [slug for slug, topic in READER.rules.topics.items() if not topic.strong.get(language)]
    assert lacking == []


@pytest.mark.parametrize(
    "title",
    [
        "Trade war deepens as tariffs rise",
        "Border collie wins dog show",
        "Star Wars film opens at the box office",
        "Price war between supermarkets",
        "Striker joins attack of the champions as coach praises defence",
        "Heart attacks fall for the third year",
        "Artificial intelligence writes recipes",
        "Avengers: Infinity War trailer",
        "Teachers on strike over pay",
    ],
)
def test_what_only_sounds_like_it_has_no_topic(title):
    assert topics(title) == []


def test_a_weak_word_alone_decides_nothing():
    assert topics("Attack", "attack attacks killed wounded " * 5) == []


def test_evidence_says_which_words_where_and_what_was_left_out():
    (found,) = READER.topics_of("Airstrike on port", "The airstrike came amid a trade war.", "en")
    assert (found.topic, found.left_out) == ("war", ("trade war",))
    assert [(word.written, word.where, word.times) for word in found.words] == [("Airstrike", "title", 2)]
    assert found.score >= found.needed


def test_a_long_text_needs_more():
    short = READER.topics_of("Airstrike", "", "en")[0]
    long = READER.topics_of("Airstrike", "Nothing else happened here today. " * 300, "en")
    assert not long or long[0].needed > short.needed


def test_precision_and_recall_on_labelled_articles(shared):
    from benchmarks.bench_subjects import measure

    assert shared.exists()
    marks = measure()["held_out any"]
    assert marks["labelled"] > 30
    assert marks["precision"] >= NEVER_LOWER
    assert marks["recall"] >= NEVER_LOWER
