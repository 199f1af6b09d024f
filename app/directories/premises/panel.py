"""Premises on a target's page and in a visit."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.directories.children.queries import MOST_SHOWN, of_target
from app.directories.children.services import KEEPERS
from app.directories.premises.rules import PremisesStatus
from app.directories.premises.services import PREMISES
from app.directories.targets import Panel
from app.security.context import current_actor


def _render(session: Session, target: Any) -> str:
    rows = of_target(session, PREMISES, target.id)
    return render_template(
        "premises/panel.html",
        target=target,
        rows=rows[:MOST_SHOWN],
        more=len(rows) > MOST_SHOWN,
        statuses=PremisesStatus,
        may_add=bool(current_actor().roles & KEEPERS),
    )


PANEL = Panel(_l("Premises"), _render)
