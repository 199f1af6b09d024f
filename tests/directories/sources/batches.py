"""Systems and rows for the tests of the synchronisation."""

from __future__ import annotations

from typing import Any

from app.directories.sources.models import SourceSystem
from app.directories.sources.pushing.service import push_targets
from app.directories.sources.services.registering import register_system
from app.directories.targets import queries
from app.kernel.identifiers import make_uscc


def code(number: int, region: str = "640104") -> str:
    return make_uscc("9", "1", region, f"YY8{number:05d}")


def row(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "source_id": f"R{number}",
        "code": code(number),
        "name": f"推送第{number}号示例",
        "region": "640104",
        "address": "银川市兴庆区解放街一号",
        "legal_representative": "张三示例",
        "contact": "李四示例",
        "phone": "10900000000",
        **changes,
    }


def system(act_as: Any, name: str = "registration", agency: int | None = None) -> SourceSystem:
    with act_as("office") as unit:
        return register_system(unit, code=name, name="登记注册系统示例", agency_id=agency)


def push(act_as: Any, *rows: Any, who: str = "office", source: str = "registration", **options: Any) -> Any:
    with act_as(who) as unit:
        return push_targets(unit, source, list(rows), **options).body


def found(session: Any, number: int) -> Any:
    session.expire_all()
    return queries.by_code(session, code(number))
