"""Pages about roles: the list, the matrix, composing, what a person can do, who sees a record."""

from __future__ import annotations

import csv
import io
import re

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import event, select

from app.db import db
from app.security.grants import declared
from app.security.models import CustomRole, SecurityLog
from app.security.roles import queries, services
from app.security.roles.words import by_stage, missing, say
from app.security.scope import Scope
from app.security.scoping import scoped_models

OFFICE_HAND = {"name": "资料员示例", "note": "录入名录", "reason": "人手不足"}


@pytest.fixture
def role_id(session):
    return lambda name: session.scalars(select(Role.id).where(Role.name == name)).one()


@pytest.fixture
def composed(act_as):
    with act_as("office") as unit:
        return services.compose_role(
            unit,
            bases={"clerk", "agency_admin"},
            permissions={("can_list", "TargetView"), ("can_keep", "TargetView"), ("can_act", "Tasks")},
            **OFFICE_HAND,
        )


def test_every_permission_that_a_view_declares_has_plain_words(app):
    granted = {pair for pair, holders in declared(app.appbuilder.baseviews).items() if holders}
    assert missing(granted) == []


def test_every_permission_in_the_database_is_worded_in_chinese(app, session):
    pairs = frozenset().union(*queries.permissions_by_role(session).values())
    with app.test_request_context():
        bare = [pair for pair in pairs if not re.search(r"[一-鿿]", say(pair))]
    assert bare == []


def test_the_stages_come_in_the_order_of_an_inspection(app, session):
    pairs = frozenset().union(*queries.permissions_by_role(session).values())
    stages = [key for key, _heading, _lines in by_stage(pairs)]
    order = ["work", "prepare", "carry_out", "publish", "sum_up", "settings", "lists"]
    assert stages == [key for key in order if key in stages]
    assert sum(len(lines) for _key, _heading, lines in by_stage(pairs)) == len(pairs)


@pytest.mark.parametrize(
    "name", ["region_office", "office", "police_admin", "secadmin", "auditadmin", "auditor"]
)
def test_who_has_to_do_with_roles_reads_list_matrix_and_role(name, client_as, role_id):
    client = client_as(name)
    for path in ("/roles/", "/roles/matrix", "/roles/matrix?role=clerk", f"/roles/{role_id('clerk')}"):
        page = client.get(path)
        assert page.status_code == 200, path
        assert "业务经办" in page.text


@pytest.mark.parametrize("name", ["police_clerk", "police_reviewer", "sysadmin"])
def test_others_find_no_such_pages(name, client_as):
    client = client_as(name)
    for path in ("/roles/", "/roles/matrix", "/roles/new", "/roles/who-can-see/"):
        assert client.get(path).status_code == 404, path


@pytest.mark.parametrize("path", ["/roles/", "/roles/matrix", "/roles/new"])
def test_pages_stay_within_their_queries(path, client_as, composed):
    client = client_as("office")
    client.get(path)
    statements: list[str] = []

    def note(connection, cursor, statement, *rest):
        if statement.lstrip().upper().startswith(("SELECT", "WITH")) and "set_config" not in statement:
            statements.append(statement)

    event.listen(db.engine.engine, "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(db.engine.engine, "before_cursor_execute", note)
    assert len(statements) <= 15, statements


def test_the_matrix_as_a_file_has_a_line_per_permission_and_a_column_per_role(client_as, composed, session):
    answer = client_as("office").get("/roles/matrix.csv")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0][:3] == ["阶段", "权限", "联席办管理员"]
    assert rows[0][-1] == "资料员示例"
    line = next(row for row in rows if row[1] == "登记、修改、注销检查对象")
    assert line[-1] == "✓"
    assert line[rows[0].index("执法检查人员")] == ""
    session.info["scope"] = Scope.system("test")
    log = session.scalars(select(SecurityLog).where(SecurityLog.subject == "roles:matrix")).all()
    assert [(line.action, line.outcome) for line in log] == [("exported", "ok")]


def test_an_office_composes_a_role_in_two_steps(client_as, session):
    client = client_as("office")
    first = client.get("/roles/new").text
    assert 'value="clerk"' in first
    assert 'value="office_admin"' not in first
    second = client.get("/roles/new?base=clerk").text
    assert "can_list:TargetView" in second
    assert "can_review:ReviewView" not in second
    answer = client.post(
        "/roles/new",
        data={"base": ["clerk"], "permission": ["can_list:TargetView"], "act": "store", **OFFICE_HAND},
    )
    assert answer.status_code == 302
    session.info["scope"] = Scope.system("test")
    assert [c.name for c in session.scalars(select(CustomRole))] == ["资料员示例"]
    page = client.get(answer.location).text
    assert "资料员示例" in page
    assert "查询、浏览检查对象名录" in page


def test_a_forged_permission_is_refused_noted_and_loses_no_entry(client_as, session):
    data = {"base": ["clerk"], "permission": ["can_review:ReviewView"], "act": "store", **OFFICE_HAND}
    answer = client_as("office").post("/roles/new", data=data)
    assert answer.status_code == 422
    assert "人手不足" in answer.text
    session.info["scope"] = Scope.system("test")
    assert session.scalars(select(CustomRole)).all() == []
    line = session.scalars(select(SecurityLog).order_by(SecurityLog.id.desc())).first()
    assert (line.action, line.outcome, line.detail) == ("role_composed", "refused", "permission_beyond_bases")


def test_a_change_is_shown_before_it_is_stored(client_as, composed, session, newcomer, act_as):
    person = newcomer("POLICE-640100")
    with act_as("office") as unit:
        services.grant_role(unit, person.id, composed.role.name, until=None, reason="示例")
    client, path = client_as("office"), f"/roles/{composed.role_id}/change"
    data = {
        "base": ["clerk"],
        "permission": ["can_list:TargetView", "can_read:Tasks"],
        "seen": str(composed.version),
        **OFFICE_HAND,
    }
    preview = client.post(path, data={**data, "act": "preview"})
    assert preview.status_code == 200
    assert "有 1 人持有该角色" in preview.text
    assert "查看抽查任务及其时间线" in preview.text
    session.info["scope"] = Scope.system("test")
    assert ("can_keep", "TargetView") in queries.permissions_by_role(session)[composed.role.name]
    assert client.post(path, data={**data, "act": "store"}).status_code == 302
    session.info["scope"] = Scope.system("test")
    assert queries.permissions_by_role(session)[composed.role.name] == {
        ("can_list", "TargetView"),
        ("can_read", "Tasks"),
    }


@pytest.mark.parametrize("name", ["region_office", "police_admin", "secadmin"])
def test_others_change_and_archive_nothing_of_it(name, client_as, composed):
    client = client_as(name)
    for path in (f"/roles/{composed.role_id}/change", f"/roles/{composed.role_id}/archive"):
        assert client.get(path).status_code == 404
        assert client.post(path, data={"reason": "示例"}).status_code == 404


def test_a_standard_role_is_not_changed(client_as, role_id):
    client = client_as("office")
    for act in ("change", "archive"):
        assert client.get(f"/roles/{role_id('clerk')}/{act}").status_code == 404


def test_archiving_asks_what_the_holders_get(client_as, composed, session, newcomer, act_as, held):
    person = newcomer("POLICE-640100")
    with act_as("office") as unit:
        services.grant_role(unit, person.id, composed.role.name, until=None, reason="示例")
    client, path = client_as("office"), f"/roles/{composed.role_id}/archive"
    assert client.post(path, data={"reason": "示例", "move_to": ""}).status_code == 422
    assert client.post(path, data={"reason": "示例", "move_to": "clerk"}).status_code == 302
    session.info["scope"] = Scope.system("test")
    assert held(person.id) == {"clerk"}


def test_what_a_person_can_do_names_the_role_its_end_and_who_gave_it(
    client_as, newcomer, act_as, session, clock
):
    from datetime import timedelta

    from app.kernel.clock import today

    person = newcomer("POLICE-640100")
    end = today(clock) + timedelta(days=6)
    with act_as("police_admin") as unit:
        services.grant_role(unit, person.id, "clerk", until=end, reason="顶岗示例")
    page = client_as("office").get(f"/roles/explain/{person.user_id}").text
    for words in ("业务经办", f"至 {end}", "市公安局管理员示例", "顶岗示例", "冻结抽取范围", "可读取和修改"):
        assert words in page, words
    assert "您可授予： 执法检查人员" in page.replace("\n", "")


@pytest.mark.parametrize(
    ("asker", "person", "answer"),
    [
        ("office", "police_clerk", 200),
        ("police_admin", "police_clerk", 200),
        ("police_admin", "police_admin", 200),
        ("police_admin", "amr_clerk", 404),
        ("office", "region_office", 404),
        ("region_office", "police_clerk", 404),
        ("secadmin", "auditadmin", 200),
        ("secadmin", "police_clerk", 404),
        ("police_clerk", "police_clerk", 404),
    ],
)
def test_people_of_other_areas_are_not_explained(asker, person, answer, member, client_as):
    assert client_as(asker).get(f"/roles/explain/{member(person).user_id}").status_code == answer
    assert client_as(asker).get("/roles/explain/987654321").status_code == 404


def test_the_kinds_that_can_be_asked_are_tables_with_a_wall():
    from app.security.roles.seeing import LABELS

    assert set(LABELS) <= {model.__tablename__ for model in scoped_models()}


def test_rights_of_a_designed_list_carry_the_lists_name(client_as, act_as_system, agency):
    from app.designer.models import ListType
    from app.security.grants import grant

    with act_as_system() as unit:
        unit.session.add(
            ListType(
                slug="duty-book",
                name="值班登记",
                agency_id=agency("OFFICE-640100").id,
                fields=[],
                created_by="u1",
                created_at=unit.clock.now(),
            )
        )
        grant(unit.session, "List:duty-book", {"can_list": frozenset({"clerk"})})
    assert "浏览“值班登记”" in client_as("office").get("/roles/matrix").text
