"""Which headers and cookies may be sent to an outlet besides our own. Pure.

Whatever an outlet file or a spider asks for: who we are is never hidden, and nothing logs us in. What is here lets a
crawler answer a consent dialog as any visitor would; it must not become a way around a login or a paywall.
"""

from __future__ import annotations

import re

from config.counting import counted

_NAME = re.compile(r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$")
_OURS = frozenset(
    {
        "host", "user-agent", "from", "connection", "te", "trailer", "upgrade", "transfer-encoding", "content-length",
        "content-type", "accept-encoding", "range", "if-none-match", "if-modified-since", "if-range", "via",
        "forwarded", "referer", "origin", "x-real-ip", "true-client-ip", "cf-connecting-ip",
    }
)  # fmt: skip
_OUR_BEGINNINGS = ("proxy-", "sec-", "x-forwarded-")
_LOGIN_HEADER = re.compile(r"authori[sz]ation|api-?key|token|session|password|secret", re.IGNORECASE)
_LOGIN_COOKIE = re.compile(
    r"sess(?:ion)?(?:id)?(?![a-z])|(?:^|[^a-z])(?:sid|jwt|sso)(?:[^a-z]|$)|auth(?!or)|token|log-?_?in|password|passwd"
    r"|subscri|paywall|premium|member|account|user-?_?id",
    re.IGNORECASE,
)


def why_header_refused(name: str, value: str) -> str:
    """Say why a header must not be sent; "" when it may."""
    lower = name.lower()
    if not _NAME.match(name):
        return f"{name[:60]!r} is no name of a header"
    if lower == "cookie":
        return "write cookies under request.cookies, one key each"
    if lower in _OURS or lower.startswith(_OUR_BEGINNINGS):
        return f"{name} is set by Watchfloor alone: an outlet always sees who asks, and from where"
    if _LOGIN_HEADER.search(lower):
        return f"{name} would log us in; only what any visitor may read is crawled"
    return _why_value_refused(name, value)


def why_cookie_refused(name: str, value: str) -> str:
    """Say why a cookie must not be sent; "" when it may."""
    if not _NAME.match(name):
        return f"{name[:60]!r} is no name of a cookie"
    if _LOGIN_COOKIE.search(name):
        return f"cookie {name}: looks like that of a login or a paywall; only what any visitor may read is crawled"
    return _why_value_refused(f"cookie {name}", value, forbidden=' ";,\\')


def cookie_header(cookies: dict[str, str]) -> str:
    """Return cookies as the value of one Cookie header."""
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def _why_value_refused(told: str, value: str, *, forbidden: str = "") -> str:
    if len(value) > 4096:
        return f"{told}: {counted(len(value), 'character is', 'characters are')} too many for a header"
    if any(not 32 <= ord(char) < 127 or char in forbidden for char in value):
        return f"{told}: the value holds characters no header may carry"
    return ""
