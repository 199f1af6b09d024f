"""The walls of the logs: events by agency, the security log for its administrator and, as far as it is about
oneself, for oneself.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, or_

from app.audit.models import Event
from app.security.models import SecurityLog
from app.security.rules import RoleName
from app.security.scope import Scope
from app.security.scoping import anybody, scoped


def _read_event(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return model.agency_id.in_(scope.readable_agency_ids)


scoped(Event, read=_read_event, write=lambda row, scope: True, check=anybody)


def _read_log(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return or_(scope.holds(RoleName.AUDIT_ADMIN), model.user_id == scope.person_id)


scoped(SecurityLog, read=_read_log, write=lambda row, scope: False, check=anybody)
