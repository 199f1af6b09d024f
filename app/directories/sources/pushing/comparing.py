"""One row of a batch against the directory: what is taken, what is asked, what is wrong. Pure but for the issue of
codes, which waits for the writing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.directories.sources.pushing.batch import Sent
from app.directories.sources.rules import (
    BASE,
    EVERY,
    Known,
    Order,
    Verdict,
    is_empty,
    joins_base,
    order_for,
    origin,
    stamped,
    weigh,
    whole,
)
from app.directories.targets.entries import FIELDS, TargetEntry, Vocabulary, changes, check_entry
from app.directories.targets.rules import Source, TargetStatus, check_code, may_upgrade
from app.kernel.errors import Fault
from app.kernel.identifiers import asks_for_code

CODE = "code"


@dataclass(frozen=True)
class Speaker:
    """The system whose batch it is. `agency_id` None: it feeds the base directory."""

    source: str
    agency_id: int | None
    orders: Mapping[str, Order]
    known: Known
    words: Vocabulary
    region_codes: Mapping[int, str]
    agency_sources: Mapping[int, str]
    day: date

    def otherwise(self, stored: Mapping[str, Any]) -> str:
        """Who said what nobody kept a source of: the row's own."""
        agency_id = stored["agency_id"]
        return BASE if agency_id is None else self.agency_sources.get(agency_id, BASE)

    def owns(self, stored: Mapping[str, Any]) -> bool:
        """Whether its word may count in this row at all: rows of another agency are that agency's."""
        return self.agency_id is None or stored["agency_id"] in (None, self.agency_id)


@dataclass
class Finding:
    """What a row comes to. `row` is the whole row to be written, None where nothing is written."""

    sent: Sent
    target_id: int | None = None
    row: dict[str, Any] | None = None
    region_id: int | None = None
    upgrade: tuple[int, str, str, str] | None = None
    changed: list[str] = field(default_factory=list)
    asked: dict[str, Any] = field(default_factory=dict)
    agreed: list[str] = field(default_factory=list)
    contested: bool = False
    faults: list[Fault] = field(default_factory=list)
    joined: bool = False
    code: str = ""
    fresh: bool = False

    @property
    def is_new(self) -> bool:
        return self.fresh and not self.faults

    @property
    def status(self) -> str:
        if self.faults:
            return "bad"
        if self.asked or self.contested:
            return "conflict"
        if self.is_new:
            return "new"
        return "changed" if self.row is not None else "unchanged"


def compare(
    sent: Sent, stored: Mapping[str, Any] | None, speaker: Speaker, *, finds_it: bool = False
) -> Finding:
    """A row with the directory's row of the same target, None for one that it lacks.

    :param finds_it: the code in the row is one that the target has, had, or holds within its own
    """
    return _new(sent, speaker) if stored is None else _known(sent, stored, speaker, finds_it)


def _new(sent: Sent, speaker: Speaker) -> Finding:
    finding = Finding(sent, fresh=True)
    if sent.deleted:
        finding.faults.append(Fault("source_id", "sync_nothing_to_delete", value=sent.source_id))
        return finding
    entry, finding.faults = check_entry(sent.values, speaker.words)
    if entry is None:
        return finding
    finding.code, finding.region_id = entry.code, entry.region_id
    finding.row = {
        "code": entry.code,
        "code_kind": entry.code_kind,
        **{column: getattr(entry, column) for column, _name in FIELDS},
        "source": (Source.BASE if speaker.agency_id is None else Source.AGENCY).value,
        "agency_id": speaker.agency_id,
        "field_sources": whole(speaker.source, speaker.day),
    }
    return finding


def _known(sent: Sent, stored: Mapping[str, Any], speaker: Speaker, finds_it: bool) -> Finding:
    finding = Finding(sent, target_id=stored["id"], code=stored["code"], region_id=stored["region_id"])
    filled = _filled(stored, speaker)
    handed = {} if sent.deleted else _handed(sent, filled)
    entry, finding.faults = check_entry({**filled, **handed}, speaker.words)
    if entry is None:
        return finding
    entry.given &= frozenset(handed)
    if sent.deleted:
        entry.status, entry.given = TargetStatus.CLOSED.value, frozenset({"status"})
    if CODE in handed and not finds_it:
        _weigh_code(finding, entry, stored, speaker)
    taken = _weigh_fields(finding, entry, stored, speaker)
    finding.joined = joins_base(speaker.agency_id is None, stored["source"] == Source.AGENCY.value)
    if finding.faults or not (taken or finding.joined or finding.upgrade):
        return finding
    finding.changed = sorted(taken)
    finding.row = _changed(finding, stored, taken, speaker)
    return finding


def _filled(stored: Mapping[str, Any], speaker: Speaker) -> dict[str, str]:
    """The stored texts of what has to be there: the validator sees a whole entry."""
    plain = ("name", "kind", "address", "legal_representative", "contact", "phone")
    return {name: stored[name] for name in plain} | {
        CODE: stored["code"],
        "region": speaker.region_codes[stored["region_id"]],
    }


def _handed(sent: Sent, filled: Mapping[str, str]) -> dict[str, str]:
    """What the row says; an empty text for what has to be there says nothing, and so does the wish for a code."""
    return {
        name: text
        for name, text in sent.values.items()
        if (text.strip() or name not in filled) and not (name == CODE and asks_for_code(text))
    }


def _weigh_fields(
    finding: Finding, entry: TargetEntry, stored: Mapping[str, Any], speaker: Speaker
) -> dict[str, Any]:
    """The values that are taken; those of others wait in `asked`, what both say alike stands in `agreed`."""
    different = changes(stored, entry)
    finding.agreed = [column for column, name in FIELDS if name in entry.given and column not in different]
    taken: dict[str, Any] = {}
    for name, value in different.items():
        present = origin(stored["field_sources"] or {}, name, speaker.otherwise(stored)).source
        if is_empty(value) and present != speaker.source:
            continue
        verdict = weigh(
            speaker.source,
            present,
            order_for(name, speaker.orders),
            speaker.known,
            empty=is_empty(stored[name]) and speaker.owns(stored),
        )
        if verdict is Verdict.TAKE and speaker.owns(stored):
            taken[name] = value
        elif verdict is not Verdict.LEAVE:
            finding.asked[name] = value
    return taken


def _weigh_code(finding: Finding, entry: TargetEntry, stored: Mapping[str, Any], speaker: Speaker) -> None:
    """A code of a higher rank takes the old one's place (R-11.5); where the row is not its own, that is asked."""
    if not may_upgrade(check_code(stored[CODE]), check_code(entry.code)):
        finding.faults.append(Fault(CODE, "sync_code_differs", value=entry.code, held=stored[CODE]))
    elif speaker.agency_id is None or stored["agency_id"] == speaker.agency_id:
        finding.upgrade = (stored["id"], stored[CODE], entry.code, entry.code_kind)
        finding.code = entry.code
    else:
        finding.asked[CODE] = entry.code


def _changed(
    finding: Finding, stored: Mapping[str, Any], taken: Mapping[str, Any], speaker: Speaker
) -> dict[str, Any]:
    """The row as it will stand. One that joins the base keeps who said what the base does not say (R-11.3)."""
    sources = dict(stored["field_sources"] or {})
    row = {**stored, **taken}
    if finding.joined:
        if EVERY not in sources:
            sources[EVERY] = [speaker.otherwise(stored), speaker.day.isoformat()]
        row |= {"source": Source.BASE.value, "agency_id": None}
    if finding.upgrade is not None:
        row |= {"code": finding.upgrade[2], "code_kind": finding.upgrade[3]}
    row["field_sources"] = stamped(sources, taken, speaker.source, speaker.day)
    return row
