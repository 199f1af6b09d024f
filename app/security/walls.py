"""The walls of tables that lie below this package: the event log."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement

from app.audit.models import Event
from app.security.scope import Scope
from app.security.scoping import scoped


def _read_event(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return model.agency_id.in_(scope.readable_agency_ids)


scoped(Event, read=_read_event, write=lambda row, scope: True)
