"""`/search`: one answer of `find_articles`, with everything that led to it as a link that changes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from index.errors import QueryTooLargeError
from index.find import SORTS, Filters, ResultPage, find_articles, result_json
from index.records import JsonObject
from index.search.known_names import label_of, slug_named
from index.search.query import Group, Node, Query
from index.search.query_parser import day_of
from index.search.query_text import text_of
from index.store.links import hub_labels
from index.store.outlets import outlet_titles
from index.store.stories import stories_by_id
from index.store.subjects import name_labels
from web.errors import problem
from web.metrics import note_search
from web.pictures import Bars, month_bars, month_number
from web.site import answer, page_number, site, wants_json
from web.subjects import ARGUMENTS, topic_labels
from web.suggest import completions_of
from web.wording import language_name, this_with

pages = Blueprint("search", __name__)
SHOWN_VALUES = 10
MOST_VALUES = 20
MONTHS_SHOWN = 60
WORDS_BEGUN = 2
"""Words of a text that may be the beginning of a name."""

KINDS = {
    "outlet": "Outlet",
    "topic": "Topic",
    "country": "Country",
    "person": "Person",
    "org": "Organisation",
    "place": "Place",
    "language": "Language",
    "author": "Author",
}
"""What can be narrowed to, by argument; those the engine counts are shown with their values."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet: its name, how many articles, and the address with it chosen or no longer chosen."""

    label: str
    articles: int
    address: str
    chosen: bool


@pages.get("/search")
def results() -> ResponseReturnValue:
    """Answer a query typed by a reader."""
    text = request.args.get("q", "")
    filters, faults = filters_asked()
    try:
        found = ask(text, filters)
    except QueryTooLargeError as error:
        if wants_json():
            return problem(400, str(error))
        return render_template(
            "search.html",
            text=text,
            refused=str(error),
            found=None,
            filters=filters,
            chosen=chosen_in(filters),
            aliases=_with_aliases(),
            folds=_folds(),
        ), 400
    with site().store.read() as tx:
        titles = outlet_titles(tx)
        labels = hub_labels(tx, _values(found, "topic", filters.topics)) | topic_labels()
        people = name_labels(tx, "person", _values(found, "person", filters.names.get("person", ())))
        stories = stories_by_id(tx, {hit.story_id for hit in found.hits if hit.story_id is not None})
    countries = {
        code: label_of("country", code) for code in _values(found, "country", filters.names.get("country", ()))
    }
    names = {"outlet": titles, "topic": labels, "country": countries, "person": people}
    return answer(
        "search.html",
        result_json(replace(found, notes=(*faults, *found.notes))),
        text=text,
        refused="",
        found=found,
        filters=filters,
        faults=faults,
        facets={kind: _choices(kind, found, names.get(kind, {})) for kind in KINDS},
        kinds=KINDS,
        shown=SHOWN_VALUES,
        chips=[*_demands(found.query), *_chips(filters, names)],
        narrowed=bool(_chips(filters, names)),
        chosen=chosen_in(filters),
        bars=_months(found),
        titles=titles,
        labels=labels,
        first=(found.page - 1) * site().settings.web.hits_per_page + 1,
        now=site().now(),
        aliases=_with_aliases(),
        folds=_folds(),
        stories=stories,
        begins=_begins(text, found),
    )


def _begins(text: str, found: ResultPage) -> tuple[str, list[JsonObject]]:
    """What a short text may be the beginning of, as links with their heading: the search box without script.

    An answer without articles is no dead end: where nothing begins so either, there is what to begin with.
    """
    if wants_json() or found.page > 1 or (len(text.split()) > WORDS_BEGUN and found.total):
        return "", []
    begun = completions_of(text) if text.strip() else []
    if begun or (text.strip() and found.total):
        return "Begins so", begun
    return "To begin with", completions_of("")


def ask(text: str, filters: Filters) -> ResultPage:
    """Ask the one search entry what the arguments of this request say."""
    parts = site()
    sort = request.args.get("sort", "")
    found = find_articles(
        parts.store,
        parts.backend,
        text,
        settings=parts.settings,
        now=parts.now(),
        filters=filters,
        sort=sort if sort in SORTS else "",
        page=page_number(),
        per_page=parts.settings.web.hits_per_page,
        aliases=_with_aliases(),
        folded=_folds(),
    )
    parts.slow.note(text, found, parts.now())
    note_search(found.took_ms)
    return found


def filters_asked() -> tuple[Filters, list[str]]:
    """Read the filters of this request, and a sentence for each that cannot be read."""
    faults: list[str] = []

    def values(name: str) -> tuple[str, ...]:
        given = [value.strip() for value in request.args.getlist(name)][:MOST_VALUES]
        return tuple(dict.fromkeys(value for value in given if value))

    def day(name: str) -> date | None:
        value = request.args.get(name, "").strip()
        read = day_of(value) if value else None
        if value and read is None:
            faults.append(f"{name}: {value[:40]!r} is no date; write YYYY, YYYY-MM or YYYY-MM-DD.")
        return read

    filters = Filters(
        outlets=values("outlet"),
        topics=values("topic"),
        languages=values("language"),
        authors=values("author"),
        names={kind: found for kind, argument in ARGUMENTS.items() if (found := values(argument))},
        after=day("after"),
        before=day("before"),
    )
    faults += [
        f"country: {value[:40]!r} is no country; write its name, or its code as kr."
        for value in filters.names.get("country", ())
        if not slug_named("country", value)
    ]
    return filters, faults


def _folds() -> bool:
    return request.args.get("fold") != "no"


def _with_aliases() -> bool:
    return request.args.get("aliases") != "off"


def _choices(kind: str, found: ResultPage, names: dict[str, str]) -> list[Choice]:
    chosen = request.args.getlist(kind)
    return [
        Choice(_label(kind, value, names), number, _toggled(kind, value, chosen), value in chosen)
        for value, number in found.facets.get(kind, ())[:MOST_VALUES]
    ]


def _chips(filters: Filters, names: dict[str, dict[str, str]]) -> list[tuple[str, str]]:
    """What is narrowed besides the query, each with the address without it."""
    chosen = chosen_in(filters)
    chips = [
        (f"{KINDS[kind]}: {_label(kind, value, names.get(kind, {}))}", _toggled(kind, value, values))
        for kind, values in chosen.items()
        for value in values
    ]
    if filters.after is not None:
        chips.append((f"from {filters.after.isoformat()}", this_with(after=None)))
    if filters.before is not None:
        chips.append((f"before {filters.before.isoformat()}", this_with(before=None)))
    return chips


def _demands(query: Query) -> list[tuple[str, str]]:
    """What the query itself demands and leaves out, as it was read, each with the address without it."""
    root = query.root
    if not isinstance(root, Group) or root.any_of:
        return []
    without = [(Group(must=(node,)), replace(root, must=_but(root.must, node))) for node in root.must]
    without += [(Group(must_not=(node,)), replace(root, must_not=_but(root.must_not, node))) for node in root.must_not]
    return [(text_of(one), this_with(q=text_of(rest, sort=query.sort) or None)) for one, rest in without][:MOST_VALUES]


def _but(nodes: tuple[Node, ...], left_out: Node) -> tuple[Node, ...]:
    return tuple(node for node in nodes if node is not left_out)


def chosen_in(filters: Filters) -> dict[str, tuple[str, ...]]:
    """Return what is narrowed to, by the arguments of /search."""
    return {
        "outlet": filters.outlets,
        "topic": filters.topics,
        **{argument: filters.names.get(kind, ()) for kind, argument in ARGUMENTS.items()},
        "language": filters.languages,
        "author": filters.authors,
    }


def _values(found: ResultPage, kind: str, chosen: Sequence[str]) -> list[str]:
    return [*(value for value, _ in found.facets.get(kind, ())[:MOST_VALUES]), *chosen]


def _toggled(kind: str, value: str, chosen: Sequence[str]) -> str:
    others = [one for one in chosen if one != value]
    return this_with(**{kind: (others if value in chosen else [*others, value]) or None})


def _label(kind: str, value: str, names: dict[str, str]) -> str:
    return language_name(value) if kind == "language" else names.get(value) or value


def _months(found: ResultPage) -> Bars | None:
    """Articles by month as a picture whose bars are links: the last five years that have any, up to this month.

    Dates that publishers left at a placeholder (year 1, year 9999) would press all others together. Nothing is to be
    seen in fewer than three months.
    """
    this_month = site().now().strftime("%Y-%m")
    known = sorted((month, number) for month, number in found.facets.get("month", ()) if month <= this_month)
    months = [one for one in known if month_number(known[-1][0]) - month_number(one[0]) < MONTHS_SHOWN]
    if len(months) < 3:
        return None

    def address(month: str) -> str:
        year, number = int(month[:4]), int(month[5:7])
        following = date(year + number // 12, number % 12 + 1, 1)
        return this_with(after=f"{month}-01", before=following.isoformat())

    return month_bars([(month, number, address(month)) for month, number in months])
