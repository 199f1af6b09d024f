"""Recusals and ties by spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from app.db import Unit
from app.directories.importing.kinds import Change, add_import_kind
from app.directories.importing.linked import INSPECTOR, TARGET, linked_kind
from app.directories.importing.reading import Cells
from app.directories.recusals.models import Recusal, Tie
from app.directories.recusals.rules import LONGEST_EVIDENCE, RecusalReason, TieKind
from app.directories.recusals.services import apply_rules
from app.kernel.clock import today
from app.kernel.errors import Fault
from app.kernel.spreadsheet import Column
from app.security.context import current_clock

REASONS = {
    "申报": "DECLARED", "自行申报": "DECLARED", "利害关系": "DECLARED", "有利害关系": "DECLARED",
    "原任职单位": "EMPLOYER", "原工作单位": "EMPLOYER", "曾任职": "EMPLOYER",
    "亲属": "RELATIVE", "近亲属": "RELATIVE", "亲属任职": "RELATIVE",
    "轮换": "ROTATION", "上次检查": "ROTATION",
    **{reason.value: reason.value for reason in RecusalReason},
}  # fmt: skip
TIES = {
    "原任职": "employer", "原任职单位": "employer", "原工作单位": "employer", "曾任职": "employer",
    "亲属": "relative", "近亲属": "relative", "亲属任职": "relative",
    **{kind.value: kind.value for kind in TieKind},
}  # fmt: skip
REASON = Column("reason", ("回避事由", "回避原因", "事由", "reason"))
SINCE = Column("since", ("回避起始日期", "起始日期", "开始日期", "since"))
UNTIL = Column("until", ("回避截止日期", "截止日期", "结束日期", "离职日期", "until"))
EVIDENCE = Column("evidence", ("情况说明", "说明", "依据", "备注", "evidence"))
KIND = Column("kind", ("关系", "关系类型", "利害关系", "kind"), True)
NOTE = Column("note", ("备注", "说明", "remark"))


def _read(cells: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    """Without a day it holds from today; a recusal needs to say what the conflict is."""
    row = Cells(cells)
    entry = {
        "reason": row.word("reason", REASONS, default=RecusalReason.DECLARED.value),
        "since": row.day("since") or today(current_clock()).isoformat(),
        "until": row.day("until"),
        "evidence": row.text("evidence", LONGEST_EVIDENCE),
    }
    if not entry["evidence"]:
        row.faults.append(Fault("evidence", "recusal_without_evidence", value=""))
    if entry["until"] is not None and entry["until"] < entry["since"]:
        row.faults.append(Fault("until", "days_not_in_order", value=entry["until"], first=entry["since"]))
    return entry, row.faults


def _read_tie(cells: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    row = Cells(cells)
    entry = {
        "kind": row.word("kind", TIES),
        "until": row.day("until"),
        "note": row.text("note", 200),
    }
    return entry, row.faults


def _apply(unit: Unit, changes: Sequence[Change]) -> None:
    """Ties are in; the pairs of the agency's rules follow."""
    if unit.actor.agency_id is not None:
        apply_rules(unit, unit.actor.agency_id, today(unit.clock))


RECUSALS = linked_kind(
    Recusal,
    (INSPECTOR, TARGET, REASON, SINCE, UNTIL, EVIDENCE),
    _read,
    ("inspector_id", "target_id", "reason", "since"),
    fixed={"declared_by": "agency"},
    standing=lambda: Recusal.withdrawn_on.is_(None),
    template=lambda unit, agency_id: {"reason": ["申报", "原任职单位", "亲属", "轮换"]},
    key="recusals",
    title=_l("Import recusals"),
    back="RecusalView.list",
    labels={
        "inspector": _l("Certificate number"),
        "target": _l("Code of the target"),
        "reason": _l("Ground"),
        "since": _l("From"),
        "until": _l("Until"),
        "evidence": _l("What the conflict of interest is"),
    },
    event="recusal.imported",
)
TIE_KIND = linked_kind(
    Tie,
    (INSPECTOR, TARGET, KIND, UNTIL, NOTE),
    _read_tie,
    ("inspector_id", "target_id", "kind"),
    written=_apply,
    template=lambda unit, agency_id: {"kind": ["原任职单位", "亲属"]},
    key="ties",
    title=_l("Import former employers and relatives"),
    back="RecusalView.ties",
    labels={
        "inspector": _l("Certificate number"),
        "target": _l("Code of the target"),
        "kind": _l("What binds the two"),
        "until": _l("Last day there"),
        "note": _l("Remark"),
    },
    event="recusal.ties_imported",
)


def register() -> None:
    add_import_kind(RECUSALS)
    add_import_kind(TIE_KIND)
