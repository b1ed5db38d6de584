"""Primary documents by their address: governments, courts, treaty bodies, papers; and what only looks like them."""

from __future__ import annotations

import gzip
import json

import pytest

from config.errors import ConfigurationError
from crawler.extract.links import role_of
from crawler.extract.sources import is_source, load_sources
from index.records import Role


@pytest.mark.parametrize(
    "host",
    [
        "state.gov",
        "www.gov.uk",
        "mod.gov.ua",
        "army.mil",
        "syria.mil.ru",
        "defense.gouv.fr",
        "noticias.mcd.gob.gt",
        "mofa.go.jp",
        "who.int",
        "press.un.org",
        "ec.europa.eu",
        "bsi.bund.de",
        "auswaertiges-amt.de",
        "icj-cij.org",
        "dserver.bundestag.de",
        "kremlin.ru",
        "publications.parliament.uk",
        "canada.ca",
        "beehive.govt.nz",
    ],
)
def test_official_hosts_are_sources(host):
    assert is_source(f"https://{host}/a")
    assert role_of(f"https://{host}/a", "the statement", page_host="gazette.example") is Role.SOURCE


@pytest.mark.parametrize(
    "url",
    [
        "https://pubmed.ncbi.nlm.nih.gov/123/",
        "https://lccn.loc.gov/123",
        "https://gov.com/a",
        "https://mygov.example/a",
        "https://unorg.example/un.org",
        "https://mil.example.com/a",
        "https://point.com/int",
        "https://gazette.example/pdf",
        "https://t.co/abc",
    ],
)
def test_what_only_looks_official_is_none(url):
    assert not is_source(url)


def test_paper_is_a_source_wherever_it_is():
    assert is_source("https://institute.example/papers/Report.PDF?download=1")


def test_archive_copy_of_a_source_is_one():
    assert is_source("http://web.archive.org/web/20150307120929/http://www.nyc.gov/html/device.shtml")


def test_links_among_the_pages_of_an_agency_are_no_sources():
    assert role_of("https://www.nato.int/cps/en/a", "more", page_host="nato.int") is Role.INLINE
    assert role_of("https://shape.nato.int/b.pdf", "the paper", page_host="nato.int") is Role.SOURCE


def test_file_of_sources_is_checked(tmp_path):
    path = tmp_path / "sources.toml"
    path.write_text('hosts = "gov"\nother = []\n')
    with pytest.raises(ConfigurationError) as caught:
        load_sources(path)
    assert "other: unknown key" in str(caught.value)
    assert "hosts: must be a list" in str(caught.value)


def test_shipped_list_has_no_host_twice_nor_in_capitals():
    found = load_sources()
    assert all(host == host.lower() and not host.startswith(".") for host in found.hosts | found.not_hosts)


def test_share_of_sources_on_real_links(shared):
    """165 of 4,816 links of 686 pages; the list of hosts was looked through: no shop, no news outlet but for papers."""
    with gzip.open(shared / "links" / "links.jsonl.gz", "rt", encoding="utf-8") as lines:
        pages = [json.loads(line) for line in lines]
    urls = [link["url"] for page in pages for link in page["links"] if not link["internal"]]
    found = [url for url in urls if is_source(url)]
    papers = [url for url in found if ".pdf" in url.lower()]
    assert 120 <= len(found) <= 200
    assert 40 <= len(papers) <= 90
