"""The page of a target that was drawn, visited and checked; and what a merger does with it."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select, text, update

from app.db import db
from app.directories.merging.services import merge, unmerge
from app.directories.permits.models import Permit
from app.directories.premises.models import Premises
from app.directories.targets.models import Target
from app.inspections.models import CheckForm, FollowUp, Visit
from app.kernel.errors import Refused
from app.matching.models import Assignment
from app.security.models import Account
from app.security.scope import Scope

MOST_QUERIES = 18


def owner(session):
    session.info["scope"] = Scope.system("test")
    return session


@pytest.fixture
def visit(session):
    return owner(session).scalars(select(Visit).order_by(Visit.id)).first()


@pytest.fixture
def queries(app):
    seen = []

    def note(conn, cursor, statement, *rest):
        if statement.startswith("SELECT") and "set_config" not in statement:
            seen.append(statement)

    event.listen(db.engines[None], "before_cursor_execute", note)
    yield seen
    event.remove(db.engines[None], "before_cursor_execute", note)


def of_the_page(client, target_id, queries):
    """How many queries the record page makes beyond those of any page (person, menu, counters)."""
    client.get("/targets/add")
    client.get(f"/targets/{target_id}")
    queries.clear()
    client.get("/targets/add")
    shell = [
        statement for statement in queries if "target_kind" not in statement and "specialty" not in statement
    ]
    queries.clear()
    assert client.get(f"/targets/{target_id}").status_code == 200
    return len(queries), len(shell)


def test_the_page_shows_visits_results_and_follow_ups(client_as, session, visit):
    case = owner(session).scalars(select(FollowUp).order_by(FollowUp.id)).first()
    page = client_as("office").get(f"/targets/{visit.target_id}").text
    assert visit.no in page
    page = client_as("office").get(f"/targets/{case.target_id}").text
    assert case.no in page and case.problem in page


def test_the_page_is_within_its_queries_at_any_number_of_visits(client_as, session, visit, queries):
    office = client_as("office")
    few, _shell = of_the_page(office, visit.target_id, queries)
    others = owner(session).scalars(select(Visit.id).where(Visit.id != visit.id).limit(15)).all()
    session.execute(update(Visit).where(Visit.id.in_(others)).values(target_id=visit.target_id))
    session.commit()
    many, shell = of_the_page(office, visit.target_id, queries)
    assert len(others) >= 5 and many == few
    own = [s.split(" FROM ")[0][:0] + s.partition("FROM")[2][:50] for s in queries]
    assert many - shell <= MOST_QUERIES, own


def test_a_merged_target_takes_its_visits_along_and_back(client_as, act_as, session, visit):
    gone = visit.target_id
    drawn = select(text("target_id")).select_from(text("drawn_target"))
    kept = (
        owner(session)
        .scalars(
            select(Target.id)
            .where(Target.region_id == session.get(Target, gone).region_id, Target.id.not_in(drawn))
            .order_by(Target.id)
        )
        .first()
    )
    with act_as("office") as unit:
        done = merge(unit, kept, gone, "重复")
    assert {"drawn_target", "visit"} <= {entry["table"] for entry in done.moved}
    assert visit.no in client_as("office").get(f"/targets/{kept}").text
    with act_as("office") as unit:
        assert unmerge(unit, done.id, "有误").stayed == []
    session.expire_all()
    assert owner(session).get(Visit, visit.id).target_id == gone


def test_two_targets_of_one_draw_stay_two(act_as, session, visit):
    rows = owner(session).execute(
        text(
            "SELECT target_id FROM drawn_target WHERE draw_id = (SELECT min(draw_id) FROM drawn_target) LIMIT 2"
        )
    )
    kept, gone = rows.scalars().all()
    with act_as("office") as unit, pytest.raises(Refused, match="merge_same_record"):
        merge(unit, kept, gone, "重复")
    assert owner(session).get(Target, gone) is not None


def test_the_inspector_sees_permits_and_premises_in_the_visit(client_as, session, visit):
    target = owner(session).get(Target, visit.target_id)
    place = {"target_id": target.id, "region_id": target.region_id}
    session.add_all(
        [
            Permit(**place, kind="fire_safety_check", number="查验-1", authority="示例支队"),
            Premises(**place, kind="kitchen", name="二层后厨", address="示例路2号"),
        ]
    )
    session.flush()
    group = session.scalars(
        select(Assignment).where(Assignment.drawn_target_id == visit.drawn_target_id)
    ).first()
    username = session.scalar(
        select(Account.username).where(Account.id == _user_of(session, group.inspector_id))
    )
    inspector = client_as(username)
    for path in (f"/visits/{visit.id}",):
        page = inspector.get(path).text
        assert "查验-1" in page and "二层后厨" in page
    form = session.scalars(select(CheckForm).where(CheckForm.visit_id == visit.id)).first()
    owner(session).execute(update(CheckForm).where(CheckForm.visit_id == visit.id).values(state="saved"))
    session.commit()
    pages = [
        inspector.get(f"/visits/forms/{number}").text
        for number in owner(session).scalars(select(CheckForm.id).where(CheckForm.visit_id == visit.id))
    ]
    assert form is not None and any("查验-1" in page and "二层后厨" in page for page in pages)


def _user_of(session, inspector_id):
    return session.execute(text(f"SELECT user_id FROM inspector WHERE id = {inspector_id}")).scalar()  # noqa: S608
