"""The set-up of an installation without the demo: one code, four accounts, then closed for ever."""

from __future__ import annotations

import json
import re

import pytest
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import delete, func, select, text, update

from app.audit.models import Event
from app.kernel.errors import Refused
from app.security import grants
from app.security.models import Account, Membership, MembershipRole, SecurityLog
from app.security.queries import roles_of
from app.security.roles.models import SetUp
from app.security.roles.services import setting_up
from app.security.scope import Scope

PEOPLE = {
    "system_admin_name": "系统甲示例",
    "system_admin_username": "first_system",
    "security_admin_name": "安全乙示例",
    "security_admin_username": "first_security",
    "audit_admin_name": "审计丙示例",
    "audit_admin_username": "first_audit",
    "office_admin_name": "联席办丁示例",
    "office_admin_username": "first_office",
}


@pytest.fixture
def empty(app, session):
    """An installation in which nobody holds a role yet."""
    session.execute(delete(MembershipRole).execution_options(synchronize_session=False))
    session.commit()
    app.extensions.pop("set_up_open", None)
    yield session
    app.extensions.pop("set_up_open", None)


@pytest.fixture
def code(empty, act_as_system):
    with act_as_system() as unit:
        return setting_up.begin_set_up(unit)


def _log(session) -> list[tuple[str, str]]:
    session.info["scope"] = Scope.system("test")
    rows = session.scalars(select(SecurityLog).where(SecurityLog.action == "set_up").order_by(SecurityLog.id))
    return [(row.outcome, row.detail) for row in rows]


def test_there_is_no_page_before_the_set_up_has_begun(empty, client_as):
    assert client_as(None).get("/setup/").status_code == 404
    assert client_as(None).post("/setup/", data={"code": "x", **PEOPLE}).status_code == 404


def test_the_demo_cannot_be_set_up_again(app, client_as, act_as_system):
    with pytest.raises(Refused) as error, act_as_system() as unit:
        setting_up.begin_set_up(unit)
    assert error.value.code == "set_up_done"
    assert client_as(None).get("/setup/").status_code == 404


def test_the_command_prints_a_code_once_and_keeps_only_its_digest(app, empty):
    answer = app.test_cli_runner().invoke(args=["setup", "begin"])
    assert answer.exit_code == 0, answer.output
    printed = answer.output.strip().splitlines()[-1]
    empty.info["scope"] = Scope.system("test")
    row = empty.get(SetUp, 1, populate_existing=True)
    assert row.code_digest == setting_up._digest(printed)
    assert app.test_cli_runner().invoke(args=["setup", "status"]).output.strip() == "open"
    again = json.loads(app.test_cli_runner().invoke(args=["setup", "begin", "--json"]).output)
    assert again["url"].endswith("/setup/")
    assert again["code"] != printed
    status = app.test_cli_runner().invoke(args=["setup", "status", "--json"]).output
    assert json.loads(status) == {"set_up": "open"}


def test_the_command_says_why_it_does_not_begin(app):
    answer = app.test_cli_runner().invoke(args=["setup", "begin"])
    assert answer.exit_code != 0
    assert answer.output.strip()
    assert app.test_cli_runner().invoke(args=["setup", "status"]).output.strip() == "closed"


def test_four_people_are_made_and_the_set_up_closes_for_ever(
    app, code, empty, client_as, clock, act_as_system
):
    client = client_as(None)
    page = client.get("/setup/")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    done = client.post("/setup/", data={"code": code, **PEOPLE})
    assert done.status_code == 200
    assert done.headers["Cache-Control"] == "no-store"
    passwords = re.findall(r"[A-Z][a-z]{5}-\d{4}-[A-Z][a-z]{5}", done.text)
    assert len(set(passwords)) == 4
    empty.info["scope"] = Scope.system("test")
    from app.kernel.clock import today

    held = {
        m.user.username: (roles_of(m, today(clock)), m.agency.code, m.user.must_change_password)
        for m in empty.scalars(
            select(Membership).join(Membership.user).where(Account.username.like("first_%"))
        )
    }
    assert held == {
        f"first_{short}": (frozenset({role}), "OFFICE-640000", True)
        for short, role in (
            ("system", "system_admin"),
            ("security", "security_admin"),
            ("audit", "audit_admin"),
            ("office", "office_admin"),
        )
    }
    assert _log(empty)[-1] == ("ok", "closed")
    assert empty.scalar(select(func.count()).select_from(Event).where(Event.tag == "set_up.closed")) == 1
    assert client.get("/setup/").status_code == 404
    assert client.post("/setup/", data={"code": code, **PEOPLE}).status_code == 404
    empty.execute(delete(MembershipRole).execution_options(synchronize_session=False))
    empty.commit()
    with pytest.raises(Refused), act_as_system() as unit:
        setting_up.begin_set_up(unit)


def test_a_first_password_logs_in(code, empty, client_as):
    done = client_as(None).post("/setup/", data={"code": code, **PEOPLE}).text
    word = re.findall(r"[A-Z][a-z]{5}-\d{4}-[A-Z][a-z]{5}", done)[3]
    answer = client_as(None).post("/login/", data={"username": "first_office", "password": word})
    assert answer.status_code == 302
    assert "/login/" not in answer.location.split("?")[0] or "second" in answer.location


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"audit_admin_username": "first_system"}, "已存在"),
        ({"audit_admin_username": ""}, "填写"),
        ({"office_admin_name": " "}, "填写"),
        ({"audit_admin_username": "police_clerk"}, "已存在"),
        ({"audit_admin_username": "审计"}, "英文字母"),
    ],
)
def test_entries_with_faults_are_marked_and_nothing_is_made(changes, words, code, empty, client_as):
    answer = client_as(None).post("/setup/", data={"code": code, **PEOPLE, **changes})
    assert answer.status_code == 422
    assert words in answer.text
    empty.info["scope"] = Scope.system("test")
    query = select(func.count()).select_from(Account).where(Account.username.like("first_%"))
    assert empty.scalar(query) == 0
    assert client_as(None).post("/setup/", data={"code": code, **PEOPLE}).status_code == 200


def test_wrong_codes_are_noted_and_ten_of_them_close_the_page(code, empty, client_as):
    client = client_as(None)
    for _time in range(10):
        assert client.post("/setup/", data={"code": "guess", **PEOPLE}).status_code == 422
    assert client.get("/setup/").status_code == 404
    assert client.post("/setup/", data={"code": code, **PEOPLE}).status_code == 404
    refused = [detail for outcome, detail in _log(empty) if outcome == "refused"]
    assert refused[0] == "wrong code, 1"
    assert len(refused) == 10


def test_a_code_ends_after_a_day_and_with_the_next_one(code, empty, client_as, clock, act_as_system):
    with act_as_system() as unit:
        second = setting_up.begin_set_up(unit)
    assert client_as(None).post("/setup/", data={"code": code, **PEOPLE}).status_code == 422
    clock.advance(hours=25)
    assert client_as(None).get("/setup/").status_code == 404
    assert client_as(None).post("/setup/", data={"code": second, **PEOPLE}).status_code == 404


def test_every_page_says_so_while_it_is_open(app, code, empty, client_as, monkeypatch):
    monkeypatch.setattr("app.web.chrome.has_demo_mark", lambda: False)
    assert "初始设置正在开放" in client_as(None).get("/login/").text
    client_as(None).post("/setup/", data={"code": code, **PEOPLE})
    assert "初始设置正在开放" not in client_as(None).get("/login/").text


def test_the_all_powerful_role_is_held_by_nobody_and_grants_nothing(
    app, code, empty, client_as, act_as_system
):
    """Somebody made an account with Flask-AppBuilder's own command; it is closed together with the set-up."""
    empty.info["scope"] = Scope.system("test")
    admin = empty.scalars(select(Role).where(Role.name == "Admin")).one()
    account = Account(
        username="root", first_name="r", last_name="", email="root@portal.invalid", active=True, password="x"
    )
    account.roles = [admin]
    empty.add(account)
    empty.execute(
        text(
            "INSERT INTO ab_permission_view_role(permission_view_id, role_id)"
            " SELECT id, :role FROM ab_permission_view ON CONFLICT DO NOTHING"
        ),
        {"role": admin.id},
    )
    empty.commit()
    with act_as_system() as unit:
        grants.sync(unit.session, app.appbuilder.baseviews)
    rights = "SELECT count(*) FROM ab_permission_view_role WHERE role_id = :role"
    assert empty.scalar(text(rights), {"role": admin.id}) == 0
    for path in ("/targets/", "/tasks/", "/roles/", "/console/"):
        assert client_as("root").get(path).status_code in {302, 404}, path
    client_as(None).post("/setup/", data={"code": code, **PEOPLE})
    empty.info["scope"] = Scope.system("test")
    empty.expire_all()
    assert empty.get(User, account.id).active is False
    assert (
        empty.scalar(text("SELECT count(*) FROM ab_user_role WHERE role_id = :role"), {"role": admin.id}) == 0
    )


def test_in_the_demo_nobody_holds_the_all_powerful_role(session):
    query = (
        "SELECT (SELECT count(*) FROM ab_user_role ur JOIN ab_role r ON r.id = ur.role_id WHERE r.name = 'Admin')"
        " + (SELECT count(*) FROM membership_role m JOIN ab_role r ON r.id = m.role_id WHERE r.name = 'Admin')"
        " + (SELECT count(*) FROM ab_permission_view_role p JOIN ab_role r ON r.id = p.role_id"
        " WHERE r.name = 'Admin')"
    )
    assert session.scalar(text(query)) == 0
    assert session.execute(update(User).where(User.username == "admin").values(active=False)).rowcount == 0
