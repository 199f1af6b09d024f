"""What the person of this request sees of protected fields, and what was shown a moment ago.

A granted request lies in the person's signed session with its end; the roles are asked again each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import has_request_context, session, url_for

from app.security.context import current_actor, current_clock
from app.security.protection.masks import shown
from app.security.protection.rules import SHOWN_FOR, Kind, Sight, sees, sight
from app.security.protection.subjects import Subject

KEPT = "shown"
MOST_KEPT = 20


def my_sight(kind: Kind) -> Sight:
    return sight(kind, current_actor().roles)


def i_see(kind: Kind) -> bool:
    return sees(kind, current_actor().roles)


def remember(subject: str, fields: list[str]) -> None:
    """From now on, and for ten minutes, these fields of this record are shown to this person."""
    until = (current_clock().now() + SHOWN_FOR).isoformat()
    kept = [entry for entry in _entries() if entry["of"] != subject or entry["field"] not in fields]
    who = current_actor().code
    kept += [{"of": subject, "field": field, "who": who, "until": until} for field in fields]
    session[KEPT] = kept[-MOST_KEPT:]


def is_revealed(subject: str, field: str) -> bool:
    who = current_actor().code
    return any(e["of"] == subject and e["field"] == field and e["who"] == who for e in _entries())


def field_text(subject: str, field: str, kind: Kind, value: str | None) -> str | None:
    """The field as this person sees it now: clear, masked, or None for absent."""
    return shown(kind, value, my_sight(kind), revealed=is_revealed(subject, field))


@dataclass(frozen=True)
class Shown:
    """A protected field on a page: `text` as this person sees it, `masked` while more can be asked for."""

    label: Any
    text: str
    masked: bool
    ask_url: str


def personal_fields(subject: Subject, found: Any) -> dict[str, Shown]:
    """The protected fields of a record that are there for this person; absent ones are not."""
    key = f"{subject.name}:{found.id}"
    lines = {}
    for field, (kind, label) in subject.fields.items():
        text = field_text(key, field, kind, getattr(found, field))
        if text is not None:
            masked = my_sight(kind) is Sight.MASKED and not is_revealed(key, field)
            url = url_for("PersonalDataView.ask", subject=subject.name, record_id=found.id, field=field)
            lines[field] = Shown(label, text, masked, url)
    return lines


def _entries() -> list[dict[str, Any]]:
    """What is still being shown."""
    if not has_request_context():
        return []
    now = current_clock().now()
    return [entry for entry in session.get(KEPT, []) if now < datetime.fromisoformat(entry["until"])]
