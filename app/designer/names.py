"""Names of designed lists for whoever explains rights: read once per request, as far as the person sees them."""

from __future__ import annotations

from flask import g
from sqlalchemy import select

from app.db import db
from app.designer.models import ListType

MOST = 500


def list_name(slug: str) -> str | None:
    if "list_names" not in g:
        rows = db.session.execute(select(ListType.slug, ListType.name).limit(MOST))
        g.list_names = dict(rows.tuples().all())
    names: dict[str, str] = g.list_names
    return names.get(slug)
