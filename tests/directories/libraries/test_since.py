"""How long a target was not checked: relative words stay relative and are counted back from the day of use."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from werkzeug.datastructures import MultiDict

from app.directories.libraries.models import Library
from app.directories.libraries.queries import count, members
from app.directories.libraries.rules import SelectionRule
from app.directories.listing.listing import listings
from app.directories.listing.queries import count as counted
from app.directories.listing.state import ListState
from app.directories.targets.models import Target
from app.directories.targets.since import checked_before, is_since, months_before, widest
from app.kernel.clock import today
from app.security.scope import Scope

HOTELS = {"kinds": ["enterprise"], "status": ["active"]}


@pytest.mark.parametrize(
    ("value", "day", "before"),
    [
        ("6m", date(2026, 8, 31), date(2026, 2, 28)),
        ("1y", date(2024, 2, 29), date(2023, 2, 28)),
        ("2y", date(2026, 3, 2), date(2024, 3, 2)),
        ("never", date(2026, 3, 2), None),
        ("2025-01-31", date(2026, 3, 2), date(2025, 1, 31)),
    ],
)
def test_words_become_days(value, day, before):
    assert is_since(value) and checked_before(value, day) == before


def test_january_and_leap_years_are_counted_right():
    assert months_before(date(2026, 1, 31), 12) == date(2025, 1, 31)
    assert months_before(date(2026, 1, 15), 6) == date(2025, 7, 15)


@pytest.mark.parametrize("value", ["", "3y", "soon", "2025-2-1", "20250131", "never "])
def test_anything_else_is_none(value):
    assert not is_since(value)


def test_of_several_the_one_that_leaves_most_counts():
    day = date(2026, 3, 2)
    assert widest(["2y", "1y", "never", "x"], day) == "1y"
    assert widest(["2026-01-01", "6m"], day) == "2026-01-01"
    assert widest(["x"], day) is None


@pytest.fixture
def checked(session, clock):
    """Three targets: checked eight months ago, eighteen months ago, never; all others yesterday."""
    session.info["scope"] = Scope.system("test")
    now = today(clock)
    session.execute(update(Target).values(last_checked_on=now - timedelta(days=1)))
    ids = session.scalars(
        select(Target.id).where(Target.code.like("92640104%"), Target.status == "active").limit(3)
    ).all()
    for target_id, day in zip(ids, (now - timedelta(days=240), now - timedelta(days=540), None), strict=True):
        session.execute(update(Target).where(Target.id == target_id).values(last_checked_on=day))
    session.flush()
    return ids


def found(unit, value):
    return count(unit.session, SelectionRule(not_checked_since=(value,)))


def listed(unit, *values):
    listing = listings["targets"]
    state = ListState.from_args(listing, MultiDict([("not_checked_since", value) for value in values]))
    return counted(unit.session, listing, state).n


def test_list_and_rule_say_the_same_and_move_on_with_the_clock(act_as, clock, checked):
    with act_as("office") as unit:
        for value, number in (("6m", 3), ("1y", 2), ("2y", 1), ("never", 1)):
            assert (found(unit, value), listed(unit, value)) == (number, number), value
        assert listed(unit, "never", "6m") == 3
    clock.advance(days=140)
    with act_as("office") as unit:
        assert (found(unit, "1y"), listed(unit, "1y")) == (3, 3)
        assert found(unit, "never") == 1


def test_a_library_keeps_the_word_and_says_what_it_means_now(client_as, session, clock, checked):
    client = client_as("police_clerk")
    values = {"name": "久未检查", "kind": "category", **HOTELS, "not_checked": "1y"}
    assert client.post("/libraries/add", data=values).status_code == 302
    library = session.scalars(select(Library).where(Library.name == "久未检查")).one()
    assert library.rule["not_checked_since"] == ["1y"]
    page = client.get(f"/libraries/{library.id}").text
    assert "not_checked_since=1y" in page and months_before(today(clock), 12).isoformat() in page
    assert 'value="1y" selected' in client.get(f"/libraries/{library.id}/edit").text.replace(
        'selected value="1y"', 'value="1y" selected'
    )
    with_list = client.get("/libraries/add?not_checked_since=2y").text
    assert 'selected value="2y"' in with_list or 'value="2y" selected' in with_list


def test_the_filter_offers_the_words_beside_a_day(client_as):
    page = client_as("office").get("/directories/targets/filters?not_checked_since=1y").text
    assert '<option value="1y" selected>' in page
    assert 'type="date" id="d-not_checked_since" name="not_checked_since" value=""' in page
    fixed = client_as("office").get("/directories/targets/filters?not_checked_since=2025-01-31").text
    assert 'value="2025-01-31"' in fixed
    chips = client_as("office").get("/targets/?not_checked_since=1y").text
    assert "一年" in chips


def test_a_frozen_draw_keeps_what_was_evaluated(act_as, session, clock, ceremony, task):
    session.info["scope"] = Scope.system("test")
    task.rule = {**task.rule, "not_checked_since": ["1y"]}
    now = today(clock)
    session.execute(update(Target).values(last_checked_on=now - timedelta(days=300)))
    kept = session.scalars(members_of(session, task)).all()
    for target_id in kept[: len(kept) // 2]:
        session.execute(update(Target).where(Target.id == target_id).values(last_checked_on=None))
    session.flush()
    draw = ceremony.frozen() if hasattr(ceremony, "frozen") else ceremony.freeze()
    rows = sum(stratum["rows"] for stratum in draw.strata)
    assert rows == len(kept) // 2
    clock.advance(days=100)
    with act_as("police_clerk") as unit:
        assert count(unit.session, SelectionRule.from_json(task.rule)) > rows
    session.refresh(draw)
    assert sum(stratum["rows"] for stratum in draw.strata) == rows


def members_of(session, task):
    from app.directories.libraries.queries import select_targets

    rule = {name: values for name, values in task.rule.items() if name != "not_checked_since"}
    return select_targets(session, SelectionRule.from_json(rule))


def test_members_of_a_library_follow_the_clock(act_as, session, clock, checked):
    with act_as("police_admin") as unit:
        made = Library(
            name="半年", kind="category", agency_id=unit.actor.agency_id, rule={**HOTELS, "not_checked_since": ["6m"]},
            changed_at=unit.clock.now(),
        )  # fmt: skip
        unit.session.add(made)
        unit.session.flush()
        before = set(unit.session.scalars(members(unit.session, made)))
    clock.advance(days=200)
    with act_as("police_admin") as unit:
        after = set(unit.session.scalars(members(unit.session, unit.session.get(Library, made.id))))
    assert before < after
