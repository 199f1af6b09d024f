"""Saved views of lists: the clerk's own in the journey's city, a shared one in each unit around it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.listing.models import SavedView

STATE = {"q": "", "filters": {"status": ["active"]}, "sort": "name", "columns": []}


def view_row(unit: Unit, owner_id: int, agency_id: int, name: str, *, shared: bool) -> None:
    unit.session.add(
        SavedView(
            listing="targets", name=name, owner_id=owner_id, agency_id=agency_id, shared=shared, state=STATE
        )
    )


def view_keys(session: Session, agency_id: int) -> dict[str, Any]:
    found = select(SavedView.id).where(SavedView.agency_id == agency_id).order_by(SavedView.id).limit(1)
    return {"saved_view": session.scalars(found).one()}
