"""What a look at one thing found, as values: `watchfloor doctor` prints them."""

from __future__ import annotations

from dataclasses import dataclass

OK, WARNING, FAULT = "ok", "warning", "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: its state, and a sentence that says what to do where something is to be done."""

    subject: str
    state: str
    sentence: str
