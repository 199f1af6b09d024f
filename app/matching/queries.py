"""Reads of matching: the board of an agency, an inspector's visits, the joint group of a target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.directories.inspectors.models import Inspector
from app.directories.inspectors.queries import roster
from app.directories.recusals.models import Recusal
from app.draws.models import Draw, DrawnTarget
from app.draws.queries import drawn_targets, get_draw
from app.matching import engine
from app.matching.frozen import Frozen, read_frozen, target_of
from app.matching.models import Assignment, Matching
from app.matching.rules import LIVING, AssignmentState
from app.regulation.vocabulary import CheckMethod
from app.security.models import Agency
from app.security.scoping import unscoped

TARGETS_SHOWN = 30
PEOPLE_SHOWN = 30
MINE = 50
OFF_ROSTER = {"UNCERTIFIED": "UNCERTIFIED", "EXPIRED": "EXPIRED", "ABSENT": "ABSENT", "INACTIVE": "ABSENT"}


@dataclass(frozen=True)
class Person:
    """A column of the board: `load` visits before this draw, `now` visits in it, `cap` most of them."""

    number: str
    name: str
    leader: bool
    load: int
    now: int
    cap: int


@dataclass(frozen=True)
class Cell:
    """`code`: lead, member, free, or the first reason why not; `assignment_id` where somebody was sent; `ground` of a
    recusal on the frozen list.
    """

    code: str
    assignment_id: int | None = None
    ground: str = ""


@dataclass(frozen=True)
class Line:
    """A row of the board, and the people who once stood in it."""

    drawn: DrawnTarget
    cells: tuple[Cell, ...]
    team: tuple[Assignment, ...]
    gone: tuple[Assignment, ...]


@dataclass(frozen=True)
class Exclusion:
    """A recused pair on the page, and the declaration behind it as the directory has it now, if it is within reach."""

    target: str
    person: str
    ground: str
    recusal: Recusal | None


@dataclass(frozen=True)
class Board:
    """One page of the matrix of an agency; `excluded` are its recused pairs."""

    agency: str
    people: tuple[Person, ...]
    people_in_all: int
    lines: tuple[Line, ...]
    targets_in_all: int
    excluded: tuple[Exclusion, ...] = ()


def matchings(session: Session, draw_id: int) -> list[Matching]:
    query = select(Matching).where(Matching.draw_id == draw_id).options(joinedload(Matching.agency))
    return list(session.scalars(query.order_by(Matching.agency_id)))


def board(session: Session, draw: Draw, agency_code: str, offset: int = 0, people_offset: int = 0) -> Board:
    """Targets against inspectors with the reasons for every pair. Names are read for whoever may see the
    draw.

    At most ten queries. :raises NotFound: when the draw knows no such agency
    """
    frozen = read_frozen(session, draw, agency_code)
    targets = drawn_targets(session, draw.id)
    shown = targets[offset : offset + TARGETS_SHOWN]
    with unscoped(session, "the board of a draw within reach"):
        rows = _assignments(session, draw, agency_code)
        off = _off_roster(session, draw, agency_code, frozen)
        names = _names(session, [row.id for row in frozen.roster])
    now = Counter(a.inspector.certificate_no for a in rows if a.state in LIVING)
    people = _people(frozen, off, names, now)
    page = people[people_offset : people_offset + PEOPLE_SHOWN]
    reasons = {number: reason for number, (_, reason) in off.items()}
    lines = tuple(_line(drawn, frozen, reasons, rows, page) for drawn in shown)
    excluded = _exclusions(session, lines, page)
    return Board(agency_code, tuple(page), len(people), lines, len(targets), excluded)


def _exclusions(session: Session, lines: Sequence[Line], page: Sequence[Person]) -> tuple[Exclusion, ...]:
    """Within the scope: an initiator sees that a pair of another agency is recused, not what was declared."""
    pairs = [
        (line.drawn, person, cell.ground)
        for line in lines
        for person, cell in zip(page, line.cells, strict=True)
        if cell.ground
    ]
    if not pairs:
        return ()
    query = (
        select(Recusal)
        .join(Inspector, Inspector.id == Recusal.inspector_id)
        .where(
            Recusal.target_id.in_({drawn.target_id for drawn, _, _ in pairs}),
            Inspector.certificate_no.in_({person.number for _, person, _ in pairs}),
        )
        .options(joinedload(Recusal.inspector))
        .order_by(Recusal.id)
    )
    known = {
        (r.target_id, r.inspector.certificate_no, r.reason): r for r in session.scalars(query) if r.inspector
    }
    return tuple(
        Exclusion(
            drawn.target.name if drawn.target else drawn.code,
            person.name,
            ground,
            known.get((drawn.target_id, person.number, ground)),
        )
        for drawn, person, ground in pairs
    )


def _assignments(session: Session, draw: Draw, agency_code: str) -> list[Assignment]:
    query = (
        select(Assignment)
        .join(Agency, Agency.id == Assignment.agency_id)
        .where(Assignment.draw_id == draw.id, Agency.code == agency_code)
        .options(joinedload(Assignment.inspector))
        .order_by(Assignment.id)
    )
    return list(session.scalars(query))


def _off_roster(
    session: Session, draw: Draw, agency_code: str, frozen: Frozen
) -> dict[str, tuple[Inspector, str]]:
    """Who is not on the frozen roster, and why, as the directory says it now."""
    agency = session.scalars(select(Agency).where(Agency.code == agency_code)).one()
    task = draw.task
    on_site = CheckMethod(task.method).needs_certified_inspectors
    known = {row.id for row in frozen.roster}
    found = roster(session, agency.id, task.period_from, task.period_to, on_site=on_site).excluded
    return {
        person.certificate_no: (person, OFF_ROSTER.get(refusal.code, "ABSENT"))
        for person, refusal in found
        if person.certificate_no not in known
    }


def _names(session: Session, numbers: Sequence[str]) -> dict[str, str]:
    query = select(Inspector.certificate_no, Inspector.name).where(Inspector.certificate_no.in_(numbers))
    return dict(session.execute(query).all())


def _people(
    frozen: Frozen, off: dict[str, tuple[Inspector, str]], names: dict[str, str], now: Counter[str]
) -> list[Person]:
    """Those who go first, then the others of the roster, then who is not on it."""
    on = [Person(r.id, names.get(r.id, r.id), r.leader, r.load, now[r.id], r.cap) for r in frozen.roster]
    away = [Person(n, p.name, p.leader, p.load, 0, 0) for n, (p, _) in sorted(off.items())]
    return sorted(on, key=lambda p: (-bool(p.now), p.number)) + away


def _line(
    drawn: DrawnTarget, frozen: Frozen, off: dict[str, str], rows: list[Assignment], page: Sequence[Person]
) -> Line:
    verdicts = {
        v.inspector_id: v
        for v in engine.explain(target_of(drawn), frozen.roster, frozen.recusals, frozen.needs.tags, off)
    }
    here = [a for a in rows if a.drawn_target_id == drawn.id]
    team = {a.inspector.certificate_no: a for a in here if a.state in LIVING}
    gone = tuple(a for a in here if a.state not in LIVING)
    out = {a.inspector.certificate_no for a in gone}
    cells = []
    for person in page:
        assignment, verdict = team.get(person.number), verdicts[person.number]
        if assignment is not None:
            cells.append(Cell(assignment.role, assignment.id))
        elif person.number in out:
            cells.append(Cell("RECUSED"))
        elif verdict.reason is not None:
            cells.append(Cell(verdict.reason, ground=verdict.recusal or ""))
        else:
            cells.append(Cell("CAP" if person.now >= person.cap else "free"))
    ordered = sorted(team.values(), key=lambda a: (a.role != "lead", a.id))
    return Line(drawn, tuple(cells), tuple(ordered), gone)


def assignments_of(session: Session, user_id: int, *, after: int = 0, limit: int = MINE) -> list[Assignment]:
    """The confirmed visits of the inspector behind an account, the latest first; one row more than
    `limit`.
    """
    query = (
        select(Assignment)
        .join(Inspector, Inspector.id == Assignment.inspector_id)
        .where(Inspector.user_id == user_id, Assignment.state == AssignmentState.CONFIRMED)
        .options(
            joinedload(Assignment.drawn_target).joinedload(DrawnTarget.target),
            joinedload(Assignment.draw).joinedload(Draw.task),
            joinedload(Assignment.agency),
        )
        .order_by(Assignment.id.desc())
        .limit(limit + 1)
    )
    if after:
        query = query.where(Assignment.id < after)
    return list(session.scalars(query))


def group_of(session: Session, drawn_target_id: int) -> list[Assignment]:
    """The joint group of a target: the living assignments of all agencies, the initiator's first, leads
    first.
    """
    drawn = session.get(DrawnTarget, drawn_target_id)
    if drawn is None:
        return []
    initiator = get_draw(session, drawn.draw_id).task.initiator_id
    query = (
        select(Assignment)
        .where(Assignment.drawn_target_id == drawn_target_id, Assignment.state.in_(LIVING))
        .options(joinedload(Assignment.inspector), joinedload(Assignment.agency))
    )
    with unscoped(session, "the joint group of a target within reach"):
        rows = list(session.scalars(query))
    return sorted(rows, key=lambda a: (a.agency_id != initiator, a.agency_id, a.role != "lead", a.id))


def living_assignments(session: Session, draw_id: int) -> list[Assignment]:
    """All living assignments of a draw with target, inspector and agency: what visits are made from."""
    query = (
        select(Assignment)
        .where(Assignment.draw_id == draw_id, Assignment.state.in_(LIVING))
        .options(
            joinedload(Assignment.inspector).joinedload(Inspector.user),
            joinedload(Assignment.agency),
            joinedload(Assignment.drawn_target),
        )
        .order_by(Assignment.drawn_target_id, Assignment.agency_id, Assignment.id)
    )
    with unscoped(session, "assignments of all agencies of a task within reach"):
        return list(session.scalars(query))


def counts(session: Session, draw_id: int) -> dict[str, int]:
    """state -> number of assignments."""
    query = (
        select(Assignment.state, func.count()).where(Assignment.draw_id == draw_id).group_by(Assignment.state)
    )
    return dict(session.execute(query).all())
