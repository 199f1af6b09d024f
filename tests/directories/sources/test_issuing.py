"""Codes that the portal issues: per region, none twice, asked for in the form, the import and the interface."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.directories.sources.services import issue_codes
from app.directories.targets.models import Target
from app.directories.targets.queries import by_code
from app.directories.targets.services import add_target, upgrade_code
from app.kernel.errors import Invalid
from app.kernel.identifiers import identify, make_internal_code
from app.security.models import Region
from tests.directories.sources.batches import code
from tests.directories.sources.test_pushing import VALUES


def region_id(session, wanted="640104"):
    return session.scalars(select(Region.id).where(Region.code == wanted)).one()


@pytest.mark.rule("R-11.5")
def test_codes_are_numbered_per_region_and_never_given_twice(act_as, session):
    here, there = region_id(session), region_id(session, "640105")
    with act_as("office") as unit:
        first = issue_codes(unit, {here: 3, there: 1})
        second = issue_codes(unit, {here: 2})
    assert len({*first[here], *second[here]}) == 5
    assert all(identify(one) for one in [*first[here], *first[there]])
    assert first[there] == [make_internal_code("640105", 1)]


def test_a_code_that_came_in_from_elsewhere_is_left_out(act_as, session):
    here = region_id(session)
    with act_as("office") as unit:
        (last,) = issue_codes(unit, {here: 1})[here]
        serial = int(last[7:15])
        taken = make_internal_code("640104", serial + 1)
        add_target(unit, {**VALUES, "code": taken, "kind": "enterprise", "name": "外来编码示例"})
        assert issue_codes(unit, {here: 1})[here] == [make_internal_code("640104", serial + 2)]


@pytest.mark.rule("R-11.5")
def test_a_target_without_any_code_gets_one_in_the_form_and_keeps_it_after_the_upgrade(act_as, session):
    with act_as("office") as unit:
        made = add_target(
            unit, {**VALUES, "code": "申请内部编码", "kind": "enterprise", "name": "无代码示例"}
        )
        issued = made.code
        assert identify(issued)
        upgrade_code(unit, made.id, code(1))
    session.expire_all()
    assert by_code(session, issued).code == code(1)
    with act_as("office") as unit:
        assert issued not in issue_codes(unit, {made.region_id: 20})[made.region_id]


def test_the_wish_for_a_code_needs_region_and_kind(act_as):
    with act_as("office") as unit, pytest.raises(Invalid) as refused:
        values = {name: text for name, text in VALUES.items() if name != "region"}
        add_target(unit, {**values, "code": "NEW", "name": "无代码示例"})
    assert {fault.field for fault in refused.value.faults} == {"kind", "region"}


def test_the_form_of_a_target_offers_a_code_of_the_portal(client_as, session):
    client = client_as("office")
    assert "issue_code" in client.get("/targets/add").text
    sent = {**VALUES, "name": "表单无代码示例", "kind": "enterprise", "issue_code": "y", "code": ""}
    answer = client.post("/targets/add", data=sent)
    assert answer.status_code == 302
    session.expire_all()
    made = session.scalars(select(Target).where(Target.name == "表单无代码示例")).one()
    assert made.code_kind == "internal" and identify(made.code)
