"""Experts and further certificates by spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from app.db import Unit
from app.directories.importing.kinds import Options, add_import_kind
from app.directories.importing.linked import INSPECTOR, linked_kind
from app.directories.importing.reading import Cells
from app.directories.inspectors.models import Certificate, Expert
from app.directories.institutions.models import Institution
from app.directories.targets.entries import split_words
from app.directories.targets.queries import specialty_names
from app.kernel.errors import Fault
from app.kernel.spreadsheet import Column


def _read_expert(cells: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    row = Cells(cells)
    entry = {
        "code": row.text("code", 40, needed=True),
        "name": row.text("name", 60, needed=True),
        "institution": row.text("institution", 120, needed=True),
        "qualification": row.text("qualification", 200),
        "specialties": split_words(row.text("specialties", 400)),
        "phone": row.text("phone", 30),
    }
    return entry, row.faults


def _find_institutions(unit: Unit, wanted: Sequence[dict[str, Any]], options: Options) -> None:
    """The institution of the agency with this name or code; one that is not there stays a name."""
    words = {values["institution"] for values in wanted}
    query = select(Institution.id, Institution.name, Institution.code).where(
        Institution.agency_id == options.agency_id,
        or_(Institution.name.in_(words), Institution.code.in_(words)),
    )
    known = {word: (row[0], row[1]) for row in unit.session.execute(query) for word in (row[2], row[1])}
    for values in wanted:
        hit = known.get(values["institution"])
        if hit is not None:
            values["institution_id"], values["institution"] = hit


EXPERTS = linked_kind(
    Expert,
    (
        Column("code", ("专家编号", "编号", "code"), True),
        Column("name", ("姓名", "专家姓名", "name"), True),
        Column("institution", ("所属机构", "工作单位", "机构名称", "单位", "institution"), True),
        Column("qualification", ("资质", "职称", "资格", "qualification")),
        Column("specialties", ("专业", "专长", "专业特长", "specialties")),
        Column("phone", ("联系电话", "电话", "手机", "telephone")),
    ),
    _read_expert,
    ("code",),
    fixed={"active": True},
    complete=_find_institutions,
    elsewhere="code",
    template=lambda unit, agency_id: {"specialties": specialty_names(unit.session)},
    key="experts",
    title=_l("Import experts"),
    back="ExpertView.list",
    labels={
        "code": _l("Number"),
        "name": _l("Name"),
        "institution": _l("Institution"),
        "qualification": _l("Qualification"),
        "specialties": _l("Specialties"),
        "phone": _l("Telephone"),
    },
    event="expert.imported",
)


def _read_certificate(cells: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    row = Cells(cells)
    entry = {
        "kind": row.text("kind", 60, needed=True),
        "number": row.text("number", 60, needed=True),
        "valid_from": row.day("valid_from"),
        "valid_until": row.day("valid_until", needed=True),
    }
    first, last = entry["valid_from"], entry["valid_until"]
    if first and last and last < first:
        row.faults.append(Fault("valid_until", "days_not_in_order", value=last, first=first))
    return entry, row.faults


CERTIFICATES = linked_kind(
    Certificate,
    (
        INSPECTOR,
        Column("kind", ("证书类型", "证件类型", "证书名称", "kind of certificate"), True),
        Column("number", ("证书编号", "证书号", "number of certificate"), True),
        Column("valid_from", ("有效期起", "发证日期", "valid from")),
        Column("valid_until", ("有效期至", "有效期止", "valid until"), True),
    ),
    _read_certificate,
    ("kind", "number"),
    key="certificates",
    title=_l("Import further certificates"),
    back="InspectorView.list",
    labels={
        "inspector": _l("Certificate number"),
        "kind": _l("Kind of the certificate"),
        "number": _l("Number of the certificate"),
        "valid_from": _l("Valid from"),
        "valid_until": _l("Valid until"),
    },
    event="inspector.certificates_imported",
)


def register() -> None:
    add_import_kind(EXPERTS)
    add_import_kind(CERTIFICATES)
