"""On the page of a target: beside each field who said it and since when, and what waits for a decision."""

from __future__ import annotations

from flask import current_app, g, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.directories.rules import PERSONAL
from app.directories.sources import queries
from app.directories.sources.rules import FIELDS
from app.directories.sources.services import source_of
from app.directories.sources.views.words import Line, lines, source_words
from app.directories.targets import Mark, Note, Panel
from app.directories.targets.models import Target
from app.security.protection.showing import i_see

CODE = "code"


def _waiting(session: Session, target: Target) -> list[Line]:
    """What sources contradict, as far as whoever asks may see it: read once for a page."""
    kept: dict[int, list[Line]] = g.setdefault("waiting_conflicts", {})
    if target.id not in kept:
        kept[target.id] = _read(session, target)
    return kept[target.id]


def _read(session: Session, target: Target) -> list[Line]:
    if not current_app.appbuilder.sm.has_access("can_list", "ConflictView"):
        return []
    found = [one for one in queries.conflicts_of(session, target.id) if _seen(one.field)]
    return lines(session, found)


def _seen(name: str) -> bool:
    return name not in PERSONAL or i_see(PERSONAL[name])


def field_notes(session: Session, target: Target) -> dict[str, Note]:
    """Of every field its source and day, and the conflicts that wait."""
    origins = {name: source_of(target, name) for name in FIELDS if _seen(name)}
    names = source_words(session, {origin.source for origin in origins.values()})
    marks: dict[str, list[Mark]] = {}
    for line in _waiting(session, target):
        words = _("%(source)s says otherwise", source=line.said_source)
        url = url_for("ConflictView.show", conflict_id=line.conflict.id)
        marks.setdefault(line.conflict.field, []).append(Mark(words, url))
    found = {
        name: Note(names[origin.source], origin.since, tuple(marks.get(name, ())))
        for name, origin in origins.items()
    }
    if CODE in marks:
        found[CODE] = Note(marks=tuple(marks[CODE]))
    return found


def _render(session: Session, target: Target) -> str | None:
    waiting = _waiting(session, target)
    return render_template("sources/panel.html", lines=waiting) if waiting else None


PANEL = Panel(_l("Conflicts of sources"), _render)
