"""On a target's page: the libraries it belongs to, and why."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.directories.libraries.queries.belonging import libraries_of
from app.directories.libraries.rules import LibraryKind
from app.directories.targets import Panel, panels


def _render(session: Session, target: Any) -> str | None:
    if not current_app.appbuilder.sm.has_access("can_list", "LibraryView"):
        return None
    found = libraries_of(session, target.id)
    if not found:
        return None
    kinds = {kind.value: kind for kind in LibraryKind}
    return render_template("libraries/_panel.html", found=found, kinds=kinds)


PANEL = Panel(_l("Libraries"), _render)


def register() -> None:
    panels.add(PANEL, 30)
