"""Files of topics and gazetteers: the shipped ones are sound, a wrong one is told in one report."""

from __future__ import annotations

import shutil

import pytest

from config.errors import ConfigurationError
from config.names import GAZETTEERS, KINDS, load_gazetteer, slug_of_name
from config.topics import TOPICS_FILE, load_topics


def test_shipped_topics_are_those_of_the_contract():
    assert set(load_topics().topics) == {"war", "alliance", "weapons", "border", "sanctions", "intelligence", "cyber"}


def test_all_faults_of_a_topics_file_are_told_at_once(tmp_path):
    file = tmp_path / "topics.toml"
    text = TOPICS_FILE.read_text(encoding="utf-8")
    text = text.replace("needed = 5.0", 'needed = "much"\nextra = 1').replace('en = ["war", ', 'en = ["w*r", ', 1)
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_topics(file)
    told = str(caught.value)
    assert len(caught.value.faults) == 3
    assert "needed: must be a number" in told
    assert "extra: unknown key" in told
    assert "'w*r' is no word" in told


@pytest.mark.parametrize("text", ["not toml [", "\x00"])
def test_a_file_that_is_no_toml_is_told(tmp_path, text):
    file = tmp_path / "topics.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="cannot be read as TOML"):
        load_topics(file)


def test_a_topics_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ConfigurationError, match=r"subjects\.topics_file"):
        load_topics(tmp_path / "none.toml")


def test_the_gazetteers_have_every_kind_and_country():
    entries = load_gazetteer().entries
    assert {entry.kind for entry in entries} == set(KINDS)
    countries = [entry for entry in entries if entry.kind == "country"]
    assert len(countries) >= 195
    assert all(len(entry.forms) >= 20 for entry in countries)
    assert len({(entry.kind, entry.slug) for entry in entries}) == len(entries)


def test_all_faults_of_the_gazetteers_are_told_at_once(tmp_path):
    folder = tmp_path / "gazetteers"
    shutil.copytree(GAZETTEERS, folder)
    with (folder / "places.toml").open("a", encoding="utf-8") as file:
        file.write('\n[nowhere]\nlabel = "Nowhere"\ncountry = "zz"\nen = "Nowhere"\n')
    with (folder / "weapons.toml").open("a", encoding="utf-8") as file:
        file.write('\n[stone]\nen = ["Stone"]\n')
    with pytest.raises(ConfigurationError) as caught:
        load_gazetteer(folder)
    assert len(caught.value.faults) == 3


@pytest.mark.parametrize(
    ("name", "slug"), [("Nicolás Maduro", "nicolas-maduro"), ("Jonas Støre", "jonas-store"), ("Путин", "путин")]
)
def test_slugs_of_names(name, slug):
    assert slug_of_name(name) == slug
