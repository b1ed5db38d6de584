"""Outlet files: what is refused, and that every fault is told with file and key."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from config.errors import ConfigurationError
from config.outlet_faults import why_bad_format, why_bad_zone
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
        ('[[rules]]\nuntil = "someday"\n', "rules.0.until: must be a day, as 2026-06-30, not 'someday'."),
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
    assert "hosts: aaa.example already belongs to" in faults_of(tmp_path)[0]


def test_a_name_taken_in_an_earlier_folder_is_refused(tmp_path: Path):
    write(tmp_path / "shipped", "abc")
    write(tmp_path / "own", "abc")
    assert "is taken by" in faults_of(tmp_path / "shipped", tmp_path / "own")[0]


def test_an_operators_outlet_takes_the_place_of_one_that_ships(tmp_path: Path):
    write(tmp_path / "shipped", "abc")
    write(tmp_path / "shipped", "other")
    write(tmp_path / "own", "abc", 'replaces = ["abc"]\nhosts = ["more.example"]\n')
    found = load_outlets([tmp_path / "shipped", tmp_path / "own"])
    assert sorted(found) == ["abc", "other"]
    assert found["abc"].owns("https://more.example/")


def test_an_outlet_of_another_name_frees_the_hosts_of_the_one_it_replaces(tmp_path: Path):
    write(tmp_path / "shipped", "abc")
    write(tmp_path / "own", "mine", 'hosts = ["abc.example"]\nreplaces = ["abc"]\n')
    assert sorted(load_outlets([tmp_path / "shipped", tmp_path / "own"])) == ["mine"]


def test_a_clash_with_an_outlet_that_ships_says_how_to_take_its_place(tmp_path: Path):
    write(tmp_path / "shipped", "abc")
    write(tmp_path / "own", "mine", 'hosts = ["abc.example"]\n')
    assert faults_of(tmp_path / "shipped", tmp_path / "own")[0].endswith(', or take its place: replaces = ["abc"].')


def test_only_an_outlet_of_an_earlier_folder_can_be_replaced(tmp_path: Path):
    write(tmp_path / "shipped", "harbour")
    write(tmp_path / "own", "aaa")
    path = write(tmp_path / "own", "mine", 'replaces = ["aaa", "harbor"]\n')
    assert faults_of(tmp_path / "shipped", tmp_path / "own") == [
        f"{path}: replaces: 'aaa' is no outlet that ships.",
        f"{path}: replaces: 'harbor' is no outlet that ships, perhaps harbour.",
    ]


def test_a_list_of_the_replaced_that_is_none_is_told_like_any_other_fault(tmp_path: Path):
    path = write(tmp_path, "abc", 'replaces = "other"\n')
    assert faults_of(tmp_path) == [f"{path}: replaces: must be a list, not 'other'."]


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


def test_a_zone_nobody_knows_is_refused(tmp_path: Path):
    write(tmp_path, "abc", 'zone = "Europe/Nowhere"\n')
    assert "not an IANA time zone, as Asia/Seoul: 'Europe/Nowhere'" in faults_of(tmp_path)[0]


def test_dated_rules_hold_until_their_day_then_the_undated_ones():
    outlet = spec(rules=[{"title": "h1.new"}, {"title": "h1.old", "until": "2024-05-31"}])
    first, second = outlet.rules_on(date(2024, 5, 31)).title, outlet.rules_on(date(2024, 6, 1)).title
    assert first is not None
    assert second is not None
    assert (first.selector, second.selector) == ("h1.old", "h1.new")


def test_the_shipped_outlet_files_are_valid():
    shipped = Path(__file__).parent.parent.parent / "config" / "outlets"
    assert "foremedia" in load_outlets([shipped])


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ("[leads]\nfeedz = []\n", "leads.feedz: unknown key; did you mean `feeds`?"),
        ('[articles]\nfoobar = "x"\n', "articles.foobar: unknown key; there are match, exclude, query_keys"),
        ("feeds = []\n", "feeds: unknown key; `feeds` belongs in [leads]"),
        ('[pace]\ncountry = "GB"\n', "pace.country: unknown key; `country` belongs before the first table"),
        ('[[rules]]\ntitel = "h1"\n', "rules.0.titel: unknown key; did you mean `title`?"),
        (
            '[[rules]]\npublished = { selector = "b", zome = "UTC" }\n',
            "rules.0.published.zome: unknown key; did you mean `zone`?",
        ),
        ('languages = "en"\n', "languages: must be a list, not 'en'"),
        ('languages = ["eng"]\n', "languages: languages are two-letter codes (ISO 639-1), not 'eng'"),
        ('country = "England"\n', "country: must be two capital letters (ISO 3166), as GB, or empty, not 'England'"),
        (
            'hosts = ["https://m.abc.example/"]\n',
            "hosts: must be a host alone, not 'https://m.abc.example/'; did",
        ),
        ('ports = ["8080x"]\n', "ports.0: must be a whole number, not '8080x'"),
        ("[pace]\ndelay_s = -1\n", "pace.delay_s: must be at least 0, not -1"),
        ('[pace]\nmax_pages = "many"\n', "pace.max_pages: must be a whole number, not 'many'"),
        ('enabled = "perhaps"\n', "enabled: must be true or false, not 'perhaps'"),
        ('leads = "https://abc.example/feed"\n', "leads: must be a table, not 'https://abc.example/feed'"),
        ("[expect]\nfill = { autors = 0.9 }\n", "expect.fill: unknown field 'autors'; did you mean `authors`?"),
        ("[expect]\nfill = { authors = 90 }\n", "expect.fill: authors: must be a share from 0 to 1, not 90"),
        ("[expect]\narticles_per_week = [9, 2]\n", "expect.articles_per_week: must be [least, most], not [9, 2]"),
        ("[[rules]]\n[[rules]]\n", "rules: only one layout may be without `until`"),
        ("[[rules]]\nuntil = 2024-05-31\n[[rules]]\nuntil = 2024-05-31\n", "rules: two layouts end on 2024-05-31"),
        (
            '[leads]\nfeeds = ["https://elsewhere.example/feed"]\n',
            "leads.feeds.0: https://elsewhere.example/feed is on a host that is neither home's nor in `hosts`",
        ),
    ],
)
def test_a_fault_says_what_was_probably_meant(extra: str, told: str, tmp_path: Path):
    given = extra.split(" =", 1)[0]
    lines = [line for line in GOOD.format(name="abc").splitlines(True) if not line.startswith(f"{given} =")]
    path = tmp_path / "abc.toml"
    path.write_text("".join(lines) + extra, encoding="utf-8")
    (fault,) = faults_of(tmp_path)
    assert fault.startswith(f"{path}: {told}")


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("%d %B %Y", ""),
        ("Updated %I:%M%p GMT %a, %B %d, %Y", ""),
        ("%Y-%m-%dT%H:%M:%S%z", ""),
        ("%d.%m.%y", ""),
        ("%A %-d %B %Y", "did you mean `%A %d %B %Y`?"),
        ("%d %B %Q", "is no format strptime can read"),
        ("%d %B %Y %", "is no format strptime can read"),
        ("%d %B", "it has no year (%Y)"),
        ("%H:%M", "it has no year (%Y), month (%m or %B), day (%d)"),
        ("20 November 2026", "reads no date"),
    ],
)
def test_a_date_format_that_can_give_no_day_is_refused(pattern: str, told: str):
    fault = why_bad_format(pattern)
    assert (told in fault) if told else (fault == "")


@pytest.mark.parametrize(
    ("zone", "meant"),
    [
        ("Europe/Kiew", "Europe/Kiev"),
        ("Seoul", "Asia/Seoul"),
        ("America/New York", "America/New_York"),
        ("Europe/Londn", "Europe/London"),
        ("europe/paris", "Europe/Paris"),
        ("utc", "UTC"),
        ("Berlin/Europe", "Europe/Berlin"),
        ("CEST", "Europe/Berlin"),
        ("UTC+2", "Etc/GMT-2"),
        ("-05:00", "Etc/GMT+5"),
    ],
)
def test_a_zone_that_is_none_is_answered_with_the_one_that_was_meant(zone: str, meant: str):
    assert f"did you mean `{meant}`?" in why_bad_zone(zone)


@pytest.mark.parametrize("zone", ["Mars/Base", "UTC+99", "", "../../etc/passwd"])
def test_a_zone_that_is_like_none_is_not_guessed_at(zone: str):
    assert "did you mean" not in why_bad_zone(zone)


def test_a_file_with_faults_is_compared_with_the_others_too(tmp_path: Path):
    first = write(tmp_path, "aaa", 'hosts = ["shared.example"]\n')
    leads = '[leads]\nfeedz = []\nfeeds = ["https://far.example/f"]\n'
    second = write(tmp_path, "bbb", f'hosts = ["shared.example"]\n{leads}')
    third = write(tmp_path, "ccc", "= = =\n")
    faults = faults_of(tmp_path)
    assert [fault.split(": ", 2)[:2] for fault in faults] == [
        [str(second), "leads.feedz"],
        [str(second), "leads.feeds.0"],
        [str(second), "hosts"],
        [str(third), "not valid TOML"],
    ]
    assert str(first) in faults[2]


def test_a_missing_name_is_one_fault(tmp_path: Path):
    (tmp_path / "abc.toml").write_text('title = "T"\nhome = "https://abc.example/"\nlanguages = ["en"]\n')
    assert faults_of(tmp_path) == [f"{tmp_path / 'abc.toml'}: name: must be 'abc' like the file, not None."]
