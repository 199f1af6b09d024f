"""Permits by spreadsheet."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.directories.children.importing import child_import
from app.directories.importing.kinds import add_import_kind
from app.directories.permits.services import PERMITS
from app.kernel.spreadsheet import Column

COLUMNS = (
    Column(
        "kind",
        ("许可证类型", "许可类型", "证照类型", "许可证名称", "证照名称", "许可事项", "permit kind"),
        True,
    ),
    Column("number", ("许可证编号", "许可证号", "证照编号", "许可编号", "证号", "permit number"), True),
    Column("authority", ("发证机关", "许可机关", "颁发机关", "issued by"), True),
    Column("valid_from", ("有效期自", "有效期起", "发证日期", "valid from")),
    Column("valid_until", ("有效期至", "有效期止", "截止日期", "valid until")),
    Column("status", ("许可证状态", "证照状态", "状态", "permit status")),
)
KIND = child_import(
    PERMITS,
    COLUMNS,
    lambda session: {"status": ["有效", "暂停", "注销", "吊销"]},
    key="permits",
    key_choices=(("number", _l("Code of the target, kind and number of the permit")),),
    title=_l("Import permits"),
    back="PermitView.list",
    labels={
        "target": _l("Code of the target"),
        "kind": _l("Kind of permit"),
        "number": _l("Number of the permit"),
        "authority": _l("Issued by"),
        "valid_from": _l("Valid from"),
        "valid_until": _l("Valid until"),
        "status": _l("Status"),
    },
    event="permit.imported",
)


def register() -> None:
    add_import_kind(KIND)
