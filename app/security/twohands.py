"""Two people, held by the database as well: whoever confirms is not whoever asked.

Actors are written as codes of people (`u12`), so that two memberships of one person are one.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.engine import Connection

CHECKS = (
    ("draw", "ck_draw_void_by_another", "void_by IS NULL OR void_by <> void_asked_by"),
    (
        "check_form",
        "ck_check_form_exempt_by_another",
        "exempt_asked_by IS NULL OR exempt_by IS NULL OR exempt_by <> exempt_asked_by",
    ),
    ("plan", "ck_plan_approved_by_another", "approved_by IS NULL OR approved_by <> submitted_by"),
    ("item_list", "ck_item_list_approved_by_another", "approved_by IS NULL OR approved_by <> submitted_by"),
)
"""On tables that stood before; newer tables carry theirs from the beginning."""


def install(connection: Connection) -> None:
    for table, name, condition in CHECKS:
        connection.execute(text(f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{name}"'))
        connection.execute(text(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" CHECK ({condition})'))


def remove(connection: Connection) -> None:
    for table, name, _condition in CHECKS:
        connection.execute(text(f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{name}"'))
