"""Attempts to raise rights through the pages: what is sent by hand is refused like what is not offered."""

from __future__ import annotations

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select

from app.security.models import SecurityLog
from app.security.roles import services
from app.security.rules import RoleName
from app.security.scope import Scope

# (who, unit of the receiver, roles that pass); every other role is refused, at the same address.
SAMPLE = [
    ("office", "HEALTH-640100", {"agency_admin", "clerk", "reviewer", "inspector", "auditor"}),
    ("office", "OFFICE-640104", {"office_admin", "reviewer", "clerk", "auditor"}),
    ("office", "OFFICE-640100", {"reviewer", "clerk", "auditor"}),
    ("police_admin", "POLICE-640100", {"clerk", "reviewer", "inspector"}),
    ("region_office", "OFFICE-640100", {"office_admin", "reviewer", "clerk", "auditor"}),
    (
        "secadmin",
        "OFFICE-640000",
        {"office_admin", "reviewer", "clerk", "auditor", "system_admin", "security_admin", "audit_admin"},
    ),
]
# (who, unit of the receiver): outside the own area, the page is not there for any role.
OUTSIDE = [
    ("office", "POLICE-640200"),
    ("office", "OFFICE-640000"),
    ("office", "POLICE-640104"),
    ("police_admin", "AMR-640100"),
    ("region_office", "POLICE-640100"),
    ("secadmin", "POLICE-640100"),
    ("police_clerk", "POLICE-640100"),
    ("auditadmin", "OFFICE-640000"),
]


def _send(client, person, role: str) -> int:
    path = f"/people/{person.user_id}/grant/{person.id}"
    return client.post(path, data={"role": role, "until": "", "reason": "示例"}).status_code


@pytest.mark.rule("R-30.1")
@pytest.mark.parametrize(
    ("who", "unit", "passing"), SAMPLE, ids=lambda value: value if isinstance(value, str) else "several"
)
def test_only_the_roles_of_the_table_are_given_through_the_page(
    who, unit, passing, client_as, newcomer, held
):
    client = client_as(who)
    for role in RoleName:
        person = newcomer(unit)
        status = _send(client, person, role.value)
        assert held(person.id) == ({role.value} if role in passing else frozenset()), role
        assert (status == 302) == (role in passing), (role, status)


@pytest.mark.rule("R-30.1")
@pytest.mark.parametrize(("who", "unit"), OUTSIDE)
def test_outside_the_area_there_is_no_page(who, unit, client_as, newcomer, held):
    client, person = client_as(who), newcomer(unit)
    for role in RoleName:
        assert _send(client, person, role.value) == 404
    assert held(person.id) == frozenset()


@pytest.mark.parametrize("who", ["office", "police_admin", "region_office", "secadmin"])
def test_nobody_reaches_the_own_roles_through_the_page(who, client_as, member, held):
    mine = member(who)
    before = held(mine.id)
    for role in RoleName:
        assert _send(client_as(who), mine, role.value) != 302
    assert held(mine.id) == before


@pytest.mark.parametrize("name", ["Admin", "Public", "custom-unknown", "", "clerk'--"])
def test_names_that_no_person_holds_are_refused(name, client_as, newcomer, held, session):
    person = newcomer("POLICE-640100")
    assert _send(client_as("police_admin"), person, name) != 302
    session.info["scope"] = Scope.system("test")
    assert held(person.id) == frozenset()
    session.info["scope"] = Scope.system("test")
    admin = session.scalars(select(Role.id).where(Role.name == "Admin")).one()
    path = f"/people/{person.user_id}/revoke/{person.id}/{admin}"
    assert client_as("police_admin").post(path, data={"reason": "示例"}).status_code in {302, 404}


def test_a_refused_attempt_stands_in_the_security_log(client_as, member, newcomer, act_as, session):
    """A composed role of an office is known to the agency, but beyond what its administrator gives."""
    with act_as("office") as unit:
        custom = services.compose_role(
            unit,
            name="单位助理示例",
            note="",
            bases={"agency_admin"},
            permissions={("can_keep", "TargetView")},
            reason="示例",
        )
        name = custom.role.name
    person = newcomer("POLICE-640100")
    assert _send(client_as("police_admin"), person, name) != 302
    session.info["scope"] = Scope.system("test")
    query = select(SecurityLog).where(SecurityLog.subject == f"account:{person.user_id}")
    assert [(row.action, row.outcome) for row in session.scalars(query)] == [("role_granted", "refused")]
