"""How often a target was visited this year: in the list, for the rows of one page."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from app.directories.past.models import PastVisits
from app.directories.targets.models import Target
from app.inspections.models import CheckForm, Visit
from app.inspections.of_targets import visits_in
from app.kernel.clock import today
from app.security.models import Agency
from app.security.scope import Scope


def test_recorded_visits_and_those_before_the_portal_count_once_each(session, clock, client_as):
    session.info["scope"] = Scope.system("test")
    year = today(clock).year
    visit = session.scalars(select(Visit).order_by(Visit.id)).first()
    forms = session.scalars(select(CheckForm).where(CheckForm.visit_id == visit.id)).all()
    others = session.scalars(
        select(Visit.id).where(Visit.target_id == visit.target_id, Visit.id != visit.id)
    ).all()
    for form in session.scalars(select(CheckForm).where(CheckForm.visit_id.in_([visit.id, *others]))):
        form.visit_started_on = form.visit_ended_on = date(year - 1, 5, 5)
    for row in session.scalars(select(PastVisits).where(PastVisits.target_id == visit.target_id)):
        session.delete(row)
    session.flush()
    assert visits_in(session, [visit.target_id], year).get(visit.target_id, 0) == 0
    for form in forms:
        form.state, form.visit_started_on, form.visit_ended_on = (
            "submitted",
            date(year, 2, 1),
            date(year, 2, 2),
        )
    target = session.get(Target, visit.target_id)
    for code, number in (("POLICE-640100", 2), ("AMR-640100", 1)):
        agency = session.scalars(select(Agency).where(Agency.code == code)).one()
        session.add(
            PastVisits(
                target_id=target.id, region_id=target.region_id, agency_id=agency.id, year=year, visits=number,
                source="演示",
            )
        )  # fmt: skip
    session.flush()
    found = visits_in(session, [visit.target_id, 0], year)
    assert found[visit.target_id] == 4, "one visit, however many forms, and three before the portal"
    assert visits_in(session, [], year) == {}
    session.commit()
    page = client_as("office").get(f"/targets/?cols=name,visits_this_year&q={target.code}").text
    assert "本年已检查次数" in page
    assert (
        "本年已检查次数"
        not in client_as("office")
        .get(f"/targets/?q={target.code}")
        .text.split("<thead>")[1]
        .split("</thead>")[0]
    )
