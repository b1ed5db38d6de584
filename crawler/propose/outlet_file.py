"""The outlet file as text, with how often each rule matched beside it, no word of the publisher's. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from config.counting import counted
from crawler.propose.fields import Proposal
from crawler.propose.patterns import Pattern
from crawler.propose.sources import Source


@dataclass(frozen=True, slots=True)
class Draft:
    """All that goes into the file of a new outlet. `notes` are sentences for its head."""

    name: str
    title: str
    home: str
    country: str
    language: str
    hosts: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    unseen_feeds: tuple[str, ...] = ()
    left_out: tuple[Source, ...] = ()
    listing: bool = False
    pattern: Pattern = field(default_factory=lambda: Pattern(()))
    given: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Proposal, ...] = ()
    ideas: tuple[Proposal, ...] = ()
    per_week: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()


def outlet_file(draft: Draft) -> str:
    """Return the file. Every value in it is quoted, whatever the page said."""
    lines = [
        f"# {_comment(draft.title)}: written by `watchfloor outlets new`; read it once, then change what you know."
    ]
    lines += [f"# {_comment(note)}" for note in draft.notes]
    lines += [f"name = {quoted(draft.name)}", f"title = {quoted(draft.title)}", f"home = {quoted(draft.home)}"]
    lines += [f"country = {quoted(draft.country)}"] if draft.country else []
    lines.append(f"languages = [{quoted(draft.language)}]")
    lines += [f"hosts = {_list(draft.hosts)}"] if draft.hosts else []
    lines.append("verified = false  # true once `watchfloor outlets check` has passed")
    return "\n".join([*lines, *_leads(draft), *_articles(draft), *_rules(draft), *_expect(draft)]) + "\n"


def quoted(text: str) -> str:
    """Return a TOML string: literal where that is easier to read, else basic (JSON's escapes are TOML's)."""
    if "'" not in text and text.isprintable() and ("\\" in text or '"' in text):
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def rule_text(proposal: Proposal) -> str:
    """Return the value of a rule as it stands in the file."""
    if not proposal.attribute and not proposal.pattern:
        return quoted(proposal.selector)
    parts = [f"selector = {quoted(proposal.selector)}"]
    parts += [f"attribute = {quoted(proposal.attribute)}"] if proposal.attribute else []
    parts += [f"pattern = {quoted(proposal.pattern)}"] if proposal.pattern else []
    return "{ " + ", ".join(parts) + " }"


def _leads(draft: Draft) -> list[str]:
    lines = ["", "[leads]"]
    feeds = [source for source in draft.sources if source.kind == "feed"]
    sitemaps = [source for source in draft.sources if source.kind != "feed"]
    if draft.unseen_feeds:
        lines += ["# Named by the page, not looked up.", f"feeds = {_list(draft.unseen_feeds)}"]
    for key, sources in (("feeds", feeds), ("sitemaps", sitemaps)):
        if sources:
            lines += [f"# {source.kind}: {source.url}: {_size(source)}" for source in sources]
            lines.append(f"{key} = {_list([source.url for source in sources])}")
    if draft.listing:
        lines += [
            "# Neither feed nor sitemap is known: its home page is read for links.",
            f"listings = {_list([draft.home])}",
        ]
    lines += [f"# also there: {source.kind} {_comment(source.url)} ({_size(source)})" for source in draft.left_out]
    return lines


def _size(source: Source) -> str:
    return (
        counted(len(source.leads), "address", "addresses") if source.leads else counted(len(source.sitemaps), "sitemap")
    )


def _articles(draft: Draft) -> list[str]:
    pattern = draft.pattern
    lines = ["", "[articles]"]
    if pattern.samples:
        lines.append(
            f"# {counted(pattern.matched, 'matches', 'match')} of "
            f"{counted(pattern.samples, 'address', 'addresses')} in its feeds and sitemaps."
        )
    if not pattern.certain:
        lines.append("# This address has nothing that tells an article from a section: compare with a few others.")
    if len(pattern.match) == 1:
        lines.append(f"match = [{quoted(pattern.match[0])}]")
    else:
        lines += ["match = [", *(f"  {quoted(one)}," for one in pattern.match), "]"]
    lines += [f"query_keys = {_list(pattern.query_keys)}"] if pattern.query_keys else []
    return lines


def _rules(draft: Draft) -> list[str]:
    lines = ["", "# Given for machines, so no rule is needed:"] if draft.given else [""]
    lines += [f"#   {name}: {_comment(rule)}" for name, rule in draft.given.items()]
    lines += ["[[rules]]"] if draft.rules else []
    for rule in draft.rules:
        lines.append(f"{rule.field} = {rule_text(rule)}  # {_matches(rule.matches)}")
    for idea in draft.ideas:
        told = f"; {idea.why_not}" if idea.why_not else ""
        lines.append(f"# {idea.field} = {rule_text(idea)}  # {_matches(idea.matches)}{told}")
    return lines if len(lines) > 1 else []


def _expect(draft: Draft) -> list[str]:
    filled = {"title": 1.0, "text": 1.0}
    ruled = {rule.field for rule in draft.rules} | set(draft.given)
    filled |= {name: 0.8 for name in ("authors", "published") if name in ruled}
    lines = ["", "[expect]"]
    if draft.per_week is not None:
        lines.append(f"articles_per_week = [{draft.per_week[0]}, {draft.per_week[1]}]")
    return [*lines, "fill = { " + ", ".join(f"{name} = {share}" for name, share in sorted(filled.items())) + " }"]


def _matches(number: int) -> str:
    return counted(number, "match", "matches")


def _list(values: Sequence[str]) -> str:
    return "[" + ", ".join(quoted(value) for value in values) + "]"


def _comment(text: str) -> str:
    return " ".join("".join(sign for sign in text if sign.isprintable()).split())[:200]
