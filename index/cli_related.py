"""`watchfloor related` and `watchfloor stories origins`: why articles belong together, and who had the news first."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime

import click

from config.errors import UsageError
from config.settings import Settings
from index.errors import NotFoundError
from index.records import JsonObject
from index.store import Store, Transaction, open_store
from index.store.articles import article_by_url
from index.store.origins import origins_of_story
from index.store.outlets import outlet_titles
from index.store.relations import surroundings_of_article
from index.store.stories import held_story
from index.stories.related import RelatedList, related_to
from index.stories.telling import left_out_words, origins_json, origins_sentence, related_json

MOST_ID = 2**63 - 1


@click.command()
@click.argument("article")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def related(settings: Settings, article: str, as_json: bool) -> None:
    """Show what is related to ARTICLE, an id or an address, and why.

    Reasons: a copy, the same story, links, targets both cite, others that cite both, an earlier story, rare names.
    """
    with closing(open_store(settings)) as store:
        article_id, found, titles = _related(store, article)
    if as_json:
        listed = {"id": article_id, "related": related_json(found), "left_out": dict(found.left_out)}
        click.echo(json.dumps(listed, ensure_ascii=False))
        return
    if not found.items:
        click.echo("Nothing held is related to it.")
    for one in found.items:
        outlet = titles.get(one.article.outlet, one.article.outlet)
        click.echo(f"{one.article.title}")
        click.echo(f"  {outlet} · {one.article.at:%Y-%m-%d %H:%M} UTC · article {one.article.id} · {one.weight:.2f}")
        for reason in one.reasons:
            click.echo(f"  {reason.weight:.2f}  {reason.text}")
    for words in left_out_words(found.left_out):
        click.echo(words)


@click.command("origins")
@click.argument("story_id", type=click.IntRange(min=1, max=MOST_ID), metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def origins_command(settings: Settings, story_id: int, as_json: bool) -> None:
    """Show who had story ID first, who followed whom, and how many independent origins there are."""
    with closing(open_store(settings)) as store, store.read() as tx:
        story = held_story(tx, story_id)
        found = origins_of_story(tx, story.id)
        titles = outlet_titles(tx)
    answer = origins_json(found)
    if as_json:
        click.echo(json.dumps({"id": story.id, "origins": answer}, ensure_ascii=False))
        return
    click.echo(f"{story.title}\n{origins_sentence(found)}\n")
    for step in answer["chain"]:
        _show_step(step, titles.get(step["outlet"], step["outlet"]))
    if answer["chain_left_out"]:
        click.echo(f"and {answer['chain_left_out']} more")
    if answer["uncertain"]:
        click.echo("\nUncertain:")
    for doubt in answer["uncertain"]:
        click.echo(f"  {doubt['text']}" + (f" (article {doubt['id']})" if doubt["id"] else ""))


def _show_step(step: JsonObject, outlet: str) -> None:
    said = "" if step["instant"] == "published" else f" ({step['instant'].replace('_', ' ')})"
    click.echo(f"{step['at'][:16].replace('T', ' ')} UTC{said}  {outlet}: {step['title']} (article {step['id']})")
    click.echo(f"    {step['words']}; {step['evidence']}" if step["evidence"] else f"    {step['words']}")


def _related(store: Store, given: str) -> tuple[int, RelatedList, dict[str, str]]:
    with store.read() as tx:
        article_id = _article_id(tx, given)
        found = related_to(surroundings_of_article(tx, article_id), now=datetime.now(UTC))
        return article_id, found, outlet_titles(tx)


def _article_id(tx: Transaction, given: str) -> int:
    if given.isdecimal() and given.isascii():
        if int(given) > MOST_ID:
            raise NotFoundError(f"There is no article {given[:40]}.")
        return int(given)
    if ":" not in given:
        raise UsageError(f"{given[:200]!r} is neither an article's id nor an address; give 12 or https://….")
    held = article_by_url(tx, given)
    if held is None:
        raise NotFoundError(f"{given[:300]}: no article has this address; `watchfloor why URL` says what is known.")
    return held.id
