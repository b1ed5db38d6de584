"""How alerts are told: a subject of one line, a text of plain sentences, and the same as values. Pure.

Names and sentences may hold what outlets wrote: whatever could break a line, hide or turn text is taken out.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import quote

from index.alerts.records import IMPROVED, TO_DO, Alert, AlertKind, Due, Message, Said

LONGEST_SUBJECT = 160
LONGEST_SENTENCE = 600
MOST_SHOWN = 40
_WELL_AGAIN = {
    AlertKind.OUTLET: "works again",
    AlertKind.STORM: "wave of breaks is over",
    AlertKind.DISK: "has space again",
    AlertKind.INDEX: "is up to date again",
    AlertKind.SCHEDULER: "runs again",
    AlertKind.WORKER: "run again",
}


def message_of(due: Sequence[Due], now: datetime, *, sender: str, site: str = "") -> Message:
    """Return one message that tells all of `due`; `sender` is the machine that sends it, `site` where the site is."""
    ordered = sorted(due, key=lambda one: (_RANK[one.telling.said], one.alert.kind is AlertKind.OUTLET, one.alert.key))
    lines = [_paragraph(one.alert, one.telling.said, site) for one in ordered[:MOST_SHOWN]]
    if len(ordered) > MOST_SHOWN:
        lines.append(f"And {len(ordered) - MOST_SHOWN:,} more: `watchfloor alerts list` names all.")
    lines.append(
        f"Told by Watchfloor on {one_line(sender, 80)} at {_at(now)}. Each trouble is told once when it begins and "
        "once when it is over; `watchfloor alerts list` and `watchfloor outlets health` say how things are now."
    )
    subject = _subject(ordered)
    values = {
        "text": subject,
        "at": now.isoformat(),
        "alerts": [_values(one.alert, one.telling.said, site) for one in ordered],
    }
    return Message(_id_of(ordered), subject, "\n\n".join(lines) + "\n", values)


def trial_message(now: datetime, *, sender: str) -> Message:
    """Return a message that only shows that the way is open."""
    subject = "Watchfloor: a test, all is well"
    text = (
        f"This is a test of `watchfloor alerts test` on {one_line(sender, 80)} at {_at(now)}. Nothing has happened.\n"
    )
    digest = hashlib.sha256(f"{sender} {now.isoformat()}".encode()).hexdigest()[:24]
    return Message(digest, subject, text, {"text": subject, "at": now.isoformat(), "alerts": [], "test": True})


def one_line(text: str, most: int) -> str:
    """Return a text without line breaks, controls, and marks that turn or hide what follows; at most `most` letters."""
    shown = "".join(_shown(letter) for letter in text)
    shown = " ".join(shown.split())
    return shown if len(shown) <= most else shown[: most - 1].rstrip() + "…"


def _shown(letter: str) -> str:
    kind = unicodedata.category(letter)
    return " " if kind[0] == "Z" or kind == "Cc" else "" if kind[0] == "C" else letter


def told_state(alert: Alert, said: Said) -> str:
    """Say in a few words what is told of an alert."""
    if said is Said.OVER:
        return "gives news again, not yet as usual" if alert.state == IMPROVED else _WELL_AGAIN[alert.kind]
    if said is Said.FLAPPING:
        return "breaks and comes back, again and again"
    if alert.kind is AlertKind.STORM:
        return "broke at once"
    return f"{'are' if alert.kind is AlertKind.WORKER else 'is' if alert.state != 'given up' else 'was'} {alert.state}"


def _subject(due: Sequence[Due]) -> str:
    if len(due) == 1:
        one = due[0]
        told = f"{one_line(one.alert.subject, 80)} {told_state(one.alert, one.telling.said)}"
        if one.alert.kind is AlertKind.STORM and one.telling.said is Said.OVER:
            told = f"the {told_state(one.alert, one.telling.said)}"
        return one_line(f"Watchfloor: {told}", LONGEST_SUBJECT)
    parts = []
    for said, word in ((Said.BEGAN, "broken"), (Said.FLAPPING, "coming and going"), (Said.OVER, "well again")):
        names = [one_line(one.alert.subject, 40) for one in due if one.telling.said is said]
        if names:
            parts.append(f"{len(names):,} {word} ({_some(names)})")
    return one_line(f"Watchfloor: {', '.join(parts)}", LONGEST_SUBJECT)


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown}, …"


def _paragraph(alert: Alert, said: Said, site: str) -> str:
    subject, state = one_line(alert.subject, 80), told_state(alert, said)
    sentence, to_do = _parts(alert)
    if said is not Said.OVER:
        lines = [f"{subject} {state}, since {_at(alert.first_at)}.", sentence]
        lines += [part for part in (to_do and f"To do: {to_do}", page_of(alert, site)) if part]
        return "\n  ".join(lines)
    lead = f"The {state}" if alert.kind is AlertKind.STORM else f"{subject} {state}"
    ended = alert.cleared_at or alert.ended_at or alert.first_at
    return f"{lead} since {_at(ended)}. It began {_at(alert.first_at)}:\n  {sentence}"


def _parts(alert: Alert) -> tuple[str, str]:
    """Return what is wrong and what is to be done ("" where nobody said so), a line each."""
    sentence, _, to_do = alert.sentence.partition(TO_DO)
    return one_line(sentence, LONGEST_SENTENCE), one_line(to_do, LONGEST_SENTENCE)


def page_of(alert: Alert, site: str) -> str:
    """Return the address of the operators' page that shows more of an alert; "" where the site's is not known."""
    if not site:
        return ""
    page = f"operate/outlets/{quote(alert.subject, safe='')}" if alert.kind is AlertKind.OUTLET else "operate"
    return f"{site.rstrip('/')}/{page}"


def _values(alert: Alert, said: Said, site: str) -> dict[str, object]:
    sentence, to_do = _parts(alert)
    return {
        "key": one_line(alert.key, 120),
        "kind": alert.kind.value,
        "subject": one_line(alert.subject, 80),
        "said": said.value,
        "state": alert.state,
        "sentence": sentence,
        "to_do": to_do if said is not Said.OVER else "",
        "page": page_of(alert, site),
        "began_at": alert.first_at.isoformat(),
        "over_at": alert.cleared_at.isoformat() if said is Said.OVER and alert.cleared_at is not None else None,
    }


def _id_of(due: Iterable[Due]) -> str:
    """The same for the same tellings, so that a message sent twice can be known for one."""
    told = " ".join(sorted(f"{one.telling.id}:{one.alert.first_at.isoformat()}" for one in due))
    return hashlib.sha256(told.encode()).hexdigest()[:24]


def _at(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"


_RANK = {Said.BEGAN: 0, Said.FLAPPING: 1, Said.OVER: 2}
