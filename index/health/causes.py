"""Cause: the closed list of what can be wrong with an outlet, with what it means, what to do, and its state.

The order is the order in which causes of one state speak: what explains most stands first.
"""

from __future__ import annotations

from enum import StrEnum

from index.health.records import HealthState


class Cause(StrEnum):
    """Why an outlet fares as it does. `state` is the state it leads to at the most; None: it is only told beside."""

    meaning: str
    advice: str
    state: HealthState | None
    for_readers: str

    def __new__(
        cls, name: str, state: HealthState | None = None, meaning: str = "", advice: str = "", for_readers: str = ""
    ) -> Cause:
        member = str.__new__(cls, name)
        member._value_ = name
        member.state = state
        member.meaning = meaning
        member.advice = advice
        member.for_readers = for_readers
        return member

    SWITCHED_OFF = (
        "switched_off",
        HealthState.PAUSED,
        "Its file says enabled = false and it has no schedule.",
        "Nothing, or `watchfloor schedule set NAME WHEN` to have it crawled.",
        "it is switched off",
    )
    PAUSED = (
        "paused",
        HealthState.PAUSED,
        "An operator paused its schedule.",
        "`watchfloor schedule resume NAME` when the reason is gone.",
        "reading it is paused",
    )
    CRAWL_FAILS = (
        "crawl_fails",
        HealthState.BROKEN,
        "Its crawls die on this side: killed, out of memory or time, disk full, wrong settings.",
        "Read the reason with `watchfloor runs show ID`, then `watchfloor doctor`.",
        "our crawls of it fail",
    )
    TLS_FAILED = (
        "tls_failed",
        HealthState.BROKEN,
        "Its certificate, or the TLS handshake, is not accepted.",
        "Look at the certificate in a browser; wait for the publisher, or change `home` and lists if the host moved.",
        "no safe connection to it",
    )
    UNREACHABLE = (
        "unreachable",
        HealthState.BROKEN,
        "No connection, or no answer within the time limit.",
        "Try it in a browser and from another network; if many outlets are so at once, it is this network.",
        "it cannot be reached",
    )
    SERVER_ERRORS = (
        "server_errors",
        HealthState.BROKEN,
        "Its server answers with errors (5xx).",
        "Wait; if a browser is served, the outlet treats us otherwise: see `watchfloor why URL`.",
        "its server answers with errors",
    )
    HOST_MOVED = (
        "host_moved",
        HealthState.BROKEN,
        "Its addresses lead to another host, which its file does not name.",
        "See in a browser whether it moved there; if so put the host into `hosts` of its file, its lists into [leads].",
        "it moved to another address",
    )
    GONE = (
        "gone",
        HealthState.BROKEN,
        "Its lists, or the pages they name, are not there any more (404, 410).",
        "Find the new ones: `watchfloor outlets new HOME` names them; put them into [leads].",
        "its lists of articles are gone",
    )
    ROBOTS_DENIED = (
        "robots_denied",
        HealthState.BLOCKED,
        "Its robots.txt forbids what the outlet file asks for.",
        "It is always obeyed: ask the publisher, or name lists in [leads] that are allowed.",
        "it forbids being read by machines",
    )
    BLOCKED = (
        "blocked",
        HealthState.BLOCKED,
        "It refuses us: 401, 403, 451 or a challenge for robots.",
        "Ask the publisher to let the User-Agent in, raise `pace.delay_s`, or pause the schedule with this reason.",
        "it refuses to be read",
    )
    RATE_LIMITED = (
        "rate_limited",
        HealthState.BLOCKED,
        "It asks us to slow down (429, Retry-After) and gives nothing.",
        "Raise `pace.delay_s` and the interval of its schedule.",
        "it asks to be read less often",
    )
    LOGIN_WALL = (
        "login_wall",
        HealthState.BLOCKED,
        "Its pages ask for a login and show no article.",
        "Nothing but an agreement with the publisher helps; pause the schedule with this reason.",
        "its articles are behind a login",
    )
    CONSENT_WALL = (
        "consent_wall",
        HealthState.BROKEN,
        "Its pages ask for consent to cookies and show no article.",
        "Name the cookie its own dialog sets in [request] cookies of the outlet file.",
        "its articles are behind a dialog",
    )
    EMPTY_ANSWERS = (
        "empty_answers",
        HealthState.BROKEN,
        "It answers as if all were well, with nothing in it: empty lists or empty pages.",
        "Look at what was fetched (`watchfloor outlets check NAME`); often a hidden block, or a page built by script.",
        "it gives empty answers",
    )
    LAYOUT_CHANGED = (
        "layout_changed",
        HealthState.BROKEN,
        "Its pages are no longer understood: the layout is another one.",
        "Compare the last good page with one of now, mend [[rules]], then `watchfloor reextract NAME --dry-run`.",
        "its pages changed and are not understood",
    )
    ALL_ALIKE = (
        "all_alike",
        HealthState.BROKEN,
        "Its articles come with one and the same title or text.",
        "Look at a page: a notice or a wall is served in place of articles, or a rule of [[rules]] meets another part.",
        "its pages all say the same",
    )
    REPUBLISHING_OLD = (
        "republishing_old",
        HealthState.BROKEN,
        "What comes as new is old: its lists bring articles of long ago, instead of those of today or beside them.",
        "Look at its feeds: another section, an archive or a relaunch; change [leads].",
        "old articles come from it as new",
    )
    DRIED_UP = (
        "dried_up",
        HealthState.BROKEN,
        "Nothing new comes, for longer than chance allows by its own pattern.",
        "See in a browser whether it publishes; if so its lists are the wrong ones now: change [leads].",
        "nothing new comes from it",
    )
    LIST_FAILS = (
        "list_fails",
        HealthState.BROKEN,
        "Feeds, sitemaps or listings of it fail or cannot be read, while it answers.",
        "`watchfloor outlets check NAME` says which and why; mend or remove them in [leads].",
        "a list of its articles fails",
    )
    FIELDS_LOST = (
        "fields_lost",
        HealthState.DEGRADED,
        "A field that its articles usually have is found on too few of them.",
        "`watchfloor outlets check NAME` names the rule; mend it, then `watchfloor reextract NAME --dry-run`.",
        "parts of its articles are missing",
    )
    DATES_WRONG = (
        "dates_wrong",
        HealthState.DEGRADED,
        "Its articles have no date, or one that cannot be.",
        "Mend the rule of `published` (selector, formats, zone), then `watchfloor reextract NAME --dry-run`.",
        "its articles come without right dates",
    )
    WRONG_LANGUAGE = (
        "wrong_language",
        HealthState.DEGRADED,
        "Its articles are in a language that its file does not name.",
        "See whether we get another edition: change [leads] or [request]; if it is right, add it to `languages`.",
        "its articles are in another language",
    )
    TEXTS_SHORT = (
        "texts_short",
        HealthState.DEGRADED,
        "The texts read are far shorter than its usual ones.",
        "Look at a page: a paywall, a teaser, or a `text` rule that meets only part of it.",
        "only parts of its texts are shown",
    )
    LINKS_LOST = (
        "links_lost",
        HealthState.DEGRADED,
        "Its articles bring far fewer links than usual, though their text is read.",
        "Look at a page: links set by script, or a `text` rule that leaves them out.",
        "links of its articles are missing",
    )
    BELOW_MINIMUM = (
        "below_minimum",
        HealthState.DEGRADED,
        "It stays below a minimum that its file expects.",
        "Mend what keeps it low; if the minimum is wrong, change [expect] in its file.",
        "it brings less than it should",
    )
    VOLUME_LOW = (
        "volume_low",
        HealthState.DEGRADED,
        "It brings far fewer new articles than usual on such days and at such hours.",
        "See whether it publishes less, or a section, feed or listing of it is missing in [leads].",
        "fewer articles come from it than usual",
    )
    VOLUME_HIGH = (
        "volume_high",
        HealthState.DEGRADED,
        "It brings many times more new articles than usual.",
        "Look for one article under many addresses (session ids, tracking keys): set `query_keys`.",
        "",
    )
    FEED_FROZEN = (
        "feed_frozen",
        HealthState.DEGRADED,
        "A feed, sitemap or listing of it names the same entries for too long, while others bring news.",
        "Look whether it was replaced by another address; change [leads].",
        "one of its lists stands still",
    )
    SELECTOR_DRIFT = (
        "selector_drift",
        HealthState.DEGRADED,
        "A selector of its file meets something on fewer and fewer of its pages.",
        "A redesign has begun on some pages: add the new selector before the old one meets nothing.",
        "",
    )
    SLOW = (
        "slow",
        HealthState.DEGRADED,
        "Its answers take many times as long as usual.",
        "Wait; raise `pace.delay_s` if we may be the reason.",
        "",
    )
    LATE = (
        "late",
        HealthState.DEGRADED,
        "Its articles are stored far later after publication than usual.",
        "Crawl it more often, or look for a list that names articles sooner.",
        "its articles come late",
    )
    NEVER_CRAWLED = (
        "never_crawled",
        HealthState.STALE,
        "It was never crawled, though it should have been.",
        "See `watchfloor schedule list` and `watchfloor jobs list`; is a scheduler and a worker running?",
        "it was never read",
    )
    NOT_CRAWLED = (
        "not_crawled",
        HealthState.STALE,
        "It was not crawled for longer than its schedule promises.",
        "See `watchfloor jobs list` and `watchfloor doctor`; is a scheduler and a worker running?",
        "it was not read lately",
    )
    ROBOTS_CHANGED = (
        "robots_changed",
        None,
        "Its robots.txt is another one than before.",
        "Read what it says now; nothing to do while crawls go on as usual.",
        "",
    )


def cause_named(name: str) -> Cause | None:
    """Return a cause by its name; None for "" and for one of another version."""
    return Cause(name) if name in set(Cause) else None


RANK = {cause: number for number, cause in enumerate(Cause)}
"""The place of each cause in the list."""

GRAVITY = {
    state: number
    for number, state in enumerate(
        (
            HealthState.HEALTHY,
            HealthState.DEGRADED,
            HealthState.STALE,
            HealthState.BLOCKED,
            HealthState.BROKEN,
            HealthState.PAUSED,
        )
    )
}
"""How grave a state is; PAUSED goes before all, for an operator said so."""
