"""Random targets get the same verdict by form, import, bulk edit and interface: there is one validator.

500 rows by default, 10,000 with `FULL=1`.
"""

from __future__ import annotations

from random import Random

import pytest
from flask import request
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.directories.bulk_edits.forms import bulk_form
from app.directories.bulk_edits.models import BulkEdit, BulkEditFault
from app.directories.bulk_edits.targets import KIND, TargetJudge
from app.directories.importing import services
from app.directories.targets.forms import TargetForm
from app.directories.targets.models import Target
from app.directories.targets.services import add_agency_target, add_target
from app.kernel.identifiers import identify
from app.kernel.spreadsheet.cells import clean
from app.security.models import Agency
from tests.directories.importing.files import code
from tests.directories.sources.batches import system
from tests.directories.verdicts.rows import ROWS, TARGETS, targets
from tests.directories.verdicts.ways import by_file, by_form, by_interface, differences, told, without

SAMPLE = 40
RIGHT = {name: pool[0] for name, pool in TARGETS.items()}
NOT_IN_THE_FORM = ("status",)
NOT_IN_BULK = ("code", "name", "phone", "home_address")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(services, "SMALL_FILE", 10**9)


def posted(row):
    """As the page posts it: tags as a choice of several."""
    tags = row["tags"].replace(",", "；").split("；")
    pairs = [(name, text) for name, text in row.items() if name not in ("tags", "status")]
    return MultiDict([*pairs, *(("tags", tag) for tag in tags if tag)])


def agency_id(unit, code="POLICE-640100"):
    return unit.session.scalars(select(Agency.id).where(Agency.code == code)).one()


def test_of_the_base(app, act_as, session):
    rows = targets()
    assert not _known(session, rows)
    name = system(act_as).code
    with act_as("office") as unit:
        verdicts = by_file(unit, rows)
        good = sum(1 for faults in verdicts.values() if not faults)
        assert ROWS // 5 < good < ROWS * 4 // 5
        codes = {code for faults in verdicts.values() for _, code in faults}
        assert {
            "too_long",
            "target_region_unknown",
            "target_region_elsewhere",
            "target_date_unreadable",
        } <= codes
        interface = by_interface(unit, rows, name)
        assert not (found := differences(verdicts, interface, rows)), found
        form = by_form(app, unit, TargetForm, rows, posted, lambda texts: add_target(unit, texts))
        assert not (found := differences(without(verdicts, *NOT_IN_THE_FORM), form, rows)), found
        bulk, expected = _by_bulk_edit(app, unit, rows), without(verdicts, *NOT_IN_BULK)
        for number, faults in expected.items():
            faults[:] = [fault for fault in faults if _asked_in_bulk(fault[0], rows[number])]
        assert not (found := differences(expected, bulk, rows)), found


def test_of_an_agency(app, act_as, session):
    rows = targets(ROWS // 2, "of an agency")
    assert not _known(session, rows)
    with act_as("police_admin") as unit:
        own = agency_id(unit)
    name = system(act_as, "police-own", own).code
    with act_as("police_admin") as unit:
        verdicts = by_file(unit, rows, agency_id=own)
        interface = by_interface(unit, rows, name)
        assert not (found := differences(verdicts, interface, rows)), found
        form = by_form(app, unit, TargetForm, rows, posted, lambda texts: add_agency_target(unit, own, texts))
        assert not (found := differences(without(verdicts, *NOT_IN_THE_FORM), form, rows)), found


def test_over_http(app, act_as, client_as, session):
    """A sample as browsers and systems send it: the same fields are named beside the form, in the answer of the
    interface and among the rows that a bulk edit could not change.
    """
    rows = Random("over http").sample(targets(500), SAMPLE)
    name = system(act_as).code
    with act_as("office") as unit:
        verdicts = by_file(unit, rows)
        stored = add_target(unit, {**RIGHT, "code": code(999_998)}).id
    office = client_as("office")
    sent = {"source": name, "rows": [{"source_id": f"R{n}", **row} for n, row in enumerate(rows)]}
    for number, one in enumerate(office.post("/api/v1/sync/targets", json=sent).json["rows"]):
        assert sorted({(e["field"], e["code"]) for e in one["errors"]}) == verdicts[number], rows[number]
    for number, row in enumerate(rows):
        expected = {field for field, _ in verdicts[number] if field not in NOT_IN_THE_FORM}
        # Accepted rows have come in through the interface: the form may only say that.
        answer = office.post("/targets/add", data=posted(row))
        named = {field for field in row if f'id="{field}-err"' in answer.text}
        assert answer.status_code == (422 if expected else answer.status_code)
        assert named == (expected or named & {"code"}), row
        expected = {
            fault
            for fault in verdicts[number]
            if fault[0] not in NOT_IN_BULK and _asked_in_bulk(fault[0], row)
        }
        bulk = {"ids": str(stored), "step": "apply", "reason": "核对", "token": f"t{number}"}
        answer = office.post(
            "/bulk-edits/targets/edit", data=MultiDict([*bulk.items(), *_wanted(row).items(multi=True)])
        )
        if answer.status_code == 422:  # nothing at all can be done with such a value
            named = {name for name in row if f'id="new_{name}-err"' in answer.text}
            assert named and named <= {field for field, _ in expected}, row
            continue
        last = session.scalars(select(BulkEdit.id).order_by(BulkEdit.id.desc())).first()
        kept = session.scalars(select(BulkEditFault).where(BulkEditFault.bulk_edit_id == last)).first()
        failed = {(f["field"], f["code"]) for f in kept.faults} if kept else set()
        assert failed == expected, row


def _known(session, rows):
    codes = [identify(row["code"]).code for row in rows if identify(row["code"])]
    return session.scalars(select(Target.code).where(Target.code.in_(codes))).all()


def _by_bulk_edit(app, unit, rows):
    """A stored row on which everything that a bulk edit offers is changed to what the row says."""
    judge, found = TargetJudge(unit), {}
    stored = {
        "name": "旧示例", "kind": "enterprise", "industry_code": None, "address": "旧", "legal_representative": "旧",
        "region_id": next(id_ for id_, code in judge._regions.items() if code == "640104"), "contact": "旧",
        "status": "active", "registered_on": None, "tags": [], "has_phone": False, "phone": "", "home_address": "",
        "code": code(999_999),
    }  # fmt: skip
    for number, row in enumerate(rows):
        with app.test_request_context(method="POST", data=_wanted(row)):
            form = bulk_form(unit.session, KIND, request.form)
            wanted, faults = form.wanted()
            assert form.validate(), form.errors
        faults = [*faults]
        for fault in faults:
            fault.field = fault.field.removeprefix("new_").removeprefix("add_")
        has_phone = bool(row["phone"].strip())
        faults += judge({**stored, "has_phone": has_phone}, wanted)[1]
        found[number] = told(faults)
    return found


def _asked_in_bulk(name, row):
    """What has to be there cannot be emptied in many rows: without a value the field stays out of the bulk edit."""
    return bool(clean(row[name])) or KIND.field(name).emptied


def _wanted(row):
    names = [field.name for field in KIND.fields if field.name != "tags"]
    pairs = [(f"new_{name}", row[name]) for name in names]
    pairs += [(f"set_{field.name}", "y") for field in KIND.fields if field.emptied]
    tags = row["tags"].replace(",", "；").split("；")
    return MultiDict([*pairs, *(("add_tags", tag) for tag in tags if tag)])
