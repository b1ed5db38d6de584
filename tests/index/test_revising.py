"""What is an edit and what is none: the table of it."""

from __future__ import annotations

import pytest

from index.page_lines import is_page_line, tells_correction
from index.revising import State, is_edit

NO_EDIT = [
    ("comma", "The minister, who left, said no.", "The minister who left said no."),
    ("full stop", "Ports closed.", "Ports closed"),
    ("white space", "Ports  closed\ntoday.", "Ports closed today."),
    ("no-break space", "12\u00a0men left.", "12 men left."),
    ("soft hyphen", "Vladi\u00advostok closed.", "Vladivostok closed."),
    ("quotation marks", 'He said "no" to it.', "He said “no” to it."),
    ("single quotation marks", "It’s 'over', he said.", "It's “over”, he said."),
    ("guillemets", "Il a dit «non».", "Il a dit « non »."),
    ("dash", "Ports - all of them - closed.", "Ports – all of them — closed."),
    ("dash for a comma", "Ports, all of them, closed.", "Ports — all of them — closed."),
    ("hyphen", "They co-operate.", "They cooperate."),
    ("hyphen before a number", "A MiG-29 fell.", "A MiG 29 fell."),
    ("capitals", "PORTS CLOSED today.", "Ports closed today."),
    ("sharp s", "Die Straße.", "Die STRASSE."),
    ("ellipsis", "And then…", "And then..."),
    ("exclamation mark", "Ports closed!", "Ports closed."),
    ("mark in a number", "3,000 men left.", "3.000 men left."),
    ("paragraphs joined", "Ports closed.\n\nShips wait.", "Ports closed. Ships wait."),
    ("width of letters", "Ｐorts closed　１２.", "Ports closed 12."),
    ("Chinese comma", "北京，今天关闭港口。", "北京 今天关闭港口"),
    ("Japanese brackets", "「港は閉鎖」と述べた。", "『港は閉鎖』と述べた。"),
    ("Arabic comma and vowel signs", "قالَ الوزير، لا.", "قال الوزير لا."),
    ("Hebrew points", "שָׁלוֹם לכם.", "שלום לכם"),
    ("reading time", "Ports closed.\n\n4 min read", "Ports closed.\n\n5 min read"),
    ("reading time comes", "Ports closed.", "Lesezeit: 5 Minuten\n\nPorts closed."),
    ("minutes ago", "Updated 5 minutes ago\n\nPorts closed.", "Updated 2 hours ago\n\nPorts closed."),
    ("update stamp", "Ports closed.\n\nLast updated: 3 May 2024, 10:30 GMT", "Ports closed."),
    ("update stamp in French", "Ports fermés.", "Ports fermés.\n\nMis à jour le 3 mai 2024 à 10h30"),
    ("update stamp in Chinese", "港口关闭。", "更新：2024年5月3日 10:30\n\n港口关闭。"),
    ("share label", "Ports closed.", "Share this article\n\nPorts closed.\n\n12 comments"),
    ("pointer to other news", "Ports closed.\n\nRead more: Ships wait", "Ports closed.\n\nRead more: War begins"),
    ("related list in the text", "Ports closed.", "Ports closed.\n\nRelated articles\n\nWar begins"),
]
EDITS = [
    ("sentence behind a related list", "Related\n\nWar begins\n\nPorts closed.", "Related\n\nWar begins"),
    ("word", "Ports closed.", "Ports opened."),
    ("negation", "He will go.", "He will not go."),
    ("negation joined", "He can go.", "He can't go."),
    ("negation in Chinese", "他会去。", "他不会去。"),
    ("negation in Arabic", "سيذهب الوزير", "لن يذهب الوزير"),
    ("digit", "12 men left.", "13 men left."),
    ("digit in Arabic numerals", "غادر ١٢ رجلا", "غادر ١٣ رجلا"),
    ("decimal point comes", "15 percent.", "1.5 percent."),
    ("group mark and range", "3,400 men.", "3-400 men."),
    ("number split", "12 men.", "1 2 men."),
    ("minus sign", "It was 5 degrees.", "It was -5 degrees."),
    ("percent sign", "Up 5%.", "Up 5."),
    ("currency", "It cost $5.", "It cost €5."),
    ("name", "Li Wei said so.", "Li Wen said so."),
    ("accent that makes a name", "Mr Kovac said.", "Mr Kovač said."),
    ("question becomes a claim", "Ports closed?", "Ports closed."),
    ("misspelling corrected", "The goverment left.", "The government left."),
    ("one letter", "Iraq struck.", "Iran struck."),
    ("Chinese character", "北京关闭港口", "南京关闭港口"),
    ("vowel sign of Hindi", "मंत्री", "मंत्रि"),
    ("paragraph", "Ports closed.", "Ports closed.\n\nShips wait."),
    ("order of paragraphs", "Ports closed.\n\nShips wait.", "Ships wait.\n\nPorts closed."),
    ("correction notice", "Ports closed.", "Ports closed.\n\nCorrection: not all of them."),
    ("update with news", "Ports closed.", "Updated with three dead\n\nPorts closed."),
    ("text goes", "Ports closed.", ""),
    ("long line that looks like a label", "Ports closed.", "Ports closed.\n\nRead more: " + "x" * 200),
]


def of(text: str) -> State:
    return State("Title", ("Ana Ruiz",), text)


@pytest.mark.parametrize(("before", "after"), [case[1:] for case in NO_EDIT], ids=[case[0] for case in NO_EDIT])
def test_is_no_edit_either_way(before, after):
    assert not is_edit(of(before), of(after))
    assert not is_edit(of(after), of(before))


@pytest.mark.parametrize(("before", "after"), [case[1:] for case in EDITS], ids=[case[0] for case in EDITS])
def test_is_an_edit_either_way(before, after):
    assert is_edit(of(before), of(after))
    assert is_edit(of(after), of(before))


@pytest.mark.parametrize(
    ("before", "after", "edited"),
    [
        (("Ana Ruiz",), ("ANA RUIZ",), False),
        (("Ana Ruiz", "Li Wei"), ("Li Wei", "Ana Ruiz"), False),
        (("Ana Ruiz",), ("Ana Ruiz", "Li Wei"), True),
        ((), ("Ana Ruiz",), True),
    ],
)
def test_authors(before, after, edited):
    assert is_edit(State("Title", before, "Text."), State("Title", after, "Text.")) is edited


@pytest.mark.parametrize(
    ("before", "after", "edited"),
    [("Ports closed", "PORTS CLOSED", False), ("Ports closed", "“Ports closed”", False), ("Ports closed", "", True)],
)
def test_headline(before, after, edited):
    assert is_edit(State(before, (), ""), State(after, (), "")) is edited


def test_paragraph_that_is_nothing_but_a_link_of_the_page_is_no_text():
    before, after = of("Ports closed."), of("Ports closed.\n\nWar begins in the north")
    assert is_edit(before, after)
    assert not is_edit(before, after, labels={"War begins in the north"})
    assert is_edit(before, of("Ports closed.\n\nWar begins in the north, he said"), labels={"War begins in the north"})


@pytest.mark.parametrize(
    "line",
    ["Updated talks will follow.", "Stand by for more.", "May resigned.", "Related talks failed.", "12 dead", ""],
)
def test_sentence_is_no_line_of_the_page(line):
    assert not is_page_line(line)


@pytest.mark.parametrize(
    ("paragraph", "told"),
    [
        ("Correction: the ship was not sunk.", True),
        ("Correction, May 3: the ship was not sunk.", True),
        ("(This story has been corrected to fix the date.)", True),
        ("This article was amended on 3 May 2024.", True),
        ("An earlier version of this article misspelled a name.", True),
        ("Editor’s note: the text was changed.", True),
        ("Berichtigung: In einer früheren Version stand 12.", True),
        ("Cet article a été corrigé le 3 mai.", True),
        ("Fe de errores: no.", False),
        ("Corrección: eran doce.", True),
        ("Errata: eram doze.", True),
        ("Исправление: их было 12.", True),
        ("更正：此前报道有误。", True),
        ("訂正：12人でした。", True),
        ("تصحيح: كانوا 12.", True),
        ("Corrections officers left the prison.", False),
        ("A price correction is due.", False),
        ("The army corrected its figures.", False),
    ],
)
def test_notice_of_a_correction(paragraph, told):
    assert tells_correction(paragraph) is told
