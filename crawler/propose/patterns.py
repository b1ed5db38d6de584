"""Which addresses are articles: a regular expression from the shape of one, and of others where they are known."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from index.urls import TRACKING_KEYS

SHAPE_SHARE = 0.1
"""A shape that so many of the sample addresses have is an article's too."""

FEW = 4
"""With fewer samples a section's name may be chance, and is left open."""

MOST_SHAPES = 4
_EXTENSION = re.compile(r"\.(?:s?html?|php|aspx?|jsp|ece|cms|story|amp)$", re.IGNORECASE)
_FIXED = re.compile(
    r"^(?:articles?|artikel|artikkel|articulos?|story|stories|storyid|news|noticias?|nachrichten|nyheter|haber|clanek|post|"
    r"posts|blog|a|p|s|doc|content|[a-z]{2})$",
    re.IGNORECASE,
)
_KINDS: tuple[tuple[str, str, str], ...] = (
    ("date", r"(?:19|20)\d{2}-\d{2}-\d{2}", r"\d{4}-\d{2}-\d{2}"),
    ("date and slug", r"(?:19|20)\d{2}-\d{2}-\d{2}-.+", r"\d{4}-\d{2}-\d{2}-[^/]+"),
    ("year and month", r"(?:19|20)\d{2}-\d{2}", r"\d{4}-\d{2}"),
    ("day", r"(?:19|20)\d{2}[01]\d[0-3]\d", r"\d{8}"),
    ("year", r"(?:19|20)\d{2}", r"\d{4}"),
    ("month", r"\d{1,2}", r"\d{1,2}"),
    ("id", r"\d{3,}", r"\d+"),
    ("slug and id", r".*[^\d]{2}[-_.,~]\d{4,}", r"[^/]+[-_.,~]\d+"),
    ("id and slug", r"\d{4,}[-_.,].+", r"\d+[-_.,][^/]+"),
    ("slug", r"[^-_]+(?:[-_+][^-_]*){2,}|.*%[0-9A-Fa-f]{2}.*|.*[^\x00-\x7f].*", r"[^/]+[-_+%][^/]+"),
    ("mark", r"(?=.*\d)(?=.*[A-Za-z])[\w.~-]{5,}", r"[\w.~-]*\d[\w.~-]*"),
)


@dataclass(frozen=True, slots=True)
class Pattern:
    """`match` are regular expressions for articles.match; `matched` of the `samples` addresses fit one of them."""

    match: tuple[str, ...]
    query_keys: tuple[str, ...] = ()
    matched: int = 0
    samples: int = 0
    certain: bool = True  # False: the address has nothing that tells an article from a section


def article_pattern(url: str, samples: Sequence[str] = ()) -> Pattern:
    """Return the pattern of an article's address, of the shapes that a tenth of the samples or more share with it."""
    known = list(dict.fromkeys(samples))
    keys = _identity_keys(url)
    by_shape: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for one in [*known, url]:
        by_shape[_shape(one, keys)].append(one)
    own = _shape(url, keys)
    frequent = [
        shape
        for shape, urls in sorted(by_shape.items(), key=lambda item: -len(item[1]))
        if shape != own and len(urls) >= max(FEW, SHAPE_SHARE * len(known)) and _is_telling(shape)
    ]
    shapes = [own, *frequent[: MOST_SHAPES - 1]]
    match = tuple(dict.fromkeys(_expression(shape, by_shape[shape], keys) for shape in shapes))
    matched = sum(any(re.search(one, _target(sample)) for one in match) for sample in known)
    return Pattern(match, keys, matched, len(known), _is_telling(own))


def _identity_keys(url: str) -> tuple[str, ...]:
    """The query keys that name the article, where its path does not."""
    parts = urlsplit(url)
    if _is_telling(tuple(_kind(segment) for segment in _segments(parts.path))):
        return ()
    pairs = parse_qsl(parts.query)
    return tuple(key for key, value in pairs if re.search(r"\d", value) and not TRACKING_KEYS.match(key))[:1]


def _shape(url: str, keys: Sequence[str]) -> tuple[str, ...]:
    parts = urlsplit(url)
    kinds = [_kind(segment) for segment in _segments(parts.path)]
    asked = {key for key, _ in parse_qsl(parts.query)}
    return (*kinds, *(f"?{key}" for key in keys if key in asked))


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]


def _kind(segment: str) -> str:
    found = _EXTENSION.search(segment)
    extension = found.group().lower() if found is not None else ""
    bare = segment[: len(segment) - len(extension)]
    kind = next((name for name, form, _ in _KINDS if re.fullmatch(form, bare)), "word")
    return f"{kind} {extension}".strip()


def _is_telling(shape: Sequence[str]) -> bool:
    return any(not kind.startswith(("word", "year", "month")) for kind in shape)


def _expression(shape: tuple[str, ...], urls: Sequence[str], keys: Sequence[str]) -> str:
    rows = [_segments(urlsplit(url).path) for url in urls]
    forms = {name: form for name, _, form in _KINDS}
    pieces = []
    for place, kind in enumerate(kind for kind in shape if not kind.startswith("?")):
        name, _, extension = kind.rpartition(" ") if "." in kind else (kind, "", "")
        if name != "word" and name in forms:
            pieces.append(forms[name] + re.escape(extension))
            continue
        pieces.append(_words([row[place] for row in rows]))
    expression = "^/" + "/".join(pieces)
    asked = [key for key in keys if f"?{key}" in shape]
    if asked:
        return expression + rf"/?\?(?:.*&)?{re.escape(asked[0])}=[^&]*\d"
    return expression + r"/?(?:\?|$)"


def _words(values: Sequence[str]) -> str:
    """A segment that is a word: itself where it always is, or says what it is; else open."""
    counts = Counter(values)
    value, _ = counts.most_common(1)[0]
    if len(counts) == 1 and (len(values) >= FEW or _FIXED.match(value) or _EXTENSION.search(value)):
        return re.escape(unquote(value)).replace(r"\-", "-")
    return "[^/]+"


def _target(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")
