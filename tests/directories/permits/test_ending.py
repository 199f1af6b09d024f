"""Permits that end: a line of the workbench, a message at 60 and 15 days, and the filters that lead to them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from app.directories.ending.rules import warning_of
from app.directories.permits.ending import all_endings, endings
from app.directories.permits.models import Permit
from app.directories.permits.warning import tell_of_permits
from app.directories.targets.models import Target
from app.kernel.clock import today
from app.notifications.due import lines_for
from app.notifications.models import Message
from app.security.models import Agency
from app.security.scope import Scope


@pytest.fixture
def made(session, clock):
    """Of the market regulator: kept and ending in 10 days, issued and ending in 40, ended yesterday, revoked, far."""
    session.info["scope"] = Scope.system("test")
    session.execute(delete(Permit))
    agency = session.scalars(select(Agency).where(Agency.code == "AMR-640100")).one()
    target = session.scalars(select(Target).where(Target.code.like("92640104%"))).first()
    day = today(clock)
    rows = [
        (10, {"agency_id": agency.id, "authority": "别的机关"}, "valid"),
        (40, {"authority": agency.name}, "valid"),
        (40, {"authority": agency.name}, "valid"),
        (-1, {"authority": agency.name}, "valid"),
        (12, {"authority": agency.name}, "revoked"),
        (61, {"authority": agency.name}, "valid"),
        (12, {"authority": "银川市公安局"}, "valid"),
    ]
    for number, (days, values, status) in enumerate(rows):
        session.add(
            Permit(
                target_id=target.id, region_id=target.region_id, kind="food_business", number=f"末-{number}",
                valid_until=day + timedelta(days=days), status=status, **values,
            )
        )  # fmt: skip
    session.flush()
    return agency


def test_the_thresholds_are_those_of_certificates(clock):
    day = today(clock)
    told = {days: warning_of(day + timedelta(days=days), day) for days in (61, 60, 16, 15, 0, -1, -15, -16)}
    assert told == {61: None, 60: 60, 16: 60, 15: 15, 0: 15, -1: 0, -15: 0, -16: None}


def test_only_permits_in_force_that_the_agency_keeps_or_issued_count(session, clock, made):
    found = [((one.until - today(clock)).days, one.number) for one in endings(session, made, today(clock))]
    assert found == [(10, 1), (40, 2)]
    every = {((one.until - today(clock)).days, one.number) for one in all_endings(session, today(clock))}
    assert {(-1, 1), (10, 1), (12, 1), (40, 2)} <= every and not any(days == 61 for days, _ in every)


def test_the_workbench_has_a_line_for_each_distance_that_leads_to_the_rows(
    act_as, client_as, session, clock, made
):
    with act_as("amr_admin") as unit:
        lines = [one for one in lines_for(unit.session, unit.actor, clock) if one.url.startswith("/permits/")]
    assert [one.title for one in lines] == [
        "1 permits end within 15 days", "2 permits end within 60 days",
    ] or [one.title[0] for one in lines] == ["1", "2"]  # fmt: skip
    page = client_as("amr_admin").get(lines[0].url).text
    assert "末-0" in page and "末-1" not in page and "末-6" not in page
    assert "/permits/?own=1" in client_as("amr_admin").get("/").text
    with act_as("amr_clerk") as unit:
        assert not [one for one in lines_for(unit.session, unit.actor, clock) if "/permits/" in one.url]


def messages(session):
    session.info["scope"] = Scope.system("test")
    session.expire_all()
    return session.scalars(select(Message).where(Message.kind.like("permit.%")).order_by(Message.id)).all()


def test_administrators_hear_of_it_once_for_each_distance(act_as_system, session, clock, made):
    for _again in range(2):
        with act_as_system() as unit:
            tell_of_permits(unit, today(clock))
    kinds = sorted(one.kind for one in messages(session))
    first = len(kinds)
    assert kinds.count("permit.ended") >= 1 and kinds.count("permit.ends") >= 2
    clock.advance(days=30)
    with act_as_system() as unit:
        tell_of_permits(unit, today(clock))
    later = messages(session)[first:]
    assert later and all(one.kind in ("permit.ends", "permit.ended") for one in later)
    assert all(one.link.startswith("/permits/?own=1&ends_on=") for one in later)


def test_the_list_is_filtered_by_the_day_before_which_validity_ends(client_as, session, clock, made):
    client, day = client_as("amr_admin"), today(clock)
    page = client.get(f"/permits/?until={day + timedelta(days=40)}").text
    assert "末-0" in page and "末-3" in page
    assert "末-1" not in page and "末-4" not in page, "not on the day itself, and not what is revoked"
    assert "末-0" not in client.get("/permits/?until=soon").text
    targets = client.get(f"/targets/?permit_until={day + timedelta(days=11)}").text
    name = session.scalars(select(Target.name).join(Permit, Permit.target_id == Target.id)).first()
    assert name in targets
    session.execute(update(Permit).values(valid_until=None))
    session.flush()
    assert name not in client.get(f"/targets/?permit_until={day + timedelta(days=11)}").text
