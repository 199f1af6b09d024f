"""Institutions by spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.directories.importing.kinds import add_import_kind
from app.directories.importing.linked import linked_kind
from app.directories.importing.reading import Cells
from app.directories.institutions.models import Institution
from app.kernel.errors import Fault
from app.kernel.identifiers import normalise
from app.kernel.spreadsheet import Column

COLUMNS = (
    Column("code", ("统一社会信用代码", "机构代码", "代码", "code"), True),
    Column("name", ("机构名称", "单位名称", "名称", "name"), True),
    Column("qualification_kind", ("资质类型", "资质名称", "资质", "qualification")),
    Column("qualification_no", ("资质证书编号", "证书编号", "资质编号", "qualification number")),
    Column("valid_from", ("有效期起", "发证日期", "valid from")),
    Column("valid_until", ("有效期至", "有效期止", "截止日期", "valid until")),
    Column("tests", ("检测范围", "检验检测范围", "能力范围", "业务范围", "scope of tests")),
)


def _read(cells: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    row = Cells(cells)
    entry = {
        "code": normalise(row.text("code", 40, needed=True)),
        "name": row.text("name", 120, needed=True),
        "qualification_kind": row.text("qualification_kind", 120),
        "qualification_no": row.text("qualification_no", 60),
        "valid_from": row.day("valid_from"),
        "valid_until": row.day("valid_until"),
        "tests": row.text("tests", 2000),
    }
    first, last = entry["valid_from"], entry["valid_until"]
    if first and last and last < first:
        row.faults.append(Fault("valid_until", "days_not_in_order", value=last, first=first))
    return entry, row.faults


INSTITUTIONS = linked_kind(
    Institution,
    COLUMNS,
    _read,
    ("code",),
    fixed={"active": True},
    key="institutions",
    title=_l("Import institutions"),
    back="InstitutionView.list",
    labels={
        "code": _l("Unified social credit code"),
        "name": _l("Name"),
        "qualification_kind": _l("Kind of the qualification"),
        "qualification_no": _l("Number of the qualification"),
        "valid_from": _l("Valid from"),
        "valid_until": _l("Valid until"),
        "tests": _l("Scope of tests"),
    },
    event="institution.imported",
)


def register() -> None:
    add_import_kind(INSTITUTIONS)
