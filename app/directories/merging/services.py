"""Merge two targets, and part them again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import cast, delete, insert, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from app.audit.services import record
from app.db import Unit
from app.directories.merging.models import Merge, MergedContact
from app.directories.merging.moving import (
    Moves,
    count_moves,
    move_all,
    move_back,
    put_back,
    seal_moves,
    take_off,
)
from app.directories.merging.rules import SEALED, decide, may_merge_two, taken_fields
from app.directories.sources.services import note_sources, source_of
from app.directories.targets.entries import check_entry
from app.directories.targets.models import Target, TargetCode
from app.directories.targets.queries import get_target
from app.directories.targets.restoring import texts_of
from app.directories.targets.services.keeping import locked, may_keep
from app.directories.targets.vocabulary import vocabulary
from app.kernel.errors import Fault, Invalid, NotFound, Refused
from app.security.protection.columns import sources
from app.security.scoping import unscoped

_T = Target.__table__
_DIGESTS = frozenset(sources(_T))
LONGEST_REASON = 500


def merge(
    unit: Unit,
    kept_id: int,
    gone_id: int,
    reason: str,
    take: Collection[str] = (),
    versions: tuple[int, int] | None = None,
) -> Merge:
    """Make two targets one: every reference goes to the kept one, and the gone code still finds it.

    The code of the higher rank stays, and a row of the base remains one, whichever is kept.

    :param take: fields whose value comes from the gone target
    :param versions: of the kept and the gone target as they were shown; None: as they are
    :raises Invalid: no reason, or the values together make no target
    :raises Refused: may not, or a record of both stands in the way
    """
    may_merge_two(kept_id, gone_id).require()
    first, second = (locked(unit, number) for number in sorted((kept_id, gone_id)))
    kept, gone = (first, second) if first.id == kept_id else (second, first)
    agency_id = kept.agency_id if kept.agency_id == gone.agency_id else None
    may_keep(unit, agency_id)
    if versions is not None and versions != (kept.version, gone.version):
        raise Refused("merge_changed_meanwhile")
    names = taken_fields(take)
    if not reason.strip():
        raise Invalid(faults=[Fault("reason", "reason_missing", value="")])
    decided = decide(columns_of(kept), columns_of(gone))
    _require_valid(unit, kept, gone, names, decided.columns)
    before, after = columns_of(kept), columns_of(gone)
    changed = {name: after[name] for name in names if after[name] != before[name]} | dict(decided.columns)
    done = Merge(
        kept_id=kept.id,
        region_id=kept.region_id,
        agency_id=agency_id,
        gone_id=gone.id,
        gone_code=gone.code,
        kept_code=kept.code,
        reason=reason.strip()[:LONGEST_REASON],
        gone={name: plain(value) for name, value in after.items() if name not in SEALED},
        user_id=unit.actor.user_id,
        merged_at=unit.clock.now(),
    )
    unit.session.add(done)
    unit.session.flush()
    origins = {name: source_of(gone, name) for name in names}
    with unit.because(f"merge:{done.id}"), unscoped(unit.session, "every reference follows a merged target"):
        unit.session.add_all(
            MergedContact(merge_id=done.id, side=side, phone=row["phone"], home_address=row["home_address"])
            for side, row in (("gone", after), ("kept", before))
        )
        unit.session.flush()
        moves = _join(unit, kept, gone, changed, origins, before["code"])
        taken = {
            name: [None, None] if name in SEALED else [plain(before[name]), plain(value)]
            for name, value in changed.items()
        }
        done.taken = {**taken, "field_sources": [before["field_sources"], None]}
        done.moved, done.dropped, done.added = moves.moved, moves.dropped, moves.added
        unit.session.flush()
    facts = {"gone": done.gone_id, "code": done.gone_code, "kept_code": kept.code, "reason": done.reason}
    figures = {"moved": len(moves.moved), "dropped": len(moves.dropped)}
    record(unit, "target.merged", f"target:{kept.id}", {**facts, **figures}, kept.agency_id)
    return done


def _join(
    unit: Unit,
    kept: Target,
    gone: Target,
    changed: Mapping[str, Any],
    origins: Mapping[str, Any],
    old_code: str,
) -> Moves:
    session, gone_code = unit.session, gone.code
    ends = ({"id": gone.id, "region_id": gone.region_id}, {"id": kept.id, "region_id": kept.region_id})
    moves = move_all(session, *ends)
    session.expunge(gone)
    try:
        with session.begin_nested():
            session.execute(delete(_T).where(_T.c.id == ends[0]["id"]))
    except IntegrityError:
        raise Refused("merge_still_referred") from None
    session.refresh(kept)
    for name, value in changed.items():
        setattr(kept, name, value)
    for name, origin in origins.items():
        if name in changed:
            note_sources(unit, kept, [name], origin.source)
    kept.updated_at = unit.clock.now()
    session.flush()
    passed = old_code if kept.code == gone_code else gone_code
    session.execute(
        upsert(TargetCode.__table__)
        .values(code=passed, target_id=kept.id, replaced_at=unit.clock.now())
        .on_conflict_do_update(index_elements=["code"], set_={"target_id": kept.id})
    )
    session.expire_all()
    seal_moves(session, moves)
    return moves


def _require_valid(
    unit: Unit, kept: Target, gone: Target, names: list[str], decided: Mapping[str, Any]
) -> None:
    """The chosen values together pass the one validator.

    :raises Invalid: with the fields
    """
    texts, theirs = texts_of(get_target(unit.session, kept.id)), texts_of(get_target(unit.session, gone.id))
    short = {"industry_code": "industry", "region_id": "region"}
    for name in names:
        texts[short.get(name, name)] = theirs[short.get(name, name)]
    texts["code"] = decided.get("code", kept.code)
    _entry, faults = check_entry(texts, vocabulary(unit.session, unit.scope))
    if faults:
        raise Invalid(faults=faults)


def unmerge(unit: Unit, merge_id: int, reason: str) -> Merge:
    """Part two merged targets: both stand again, with the references that were moved and not touched since.

    What was touched stays with the kept target; `stayed` names it.

    :raises Refused: may not, parted already, or the kept target itself was merged since
    """
    done = unit.session.scalars(
        select(Merge).where(Merge.id == merge_id).with_for_update().execution_options(populate_existing=True)
    ).first()
    if done is None:
        raise NotFound("not_in_scope", kind="merge")
    kept = locked(unit, done.kept_id)
    may_keep(unit, done.agency_id)
    if not reason.strip():
        raise Invalid(faults=[Fault("reason", "reason_missing", value="")])
    if done.undone_at is not None:
        raise Refused("merge_parted_already")
    if _merged_again(unit, done):
        raise Refused("merge_part_later_first")
    with unit.because(f"merge:{done.id}"), unscoped(unit.session, "two merged targets are parted"):
        stayed = _part(unit, done, kept)
        done.stayed = stayed
        done.undone_at, done.undone_by = unit.clock.now(), unit.actor.user_id
        done.undone_reason = reason.strip()[:LONGEST_REASON]
        unit.session.flush()
    facts = {"gone": done.gone_id, "code": done.gone_code, "reason": done.undone_reason}
    record(unit, "target.unmerged", f"target:{kept.id}", {**facts, "stayed": len(stayed)}, kept.agency_id)
    return done


def _merged_again(unit: Unit, done: Merge) -> bool:
    """Whether a later merger carried this one along."""
    carried = cast([{"table": "merge", "key": {"id": done.id}}], JSONB)
    with unscoped(unit.session, "a later merger may lie elsewhere"):
        later = select(Merge.id).where(Merge.undone_at.is_(None), Merge.moved.contains(carried)).limit(1)
        return unit.session.scalar(later) is not None


def _part(unit: Unit, done: Merge, kept: Target) -> list[dict[str, Any]]:
    session = unit.session
    found = session.scalars(select(MergedContact).where(MergedContact.merge_id == done.id))
    contacts = {row.side: row for row in found}
    stayed: list[dict[str, Any]] = []
    given_back: list[str] = []
    current = columns_of(kept)
    for name, (before, after) in done.taken.items():
        if name == "field_sources":
            continue
        if name in SEALED:
            same, old = current[name] == getattr(contacts["gone"], name), getattr(contacts["kept"], name)
        else:
            same, old = plain(current[name]) == after, _typed(name, before)
        if same:
            setattr(kept, name, old)
            given_back.append(name)
        else:
            stayed.append({"what": "field", "name": name})
    said = done.taken["field_sources"][0] or {}
    kept.field_sources = {**(kept.field_sources or {}), **{n: said[n] for n in given_back if n in said}}
    kept.updated_at = unit.clock.now()
    session.flush()
    codes = {done.gone_code, kept.code}
    session.execute(
        delete(TargetCode.__table__).where(
            TargetCode.__table__.c.code.in_(codes), TargetCode.__table__.c.target_id == kept.id
        )
    )
    if session.scalar(select(_T.c.id).where(_T.c.code == done.gone_code)) is not None:
        raise Refused("merge_code_taken", value=done.gone_code)
    values = {name: _typed(name, value) for name, value in done.gone.items()}
    values |= {name: getattr(contacts["gone"], name) for name in SEALED}
    values |= {"version": values["version"] + 1, "updated_at": unit.clock.now()}
    session.execute(insert(_T).values(**values))
    gone = {"id": done.gone_id, "region_id": values["region_id"]}
    for entry in done.moved:
        if not move_back(session, entry, kept.id, gone):
            stayed.append({"what": "row", "table": entry["table"], "key": entry["key"]})
    for entry in done.added:
        if not take_off(session, entry):
            stayed.append({"what": "figures", "table": entry["table"], "key": entry["key"]})
    left = {str(entry["table"]) for entry in stayed if entry["what"] == "figures"}
    for entry in done.dropped:
        if entry["table"] in left or not put_back(session, entry):
            stayed.append({"what": "row", "table": entry["table"], "key": {}})
    session.expire_all()
    return stayed


def columns_of(target: Target) -> dict[str, Any]:
    """The columns of a target that are kept, restored and compared."""
    return {
        column.name: getattr(target, column.name)
        for column in _T.columns
        if column.computed is None and column.name not in _DIGESTS
    }


def plain(value: Any) -> Any:
    """A column's value as JSON carries it."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def _typed(name: str, value: Any) -> Any:
    kind = _T.c[name].type.python_type if value is not None else None
    if kind is not None and issubclass(kind, date) and isinstance(value, str):
        return kind.fromisoformat(value)
    return value


def figures(done: Merge) -> dict[str, int]:
    """Rows that moved, by table."""
    return count_moves(done.moved)
