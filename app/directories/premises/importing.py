"""Premises by spreadsheet."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.directories.children.importing import child_import
from app.directories.importing.kinds import add_import_kind
from app.directories.premises.services import PREMISES
from app.kernel.spreadsheet import Column

COLUMNS = (
    Column("kind", ("场所类型", "经营场所类型", "场所类别", "premises kind"), True),
    Column("name", ("场所名称", "经营场所名称", "门店名称", "premises name"), True),
    Column("address", ("场所地址", "经营场所地址", "地址", "premises address"), True),
    Column("area", ("面积", "场所面积", "建筑面积", "经营面积", "面积（平方米）", "area")),
    Column("status", ("场所状态", "使用状态", "状态", "premises status")),
)
KIND = child_import(
    PREMISES,
    COLUMNS,
    lambda session: {"status": ["在用", "停用"]},
    key="premises",
    key_choices=(("name", _l("Code of the target, kind and name of the premises")),),
    title=_l("Import premises"),
    back="PremisesView.list",
    labels={
        "target": _l("Code of the target"),
        "kind": _l("Kind of premises"),
        "name": _l("Name of the premises"),
        "address": _l("Address"),
        "area": _l("Area (m²)"),
        "status": _l("Status"),
    },
    event="premises.imported",
)


def register() -> None:
    add_import_kind(KIND)
