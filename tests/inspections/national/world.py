"""A national system of the police of 640100, with rows as it sends them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import select

from app.directories.importing.engine import take_at_once
from app.directories.importing.kinds import Options, import_kinds
from app.directories.inspectors.models import Inspector
from app.directories.sources.services.registering import register_system
from app.directories.targets.models import Target
from app.inspections.national.pushing import push_results, push_tasks
from app.kernel.spreadsheet import iter_rows
from app.security.models import Agency, Region

SYSTEM = "police-net"
OK = "未发现问题"
PROBLEM = "违反公安部门相关规定"
DAY = "2026-03-02"


def system(act_as: Any, agency: Agency, code: str = SYSTEM) -> int:
    with act_as("office") as unit:
        return register_system(unit, code=code, name="公安专网系统", agency_id=agency.id).id


def task(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "source_id": f"T{number}",
        "name": f"第{number}号专网任务",
        "items": ["旅馆业治安检查", "印章业检查"],
        "random": True,
        "period_from": "2026-02-01",
        "period_to": "2026-06-30",
        "drawn_on": "2026-02-03",
        **changes,
    }


class Rows:
    """Rows of results about targets and inspectors of the demo."""

    def __init__(self, session: Any) -> None:
        self.police = session.scalars(select(Agency).where(Agency.code == "POLICE-640100")).one()
        near = (
            select(Target).join(Region, Region.id == Target.region_id).where(Region.code.startswith("6401"))
        )
        self.targets = list(session.scalars(near.order_by(Target.id).limit(5)))
        mine = (
            select(Inspector).where(Inspector.agency_id == self.police.id).order_by(Inspector.certificate_no)
        )
        self.people = list(session.scalars(mine.limit(3)))

    def result(self, number: int = 1, at: int = 0, **changes: Any) -> dict[str, Any]:
        row = {
            "source_id": f"R{number}",
            "task": "T1",
            "target": self.targets[at].code,
            "inspectors": [self.people[0].certificate_no, self.people[1].name],
            "checked_on": DAY,
            "result": OK,
            **changes,
        }
        return {name: value for name, value in row.items() if value is not ...}


def send(
    act_as: Any, push: Callable[..., Any], *rows: Any, who: str = "police_admin", source: str = SYSTEM
) -> Any:
    with act_as(who) as unit:
        return push(unit, source, list(rows)).body


def tasks(act_as: Any, *rows: Any, **options: Any) -> Any:
    return send(act_as, push_tasks, *rows, **options)


def results(act_as: Any, *rows: Any, **options: Any) -> Any:
    return send(act_as, push_results, *rows, **options)


def told(body: Any) -> list[str]:
    return [row["status"] for row in body["rows"]]


def faults(body: Any) -> list[tuple[str, str]]:
    return [(error["field"], error["code"]) for row in body["rows"] for error in row["errors"]]


def take_file(
    act_as: Any, agency: Agency, key: str, lines: list[str], who: str = "police_admin", **options: Any
) -> Any:
    kind = import_kinds[key]
    with act_as(who) as unit:
        rows = iter_rows("\n".join(lines).encode(), f"{key}.csv", kind.columns)
        return take_at_once(
            unit, kind, rows, Options(agency_id=agency.id, key="source_id", cause="import:1"), **options
        )


def day(text: str) -> date:
    return date.fromisoformat(text)
