"""Match the inspectors of all agencies to what was drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.sealing import seal_now
from app.audit.services import record
from app.db import Unit
from app.directories.inspectors.models import Inspector
from app.draws.models import Draw, DrawFile, DrawnTarget
from app.draws.places import after_replacement
from app.draws.queries import drawn_targets, read_file
from app.draws.rules import DrawState
from app.draws.services.freeze import keep_files
from app.draws.services.steps import lock_draw, log, only_initiator, tell
from app.kernel.errors import Refused
from app.kernel.hashing import by_name
from app.matching import engine
from app.matching.frozen import Frozen, agency_codes, read_frozen, target_of
from app.matching.models import Assignment, Matching
from app.matching.rules import LIVING, AssignmentState, MatchingState, blocking_facts
from app.matching.services.load import change_load
from app.regulation import implements
from app.security.models import Agency, Region
from app.security.scoping import unscoped

BATCH = 0
ALL_AGENCIES = "assignments of all agencies of the own task"


@implements("R-25.1", "R-25.2", "R-15.3")
def match(unit: Unit, draw_id: int) -> list[Matching]:
    """Match every agency's frozen roster to the drawn targets; what is matched already stays as it is.

    An agency that cannot fill its visits leaves a `Matching` with the blocking set, and nobody is confirmed.

    :raises Refused: unless a clerk of the initiator acts and the targets are drawn
    """
    draw = lock_draw(unit.session, draw_id)
    only_initiator(unit, draw)
    if draw.state not in {DrawState.DRAWN, DrawState.OPENED}:
        raise Refused("matching_not_drawn", rule="R-25.1")
    known = {row.agency.code: row for row in matchings(unit.session, draw.id)}
    missing = [c for c in agency_codes(draw) if c not in known or known[c].state == MatchingState.IMPOSSIBLE]
    if not missing:
        return list(known.values())
    with unscoped(unit.session, ALL_AGENCIES):
        targets = drawn_targets(unit.session, draw.id, batch=BATCH)
        for code in missing:
            frozen = read_frozen(unit.session, draw, code)
            known[code] = _match_agency(unit, draw, frozen, targets, known.get(code))
    seal_now(unit)
    tell(unit, draw, "matched")
    return [known[code] for code in agency_codes(draw)]


def matchings(session: Session, draw_id: int) -> list[Matching]:
    query = select(Matching).where(Matching.draw_id == draw_id).order_by(Matching.agency_id)
    return list(session.scalars(query))


def _match_agency(
    unit: Unit, draw: Draw, frozen: Frozen, targets: list[DrawnTarget], row: Matching | None
) -> Matching:
    agency = unit.session.scalars(select(Agency).where(Agency.code == frozen.agency)).one()
    row = row or Matching(
        draw=draw, draw_id=draw.id, task_id=draw.task_id, agency=agency, agency_id=agency.id, batch=BATCH
    )
    row.at = unit.clock.now()
    found = _solve(frozen, targets)
    if isinstance(found, engine.Impossible):
        names = dict(unit.session.execute(select(Region.code, Region.name)).all())
        row.state = MatchingState.IMPOSSIBLE.value
        row.blocking = {
            "kind": found.blocks[0].kind,
            **blocking_facts(agency.name, found, names),
            "removed": {target: dict(why) for target, why in list(found.removed.items())[:50]},
        }
        unit.session.add(row)
        facts = {"draw_no": draw.draw_no, "agency": frozen.agency, "short": found.short}
        record(unit, "matching.impossible", f"matching:{draw.draw_no}", facts, draw.task.initiator_id)
        unit.session.flush()
        return row
    text = engine.assignment_text(found.rows).encode()
    row.state, row.blocking = MatchingState.DONE.value, None
    row.digest = by_name((draw.plan or {})["hash"]).digest(text).hex()
    row.sums = {name: str(getattr(found, name)) for name in ("balance", "mismatch", "tickets")}
    unit.session.add(row)
    keep_files(unit, draw, {f"matching/{frozen.agency}/assignment-{BATCH}.tsv": text})
    add_assignments(unit, draw, agency.id, {t.code: t for t in targets}, found.rows, AssignmentState.PROPOSED)
    log(unit, draw, "matched", {"batch": BATCH, "agency": frozen.agency, "digest": row.digest})
    return row


def _solve(
    frozen: Frozen, targets: Iterable[DrawnTarget], visits: dict[str, int] | None = None
) -> engine.Matched | engine.Impossible:
    if frozen.tickets is None:
        raise Refused("matching_not_drawn", rule="R-25.1")
    wanted = [target_of(row) for row in targets]
    return engine.match(wanted, frozen.roster, frozen.recusals, frozen.needs, frozen.tickets, visits)


def add_assignments(
    unit: Unit,
    draw: Draw,
    agency_id: int,
    targets: dict[str, DrawnTarget],
    rows: Iterable[engine.Assigned],
    state: AssignmentState,
) -> list[Assignment]:
    """One row per person and target; called where the rows of other agencies may be written."""
    assigned = list(rows)
    people = inspectors_by_number(unit.session, {row.inspector_id for row in assigned})
    made = [
        Assignment(
            draw=draw,
            draw_id=draw.id,
            task_id=draw.task_id,
            drawn_target_id=targets[row.target_id].id,
            agency_id=agency_id,
            inspector_id=people[row.inspector_id].id,
            role=row.role,
            state=state.value,
        )
        for row in assigned
    ]
    unit.session.add_all(made)
    unit.session.flush()
    return made


def inspectors_by_number(session: Session, numbers: Iterable[str]) -> dict[str, Inspector]:
    query = select(Inspector).where(Inspector.certificate_no.in_(list(numbers)))
    return {person.certificate_no: person for person in session.scalars(query)}


def match_replacement(unit: Unit, draw: Draw, old: DrawnTarget, new: DrawnTarget) -> None:
    """A target fell out and another came in: match the new one alone; the old one's visits no longer count.

    :raises Refused: when an agency has nobody for the new target
    """
    with unscoped(unit.session, ALL_AGENCIES):
        for row in matchings(unit.session, draw.id):
            if row.state == MatchingState.DONE:
                _rematch(unit, draw, row, old, new)


def _rematch(unit: Unit, draw: Draw, row: Matching, old: DrawnTarget, new: DrawnTarget) -> None:
    session, code = unit.session, row.agency.code
    frozen = read_frozen(session, draw, code)
    name = f"matching/{code}/assignment-{BATCH}.tsv"
    before = engine.parse_assignment(read_file(session, draw.id, name).decode())
    kept = [r for r in before if r.target_id != old.code]
    gone = list(
        session.scalars(
            select(Assignment).where(
                Assignment.drawn_target_id == old.id,
                Assignment.agency_id == row.agency_id,
                Assignment.state.in_(LIVING),
            )
        )
    )
    found = _solve(frozen, [new], _visits(session, draw, row.agency_id, old, kept))
    if isinstance(found, engine.Impossible):
        raise Refused("matching_replacement_impossible", rule="R-25.1", agency=row.agency.name)
    text = engine.assignment_text([*kept, *found.rows]).encode()
    keep_files(unit, draw, {f"{name};{_versions(session, draw, name) + 1}": text})
    row.digest = by_name((draw.plan or {})["hash"]).digest(text).hex()
    state = AssignmentState(gone[0].state) if gone else AssignmentState.PROPOSED
    for assignment in gone:
        assignment.state, assignment.reason = AssignmentState.REPLACED.value, old.replace_reason
    made = add_assignments(unit, draw, row.agency_id, {new.code: new}, found.rows, state)
    if state == AssignmentState.CONFIRMED:
        change_load(unit, Counter(a.inspector_id for a in made), Counter(a.inspector_id for a in gone))
    log(unit, draw, "matched", {"batch": BATCH, "agency": code, "digest": row.digest})


def _visits(
    session: Session, draw: Draw, agency_id: int, old: DrawnTarget, kept: list[engine.Assigned]
) -> dict[str, int]:
    """Visits that count against the cap: those of the record, or of the people who go now where they are
    more.
    """
    living = (
        select(Inspector.certificate_no, func.count())
        .join(Assignment, Assignment.inspector_id == Inspector.id)
        .where(
            Assignment.draw_id == draw.id,
            Assignment.agency_id == agency_id,
            Assignment.drawn_target_id != old.id,
            Assignment.state.in_(LIVING),
        )
        .group_by(Inspector.certificate_no)
    )
    recorded = Counter(r.inspector_id for r in kept)
    return dict(recorded | Counter(dict(session.execute(living).all())))


def _versions(session: Session, draw: Draw, name: str) -> int:
    query = select(func.count()).where(
        DrawFile.draw_id == draw.id, (DrawFile.name == name) | DrawFile.name.startswith(f"{name};")
    )
    return int(session.scalar(query) or 0)


after_replacement.add(match_replacement)
