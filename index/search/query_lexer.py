"""A query's text cut into items: words, quoted texts, field values, brackets, OR. Pure; no text is an error here.

What is unbalanced, dangling or unknown is read as text, with a note where a reader should know.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace

from config.counting import counted
from config.settings import SearchSettings
from index.errors import QueryTooLargeError
from index.search.analysis import is_capital, is_cjk, is_shouted, is_stop, tokens
from index.search.languages import CAPITALS
from index.search.lookups import MOST_STEPS
from index.search.query_marks import plain_marks

FIELDS = {
    "title": "title",
    "intitle": "title",
    "author": "author",
    "outlet": "outlet",
    "site": "outlet",
    "source": "outlet",
    "topic": "topic",
    "country": "country",
    "person": "person",
    "org": "organisation",
    "organisation": "organisation",
    "organization": "organisation",
    "place": "place",
    "weapon": "weapon",
    "treaty": "treaty",
    "lang": "language",
    "language": "language",
    "story": "story",
    "links": "links",
    "linkedfrom": "linkedfrom",
    "near": "near",
    "said": "said",
    "before": "before",
    "after": "after",
    "sort": "sort",
}
"""Every field name that can be typed, and the one it means."""

PAGE = "page"
"""The field of a bare address, which nobody types."""

WORD_FIELDS = frozenset({"", "title", "author"})
_URL_FIELDS = frozenset({"links", "linkedfrom", "near"})
_ITEM = re.compile(
    r'(?P<space>\s+)|(?P<mark>[+-])?(?:"(?P<quoted>[^"]*)"|(?P<open>\())|(?P<close>\))|(?P<word>[^\s"()]+)'
)
_FIELD = re.compile(r"(?P<name>[A-Za-z_]{1,30}):(?P<rest>.*)", re.DOTALL)
_ADDRESS = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]{1,20}://|www\.(?=[^/]+\.[^/]+/)).")
_AROUND_ADDRESS = ".,;:!?'*"
_WORDS_OF_OTHERS = {
    "AND": "AND is no operator here: all words are ranked together, and +word demands one.",
    "NOT": "NOT is no operator here: -word leaves a word out.",
}
_LONG, _LONGEST_NAME, _MANY = 4, 5, 4
"""Letters of a word in capitals that may be a plain one; letters and words beyond which it is none of several names."""
_JOINING = frozenset(["and", "or", "not"])
_DOTTED = re.compile(r"(?:[^\W\d_]\.){2,}")


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of a query. `kind` is word, quoted, open, close or or; `words` are those of a quoted text."""

    kind: str
    text: str = ""
    mark: str = ""  # "+", "-" or ""
    field: str = ""
    words: tuple[str, ...] = ()
    beginning: bool = False  # word*


@dataclass(slots=True)
class Notes:
    """Sentences for the reader, each once, and not more than a few."""

    said: dict[str, None] = field(default_factory=dict)
    most: int = 8

    def say(self, sentence: str) -> None:
        """Add a sentence unless it was said already or enough was said."""
        if len(self.said) < self.most:
            self.said[sentence] = None


def items_in(text: str, *, limits: SearchSettings, notes: Notes) -> list[Item]:
    """Cut `text` into items with balanced brackets; words of a text all in capitals come in lower case.

    Raises QueryTooLargeError where brackets are nested deeper than `max_query_depth`.
    """
    clean = plain_marks(text)
    items: list[Item] = []
    at = 0
    while at < len(clean):
        found = _ITEM.match(clean, at)
        if found is None:  # a quote without partner
            at += 1
            continue
        at = found.end()
        if found["word"] is not None:
            at = _read_word(clean, found.start(), at, items, notes)
        elif found["quoted"] is not None:
            items.append(Item("quoted", found["quoted"], found["mark"] or ""))
        elif found["open"]:
            items.append(Item("open", mark=found["mark"] or ""))
        elif found["close"]:
            items.append(Item("close"))
    items = _balanced(items, limits.max_query_depth, notes)
    _say_what_others_read(items, notes)
    items = [_with_words(item, limits.max_phrase_words, notes) for item in items]
    return _in_lower_case_if_shouted(_without_headline_capitals(items), notes)


def trimmed(word: str) -> str:
    """Return a word without the punctuation around it; the last dot of `U.S.` stays."""
    if word.isalnum():
        return word
    start, end = 0, len(word)
    while start < end and unicodedata.category(word[start])[0] not in "LN":
        start += 1
    while end > start and unicodedata.category(word[end - 1])[0] not in "LNM":
        end -= 1
    dotted = _DOTTED.match(word, start)
    return word[start : max(end, dotted.end() if dotted and dotted.end() == end + 1 else end)]


def _read_word(text: str, start: int, end: int, items: list[Item], notes: Notes) -> int:
    """Read the run of letters and signs from `start` to `end`; return where reading goes on."""
    mark = text[start] if text[start] in "+-" else ""
    if text[start:end] == "OR":
        items.append(Item("or"))
        return end
    while True:
        start = next((at for at in range(start, end) if text[at].isalnum()), end)
        parts = _FIELD.match(text, start, end)
        if _ADDRESS.match(text, start, end):
            end = _end_of_address(text, end)
            address = text[start:end].rstrip(_AROUND_ADDRESS)
            is_one = _ADDRESS.match(address) is not None
            items.append(Item("word", address if is_one else text[start:end], mark, PAGE if is_one else ""))
            return end
        if parts is None:
            if start < end:
                items.append(Item("word", text[start:end], mark))
            return end
        name = FIELDS.get(parts["name"].lower(), "")
        follows = text[end] if not parts["rest"] and end < len(text) else ""
        if name and (parts["rest"] or follows in ('"', "(")):
            after = _read_value(text, parts.end("name") + 1, end, Item("", parts["name"], mark, name), items)
            if after:
                return after
        items.append(Item("word", parts["name"], mark))
        if not name and (parts["rest"] or follows in ('"', "(")):
            notes.say(f"There is no field {parts['name'].lower()}: its words are searched as text.")
        start = parts.end("name") + 1


def _read_value(text: str, start: int, end: int, item: Item, items: list[Item]) -> int:
    """Read what follows a known field; return where reading goes on, 0 when it is a quote without partner."""
    if start < end:
        end = _end_of_address(text, end) if item.field in _URL_FIELDS else end
        items.append(replace(item, kind="word", text=text[start:end]))
        return end
    if text[end] == "(":
        items.append(replace(item, kind="open"))
        return end + 1
    close = text.find('"', end + 1)
    if close > 0:
        items.append(replace(item, kind="quoted", text=text[end + 1 : close]))
    return close + 1


def _end_of_address(text: str, at: int) -> int:
    """Where the address that goes on at `at` ends: at white space, a quote or a bracket that is not its own."""
    open_ = 0
    while at < len(text) and not text[at].isspace() and text[at] != '"':
        open_ += {"(": 1, ")": -1}.get(text[at], 0)
        if open_ < 0:
            break
        at += 1
    return at


def _balanced(items: list[Item], max_depth: int, notes: Notes) -> list[Item]:
    """Drop brackets without a partner; hand the field before a bracket to what is in it."""
    partner: dict[int, int] = {}
    waiting: list[int] = []
    for at, item in enumerate(items):
        if item.kind == "open":
            waiting.append(at)
        elif item.kind == "close" and waiting:
            partner[waiting.pop()] = at
    closes = set(partner.values())
    fields = [""]
    kept: list[Item] = []
    for at, item in enumerate(items):
        within = item if item.field or not fields[-1] else replace(item, field=fields[-1])
        if at in partner:
            fields.append(within.field)
            if len(fields) - 1 > max_depth:
                raise QueryTooLargeError(f"Brackets are nested deeper than {max_depth}; write the query flatter.")
        elif at in closes:
            fields.pop()
        elif item.kind == "open" and item.field:
            within = Item("word", item.text, item.mark, fields[-1])
        elif item.kind in ("open", "close"):
            continue
        kept.append(within)
    if len(kept) < len(items) or len(partner) * 2 < sum(item.kind in ("open", "close") for item in items):
        notes.say("A bracket without its partner is left out.")
    return kept


def _with_words(item: Item, max_phrase_words: int, notes: Notes) -> Item:
    """Trim what will be searched as words, cut phrases that are too long."""
    if item.field not in WORD_FIELDS:
        return item
    if item.kind == "quoted":
        if item.text.rstrip().endswith("*"):
            notes.say("A star inside quotes says nothing; without quotes word* finds words that begin so.")
        words = tuple(filter(None, map(trimmed, item.text.split())))
        if len(words) > max_phrase_words:
            notes.say(f"Of a phrase the first {counted(max_phrase_words, 'word is', 'words are')} compared.")
        _say_if_long(" ".join(words[:max_phrase_words]), notes)
        return replace(item, words=words[:max_phrase_words])
    word = trimmed(item.text)
    _say_if_long(word, notes)
    if item.kind != "word" or (word == item.text and word != "OR"):
        return item
    if word == "OR" and not item.field:
        word = "or"  # dressed up as no operator: written bare it would be one
    starred = bool(word) and item.text.rstrip(".,;:!?'").endswith("*")
    beginning = starred and sum(map(str.isalnum, word)) >= 3 and len(tokens(word)) == 1
    if starred and not beginning and not is_cjk(word):  # of which any part finds what goes on
        notes.say(f"A star needs three letters before it; {word} is searched as a word.")
    return replace(item, text=word, beginning=beginning)


def _say_if_long(text: str, notes: Notes) -> None:
    if len(text) > MOST_STEPS and len(tokens(text)) > MOST_STEPS:
        notes.say(f"Of {text[:20]}… the first {MOST_STEPS} parts are compared.")


def _say_what_others_read(items: list[Item], notes: Notes) -> None:
    """Say that AND and NOT between small words, which other tools know, mean nothing here."""
    texts = [item.text for item in items if item.kind == "word" and not item.field and not item.mark]
    if len(texts) > 1 and 2 * sum(map(str.isupper, texts)) <= len(texts) + 1:  # else it is a headline in capitals
        for word in _WORDS_OF_OTHERS.keys() & set(texts[:-1]):
            notes.say(_WORDS_OF_OTHERS[word])


def _without_headline_capitals(items: list[Item]) -> list[Item]:
    """Take the capitals off words of a headline in capitals that are none of a name.

    Of two or three words (JAPAN TRADE) where one is too long for an initialism the longer ones, of a headline with a
    word of another kind behind it (PRICES TO RISE IN EGYPT | Courier) all. Names such as WHO stay as typed.
    """
    bare = [item for item in items if item.kind == "word" and item.field in WORD_FIELDS]
    words = [item.text for item in bare if any(map(str.isalpha, item.text))]
    capitals = [word for word in words if is_capital(word)]
    plain = [word for word in capitals if "." not in word and word.lower() not in CAPITALS]
    longest = max(map(len, plain), default=0)
    if is_shouted(" ".join(words)):
        return items  # the whole text is
    if len(words) > 1 and len(capitals) == len(words) < _MANY and longest >= _LONGEST_NAME:
        taken = {word for word in plain if len(word) >= _LONG}
    elif len(capitals) >= _MANY and 3 * len(capitals) >= 2 * len(words) and longest > _LONGEST_NAME:
        taken = set(capitals)
    else:
        return items
    return [replace(item, text=item.text.lower()) if item in bare and item.text in taken else item for item in items]


def _in_lower_case_if_shouted(items: list[Item], notes: Notes) -> list[Item]:
    """Take the capitals off a text that has no other letters; in a sentence of capitals OR is a word like others."""
    spoken = [item for item in items if item.field in WORD_FIELDS and item.kind in ("word", "quoted")]
    texts = [" ".join(item.words) if item.kind == "quoted" else item.text for item in spoken]
    if not is_shouted(" ".join(text for text in texts if text != "or")):
        return items
    lowered = {id(item) for item in spoken}
    items = [
        replace(item, text=item.text.lower(), words=tuple(word.lower() for word in item.words))
        if id(item) in lowered
        else item
        for item in items
    ]
    bare = {item.text for item in items if item.kind == "word" and not item.field and not item.mark}
    if any(item.kind == "or" for item in items) and any(is_stop(word, ["en"]) for word in bare - _JOINING):
        notes.say("In a sentence of capitals OR is a word like others; with the rest in small letters it means either.")
        return [Item("word", "or") if item.kind == "or" else item for item in items]
    return items
