"""Matching, confirmation and recusal through the services, on the demo."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from sqlalchemy import func, select

from app.directories.inspectors.models import Inspector
from app.directories.recusals.models import Recusal
from app.directories.targets.models import Target
from app.draws.models import DrawnTarget
from app.draws.queries import bundle, by_no, drawn_targets
from app.draws.services import replace_target
from app.kernel.errors import NotFound, Refused
from app.matching import services
from app.matching.models import Assignment, Matching
from app.matching.places import after_change, after_confirm
from app.matching.queries import assignments_of, board, group_of, living_assignments
from app.matching.rules import LIVING, AssignmentState, visits_cap
from app.matching.task_page import blocking_sentence
from app.notifications.models import Message
from app.people import services as people
from app.security.models import Account, Agency
from app.security.scope import Scope
from app.tasks.models import Task
from app.verifier import verify

AGENCIES = {"POLICE-640100", "AMR-640100", "HEALTH-640100"}


@pytest.fixture
def drawn(ceremony):
    return ceremony.to_the_draw()


@pytest.fixture
def matched(drawn, act_as):
    with act_as("police_clerk") as unit:
        services.match(unit, drawn.id)
    return drawn


@pytest.fixture
def confirmed(matched, act_as):
    with act_as("police_clerk") as unit:
        services.confirm(unit, matched.id)
    return matched


def rows_of(session, draw) -> list[Assignment]:
    return list(
        session.scalars(select(Assignment).where(Assignment.draw_id == draw.id).order_by(Assignment.id))
    )


def agency_rows(session, draw, code: str) -> list[Assignment]:
    return [row for row in rows_of(session, draw) if row.agency.code == code and row.state in LIVING]


def keep_apart(session, agency_code: str, since: date) -> None:
    """Every inspector of the agency is recused for every hotel."""
    people = session.scalars(
        select(Inspector).join(Agency, Agency.id == Inspector.agency_id).where(Agency.code == agency_code)
    ).all()
    hotels = session.scalars(select(Target.id).where(Target.industry_code.like("61%"))).all()
    session.add_all(
        Recusal(
            inspector_id=p.id,
            target_id=t,
            agency_id=p.agency_id,
            reason="RELATIVE",
            declared_by="agency",
            since=since,
        )
        for p in people
        for t in hotels
    )
    session.commit()


@pytest.mark.rule("R-25.1")
@pytest.mark.rule("R-15.3")
def test_every_agency_sends_two_certified_people_one_able_to_lead(session, matched) -> None:
    targets = drawn_targets(session, matched.id)
    for code in AGENCIES:
        rows = agency_rows(session, matched, code)
        assert Counter(row.drawn_target_id for row in rows) == {t.id: 2 for t in targets}
        assert all(row.inspector.certified and row.inspector.certificate_until for row in rows)
        leads = [row for row in rows if row.role == "lead"]
        assert len(leads) == len(targets) and all(row.inspector.leader for row in leads)


@pytest.mark.rule("R-25.1")
def test_the_bundle_with_the_matching_is_verified(session, matched) -> None:
    report = verify.verify(bundle(session, by_no(session, matched.draw_no)))
    assert report["verdict"] == "ok", [c for c in report["checks"] if c["status"] == "FAIL"]
    status = {check["name"]: check["status"] for check in report["checks"]}
    for code in AGENCIES:
        assert status[f"matching {code} 0"] == "ok"
        assert status[f"matching {code} inputs"] == "ok"
        assert status[f"matching certificate {code} 0"] == "not checked"


@pytest.mark.rule("R-25.1")
def test_matching_twice_changes_nothing(session, matched, act_as) -> None:
    before = [(row.id, row.inspector_id) for row in rows_of(session, matched)]
    with act_as("police_clerk") as unit:
        assert {row.agency.code for row in services.match(unit, matched.id)} == AGENCIES
    assert [(row.id, row.inspector_id) for row in rows_of(session, matched)] == before


@pytest.mark.rule("R-25.1")
def test_only_the_initiators_clerk_matches_and_only_what_is_drawn(ceremony, act_as) -> None:
    draw = ceremony.freeze()
    with pytest.raises(Refused) as refusal, act_as("police_clerk") as unit:
        services.match(unit, draw.id)
    assert refusal.value.code == "matching_not_drawn"
    with pytest.raises(Refused) as refusal, act_as("amr_clerk") as unit:
        services.match(unit, draw.id)
    assert refusal.value.code == "other_agency"


@pytest.mark.rule("R-25.2")
def test_recused_pairs_never_meet(session, ceremony, act_as, clock) -> None:
    people = session.scalars(
        select(Inspector).join(Agency, Agency.id == Inspector.agency_id).where(Agency.code == "AMR-640100")
    ).all()
    apart = [p for p in people if p.leader][:-2]
    hotels = session.scalars(select(Target.id).where(Target.industry_code.like("61%"))).all()
    session.add_all(
        Recusal(
            inspector_id=p.id,
            target_id=t,
            agency_id=p.agency_id,
            reason="RELATIVE",
            declared_by="agency",
            since=date(2026, 1, 1),
        )
        for p in apart
        for t in hotels
    )
    session.commit()
    draw = ceremony.to_the_draw()
    with act_as("police_clerk") as unit:
        services.match(unit, draw.id)
    sent = {row.inspector_id for row in rows_of(session, draw)}
    assert not sent & {p.id for p in apart}


@pytest.mark.rule("R-25.1")
def test_an_impossible_matching_says_why_and_nobody_is_confirmed(session, ceremony, act_as) -> None:
    keep_apart(session, "HEALTH-640100", date(2026, 1, 1))
    draw = ceremony.to_the_draw()
    with act_as("police_clerk") as unit:
        states = {row.agency.code: row.state for row in services.match(unit, draw.id)}
    assert states == {"POLICE-640100": "done", "AMR-640100": "done", "HEALTH-640100": "impossible"}
    row = session.scalars(select(Matching).where(Matching.state == "impossible")).one()
    assert row.blocking["short"] == 12
    assert all(why["eligible"] == 0 for why in row.blocking["removed"].values())
    assert "12" in blocking_sentence(row)
    with pytest.raises(Refused) as refusal, act_as("police_clerk") as unit:
        services.confirm(unit, draw.id)
    assert refusal.value.code == "matching_not_complete"
    report = verify.verify(bundle(session, by_no(session, draw.draw_no)))
    assert report["verdict"] == "ok", [c for c in report["checks"] if c["status"] == "FAIL"]


@pytest.mark.rule("R-15.3")
def test_a_freeze_without_enough_certified_people_is_refused(session, ceremony) -> None:
    for person in session.scalars(
        select(Inspector).join(Agency, Agency.id == Inspector.agency_id).where(Agency.code == "HEALTH-640100")
    ):
        person.certified, person.leader = False, False
    session.commit()
    with pytest.raises(Refused) as refusal:
        ceremony.freeze()
    assert refusal.value.code.startswith("matching_short_of")
    assert refusal.value.facts["short"] > 0


@pytest.mark.rule("R-25.1")
def test_confirming_sends_people_counts_their_visits_and_tells_them(session, matched, act_as) -> None:
    rows = rows_of(session, matched)
    visits = Counter(row.inspector_id for row in rows)
    before = {p.id: p.load for p in session.scalars(select(Inspector).where(Inspector.id.in_(visits)))}
    told: list[str] = []
    callback = after_confirm.add(lambda unit, draw: told.append(draw.draw_no))
    try:
        with act_as("police_clerk") as unit:
            services.confirm(unit, matched.id)
            services.confirm(unit, matched.id)
    finally:
        after_confirm._things[:] = [pair for pair in after_confirm._things if pair[1] is not callback]
    session.expire_all()
    assert told == [matched.draw_no]
    assert {row.state for row in rows_of(session, matched)} == {AssignmentState.CONFIRMED}
    for person in session.scalars(select(Inspector).where(Inspector.id.in_(visits))):
        assert person.load == before[person.id] + visits[person.id]
    assert session.get(Task, matched.task_id).state == "matched"
    messages = session.scalar(
        select(func.count()).select_from(Message).where(Message.kind == "matching.assigned")
    )
    assert messages == len(visits)


@pytest.mark.rule("R-25.1")
def test_nothing_is_confirmed_before_it_is_matched(drawn, act_as) -> None:
    with pytest.raises(Refused) as refusal, act_as("police_clerk") as unit:
        services.confirm(unit, drawn.id)
    assert refusal.value.code == "matching_not_complete"


@pytest.mark.rule("R-25.2")
def test_an_inspector_declares_a_conflict_and_is_replaced_by_the_next(session, confirmed, act_as) -> None:
    old = next(row for row in agency_rows(session, confirmed, "AMR-640100") if row.role == "lead")
    account = session.get(Account, old.inspector.user_id)
    load = old.inspector.load
    changes: list[tuple[int, int]] = []
    callback = after_change.add(lambda unit, gone, came: changes.append((gone.id, came.id)))
    try:
        with act_as(account.username) as unit:
            new = services.recuse(unit, old.id, "relative works there", "declaration of today")
    finally:
        after_change._things[:] = [pair for pair in after_change._things if pair[1] is not callback]
    session.expire_all()
    old = session.get(Assignment, old.id)
    assert (old.state, old.replaced_by_id) == (AssignmentState.REPLACED, new.id)
    assert "declaration of today" in old.reason
    assert changes == [(old.id, new.id)]
    team = [
        a for a in agency_rows(session, confirmed, "AMR-640100") if a.drawn_target_id == old.drawn_target_id
    ]
    assert len(team) == 2 and [a.role for a in team].count("lead") == 1
    assert old.inspector_id not in {a.inspector_id for a in team}
    assert old.inspector.load == load - 1
    assert session.get(Assignment, new.id).state == AssignmentState.CONFIRMED
    report = verify.verify(bundle(session, by_no(session, confirmed.draw_no)))
    assert report["verdict"] == "ok"


@pytest.mark.rule("R-25.2")
def test_the_visits_of_whoever_leaves_go_to_the_next_in_the_order_and_the_draw_stays_sound(
    session, confirmed, act_as
) -> None:
    gone = agency_rows(session, confirmed, "AMR-640100")[0].inspector
    account = session.get(Account, gone.user_id)
    mine = [row.id for row in agency_rows(session, confirmed, "AMR-640100") if row.inspector_id == gone.id]
    for stranger in ("health_admin", "amr_clerk"):
        with pytest.raises(NotFound), act_as(stranger) as unit:
            services.hand_over(unit, mine[0], "leaves")
    with act_as("amr_admin") as unit:
        settled = people.leave(unit, account.id, "retires", {})
    assert len(settled.handed) == len(mine) and not settled.stayed
    session.expire_all()
    session.info["scope"] = Scope.system("test")
    rows = [session.get(Assignment, row_id) for row_id in mine]
    assert {row.state for row in rows} == {AssignmentState.REPLACED}
    assert all(session.get(Assignment, row.replaced_by_id).inspector_id != gone.id for row in rows)
    assert not session.get(Inspector, gone.id).active
    assert verify.verify(bundle(session, by_no(session, confirmed.draw_no)))["verdict"] == "ok"


@pytest.mark.rule("R-25.2")
def test_nobody_recuses_for_others_or_without_evidence_or_twice(session, confirmed, act_as) -> None:
    row = agency_rows(session, confirmed, "AMR-640100")[0]
    other = next(
        r for r in agency_rows(session, confirmed, "AMR-640100") if r.inspector_id != row.inspector_id
    )
    with (
        pytest.raises(Refused) as refusal,
        act_as(session.get(Account, other.inspector.user_id).username) as unit,
    ):
        services.recuse(unit, row.id, "a", "b")
    assert refusal.value.code == "role_missing"
    with pytest.raises(Refused) as refusal, act_as("health_clerk") as unit:
        services.recuse(unit, row.id, "a", "b")
    assert refusal.value.code == "other_agency"
    with pytest.raises(Refused) as refusal, act_as("amr_clerk") as unit:
        services.recuse(unit, row.id, "a", " ")
    assert refusal.value.code == "matching_recusal_without_reason"
    row_id = row.id
    session.expunge_all()  # rows remember the scope in which they were read; a request has only one
    with act_as("amr_clerk") as unit:
        services.recuse(unit, row_id, "a", "b")
    with pytest.raises(Refused) as refusal, act_as("amr_clerk") as unit:
        services.recuse(unit, row_id, "a", "b")
    assert refusal.value.code == "assignment_not_living"


@pytest.mark.rule("R-25.2")
def test_when_nobody_is_left_nothing_is_changed(session, confirmed, act_as) -> None:
    row = agency_rows(session, confirmed, "HEALTH-640100")[0]
    taken = select(Inspector).where(Inspector.agency_id == row.agency_id, Inspector.id != row.inspector_id)
    for person in session.scalars(taken):
        person.active = False
    session.commit()
    with pytest.raises(Refused) as refusal, act_as("health_clerk") as unit:
        services.recuse(unit, row.id, "a", "b")
    assert refusal.value.code == "matching_nobody_left"
    session.expire_all()
    assert session.get(Assignment, row.id).state == AssignmentState.CONFIRMED


@pytest.mark.rule("R-24.3")
@pytest.mark.rule("R-25.1")
def test_a_replacement_target_is_matched_alone_and_the_bundle_stays_sound(session, confirmed, act_as) -> None:
    old = next(row for row in drawn_targets(session, confirmed.id) if row.stratum == "S5")
    with act_as("amr_clerk") as unit:
        row = next(
            a for a in agency_rows(unit.session, confirmed, "AMR-640100") if a.drawn_target_id != old.id
        )
        services.recuse(unit, row.id, "a", "b")
    with act_as("police_clerk") as unit:
        new = replace_target(unit, old.id, "REVOKED", "decision 7")
    session.expire_all()
    assert {a.state for a in rows_of(session, confirmed) if a.drawn_target_id == old.id} == {"replaced"}
    group = group_of(session, new.id)
    assert Counter(a.agency.code for a in group) == dict.fromkeys(AGENCIES, 2)
    assert {a.state for a in group} == {AssignmentState.CONFIRMED}
    report = verify.verify(bundle(session, by_no(session, confirmed.draw_no)))
    assert report["verdict"] == "ok", [c for c in report["checks"] if c["status"] == "FAIL"]


def test_the_joint_group_begins_with_the_initiators_lead(session, confirmed, act_as) -> None:
    target = session.scalars(select(DrawnTarget).where(DrawnTarget.draw_id == confirmed.id)).first()
    with act_as("health_clerk") as unit:
        group = group_of(unit.session, target.id)
    assert (group[0].agency.code, group[0].role) == ("POLICE-640100", "lead")
    assert len(group) == 6


def test_an_inspector_finds_the_own_visits_and_nobody_elses(session, confirmed, act_as) -> None:
    row = agency_rows(session, confirmed, "POLICE-640100")[0]
    account = session.get(Account, row.inspector.user_id)
    with act_as(account.username) as unit:
        mine = assignments_of(unit.session, account.id)
    assert mine and {a.inspector_id for a in mine} == {row.inspector_id}
    assert len(living_assignments(session, confirmed.id)) == 36


@pytest.mark.rule("R-25.1")
def test_the_board_gives_a_reason_for_every_pair(session, matched, act_as) -> None:
    with act_as("amr_clerk") as unit:
        draw = by_no(unit.session, matched.draw_no)
        found = board(unit.session, draw, "AMR-640100")
    assert len(found.lines) == 6 and found.people_in_all >= 20
    known = {
        "lead",
        "member",
        "free",
        "RECUSED",
        "REGION",
        "SPECIALTY",
        "CAP",
        "UNCERTIFIED",
        "EXPIRED",
        "ABSENT",
    }
    codes = Counter(cell.code for line in found.lines for cell in line.cells)
    assert set(codes) <= known
    assert (codes["lead"], codes["member"]) == (6, 6)
    assert codes["UNCERTIFIED"] + codes["EXPIRED"] + codes["ABSENT"] > 0


def test_the_cap_is_twice_the_even_share_and_at_least_twenty() -> None:
    assert visits_cap(6, 10, 2) == 20
    assert visits_cap(1000, 50, 2) == 80
    assert visits_cap(10, 0, 2) == 40
