"""One change of many rows: looked at first, counted afterwards, undone as a whole."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import select, text

from app.audit.models import Event
from app.db.history import RowHistory
from app.directories.bulk_edits import inspectors, services, targets
from app.directories.bulk_edits.models import BulkEdit, BulkEditFault
from app.directories.bulk_edits.previewing import preview
from app.directories.bulk_edits.rules import AT_ONCE, with_tags
from app.directories.inspectors.models import Inspector
from app.directories.listing.chosen import Chosen
from app.directories.listing.listing import listings
from app.directories.listing.state import ListState
from app.directories.targets.models import Target
from app.kernel.errors import Forbidden, Invalid, NotFound
from app.security.models import Agency

OFFICE, POLICE = "office", "police_admin"


def listing(key="targets"):
    return listings[key].as_seen_by({"office_admin"})


def of(ids=None, key="targets", **args):
    state = ListState.from_json(listing(key), args)
    return Chosen(state, None if ids is None else tuple(ids))


def base_targets(unit, number=3, **more):
    query = select(Target).where(Target.agency_id.is_(None), Target.status == "active").order_by(Target.id)
    return list(unit.session.scalars(query.limit(number)))


def edit(unit, chosen, wanted, reason="a list of the street office", kind=targets.KIND, token=None):
    return services.edit(unit, kind, listing(kind.listing), chosen, wanted, reason, token)


def test_rows_change_under_one_cause_with_one_event(session, act_as):
    with act_as(OFFICE) as unit:
        rows = base_targets(unit)
        ids = [row.id for row in rows]
        done = edit(unit, of(ids), {"status": "suspended", "contact": "张三示例"})
        assert (done.state, done.chosen, done.changed, done.failed) == ("done", 3, 3, 0)
        for row in unit.session.scalars(select(Target).where(Target.id.in_(ids))):
            assert (row.status, row.contact) == ("suspended", "张三示例")
            assert row.field_sources["status"][0] == "form"
        causes = unit.session.scalars(
            select(RowHistory.row_id).where(
                RowHistory.cause == f"bulk:{done.id}", RowHistory.table_name == "target"
            )
        )
        assert sorted(map(int, causes)) == sorted(ids)
        event = unit.session.scalars(select(Event).where(Event.subject == f"bulk_edit:{done.id}")).one()
        assert (event.tag, event.data["changed"]) == ("directory.bulk_edited", 3)


def test_all_that_the_filter_leaves_is_changed_although_the_change_empties_the_filter(session, act_as):
    with act_as(OFFICE) as unit:
        chosen = of(filters={"status": ["active"], "source": ["base"], "region": ["640122"]})
        before = chosen.count(unit.session, listing())
        assert before > 3
        done = edit(unit, chosen, {"status": "suspended"})
        assert done.chosen == before
        assert done.changed + done.failed + done.unchanged == before
        assert chosen.count(unit.session, listing()) == done.failed


def test_the_preview_says_what_would_change_and_changes_nothing(session, act_as):
    with act_as(OFFICE) as unit:
        first, second, _ = rows = base_targets(unit)
        first.contact = "李四示例"
        unit.session.flush()
        history = unit.session.scalar(text("SELECT max(id) FROM row_history"))
        found = preview(unit, targets.KIND, listing(), of([r.id for r in rows]), {"contact": "李四示例"})
        assert (found.count, found.judged, found.changed, found.unchanged) == (3, 3, 2, 1)
        line = next(line for line in found.sample if line.id == second.id)
        assert line.parts == [("联系人", second.contact, "李四示例")]
        assert unit.session.scalar(text("SELECT max(id) FROM row_history")) == history


def test_the_one_validator_judges_every_row_and_bad_ones_are_listed(session, act_as):
    with act_as(OFFICE) as unit:
        rows = base_targets(unit)
        session.execute(
            text("UPDATE target SET contact = '', phone = '', phone_digest = NULL WHERE id = :id"),
            {"id": rows[0].id},
        )
        unit.session.expire_all()
        done = edit(unit, of([r.id for r in rows]), {"status": "suspended"})
        fault = unit.session.scalars(select(BulkEditFault).where(BulkEditFault.bulk_edit_id == done.id)).one()
        assert (done.changed, done.failed) == (2, 1)
        assert (fault.row_id, fault.faults[0]["code"]) == (rows[0].id, "target_contact_missing")


def test_a_word_that_nobody_knows_fails_every_row(session, act_as):
    with act_as(OFFICE) as unit:
        ids = [row.id for row in base_targets(unit)]
        done = edit(unit, of(ids), {"industry": "0000"})
        assert (done.changed, done.failed) == (0, 3)


def test_rows_of_another_unit_are_refused_one_by_one(session, act_as, act_as_system):
    with act_as_system() as unit:
        health = unit.session.scalars(select(Agency).where(Agency.code == "HEALTH-640100")).one()
        row = base_targets(unit, 1)[0]
        unit.session.execute(
            text("UPDATE target SET source = 'agency', agency_id = :a WHERE id = :id"),
            {"a": health.id, "id": row.id},
        )
        row_id = row.id
    with act_as(OFFICE) as unit:
        done = edit(unit, of([row_id, base_targets(unit, 1)[0].id]), {"status": "suspended"})
        assert (done.changed, done.failed) == (1, 1)
        assert unit.session.get(Target, row_id).status == "active"


def test_rows_outside_the_area_are_not_even_counted(session, act_as, act_as_system):
    with act_as_system() as unit:
        far = unit.session.scalars(select(Target.id).where(Target.region.has(code="640202")).limit(1)).one()
    with act_as(OFFICE) as unit:
        assert of([far]).count(unit.session, listing()) == 0
        assert edit(unit, of([far]), {"status": "suspended"}).chosen == 0


def test_tags_are_added_and_taken_away():
    assert with_tags(["甲", "乙"], ["丙", "甲"], ["乙"]) == ["甲", "丙"]


def test_without_a_reason_or_a_field_nothing_is_done(session, act_as):
    with act_as(OFFICE) as unit:
        ids = [row.id for row in base_targets(unit, 1)]
        with pytest.raises(Invalid) as found:
            edit(unit, of(ids), {}, reason=" ")
        assert {fault.code for fault in found.value.faults} == {"bulk_nothing_picked", "reason_missing"}
        with pytest.raises(Invalid):
            edit(unit, of(ids), {"phone": "10900000000"})


@pytest.mark.parametrize("name", ["police_clerk", "i_30010001", "auditor"])
def test_others_edit_nothing(session, act_as, name):
    with act_as(name) as unit, pytest.raises(Forbidden):
        edit(unit, of([1]), {"status": "suspended"})


def test_the_same_form_sent_twice_is_one_edit(session, act_as):
    with act_as(OFFICE) as unit:
        ids = [row.id for row in base_targets(unit, 1)]
        first = edit(unit, of(ids), {"status": "suspended"}, token="t-1")
        assert edit(unit, of(ids), {"status": "suspended"}, token="t-1").id == first.id


def test_one_undo_puts_everything_back_and_the_edit_says_so(session, act_as):
    with act_as(OFFICE) as unit:
        rows = base_targets(unit)
        before = {row.id: (row.status, list(row.tags), dict(row.field_sources)) for row in rows}
        done = edit(unit, of(before), {"status": "closed", "tags": {"add": ["食品"], "drop": []}})
        run = services.undo_edit(unit, done.id, "the wrong street")
        unit.session.expire_all()
        assert (run.restored, run.conflicts, done.state) == (3, 0, "undone")
        for row in unit.session.scalars(select(Target).where(Target.id.in_(before))):
            assert (row.status, list(row.tags), dict(row.field_sources)) == before[row.id]


def test_of_the_sources_only_the_fields_of_the_edit_are_put_back(session, act_as):
    with act_as(OFFICE) as unit:
        (row,) = base_targets(unit, 1)
        done = edit(unit, of([row.id]), {"status": "suspended"})
        unit.session.expire_all()
        row.contact = "王五示例"
        row.field_sources = {**row.field_sources, "contact": ["form", "2026-11-23"]}
        unit.session.flush()
        run = services.undo_edit(unit, done.id, "the wrong street")
        assert (run.conflicts, row.status, row.contact) == (0, "active", "王五示例")
        assert row.field_sources["contact"] == ["form", "2026-11-23"]
        assert "status" not in row.field_sources


def test_another_unit_does_not_undo(session, act_as, act_as_system):
    with act_as(OFFICE) as unit:
        done = edit(unit, of([row.id for row in base_targets(unit, 1)]), {"status": "suspended"})
        number = done.id
    with act_as("region_office") as unit, pytest.raises(NotFound):
        services.undo_edit(unit, number, "not mine")


def test_inspectors_get_specialties_and_leave_duty(session, act_as):
    with act_as(POLICE) as unit:
        own = (
            select(Inspector)
            .where(Inspector.agency_id == unit.actor.agency_id)
            .order_by(Inspector.id)
            .limit(2)
        )
        rows = list(unit.session.scalars(own))
        before = {row.id: (row.specialties, row.active, row.unit) for row in rows}
        done = edit(
            unit,
            of(before, key="inspectors"),
            {"specialties": {"add": ["食品"], "drop": []}, "active": "no", "unit": "治安支队"},
            kind=inspectors.KIND,
        )
        assert (done.changed, done.failed) == (2, 0)
        unit.session.expire_all()
        assert all("食品" in row.specialties and not row.active and row.unit == "治安支队" for row in rows)
        services.undo_edit(unit, done.id, "wrong people")
        assert {
            row.id: (row.specialties, row.active, row.unit) for row in unit.session.scalars(own)
        } == before


def test_many_rows_are_left_to_a_job_that_can_be_found_again(session, act_as, monkeypatch):
    monkeypatch.setattr(services, "AT_ONCE", 2)
    with act_as(OFFICE) as unit:
        ids = [row.id for row in base_targets(unit)]
        done = edit(unit, of(ids), {"status": "suspended"})
        assert (done.state, done.changed) == ("waiting", 0)
        assert done.outbox_id is not None
        told = []
        services.carry_out(unit, done.id, lambda n, total=None: told.append((n, total)))
        assert (done.state, done.changed, told) == ("done", 3, [(3, 3)])
        again = services.carry_out(unit, done.id)
        assert again.changed == 3


def test_the_pages_lead_from_the_rows_to_the_undo(session, client_as, act_as):
    with act_as(OFFICE) as unit:
        first, second, _ = base_targets(unit)
        ids, name = [first.id, second.id], first.name
    client = client_as(OFFICE)
    page = client.post("/bulk-edits/targets/edit", data={"ids": ids, "sort": "name"})
    assert page.status_code == 200
    assert 'name="set_status"' in page.text
    entries = {"ids": ids, "sort": "name", "new_status": "suspended", "reason": "街道名单"}
    assert (
        client.post("/bulk-edits/targets/edit", data={**entries, "step": "preview", "reason": ""}).status_code
        == 422
    )
    page = client.post("/bulk-edits/targets/edit", data={**entries, "step": "preview"})
    assert page.status_code == 200 and name in page.text
    again = client.post("/bulk-edits/targets/edit", data={**entries, "step": "form"})
    assert 'value="街道名单"' in again.text
    answer = client.post("/bulk-edits/targets/edit", data={**entries, "step": "apply", "token": "x"})
    assert answer.status_code == 302
    shown = client.get(answer.location)
    assert shown.status_code == 200
    bulk = session.scalars(select(BulkEdit).order_by(BulkEdit.id.desc()).limit(1)).one()
    assert bulk.changed == 2
    assert client.get("/bulk-edits/").text.count("街道名单") == 1
    assert client.get(f"{answer.location}/undo").status_code == 200
    assert client.post(f"{answer.location}/undo", data={"reason": ""}).status_code == 422
    undone = client.post(f"{answer.location}/undo", data={"reason": "名单有误"})
    assert client.get(undone.location).status_code == 200
    assert client.get(f"{answer.location}/undo").status_code == 404


def test_the_short_act_tags_without_a_preview(session, client_as, act_as):
    with act_as(OFFICE) as unit:
        ids = [row.id for row in base_targets(unit)]
    client = client_as(OFFICE)
    assert client.post("/bulk-edits/targets/tag", data={"ids": ids}).status_code == 200
    empty = client.post("/bulk-edits/targets/tag", data={"ids": ids, "step": "apply", "reason": "专项"})
    assert empty.status_code == 422
    answer = client.post(
        "/bulk-edits/targets/tag", data={"ids": ids, "step": "apply", "add_tags": "食品", "reason": "专项"}
    )
    assert answer.status_code == 302
    rows = session.scalars(select(Target).where(Target.id.in_(ids)).execution_options(populate_existing=True))
    assert all("食品" in row.tags for row in rows)


def test_the_rows_that_failed_come_as_a_spreadsheet(session, client_as, act_as):
    with act_as(OFFICE) as unit:
        done = edit(unit, of([row.id for row in base_targets(unit)]), {"industry": "0000"})
        number = done.id
    answer = client_as(OFFICE).get(f"/bulk-edits/{number}/failed?as=csv")
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert len(rows) == 1 + 3 + 1
    assert "0000" in rows[1][2]
    assert client_as(OFFICE).get(f"/bulk-edits/{number}/failed").get_data()[:2] == b"PK"


def test_nothing_picked_leads_back_to_the_list(session, client_as):
    answer = client_as(OFFICE).post("/bulk-edits/targets/edit", data={})
    assert answer.status_code == 302
    assert client_as(OFFICE).get("/bulk-edits/nowhere/edit").status_code == 404


def test_who_keeps_no_inspectors_finds_no_such_act(session, client_as):
    assert client_as(OFFICE).post("/bulk-edits/inspectors/edit", data={"ids": [1]}).status_code == 404


def test_a_page_waits_for_no_more_than_five_thousand_rows():
    assert AT_ONCE == 5_000
