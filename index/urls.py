"""What an address is and when two are the same. Pure: nothing is fetched, nothing is stored."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterator
from urllib.parse import quote, quote_plus, unquote, unquote_plus, urlencode, urljoin, urlsplit, urlunsplit

from config.outlets import fold_host

TRACKING_KEYS = re.compile(
    r"^(utm_\w+|at_(medium|campaign|custom\w*)|ns_(mchannel|source|campaign|linkname|fee)|mc_(cid|eid)|"
    r"(fb|gc|dc|msc|ysc|tw|y)lid|fbclid|gclid|dclid|msclkid|yclid|igshid|_ga|_gl|ocid|cmp|cmpid|icid|ito|smid|xtor|ftag|"
    r"wt_?mc|partner|__twitter_impression)$",
    re.IGNORECASE,
)
"""Query keys that say where a reader came from, never what is shown."""

AMP_KEYS = frozenset({"amp", "outputtype"})
MOBILE_HOST = re.compile(r"^(?:www\d?|m|mobile|amp)\.(?=[^.]+\.)")
AMP_PATH = re.compile(r"(?:/amp(?:\.html?)?|\.amp(?:\.html?)?)$|^/amp(?=/.)", re.IGNORECASE)
DEFAULT_PORTS = {"http": 80, "https": 443}
MAX_KEY_BYTES = 1000
_CONTROLS = re.compile(r"[\x00-\x20\x7f]+")
_SAFE_PATH = "/:@!$&'()*+,;=~-._%"
_PLAIN = re.compile(r"%(?:21|24|2[6-9A-C]|3A|3B|3D|40)")
"""Escapes of marks that may stand in a path as they are (%27 is '): in a key they do, for publishers write both."""
_HOST = re.compile(r"^(?:[\w-]+\.)*[\w-]+\.?$|^\[[0-9a-f:.]+\]$", re.IGNORECASE)


def canonical_url(url: str, *, query_keys: Collection[str] | None = None) -> str:
    """Return the normalised address: lower host, no fragment, credentials, tracking keys or default port, sorted query.

    With `query_keys` only these keys of the query are kept. Repeating it changes nothing. Raises ValueError for what
    is no http(s) address.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        host = (parts.hostname or "").rstrip(".")
    except (ValueError, UnicodeError):
        raise ValueError(f"not a valid address: {url[:200]!r}") from None
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS or not host:
        raise ValueError(f"not a whole http or https address: {url[:200]!r}")
    shown = f"[{host}]" if ":" in host else _ascii_host(host)
    if not _HOST.match(shown):
        raise ValueError(f"not a valid host in the address: {url[:200]!r}")
    if port not in (None, DEFAULT_PORTS[scheme]):
        shown = f"{shown}:{port}"
    path = _without_dots(_encoded(parts.path)) or "/"
    kept = sorted(
        (key, value, equals)
        for key, value, equals in _pairs(parts.query)
        if (key in query_keys if query_keys is not None else not TRACKING_KEYS.match(key))
    )
    return urlunsplit((scheme, shown, path, "&".join(_written(*pair) for pair in kept), ""))


def url_key(url: str) -> str:
    """Return what two addresses of one page have in common: no scheme, www/m/amp host, AMP mark, trailing slash.

    Marks that may be escaped or not (%27) have one spelling.

    Keys over 1,000 bytes end in a digest, so that every database can index them. What is no http(s) address
    (a urn:) is its own key.
    """
    try:
        parts = urlsplit(canonical_url(url))
    except ValueError:
        return _bounded(_CONTROLS.sub("", _without_surrogates(url)))
    host = MOBILE_HOST.sub("", parts.netloc)
    path = AMP_PATH.sub("", _PLAIN.sub(lambda found: unquote(found.group()), parts.path).rstrip("/")).rstrip("/")
    pairs = [(key, value) for key, value, _ in _pairs(parts.query) if key.lower() not in AMP_KEYS]
    query = urlencode(pairs, errors="surrogateescape")
    return _bounded(f"{host}{path}" + (f"?{query}" if query else ""))


def absolute_url(base: str, href: str) -> str | None:
    """Join `href` to `base`; None for what is no web address (mailto:, javascript:, data:, broken ones).

    White space and control characters, which browsers ignore too, are removed. The fragment is kept out.
    """
    cleaned = _CONTROLS.sub(lambda found: "%20" if found.group().strip("\t\n\r\x0c") == " " else "", href.strip())
    if not cleaned:
        return None
    try:
        joined = urljoin(base, cleaned)
        parts = urlsplit(joined)
        if parts.scheme.lower() not in DEFAULT_PORTS or not parts.hostname:
            return None
        canonical_url(joined)
    except (ValueError, UnicodeError):
        return None
    return _without_surrogates(urlunsplit(parts._replace(fragment="")))


def host_of(url: str) -> str:
    """Return the folded host of `url`, "" where there is none."""
    try:
        return fold_host(urlsplit(url).hostname or "")
    except ValueError:
        return ""


def same_outlet(a: str, b: str) -> bool:
    """Say whether two addresses are on one host, or one on a sub-domain of the other's host."""
    first, second = host_of(a), host_of(b)
    if not first or not second:
        return False
    return first == second or first.endswith(f".{second}") or second.endswith(f".{first}")


def slug_of(label: str) -> str:
    """Return a label as an address part: lower case, letters and digits of any script, words joined by hyphens."""
    folded = unicodedata.normalize("NFKC", label).casefold()
    return "-".join(re.findall(r"[^\W_]+", folded))[:120].strip("-")


def _ascii_host(host: str) -> str:
    """The host as it goes over the wire: lower case, other scripts as IDNA where they can be."""
    if host.isascii():
        return host.lower()
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise ValueError(f"not a valid host: {host[:100]!r}") from None


def _encoded(path: str) -> str:
    """Percent-encode what must be, and decode what need not be, so that one path has one spelling."""
    decoded = re.sub(
        r"%([0-9a-fA-F]{2})",
        lambda found: (
            chr(int(found.group(1), 16))
            if re.match(r"[A-Za-z0-9._~-]", chr(int(found.group(1), 16)))
            else found.group().upper()
        ),
        _without_surrogates(path),
    )
    return re.sub(r"%(?![0-9A-F]{2})", "%25", quote(decoded, safe=_SAFE_PATH))


def _pairs(query: str) -> Iterator[tuple[str, str, str]]:
    """Yield key, value and the sign between ("" where there is none) of each part of a query.

    Bytes of another charset than UTF-8 (`%E9`) are kept as they are: two of them are two addresses.
    """
    for part in _without_surrogates(query).split("&"):
        key, equals, value = part.partition("=")
        if part:
            yield unquote_plus(key, errors="surrogateescape"), unquote_plus(value, errors="surrogateescape"), equals


def _written(key: str, value: str, equals: str) -> str:
    """Write a part of a query in its one spelling; `?12345` does not become `?12345=`, which servers tell apart."""
    return quote_plus(key, errors="surrogateescape") + equals + quote_plus(value, errors="surrogateescape")


def _without_dots(path: str) -> str:
    parts: list[str] = []
    segments = path.split("/")
    for number, segment in enumerate(segments):
        last = number == len(segments) - 1
        if segment == ".":
            if last:
                parts.append("")
        elif segment == "..":
            if len(parts) > 1:
                parts.pop()
            if last:
                parts.append("")
        else:
            parts.append(segment)
    return "/".join(parts)


def _without_surrogates(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8") if not text.isascii() else text


def _bounded(key: str) -> str:
    raw = key.encode("utf-8", "replace")
    if len(raw) <= MAX_KEY_BYTES:
        return key
    return raw[: MAX_KEY_BYTES - 65].decode("utf-8", "ignore") + "#" + hashlib.sha256(raw).hexdigest()


def decoded(url: str) -> str:
    """Return the address as people read it: percent-encoding undone where that is safe to show."""
    try:
        return unquote(url, errors="strict")
    except UnicodeDecodeError:
        return url
