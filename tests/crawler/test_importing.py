"""Files into the archive: every kind, broken ones, repeated ones."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.errors import StorageFullError, UsageError
from config.settings import Settings
from crawler.importing import ImportReport, import_files
from index.archive import Archive
from index.records import ArticleFlag, Page, StoredArticle
from index.store import Store, open_store
from index.store.articles import article_by_url, count_articles, latest_articles, revisions_of
from index.store.changes import last_change
from index.store.outlets import get_outlet
from index.store.pages import pages_of_article
from tests.loopback_outlet import HOME, OUTLET_FILE, article_html

THEN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def settings(make_settings: Callable[..., Settings], tmp_path: Path) -> Settings:
    folder = tmp_path / "outlets"
    folder.mkdir()
    (folder / "harbour.toml").write_text(OUTLET_FILE, encoding="utf-8")
    return make_settings(crawler={"outlets_dir": str(folder), "min_free_mb": 1})


@pytest.fixture
def archive(settings: Settings) -> Iterator[Store]:
    store = open_store(settings)
    yield store
    store.close()


class Taking:
    """Imports files and keeps what was said about faults."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.faults: list[str] = []

    def __call__(self, *paths: Path, outlet: str = "", url: str = "") -> ImportReport:
        return import_files(paths, settings=self.settings, outlet=outlet, url=url, on_fault=self.faults.append)


@pytest.fixture
def take(settings: Settings) -> Taking:
    return Taking(settings)


def html(name: str, *, title: str = "", canonical: str = "") -> str:
    return article_html(name, title, "", "", canonical or f"{HOME}/news/{name}")


def lines(path: Path, *parts: object) -> Path:
    text = "\n".join(part if isinstance(part, str) else json.dumps(part) for part in parts) + "\n"
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


def by_url(store: Store, url: str) -> StoredArticle:
    with store.read() as tx:
        held = article_by_url(tx, url)
    assert held is not None
    return held


def test_html_file_is_extracted_under_the_address_given(take, archive, tmp_path):
    file = tmp_path / "a.html"
    file.write_text(html("a"), encoding="utf-8")
    assert take(file, url=f"{HOME}/news/a").counts == {"new": 1}
    assert by_url(archive, f"{HOME}/news/a").title == "News of a"


def test_html_file_without_url_is_known_by_its_canonical_link(take, archive, tmp_path):
    file = tmp_path / "a.html.gz"
    file.write_bytes(gzip.compress(html("a").encode()))
    assert take(file).counts == {"new": 1}
    assert by_url(archive, f"{HOME}/news/a").outlet == "harbour"


def test_html_file_that_names_no_address_is_told_what_to_do(take, tmp_path):
    file = tmp_path / "a.html"
    file.write_text("<h1>Nobody's</h1><p>Text.</p>", encoding="utf-8")
    report = take(file)
    assert report.exit_code == 10
    assert take.faults == [f"{file}: the page names no address of its own; give it with --url or a field url."]


def test_page_lines_are_extracted_and_other_fields_ignored(take, archive, tmp_path):
    (tmp_path / "b.html.gz").write_bytes(gzip.compress(html("b").encode()))
    file = lines(
        tmp_path / "pages.jsonl",
        {"url": f"{HOME}/news/a", "html": html("a"), "title": "not this", "text": "nor this", "outlet": "nobody"},
        {"url": f"{HOME}/news/b", "file": "b.html.gz", "title": "not this"},
    )
    assert take(file).counts == {"new": 2}
    assert by_url(archive, f"{HOME}/news/a").title == "News of a"
    assert by_url(archive, f"{HOME}/news/b").outlet == "harbour"


def test_file_beside_the_lines_cannot_be_elsewhere(take, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "secret.html").write_text(html("a"), encoding="utf-8")
    file = lines(folder / "pages.jsonl", {"url": f"{HOME}/news/a", "file": "../secret.html"})
    assert take(file).faults == 1
    assert "does not lie beside" in take.faults[0]


def test_texts_are_stored_with_their_import_ids(take, archive, tmp_path):
    file = lines(
        tmp_path / "texts.jsonl.gz",
        {"id": "w-1", "outlet": "wire-1987", "date": "1987-02-26T15:01:01Z", "title": "One", "text": "First.\nLast."},
        {"id": "w-2", "outlet": "wire-1987", "url": "http://wire.example/two", "title": "Two", "text": "Second."},
    )
    assert take(file).counts == {"new": 2}
    first = by_url(archive, "urn:watchfloor:wire-1987:w-1")
    assert (first.import_id, first.outlet, first.text) == ("w-1", "wire-1987", "First.\n\nLast.")
    assert first.published.at == datetime(1987, 2, 26, 15, 1, 1, tzinfo=UTC)
    assert by_url(archive, "http://wire.example/two").import_id == "w-2"


def test_unknown_outlet_of_texts_is_provisional(take, archive, tmp_path):
    take(lines(tmp_path / "texts.jsonl", {"id": "1", "outlet": "wire-1987", "title": "One", "text": "First."}))
    with archive.read() as tx:
        outlet = get_outlet(tx, "wire-1987")
    assert outlet is not None
    assert outlet.provisional
    assert by_url(archive, "urn:watchfloor:wire-1987:1").flags == (ArticleFlag.PROVISIONAL_OUTLET,)


def test_page_of_an_unknown_host_gets_a_provisional_outlet(take, archive, tmp_path):
    page = html("a", canonical="http://unknown.example/news/a")
    take(lines(tmp_path / "pages.jsonl", {"url": "http://www.unknown.example/news/a", "html": page}))
    held = by_url(archive, "http://unknown.example/news/a")
    assert held.outlet == "unknown_example"
    assert ArticleFlag.PROVISIONAL_OUTLET in held.flags


def test_broken_lines_cost_only_themselves_and_are_named(take, tmp_path):
    file = lines(
        tmp_path / "mixed.jsonl",
        {"id": "1", "outlet": "wire", "title": "One", "text": "First."},
        "{not json",
        "[1, 2]",
        {"id": "2", "outlet": "wire", "title": "No text at all"},
        {"id": "3", "title": "Whose?", "text": "Nobody's."},
        {"id": "4", "outlet": "wire", "title": "Two", "text": "Second."},
    )
    report = take(file)
    assert (report.counts, report.faults, report.exit_code) == ({"new": 2}, 4, 10)
    assert [sentence.split(":")[0] for sentence in take.faults] == [f"{file}, line {number}" for number in (2, 3, 4, 5)]


def test_faults_say_what_is_wrong_with_a_line(take, tmp_path):
    path = tmp_path / "bad.jsonl"
    text = {"id": "1", "outlet": "wire", "url": "https://[bad", "text": "First."}
    path.write_bytes(b"\xff\xfe{}\n" + json.dumps(text).encode() + b"\n")
    assert take(path).faults == 2
    assert take.faults == [
        f"{path}, line 1: not UTF-8 text; passed over.",
        f"{path}, line 2: https://[bad is no http or https address; give the text's own, or none.",
    ]


def test_byte_order_mark_is_no_fault(take, tmp_path):
    path = tmp_path / "marked.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"id": "1", "outlet": "wire", "text": "First."}).encode())
    assert take(path).counts == {"new": 1}


def test_half_a_character_in_a_line_costs_no_import(take, archive, tmp_path):
    """JSON can write half of a pair of surrogates, which no database and no language model takes."""
    whole = "Ministers met in the capital to speak of the border. " * 4
    path = lines(
        tmp_path / "halves.jsonl",
        {"id": "a\ud83d", "outlet": "wire", "title": "Half a \ud83d smile\x00", "text": f"\ud800{whole}\x00 and more"},
        {"id": "b", "outlet": "wire", "title": "The next line", "text": whole + "It was the second time."},
        {"url": f"{HOME}/news/half", "html": html("half", title="Half a \ud83d smile in a page")},
        {"id": "c", "outlet": "wire", "title": "Nothing left", "text": "\x00\ud800"},
    )

    report = take(path)

    assert report.counts == {"new": 3}
    assert report.faults == 1, take.faults
    with archive.read() as tx:
        first = article_by_url(tx, "urn:watchfloor:wire:a")
    assert first is not None
    assert first.title == "Half a smile"
    assert first.text.endswith(" and more")


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.txt", "a.html"])
def test_an_empty_file_is_told(take, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(gzip.compress(b"") if name.endswith(".gz") else b"")
    report = take(path, outlet="wire")
    assert (report.faults, report.exit_code, take.faults) == (1, 10, [f"{path}: is empty; passed over."])


def test_text_file_of_bytes_nobody_wrote_is_no_article(take, archive, tmp_path):
    path = tmp_path / "junk.txt"
    path.write_bytes(bytes(range(14, 256)) * 20)
    assert take(path, outlet="wire").faults == 1
    with archive.read() as tx:
        assert count_articles(tx) == 0


def test_record_whose_address_is_broken_costs_only_itself(take, archive, settings, tmp_path):
    with Archive(tmp_path).open_writer("other") as writer:
        for url in ("https://[bad/a", f"{HOME}/news/a"):
            writer.append(Page(url, html("a").encode(), THEN, content_type="text/html"))
    (path,) = tmp_path.glob("*.warc.gz")
    report = take(path)
    assert (report.counts, report.faults) == ({"new": 1}, 1)
    assert "record 1: https://[bad/a is no http or https address" in take.faults[0]


def test_truncated_gzip_gives_what_came_before(take, tmp_path):
    parts = [{"id": str(number), "outlet": "wire", "title": f"T{number}", "text": "x" * 3000} for number in range(200)]
    file = lines(tmp_path / "cut.jsonl.gz", *parts)
    file.write_bytes(file.read_bytes()[:-40])
    report = take(file)
    assert report.faults == 1
    assert str(file) in take.faults[0]


def test_repeating_an_import_adds_nothing(take, archive, settings, tmp_path):
    file = lines(
        tmp_path / "mixed.jsonl",
        {"id": "1", "outlet": "wire", "title": "One", "text": "First."},
        {"url": f"{HOME}/news/a", "html": html("a")},
        {"url": f"{HOME}/news/a", "html": html("a", title="An edited headline")},
    )
    take(file)
    with archive.read() as tx:
        before = last_change(tx)
    warcs = sorted(settings.warc_dir.iterdir())
    report = take(file)
    assert report.counts == {"unchanged": 2}
    with archive.read() as tx:
        assert last_change(tx) == before
        held = article_by_url(tx, f"{HOME}/news/a")
        assert held is not None
        assert len(revisions_of(tx, held.id)) == 2
    assert sorted(settings.warc_dir.iterdir()) == warcs


def test_imported_page_is_kept_as_warc(take, archive, settings, tmp_path):
    take(lines(tmp_path / "pages.jsonl", {"url": f"{HOME}/news/a", "html": html("a")}))
    with archive.read() as tx:
        held = article_by_url(tx, f"{HOME}/news/a")
        assert held is not None
        (page,) = pages_of_article(tx, held.id)
    assert page.warc is not None
    assert Archive(settings.warc_dir).read(page.warc).body == html("a").encode()


@pytest.fixture
def warc(tmp_path: Path) -> Path:
    """A WARC file with a page twice, edited in between, a redirect, a dead link and a hub."""
    folder = tmp_path / "warc-in"

    def page(path: str, body: str, **more: object) -> Page:
        parts = {"content_type": "text/html; charset=utf-8", "fetched_at": THEN, **more}
        return Page(f"{HOME}{path}", body.encode(), **parts)  # type: ignore[arg-type]

    with Archive(folder).open_writer("foreign") as writer:
        writer.append(page("/news/a", html("a")))
        writer.append(page("/news/old", "", status=301, headers=(("Location", f"{HOME}/news/b"),)))
        writer.append(page("/news/b", html("b")))
        writer.append(page("/news/gone", "<h1>Not found</h1>", status=404))
        writer.append(page("/news/a", html("a", title="Edited"), fetched_at=THEN.replace(day=2)))
    return next(folder.glob("*.warc.gz"))


def test_warc_gives_revisions_in_the_order_of_their_captures(take, archive, warc):
    report = take(warc)
    assert (report.redirects, report.counts["gone"]) == (1, 1)
    held = by_url(archive, f"{HOME}/news/a")
    with archive.read() as tx:
        assert [revision.title for revision in revisions_of(tx, held.id)] == ["News of a", "Edited"]
    assert held.first_seen_at == THEN


def test_repeating_a_warc_adds_nothing(take, archive, warc):
    take(warc)
    with archive.read() as tx:
        before = last_change(tx)
    assert take(warc).counts == {"unchanged": 2, "gone": 1}
    with archive.read() as tx:
        assert last_change(tx) == before
        assert count_articles(tx) == 2


def test_cut_warc_gives_the_pages_before_the_cut(take, archive, warc):
    warc.write_bytes(warc.read_bytes()[:-60])
    report = take(warc)
    assert report.faults == 1
    assert str(warc) in take.faults[0]
    assert by_url(archive, f"{HOME}/news/b").title == "News of b"


def test_text_file_is_read_in_its_outlets_form(take, archive, shared):
    file = shared / "samples" / "foremedia-article.txt"
    assert take(file, outlet="foremedia").counts == {"new": 1}
    held = by_url(archive, "urn:watchfloor:foremedia:foremedia-article.txt")
    assert held.authors == ("Fiona Nanna",)
    assert take(file, outlet="foremedia").counts == {"unchanged": 1}


def test_text_file_is_kept_and_read_again_from_our_own_warc(take, archive, settings, shared, make_settings, tmp_path):
    take(shared / "samples" / "foremedia-article.txt", outlet="foremedia")
    (file,) = settings.warc_dir.iterdir()
    take.settings = make_settings(data={"dir": str(tmp_path / "other")}, crawler={"min_free_mb": 1})
    assert take(file).counts == {"new": 1}
    store = open_store(take.settings)
    held = by_url(store, "urn:watchfloor:foremedia:foremedia-article.txt")
    store.close()
    assert held.authors == ("Fiona Nanna",)


def test_text_file_needs_its_outlet_named(take, tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("By Nobody, Nowhere News", encoding="utf-8")
    with pytest.raises(UsageError, match="--outlet NAME"):
        take(file)


def test_unknown_kind_of_file_is_refused_before_anything_is_stored(take, archive, tmp_path):
    good = lines(tmp_path / "a.jsonl", {"id": "1", "outlet": "wire", "title": "One", "text": "First."})
    bad = tmp_path / "a.docx"
    bad.write_bytes(b"PK")
    with pytest.raises(UsageError, match=r"a\.docx"):
        take(good, bad)
    with archive.read() as tx:
        assert count_articles(tx) == 0


def test_url_is_for_one_html_file_only(take, tmp_path):
    file = lines(tmp_path / "a.jsonl", {"id": "1", "outlet": "wire", "title": "One", "text": "First."})
    with pytest.raises(UsageError, match="--url"):
        take(file, url=f"{HOME}/news/a")


def test_low_disk_stops_an_import_before_it_starts(make_settings, tmp_path):
    file = lines(tmp_path / "a.jsonl", {"id": "1", "outlet": "wire", "title": "One", "text": "First."})
    with pytest.raises(StorageFullError):
        import_files([file], settings=make_settings(crawler={"min_free_mb": 1 << 40}))


def test_page_over_the_size_limit_is_too_large(take, tmp_path, make_settings):
    take.settings = make_settings(crawler={"min_free_mb": 1}, network={"max_body_bytes": 2048})
    file = lines(tmp_path / "a.jsonl", {"url": f"{HOME}/news/a", "html": html("a") + " " * 4096})
    report = take(file)
    assert report.counts == {"too_large": 1}
    assert report.exit_code == 10


def test_thousands_of_newswire_texts_keep_their_ids(take, archive, shared, tmp_path):
    with gzip.open(shared / "corpus" / "articles.jsonl.gz") as file:
        some = [next(file).decode().rstrip("\n") for _ in range(300)]
    report = take(lines(tmp_path / "some.jsonl", *some))
    assert report.counts == {"new": 300}
    with archive.read() as tx:
        ids = {article.import_id for article in latest_articles(tx, limit=1000)}
    assert ids == {json.loads(line)["id"] for line in some}
    assert isinstance(by_url(archive, "urn:watchfloor:reuters-1987:reut-1"), StoredArticle)
