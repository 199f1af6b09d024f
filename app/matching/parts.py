"""What the matching adds to a freeze: feasibility before it, rosters and recusals with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.inspectors.models import Inspector
from app.directories.inspectors.places import load_outside
from app.directories.inspectors.queries import roster
from app.directories.libraries.queries import joint_inspectors
from app.directories.recusals.queries import active_pairs
from app.directories.recusals.services import apply_rules
from app.directories.targets.models import Target
from app.draws.places import Expectation, FreezePart, Sealing, freeze_checks, freeze_parts
from app.kernel.clock import today
from app.kernel.decisions import Refusal, refused
from app.kernel.hashing import by_name
from app.matching import engine
from app.matching.rules import needs_of, shortage, visits_cap
from app.regulation import implements
from app.regulation.vocabulary import CheckMethod
from app.security.models import Agency, Region
from app.security.scoping import unscoped
from app.tasks.models import Task
from app.tasks.queries import active_agencies, items_of

REASON = "rosters of all agencies of a task within reach"


@implements("R-15.2")
def agency_tags(task: Task, agency_id: int) -> tuple[str, ...]:
    """The specialties for which an agency answers: those of its own items."""
    return tuple(sorted({item.specialty for item in items_of(task, agency_id) if item.specialty}))


def on_duty(session: Session, task: Task, agency_id: int) -> list[Inspector]:
    """Whoever may be matched in the task's period: on duty, on site certified through it, and, where the joint
    item has its joint library of inspectors (R-17.1), named by it.
    """
    on_site = CheckMethod(task.method).needs_certified_inspectors
    people = roster(session, agency_id, task.period_from, task.period_to, on_site=on_site).eligible
    named = joint_inspectors(session, task.entry.joint_item_id, task.initiator_id)
    return people if named is None else [person for person in people if person.id in named]


def roster_rows(
    people: list[Inspector], cap: int, before: Mapping[int, int] | None = None
) -> list[engine.Inspector]:
    """As the protocol writes them; functional zones are no regions of GB/T 2260.

    :param before: inspector id -> visits of this year from before the portal; they count in the load
    """
    rows, past = [], before or {}
    for person in people:
        regions = tuple(
            code for code in person.regions if len(code) == 6 and code.isascii() and code.isdecimal()
        )
        if regions:
            tags = tuple(dict.fromkeys(person.specialties))
            load = person.load + past.get(person.id, 0)
            rows.append(engine.Inspector(person.certificate_no, person.leader, load, cap, regions, tags))
    return rows


@implements("R-25.1", "R-15.3")
def feasibility(session: Session, expectation: Expectation) -> list[Refusal]:
    """One refusal per agency that could not visit what the draw is likely to bring, with the blocking set."""
    task = expectation.task
    found: list[Refusal] = []
    with unscoped(session, REASON):
        names = dict(session.execute(select(Region.code, Region.name)).all())
        for agency in active_agencies(task):
            refusal = _agency_feasibility(session, expectation, agency, names)
            if refusal is not None:
                found.append(refusal)
    return found


def _agency_feasibility(
    session: Session, expectation: Expectation, agency: Agency, names: dict[str, str]
) -> Refusal | None:
    task = expectation.task
    people = on_duty(session, task, agency.id)
    needs = needs_of(task.method, agency_tags(task, agency.id))
    rows = roster_rows(people, visits_cap(expectation.total, len(people), needs.need))
    crowds = [engine.Crowd(c.region, c.tags, c.count) for c in expectation.crowds]
    answer = engine.trial(crowds, rows, needs)
    if isinstance(answer, engine.Impossible):
        decision = shortage(agency.name, answer, names)
        return decision if isinstance(decision, Refusal) else None
    anywhere = [engine.Target(region, region, expectation.tags) for region in expectation.regions]
    bare = engine.short_handed(anywhere, rows, (), needs)
    if bare:
        where = "、".join(names.get(place.target_id, place.target_id) for place in bare)
        return refused("matching_region_without_people", rule="R-25.1", agency=agency.name, regions=where)
    return None


@implements("R-25.1", "R-25.2", "R-15.3")
def freeze_part(unit: Unit, expectation: Expectation, sealing: Sealing) -> FreezePart:
    """Roster and recusals of every agency, frozen with the list."""
    task, session = expectation.task, unit.session
    digest = by_name(sealing.hash_name).digest
    matching: dict[str, dict[str, object]] = {}
    files: dict[str, bytes] = {}
    with unscoped(session, REASON):
        for agency in active_agencies(task):
            people = on_duty(session, task, agency.id)
            needs = needs_of(task.method, agency_tags(task, agency.id))
            cap = visits_cap(expectation.total, len(people), needs.need)
            before = load_outside(session, [person.id for person in people], task.period_from.year)
            apply_rules(unit, agency.id, today(unit.clock))
            texts = {
                "roster": engine.roster_text(
                    roster_rows(people, cap, before),
                    _nonce(engine.roster_nonce, sealing, agency.code),
                ),
                "recusals": engine.recusals_text(
                    _recusals(session, task, people),
                    _nonce(engine.recusals_nonce, sealing, agency.code),
                ),
            }
            data = {name: text.encode() for name, text in texts.items()}
            plan = engine.AgencyPlan(digest(data["roster"]).hex(), digest(data["recusals"]).hex(), needs)
            matching[agency.code] = plan.document()
            files.update({f"matching/{agency.code}/{name}.tsv": content for name, content in data.items()})
    return FreezePart(matching, files)


def _nonce(make: Callable[[str, bytes | None, str], str], sealing: Sealing, agency: str) -> str:
    return make(sealing.hash_name, sealing.list_secret, agency)


def _recusals(session: Session, task: Task, people: list[Inspector]) -> list[engine.Recusal]:
    numbers = {person.id: person.certificate_no for person in people}
    if not numbers:
        return []
    pairs = active_pairs(session, list(numbers), task.period_from, task.period_to)
    wanted = {pair.target_id for pair in pairs}
    query = select(Target.id, Target.code).where(Target.id.in_(wanted))
    codes = dict(session.execute(query).all()) if wanted else {}
    return [
        engine.Recusal(numbers[pair.inspector_id], codes[pair.target_id], pair.reason)
        for pair in pairs
        if pair.target_id in codes
    ]


freeze_checks.add(feasibility)
freeze_parts.add(freeze_part)
