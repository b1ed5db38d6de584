"""`watchfloor stories rebuild|list|show|split|merge`: the stories of the database. Grouped in cli_stories.py."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click
from tqdm import tqdm

from config.counting import counted
from config.settings import Settings
from index.asking import who
from index.records import JsonObject, StoredArticle
from index.store import Store, open_store
from index.store.articles import articles_by_id
from index.store.audit import note_act
from index.store.stories import continued_by, count_stories, held_story, list_stories, members_of
from index.store.story_edits import merge_stories, split_story
from index.stories.rebuilding import rebuild_stories
from index.stories.wording import member_json, ranked_json, story_json, why_here
from index.story_records import StoryMember


@click.command("rebuild")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def rebuild_command(settings: Settings, as_json: bool) -> None:
    """Work out all stories anew, with today's rules and every split and merge made by hand.

    The old stories answer until the new ones are whole. A story keeps its id where the new one holds more than half
    of its articles; ids that are no story any more redirect, and none is given twice.
    """
    with _store(settings) as store:
        bar: tqdm[Any] = tqdm(desc="placing", unit="article", disable=not sys.stderr.isatty(), leave=False)
        try:
            report = rebuild_stories(store, progress=lambda done, total: _show(bar, done, total))
        finally:
            bar.close()
        with store.write() as tx:
            told = counted(report.stories, "story", "stories")
            note_act(tx, by=who(), act="worked out anew", subject="stories", detail=told, now=datetime.now(UTC))
    if as_json:
        click.echo(json.dumps(asdict(report)))
        return
    click.echo(
        f"{counted(report.articles, 'article')} in {counted(report.stories, 'story', 'stories')}: "
        f"{counted(report.kept, 'kept its id', 'kept their ids')}, {counted(report.new, 'is', 'are')} new, "
        f"{counted(report.redirected, 'id redirects', 'ids redirect')}."
    )


@click.command("list")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Stories at the most.")
@click.option("--all", "every", is_flag=True, help="Stories of a single article too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_command(settings: Settings, limit: int, every: bool, as_json: bool) -> None:
    """List the stories of now: by outlets that wrote for themselves, times freshness."""
    least = 1 if every else 2
    with _store(settings) as store, store.read() as tx:
        found = list_stories(tx, now=datetime.now(UTC), limit=limit, least_articles=least)
        total = count_stories(tx, least_articles=least)
    if as_json:
        click.echo(json.dumps({"total": total, "stories": [ranked_json(one) for one in found]}, ensure_ascii=False))
        return
    click.echo(f"{counted(total, 'story', 'stories')}{'' if every else ' of two articles or more'}")
    for one in found:
        story = one.story
        copies = f", {counted(one.copies, 'copy', 'copies')}" if one.copies else ""
        click.echo(f"\n{story.id}  {story.title}")
        click.echo(
            f"  {counted(story.articles, 'article')}, "
            f"{counted(one.independent_outlets, 'outlet on its', 'outlets on their')} own{copies}"
        )
        click.echo(f"  {story.first_at:%Y-%m-%d %H:%M} to {story.last_at:%Y-%m-%d %H:%M} UTC")


@click.command("show")
@click.argument("story_id", type=click.IntRange(min=1), metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def show_command(settings: Settings, story_id: int, as_json: bool) -> None:
    """Show story ID: its articles by time, and why each is in it. A merged id shows the story it is part of now."""
    with _store(settings) as store, store.read() as tx:
        story = held_story(tx, story_id)
        members = members_of(tx, story.id)
        articles = articles_by_id(tx, [one.article_id for one in members])
        later = continued_by(tx, story.id)
    if as_json:
        data: JsonObject = {
            **story_json(story),
            "continued_by": [one.id for one in later],
            "members": [member_json(one, articles[one.article_id]) for one in members],
        }
        click.echo(json.dumps(data, ensure_ascii=False))
        return
    if story.id != story_id:
        click.echo(f"Story {story_id} is part of story {story.id} now.")
    click.echo(f"{story.id}  {story.title}")
    click.echo(f"{counted(story.articles, 'article')} of {counted(story.outlets, 'outlet')}")
    if story.continues is not None:
        click.echo(f"Continues story {story.continues}.")
    for one in later:
        click.echo(f"Continued by story {one.id}: {one.title}")
    for member in members:
        _tell(member, articles[member.article_id])


@click.command("split")
@click.argument("story_id", type=click.IntRange(min=1), metavar="ID")
@click.argument("articles", type=click.IntRange(min=1), nargs=-1, required=True, metavar="ARTICLE...")
@click.option("--note", default="", help="Why; kept beside the decision.")
@click.option("--by", default="", help="Who decides; default: user and machine.")
@click.pass_obj
def split_command(settings: Settings, story_id: int, articles: tuple[int, ...], note: str, by: str) -> None:
    """Move articles of story ID into a new story; both are kept apart, also by a rebuild."""
    with _store(settings) as store, store.write() as tx:
        new = split_story(tx, story_id, articles, by=by or who(), note=note, now=datetime.now(UTC))
    click.echo(f"Story {new.id} has {new.articles} of the articles of story {story_id} now: {new.title}")


@click.command("merge")
@click.argument("into", type=click.IntRange(min=1), metavar="INTO")
@click.argument("gone", type=click.IntRange(min=1), nargs=-1, required=True, metavar="ID...")
@click.option("--note", default="", help="Why; kept beside the decision.")
@click.option("--by", default="", help="Who decides; default: user and machine.")
@click.pass_obj
def merge_command(settings: Settings, into: int, gone: tuple[int, ...], note: str, by: str) -> None:
    """Make stories ID... part of story INTO; their ids redirect, and they stay together, also by a rebuild."""
    with _store(settings) as store, store.write() as tx:
        story = merge_stories(tx, into, gone, by=by or who(), note=note, now=datetime.now(UTC))
    click.echo(
        f"Story {story.id} has {counted(story.articles, 'article')} of {counted(story.outlets, 'outlet')} now: "
        f"{story.title}"
    )


def join_to(group: click.Group) -> None:
    """Add these commands to the group `stories`."""
    for command in (rebuild_command, list_command, show_command, split_command, merge_command):
        group.add_command(command)


def _tell(member: StoryMember, article: StoredArticle) -> None:
    click.echo(f"\n  {article.title}")
    click.echo(f"    {article.outlet} · {article.sort_at:%Y-%m-%d %H:%M} UTC · article {article.id}")
    click.echo(f"    {why_here(member)}")


def _show(bar: tqdm[Any], done: int, total: int) -> None:
    bar.total, bar.n = total, done
    bar.refresh()


@contextmanager
def _store(settings: Settings) -> Iterator[Store]:
    store = open_store(settings)
    try:
        yield store
    finally:
        store.close()
