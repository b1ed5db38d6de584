"""docs/adding-an-outlet.md is followed as a newcomer would, in an empty folder, on an outlet on loopback."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from config.outlets import OutletSpec
from crawler.cli_outlets import outlets
from crawler.outlet_code import HOOKS
from tests.loopback_outlet import Answer, LoopbackOutlet, serving

pytestmark = pytest.mark.timeout(400)  # every command of the guide is a process of its own

DOCS = Path(__file__).parent.parent / "docs"
GUIDE = (DOCS / "adding-an-outlet.md").read_text(encoding="utf-8")
EXAMPLES = DOCS / "examples" / "outlets"
PATH = GUIDE[GUIDE.index("## Ten minutes") : GUIDE.index("## The keys of the file")]
HOST = "www.example-times.example"
ARTICLE = "/2026/11/ferries-return"

PAGE = f"""<!doctype html><html lang="en"><head><title>Ferries return to the outer isles</title>
<meta property="og:site_name" content="The Example Times">
<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "Ferries return to the outer isles",
"datePublished": "2026-11-20T08:00:00+00:00", "author": {{"@type": "Person", "name": "Maren Oakfield"}}}}</script>
</head><body><main><article><h1>Ferries return to the outer isles</h1><p class="meta">4 min read</p>
<p>The ferries to the outer isles sail again from Friday, six weeks after the storm had taken the pier away.</p>
<p>The islanders were told in <a href="http://{HOST}/2026/11/pier-rebuilt">a letter about the rebuilt pier</a> that two
sailings a day are planned until the spring, weather allowing, and four on the days of the market.</p>
<p>Whoever holds a ticket from October may use it until the end of the year, the harbour office said on Thursday.</p>
</article><section class="related"><h2>Related</h2><ul><li><a href="/2026/10/storm-takes-pier">Storm takes pier</a></li>
<li><a href="/2026/10/isles-cut-off">Isles cut off</a></li><li><a href="/2026/09/new-ferry">New ferry</a></li></ul>
</section></main></body></html>"""
HOME_PAGE = f"""<!doctype html><html lang="en"><head><title>The Example Times</title><link rel="alternate"
type="application/rss+xml" href="/rss"></head><body><a href="{ARTICLE}">Ferries return</a></body></html>"""
SECTION = """<!doctype html><html lang="en"><head><title>World</title></head><body><h1>World</h1>
<ul><li><a href="/2026/11/ferries-return">Ferries return to the outer isles</a></li></ul></body></html>"""
FEED = f"""<?xml version="1.0"?><rss version="2.0"><channel><title>Example Times</title><item><title>Ferries</title>
<link>http://{HOST}{ARTICLE}</link><pubDate>Fri, 20 Nov 2026 08:00:00 GMT</pubDate></item></channel></rss>"""


def blocks(language: str, text: str = GUIDE) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[tuple[list[str], int]]:
    """The commands of the shell blocks with the exit code the guide says, in order."""
    lines = [line for block in blocks("sh", text) for line in block.splitlines()]
    found = []
    for line in lines:
        command, _, remark = line.partition("#")
        code = re.search(r"exit code (\d+)", remark)
        found.append((shlex.split(command.replace("https:", "http:")), int(code.group(1)) if code else 0))
    return found


class Newcomer:
    """Somebody in an empty folder who types what the guide says."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.environ = {
            **os.environ,
            "WATCHFLOOR_NETWORK__PRIVATE_HOSTS": HOST,
            "WATCHFLOOR_NETWORK__HOSTS": json.dumps({HOST: f"127.0.0.1:{port}"}),
            "WATCHFLOOR_POLITENESS__FLOOR_S": "0",
            "WATCHFLOOR_CRAWLER__MIN_FREE_MB": "1",
        }

    def types(self, command: list[str], code: int) -> str:
        program = Path(sys.executable).with_name(command[0])
        done = subprocess.run(
            [program, *command[1:]], cwd=self.folder, env=self.environ, capture_output=True, text=True, timeout=200
        )
        assert done.returncode == code, f"{shlex.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def confirms(self) -> list[dict[str, object]]:
        """Look at all expected values and say that they are right."""
        seen = []
        for path in sorted(self.folder.rglob("expected.json")):
            values = json.loads(path.read_text(encoding="utf-8"))
            path.write_text(json.dumps({**values, "confirmed": True}), encoding="utf-8")
            seen.append(values)
        return seen


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Newcomer]:
    """In an empty folder with two pages saved from a browser, the outlet on loopback."""
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "section.html").write_text(SECTION, encoding="utf-8")
    with serving(LoopbackOutlet()) as site:
        site.pages |= {ARTICLE: Answer(PAGE.encode()), "/": Answer(HOME_PAGE.encode())}
        site.pages["/rss"] = Answer(FEED.encode(), content_type="application/rss+xml")
        newcomer = Newcomer(tmp_path, site.port)
        newcomer.types(["watchfloor", "init"], 0)
        yield newcomer


def follow(newcomer: Newcomer, path: list[tuple[list[str], int]]) -> list[str]:
    """Type all commands of a path, confirming the case before the test that is to pass."""
    said = []
    for command, code in path:
        if command[1:3] == ["outlets", "test"] and code == 0:
            (values,) = newcomer.confirms()
            assert (values["read_minutes"], values["published_at"]) == (4, "2026-11-20T08:00:00Z")
            assert [link["role"] for link in values["links"]] == ["inline", *["backlink"] * 3]  # type: ignore[index,attr-defined]
        said.append(newcomer.types(command, code))
    assert {values["outcome"] for values in newcomer.confirms()} == {"new", "not_article"}
    assert "2 cases, 0 failed." in newcomer.types(["watchfloor", "outlets", "test", "example_times"], 0)
    assert "Ferries return to the outer isles" in said[-1]
    return said


def test_the_ten_minutes_work_from_top_to_bottom_as_written(newcomer: Newcomer):
    path = commands(PATH)
    assert path[0][0][1:3] == ["outlets", "new"]
    follow(newcomer, path)
    for command, code in commands(GUIDE[GUIDE.index("## Better rules") :]):
        assert "0 differ" in newcomer.types(command, code)


def test_the_file_of_the_guide_written_by_hand_works_as_well(newcomer: Newcomer):
    folder = newcomer.folder / "watchfloor-data" / "outlets"
    folder.mkdir(parents=True)
    (file,) = blocks("toml", PATH)
    (folder / "example_times.toml").write_text(file.replace("https:", "http:"), encoding="utf-8")
    by_hand = [step for step in commands(PATH) if step[0][1:3] != ["outlets", "new"]]
    first_test = next(number for number, step in enumerate(by_hand) if step[0][1:3] == ["outlets", "test"])
    record = next(step for step in by_hand if step[0][1] == "record")
    follow(newcomer, [*by_hand[:first_test], record, *by_hand[first_test:]])


@pytest.mark.parametrize("block", blocks("python"), ids=lambda block: block.split("(")[0].removeprefix("class "))
def test_python_of_the_guide_is_that_of_an_example(block: str):
    assert any(block.strip() in path.read_text(encoding="utf-8") for path in EXAMPLES.glob("*.py"))


@pytest.mark.parametrize("block", blocks("toml"), ids=range(len(blocks("toml"))))
def test_toml_of_the_guide_is_valid(block: str):
    values = tomllib.loads(block)
    if "name" in values:
        OutletSpec.model_validate(values)
    elif "project" not in values:
        layouts = values if "rules" in values else {"rules": [values]} if "entry_times" in values else values
        spec = {"name": "abc", "title": "T", "home": "https://abc.example/", "languages": ["en"], **layouts}
        OutletSpec.model_validate(spec)


def test_every_method_that_may_be_overridden_has_its_line():
    assert [name for name in sorted(HOOKS) if f"| `{name}(cls" not in GUIDE] == []


def test_cases_of_the_examples_pass(make_settings):
    settings = make_settings(crawler={"outlets_dir": str(EXAMPLES)})
    names = sorted(path.stem for path in EXAMPLES.glob("*.toml"))
    done = CliRunner().invoke(outlets, ["test", *names, "--json"], obj=settings, standalone_mode=False)
    found = json.loads(done.output)
    assert found["failed"] == 0
    assert {result["outlet"] for result in found["results"]} == set(names)
