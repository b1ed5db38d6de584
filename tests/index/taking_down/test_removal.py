"""Taking an article down: afterwards nothing of it is in any file of the data folder, and its addresses are barred."""

from __future__ import annotations

import gzip

import pytest
from sqlalchemy import Text, select

from index.errors import NotFoundError
from index.records import Page, WarcPosition
from index.search.memory_backend import MemoryBackend
from index.store import open_store
from index.store.articles import article_by_url, save_article
from index.store.decisions import decisions_about
from index.store.names import names_with
from index.store.pages import latest_page, save_page
from index.store.removals import removals_by_file
from index.store.runs import start_run
from index.store.tables import metadata
from index.store.takedowns import erase, lift, pending_takedowns, plan_takedown, tombstone_of
from index.sync import sync, verify
from index.taking_down import take_down
from tests.factories import HOME, an_article, register, save
from tests.keeping import OTHER, SECRET, TITLE, WAIT, WORDS, html, keep
from tests.leftovers import files_with


def test_nothing_of_it_is_found_in_the_data_folder(settings, held, backend, archived, now):
    assert set(WORDS) <= {word for words in files_with(settings.data.dir, WORDS).values() for word in words}
    report = take_down(held, backend, settings, f"{HOME}/secret", by="ann", now=now, **WAIT)
    assert report.left == ()
    assert files_with(settings.data.dir, WORDS) == {}


def test_what_else_is_held_stays_whole(settings, held, backend, archived, archive, now):
    take_down(held, backend, settings, f"{HOME}/secret", by="ann", now=now, **WAIT)
    with held.read() as tx:
        pier = article_by_url(tx, f"{HOME}/pier")
        page = latest_page(tx, f"{HOME}/pier")
    assert pier.text == OTHER
    assert OTHER.split("\n\n")[0].encode() in archive.read(page.warc).body
    assert verify(held, backend).equal


def test_other_tools_still_read_the_warc_file(settings, held, backend, archived, now):
    from warcio.archiveiterator import ArchiveIterator

    take_down(held, backend, settings, f"{HOME}/secret", by="ann", now=now, **WAIT)
    with archived.open("rb") as file:
        urls = [record.rec_headers.get_header("WARC-Target-URI") for record in ArchiveIterator(file)]
    assert urls == [None, f"{HOME}/pier"]
    assert TITLE.encode() not in gzip.decompress(archived.read_bytes())


def test_a_dry_run_says_the_same_and_removes_nothing(settings, held, backend, archived, now):
    dry = take_down(held, backend, settings, f"{HOME}/secret", by="ann", now=now, dry_run=True, **WAIT)
    with held.read() as tx:
        assert article_by_url(tx, f"{HOME}/secret") is not None
        assert tombstone_of(tx, url=f"{HOME}/secret") is None
    real = take_down(held, backend, settings, f"{HOME}/secret", by="ann", now=now, **WAIT)
    assert (dry.plan, dry.raw_records) == (real.plan, real.raw_records)
    assert (dry.plan.counts["revision"], dry.plan.counts["page"], dry.plan.counts["link"]) == (2, 2, 3)


def test_its_address_is_barred_for_good(held, settings, backend, archived, now):
    take_down(held, backend, settings, f"{HOME}/secret", by="ann", reason="a court's order", now=now, **WAIT)
    with held.write() as tx:
        saved = save_article(tx, an_article("secret", SECRET), page_id=None, run_id=None, now=now)
    assert saved.outcome.value == "taken_down"


def test_an_address_nobody_holds_is_barred_too(held, settings, backend, now):
    report = take_down(held, backend, settings, f"{HOME}/never", by="ann", now=now, **WAIT)
    assert report.plan.article_id is None
    with held.read() as tx:
        assert tombstone_of(tx, url=f"{HOME}/never") is not None


@pytest.mark.parametrize("charset", ["undefined", "idna", "punycode", "no-such", "utf-16", "koi8-r", "hex"])
def test_a_page_with_an_impossible_charset_hinders_no_takedown_and_hides_nothing(
    held, settings, backend, archive, archived, now, charset
):
    body = f"<meta charset={charset}><p>{SECRET}</p>caf".encode() + b"\xe9"
    with archive.open_writer("later") as writer, held.write() as tx:
        save_page(tx, page := Page(f"{HOME}/list", body, now), digest="e" * 64, warc=writer.append(page), run_id=None)
    take_down(held, backend, settings, f"{HOME}/secret", by="ann", now=now, **WAIT)
    assert files_with(settings.data.dir, WORDS) == {}


def test_what_is_no_address_is_told_in_words(held, settings, backend, now):
    with pytest.raises(NotFoundError, match="is no address"):
        take_down(held, backend, settings, "not an address", by="ann", now=now, **WAIT)


def test_why_tells_when_and_for_what_reason(held, settings, backend, archived, now):
    take_down(held, backend, settings, f"{HOME}/secret", by="ann", reason="a court's order", now=now, **WAIT)
    with held.read() as tx:
        said = decisions_about(tx, f"{HOME}/secret")
    assert [one.detail for one in said if one.what == "taken_down"] == ["Taken down: a court's order"]


def test_lifting_lets_it_be_stored_again_and_brings_nothing_back(held, settings, backend, archived, now):
    take_down(held, backend, settings, f"{HOME}/secret", by="ann", now=now, **WAIT)
    with held.write() as tx:
        lift(tx, f"{HOME}/secret", by="bea", now=now)
        assert article_by_url(tx, f"{HOME}/secret") is None
        assert save_article(tx, an_article("secret"), page_id=None, run_id=None, now=now).outcome.value == "new"


def test_lifting_what_is_not_taken_down_is_refused(held, now):
    with pytest.raises(NotFoundError, match="nothing to lift"), held.write() as tx:
        lift(tx, f"{HOME}/a", by="bea", now=now)


def test_hubs_and_words_that_only_it_gave_go_with_it(held, settings, backend, archived, now):
    with held.read() as tx:
        assert names_with(tx, "person", "brellidane", limit=5)
    take_down(held, backend, settings, f"{HOME}/secret", by="ann", now=now, **WAIT)
    with held.read() as tx:
        assert names_with(tx, "person", "brellidane", limit=5) == []
        assert tx.execute(select(metadata.tables["hubs"])).all() == []
        told = tx.execute(select(metadata.tables["cited_addresses"].c.text)).scalars().all()
    assert sorted(told) == ["a treaty", "an earlier report"]


def test_another_articles_sentence_about_it_is_theirs_and_stays(held, settings, backend, archived, now):
    report = take_down(held, backend, settings, f"{HOME}/secret", by="ann", now=now, **WAIT)
    assert any(note.startswith("1 article links to it") for note in report.notes)


def test_copies_are_told_and_taken_when_asked(held, settings, backend, archive, now):
    register(held, now, "gazette")
    with archive.open_writer("gazette") as writer:
        for slug in ("one", "two"):
            keep(held, writer, an_article(slug, SECRET, title=TITLE), now)
    sync(held, backend, settings=settings)
    told = take_down(held, backend, settings, f"{HOME}/one", by="ann", now=now, dry_run=True, **WAIT)
    assert [same.url for same in told.plan.copies] == [f"{HOME}/two"]
    take_down(held, backend, settings, f"{HOME}/one", by="ann", now=now, copies=True, **WAIT)
    assert files_with(settings.data.dir, WORDS) == {}


def test_raw_pages_of_others_that_repeat_its_headline_are_told_and_go_when_asked(held, settings, backend, archive, now):
    register(held, now, "gazette")
    with archive.open_writer("gazette") as writer:
        keep(held, writer, an_article("secret", SECRET, title=TITLE), now)
        position = keep(held, writer, an_article("pier", OTHER), now, body=html(TITLE, OTHER))  # in a list beside
    report = take_down(held, backend, settings, f"{HOME}/secret", by="ann", now=now, **WAIT)
    assert report.elsewhere == (f"{HOME}/pier",)
    assert TITLE.encode() in archive.read(position).body


def test_everywhere_removes_those_raw_pages_and_keeps_the_articles(held, settings, backend, archive, now):
    register(held, now, "gazette")
    with archive.open_writer("gazette") as writer:
        keep(held, writer, an_article("secret", SECRET, title=TITLE), now)
        keep(held, writer, an_article("pier", OTHER), now, body=html(TITLE, OTHER))
    sync(held, backend, settings=settings)
    take_down(held, backend, settings, f"{HOME}/secret", by="ann", now=now, everywhere=True, **WAIT)
    assert files_with(settings.data.dir, WORDS) == {}
    with held.read() as tx:
        assert article_by_url(tx, f"{HOME}/pier").text == OTHER


def test_records_that_no_page_has_are_found_by_their_address(held, settings, backend, archive, archived, now):
    with archive.open_writer("killed") as writer:  # a crawl that was killed between the record and its transaction
        writer.append(Page(f"{HOME}/secret", html(TITLE, SECRET), now))
        writer.append(Page(f"{HOME}/r/1", b"", now, status=302, headers=(("Location", f"{HOME}/secret"),)))
    take_down(held, backend, settings, f"{HOME}/secret", by="ann", now=now, **WAIT)
    assert files_with(settings.data.dir, WORDS) == {}


def test_a_record_in_entities_and_another_charset_is_found(held, settings, backend, archive, now):
    register(held, now, "gazette")
    article = an_article("secret", SECRET.replace("Quorvex", "Größe Quorvex"), title=TITLE)
    with archive.open_writer("gazette") as writer:
        keep(held, writer, article, now)
        feed = "<rss encoding='iso-8859-1'><d>&lt;p&gt;" + article.text.replace("ö", "&amp;ouml;") + "</d></rss>"
        latin = Page(f"{HOME}/list", b'<meta charset="iso-8859-1">' + article.text.encode("iso-8859-1"), now)
        positions = [writer.append(Page(f"{HOME}/feed", feed.encode(), now)), writer.append(latin)]
    report = take_down(held, backend, settings, f"{HOME}/secret", by="ann", now=now, **WAIT)
    assert report.raw_records == 1 + len(positions)


def test_lines_of_logs_with_its_words_are_written_over_in_their_place(settings, held, backend, archived, now):
    log = settings.data.dir / "logs" / "runs" / "1.log"
    log.parent.mkdir(parents=True)
    log.write_text(f"level=info msg=begun\nlevel=info msg={TITLE!r}\nlevel=info msg=ended\n")
    size = log.stat().st_size
    with log.open("a") as writer:  # a run that is under way has it open
        take_down(held, backend, settings, f"{HOME}/secret", by="ann", now=now, **WAIT)
        writer.write("level=info msg=more\n")
    lines = log.read_text().splitlines()
    assert [line.strip() for line in lines[:1] + lines[2:]] == [
        f"level=info msg={word}" for word in ("begun", "ended", "more")
    ]
    assert lines[1].strip() == "removed by a takedown"
    assert log.stat().st_size == size + len("level=info msg=more\n")


HOLD_ARTICLE_TEXT = {
    *("articles", "revisions", "links", "quotations", "quotation_speakers", "article_names", "article_topics", "names"),
    *("name_words", "hubs", "cited_addresses", "copies", "stories", "story_members", "story_features", "story_terms"),
    *("recurring_blocks", "leads", "decisions", "pages", "addresses"),
}
"""Tables that words of an article get into, and that a takedown goes through."""

HOLD_NONE = {
    *("outlets", "outlet_hosts", "outlet_furniture", "cited_by_outlets", "link_checks", "followers", "changes"),
    *("runs", "run_observations", "outlet_health", "health_changes", "schedules", "jobs", "beats", "totals", "upkeep"),
    *("users", "sessions", "sign_in_tries", "site_secrets", "acts", "slow_searches", "alerts", "alert_tellings"),
    *("story_constraints", "tombstones", "takedowns", "removals"),
    *("hosts", "host_hours", "run_hosts", "robots_changes"),
}
"""Tables that hold addresses, names, counts and what people wrote, and no words of an article."""


def test_a_takedown_knows_every_table():
    """A new table stands here in one of the two: where words of articles get into it, a takedown must clear it."""
    assert set(metadata.tables) == HOLD_ARTICLE_TEXT | HOLD_NONE


def test_on_a_server_what_its_operator_must_do_is_told(make_settings, postgres_url, now):
    settings = make_settings(database={"url": postgres_url})
    store = open_store(settings)
    register(store, now, "gazette")
    save(store, an_article("secret", SECRET, title=TITLE), now)
    report = take_down(store, MemoryBackend(), settings, f"{HOME}/secret", by="ann", now=now, **WAIT)
    with store.read() as tx:
        assert pending_takedowns(tx) == []
    store.close()
    assert report.left == ()
    assert any("VACUUM FULL" in note for note in report.notes)


def test_rows_go_and_a_tombstone_stays_on_both_databases(store, now):
    register(store, now, "gazette")
    with store.write() as tx:
        saved = save_article(tx, an_article("secret", SECRET, title=TITLE), page_id=None, run_id=None, now=now)
        run = start_run(tx, "gazette", kind="crawl", now=now, pid=1, host="here")
        position = WarcPosition("a.warc.gz", 10, 200)
        save_page(tx, Page(f"{HOME}/secret", b"x", now), digest="0" * 64, warc=position, run_id=run.id)
        erase(tx, plan_takedown(tx, f"{HOME}/secret"), by="ann", reason="r", now=now)
    with store.read() as tx:
        assert tombstone_of(tx, article_id=saved.article_id).reason == "r"
        assert list(removals_by_file(tx)["a.warc.gz"].values()) == [position]
        left = {
            name: column.name
            for name, table in metadata.tables.items()
            for column in table.c
            if isinstance(column.type, Text)
            and any("mukdorian" in str(value) for value in tx.execute(select(column)).scalars())
        }
    assert left == {}
