"""`watchfloor init`: a commented settings file to start from."""

from __future__ import annotations

from pathlib import Path

import click

from config.errors import UsageError
from config.settings import DEFAULTS_FILE

HEADER = """\
# Settings of this Watchfloor. Every line below is a comment that shows the default: remove the # to change one.
# Before the first crawl of a public host, set [crawler] contact: site owners must be able to reach you.
# Nothing is fetched until you name an outlet: watchfloor outlets list, then watchfloor crawl NAME.

"""


@click.command()
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path),
    default=Path("watchfloor.toml"),
    show_default=True,
    help="Where to write it. An existing file is never overwritten.",
)
def init(path: Path) -> None:
    """Write a commented watchfloor.toml; nothing is fetched until an outlet is named or scheduled."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(HEADER + commented_defaults())
    except FileExistsError:
        raise UsageError(f"{path}: exists already; edit it, or name another file with --file.") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); choose another folder with --file.") from None
    click.echo(f"Wrote {path}. Next: set [crawler] contact in it, then `watchfloor outlets list`.")


def commented_defaults() -> str:
    """Return defaults.toml with every setting commented out and its tables and sentences kept."""
    lines = DEFAULTS_FILE.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("["))
    shown = [line if not line or line[0] in "[#" else f"# {line}" for line in lines[start:]]
    return "\n".join(shown) + "\n"
