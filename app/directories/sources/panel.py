"""On the page of a target: who said each field, and what waits for a decision."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.directories.rules import PERSONAL
from app.directories.sources import queries
from app.directories.sources.rules import FIELDS
from app.directories.sources.services import source_of
from app.directories.sources.views.words import field_words, lines, source_words
from app.directories.targets import Panel
from app.directories.targets.models import Target
from app.security.protection.showing import i_see


def _render(session: Session, target: Target) -> str:
    said: dict[tuple[str, Any], list[str]] = {}
    for name in FIELDS:
        if name in PERSONAL and not i_see(PERSONAL[name]):
            continue
        origin = source_of(target, name)
        said.setdefault((origin.source, origin.since), []).append(field_words(name))
    names = source_words(session, {source for source, _since in said})
    sees_conflicts = current_app.appbuilder.sm.has_access("can_list", "ConflictView")
    return render_template(
        "sources/panel.html",
        said=[(names[source], since, fields) for (source, since), fields in said.items()],
        lines=lines(session, queries.conflicts_of(session, target.id)) if sees_conflicts else [],
    )


PANEL = Panel(_l("Who says what"), _render)
