"""Every page of the area opens, within its budget of queries, for those who administer people and nobody else."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select

from app.db import db
from app.security.models import Account, Membership

PAGES = (
    "/people/",
    "/people/?q=5678&state=active&last=never&ends=soon&role=clerk",
    "/people/invite",
    "/people/invitations",
    "/people/invitations?all=1",
    "/people/moves/",
    "/people/agencies",
    "/people/import/",
    "/people/import/template.xlsx",
    "/people/export?as=csv",
    "/people/export?as=xlsx",
)

FRAME = 10
"""Questions of the frame around every page: account, memberships, roles, scope, rights, figures of the menu."""


def id_of(name: str) -> int:
    return db.session().execute(select(Account.__table__.c.id).where(Account.username == name)).scalar_one()


def agency_of(name: str) -> int:
    table = Membership.__table__
    return db.session().execute(select(table.c.agency_id).where(table.c.user_id == id_of(name))).scalar_one()


def short(statement: str) -> str:
    line = " ".join(statement.split())
    return f"{line[:60]} … {line.partition(' FROM ')[2][:50]}"


def place_of(name: str) -> int:
    table = Membership.__table__
    return db.session().execute(select(table.c.id).where(table.c.user_id == id_of(name))).scalar_one()


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("name", ["office", "police_admin", "secadmin"])
def test_whoever_administers_people_opens_every_page(client_as, name, address):
    assert client_as(name).get(address).status_code == 200


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("name", ["police_clerk", "auditor", "sysadmin"])
def test_for_everybody_else_the_pages_are_not_there(client_as, name, address):
    assert client_as(name).get(address).status_code == 404


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_every_page_of_one_person_opens(client_as, locale):
    client = client_as("office", locale)
    person, place = id_of("police_clerk"), place_of("police_clerk")
    amr = (
        db.session()
        .execute(select(Membership.__table__.c.agency_id).where(Membership.user_id == id_of("amr_admin")))
        .scalar_one()
    )
    police = (
        db.session()
        .execute(select(Membership.__table__.c.agency_id).where(Membership.user_id == person))
        .scalar_one()
    )
    for tail in (
        "",
        f"/grant/{place}",
        "/membership",
        f"/membership/{place}/end",
        f"/membership/{place}/title",
        "/lock",
        "/unlock",
        "/slip",
        "/leave",
        "/return",
        f"/move/{place}",
        f"/move/{place}?agency={amr}",
        f"/ask/{place}",
    ):
        page = client.get(f"/people/{person}{tail}")
        assert page.status_code == 200, tail
    assert client.get(f"/people/dissolve/{police}").status_code == 200


@pytest.mark.parametrize(
    "address", ["/people/", "/people/?q=示例", "/people/invitations", "/people/agencies", "/people/{person}"]
)
def test_a_page_stays_within_its_budget_of_queries(client_as, address):
    client = client_as("office")
    path = address.format(person=id_of("police_clerk"))
    client.get(path)
    asked = []

    def count(conn, cursor, statement, *rest):
        if statement.lstrip().upper().startswith(("SELECT", "WITH")) and "set_config" not in statement:
            asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    own = 20 if "{person}" in address else 6
    assert len(asked) - FRAME <= own, "\n".join(short(line) for line in asked)
