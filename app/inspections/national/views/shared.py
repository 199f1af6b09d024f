"""What the pages of national systems share."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _

from app.security.rules import BUSINESS, RoleName

READERS = BUSINESS - {RoleName.INSPECTOR}


def may(permission: str, view: str) -> bool:
    return bool(current_app.appbuilder.sm.has_access(permission, view))


def tabs(current: str) -> list[dict[str, Any]]:
    """The three lists beside each other."""
    return [
        {"label": label, "url": url_for(endpoint), "current": endpoint == current}
        for label, endpoint in (
            (_("Results"), "NationalResultView.list"),
            (_("Tasks"), "NationalTaskView.list"),
            (_("Contradictions"), "NationalConflictView.list"),
        )
    ]
