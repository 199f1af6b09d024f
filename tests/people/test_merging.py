"""A region that is merged into another: people, units, targets and inspectors' regions, all or nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.directories.targets.models import Target
from app.kernel.errors import Invalid, NotFound, Refused
from app.people import services
from app.people.rules import heirs_of, may_merge
from app.security.models import Agency, Region

REASON = "merged by decree"
GONE, INTO = "640105", "640106"


@pytest.fixture
def region(session):
    return lambda code: session.scalars(select(Region.id).where(Region.code == code)).one()


@pytest.fixture
def clerk(act_as, who, entry, session):
    """A clerk of the police of the county that is merged."""
    with act_as("office") as unit:
        place = services.invite(unit, entry(username="county.clerk"))
    membership = who.place("county.clerk")
    membership.agency_id = who.agency(f"POLICE-{GONE}")
    session.commit()
    return place


@pytest.fixture
def targets_in(session):
    return lambda region_id: session.scalar(
        select(func.count()).select_from(Target.__table__).where(Target.__table__.c.region_id == region_id)
    )


def merge(act_as, region, gone=GONE, into=INTO, name="office", reason=REASON):
    with act_as(name) as unit:
        return services.merge_region(unit, region(gone), region(into), reason)


def open_units(session, region_id):
    query = select(func.count()).select_from(Agency).where(Agency.region_id == region_id, Agency.active)
    return session.scalar(query)


def test_people_units_and_targets_go_over_and_a_second_time_changes_nothing(
    act_as, who, session, region, clerk, targets_in
):
    gone, into = region(GONE), region(INTO)
    before = targets_in(gone) + targets_in(into)
    assert targets_in(gone) > 0
    pairs = merge(act_as, region)
    assert len(pairs) == 16
    assert who.place("county.clerk").agency.code == f"POLICE-{INTO}"
    assert who.roles("county.clerk", f"POLICE-{INTO}") == {"clerk"}
    assert open_units(session, gone) == 0
    assert (targets_in(gone), targets_in(into)) == (0, before)
    assert len(who.logged("region_merged")) == 1
    assert merge(act_as, region) == []
    assert len(who.logged("region_merged")) == 1


def test_an_agency_without_a_counterpart_stops_the_whole_act(act_as, who, session, region, clerk, targets_in):
    session.get_one(Agency, who.agency(f"AMR-{INTO}")).active = False
    session.commit()
    before = targets_in(region(GONE))
    with pytest.raises(Refused) as refused:
        merge(act_as, region)
    assert refused.value.code == "no_heir"
    assert who.place("county.clerk").agency.code == f"POLICE-{GONE}"
    assert (open_units(session, region(GONE)), targets_in(region(GONE))) == (16, before)


@pytest.mark.parametrize(
    "gone,into,name,error",
    [
        (GONE, GONE, "office", Refused),
        ("640100", INTO, "region_office", Refused),
        (GONE, "640202", "office", NotFound),
        ("640202", INTO, "office", NotFound),
        (GONE, INTO, "police_admin", NotFound),
        (GONE, INTO, "police_clerk", NotFound),
    ],
)
def test_what_does_not_fit_or_lies_outside_the_area_is_refused(act_as, region, gone, into, name, error):
    with pytest.raises(error):
        merge(act_as, region, gone, into, name)


def test_it_needs_a_reason(act_as, region):
    with pytest.raises(Invalid):
        merge(act_as, region, reason=" ")


def test_levels_and_heirs_are_plain_rules():
    assert may_merge(("a/b", "county"), ("a/c", "county"))
    assert may_merge(("a/b", "county"), ("a/b", "county")).code == "region_into_itself"
    assert may_merge(("a", "city"), ("a/c", "county")).code == "regions_of_two_levels"
    pairs = heirs_of([(1, "x", "amr", False), (2, "y", "tax", False)], [(7, "z", "amr", False)])
    assert [(p.agency_id, p.heir_id) for p in pairs] == [(1, 7), (2, None)]


def test_the_page_shows_what_would_go_where_before_it_is_done(client_as, region):
    client = client_as("office")
    assert "显示去向" in client.get("/people/merge").text
    page = client.get(f"/people/merge?gone={region(GONE)}&into={region(INTO)}").text
    assert page.count('class="eh-strong"') == 16
    wrong = client.post("/people/merge", data={"gone": region(GONE), "into": region(INTO), "reason": ""})
    assert wrong.status_code == 422
    done = client.post("/people/merge", data={"gone": region(GONE), "into": region(INTO), "reason": REASON})
    assert done.location == "/people/agencies"


def test_the_owner_of_an_account_hears_of_a_lock_and_of_a_new_password(act_as, client_as, home, session, who):
    from app.notifications.models import Message
    from app.security.scoping import unscoped
    from tests.security.login.people import log_in

    for _attempt in range(5):
        log_in(client_as(None), "police_clerk", "wrong")
    with unscoped(session, "the test reads messages"):
        titles = session.scalars(select(Message.title).where(Message.user_id == who.id("police_clerk"))).all()
    assert titles == ["您的账号因多次登录失败被锁定"]


def test_a_move_that_waits_stands_on_the_workbench_of_whoever_answers(act_as, client_as, who):
    with act_as("police_admin") as unit:
        place = who.place("police_clerk")
        request = services.ask_move(
            unit,
            who.id("police_clerk"),
            place.id,
            who.agency("AMR-640100"),
            title="",
            reason=REASON,
            choices={},
        )
    link = f"/people/moves/{request.id}"
    assert link in client_as("amr_admin").get("/").text
    assert link not in client_as("police_admin").get("/").text
    assert link not in client_as("amr_clerk").get("/").text
