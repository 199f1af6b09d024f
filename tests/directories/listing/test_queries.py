"""Pages of a list: every row once, in every order, forth and back; totals; the rows that an act takes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import event, select
from werkzeug.datastructures import MultiDict

from app.db import db
from app.directories.inspectors.listing import EXPERTS, INSPECTORS
from app.directories.listing import queries
from app.directories.listing.listing import listings
from app.directories.listing.state import ListState
from app.directories.recusals.listing import RECUSALS
from app.directories.targets.listing import LISTING
from app.directories.targets.models import Target

ORDERS = [f"{way}{key}" for key in LISTING.sortable for way in ("", "-")]


def state_of(listing=LISTING, **args):
    return ListState.from_args(listing, MultiDict(args))


def small(**args):
    return replace(state_of(**args), size=7)


def walk(session, state, listing=LISTING):
    """All ids forth, then all ids back from the last page."""
    forth, pages = [], 0
    page = queries.page(session, listing, state)
    while True:
        forth += [row.id for row in page.rows]
        pages += 1
        assert pages < 40
        if page.after is None:
            break
        page = queries.page(session, listing, replace(state, after=page.after))
    back = [[row.id for row in page.rows]]
    while page.before is not None:
        page = queries.page(session, listing, replace(state, after=None, before=page.before))
        back.insert(0, [row.id for row in page.rows])
    return forth, [number for part in back for number in part]


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_shows_every_row_once_forth_and_back(session, few, order):
    forth, back = walk(session, small(q="清单", sort=order))
    assert forth == back
    assert sorted(forth) == sorted(t.id for t in few)


@pytest.mark.parametrize(
    "order", ["name", "-name", "last_checked_on", "-last_checked_on", "-registered_on", "risk_class"]
)
def test_missing_values_come_first_and_last_the_other_way_round(session, few, order):
    name = order.removeprefix("-")
    forth, _back = walk(session, small(q="清单", sort=order))

    nothing = [t for t in few if getattr(t, name) is None]
    values = sorted((t for t in few if getattr(t, name) is not None), key=lambda t: (getattr(t, name), t.id))
    expected = [t.id for t in sorted(nothing, key=lambda t: t.id) + values]
    assert forth == (expected[::-1] if order.startswith("-") else expected)


def test_a_place_of_another_order_shows_the_first_page(session, few):
    by_name = queries.page(session, LISTING, small(q="清单"))
    again = queries.page(
        session, LISTING, replace(small(q="清单", sort="last_checked_on"), after=by_name.after)
    )
    assert again.rows[0].id == min(t.id for t in few if t.last_checked_on is None)


def test_filters_are_joined_by_and_their_values_by_or(session, few):
    state = state_of(q="清单")
    both = replace(state, filters={"risk_class": ("A", "B")})
    assert queries.count(session, LISTING, both).n == 20
    narrower = replace(state, filters={"risk_class": ("A", "B"), "not_checked_since": ("2026-01-03",)})
    expected = [
        t for t in few if t.risk_class in "AB" and (not t.last_checked_on or t.last_checked_on.day < 3)
    ]
    assert queries.count(session, LISTING, narrower).n == len(expected)


@pytest.mark.parametrize(
    "filters",
    [
        {"not_checked_since": ("soon",)},
        {"kind": ("none",)},
        {"region": ("000000",)},
        {"industry": ("%%",)},
        {"status": ("x",)},
    ],
)
def test_a_value_that_means_nothing_leaves_nothing(session, filters):
    assert queries.count(session, LISTING, replace(state_of(), filters=filters)).n == 0


def test_a_region_covers_what_lies_below_it(session, few):
    count = lambda code: queries.count(session, LISTING, state_of(q="清单", region=code)).n  # noqa: E731
    assert (count("640104"), count("640100"), count("640000"), count("640200")) == (40, 40, 40, 0)


def test_many_rows_are_estimated_and_marked(session, monkeypatch):
    monkeypatch.setattr(queries, "COUNTED_UP_TO", 100)
    total = queries.count(session, LISTING, state_of(status="active"))
    assert total.estimated
    assert total.n > 100
    assert not queries.count(session, LISTING, state_of(q="没有这个名字的对象")).estimated


def test_the_ticked_rows_and_all_that_the_filter_leaves(session, few):
    state = state_of(q="清单", risk_class="A")
    left = session.scalars(queries.chosen(session, LISTING, state, None)).all()
    assert sorted(left) == sorted(t.id for t in few if t.risk_class == "A")
    ticked = session.scalars(queries.chosen(session, LISTING, state, [few[0].id, few[1].id, 10**9])).all()
    assert sorted(ticked) == [few[0].id, few[1].id]
    names = session.scalars(queries.selected(session, LISTING, state, Target.__table__.c.name)).all()
    assert len(names) == 10


def test_nobody_chooses_rows_outside_the_own_scope(act_as, few):
    with act_as("police_clerk") as unit:
        foreign = unit.session.scalars(queries.chosen(unit.session, LISTING, state_of(), [few[0].id])).all()
        assert foreign == [few[0].id]
        elsewhere = state_of(region="640200")
        assert unit.session.scalars(queries.selected(unit.session, LISTING, elsewhere)).first() is None


@pytest.mark.parametrize("listing", [LISTING, INSPECTORS, EXPERTS, RECUSALS], ids=lambda found: found.key)
def test_every_column_filter_and_order_is_sound(session, app, listing):
    with app.test_request_context():
        every = ",".join(c.key for c in listing.columns)
        for key in listing.sortable:
            for way in ("", "-"):
                state = state_of(listing, cols=every, sort=way + key)
                assert queries.page(session, listing, state).rows is not None
        for found in listing.filters:
            values = (
                [value for value, _label in found.choices(session)][:2] if callable(found.choices) else []
            )
            state = replace(state_of(listing), filters={found.key: tuple(values) or ("2026-01-01",)})
            assert queries.count(session, listing, state).n >= 0
            assert found.said(session, tuple(values) or ("x",))
        assert queries.count(session, listing, state_of(listing, q="张")).n >= 0


def test_a_page_and_its_total_take_four_queries_at_most(session, few):
    seen = []
    note = lambda conn, cursor, statement, *rest: seen.append(statement)  # noqa: E731
    event.listen(db.engines[None], "before_cursor_execute", note)
    try:
        for key in ("name", "last_checked_on"):
            seen.clear()
            queries.look(session, LISTING, small(sort=key))
            assert len([s for s in seen if s.startswith("SELECT")]) <= 4
    finally:
        event.remove(db.engines[None], "before_cursor_execute", note)


def test_all_lists_stand(session):
    assert {"targets", "inspectors", "experts", "recusals"} <= set(listings)
    assert session.scalars(select(Target.id).limit(1)).first() is not None
