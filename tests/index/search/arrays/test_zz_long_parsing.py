"""The parser reads every text into the query stock Whoosh reads it into, by the short way or the long one."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import fields, qparser, query
from whoosh.analysis import StemmingAnalyzer
from whoosh.qparser import FuzzyTermPlugin, OrGroup, QueryParser

from index.search.arrays.parsing import ArraysQueryParser
from index.search.arrays.tokens import ChunkReader, chunk_reader

SCHEMA = fields.Schema(
    id=fields.ID(stored=True),
    title=fields.TEXT(analyzer=StemmingAnalyzer(), field_boost=2.0),
    text=fields.TEXT(analyzer=StemmingAnalyzer()),
    at=fields.DATETIME(),
    number=fields.NUMERIC(),
)
PARTS = [
    *(
        "ships",
        "ship",
        "harbours",
        "the",
        "a",
        "x",
        "Convoy",
        "über",
        "東京",
        "naïve",
        "foo_bar",
        "12",
        "v1.2",
        "e-mail",
    ),
    *("AND", "OR", "NOT", "ANDNOT", "ANDMAYBE", "REQUIRE", "and", "or", "TO"),
    *("title:ships", "text:the", "title:Convoys", "nofield:ships", "number:3", "at:2024", "id:ships", "title:"),
    *("ship*", "the*", "*ship", "sh*p", "s?ip", "title:shi*", "*", "*:*", "ships~", "ships~2", "the~1", "ships~12"),
    *("title:ship~1", "ships~1/2", "~1", "ships^2", "^2", "(", ")", "[a TO b]", "'the ships'", "it's", ":", "-ships"),
    *(
        '"',
        '"the ships"',
        '"ships"',
        '"harbours convoy"',
        'title:"harbours v1.2"',
        '"the"',
        '""',
        '"a b"~3',
        "\n",
        "\t",
    ),
]
TEXT = st.lists(st.sampled_from(PARTS), max_size=6).flatmap(
    lambda parts: st.sampled_from([" ", " ", "  ", " OR ", " AND ", ""]).map(lambda between: between.join(parts))
)


def readers() -> dict[str, ChunkReader]:
    found = {name: chunk_reader(field) for name, field in SCHEMA.items()}
    return {name: one for name, one in found.items() if one is not None}


def both(**options: Any) -> tuple[ArraysQueryParser, Any]:
    ours, theirs = (
        ArraysQueryParser("text", SCHEMA, readers=readers(), **options),
        QueryParser("text", SCHEMA, **options),
    )
    for parser in (ours, theirs):
        parser.add_plugin(FuzzyTermPlugin())
    return ours, theirs


def told(asked: Any) -> Any:
    """All there is to a query, which `==` does not compare whole."""
    below = [told(one) for one in getattr(asked, "subqueries", ())]
    own = {name: value for name, value in vars(asked).items() if name not in ("subqueries", "a", "b", "query", "child")}
    own |= {name: str(value) for name, value in own.items() if isinstance(value, Exception)}
    inner = getattr(asked, "query", None)
    return type(asked), own, below, told(inner) if isinstance(inner, query.Query) else None


@settings(max_examples=6000, deadline=None)
@given(text=TEXT | st.text(max_size=12), group=st.sampled_from([None, OrGroup]))
def test_every_text_becomes_the_query_of_stock_whoosh(text: str, group: Any) -> None:
    ours, theirs = both(**({} if group is None else {"group": group}))
    try:
        wanted = theirs.parse(text)
    except Exception as error:
        with pytest.raises(type(error)):
            ours.parse(text)
        return
    assert told(ours.parse(text)) == told(wanted)


@pytest.mark.parametrize(
    "text",
    ["ships", "The Ships", "ships harbours the ships", "title:ships convoy", "ships OR harbours", "a AND b", "the",
     "", "ship*", "title:shi*", "ships~1", "ships~", '"harbours convoy"', 'title:"the ships"', '"the"', "über 東京"],
)  # fmt: skip
def test_plain_questions_go_the_short_way(text: str) -> None:
    ours, theirs = both()
    with patch.object(QueryParser, "process", side_effect=AssertionError("the long way")):
        found = ours.parse(text)
    assert told(found) == told(theirs.parse(text))


def test_a_plugin_that_is_not_as_shipped_is_obeyed() -> None:
    ours, theirs = both()
    assert ours.parse("ships AND harbours") == theirs.parse("ships AND harbours")
    for parser in (ours, theirs):
        parser.replace_plugin(qparser.OperatorsPlugin(And="&", Or=r"\|", Not=None))
    for text in ("ships AND harbours", "ships & harbours", "ships|harbours", "NOT ships"):
        assert told(ours.parse(text)) == told(theirs.parse(text))
    for parser in (ours, theirs):
        parser.remove_plugin_class(qparser.FieldsPlugin)
    assert told(ours.parse("title:ships")) == told(theirs.parse("title:ships"))


def test_near_spellings_need_their_plugin() -> None:
    ours = ArraysQueryParser("text", SCHEMA, readers=readers())
    assert told(ours.parse("ships~1")) == told(QueryParser("text", SCHEMA).parse("ships~1"))


@pytest.mark.parametrize("options", [{"termclass": query.Variations}, {"group": OrGroup.factory(0.9)}])
def test_other_classes_of_queries_are_made(options: dict[str, Any]) -> None:
    ours, theirs = both(**options)
    assert told(ours.parse("ships harbours")) == told(theirs.parse("ships harbours"))


def test_a_field_without_reader_is_left_to_whoosh() -> None:
    ours, theirs = both()
    ours.fieldname = theirs.fieldname = "id"
    assert told(ours.parse("The Ships")) == told(theirs.parse("The Ships"))
    assert told(ours.parse('"The Ships"')) == told(theirs.parse('"The Ships"'))
