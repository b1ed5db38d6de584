"""Counts over all time, by family and label: how runs, jobs and addresses ended. Cheap to read, kept on writing.

They are kept because the rows they count are too many to be counted again whenever a monitoring asks, and because
rows are thrown away one day, while a count that goes down says that things were undone.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import insert, select, update

from index.store.alert_tables import totals
from index.store.engine import Transaction

OUTCOMES, RUNS, JOBS = "outcome", "run", "job"


def add_totals(tx: Transaction, family: str, numbers: Mapping[str, int]) -> None:
    """Add to the counts of a family, by label."""
    for label, number in numbers.items():
        if not number:
            continue
        held = (totals.c.family == family, totals.c.label == label)
        if not tx.execute(update(totals).where(*held).values(number=totals.c.number + number)).rowcount:
            tx.execute(insert(totals).values(family=family, label=label, number=number))


def all_totals(tx: Transaction) -> dict[str, dict[str, int]]:
    """Return all counts: by family, then by label."""
    found: dict[str, dict[str, int]] = {}
    for row in tx.execute(select(totals).order_by(totals.c.family, totals.c.label)):
        found.setdefault(row.family, {})[row.label] = int(row.number)
    return found
