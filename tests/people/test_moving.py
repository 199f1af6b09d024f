"""Moving, leaving, returning, and an agency that is dissolved with people in it."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from app.directories.inspectors.models import Inspector
from app.kernel.errors import Invalid, NotFound, Refused
from app.people import services
from app.people.models import MoveRequest
from app.people.places import OpenWork, OpenWorkProvider, Successor, open_work
from app.security.models import Account, Agency, MeetingMember, Membership

REASON = "new post"


@pytest.fixture
def drawer(monkeypatch):
    """Open work of a kind of the test's own: one thing for the police's clerk, and who got it."""
    got = []
    thing = OpenWork("drawer", "7", "The blue folder", "/", Successor.NAMED)
    provider = OpenWorkProvider(
        "drawer",
        lambda session, account, agency_id: [thing] if account.username == "police_clerk" and not got else [],
        lambda unit, key, to, reason: got.append((key, to.username)),
        frozenset({"clerk", "reviewer"}),
    )
    monkeypatch.setattr(open_work, "_things", [*open_work._things, (1, provider)])
    return got


def test_a_move_hands_over_ends_the_old_place_and_begins_the_new_one(act_as, client_as, who, drawer):
    browser = client_as("police_clerk")
    person, place = who.id("police_clerk"), who.place("police_clerk")
    target = {"title": "科长", "roles": ["clerk"], "reason": REASON}
    with act_as("office") as unit, pytest.raises(Refused) as refused:
        services.move(unit, person, place.id, who.agency("AMR-640100"), choices={}, **target)
    assert refused.value.code == "work_without_successor"
    with pytest.raises(Refused) as refused, act_as("office") as unit:
        services.move(
            unit,
            person,
            place.id,
            who.agency("AMR-640100"),
            choices={"drawer:7": who.id("amr_clerk")},
            **target,
        )
    assert refused.value.code == "successor_unfit"
    choices = {"drawer:7": who.id("police_reviewer")}
    for _twice in range(2):
        with act_as("office") as unit:
            services.move(unit, person, place.id, who.agency("AMR-640100"), choices=choices, **target)
    assert drawer == [("7", "police_reviewer")]
    assert who.place("police_clerk").agency.code == "AMR-640100"
    assert not who.place("police_clerk", "POLICE-640100").active
    assert who.roles("police_clerk", "AMR-640100") == {"clerk"}
    assert browser.get("/").status_code == 302
    assert len(who.logged("account_moved")) == 1


def test_what_nobody_takes_over_stays_and_the_agency_is_told(act_as, client_as, who, drawer):
    with act_as("police_admin") as unit:
        settled = services.leave(unit, who.id("police_clerk"), REASON, {"drawer:7": -1})
    assert settled.stayed == ["The blue folder"] and drawer == []
    assert "The blue folder" not in client_as("amr_admin").get("/messages/").text
    assert "未交接" in client_as("police_admin").get("/messages/").text


def test_whoever_leaves_is_out_at_once_and_may_return_later(act_as, client_as, who):
    browser = client_as("police_clerk")
    person = who.id("police_clerk")
    for _twice in range(2):
        with act_as("police_admin") as unit:
            services.leave(unit, person, REASON, {})
    assert browser.get("/").status_code == 302
    account = who.account("police_clerk")
    assert not account.active and account.left_at is not None
    assert len(who.logged("account_left")) == 1
    with pytest.raises(NotFound), act_as("amr_admin") as unit:
        services.come_back(unit, person, who.agency("AMR-640100"), title="", roles=["clerk"], reason=REASON)
    with act_as("police_admin") as unit:
        account, word = services.come_back(
            unit, person, who.agency("POLICE-640100"), title="", roles=["reviewer"], reason=REASON
        )
    assert account.active and account.left_at is None and account.must_change_password
    assert who.roles("police_clerk") == {"reviewer"}
    again = client_as(None)
    assert again.post("/login/", data={"username": "police_clerk", "password": word}).status_code == 302


def test_leaving_one_area_keeps_the_places_elsewhere(act_as, who):
    person = who.id("police_clerk")
    with act_as("office") as unit:
        services.add_membership(
            unit, person, who.agency("AMR-640100"), title="", roles=["clerk"], reason=REASON
        )
    with act_as("police_admin") as unit:
        services.leave(unit, person, REASON, {})
    account = who.account("police_clerk")
    assert account.active and account.left_at is None
    assert not who.place("police_clerk", "POLICE-640100").active
    assert who.place("police_clerk", "AMR-640100").active


@pytest.mark.rule("R-15.1")
def test_an_inspector_who_leaves_is_off_duty_and_one_who_moves_takes_the_certificate_along(
    act_as, who, session
):
    name = who.inspector()
    behind = (
        select(Inspector).where(Inspector.user_id == who.id(name)).execution_options(populate_existing=True)
    )
    with act_as("office") as unit:
        services.move(
            unit,
            who.id(name),
            who.place(name).id,
            who.agency("AMR-640100"),
            title="",
            roles=["inspector"],
            reason=REASON,
            choices={},
        )
    moved = session.scalars(behind).one()
    assert moved.active and moved.agency_id == who.agency("AMR-640100")
    with act_as("amr_admin") as unit:
        services.leave(unit, who.id(name), REASON, {})
    assert not session.scalars(behind).one().active


def ask(act_as, who, name="police_clerk", to="AMR-640200"):
    with act_as("police_admin") as unit:
        return services.ask_move(
            unit, who.id(name), who.place(name).id, who.agency(to), title="", reason=REASON, choices={}
        ).id


def test_a_move_across_areas_happens_when_the_other_side_agrees(act_as, who, session, client_as):
    request_id = ask(act_as, who, to="AMR-640100")
    assert ask(act_as, who, to="AMR-640100") == request_id
    assert who.place("police_clerk").agency.code == "POLICE-640100"
    for stranger in ("police_admin", "health_admin"):
        with pytest.raises(NotFound), act_as(stranger) as unit:
            services.accept_move(unit, request_id, title="", roles=["clerk"])
    with pytest.raises(Invalid), act_as("amr_admin") as unit:
        services.accept_move(unit, request_id, title="", roles=["agency_admin"])
    assert client_as("amr_admin").get(f"/people/moves/{request_id}").status_code == 200
    assert client_as("health_admin").get(f"/people/moves/{request_id}").status_code == 404
    for _twice in range(2):
        with act_as("amr_admin") as unit:
            services.accept_move(unit, request_id, title="", roles=["clerk"])
    assert (
        session.scalar(select(MoveRequest.__table__.c.state).where(MoveRequest.__table__.c.id == request_id))
        == "done"
    )
    assert who.place("police_clerk").agency.code == "AMR-640100"


def test_a_declined_or_withdrawn_move_changes_nothing(act_as, who):
    request_id = ask(act_as, who, to="AMR-640100")
    with act_as("amr_admin") as unit:
        services.decline_move(unit, request_id, "no post is free")
    with pytest.raises(Refused), act_as("amr_admin") as unit:
        services.accept_move(unit, request_id, title="", roles=["clerk"])
    second = ask(act_as, who, to="AMR-640100")
    with act_as("police_admin") as unit:
        services.withdraw_move(unit, second)
    with pytest.raises(Refused), act_as("amr_admin") as unit:
        services.accept_move(unit, second, title="", roles=["clerk"])
    assert who.place("police_clerk").agency.code == "POLICE-640100"


def test_a_move_whose_asker_has_gone_does_not_happen(act_as, who):
    request_id = ask(act_as, who, to="AMR-640100")
    with act_as("office") as unit:
        services.leave(unit, who.id("police_admin"), REASON, {})
    with pytest.raises(Refused) as refused, act_as("amr_admin") as unit:
        services.accept_move(unit, request_id, title="", roles=["clerk"])
    assert refused.value.code == "asker_gone"


def test_an_agency_with_people_in_it_is_not_closed_until_all_have_moved_or_left(act_as, who, session):
    agency = who.agency("HEALTH-640100")
    with pytest.raises(Refused) as refused, act_as("office") as unit:
        services.close_agency(unit, agency, "merged into another")
    assert refused.value.code == "agency_has_people" and refused.value.facts["people"] > 3
    inspectors = select(Account.id).where(Account.username.startswith("i_"))
    session.execute(
        update(Membership)
        .where(Membership.agency_id == agency, Membership.user_id.in_(inspectors))
        .values(active=False)
        .execution_options(synchronize_session=False)
    )
    people = session.scalars(
        select(Membership.user_id).where(Membership.agency_id == agency, Membership.active)
    ).all()
    target = str(who.agency("AMR-640100"))
    decisions = dict.fromkeys(people, target)
    decisions[who.id("health_clerk")] = "leave"
    with act_as("office") as unit:
        done = services.settle_people(unit, agency, decisions, "merged into another")
    assert done.left == 1 and done.moved == len(people) - 1
    assert who.place("health_admin").agency.code == "AMR-640100"
    assert who.roles("health_admin", "AMR-640100") == {"agency_admin"}
    for _twice in range(2):
        with act_as("office") as unit:
            services.close_agency(unit, agency, "merged into another")
    assert not session.get(Agency, agency).active
    terms = session.scalars(select(MeetingMember.left_on).where(MeetingMember.agency_id == agency)).all()
    assert all(day is not None for day in terms)


def test_one_who_cannot_go_stops_the_whole_act(act_as, who):
    agency = who.agency("HEALTH-640100")
    decisions = {who.id("health_clerk"): "leave", who.id("health_admin"): str(who.agency("AMR-640200"))}
    with pytest.raises(NotFound), act_as("office") as unit:
        services.settle_people(unit, agency, decisions, "merged into another")
    assert who.account("health_clerk").left_at is None


@pytest.mark.parametrize("name", ["amr_admin", "health_admin", "health_clerk", "secadmin"])
def test_only_the_office_above_dissolves_an_agency(act_as, who, name):
    with pytest.raises((NotFound, Refused)), act_as(name) as unit:
        services.settle_people(unit, who.agency("HEALTH-640100"), {who.id("health_clerk"): "leave"}, "merged")
    assert who.account("health_clerk").left_at is None
