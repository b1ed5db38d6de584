"""An outlet's own rules applied to a page. A rule is strict: it gives what it matches, or nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from config.outlets import FieldRule
from index.records import TraceStep


@dataclass(frozen=True, slots=True)
class Reading:
    """What a rule gave: the values in page order and the line for the trace."""

    values: tuple[str, ...]
    step: TraceStep


def apply_rule(tree: LexborHTMLParser, name: str, rule: FieldRule) -> Reading:
    """Apply one rule; values are folded texts, or what the pattern's group catches in them."""
    nodes = select(tree, rule.selector)
    raw = [node_value(node, rule.attribute) for node in nodes]
    values = [value for text in raw if (value := caught(text, rule.pattern))]
    step = TraceStep(name, "rule", rule.selector, len(nodes), " | ".join(raw)[:500], " | ".join(values)[:500])
    return Reading(tuple(values), step)


def select(tree: LexborHTMLParser, selector: str) -> list[LexborNode]:
    """Return the nodes a selector matches, each once, in page order; one that is not valid CSS matches nothing."""
    try:
        # The engine gives a node again for each selector of a group ("p, .lead") that matches it.
        return list({node.mem_id: node for node in tree.css(selector)}.values())
    except (SelectolaxError, ValueError):
        return []


def node_value(node: LexborNode, attribute: str) -> str:
    """Return a node's attribute, or its text with white space folded."""
    if attribute:
        return (node.attributes.get(attribute) or "").strip()
    return " ".join(node.text(separator=" ").split()) if node.css_first("br") else " ".join(node.text().split())


def caught(text: str, pattern: str) -> str:
    """Return what the pattern's group catches in a text; the text itself without a pattern, "" without a match."""
    if not pattern:
        return text
    found = re.search(pattern, text)
    if found is None:
        return ""
    return (found.group(1) if found.re.groups else found.group()).strip()
