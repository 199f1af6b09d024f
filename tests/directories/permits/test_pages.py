"""Permits and premises: on the page of their target, in their own lists, by whom they are kept."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.directories.permits.models import Permit
from app.directories.premises.models import Premises
from app.directories.targets.models import Target
from app.security.scope import Scope


def first(session, statement):
    """The first row of all; a request before has left its own scope on the session."""
    session.info["scope"] = Scope.system("test")
    return session.scalars(statement).first()


@pytest.fixture
def target(session):
    held = select(Permit.target_id).where(Permit.status == "valid")
    return first(
        session,
        select(Target)
        .where(Target.code.like("9_6401%"), Target.status == "active", Target.id.in_(held))
        .order_by(Target.id),
    )


PERMIT = {
    "kind": "tobacco_retail",
    "number": "宁烟零字〔2026〕第1号",
    "authority": "银川市烟草专卖局",
    "valid_from": "2026-01-01",
    "valid_until": "2030-12-31",
    "status": "valid",
}
PLACE = {
    "kind": "warehouse",
    "name": "北仓",
    "address": "银川市演示路9号",
    "area": "1,250.5 ㎡",
    "status": "used",
}


@pytest.mark.parametrize("path", ["/permits/", "/premises/", "/permits/?standing=ends_soon&q=宁"])
def test_the_lists_open_for_everybody_with_a_place_in_the_business(client_as, path):
    for name in ("police_clerk", "office", "auditor"):
        assert client_as(name).get(path).status_code == 200


def test_the_page_of_a_target_shows_its_permits(client_as, session, target):
    permit = first(session, select(Permit).where(Permit.target_id == target.id))
    page = client_as("police_clerk").get(f"/targets/{target.id}").text
    assert permit.number in page and permit.authority in page


def test_the_office_adds_changes_and_removes_a_permit_of_the_base(client_as, session, target):
    office = client_as("office")
    answer = office.post(f"/permits/target/{target.id}/add", data=PERMIT)
    assert answer.status_code == 302
    permit = first(session, select(Permit).where(Permit.number == PERMIT["number"]))
    assert permit.agency_id is None and permit.region_id == target.region_id
    changed = {**PERMIT, "valid_until": "2031-12-31", "version": permit.version}
    assert office.post(f"/permits/{permit.id}/edit", data=changed).status_code == 302
    session.refresh(permit)
    assert permit.valid_until.year == 2031
    assert office.post(f"/permits/{permit.id}/remove", data={"reason": "重复录入"}).status_code == 302
    assert first(session, select(Permit).where(Permit.number == PERMIT["number"])) is None


def test_an_agency_adds_premises_of_its_own_and_nobody_else_changes_them(client_as, session, target):
    assert client_as("police_admin").post(f"/premises/target/{target.id}/add", data=PLACE).status_code == 302
    place = first(session, select(Premises).where(Premises.name == "北仓"))
    assert place.agency.code == "POLICE-640100" and str(place.area) == "1250.50"
    change = {**PLACE, "name": "南仓", "version": place.version}
    assert client_as("police_admin").post(f"/premises/{place.id}/edit", data=change).status_code == 302
    change = {**change, "name": "西仓", "version": 2}
    assert client_as("office").post(f"/premises/{place.id}/edit", data=change).status_code == 422
    assert client_as("amr_clerk").get(f"/premises/{place.id}/edit").status_code == 404


def test_every_fault_stands_beside_its_field(client_as, target):
    wrong = {
        "kind": "",
        "number": "",
        "authority": "局",
        "valid_from": "2026-02-01",
        "valid_until": "2025-01-01",
    }
    answer = client_as("office").post(f"/permits/target/{target.id}/add", data=wrong)
    assert answer.status_code == 422
    for words in ("请选择许可证类型", "缺少许可证编号", "早于"):
        assert words in answer.text


def test_the_same_permit_twice_is_refused(client_as, target):
    office = client_as("office")
    assert office.post(f"/permits/target/{target.id}/add", data=PERMIT).status_code == 302
    again = office.post(f"/permits/target/{target.id}/add", data=PERMIT)
    assert again.status_code == 422 and "已有" in again.text


def test_a_change_of_what_somebody_changed_meanwhile_names_both_values(client_as, session, target):
    office = client_as("office")
    office.post(f"/permits/target/{target.id}/add", data=PERMIT)
    permit = first(session, select(Permit).where(Permit.number == PERMIT["number"]))
    office.post(f"/permits/{permit.id}/edit", data={**PERMIT, "authority": "甲局", "version": 1})
    answer = office.post(f"/permits/{permit.id}/edit", data={**PERMIT, "authority": "乙局", "version": 1})
    assert answer.status_code == 422 and "甲局" in answer.text and "乙局" in answer.text


def test_permits_of_another_city_are_not_there(client_as, session):
    elsewhere = first(
        session, select(Permit).join(Target, Target.id == Permit.target_id).where(Target.code.like("9_6403%"))
    )
    assert client_as("police_clerk").get(f"/permits/{elsewhere.id}").status_code == 404


def test_targets_are_filtered_by_the_permits_they_hold(client_as, session):
    hotel = first(
        session,
        select(Target)
        .join(Permit, Permit.target_id == Target.id)
        .where(Permit.kind == "hotel_special_trade", Permit.status == "valid", Target.code.like("9_6401%"))
        .order_by(Target.name),
    )
    page = client_as("office").get(f"/targets/?permit=hotel_special_trade&q={hotel.code}").text
    assert hotel.name in page
    page = client_as("office").get(f"/targets/?permit=film_projection&q={hotel.code}").text
    assert f"/targets/{hotel.id}" not in page
