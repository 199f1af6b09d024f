"""Certificates, leaves, transfers and accounts of inspectors."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from app.audit.models import Event
from app.directories.inspectors import queries, services
from app.directories.inspectors.models import Certificate, Inspector, Transfer
from app.directories.recusals.models import Recusal
from app.directories.targets.models import Target
from app.kernel.clock import today
from app.kernel.errors import Invalid, NotFound, Refused
from app.notifications.models import Message
from app.security.models import Account, Agency
from app.security.queries import people

DAY = date(2026, 11, 23)


def someone(session, code="POLICE-640100", linked=False) -> Inspector:
    """One on duty; everybody of the demo has an account, so the second one loses it here."""
    query = (
        select(Inspector)
        .join(Agency, Agency.id == Inspector.agency_id)
        .where(Agency.code == code, Inspector.certified, Inspector.active)
    )
    first, second = session.scalars(query.order_by(Inspector.id).limit(2)).all()
    if linked:
        return first
    second.user_id = None
    session.commit()
    return second


def agency(session, code: str) -> Agency:
    return session.scalars(select(Agency).where(Agency.code == code)).one()


def administrator(session, code: str) -> str:
    found = people(session, agency(session, code).id, services.KEEPERS, DAY)
    return found[0].username


def test_a_further_certificate_stands_once_per_kind_and_number(session, act_as) -> None:
    mine = someone(session)
    given = {
        "kind": "特种设备检验员证",
        "number": "TS-1",
        "valid_from": None,
        "valid_until": date(2027, 1, 1),
    }
    with act_as("police_admin") as unit:
        services.add_certificate(unit, mine.id, **given)
    with pytest.raises(Invalid) as found, act_as("police_admin") as unit:
        services.add_certificate(unit, mine.id, **given)
    assert [fault.code for fault in found.value.faults] == ["certificate_number_taken"]
    with pytest.raises(Invalid) as found, act_as("police_admin") as unit:
        services.add_certificate(unit, mine.id, kind="", number="", valid_from=None, valid_until=None)
    assert {fault.field for fault in found.value.faults} == {"kind", "number", "valid_until"}


def test_another_agency_keeps_no_certificates_here(session, act_as) -> None:
    mine = someone(session, "AMR-640100")
    with pytest.raises((NotFound, Refused)), act_as("police_admin") as unit:
        services.add_certificate(
            unit, mine.id, kind="证", number="1", valid_from=None, valid_until=date(2027, 1, 1)
        )


@pytest.mark.rule("R-15.1")
def test_each_certificate_is_told_once_per_threshold(session, act_as_system) -> None:
    mine = someone(session, linked=True)
    with act_as_system() as unit:
        services.tell_of_ends(unit, DAY)
    session.get_one(Inspector, mine.id).certificate_until = DAY + timedelta(days=40)
    session.add(
        Certificate(inspector_id=mine.id, kind="证", number="9", valid_until=DAY + timedelta(days=10))
    )
    session.commit()

    def told() -> int:
        mine_too = Message.user_id == mine.user_id
        return session.scalar(
            select(func.count()).where(Message.kind == "inspector.certificate_ends", mine_too)
        )

    before = told()
    with act_as_system() as unit:
        assert services.tell_of_ends(unit, DAY) >= 2
    assert told() == before + 2
    with act_as_system() as unit:
        assert services.tell_of_ends(unit, DAY + timedelta(days=1)) == 0 or told() == before + 2
    assert told() == before + 2
    with act_as_system() as unit:
        services.tell_of_ends(unit, DAY + timedelta(days=25))
    assert told() == before + 3


def test_an_overlapping_leave_is_refused_with_the_days_of_the_other(session, act_as) -> None:
    mine = someone(session)
    with act_as("police_admin") as unit:
        services.add_leave(unit, mine.id, date(2027, 3, 1), date(2027, 3, 5), "学习")
    with pytest.raises(Refused) as found, act_as("police_admin") as unit:
        services.add_leave(unit, mine.id, date(2027, 3, 5), date(2027, 3, 9))
    assert found.value.facts == {"first": "2027-03-01", "last": "2027-03-05", "reason": "学习"}


def ask(session, act_as, day=DAY, to="AMR-640100", linked=False) -> int:
    mine = someone(session, linked=linked)
    to_id = agency(session, to).id
    with act_as("police_admin") as unit:
        return services.ask_transfer(unit, mine.id, to_id, day, "工作调动").id


@pytest.mark.rule("R-15.1")
def test_a_transfer_takes_effect_when_the_other_agency_accepts(session, act_as) -> None:
    number = ask(session, act_as)
    asked = session.get_one(Transfer, number)
    target = session.scalars(select(Target).limit(1)).one()
    session.add(
        Recusal(
            inspector_id=asked.inspector_id, target_id=target.id, agency_id=asked.from_agency_id,
            reason="DECLARED", declared_by="agency", since=DAY, evidence="亲属",
        )
    )  # fmt: skip
    session.commit()
    other = administrator(session, "AMR-640100")
    with act_as(other) as unit:
        services.accept_transfer(unit, number)
    session.expire_all()
    transfer = session.get_one(Transfer, number)
    inspector = session.get_one(Inspector, transfer.inspector_id)
    assert transfer.state == "done"
    assert inspector.agency_id == transfer.to_agency_id and inspector.active
    declared = session.scalars(
        select(Recusal).where(Recusal.inspector_id == inspector.id, Recusal.target_id == target.id)
    ).all()
    assert {row.agency_id for row in declared} == {transfer.to_agency_id}
    tags = session.scalars(select(Event.tag).where(Event.subject == f"inspector:{inspector.id}")).all()
    assert tags.count("inspector.transferred") == 2


def test_a_transfer_waits_for_its_day(session, act_as, act_as_system) -> None:
    number = ask(session, act_as, day=DAY + timedelta(days=8))
    with act_as(administrator(session, "AMR-640100")) as unit:
        services.accept_transfer(unit, number)
    assert session.get_one(Transfer, number).state == "accepted"
    with act_as_system() as unit:
        assert services.carry_out_due(unit, DAY + timedelta(days=7)) == 0
        assert services.carry_out_due(unit, DAY + timedelta(days=8)) == 1
    session.expire_all()
    assert session.get_one(Transfer, number).state == "done"


def test_somebody_with_an_account_goes_with_it(session, act_as) -> None:
    number = ask(session, act_as, linked=True)
    with act_as(administrator(session, "AMR-640100")) as unit:
        services.accept_transfer(unit, number)
    session.expire_all()
    transfer = session.get_one(Transfer, number)
    inspector = session.get_one(Inspector, transfer.inspector_id)
    assert transfer.state == "done" and inspector.agency_id == transfer.to_agency_id
    assert inspector.user_id in {a.id for a in people(session, transfer.to_agency_id, {"inspector"}, DAY)}
    assert inspector.user_id not in {
        a.id for a in people(session, transfer.from_agency_id, {"inspector"}, DAY)
    }


def test_one_transfer_at_a_time_and_neither_here_nor_to_an_office(session, act_as) -> None:
    number = ask(session, act_as, day=DAY + timedelta(days=3))
    inspector_id = session.get_one(Transfer, number).inspector_id
    for code, expected in (
        ("HEALTH-640100", "transfer_waits"),
        ("POLICE-640100", "transfer_goes_nowhere"),
        ("OFFICE-640100", "transfer_to_office"),
    ):
        to_id = agency(session, code).id
        with pytest.raises(Refused) as found, act_as("police_admin") as unit:
            services.ask_transfer(unit, inspector_id, to_id, DAY, "调动")
        assert found.value.code == expected


def test_a_declined_transfer_changes_nothing_and_says_why(session, act_as) -> None:
    number = ask(session, act_as)
    other = administrator(session, "AMR-640100")
    with pytest.raises(Invalid), act_as(other) as unit:
        services.decline_transfer(unit, number, " ")
    with act_as(other) as unit:
        services.decline_transfer(unit, number, "编制已满")
    with pytest.raises(Refused), act_as(other) as unit:
        services.accept_transfer(unit, number)
    session.expire_all()
    transfer = session.get_one(Transfer, number)
    assert (transfer.state, transfer.answer) == ("declined", "编制已满")
    assert session.get_one(Inspector, transfer.inspector_id).agency_id == transfer.from_agency_id


def test_the_asking_agency_cannot_accept_and_can_withdraw(session, act_as) -> None:
    number = ask(session, act_as)
    with pytest.raises(Refused), act_as("police_admin") as unit:
        services.accept_transfer(unit, number)
    with act_as("police_admin") as unit:
        services.withdraw_transfer(unit, number)
    assert queries.open_transfer(session, session.get_one(Transfer, number).inspector_id) is None


def test_an_account_is_linked_once_and_taken_off(session, act_as) -> None:
    linked = someone(session, linked=True)
    user_id, other = linked.user_id, someone(session)
    with pytest.raises(Refused) as found, act_as("police_admin") as unit:
        services.link_account(unit, other.id, user_id)
    assert found.value.code == "account_linked_already"
    with act_as("police_admin") as unit:
        services.unlink_account(unit, linked.id)
    with act_as("police_admin") as unit:
        offered = services.accounts_without_inspector(unit.session, linked.agency_id, today(unit.clock))
        assert user_id in {account.id for account in offered}
        services.link_account(unit, other.id, user_id)
    assert session.get_one(Inspector, other.id).user_id == user_id


def test_an_account_of_another_role_is_not_linked(session, act_as) -> None:
    mine = someone(session)
    clerk = session.scalars(select(Account).where(Account.username == "police_clerk")).one()
    with pytest.raises(Refused) as found, act_as("police_admin") as unit:
        services.link_account(unit, mine.id, clerk.id)
    assert found.value.code == "account_of_another_agency"


def test_an_invitation_makes_an_account_that_is_linked_at_once(session, act_as) -> None:
    mine = someone(session)
    given = {"mail": "new.inspector@example.org", "phone": "13900001234", "reason": "新任"}
    with pytest.raises(Refused) as found, act_as("police_admin") as unit:
        services.invite_inspector(unit, mine.id, **given)
    assert found.value.code == "same_name"
    with act_as("police_admin") as unit:
        invitation, token = services.invite_inspector(unit, mine.id, **given, namesake=True)
    assert token and session.get_one(Inspector, mine.id).user_id == invitation.user_id
