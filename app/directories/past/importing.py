"""Visits from before the portal, by spreadsheet: counts per target and per inspector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.db import Unit
from app.directories.importing.kinds import Change, add_import_kind
from app.directories.importing.linked import INSPECTOR, TARGET, linked_kind
from app.directories.importing.reading import Cells
from app.directories.past.models import PastLoad, PastVisits
from app.directories.targets.services.checking import note_checked
from app.kernel.clock import today
from app.kernel.errors import Fault
from app.kernel.spreadsheet import Column
from app.security.context import current_clock

MOST = 999
VISITS = Column("visits", ("检查次数", "本年检查次数", "已检查次数", "次数", "visits"), True)
YEAR = Column("year", ("年度", "年份", "year"))
LAST = Column("last_on", ("最近检查日期", "最近一次检查日期", "检查日期", "last visit"))


def _read(cells: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    """A row without a year is about the current one."""
    row, year = Cells(cells), today(current_clock()).year
    entry = {"year": row.number("year", 2000, year, default=year), "visits": row.number("visits", 0, MOST)}
    return entry, row.faults


def _read_visits(cells: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    entry, faults = _read(cells)
    row, day = Cells(cells), today(current_clock())
    last = row.day("last_on")
    if last is not None and (date.fromisoformat(last) > day or last[:4] != str(entry["year"])):
        row.faults.append(Fault("last_on", "past_visit_outside_year", value=last, year=entry["year"]))
    return {**entry, "last_on": last}, [*faults, *row.faults]


def _note(unit: Unit, changes: Sequence[Change]) -> None:
    """The last visit is the target's last check, if no later one is known."""
    ids = [change.row_id for change in changes if change.row_id is not None]
    query = select(PastVisits.id, PastVisits.target_id).where(PastVisits.id.in_(ids))
    targets = dict(unit.session.execute(query).all()) if ids else {}
    for change in changes:
        day = change.values.get("last_on")
        target_id = change.values.get("target_id") or targets.get(change.row_id or 0)
        if day and target_id:
            note_checked(unit, target_id, date.fromisoformat(day))


PAST_VISITS = linked_kind(
    PastVisits,
    (TARGET, VISITS, YEAR, LAST),
    _read_visits,
    ("target_id", "year"),
    fixed={"source": "import"},
    written=_note,
    key="past_visits",
    title=_l("Import this year's past visits of targets"),
    back="PastView.visits",
    labels={
        "target": _l("Code of the target"),
        "visits": _l("Visits"),
        "year": _l("Year"),
        "last_on": _l("Last visit"),
    },
    event="past.visits_imported",
)
PAST_LOADS = linked_kind(
    PastLoad,
    (INSPECTOR, VISITS, YEAR),
    _read,
    ("inspector_id", "year"),
    fixed={"source": "import"},
    key="past_loads",
    title=_l("Import this year's past visits of inspectors"),
    back="PastView.loads",
    labels={"inspector": _l("Certificate number"), "visits": _l("Visits"), "year": _l("Year")},
    event="past.loads_imported",
)


def register() -> None:
    add_import_kind(PAST_VISITS)
    add_import_kind(PAST_LOADS)
