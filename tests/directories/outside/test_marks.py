"""Outside random selection (R-3.3): two people, a period, in no frame, listed publicly."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.db import db
from app.directories.libraries.models import Library
from app.directories.libraries.queries import (
    count,
    count_outside,
    iter_frame_rows,
    members_by_class,
    select_targets,
)
from app.directories.libraries.rules import SelectionRule
from app.directories.outside import services
from app.directories.outside.models import OutsideMark
from app.directories.outside.places import items
from app.directories.outside.queries import public_lines
from app.directories.outside.rules import MarkState, faults_of, holds, may_decide, may_end, share
from app.directories.targets.models import Target
from app.kernel.errors import Invalid, NotFound, Refused
from app.security.models import Agency
from app.security.scoping import unscoped

HOTELS = SelectionRule.from_json({"industries": ["61"], "regions": ["640100"]})
FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)
WORDS = {
    "matter": "旅馆业治安检查",
    "basis": "《某法》第三条：重点领域不适用随机抽查。",
    "valid_from": FIRST,
    "valid_until": LAST,
}

pytestmark = pytest.mark.rule("R-3.3")


@pytest.fixture
def hotel(act_as):
    with act_as("police_clerk") as unit:
        return unit.session.scalars(select_targets(unit.session, HOTELS).order_by(Target.id).limit(1)).one()


def _asked(act_as, hotel):
    with act_as("police_clerk") as unit:
        return services.ask(unit, target_id=hotel, **WORDS).id


def _frame(act_as):
    with act_as("police_clerk") as unit:
        return [row[0] for row in iter_frame_rows(unit.session, HOTELS)], count_outside(unit.session, HOTELS)


def test_a_mark_needs_matter_basis_and_a_bounded_period():
    assert faults_of("甲", "乙", FIRST, LAST) == []
    assert {f.code for f in faults_of(" ", "", None, LAST)} == {
        "outside_matter_missing",
        "outside_basis_missing",
        "outside_day_missing",
    }
    assert [f.code for f in faults_of("甲", "乙", LAST, FIRST)] == ["outside_period_backwards"]
    assert [f.code for f in faults_of("甲", "乙", FIRST, date(2036, 1, 1))] == ["outside_period_long"]


def test_a_mark_holds_only_while_it_is_approved_and_its_period_runs():
    assert holds("approved", FIRST, LAST, FIRST) and holds("approved", FIRST, LAST, LAST)
    assert not holds("approved", FIRST, LAST, date(2025, 12, 31))
    assert not holds("asked", FIRST, LAST, FIRST) and not holds("ended", FIRST, LAST, FIRST)
    assert may_decide("asked", LAST, FIRST) and not may_decide("approved", LAST, FIRST)
    assert may_decide("asked", FIRST, LAST).code == "outside_period_over"
    assert may_end("approved") and not may_end("asked")
    assert share(1, 8) == 12.5 and share(0, 0) is None


def test_a_target_leaves_every_frame_once_a_second_person_approves(act_as, hotel):
    before, left_out = _frame(act_as)
    mark = _asked(act_as, hotel)
    assert _frame(act_as) == (before, left_out)
    with act_as("police_reviewer") as unit:
        assert services.approve(unit, mark).state == MarkState.APPROVED
        assert services.approve(unit, mark).state == MarkState.APPROVED
    assert _frame(act_as) == ([n for n in before if n != hotel], left_out + 1)
    with act_as("police_clerk") as unit:
        assert count(unit.session, HOTELS) == len(before) - 1
        services.end(unit, mark, "整改验收合格")
    assert _frame(act_as) == (before, left_out)


def test_who_asks_does_not_approve_and_another_agency_neither(act_as, hotel, session):
    mark = _asked(act_as, hotel)
    with pytest.raises(Refused), act_as("police_clerk") as unit:
        services.approve(unit, mark)
    with pytest.raises((Refused, NotFound)), act_as("health_clerk") as unit:
        services.approve(unit, mark)
    row = session.get(OutsideMark, mark, populate_existing=True)
    with act_as("police_reviewer") as unit:
        row.asked_by = unit.actor.code
        session.flush()
    with pytest.raises(Refused), act_as("police_reviewer") as unit:
        services.approve(unit, mark)


def test_a_returned_mark_changes_nothing(act_as, hotel):
    before = _frame(act_as)
    mark = _asked(act_as, hotel)
    with act_as("police_reviewer") as unit:
        with pytest.raises(Invalid):
            services.return_mark(unit, mark, " ")
        assert services.return_mark(unit, mark, "依据不足").state == MarkState.RETURNED
    assert _frame(act_as) == before
    with pytest.raises(Refused), act_as("police_clerk") as unit:
        services.end(unit, mark, "x")


def test_the_same_days_are_marked_once(act_as, hotel):
    _asked(act_as, hotel)
    with pytest.raises(Invalid) as refusal:
        _asked(act_as, hotel)
    assert refusal.value.faults[0].code == "outside_marked_already"


def test_a_member_outside_random_selection_cannot_be_drawn(act_as, hotel, session):
    library = session.scalars(select(Library).where(Library.name.contains("旅馆"))).first()
    if library is None:
        library = Library(name="旅馆", kind="industry", agency_id=1, rule=HOTELS.to_json())
        session.add(library)
        session.flush()
    before = members_by_class(session, library)
    mark = _asked(act_as, hotel)
    with act_as("police_reviewer") as unit:
        services.approve(unit, mark)
    session.expire_all()
    with unscoped(session, "test"):
        after = members_by_class(session, library)
    assert sum(c.rows for c in after.values()) == sum(c.rows for c in before.values())
    assert sum(c.eligible for c in after.values()) == sum(c.eligible for c in before.values()) - 1


def test_an_item_of_the_own_line_can_be_marked_and_of_another_not(act_as, client_as):
    with act_as("police_clerk") as unit:
        own = unit.session.get(Agency, unit.actor.agency_id)
        choices = [pair for place in items for pair in place.choices(unit.session, own)]
        mark = services.ask(unit, item_id=choices[0][0], **WORDS)
        assert mark.target_id is None and mark.region_id is None
    with act_as("amr_clerk") as unit, pytest.raises(Invalid) as refusal:
        services.ask(unit, item_id=choices[0][0], **WORDS)
    assert [fault.code for fault in refusal.value.faults] == ["outside_item_unknown"]
    with act_as("police_clerk") as unit, pytest.raises(Invalid) as refusal:
        services.ask(unit, **WORDS)
    assert [fault.code for fault in refusal.value.faults] == ["outside_one_of_two"]


def test_the_public_list_names_law_and_numbers_and_nobody(act_as, hotel, app, session):
    name = session.scalars(select(Target.name).where(Target.id == hotel)).one()
    mark = _asked(act_as, hotel)
    public = app.test_client()
    assert "旅馆业治安检查" not in public.get("/public/outside").text
    with act_as("police_reviewer") as unit:
        services.approve(unit, mark)
    page = public.get("/public/outside")
    assert page.status_code == 200
    assert "旅馆业治安检查" in page.text and "《某法》第三条" in page.text
    assert name not in page.text
    assert public.get("/public/outside?lang=en").status_code == 200
    assert [line.targets for line in public_lines(db.session()) if line.matter == "旅馆业治安检查"] == [1]


def test_the_pages_lead_from_the_request_to_the_end(client_as, hotel, session):
    clerk, reviewer = client_as("police_clerk"), client_as("police_reviewer")
    sent = {
        "target": hotel,
        "matter": "旅馆业治安检查",
        "valid_from": "2026-01-01",
        "valid_until": "2027-12-31",
    }
    refused = clerk.post("/outside/add", data=sent)
    assert refused.status_code == 422 and "旅馆业治安检查" in refused.text
    made = clerk.post("/outside/add", data={**sent, "basis": "《某法》第三条"})
    assert made.status_code == 302
    path = made.headers["Location"]
    assert clerk.get(path).status_code == 200
    assert clerk.post(f"{path}/approve").status_code == 404
    assert reviewer.post(f"{path}/return", data={"remarks": ""}).status_code == 422
    assert reviewer.post(f"{path}/approve").status_code == 302
    assert clerk.post(f"{path}/end", data={"reason": ""}).status_code == 422
    assert clerk.post(f"{path}/end", data={"reason": "整改验收合格"}).status_code == 302
    assert "整改验收合格" in clerk.get(path).text
    for state in ("", "?state=asked", "?state=ended"):
        assert clerk.get(f"/outside/{state}").status_code == 200
    assert client_as("health_clerk").get("/outside/").status_code == 200


def test_a_waiting_mark_stands_on_the_reviewers_workbench(client_as, act_as, hotel):
    _asked(act_as, hotel)
    assert "旅馆业治安检查" in client_as("police_reviewer").get("/").text
