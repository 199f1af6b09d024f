"""Rows of the directories that come with the product, and those of the demo. Idempotent, in bulk."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.importing.bulk import copy_upsert
from app.directories.inspectors.models import Inspector, Leave
from app.directories.institutions.models import Institution
from app.directories.libraries.models import Library
from app.directories.libraries.rules import SelectionRule
from app.directories.recusals.models import Recusal
from app.directories.sources.rules import BASE, whole
from app.directories.targets.models import Industry, Specialty, Target, TargetKind
from app.security.models import Agency, Region
from app.security.seeding import upsert
from seeds.demo.inspectors import demo_experts, demo_inspectors
from seeds.demo.recusals import demo_recusals
from seeds.demo.targets import demo_targets
from seeds.reader import cell_list, reference

Rows = Iterable[Mapping[str, Any]]

_TARGET = (
    "code", "code_kind", "name", "kind", "industry_code", "region_id", "address", "legal_representative",
    "contact", "phone", "home_address", "status", "registered_on", "risk_class", "risk_score", "tags",
    "source", "agency_id", "field_sources",
)  # fmt: skip
_INSPECTOR = (
    "certificate_no", "name", "agency_id", "unit", "position", "phone", "certified", "certificate_from",
    "certificate_until", "leader", "load", "regions", "specialties", "active", "user_id",
)  # fmt: skip
_EXPERT = (
    "code", "name", "institution", "qualification", "specialties", "phone", "agency_id", "active",
    "institution_id",
)  # fmt: skip
_LIBRARIES = (
    (
        "银川市旅馆业名录库",
        "industry",
        "POLICE-640100",
        {"industries": ["611", "612", "613"], "regions": ["640100"]},
    ),
    ("银川市食品经营单位名录库", "category", "AMR-640100", {"regions": ["640100"], "tags": ["食品"]}),
    (
        "银川市公共场所名录库",
        "joint",
        "HEALTH-640100",
        {"industries": ["61", "90", "8930"], "regions": ["640100"]},
    ),
    ("银川市企业名录库", "area", "OFFICE-640100", {"kinds": ["enterprise"], "regions": ["640100"]}),
)


def load_reference_rows(unit: Unit) -> None:
    """Vocabularies: kinds of targets, GB/T 4754, specialties."""
    load_kinds(unit.session, reference("target_kinds"))
    load_industries(unit.session, reference("industries"))
    upsert(unit.session, Specialty, "code", [dict(row) for row in reference("specialties")])


def load_kinds(session: Session, rows: Rows) -> None:
    upsert(
        session,
        TargetKind,
        "code",
        [
            {
                "code": row["code"],
                "name": row["name"],
                "name_en": row["name_en"],
                "classified": row["classified"] == "1",
                "uscc_prefixes": cell_list(row["uscc_prefixes"]),
                "position": position,
            }
            for position, row in enumerate(rows)
        ],
    )


def load_industries(session: Session, rows: Rows) -> None:
    upsert(
        session,
        Industry,
        "code",
        [
            {
                "code": r["code"],
                "name": r["name"],
                "name_en": r["name_en"],
                "parent_code": r["parent"] or None,
            }
            for r in rows
        ],
    )


def load_demo_rows(unit: Unit, day: date, user_ids: Mapping[str, int]) -> None:
    """20,000 targets, 300 inspectors with leaves, experts, recusals, a few libraries.

    :param user_ids: accounts by certificate number
    """
    session = unit.session
    load_targets(session, demo_targets(day), day)
    load_inspectors(session, demo_inspectors(day), user_ids)
    load_experts(session, demo_experts(day))
    load_recusals(session, demo_recusals(demo_targets(day), demo_inspectors(day), day))
    load_libraries(session)


def load_targets(session: Session, rows: Rows, day: date) -> int:
    """By COPY; returns the number of rows written. `day`: since when the base says what stands in new ones."""
    regions, said = _ids(session, Region), json.dumps(whole(BASE, day))
    return copy_upsert(
        session,
        "target",
        _TARGET,
        (_target(row, regions, said) for row in rows),
        key="code",
        keep=("field_sources",),
    )


def _target(row: Mapping[str, Any], regions: Mapping[str, int], said: str) -> tuple[Any, ...]:
    found = {
        "field_sources": said,
        **row,
        "industry_code": row["industry"],
        "region_id": regions[row["region_code"]],
        "home_address": row["home_address"] or "",
        "source": "base",
        "agency_id": None,
    }
    return tuple(found[name] for name in _TARGET)


def load_inspectors(session: Session, rows: Rows, user_ids: Mapping[str, int]) -> None:
    agencies = _ids(session, Agency)
    found = list(rows)
    written = [
        {
            **row,
            "agency_id": agencies[row["agency_code"]],
            "certificate_from": row["certificate_valid_from"],
            "certificate_until": row["certificate_valid_until"],
            "active": True,
            "user_id": user_ids.get(row["certificate_no"]),
        }
        for row in found
    ]
    copy_upsert(
        session,
        "inspector",
        _INSPECTOR,
        (tuple(row[name] for name in _INSPECTOR) for row in written),
        key="certificate_no",
    )
    _load_leaves(session, {row["certificate_no"]: row["on_leave"] for row in found if row["on_leave"]})


def _load_leaves(session: Session, leaves: Mapping[str, tuple[date, date]]) -> None:
    table, leave = Inspector.__table__.c, Leave.__table__
    ids = {no: id_ for no, id_ in session.execute(select(table.certificate_no, table.id)) if no in leaves}
    there = {tuple(row) for row in session.execute(select(leave.c.inspector_id, leave.c.first_day))}
    missing = [
        {"inspector_id": ids[no], "first_day": days[0], "last_day": days[1], "reason": "年休假"}
        for no, days in leaves.items()
        if (ids[no], days[0]) not in there
    ]
    if missing:
        session.execute(insert(leave).values(missing))


def load_experts(session: Session, rows: Rows) -> None:
    """With their institutions, which are qualified for three more years."""
    agencies = _ids(session, Agency)
    rows = list(rows)
    institutions = _load_institutions(session, rows, agencies)
    written = (
        (
            row["expert_no"],
            row["name"],
            row["organisation"],
            row["qualification"],
            row["specialties"],
            row["phone"],
            agencies[row["agency_code"]],
            True,
            institutions[row["organisation"], agencies[row["agency_code"]]],
        )
        for row in rows
    )
    copy_upsert(session, "expert", _EXPERT, written, key="code")


def _load_institutions(
    session: Session, rows: Rows, agencies: Mapping[str, int]
) -> dict[tuple[str, int], int]:
    """Institution ids by name and agency."""
    table = Institution.__table__
    named = dict.fromkeys((row["organisation"], row["agency_code"]) for row in rows)
    values = [
        {
            "code": f"DEMO-{place:03d}",
            "name": name,
            "qualification_kind": "检验检测机构资质认定",
            "qualification_no": f"DEMO-CMA-{place:03d}",
            "valid_until": date(2029, 12, 31),
            "tests": "",
            "agency_id": agencies[code],
            "active": True,
        }
        for place, (name, code) in enumerate(named, 1)
    ]
    if values:
        session.execute(insert(table).values(values).on_conflict_do_nothing())
    found = session.execute(select(table.c.name, table.c.agency_id, table.c.id))
    return {(name, agency_id): number for name, agency_id, number in found}


def load_recusals(session: Session, rows: Rows) -> None:
    found = list(rows)
    person, target = Inspector.__table__.c, Target.__table__.c
    numbers = {no: (id_, agency) for no, id_, agency in session.execute(
        select(person.certificate_no, person.id, person.agency_id)
    )}  # fmt: skip
    codes = [row["target_code"] for row in found]
    targets = dict(session.execute(select(target.code, target.id).where(target.code.in_(codes))).all())
    values = [
        {
            "inspector_id": numbers[row["certificate_no"]][0],
            "agency_id": numbers[row["certificate_no"]][1],
            "target_id": targets[row["target_code"]],
            "reason": row["reason"],
            "declared_by": "inspector" if row["reason"] == "DECLARED" else "agency",
            "since": row["valid_from"],
            "until": row["valid_until"],
            "evidence": row["evidence"],
        }
        for row in found
    ]
    if values:
        session.execute(insert(Recusal.__table__).values(values).on_conflict_do_nothing())


def load_libraries(session: Session) -> None:
    agencies = _ids(session, Agency)
    values = [
        {
            "name": name,
            "kind": kind,
            "agency_id": agencies[code],
            "rule": SelectionRule.from_json(rule).to_json(),
        }
        for name, kind, code, rule in _LIBRARIES
    ]
    session.execute(insert(Library.__table__).values(values).on_conflict_do_nothing())


def _ids(session: Session, model: type[Any]) -> dict[str, int]:
    return dict(session.execute(select(model.__table__.c.code, model.__table__.c.id)).all())
