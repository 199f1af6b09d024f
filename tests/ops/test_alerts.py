"""Alerts: what sets them off, that each comes once, who is told, and what acknowledging leaves."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import select

from app.jobs.execution import run_outbox
from app.jobs.models import Outbox
from app.kernel.errors import Invalid, NotFound
from app.notifications.due import lines_for
from app.notifications.models import Message
from app.ops.alerts import services
from app.ops.alerts.rules import AlertKind, at_night, may_be_watched, night_of
from app.ops.models import SecurityAlert
from app.security.models import Account, Membership, MembershipRole, SecurityLog
from app.security.scope import Scope
from app.security.services import note_security

NOON = datetime(2026, 11, 23, 4, tzinfo=timezone.utc)


@pytest.fixture
def look(act_as_system):
    """Evaluate a line as its job does; the kinds of the alerts that are new."""

    def evaluate(line_id: int) -> list[str]:
        with act_as_system() as unit:
            return [alert.kind for alert in services.evaluate(unit, line_id)]

    return evaluate


def alerts(session) -> list[SecurityAlert]:
    session.expire_all()
    return list(session.scalars(select(SecurityAlert).order_by(SecurityAlert.id)))


@pytest.mark.parametrize(
    ("clock_time", "night"),
    [("21:59", False), ("22:00", True), ("23:30", True), ("00:00", True), ("05:59", True), ("06:00", False)],
)
def test_night_is_from_ten_to_six_in_beijing(clock_time, night):
    at = datetime.fromisoformat(f"2026-11-23T{clock_time}:00+08:00")
    assert at_night(at) is night


def test_one_night_is_one_night_on_both_sides_of_midnight():
    evening, morning = (datetime.fromisoformat(f"2026-11-2{d}+08:00") for d in ("3T23:10", "4T01:10"))
    assert night_of(evening) == night_of(morning) == "2026-11-23"


def test_lines_that_set_nothing_off_cost_no_job(act_as, session):
    with act_as("police_clerk") as unit:
        note_security(unit, "log_out", "ok")
        note_security(unit, "exported", "refused")
        assert unit.session.scalars(select(Outbox).where(Outbox.kind == "ops.alerts")).all() == []
    assert not may_be_watched("log_out", "ok") and may_be_watched("log_in", "refused")


def test_five_failures_of_one_account_are_an_alert_and_four_are_none(session, write_line, account, look):
    who = account("police_clerk").id
    at = [NOON + timedelta(minutes=n) for n in range(6)]
    found = [look(write_line(t, "log_in", "refused", user_id=who, address="10.0.0.1")) for t in at]
    assert found == [[], [], [], [], [AlertKind.FAILURES], []]
    assert alerts(session)[0].facts == {"number": 5}


def test_a_success_begins_the_count_anew(write_line, account, look):
    who = account("police_clerk").id
    for minute in range(4):
        assert look(write_line(NOON + timedelta(minutes=minute), "log_in", "refused", user_id=who)) == []
    write_line(NOON + timedelta(minutes=4), "log_in", user_id=who)
    assert look(write_line(NOON + timedelta(minutes=5), "log_in", "refused", user_id=who)) == []


def test_failures_of_many_names_from_one_address_are_an_alert(session, write_line, look):
    found = [
        look(
            write_line(
                NOON + timedelta(seconds=n), "log_in", "refused", subject=f"name{n}", address="10.6.6.6"
            )
        )
        for n in range(20)
    ]
    assert found[-1] == [AlertKind.FAILURES] and not any(found[:-1])
    assert alerts(session)[0].user_id is None


def test_a_lock_is_an_alert_even_where_the_lines_are_fewer(write_line, account, look):
    assert look(write_line(NOON, "account_locked", user_id=account("police_clerk").id)) == [
        AlertKind.FAILURES
    ]


def test_an_export_at_night_is_one_alert_per_person_and_night(write_line, account, look):
    who = account("police_clerk").id
    night = datetime(2026, 11, 23, 15, tzinfo=timezone.utc)
    assert look(write_line(NOON, "exported", user_id=who)) == []
    assert look(write_line(night, "exported", user_id=who)) == [AlertKind.NIGHT_EXPORT]
    assert look(write_line(night + timedelta(hours=2), "personal_data_exported", user_id=who)) == []
    assert look(write_line(night, "exported", user_id=account("office").id)) == [AlertKind.NIGHT_EXPORT]


def test_an_administrator_from_a_new_address_is_an_alert_and_a_clerk_is_none(write_line, account, look):
    for name, wanted in (("office", [AlertKind.NEW_ADDRESS]), ("police_clerk", [])):
        who = account(name).id
        assert look(write_line(NOON - timedelta(days=3), "log_in", user_id=who, address="10.0.0.1")) == []
        assert look(write_line(NOON, "log_in", user_id=who, address="10.0.0.1")) == []
        assert look(write_line(NOON, "log_in", user_id=who, address="203.0.113.9")) == wanted


def test_a_new_administrator_is_an_alert_whoever_grants_the_role(session, write_line, account, look):
    giver, person = account("region_office"), account("police_clerk")
    role = session.scalars(
        select(MembershipRole).join(Membership).join(Account, Account.id == Membership.user_id)
        .where(Account.username == "police_admin")
    ).one()  # fmt: skip
    hat = session.scalars(select(Membership).where(Membership.user_id == person.id)).one()
    hat.roles.append(
        MembershipRole(role_id=role.role_id, granted_by=giver.id, granted_at=NOON, reason="接任")
    )
    session.flush()
    line = write_line(
        NOON, "role_granted", user_id=giver.id, subject=f"membership:{hat.id}", detail="agency_admin"
    )
    assert look(line) == [AlertKind.NEW_ADMINISTRATOR]
    assert alerts(session)[0].facts == {"role": "agency_admin", "person": person.id}
    assert look(write_line(NOON + timedelta(hours=1), "role_granted", user_id=giver.id)) == []


def test_the_service_that_grants_roles_sets_the_alert_off(session, account, look, act_as):
    from app.security.roles.services import grant_role

    hat = session.scalars(select(Membership).where(Membership.user_id == account("police_clerk").id)).one()
    with act_as("office") as unit:
        grant_role(unit, hat.id, "agency_admin", until=None, reason="接任管理员")
    line = session.scalars(
        select(SecurityLog).where(SecurityLog.action == "role_granted").order_by(SecurityLog.id.desc())
    ).first()
    assert look(line.id) == [AlertKind.NEW_ADMINISTRATOR]


def test_five_wrong_passwords_at_the_log_in_page_are_an_alert(client_as, session, account, look):
    client = client_as(None)
    for _ in range(5):
        client.post("/login/", data={"username": "police_clerk", "password": "wrong-password"})
    session.info["scope"] = Scope.system("test")
    jobs = session.scalars(select(Outbox.args).where(Outbox.kind == "ops.alerts").order_by(Outbox.id)).all()
    found = [kind for args in jobs for kind in look(args["line"])]
    assert found == [AlertKind.FAILURES]


def test_a_change_of_the_policy_is_an_alert_every_time(write_line, account, look):
    who = account("secadmin").id
    assert look(write_line(NOON, "policy_changed", user_id=who, detail="idle_minutes 30 -> 60")) == [
        "policy_changed"
    ]
    assert look(write_line(NOON, "policy_changed", user_id=who, detail="idle_minutes 60 -> 30")) == [
        "policy_changed"
    ]


def test_a_line_is_looked_at_by_a_job_right_after_it_and_once(own_app, clock):
    from app.db import db
    from tests.conftest import _unit_as

    with _unit_as("secadmin", clock) as unit:
        note_security(unit, "policy_changed", "ok", detail="idle_minutes")
        job = unit.session.scalars(select(Outbox.id).where(Outbox.kind == "ops.alerts")).one()
    assert run_outbox(job) == "done" and run_outbox(job) == "skip"
    session = db.session()
    from app.security.scope import Scope

    session.info["scope"] = Scope.system("test")
    assert [alert.kind for alert in session.scalars(select(SecurityAlert))] == ["policy_changed"]
    session.rollback()


def test_the_audit_administrator_is_told_of_all_and_the_security_administrator_of_lock_outs(
    session, write_line, account, look
):
    look(write_line(NOON, "account_locked", user_id=account("police_clerk").id))
    look(write_line(NOON, "policy_changed", user_id=account("secadmin").id))
    told = dict.fromkeys(("auditadmin", "secadmin", "sysadmin"), 0)
    for name in told:
        query = select(Message).where(Message.user_id == account(name).id, Message.kind == "ops.alert")
        told[name] = len(session.scalars(query).all())
    assert told == {"auditadmin": 2, "secadmin": 1, "sysadmin": 0}


def test_the_workbench_leads_to_the_alert(write_line, account, look, act_as, clock):
    look(write_line(NOON, "account_locked", user_id=account("police_clerk").id))
    look(write_line(NOON, "policy_changed", user_id=account("secadmin").id))
    lines = {}
    for name in ("auditadmin", "secadmin", "police_clerk"):
        with act_as(name) as unit:
            found = lines_for(unit.session, unit.actor, clock)
            lines[name] = [line.url for line in found if line.kind == "alert"]
    assert [len(lines[name]) for name in ("auditadmin", "secadmin", "police_clerk")] == [2, 1, 0]


def test_acknowledging_needs_a_note_and_keeps_who_and_when(session, write_line, account, look, act_as):
    look(write_line(NOON, "policy_changed", user_id=account("secadmin").id))
    number = alerts(session)[0].id
    with pytest.raises(Invalid), act_as("auditadmin") as unit:
        services.acknowledge(unit, number, " ")
    with pytest.raises(NotFound), act_as("secadmin") as unit:
        services.acknowledge(unit, number, "不归我看")
    with act_as("auditadmin") as unit:
        services.acknowledge(unit, number, "已向本人核实")
    with act_as("auditadmin") as unit:
        services.acknowledge(unit, number, "再说一遍")
    alert = alerts(session)[0]
    assert (alert.note, alert.acknowledged_by) == ("已向本人核实", account("auditadmin").id)
    noted = session.scalars(select(SecurityLog).where(SecurityLog.action == "alert_acknowledged")).all()
    assert [line.subject for line in noted] == [f"alert:{number}"]


def test_pages_show_alerts_to_whom_they_belong(session, write_line, account, look, client_as):
    look(write_line(NOON, "account_locked", user_id=account("police_clerk").id))
    look(write_line(NOON, "policy_changed", user_id=account("secadmin").id, detail="lock_minutes"))
    lock, policy = (alert.id for alert in alerts(session))
    audit, security = client_as("auditadmin"), client_as("secadmin")
    assert "更改了安全策略" in audit.get("/security-alerts/").text
    assert "更改了安全策略" not in security.get("/security-alerts/").text
    assert security.get(f"/security-alerts/{policy}").status_code == 404
    assert client_as("sysadmin").get("/security-alerts/").status_code == 404
    assert audit.post(f"/security-alerts/{policy}", data={"note": ""}).status_code == 422
    assert security.post(f"/security-alerts/{lock}", data={"note": "已解锁"}).status_code == 302
    assert "已解锁" in audit.get("/security-alerts/?show=done").text
