"""Merging on the screen: twins, comparison, record, parting."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from app.directories.merging.models import Merge
from app.directories.targets.models import Target
from app.security.scope import Scope


@pytest.fixture
def pair(session):
    session.info["scope"] = Scope.system("test")
    rows = session.scalars(
        select(Target)
        .where(Target.code.like("92640104%"), Target.industry_code == "6291", Target.status == "active")
        .order_by(Target.id)
        .limit(2)
    ).all()
    session.execute(update(Target).where(Target.id == rows[1].id).values(name=rows[0].name))
    session.expire_all()
    return rows[0].id, rows[1].id


def test_targets_of_the_same_name_and_region_are_found(client_as, session, pair):
    one, other = pair
    page = client_as("office").get(f"/merging/target/{one}").text
    assert f"/merging/{one}/with/{other}" in page and "同一区域" in page
    assert f"/merging/{one}/with/{other}" in client_as("office").get("/merging/twins").text


def test_the_comparison_marks_what_differs_and_asks_field_by_field(client_as, pair):
    one, other = pair
    page = client_as("office").get(f"/merging/{one}/with/{other}").text
    assert 'name="take-address"' in page and 'name="take-name"' not in page
    assert '<mark class="eh-both">' in page


def test_merge_and_part_on_the_screen(client_as, session, pair):
    one, other = pair
    office = client_as("office")
    form = {"reason": "同一经营者", "take-address": "gone", "versions": "1-1"}
    answer = office.post(f"/merging/{one}/with/{other}", data=form)
    assert answer.status_code == 302
    session.info["scope"] = Scope.system("test")
    done = session.scalars(select(Merge)).one()
    assert "地址" in office.get(f"/merging/{done.id}").text
    moved = office.get(f"/targets/{other}")
    assert moved.status_code == 302 and moved.location.endswith(f"/targets/{one}")
    assert done.gone_code in office.get(f"/targets/{one}").text
    assert done.gone_code in office.get("/merging/").text
    assert office.get(f"/merging/{done.id}/part").status_code == 200
    assert office.post(f"/merging/{done.id}/part", data={"reason": ""}).status_code == 422
    assert office.post(f"/merging/{done.id}/part", data={"reason": "有误"}).status_code == 302
    assert office.get(f"/targets/{other}").status_code == 200


def test_a_change_between_looking_and_merging_is_said(client_as, session, pair):
    one, other = pair
    answer = client_as("office").post(
        f"/merging/{one}/with/{other}", data={"reason": "重复", "versions": "7-1"}
    )
    assert answer.status_code == 422 and "请重新核对" in answer.text


def test_whoever_keeps_nothing_sees_the_mergers_alone(client_as, pair):
    clerk = client_as("police_clerk")
    assert clerk.get("/merging/").status_code == 200
    assert clerk.get("/merging/twins").status_code == 404
    assert clerk.get(f"/merging/{pair[0]}/with/{pair[1]}").status_code == 404
