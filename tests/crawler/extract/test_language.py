"""Languages of texts of our own invention."""

from __future__ import annotations

import pytest

from crawler.extract.language import language_of

ENGLISH = "The harbour office said on Friday that the northern ports would stay closed until the storm had passed."
POLISH = "Urząd portowy poinformował w piątek, że północne porty pozostaną zamknięte, dopóki nie minie burza na morzu."
HINDI = "बंदरगाह कार्यालय ने शुक्रवार को कहा कि तूफान के गुजर जाने तक उत्तरी बंदरगाह बंद रहेंगे और नावें नहीं चलेंगी।"


TEXTS = {
    "en": ENGLISH,
    "fr": ("La capitainerie a annoncé vendredi que les ports du nord resteraient fermés tant que durerait la tempête."),
    "de": (
        "Das Hafenamt teilte am Freitag mit, dass die nördlichen Häfen bis zum Ende des Sturms geschlossen bleiben."
    ),
    "no": ("Havnekontoret opplyste fredag at havnene i nord holder stengt til stormen har lagt seg, og båtene blir."),
    "da": (
        "Havnekontoret oplyste fredag, at havnene mod nord forbliver lukkede, indtil stormen er drevet over, "
        "og bådene bliver i havn i nat af hensyn til sejlerne."
    ),
    "uk": ("Портове управління повідомило в п'ятницю, що північні порти будуть зачинені, доки не мине шторм на морі."),
    "ru": ("Портовое управление сообщило в пятницу, что северные порты останутся закрытыми, пока не пройдёт шторм."),
    "fa": ("اداره بندر روز جمعه اعلام کرد که بندرهای شمالی تا پایان توفان بسته خواهند ماند و قایق‌ها حرکت نمی‌کنند."),
    "ar": ("أعلن مكتب الميناء يوم الجمعة أن الموانئ الشمالية ستبقى مغلقة حتى تمر العاصفة ولن تغادر القوارب الليلة."),
    "zh": (
        "港务局星期五表示，北部各港口将一直关闭到风暴过去为止，所有船只今晚都不会出海，渡"
        "轮也将停航至周日早晨，请旅客留意公告。"
    ),
}


@pytest.mark.parametrize("code", TEXTS)
def test_language_of_a_text_is_found(code):
    assert language_of(TEXTS[code]) == code


@pytest.mark.parametrize("text", [POLISH, HINDI])
def test_language_that_is_none_of_ours_is_not_called_one_of_them(text):
    assert language_of(text) == ""


def test_clear_text_wins_over_what_the_page_says():
    assert language_of(ENGLISH, declared="fr-FR") == "en"


def test_short_text_is_what_the_page_says():
    assert language_of("Nord 7", declared="nb-NO") == "no"
