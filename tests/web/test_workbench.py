"""The workbench: the dates of the law on its calendar, events told by names and numbers."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.audit.names import event_name
from app.audit.services import record
from app.directories.targets.models import Target
from app.ops.subjects import subjects_of
from app.web.legal_days import legal_days, next_legal_day


@pytest.fixture
def in_chinese(app):
    with app.test_request_context("/"):
        yield


def test_the_end_of_each_month_and_the_two_dates_of_the_plans_stand_in_the_calendar(in_chinese):
    days = [(legal.day.isoformat(), legal.mark, legal.rule) for legal in legal_days(date(2027, 1, 20), 71)]
    assert days == [
        ("2027-01-31", "报", "R-18.1"),
        ("2027-01-31", "月", "R-11.2"),
        ("2027-02-28", "月", "R-11.2"),
        ("2027-03-31", "公", "R-18.1"),
        ("2027-03-31", "月", "R-11.2"),
    ]


def test_the_next_yearly_date_is_found_over_the_turn_of_the_year(in_chinese):
    assert next_legal_day(date(2026, 12, 22)).day == date(2027, 1, 31)
    assert next_legal_day(date(2027, 2, 1)).day == date(2027, 3, 31)
    assert next_legal_day(date(2027, 4, 1)).day == date(2028, 1, 31)


def test_an_event_without_a_name_is_written_in_words(in_chinese):
    assert event_name("task.pushed") == "推送任务"
    assert event_name("visits.set_up_again") == "Visits set up again"


def test_an_event_is_told_by_the_name_of_its_subject_and_leads_there(act_as, client_as):
    with act_as("police_clerk") as unit:
        target = unit.session.scalars(select(Target).order_by(Target.id)).first()
        name, address = target.name, f"/targets/{target.id}"
        record(unit, "target.changed", f"target:{target.id}", {})
    page = client_as("police_clerk").get("/").text
    assert name in page and f'href="{address}"' in page
    assert f"target:{address.rpartition('/')[2]}" not in page


def test_what_is_out_of_reach_or_unknown_has_no_name(act_as):
    with act_as("police_clerk") as unit:
        assert subjects_of(unit.session, ["task:999999", "job:x", "draw:none", "target:abc"]) == {}


def test_subjects_of_one_kind_are_found_together(act_as, app):
    with app.test_request_context("/"), act_as("police_clerk") as unit:
        first = unit.session.scalars(select(Target.id).order_by(Target.id).limit(3)).all()
        found = subjects_of(unit.session, [f"target:{number}" for number in first])
    assert set(found) == {f"target:{number}" for number in first}
