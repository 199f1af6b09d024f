"""The difference feed: in the order of transactions, nothing passed by, nothing of other areas."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from app.db import db, unit_of_work
from app.directories.sources import feed
from app.directories.sources.feed import changes_since, cursor_of
from app.directories.targets.models import Target, TargetCode
from app.directories.targets.services import add_target, close_target, upgrade_code
from app.kernel.clock import today
from app.kernel.errors import Invalid
from app.security.models import Account, Region
from app.security.queries import actor_of, memberships_of, scope_for
from app.security.scope import Scope
from app.security.scoping import unscoped
from tests.directories.sources.batches import code
from tests.directories.sources.test_pushing import VALUES


@pytest.fixture
def acting(own_app, clock):
    """Units of work that really commit, under the scope of an account."""

    @contextmanager
    def act(name):
        orm = db.session()
        orm.info["scope"] = Scope.system("test")
        account = orm.scalars(select(Account).where(Account.username == name)).one()
        membership = memberships_of(orm, account.id)[0]
        day = today(clock)
        with unit_of_work(actor_of(membership, day), scope_for(orm, membership, day), clock) as unit:
            yield unit

    return act


OPEN_HERE = text(
    "SELECT coalesce(min(backend_xid::text::bigint), pg_snapshot_xmax(pg_current_snapshot())::text::bigint)"
    " FROM pg_stat_activity WHERE datname = current_database()"
)


@pytest.fixture(autouse=True)
def no_neighbours(monkeypatch):
    """The horizon without transactions of other databases of the server, which tests beside this one keep open."""

    def horizon(session):
        with db.engine.connect() as connection:
            return connection.execute(OPEN_HERE).scalar_one()

    monkeypatch.setattr(feed, "_horizon", horizon)


@pytest.fixture
def pull(acting):
    """What an account gets from a cursor on, to its end."""

    def pull(since=None, name="office", limit=500, unseen=()):
        rows, more = [], True
        while more:
            with acting(name) as unit:
                answer = changes_since(unit.session, cursor_of(since), limit=limit, unseen=unseen)
            rows += answer["rows"]
            since, more = answer["next"], answer["more"]
        return rows, since

    return pull


def add(acting, number, name="office", region="640104"):
    with acting(name) as unit:
        values = {**VALUES, "region": region, "code": code(number, region), "name": f"推送第{number}号示例"}
        return add_target(unit, values).id


def words(rows):
    return [(row["change"], row["target"]["code"] if row["target"] else row.get("code")) for row in rows]


@pytest.mark.rule("R-6.2")
def test_what_is_added_changed_closed_and_renamed_comes_once_and_as_it_is_now(acting, pull):
    rows, since = pull()
    assert len({row["id"] for row in rows}) <= len(rows) and rows
    old = code(1)[8:17]
    with acting("office") as unit:
        made = add_target(unit, {**VALUES, "code": old, "kind": "enterprise", "name": "推送第1号示例"}).id
    rows, since = pull(since)
    assert words(rows) == [("added", old)]
    with acting("office") as unit:
        upgrade_code(unit, made, code(1))
    rows, since = pull(since)
    assert words(rows) == [("code_upgraded", code(1))]
    assert rows[0]["target"]["former_codes"] == [old]
    with acting("office") as unit:
        close_target(unit, made, "注销")
    rows, since = pull(since)
    assert words(rows) == [("closed", code(1))]
    assert rows[0]["fields"] == ["status"]
    assert pull(since) == ([], since)


@pytest.mark.rule("R-6.2")
def test_a_row_that_was_written_early_and_committed_late_is_not_passed_by(own_app, acting, pull):
    _rows, since = pull()
    slow = Session(db.engine)
    slow.info["scope"] = Scope.system("test")
    first, its_code = slow.execute(select(Target.id, Target.code).order_by(Target.id).limit(1)).one()
    slow.execute(update(Target).where(Target.id == first).values(address="迟到的地址"))
    add(acting, 1)
    rows, since = pull(since)
    assert rows == []
    slow.commit()
    slow.close()
    rows, since = pull(since)
    assert [row["target"]["code"] for row in rows] == [its_code, code(1)]
    assert pull(since)[0] == []


def test_pages_of_one_row_give_the_same_as_one_answer(acting, pull):
    _rows, since = pull()
    for number in range(1, 5):
        add(acting, number)
    whole, _end = pull(since)
    parts, _end = pull(since, limit=1)
    assert words(whole) == words(parts) == [("added", code(number)) for number in range(1, 5)]


def test_other_areas_are_not_told_and_what_moves_away_is_told_as_gone(acting, pull):
    _rows, since = pull()
    add(acting, 1, "region_office", "640202")
    made = add(acting, 2)
    rows, since = pull(since)
    assert words(rows) == [("added", code(2))]
    with acting("region_office") as unit:
        there = unit.session.scalars(select(Region.id).where(Region.code == "640202")).one()
        unit.session.get_one(Target, made).region_id = there
    rows, since = pull(since)
    assert [(row["change"], row["id"], row["target"]) for row in rows] == [("left", made, None)]


def test_a_target_that_was_merged_into_another_names_it(acting, pull):
    kept, gone = add(acting, 1), add(acting, 2)
    _rows, since = pull()
    with acting("office") as unit, unscoped(unit.session, "as a merger does"):
        unit.session.execute(delete(Target).where(Target.id == gone))
        unit.session.add(TargetCode(code=code(2), target_id=kept, replaced_at=unit.clock.now()))
    rows, since = pull(since)
    told = {row["id"]: row for row in rows}
    assert (told[gone]["change"], told[gone]["into"]) == ("merged", {"id": kept, "code": code(1)})
    assert told[kept]["target"]["former_codes"] == [code(2)]


def test_a_change_of_what_somebody_does_not_see_is_not_told(acting, pull):
    made = add(acting, 1)
    _rows, since = pull()
    with acting("office") as unit:
        target = unit.session.get_one(Target, made)
        target.phone, target.risk_class = "10900000003", "B"
    assert words(pull(since)[0]) == [("changed", code(1))]
    assert pull(since)[0][0]["fields"] == ["risk_class"]
    assert pull(since, unseen=("risk_class",))[0] == []


def test_the_horizon_lies_no_higher_than_any_open_transaction(own_app, monkeypatch):
    monkeypatch.undo()
    with db.engine.begin() as writer:
        mine = writer.execute(text("SELECT pg_current_xact_id()::text::bigint")).scalar_one()
        other = Session(db.engine)
        assert feed._horizon(other) <= mine
        other.close()


@pytest.mark.parametrize("sent", ["x", "1", "1.", "-1.2", "1.2.3", "9" * 30 + ".1", "١.٢"])
def test_what_is_no_cursor_is_refused(sent):
    with pytest.raises(Invalid, match="feed_cursor"):
        cursor_of(sent)
