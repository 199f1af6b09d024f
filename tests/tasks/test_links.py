"""Mail links for responses: each bad case says why, leaves a way out, changes nothing and stands in the security log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.clock import FixedClock
from app.security.models import Account, Agency, Membership, MembershipRole, SecurityLog
from app.security.scope import Scope
from app.tasks import services
from app.tasks.models import ResponseLink, Task
from app.tasks.services.life import lock_task
from tests.tasks.conftest import accept_as, mails_to, part_of, token_of

ANSWER = {"answer": "decline", "reason": "人员不足"}


def refused_links(session: Session) -> list[str]:
    session.expire_all()
    session.info["scope"] = Scope.system("test")
    query = select(SecurityLog.detail).where(SecurityLog.action == "link_refused").order_by(SecurityLog.id)
    return list(session.scalars(query))


def membership_of(session: Session, name: str) -> Membership:
    query = select(Membership).join(Account, Account.id == Membership.user_id)
    return session.scalars(query.where(Account.username == name)).one()


def token_for(session: Session, name: str = "amr_clerk") -> str:
    return token_of(mails_to(session, name)[0])


@pytest.mark.rule("R-23.1")
def test_a_stranger_is_asked_to_log_in_before_anything_changes(
    pushed: Task, client_as: Any, session: Session
):
    token = token_for(session)
    answer = client_as(None).post(f"/tasks/respond/{token}", data=ANSWER)
    assert answer.status_code == 302 and "/login/" in answer.location
    assert refused_links(session) == []
    assert part_of(session, pushed, "AMR-640100").state == "pending"


def test_a_used_link_is_refused_and_logged_without_its_token(pushed: Task, client_as: Any, session: Session):
    token, client = token_for(session), client_as("amr_clerk")
    assert client.post(f"/tasks/respond/{token}", data=ANSWER).status_code == 302
    again = client.post(f"/tasks/respond/{token}", data={"answer": "decline", "reason": "别的理由"})
    assert again.status_code == 409
    assert 'href="/"' in again.text
    assert part_of(session, pushed, "AMR-640100").reason == "人员不足"
    assert refused_links(session) == ["link_used"]
    lines = session.scalars(select(SecurityLog)).all()
    assert all(token not in f"{line.subject} {line.detail}" for line in lines)


def test_a_foreign_link_tells_nothing_of_the_task(pushed: Task, client_as: Any, session: Session):
    answer = client_as("health_clerk").post(f"/tasks/respond/{token_for(session)}", data=ANSWER)
    assert answer.status_code == 409
    assert pushed.name not in answer.text
    assert refused_links(session) == ["link_other_person"]
    assert part_of(session, pushed, "HEALTH-640100").state == "pending"


@pytest.mark.parametrize("who", ["amr_clerk", "sysadmin", "auditor"])
def test_a_forged_link_has_a_way_out_for_whoever_opens_it(
    pushed: Task, client_as: Any, session: Session, who: str
):
    answer = client_as(who).get("/tasks/respond/" + "A" * 43)
    assert answer.status_code == 404
    assert 'class="eh-empty"' in answer.text and 'href="/"' in answer.text
    assert refused_links(session) == ["link_unknown"]


def test_a_link_dies_when_the_task_has_been_drawn(
    pushed: Task, act_as: Any, client_as: Any, session: Session
):
    token = token_for(session, "health_clerk")
    accept_as(act_as, session, pushed, "amr_clerk", "AMR-640100")
    accept_as(act_as, session, pushed, "health_clerk", "HEALTH-640100")
    with act_as("police_clerk") as unit:
        services.note_drawn(unit, pushed.id)
    answer = client_as("health_clerk").post(f"/tasks/respond/{token}", data=ANSWER)
    assert answer.status_code == 409
    assert refused_links(session) == ["link_expired"]
    assert part_of(session, pushed, "HEALTH-640100").state == "accepted"


def test_a_link_of_an_earlier_push_is_no_longer_good(
    pushed: Task, act_as: Any, client_as: Any, session: Session, clock: FixedClock
):
    token = token_for(session)
    for name, code in (("amr_clerk", "AMR-640100"), ("health_clerk", "HEALTH-640100")):
        with act_as(name) as unit:
            services.decline(unit, pushed.id, "人员不足")
        with act_as("police_clerk") as unit:
            services.release(unit, part_of(session, pushed, code).id, "另行安排")
    clock.at = clock.now() + timedelta(hours=1)
    with act_as("police_clerk") as unit:
        assert lock_task(unit.session, pushed.id).state == "draft"
        services.push_task(unit, pushed.id)
    answer = client_as("amr_clerk").post(f"/tasks/respond/{token}", data=ANSWER)
    assert answer.status_code == 409
    assert refused_links(session) == ["link_replaced"]
    assert part_of(session, pushed, "AMR-640100").state == "pending"


def test_whoever_has_left_the_agency_cannot_answer_for_it(pushed: Task, client_as: Any, session: Session):
    token = token_for(session)
    membership = membership_of(session, "amr_clerk")
    other = session.scalars(select(Agency).where(Agency.code == "POLICE-640100")).one()
    session.add(
        Membership(
            user_id=membership.user_id,
            agency_id=other.id,
            roles=[MembershipRole(role_id=membership.roles[0].role_id)],
        )
    )
    membership.active = False
    session.commit()
    answer = client_as("amr_clerk").post(f"/tasks/respond/{token}", data=ANSWER)
    assert answer.status_code == 409
    assert refused_links(session) == ["link_left_agency"]
    assert part_of(session, pushed, "AMR-640100").state == "pending"


def test_in_another_membership_the_link_says_to_switch(pushed: Task, client_as: Any, session: Session):
    token = token_for(session)
    membership = membership_of(session, "amr_clerk")
    office = session.scalars(select(Agency).where(Agency.code == "OFFICE-640100")).one()
    role = membership_of(session, "office").roles[0].role_id
    second = Membership(user_id=membership.user_id, agency_id=office.id, roles=[MembershipRole(role_id=role)])
    session.add(second)
    session.commit()
    client = client_as("amr_clerk")
    with client.session_transaction() as kept:
        kept["membership"] = second.id
    assert client.get(f"/tasks/respond/{token}").status_code == 409
    assert refused_links(session) == ["link_other_membership"]
    client.post("/me/membership", data={"membership": membership.id})
    assert client.get(f"/tasks/respond/{token}").status_code == 200


def test_a_role_that_was_taken_away_takes_the_link_with_it(pushed: Task, client_as: Any, session: Session):
    token = token_for(session)
    membership = membership_of(session, "amr_clerk")
    membership.roles = [MembershipRole(role_id=membership_of(session, "amr_reviewer").roles[0].role_id)]
    session.commit()
    answer = client_as("amr_clerk").post(f"/tasks/respond/{token}", data=ANSWER)
    assert answer.status_code == 409
    assert refused_links(session) == ["link_needs_clerk"]


def test_the_loser_of_a_race_for_one_link_changes_nothing(pushed: Task, client_as: Any, session: Session):
    """Used between the look and the answer: the check inside the transaction finds it."""
    token, client = token_for(session), client_as("amr_clerk")
    assert client.get(f"/tasks/respond/{token}").status_code == 200
    for link in session.scalars(select(ResponseLink)):
        link.used_at = pushed.pushed_at
    session.commit()
    assert client.post(f"/tasks/respond/{token}", data=ANSWER).status_code == 409
    assert part_of(session, pushed, "AMR-640100").state == "pending"
