"""Scrapy's settings, all of them, in one place. Every spider inherits these, whoever starts it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from config.outlets import OutletSpec
from config.settings import Settings
from config.user_agent import user_agent


def scrapy_settings(settings: Settings, spec: OutletSpec | None, *, replay: Path | str | None = None) -> dict[str, Any]:
    """Return Scrapy's settings for a run of `spec`; with `replay` every request is answered from that WARC file.

    Remote control, telnet, proxies from the environment, cookies and every handler but http(s) are off; certificates
    are checked. Each limit is a setting of ours.
    """
    handler = "crawler.network.handler.PoliteHandler" if replay is None else "crawler.network.replay.ReplayHandler"
    return {
        "BOT_NAME": settings.crawler.user_agent,
        "USER_AGENT": user_agent(settings),
        "WATCHFLOOR_SETTINGS": settings,
        "WATCHFLOOR_SPEC": spec,
        "WATCHFLOOR_REPLAY": None if replay is None else str(replay),
        "ITEM_PIPELINES": {"crawler.pipeline.ArchivePipeline": 100},
        **_guards(handler),
        **_limits(settings),
        **_pace(settings),
        "LOG_LEVEL": settings.logs.level,
        "LOGSTATS_INTERVAL": 0,
    }


def _guards(handler: str) -> dict[str, Any]:
    """What keeps the crawler from asking, telling or opening what it must not."""
    return {
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "HTTPPROXY_ENABLED": False,
        "COOKIES_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "REFERRER_POLICY": "no-referrer",
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_HANDLERS": {
            **dict.fromkeys(("file", "data", "ftp", "s3")),
            "http": handler,
            "https": handler,
        },
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        "TWISTED_DNS_RESOLVER": "crawler.network.resolver.GuardedResolver",
        # Every look-up is judged anew: a name that changes its address cannot slip through a cache.
        "DNSCACHE_ENABLED": False,
        "DNSCACHE_SIZE": 0,
    }


def _limits(settings: Settings) -> dict[str, Any]:
    """What an answer, a chain of them and the process may take."""
    network, crawler = settings.network, settings.crawler
    return {
        "DOWNLOAD_MAXSIZE": network.max_body_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": network.timeout_s,
        "REDIRECT_MAX_TIMES": network.max_redirects,
        "RETRY_TIMES": 2,
        "DEPTH_LIMIT": 0,  # link steps are counted in the frontier, over runs, not in one process
        "URLLENGTH_LIMIT": crawler.max_url_chars,
        "EXTENSIONS": {
            "scrapy.extensions.memusage.MemoryUsage": None,
            "crawler.network.memory.CurrentMemory": 0,
        },
        "MEMUSAGE_ENABLED": True,
        "MEMUSAGE_LIMIT_MB": crawler.max_memory_mb,
        "MEMUSAGE_CHECK_INTERVAL_SECONDS": 10.0,
    }


def _pace(settings: Settings) -> dict[str, Any]:
    """Who decides when to ask: the handler, host by host; a second clock beside it could only be wrong."""
    return {
        "ROBOTSTXT_OBEY": False,  # Scrapy's own middleware takes a 503 for "allow all"; ours stands in its place
        "CONCURRENT_REQUESTS": settings.crawler.concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": 0.0,
        "DOWNLOAD_DELAY_JITTER": 0.0,
        "AUTOTHROTTLE_ENABLED": False,
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
            "crawler.network.middlewares.MayBeAsked": 100,
            "crawler.network.middlewares.RetryAfter": 560,
            "crawler.network.redirects.RedirectTargets": 610,  # sees an answer before Scrapy follows it
        },
        "SPIDER_MIDDLEWARES": {
            # Every status is an outcome, so every status reaches the spider; depth is ours.
            "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
            "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
            "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
        },
    }


def why_no_contact(settings: Settings, spec: OutletSpec) -> str | None:
    """Say why an outlet must not be crawled yet: a public host, and no contact its owner could write to."""
    if settings.crawler.contact.strip():
        return None
    public = sorted(spec.all_hosts - {host.removeprefix("www.") for host in settings.private_hosts})
    if not public:
        return None
    return (
        f"crawler.contact: is empty, and {public[0]} is a public host; set it to a URL or mail address where its owner "
        "can reach you (watchfloor.toml, or WATCHFLOOR_CRAWLER__CONTACT)."
    )
