"""Random inspectors get the same verdict by form, import and bulk edit. 500 rows by default, 10,000 with `FULL=1`."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.directories.bulk_edits.inspectors import InspectorJudge
from app.directories.importing import services
from app.directories.inspectors.forms import InspectorForm
from app.directories.inspectors.services import add_inspector
from app.security.models import Agency
from tests.directories.verdicts.rows import ROWS, inspectors
from tests.directories.verdicts.ways import by_file, by_form, differences, told, without

NOT_IN_BULK = (
    "certificate_no",
    "name",
    "phone",
    "certificate_from",
    "certificate_until",
    "certified",
    "load",
    "regions",
)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(services, "SMALL_FILE", 10**9)


def posted(row):
    """As the page posts it: boxes that are ticked or not there, choices of several."""
    several = ("regions", "specialties")
    boxes = ("certified", "leader")
    pairs = [(name, text) for name, text in row.items() if name not in several + boxes]
    pairs += [(name, "y") for name in boxes if row[name] == "是"]
    return MultiDict([*pairs, *((name, word) for name in several for word in row[name].split("；") if word)])


def test_of_an_agency(app, act_as):
    rows = inspectors()
    with act_as("police_admin") as unit:
        own = unit.session.scalars(select(Agency).where(Agency.code == "POLICE-640100")).one()
        verdicts = by_file(unit, rows, "inspectors", own.id)
        assert ROWS // 5 < sum(1 for faults in verdicts.values() if not faults) < ROWS * 4 // 5
        form = by_form(
            app, unit, InspectorForm, rows, posted, lambda texts: add_inspector(unit, own.id, texts)
        )
        assert not (found := differences(verdicts, form, rows)), found
        bulk = _by_bulk_edit(unit, rows, own)
        assert not (found := differences(without(verdicts, *NOT_IN_BULK), bulk, rows)), found


def _by_bulk_edit(unit, rows, own):
    """A stored row on which everything that a bulk edit offers is changed to what the row says."""
    judge, found = InspectorJudge(unit), {}
    stored = {
        "certificate_no": "示例", "name": "王五", "unit": "科", "position": "民警", "certified": True, "leader": False,
        "certificate_from": None, "certificate_until": "2030-12-31", "load": 0, "regions": ["640100"], "specialties": [],
        "agency_id": own.id, "active": True, "has_phone": True,
    }  # fmt: skip
    for number, row in enumerate(rows):
        words = [word for word in row["specialties"].split("；") if word]
        wanted = {"unit": row["unit"], "position": row["position"], "specialties": {"add": words}}
        leads = row["leader"] == "是"
        state = {**stored, "certified": row["certified"] == "是"}
        found[number] = told(judge(state, {**wanted, "leader": "yes" if leads else "no"})[1])
    return found
