"""Whole crawls of a hostile outlet on loopback: nothing private is reached, hosts are asked as slowly as they say."""

from __future__ import annotations

import gzip
import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from twisted.internet.address import IPv4Address

from config.errors import TryAgainError
from config.settings import Settings
from crawler.network.resolver import _Judge
from crawler.run import crawl_outlet
from index.store import open_store
from index.store.decisions import decisions_of_run
from index.store.leads import get_lead
from tests.loopback_outlet import HOME, OUTLET_FILE, Answer, LoopbackOutlet, serving

pytestmark = pytest.mark.timeout(120)

SOON = 0.1
"""What two gaps may differ by: from its turn to its bytes a request takes a while, on a machine with much to do."""
GUARDED = OUTLET_FILE.replace(
    'languages = ["en"]',
    'languages = ["en"]\nhosts = ["inside.example", "127.0.0.1", "169.254.169.254", "2130706433", "localhost"]',
).replace('match = ["^/news/"]', 'match = ["^/news/", "^/secret"]')


@pytest.fixture
def outlet() -> Iterator[LoopbackOutlet]:
    running = LoopbackOutlet()
    with serving(running):
        yield running


@pytest.fixture
def settings_of(outlet: LoopbackOutlet, make_settings, tmp_path) -> Callable[..., Settings]:
    return lambda **tables: outlet.settings(make_settings, tmp_path / "outlets", **tables)


@contextmanager
def listening() -> Iterator[tuple[int, list[object]]]:
    """A private service that must never be reached: its port, and every connection made to it."""
    made: list[object] = []
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.1)
    stop = threading.Event()

    def accept() -> None:
        while not stop.is_set():
            try:
                connection, address = server.accept()
            except TimeoutError:
                continue
            made.append(address)
            connection.close()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield server.getsockname()[1], made
    finally:
        stop.set()
        thread.join()
        server.close()


def listing(outlet: LoopbackOutlet, *urls: str) -> None:
    """A feed of these addresses."""
    entries = "".join(f"<entry><id>{url}</id><title>x</title><link href='{url}'/></entry>" for url in urls)
    body = f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>{entries}</feed>'
    outlet.pages["/feed.xml"] = Answer(body.encode(), content_type="application/atom+xml")


def outcomes(settings: Settings, run_id: int | None) -> dict[str, str]:
    """How each address of a run ended."""
    store = open_store(settings)
    try:
        with store.read() as tx:
            return {one.url: one.outcome.value for one in decisions_of_run(tx, run_id) if one.outcome is not None}
    finally:
        store.close()


def test_no_spelling_and_no_redirect_reaches_a_private_address(outlet, settings_of):
    with listening() as (port, made):
        private = [
            f"http://127.0.0.1:{port}/secret-literal",
            f"http://2130706433:{port}/secret-decimal",
            f"http://localhost:{port}/secret-name",
            f"http://inside.example:{port}/secret-mapped",
            "http://169.254.169.254/secret-metadata",
        ]
        outlet.redirect("/news/to-private", f"http://127.0.0.1:{port}/secret-redirected")
        outlet.redirect("/news/to-named", "http://inside.example/secret-redirected")
        outlet.redirect("/news/to-file", "file:///etc/passwd")
        outlet.article("fine")
        listing(
            outlet,
            *private,
            f"{HOME}/news/to-private",
            f"{HOME}/news/to-named",
            f"{HOME}/news/to-file",
            f"{HOME}/news/fine",
        )
        settings = settings_of(
            outlet_file=GUARDED.replace("[leads]", f"ports = [{port}]\n[leads]", 1),
            network={
                "private_hosts": ["harbour.example"],
                "hosts": {"harbour.example": f"127.0.0.1:{outlet.port}", "inside.example": f"127.0.0.1:{port}"},
                "timeout_s": 10,
            },
            crawler={"contact": "desk@watch.example"},
        )
        report = crawl_outlet("harbour", settings=settings)
    assert made == []
    ended = outcomes(settings, report.run_id)
    assert ended[f"{HOME}/news/fine"] == "new"
    assert ended[f"{HOME}/news/to-private"] == "address_refused"
    assert ended[f"{HOME}/news/to-named"] == "address_refused"
    assert ended[f"{HOME}/news/to-file"] == "scheme_refused"
    assert {url: ended.get(url) for url in private} == dict.fromkeys(private, "address_refused")


def test_bodies_too_large_too_slow_or_denied_end_in_their_outcome(outlet, settings_of):
    bomb = gzip.compress(b"<p>0</p>" * (1 << 20))
    html = "text/html; charset=utf-8"
    outlet.pages["/news/bomb"] = Answer(bomb, headers=(("Content-Encoding", "gzip"),))
    outlet.pages["/news/large"] = Answer(b"<p>large</p>" * 20000, 200, html)
    outlet.pages["/news/error"] = Answer(b"oops", 500, etag=False)
    outlet.pages["/news/binary"] = Answer(bytes(range(256)) * 40, 200, "application/octet-stream")
    outlet.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /news/denied", content_type="text/plain")
    outlet.article("denied")
    outlet.article("slow")
    outlet.article("fine")
    names = ("bomb", "large", "slow", "error", "binary", "denied", "fine", "missing")
    listing(outlet, *(f"{HOME}/news/{name}" for name in names))
    ended = threading.Event()
    outlet.before_answer = lambda path: ended.wait(60) if path == "/news/slow" else None
    settings = settings_of(network={"timeout_s": 3, "max_body_bytes": 100_000}, politeness={"breaker_failures": 50})
    report = crawl_outlet("harbour", settings=settings)
    ended.set()
    found = outcomes(settings, report.run_id)
    assert {name: found.get(f"{HOME}/news/{name}") for name in names} == {
        "bomb": "too_large",
        "large": "too_large",
        "slow": "timeout",
        "error": "server_error",
        "binary": "undecodable",
        "denied": "robots_denied",
        "fine": "new",
        "missing": "gone",
    }
    assert outlet.asked()["/news/denied"] == 0


def test_nothing_is_asked_for_while_robots_txt_fails(outlet, settings_of):
    outlet.pages["/robots.txt"] = Answer(b"", 503, etag=False)
    outlet.article("a")
    outlet.feed("a")
    report = crawl_outlet("harbour", settings=settings_of())
    assert outlet.asked() == {}
    assert report.state != "done"


def test_crawl_delay_is_kept_between_all_requests(outlet, settings_of):
    outlet.pages["/robots.txt"] = Answer(b"User-agent: *\nCrawl-delay: 0.4\n", content_type="text/plain")
    for name in "abc":
        outlet.article(name)
    outlet.feed(*"abc")
    report = crawl_outlet("harbour", settings=settings_of())
    assert report.new == 3
    gaps = [later - earlier for earlier, later in itertools.pairwise(outlet.starts(but=("/robots.txt",)))]
    assert len(gaps) >= 3
    assert min(gaps) >= 0.4 - SOON


def test_crawl_delay_over_the_limit_means_that_the_host_is_not_crawled(outlet, settings_of):
    outlet.pages["/robots.txt"] = Answer(b"User-agent: *\nCrawl-delay: 600\n", content_type="text/plain")
    outlet.article("a")
    outlet.feed("a")
    crawl_outlet("harbour", settings=settings_of())
    assert outlet.asked() == {}


def test_short_retry_after_is_waited_for(outlet, settings_of):
    outlet.article("short")
    good = outlet.pages["/news/short"]
    outlet.pages["/news/short"] = Answer(b"", 429, headers=(("Retry-After", "1"),), etag=False)
    outlet.feed("short")

    def answer(path: str) -> None:
        if outlet.asked()["/news/short"] == 1:
            outlet.pages["/news/short"] = good

    outlet.before_answer = answer
    report = crawl_outlet("harbour", settings=settings_of())
    first, second = (at for path, at in outlet.arrived if path == "/news/short")
    assert second - first >= 1.0 - SOON
    assert report.new == 1


def test_long_retry_after_ends_the_run_and_is_kept_for_the_next(outlet, settings_of):
    names = [f"n{number}" for number in range(8)]
    for name in names:
        outlet.pages[f"/news/{name}"] = Answer(b"", 503, headers=(("Retry-After", "7200"),), etag=False)
    outlet.feed(*names)
    settings = settings_of()
    report = crawl_outlet("harbour", settings=settings)
    assert sum(outlet.asked(but=("/robots.txt", "/feed.xml")).values()) == 1
    assert report.counts["rate_limited"] == len(names)
    store = open_store(settings)
    with store.read() as tx:
        assert get_lead(tx, f"{HOME}/news/n3").state == "waiting"
    store.close()
    with pytest.raises(TryAgainError, match="asked to be left alone until"):
        crawl_outlet("harbour", settings=settings)


def test_failing_host_is_left_alone_for_the_rest_of_the_run(outlet, settings_of):
    names = [f"n{number}" for number in range(12)]
    for name in names:
        outlet.pages[f"/news/{name}"] = Answer(b"", 500, etag=False)
    outlet.feed(*names)
    report = crawl_outlet("harbour", settings=settings_of(politeness={"breaker_failures": 3}))
    assert sum(outlet.asked(but=("/robots.txt", "/feed.xml")).values()) <= 3 * 3
    assert report.state in ("partial", "failed", "try_again")
    assert report.new == 0


def test_crawl_delay_counts_from_robots_txt_itself(outlet, settings_of):
    outlet.pages["/robots.txt"] = Answer(b"User-agent: *\nCrawl-delay: 1.5\n", content_type="text/plain")
    outlet.feed()
    crawl_outlet("harbour", settings=settings_of())
    robots, feed = outlet.starts()
    assert feed - robots >= 1.5 - SOON


def test_pace_holds_between_one_run_and_the_next(outlet, settings_of):
    outlet.feed()
    settings = settings_of(politeness={"floor_s": 5})
    crawl_outlet("harbour", settings=settings)
    crawl_outlet("harbour", settings=settings)
    _, last, first, _ = outlet.starts()
    assert first - last >= 5.0 - SOON


def test_retry_after_of_robots_txt_is_kept_for_the_next_run(outlet, settings_of):
    answer = Answer(b"", 429, headers=(("Retry-After", "7200"),), etag=False)
    outlet.pages["/robots.txt"] = answer
    outlet.feed()
    settings = settings_of()
    report = crawl_outlet("harbour", settings=settings)
    assert report.counts == {"rate_limited": 1}
    with pytest.raises(TryAgainError, match="asked to be left alone until"):
        crawl_outlet("harbour", settings=settings)
    assert outlet.log == [("/robots.txt", 429)]


def test_robots_txt_on_another_host_is_followed_and_obeyed(outlet, settings_of):
    outlet.redirect("/robots.txt", "http://rules.example/harbour-robots.txt")
    rules = Answer(b"User-agent: *\nDisallow: /news/denied", content_type="text/plain")
    outlet.pages["/harbour-robots.txt"] = rules
    outlet.article("denied")
    outlet.article("fine")
    outlet.feed("denied", "fine")
    here = f"127.0.0.1:{outlet.port}"
    network = {"private_hosts": ["harbour.example", "rules.example"], "hosts": {"harbour.example": here}}
    network["hosts"]["rules.example"] = here
    report = crawl_outlet("harbour", settings=settings_of(network=network))
    assert report.counts == {"new": 1, "robots_denied": 1, "not_article": 1}


def test_feed_that_answers_304_to_everything_ends_as_a_fault(outlet, settings_of):
    outlet.pages["/feed.xml"] = Answer(b"", 304, etag=False)
    report = crawl_outlet("harbour", settings=settings_of())
    assert report.counts == {"server_error": 1}
    assert outlet.asked() == {"/feed.xml": 1}


def test_article_that_answers_304_to_a_first_request_is_not_taken_for_held(outlet, settings_of):
    outlet.pages["/news/a"] = Answer(b"", 304, etag=False)
    outlet.feed("a")
    settings = settings_of()
    report = crawl_outlet("harbour", settings=settings)
    assert report.counts == {"server_error": 1, "not_article": 1}
    store = open_store(settings)
    with store.read() as tx:
        lead = get_lead(tx, f"{HOME}/news/a")
    store.close()
    assert lead is not None
    assert lead.state == "waiting"


def test_move_is_seen_although_the_new_address_has_the_same_etag(outlet, settings_of):
    outlet.article("old", canonical=f"{HOME}/news/new")
    outlet.feed("old")
    settings = settings_of()
    crawl_outlet("harbour", settings=settings)
    outlet.pages["/news/new"] = outlet.pages["/news/old"]
    outlet.redirect("/news/old", f"{HOME}/news/new")
    outlet.feed("old", updated="2027-01-01T00:00:00Z")
    report = crawl_outlet("harbour", settings=settings)
    assert "not_modified" not in report.counts
    assert ("/news/new", 200) in outlet.log


def test_public_address_beside_a_private_one_is_no_refusal(settings):
    refusals: dict[str, str] = {}
    for addresses, refused in (
        (("10.0.0.1", "93.184.215.14"), False),
        (("93.184.215.14", "::ffff:127.0.0.1"), False),
        (("10.0.0.1", "::1", "0.0.0.0"), True),
    ):
        heard = Heard()
        refusals.clear()
        judge = _Judge(heard, "mixed.example", refusals)
        for address in addresses:
            judge.addressResolved(IPv4Address("TCP", address, 80))
        judge.resolutionComplete()
        assert heard.addresses == ([] if refused else ["93.184.215.14"])
        assert bool(refusals) is refused


class Heard:
    """What the asker of a look-up was told."""

    def __init__(self) -> None:
        self.addresses: list[str] = []

    def addressResolved(self, address: IPv4Address) -> None:
        self.addresses.append(address.host)

    def resolutionComplete(self) -> None:
        return


def test_redirect_to_what_is_no_web_address_is_named_and_not_tried_again(outlet, settings_of):
    targets = {
        "script": ("javascript:alert(1)", "scheme_refused"),
        "data": ("data:text/html,hi", "scheme_refused"),
        "broken": ("http://[::1", "not_article"),
        "port": ("http://harbour.example:99999/x", "not_article"),
    }
    for name, (target, _) in targets.items():
        outlet.redirect(f"/news/{name}", target)
    outlet.feed(*targets)
    settings = settings_of()
    ended = outcomes(settings, crawl_outlet("harbour", settings=settings).run_id)
    expected = {name: outcome for name, (_, outcome) in targets.items()}
    assert {name: ended.get(f"{HOME}/news/{name}") for name in targets} == expected


def test_password_in_a_redirect_is_neither_sent_nor_kept(outlet, settings_of):
    outlet.article("after")
    outlet.redirect("/news/before", "http://bob:hunter2@harbour.example/news/after", 302)
    outlet.feed("before")
    settings = settings_of()
    report = crawl_outlet("harbour", settings=settings)
    assert report.new == 1
    kept = b"".join(gzip.decompress(file.read_bytes()) for file in settings.warc_dir.iterdir())
    assert b"/news/before" in kept
    assert b"hunter2" not in kept


def test_body_that_is_not_packed_as_it_says_and_other_kinds_of_file_have_their_outcome(outlet, settings_of):
    outlet.pages["/news/packed"] = Answer(b"<html>plain</html>" * 9, headers=(("Content-Encoding", "gzip"),))
    outlet.pages["/news/pdf"] = Answer(b"%PDF-1.7" + bytes(range(256)) * 40, content_type="application/pdf")
    outlet.pages["/news/photo"] = Answer(b"\xff\xd8" + bytes(range(256)) * 40, content_type="image/jpeg")
    outlet.feed("packed", "pdf", "photo")
    settings = settings_of()
    ended = outcomes(settings, crawl_outlet("harbour", settings=settings).run_id)
    found = [ended[f"{HOME}/news/{name}"] for name in ("packed", "pdf", "photo")]
    assert found == ["undecodable", "not_article", "not_article"]
