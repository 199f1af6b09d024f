"""The life of a list, its items, who may do what, and what happens when two people work on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from app.audit.models import Event
from app.db import db
from app.item_lists import after_publication, queries, services
from app.item_lists.models import Item, ItemList, JointItem
from app.item_lists.rules import ItemFields, JointItemFields, ListState
from app.item_lists.seeding import load_reference_rows
from app.kernel.errors import Invalid, NotFound, Refused, Stale
from app.security.models import Agency, Region

Act = Callable[..., Any]
WHOLE = ItemFields(
    code="POLICE-C1",
    project="旅馆业治安检查",
    name="旅客登记情况的检查",
    target_scope="各类宾馆、旅店",
    category="general",
    methods=("on_site",),
    subject="市公安局",
    basis="《旅馆业治安管理办法》第六条",
    target_kinds=("enterprise",),
    ratio_cap=50,
    form_lines=(("是否登记", "查登记簿"), ("是否上传", "")),
)


def _city_list(act_as: Act) -> int:
    with act_as("police_admin") as unit:
        return services.create_list(unit, kind="department", year=2026, name="2026年度市公安局清单").id


def _published(act_as: Act) -> int:
    list_id = _city_list(act_as)
    with act_as("police_admin") as unit:
        services.add_item(unit, list_id, WHOLE)
        services.submit_list(unit, list_id)
        services.publish_list(unit, list_id)
    return list_id


@pytest.mark.rule("R-8.1")
def test_a_list_with_gaps_is_not_submitted_and_the_gaps_are_listed(act_as: Act) -> None:
    list_id = _city_list(act_as)
    with act_as("police_admin") as unit:
        item = services.add_item(unit, list_id, replace(WHOLE, basis="", methods=()))
        gaps = queries.gaps_of(unit.session, queries.get_list(unit.session, list_id))
        item_id, version = item.id, item.version
    assert [(gap.item, gap.field) for gap in gaps] == [("POLICE-C1", "basis"), ("POLICE-C1", "methods")]
    with pytest.raises(Refused, match="list_has_gaps"), act_as("police_admin") as unit:
        services.submit_list(unit, list_id)
    with act_as("police_admin") as unit:
        services.change_item(unit, item_id, WHOLE, version)
        assert services.submit_list(unit, list_id).state == ListState.SUBMITTED


@pytest.mark.rule("N-1")
def test_items_can_be_used_once_their_list_is_published_and_heard_of_then(
    act_as: Act, session: Session
) -> None:
    heard: list[int] = []

    def listen(unit: Any, item_list: ItemList) -> None:
        heard.append(item_list.id)

    after_publication.add(listen)
    try:
        list_id = _published(act_as)
    finally:
        after_publication._things = [pair for pair in after_publication._things if pair[1] is not listen]
    assert heard == [list_id]
    with act_as("health_admin") as unit:
        region = unit.session.scalars(select(Region).where(Region.code == "640100")).one()
        codes = {item.code for item in queries.published_items(unit.session, 2026, "police", region)}
        other = unit.session.scalars(select(Region).where(Region.code == "640200")).one()
        elsewhere = {item.code for item in queries.published_items(unit.session, 2026, "police", other)}
    assert {"POLICE-C1", "POLICE-01"} <= codes
    assert "POLICE-C1" not in elsewhere and "POLICE-01" in elsewhere
    tags = select(Event.tag).where(Event.subject == f"item_list:{list_id}").order_by(Event.id)
    assert list(session.scalars(tags)) == ["item_list.created", "item_list.submitted", "item_list.published"]


def test_a_draft_is_not_there_for_other_agencies_and_there_for_the_office(act_as: Act) -> None:
    list_id = _city_list(act_as)
    with act_as("health_admin") as unit:
        with pytest.raises(NotFound):
            queries.get_list(unit.session, list_id)
        with pytest.raises(NotFound):
            services.add_item(unit, list_id, WHOLE)
    with act_as("office") as unit:
        assert queries.get_list(unit.session, list_id).state == ListState.DRAFT
        with pytest.raises(Refused):
            services.add_item(unit, list_id, WHOLE)


def test_the_office_returns_a_list_with_remarks_and_its_agency_changes_it(act_as: Act) -> None:
    list_id = _city_list(act_as)
    with act_as("police_admin") as unit:
        services.add_item(unit, list_id, WHOLE)
        services.submit_list(unit, list_id)
    with pytest.raises(Invalid), act_as("office") as unit:
        services.return_list(unit, list_id, "  ")
    with act_as("office") as unit:
        returned = services.return_list(unit, list_id, "请补充依据条款")
        assert (returned.state, returned.remarks) == (ListState.RETURNED, "请补充依据条款")
    with act_as("police_admin") as unit:
        services.add_item(unit, list_id, replace(WHOLE, code="POLICE-C2"))
        services.submit_list(unit, list_id)
        assert services.submit_list(unit, list_id).state == ListState.SUBMITTED


def test_a_published_list_is_not_changed(act_as: Act) -> None:
    list_id = _published(act_as)
    with pytest.raises(Refused, match="list_not_draft"), act_as("police_admin") as unit:
        services.add_item(unit, list_id, replace(WHOLE, code="POLICE-C2"))


def test_whoever_changes_a_stale_item_is_told_the_difference(act_as: Act) -> None:
    list_id = _city_list(act_as)
    with act_as("police_admin") as unit:
        item = services.add_item(unit, list_id, WHOLE)
        item_id, version = item.id, item.version
        services.change_item(unit, item_id, replace(WHOLE, name="旅客登记检查"), version)
    with pytest.raises(Stale) as stale, act_as("police_admin") as unit:
        services.change_item(unit, item_id, replace(WHOLE, name="登记检查"), version)
    assert stale.value.facts["changes"] == [{"field": "name", "theirs": "旅客登记检查", "yours": "登记检查"}]


def test_all_faults_of_an_item_are_told_at_once_and_nothing_is_stored(act_as: Act, session: Session) -> None:
    list_id = _city_list(act_as)
    with act_as("police_admin") as unit:
        services.add_item(unit, list_id, WHOLE)
    with pytest.raises(Invalid) as invalid, act_as("police_admin") as unit:
        services.add_item(unit, list_id, replace(WHOLE, specialty="不存在", name="长" * 201))
    assert {(f.field, f.code) for f in invalid.value.faults} == {
        ("name", "too_long"),
        ("code", "duplicate"),
        ("specialty", "not_a_choice"),
    }
    assert session.scalar(select(func.count()).select_from(Item).where(Item.list_id == list_id)) == 1


def test_a_second_list_of_the_same_kind_and_year_is_refused(act_as: Act) -> None:
    _city_list(act_as)
    with pytest.raises(Invalid) as invalid, act_as("police_admin") as unit:
        services.create_list(unit, kind="department", year=2026, name="又一份")
    assert [fault.code for fault in invalid.value.faults] == ["list_exists"]
    with pytest.raises(Refused), act_as("police_admin") as unit:
        services.create_list(unit, kind="joint", year=2026, name="联合清单")


@pytest.mark.rule("R-2.1")
@pytest.mark.rule("R-8.2")
def test_the_office_compiles_a_joint_list_that_another_person_approves(act_as: Act) -> None:
    with act_as("office") as unit:
        made = services.create_list(unit, kind="joint", year=2026, name="2026年度银川市联合清单")
        region = unit.session.scalars(select(Region).where(Region.code == "640100")).one()
        items = {i.code: i.id for i in queries.published_items(unit.session, 2026, region=region)}
        fields = JointItemFields(
            code="YC-1",
            domain="宾馆、旅店",
            name="宾馆、旅店的联合检查",
            target_scope="各类宾馆、旅店",
            lead_line="police",
            levels=("city",),
            category="general",
            method="on_site",
            parts=(items["POLICE-01"],),
            ratio_cap=50,
            basis="《旅馆业治安管理办法》",
        )
        row = services.add_joint_item(unit, made.id, fields)
        list_id, row_id, version = made.id, row.id, row.version
    with pytest.raises(Refused, match="list_has_gaps"), act_as("office") as unit:
        services.submit_list(unit, list_id)
    with act_as("office") as unit:
        both = replace(fields, parts=(items["POLICE-01"], items["HEALTH-01"]))
        services.change_joint_item(unit, row_id, both, version)
        services.submit_list(unit, list_id)
    with pytest.raises(Refused), act_as("office") as unit:
        services.approve_list(unit, list_id)
    with act_as("office_reviewer") as unit:
        services.approve_list(unit, list_id)
    with act_as("office") as unit:
        services.publish_list(unit, list_id)
        found = queries.published_joint_items(unit.session, 2026, "city", region)
        assert "YC-1" in {item.code for item in found} and len(found) == 20


@pytest.mark.rule("N-1")
def test_a_joint_item_takes_no_item_of_an_unpublished_list(act_as: Act) -> None:
    list_id = _city_list(act_as)
    with act_as("police_admin") as unit:
        item_id = services.add_item(unit, list_id, WHOLE).id
    with pytest.raises(Refused, match="item_not_published"), act_as("office") as unit:
        made = services.create_list(unit, kind="joint", year=2026, name="联合清单")
        fields = JointItemFields(
            code="YC-1", name="x", lead_line="police", category="key", method="on_site", parts=(item_id,)
        )
        services.add_joint_item(unit, made.id, fields)


def test_the_lists_of_the_region_are_loaded_once(act_as_system: Callable[[], Any], session: Session) -> None:
    counts = [select(func.count()).select_from(model) for model in (ItemList, Item, JointItem)]
    before = [session.scalar(query) for query in counts]
    assert before[1] == 55 and before[2] == 20
    with act_as_system() as unit:
        load_reference_rows(unit)
    assert [session.scalar(query) for query in counts] == before


def test_the_list_pages_answer_with_few_queries(
    app: Any, client_as: Callable[..., Any], session: Session
) -> None:
    client = client_as("police_admin")
    office = session.scalars(select(Agency).where(Agency.code == "OFFICE-640000")).one()
    joint = session.scalars(select(ItemList).where(ItemList.agency_id == office.id)).one()
    client.get("/items/")
    for url in ("/items/", f"/items/{joint.id}"):
        statements: list[str] = []

        def count(conn: Any, cursor: Any, statement: str, *rest: Any, into: list[str] = statements) -> None:
            into.append(statement)

        event.listen(db.engine, "before_cursor_execute", count)
        try:
            answer = client.get(url)
        finally:
            event.remove(db.engine, "before_cursor_execute", count)
        assert answer.status_code == 200
        reads = [
            s for s in statements if any(t in s for t in ("FROM item", "FROM joint_item", "FROM line_of"))
        ]
        assert len(reads) <= 8, reads


def test_the_browser_adds_an_item_and_keeps_what_was_typed_when_it_is_refused(
    app: Any, client_as: Callable[..., Any], session: Session
) -> None:
    client = client_as("police_admin")
    made = client.post("/items/new", data={"year": "2026", "name": "2026年度市公安局清单"})
    assert made.status_code == 302
    data = {
        "code": "P-1",
        "name": "登记检查",
        "category": "general",
        "ratio_cap": "2.55",
        "methods": ["on_site"],
        "form_lines": "是否登记 | 查登记簿\n是否上传",
    }
    refused = client.post(f"{made.location}/item/new", data=data)
    assert refused.status_code == 200
    assert "最多一位小数" in refused.text and 'value="2.55"' in refused.text and "登记检查" in refused.text
    stored = client.post(f"{made.location}/item/new", data={**data, "ratio_cap": "2.5"})
    assert stored.status_code == 302
    item = session.scalars(select(Item).where(Item.code == "P-1")).one()
    assert (item.ratio_cap, [line.text for line in item.form_lines]) == (25, ["是否登记", "是否上传"])
    assert "缺项" in client.get(made.location).text
    submit = client.post(f"{made.location}/submit")
    assert submit.status_code == 200 and "不能提交" in submit.text
    assert client_as("health_admin").get(made.location).status_code == 404
    assert client.post(f"/items/item/{item.id}/remove").status_code == 302
    assert session.scalar(select(func.count()).select_from(Item).where(Item.code == "P-1")) == 0
