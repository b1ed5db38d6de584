"""Outlet files: what is refused, and that every fault is told with file and key."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from config.errors import ConfigurationError
from config.outlets import OutletSpec, load_outlets, read_outlet

GOOD = 'name = "{name}"\ntitle = "T"\nhome = "https://www.{name}.example/"\nlanguages = ["en"]\n'


def write(folder: Path, name: str, extra: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.toml"
    path.write_text(GOOD.format(name=name) + extra, encoding="utf-8")
    return path


def faults_of(*folders: Path) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load_outlets(folders)
    return list(caught.value.faults)


def spec(**more: object) -> OutletSpec:
    return OutletSpec.model_validate(
        {"name": "abc", "title": "T", "home": "https://abc.example/", "languages": ["en"], **more}
    )


def test_outlets_of_all_folders_are_read_by_name(tmp_path: Path):
    write(tmp_path / "shipped", "one")
    write(tmp_path / "own", "two")
    assert sorted(load_outlets([tmp_path / "shipped", tmp_path / "own", tmp_path / "absent"])) == ["one", "two"]


def test_all_faults_of_all_files_are_one_report(tmp_path: Path):
    first = write(tmp_path, "aaa", '[leads]\nfeedz = []\n[pace]\ndelay_s = "slow"\n')
    second = write(tmp_path, "bbb", '[articles]\nmatch = ["("]\n')
    faults = faults_of(tmp_path)
    assert [fault.split(": ")[:2] for fault in faults] == [
        [str(first), "leads.feedz"],
        [str(first), "pace.delay_s"],
        [str(second), "articles.match"],
    ]


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ('[[rules]]\ntitle = "h1:::["\n', "rules.0.title.selector: not a valid CSS selector: 'h1:::['."),
        ('[[rules]]\ndrop = [">>>"]\n', "rules.0.drop: not a valid CSS selector: '>>>'."),
        ('[leads]\nlisting_links = "a[["\n', "leads.listing_links: not a valid CSS selector: 'a[['."),
        (
            '[[rules]]\npublished = { selector = "time", zone = "Mars/Base" }\n',
            "rules.0.published.zone: not an IANA time zone, as Asia/Seoul: 'Mars/Base'.",
        ),
        ('[[rules]]\nuntil = "someday"\n', "rules.0.until: must be a day, as 2026-06-30."),
    ],
)
def test_a_rule_that_could_never_match_is_refused(extra: str, told: str, tmp_path: Path):
    path = write(tmp_path, "abc", extra)
    assert faults_of(tmp_path) == [f"{path}: {told}"]


def test_a_name_unlike_the_file_is_refused(tmp_path: Path):
    path = write(tmp_path, "abc")
    path = path.rename(tmp_path / "other.toml")
    assert "must be 'other' like the file" in faults_of(tmp_path)[0]


def test_one_host_cannot_have_two_outlets(tmp_path: Path):
    write(tmp_path, "aaa")
    write(tmp_path, "bbb", 'hosts = ["aaa.example"]\n')
    assert "aaa.example already belongs to" in faults_of(tmp_path)[0]


def test_a_name_taken_in_an_earlier_folder_is_refused(tmp_path: Path):
    write(tmp_path / "shipped", "abc")
    write(tmp_path / "own", "abc")
    assert "is taken by" in faults_of(tmp_path / "shipped", tmp_path / "own")[0]


def test_a_source_on_a_foreign_host_is_refused(tmp_path: Path):
    path = write(tmp_path, "abc", '[leads]\nfeeds = ["https://elsewhere.example/feed"]\n')
    with pytest.raises(ConfigurationError, match=r"elsewhere\.example/feed is on a host"):
        read_outlet(path)


def test_www_is_folded_when_asking_who_owns_a_url():
    assert spec(home="https://www.abc.example/").owns("http://ABC.example/x")


def test_article_patterns_are_searched_in_path_and_query_and_exclusions_win():
    outlet = spec(articles={"match": [r"^/news/\d+"], "exclude": [r"print=1"]})
    assert outlet.is_article_url("https://abc.example/news/12")
    assert not outlet.is_article_url("https://abc.example/news/12?print=1")
    assert not outlet.is_article_url("https://abc.example/about")


def test_dated_rules_hold_until_their_day_then_the_undated_ones():
    outlet = spec(rules=[{"title": "h1.new"}, {"title": "h1.old", "until": "2024-05-31"}])
    first, second = outlet.rules_on(date(2024, 5, 31)).title, outlet.rules_on(date(2024, 6, 1)).title
    assert first is not None
    assert second is not None
    assert (first.selector, second.selector) == ("h1.old", "h1.new")


def test_the_shipped_outlet_files_are_valid():
    shipped = Path(__file__).parent.parent.parent / "config" / "outlets"
    assert "foremedia" in load_outlets([shipped])
