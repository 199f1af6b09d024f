"""What changed in a record, row by row: before and after, with what is protected only named as changed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import pgettext
from sqlalchemy import Text, and_, cast, or_, select
from sqlalchemy.orm import Session

from app.db.history import RowHistory
from app.draws.models import Contribution, Draw
from app.draws.rules import DrawState
from app.inspections.models import CheckForm
from app.inspections.rules import FollowUpState, FormState
from app.item_lists.models import Item, JointItem
from app.item_lists.rules import ListState
from app.kernel.clock import SHANGHAI
from app.kernel.states import StateEnum
from app.plans.models import PlanEntry, PlanReopening
from app.plans.rules import EntryState, PlanState
from app.security.models import Agency
from app.tasks.models import Participant
from app.tasks.rules import ResponseState, TaskState

PAGE = 50
MOST_ROWS = 500
LONGEST = 300
TABLES = {
    "task": "task",
    "visit": "visit",
    "form": "check_form",
    "follow_up": "follow_up",
    "publication": "publication",
    "dossier": "dossier",
    "plan": "plan",
    "plan_entry": "plan_entry",
    "item_list": "item_list",
    "item": "item",
    "joint_item": "joint_item",
    "target": "target",
    "inspector": "inspector",
    "library": "library",
    "assignment": "assignment",
}
"""Kind of subject -> the table whose key it carries."""
_PARTS: dict[str, tuple[tuple[Any, Any], ...]] = {
    "task": ((Participant, Participant.task_id),),
    "plan": ((PlanEntry, PlanEntry.plan_id), (PlanReopening, PlanReopening.plan_id)),
    "item_list": ((Item, Item.list_id), (JointItem, JointItem.list_id)),
    "visit": ((CheckForm, CheckForm.visit_id),),
}
"""Rows that belong to a record and are shown with it."""
PROTECTED = re.compile(
    r"phone|mobile|address|identity|id_number|operator|legal_rep|contact|risk|class|grade|password|secret"
    r"|digest|token|hash|_tail$|_enc$|secrets|value|nonce|signature|certificate_no|credential|email"
)
"""Columns whose content is not shown here to anybody: personal data, risk classes, secrets."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d$")
AGENCIES = ("agency_id", "initiator_id")
STATES: dict[str, type[StateEnum]] = {
    "task": TaskState,
    "participant": ResponseState,
    "plan": PlanState,
    "plan_entry": EntryState,
    "item_list": ListState,
    "draw": DrawState,
    "check_form": FormState,
    "follow_up": FollowUpState,
}
_HIDDEN = re.compile(r"_digest$|_tail$|^search_|^version$")


class Cell(NamedTuple):
    """A column that changed; `covered`: only that it did."""

    name: str
    before: str
    after: str
    covered: bool


class Change(NamedTuple):
    id: int
    at: datetime
    table: str
    row_id: str
    op: str
    actor: str
    cells: list[Cell]


def changes(
    session: Session, kind: str, key: str, before: int | None = None, limit: int = PAGE
) -> list[Change]:
    """Changes of a record and of the rows that belong to it, the newest first. The caller has checked the reach."""
    wanted = _rows(session, kind, key)
    if not wanted:
        return []
    query = select(RowHistory).where(
        or_(*(and_(RowHistory.table_name == t, RowHistory.row_id.in_(ids)) for t, ids in wanted.items()))
    )
    if before is not None:
        query = query.where(RowHistory.id < before)
    found = list(session.scalars(query.order_by(RowHistory.id.desc()).limit(limit + 1)))
    agencies = _agencies(session, found)
    return [
        Change(
            row.id,
            row.at,
            row.table_name,
            row.row_id,
            row.op,
            row.actor,
            cells(row.before, row.after, Reader(STATES.get(row.table_name), agencies)),
        )
        for row in found
    ]


def _agencies(session: Session, found: Sequence[RowHistory]) -> dict[int, str]:
    """Names of the agencies that the changes speak of."""
    rows = [part for row in found for part in (row.before, row.after) if part]
    ids = {value for row in rows for name in AGENCIES if isinstance(value := row.get(name), int)}
    if not ids:
        return {}
    named = session.execute(select(Agency.id, Agency.name).where(Agency.id.in_(ids)))
    return {row.id: row.name for row in named}


def _rows(session: Session, kind: str, key: str) -> dict[str, list[str]]:
    """Table -> keys of rows, those of the parts included."""
    if kind in {"draw", "bundle", "matching"}:
        number = session.scalar(select(Draw.id).where(Draw.draw_no == key))
        if number is None:
            return {}
        given = select(cast(Contribution.id, Text)).where(Contribution.draw_id == number)
        return {"draw": [str(number)], "contribution": list(session.scalars(given.limit(MOST_ROWS))) or ["-"]}
    table = TABLES.get(kind)
    if table is None or not key.isdecimal() or len(key) > 18:
        return {}
    found: dict[str, list[str]] = {table: [key]}
    for part, column in _PARTS.get(kind, ()):
        ids = select(cast(part.id, Text)).where(column == int(key)).order_by(part.id).limit(MOST_ROWS)
        found[part.__tablename__] = list(session.scalars(ids)) or ["-"]
    return found


class Reader(NamedTuple):
    """What turns the values of a table into words: its states, the names of agencies."""

    states: type[StateEnum] | None = None
    agencies: Mapping[int, str] = {}

    def read(self, name: str, value: Any) -> str:
        if name in AGENCIES and isinstance(value, int):
            return self.agencies.get(value, str(value))
        if name == "state" and self.states is not None and value in set(self.states):
            return _(self.states(value).label)
        return _text(value)


def cells(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, reader: Reader = Reader()
) -> list[Cell]:
    """Column by column; of a new or a removed row those that hold something."""
    old, new = before or {}, after or {}
    shown = []
    for name in sorted(old.keys() | new.keys()):
        was, now = old.get(name), new.get(name)
        if _HIDDEN.search(name) or was == now or (before is None and now in (None, "", [], {})):
            continue
        covered = bool(PROTECTED.search(name))
        texts = ("", "") if covered else (reader.read(name, was), reader.read(name, now))
        shown.append(Cell(name, *texts, covered))
    return shown


def _text(value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str) and value.startswith("\\x"):
        return _("(binary)")
    if isinstance(value, str) and _MOMENT.match(value):
        return datetime.fromisoformat(value).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def column_name(name: str) -> str:
    """A column in the reader's language; its words where no name is known."""
    found = pgettext("column", name)
    return found if found != name else name.replace("_", " ")


def table_name(name: str) -> str:
    """A table in the reader's language."""
    found = pgettext("table", name)
    return found if found != name else name.replace("_", " ")


def actors_in(found: Sequence[Change]) -> set[str]:
    return {change.actor for change in found}
