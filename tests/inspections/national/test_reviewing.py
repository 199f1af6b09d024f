"""Review, publication with the source named, and what counts as a visit."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.directories.inspectors.places import load_outside, workload_of
from app.directories.past.queries import visits_before
from app.inspections.national.models import NationalResult
from app.inspections.national.queries import meetings_of
from app.inspections.national.services import approve, approve_all, republish, send_back
from app.kernel.errors import Invalid, NotFound, Refused, Stale
from app.publicity.models import Publication, PublicRecord
from app.publicity.services import deliver
from tests.inspections.national.world import DAY, PROBLEM, day, results, told


def take(act_as, rows, *more):
    return [row["id"] for row in results(act_as, rows.result(1), *more)["rows"]]


def stored(session, number):
    session.expire_all()
    return session.get(NationalResult, number)


@pytest.mark.rule("R-6.2", "R-27.1")
def test_an_approved_result_is_public_with_its_source(rows, act_as, act_as_system, session, client_as):
    number = take(act_as, rows)[0]
    with act_as("police_reviewer") as unit:
        approve(unit, number)
    publication = session.scalars(select(Publication).where(Publication.origin == "national")).one()
    assert (publication.subject_id, publication.state) == (number, "queued")
    assert publication.due_at == stored(session, number).publish_due_at
    with act_as_system() as unit:
        deliver(unit, publication.id)
    record = session.scalars(select(PublicRecord).where(PublicRecord.key == f"NR-{number:08d}")).one()
    assert record.payload["source"] == "公安专网系统" and record.payload["items"] == [
        "旅馆业治安检查",
        "印章业检查",
    ]
    assert set(record.payload) == {
        "form_no", "task_no", "task_name", "target_code", "target_name", "method", "items", "checked_on", "result",
        "disposition", "corrected_on", "source",
    }  # fmt: skip
    assert stored(session, number).state == "published"
    page = client_as(None).get(f"/public/results?q=NR-{number:08d}").text
    assert rows.targets[0].name in page and "公安专网系统" in page
    if record.target_code:
        assert "公安专网系统" in client_as(None).get(f"/public/targets/{record.target_code}").text


def test_what_was_published_is_published_anew_when_its_task_changes(rows, act_as, act_as_system, session):
    number = take(act_as, rows)[0]
    with act_as("police_reviewer") as unit:
        approve(unit, number)
    publication = session.scalars(select(Publication).where(Publication.origin == "national")).one()
    with act_as_system() as unit:
        deliver(unit, publication.id)
    with act_as_system() as unit:
        assert republish(unit, stored(unit.session, number).task_id) == number
        assert republish(unit, stored(unit.session, number).task_id, number) == 0
    session.expire_all()
    assert (publication.revision, publication.state) == (2, "queued")


def test_whoever_took_it_in_and_other_agencies_do_not_approve(rows, act_as, session):
    number = take(act_as, rows)[0]
    for who, error in (("police_admin", Refused), ("police_clerk", Refused), ("amr_clerk", NotFound)):
        with act_as(who) as unit, pytest.raises(error):
            approve(unit, number)
    with act_as("police_reviewer") as unit:
        unit.session.get_one(NationalResult, number).received_by = unit.actor.code
        unit.session.flush()
        with pytest.raises(Refused, match="same_person"):
            approve(unit, number)


def test_a_result_that_was_sent_back_does_not_count_until_it_is_said_anew(rows, act_as, session):
    number = take(act_as, rows)[0]
    person = rows.people[0].id
    assert load_outside(session, [person], 2026) == {person: 1}
    with act_as("police_reviewer") as unit, pytest.raises(Invalid):
        send_back(unit, number, " ")
    with act_as("police_reviewer") as unit, pytest.raises(Stale):
        send_back(unit, number, "日期有误", version=99)
    with act_as("police_reviewer") as unit:
        send_back(unit, number, "日期有误")
        assert send_back(unit, number, "日期有误").state == "returned"
    assert load_outside(session, [person], 2026) == {}
    with act_as("police_reviewer") as unit, pytest.raises(Refused, match="national_wrong_state"):
        approve(unit, number)
    assert told(results(act_as, rows.result(1))) == ["unchanged"]
    assert told(results(act_as, rows.result(1, checked_on="2026-03-03"))) == ["changed"]
    assert (stored(session, number).state, stored(session, number).remark) == ("received", "")


def test_many_are_approved_at_once(rows, act_as, session):
    ids = take(act_as, rows, rows.result(2, 1), rows.result(3, 2, result=PROBLEM, problem_text="未登记"))
    with act_as("police_reviewer") as unit:
        assert approve_all(unit, ids) == 3
    with act_as("police_reviewer") as unit, pytest.raises(Refused, match="national_nothing_to_approve"):
        approve_all(unit, ids)
    assert {stored(session, number).state for number in ids} == {"approved"}


@pytest.mark.rule("R-6.2")
def test_results_count_as_visits_of_the_year_and_as_meetings(rows, act_as, session):
    take(act_as, rows, rows.result(2, 1), rows.result(3, 1, checked_on="2025-05-05"))
    first, second = (target.id for target in rows.targets[:2])
    assert visits_before(session, [first, second], 2026) == {first: 1, second: 1}
    assert visits_before(session, [first, second], 2025) == {second: 1}
    one, two, three = (person.id for person in rows.people)
    loads = workload_of(session, [one, two, three], 2026)
    assert [loads[number].past for number in (one, two, three)] == [2, 2, 0]
    met = meetings_of(session, rows.police.id, day("2026-01-01"))
    assert {(m.inspector_id, m.target_id, m.day) for m in met} == {
        (person, target, day(DAY)) for person in (one, two) for target in (first, second)
    }
