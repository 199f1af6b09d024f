"""Reviewers approve, return or exempt; what follows; publication and settling; follow-up cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import delete, func, select

from app import inspections
from app.audit.models import Event
from app.db import unit_of_work
from app.inspections import services
from app.inspections.models import CheckForm, FollowUp
from app.inspections.queries import forms_to_review, settlement
from app.kernel.clock import today
from app.kernel.errors import Invalid, NotFound, Refused, Stale
from app.notifications.models import Message
from app.security.models import Account, Membership, MembershipRole
from tests.inspections.world import entry_for

POLICE, AMR = "POLICE-640100", "AMR-640100"
PROBLEM = {"result": "G", "problem_text": "未按规定登记", "disposition_code": "3"}


@pytest.fixture
def heard(monkeypatch):
    """What the places were told."""
    told: list[tuple[str, int]] = []
    for name in ("after_approval", "after_settled", "after_follow_up"):
        place = getattr(inspections, name)
        monkeypatch.setattr(place, "_things", [])
    inspections.after_approval.add(lambda unit, form: told.append(("approved", form.id)))
    inspections.after_settled.add(lambda unit, task_id: told.append(("settled", task_id)))
    inspections.after_follow_up.add(lambda unit, case: told.append(("closed", case.id)))
    return told


@pytest.mark.rule("R-27.1")
def test_an_approval_stands_with_its_reviewer_and_leads_to_publication(submit, act_as, look, heard):
    form = submit(POLICE)
    with act_as("police_reviewer") as unit:
        services.approve_form(unit, form.id, form.version)
    stored = look().get(CheckForm, form.id)
    assert (stored.state, bool(stored.approved_at)) == ("approved", True)
    assert stored.approved_by != stored.submitted_by
    assert heard == [("approved", form.id)]


def test_a_second_approval_by_the_same_person_changes_nothing(submit, act_as, heard):
    form = submit(POLICE)
    for _ in range(2):
        with act_as("police_reviewer") as unit:
            services.approve_form(unit, form.id)
    assert heard == [("approved", form.id)]


def test_a_second_approval_by_another_person_is_refused(submit, act_as):
    form = submit(POLICE)
    with act_as("police_reviewer") as unit:
        services.approve_form(unit, form.id)
    with pytest.raises(Refused, match="form_wrong_state"), act_as("police_reviewer_b") as unit:
        services.approve_form(unit, form.id)


@pytest.mark.parametrize(
    ("who", "code"),
    [("amr_reviewer", "other_agency"), ("police_clerk", "role_missing"), ("office_reviewer", "other_agency")],
)
def test_nobody_else_reviews(submit, act_as, who, code):
    form = submit(POLICE)
    for verb in (
        lambda u: services.approve_form(u, form.id),
        lambda u: services.return_form(u, form.id, "补"),
        lambda u: services.ask_exemption(u, form.id, "依据"),
        lambda u: services.exempt_form(u, form.id),
        lambda u: services.deny_exemption(u, form.id),
    ):
        with pytest.raises(Refused, match=code), act_as(who) as unit:
            verb(unit)


@pytest.mark.rule("R-27.1")
def test_whoever_submitted_does_not_approve(submit, approved, act_as, act_as_system, look):
    form = submit(POLICE)
    name = approved.people[POLICE][0]
    with act_as_system() as unit:
        membership = unit.session.scalars(
            select(Membership).join(Account, Account.id == Membership.user_id).where(Account.username == name)
        ).one()
        reviewer = unit.session.scalars(
            select(MembershipRole)
            .join(Membership)
            .join(Account, Account.id == Membership.user_id)
            .where(Account.username == "police_reviewer")
        ).one()
        membership.roles.append(MembershipRole(role_id=reviewer.role_id))
    verbs = (services.approve_form, lambda u, i: services.ask_exemption(u, i, "依据"), services.exempt_form)
    for verb in verbs:
        with pytest.raises(Refused, match="same_person"), act_as(name) as unit:
            verb(unit, form.id)


def test_an_agency_with_too_few_reviewers_goes_to_the_office_above(submit, act_as, act_as_system, look):
    form = submit(AMR)
    with act_as_system() as unit:
        unit.session.execute(
            delete(MembershipRole).where(
                MembershipRole.membership_id.in_(
                    select(Membership.id)
                    .join(Account, Account.id == Membership.user_id)
                    .where(Account.username == "amr_reviewer_b")
                )
            )
        )
    with pytest.raises(Refused, match="other_agency"), act_as("amr_reviewer") as unit:
        services.approve_form(unit, form.id)
    with act_as("office_reviewer") as unit:
        assert [f.id for f in forms_to_review(unit.session, unit.actor, today(unit.clock)).rows] == [form.id]
        services.approve_form(unit, form.id)
    assert look().get(CheckForm, form.id).state == "approved"


def test_a_return_needs_a_remark_reaches_the_inspector_and_can_be_answered(
    submit, approved, act_as, look, result_ids
):
    form = submit(POLICE)
    with pytest.raises(Invalid), act_as("police_reviewer") as unit:
        services.return_form(unit, form.id, "  ")
    for _ in range(2):
        with act_as("police_reviewer") as unit:
            services.return_form(unit, form.id, "请补充登记情况")
    session = look()
    stored = session.get(CheckForm, form.id)
    assert (stored.state, stored.return_remark, stored.publish_due_at) == ("returned", "请补充登记情况", None)
    assert session.scalar(select(func.count()).where(Message.kind == "inspections.returned")) == 1
    with act_as(approved.people[POLICE][1]) as unit:
        services.submit_form(unit, form.id, entry_for(stored, result_ids["1"]))
    assert look().get(CheckForm, form.id).state == "submitted"


def test_a_reviewer_who_saw_another_version_decides_again(submit, act_as):
    form = submit(POLICE)
    with pytest.raises(Stale), act_as("police_reviewer") as unit:
        services.approve_form(unit, form.id, form.version - 1)


@pytest.mark.rule("R-27.1")
def test_an_exemption_has_its_basis_and_two_reviewers(submit, act_as, look, heard):
    form = submit(POLICE, **PROBLEM)
    with pytest.raises(Invalid), act_as("police_reviewer") as unit:
        services.ask_exemption(unit, form.id, "")
    with act_as("police_reviewer") as unit:
        assert services.ask_exemption(unit, form.id, "政府信息公开条例第十四条").state == "submitted"
    with pytest.raises(Refused, match="exemption_same_person"), act_as("police_reviewer") as unit:
        services.exempt_form(unit, form.id)
    with act_as("police_reviewer_b") as unit:
        services.exempt_form(unit, form.id)
    session = look()
    stored = session.get(CheckForm, form.id)
    assert (stored.state, stored.exempt_basis) == ("exempt", "政府信息公开条例第十四条")
    assert len({stored.submitted_by, stored.exempt_asked_by, stored.exempt_by}) == 3
    assert session.scalar(select(func.count()).select_from(FollowUp)) == 1
    assert heard == []


@pytest.mark.rule("R-27.1")
def test_two_memberships_of_one_reviewer_do_not_make_two_reviewers(submit, act_as, clock):
    """The office reviews for an agency with too few reviewers; whoever asked there is still the same person."""
    form = submit(POLICE)
    with act_as("police_reviewer") as unit:
        services.ask_exemption(unit, form.id, "依据")
        code, user_id = unit.actor.code, unit.actor.user_id
    with act_as("police_reviewer_b") as unit:
        scope, actor = unit.scope, replace(unit.actor, code=code, user_id=user_id)
    with pytest.raises(Refused, match="exemption_same_person"), unit_of_work(actor, scope, clock) as unit:
        services.exempt_form(unit, form.id)


def test_a_result_is_not_published_while_its_exemption_is_asked_for(submit, act_as, act_as_system, heard):
    form = submit(POLICE)
    with act_as("police_reviewer") as unit:
        services.approve_form(unit, form.id)
    with act_as("police_reviewer_b") as unit:
        services.ask_exemption(unit, form.id, "依据")
    with pytest.raises(Refused, match="exemption_asked"), act_as_system() as unit:
        services.note_published(unit, form.id)
    heard.clear()
    with act_as("police_reviewer") as unit:
        stored = services.deny_exemption(unit, form.id)
        assert (stored.state, stored.exempt_basis, stored.exempt_asked_by) == ("approved", "", None)
    assert len(heard) == 1
    with act_as_system() as unit:
        assert services.note_published(unit, form.id).state == "published"


def test_approving_or_returning_takes_the_request_off_the_table(submit, act_as):
    form = submit(POLICE)
    with act_as("police_reviewer") as unit:
        services.ask_exemption(unit, form.id, "依据")
    with pytest.raises(Refused, match="exemption_asked"), act_as("police_reviewer_b") as unit:
        services.ask_exemption(unit, form.id, "别的依据")
    with act_as("police_reviewer_b") as unit:
        approved = services.approve_form(unit, form.id)
        assert (approved.state, approved.exempt_asked_by) == ("approved", None)
    with pytest.raises(Refused, match="exemption_not_asked"), act_as("police_reviewer_b") as unit:
        services.exempt_form(unit, form.id)


def test_an_approved_result_may_still_be_exempted_but_not_a_published_one(submit, act_as, act_as_system):
    form = submit(POLICE)
    with act_as("police_reviewer") as unit:
        services.approve_form(unit, form.id)
        services.ask_exemption(unit, form.id, "依据")
    with act_as("police_reviewer_b") as unit:
        assert services.exempt_form(unit, form.id).state == "exempt"
    other = submit(AMR)
    with act_as("amr_reviewer") as unit:
        services.approve_form(unit, other.id)
    with act_as_system() as unit:
        services.note_published(unit, other.id)
    with pytest.raises(Refused, match="form_wrong_state"), act_as("amr_reviewer") as unit:
        services.ask_exemption(unit, other.id, "依据")


def test_only_an_approved_result_becomes_published_and_only_once(submit, act_as, act_as_system, look):
    form = submit(POLICE)
    with pytest.raises(Refused, match="form_wrong_state"), act_as_system() as unit:
        services.note_published(unit, form.id)
    with act_as("police_reviewer") as unit:
        services.approve_form(unit, form.id)
    for _ in range(2):
        with act_as_system() as unit:
            services.note_published(unit, form.id)
    session = look()
    assert session.get(CheckForm, form.id).published_at is not None
    assert session.scalar(select(func.count()).where(Event.tag == "form.published")) == 1


@pytest.mark.rule("R-26.1")
def test_the_task_is_settled_with_the_last_published_form(
    approved, submit, act_as, act_as_system, look, heard
):
    for number in (0, 1):
        for agency in approved.people:
            form = submit(agency, number)
            with act_as(f"{agency.partition('-')[0].lower()}_reviewer") as unit:
                services.approve_form(unit, form.id)
            with act_as_system() as unit:
                services.note_published(unit, form.id)
    assert settlement(look(), approved.task_id).is_settled
    assert [what for what, _ in heard if what == "settled"] == ["settled"]


@pytest.mark.rule("R-28.1")
def test_a_problem_opens_a_case_with_its_due_day(submit, act_as, look):
    form = submit(POLICE, **PROBLEM)
    with act_as("police_reviewer") as unit:
        services.approve_form(unit, form.id)
    session = look()
    case = session.scalars(select(FollowUp)).one()
    assert (case.no, case.state, case.due_on, case.problem) == (
        "6401-2026-9001-F001",
        "open",
        date(2026, 12, 21),
        "未按规定登记",
    )
    assert session.scalar(select(func.count()).where(Message.kind == "inspections.follow_up")) == 1


@pytest.mark.rule("R-28.1")
def test_no_problem_opens_no_case(submit, act_as, look):
    form = submit(POLICE)
    with act_as("police_reviewer") as unit:
        services.approve_form(unit, form.id)
    assert look().scalar(select(func.count()).select_from(FollowUp)) == 0


@pytest.fixture
def case(submit, act_as, look):
    form = submit(POLICE, **PROBLEM)
    with act_as("police_reviewer") as unit:
        services.approve_form(unit, form.id)
    return look().scalars(select(FollowUp)).one()


@pytest.mark.rule("R-28.1")
def test_a_case_is_handled_by_one_and_closed_by_another(case, act_as, look, heard):
    with pytest.raises(Refused, match="follow_up_wrong_state"), act_as("police_reviewer") as unit:
        services.close_follow_up(unit, case.id)
    with pytest.raises(Invalid), act_as("police_clerk") as unit:
        services.handle_follow_up(unit, case.id, " ")
    with act_as("police_clerk") as unit:
        services.handle_follow_up(unit, case.id, "已责令改正，复查合格")
    with pytest.raises(Refused, match="role_missing"), act_as("police_clerk") as unit:
        services.close_follow_up(unit, case.id)
    for _ in range(2):
        with act_as("police_reviewer") as unit:
            services.close_follow_up(unit, case.id)
    stored = look().get(FollowUp, case.id)
    assert stored.state == "closed"
    assert stored.closed_by != stored.handled_by
    assert [what for what, _ in heard] == ["closed"]
    with pytest.raises(Refused, match="follow_up_wrong_state"), act_as("police_clerk") as unit:
        services.handle_follow_up(unit, case.id, "再次处置")


@pytest.mark.rule("R-28.1")
def test_a_case_of_another_agency_is_not_there(case, act_as):
    with pytest.raises(NotFound), act_as("amr_clerk") as unit:
        services.handle_follow_up(unit, case.id, "处置")


@pytest.mark.rule("R-28.1")
def test_a_case_changed_meanwhile_is_stale(case, act_as):
    with act_as("police_clerk") as unit:
        services.handle_follow_up(unit, case.id, "第一次")
    with pytest.raises(Stale), act_as("police_clerk") as unit:
        services.handle_follow_up(unit, case.id, "第二次", version=case.version - 1)


@pytest.mark.rule("R-28.1")
def test_a_clerk_opens_a_case_for_an_approved_form_once(submit, act_as, look):
    form = submit(POLICE)
    with pytest.raises(Refused, match="follow_up_before_approval"), act_as("police_clerk") as unit:
        services.open_follow_up(unit, form.id)
    with act_as("police_reviewer") as unit:
        services.approve_form(unit, form.id)
    with pytest.raises(Invalid), act_as("police_clerk") as unit:
        services.open_follow_up(unit, form.id, date(2026, 11, 1))
    ids = set()
    for _ in range(2):
        with act_as("police_clerk") as unit:
            ids.add(services.open_follow_up(unit, form.id, date(2026, 12, 1)).id)
    assert len(ids) == 1
