"""`watchfloor search`: the same answer as the site, on a terminal, as JSON, or for a file of queries."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from tqdm import tqdm

from config.counting import counted
from config.errors import EXIT_DONE, EXIT_PARTIAL, UsageError
from config.settings import Settings
from index.errors import QueryTooLargeError
from index.find import SORTS, ResultPage, find_articles, ranked_ids, result_json
from index.search.backend import SearchBackend
from index.search.opening import open_backend
from index.search.snippets import plain_of
from index.store import Store, open_store
from index.store.articles import import_ids


class _QueryCommand(click.Command):
    """Takes -word as part of the query, and a word with two strokes only behind `--`: before it is a slip."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        options = {name for option in self.get_params(ctx) for name in option.opts}
        before = args[: args.index("--")] if "--" in args else args
        for word in before:
            name = word.partition("=")[0]
            if name.startswith("--") and name not in options:
                raise UsageError(f"There is no option {name}; see `watchfloor search --help`.")
        return super().parse_args(ctx, args)


@click.command(cls=_QueryCommand, context_settings={"ignore_unknown_options": True})
@click.argument("query", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as the site's API does.")
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="Hits at the most.")
@click.option("--sort", type=click.Choice(SORTS), default=None, help="Order of the hits; default: by relevance.")
@click.option(
    "--batch",
    type=click.Path(path_type=Path, dir_okay=False),
    help='A file with lines {"id", "query"}; prints lines {"query": id, "docs": [...]}, best first, '
    'with "relaxed" where a demand was dropped.',
)
@click.option("--no-fold", is_flag=True, help="Show every article: no copies folded, all hits of a story.")
@click.option("--no-aliases", is_flag=True, help="Search names as typed, not what else they are called.")
@click.pass_obj
def search(
    settings: Settings,
    query: tuple[str, ...],
    as_json: bool,
    limit: int,
    sort: str | None,
    batch: Path | None,
    no_fold: bool,
    no_aliases: bool,
) -> int:
    """Search the archive for QUERY: words, "exact phrases", +demanded, -excluded, outlet:, after:, links:URL ...

    A shell takes quotes away: put the whole query into single ones, as '"border talks" -ships'.
    """
    if batch is None and not query:
        raise UsageError('Name a query, as `watchfloor search "border talks"`, or a file with --batch.')
    if batch is not None and query:
        raise UsageError("Name a query or --batch, not both.")
    store, backend = open_store(settings), open_backend(settings)
    try:
        if batch is not None:
            return _answer_file(batch, store, backend, settings=settings, limit=limit)
        found = find_articles(
            store,
            backend,
            " ".join(query),
            settings=settings,
            now=datetime.now(UTC),
            sort=sort or "",
            per_page=limit,
            aliases=not no_aliases,
            folded=not no_fold,
        )
    finally:
        backend.close()
        store.close()
    if as_json:
        click.echo(json.dumps(result_json(found), ensure_ascii=False))
    else:
        _show(found)
    return EXIT_DONE


def _show(found: ResultPage) -> None:
    stories = f" in {counted(found.stories_total, 'story', 'stories')}" if found.stories_total else ""
    click.echo(f"{counted(found.total, 'article')}{stories}, {found.took_ms:g} ms")
    if found.relaxed:
        click.echo(f"Nothing has all you asked for; found without {found.relaxed}.")
    if found.also_searched:
        click.echo(f"Also searched: {', '.join(found.also_searched)}")
    if found.did_you_mean:
        click.echo(f"Did you mean: {found.did_you_mean}")
    for note in found.notes:
        click.echo(note)
    stale = [one for one in found.coverage if one.state in ("stale", "never", "failing")]
    if stale:
        click.echo("Not up to date: " + ", ".join(f"{one.outlet} ({one.reason or one.state})" for one in stale))
    for hit in found.hits:
        article = hit.article
        said = "" if article.sort_by == "published" else f" ({article.sort_by.replace('_', ' ')})"
        click.echo(f"\n{article.title}")
        click.echo(f"  {article.outlet} · {article.sort_at:%Y-%m-%d %H:%M} UTC{said} · article {article.id}")
        click.echo(f"  {article.canonical_url}")
        click.echo(f"  {plain_of(hit.snippet_html)}")
        folded = [f"{hit.folded_copies} more with this text"] if hit.folded_copies else []
        folded += [f"{hit.more_in_story} more in story {hit.story_id}"] if hit.more_in_story else []
        if folded:
            click.echo(f"  {'; '.join(folded)}")


def _answer_file(path: Path, store: Store, backend: SearchBackend, *, settings: Settings, limit: int) -> int:
    """Print a line for every line, and return the exit code; a file with a line that cannot be read is not begun.

    A query that cannot be answered gets a line without documents, and a sentence on stderr. A line says what had to be
    dropped to find anything, as `relaxed`.
    """
    now = datetime.now(UTC)
    code = EXIT_DONE
    questions = _questions(path)
    for number, text in tqdm(questions, desc="searching", disable=not sys.stderr.isatty(), leave=False):
        try:
            ids, dropped = ranked_ids(store, backend, text, settings=settings, now=now, limit=limit)
        except QueryTooLargeError as error:
            click.echo(f"watchfloor: query {json.dumps(number)}: {error}", err=True)
            ids, dropped, code = [], None, EXIT_PARTIAL
        with store.read() as tx:
            named = import_ids(tx, ids)
        docs = [named.get(article_id, article_id) for article_id in ids]
        relaxed = {"relaxed": dropped} if dropped else {}
        click.echo(json.dumps({"query": number, "docs": docs, **relaxed}, ensure_ascii=False))
    return code


def _questions(path: Path) -> list[tuple[object, str]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")  # a text may hold what splitlines() takes for an end
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is not UTF-8 text; write it as lines of JSON.") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}).") from None
    questions: list[tuple[object, str]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            asked = json.loads(line)
            questions.append((asked["id"], str(asked["query"])))
        except (ValueError, KeyError, TypeError):
            raise UsageError(f'{path}: line {number} is not {{"id": ..., "query": "..."}}.') from None
    return questions
