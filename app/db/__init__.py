"""The database: base class of all tables, column types, the session and its one owner, row history.

Others import `db`, `Base`, the types and `unit_of_work` from here.
"""

from app.db.base import Base, db
from app.db.rows import as_owner, follow_scope
from app.db.types import UtcDateTime, pk, state_check
from app.db.unit import Actor, Unit, unit_of_work

__all__ = [
    "Actor",
    "Base",
    "Unit",
    "UtcDateTime",
    "as_owner",
    "db",
    "follow_scope",
    "pk",
    "state_check",
    "unit_of_work",
]
