"""Acts on one person, and every attack that a delegate could try with them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.kernel.errors import DomainError, NotFound, Refused
from app.people import services
from app.people.models import MoveRequest
from app.security.login.models import LoginSession
from app.security.models import Account
from app.security.queries import memberships_of

REASON = "as agreed"


def test_a_locked_person_is_out_at_the_next_request_and_in_again_after_unlocking(act_as, client_as, who):
    browser = client_as("police_clerk")
    assert browser.get("/").status_code == 200
    with act_as("police_admin") as unit:
        services.lock(unit, who.id("police_clerk"), REASON)
        services.lock(unit, who.id("police_clerk"), REASON)
    assert browser.get("/").status_code == 302
    assert len(who.logged("account_locked_by_hand")) == 1
    with act_as("police_admin") as unit:
        services.unlock(unit, who.id("police_clerk"), REASON)
    assert client_as("police_clerk").get("/").status_code == 200


def test_a_slip_ends_the_sessions_and_the_old_password(act_as, client_as, who, home):
    browser = client_as("police_clerk")
    with act_as("office") as unit:
        account, word = services.print_slip(unit, who.id("police_clerk"), REASON)
    assert browser.get("/").status_code == 302
    old = client_as(None)
    old.post("/login/", data={"username": "police_clerk", "password": (home / "demo_password").read_text()})
    assert old.get("/").status_code == 302
    new = client_as(None)
    assert new.post("/login/", data={"username": "police_clerk", "password": word}).status_code == 302


def test_a_second_membership_shows_in_the_switch_and_counts_after_it(act_as, client_as, who, session):
    with act_as("office") as unit:
        services.add_membership(
            unit,
            who.id("police_clerk"),
            who.agency("AMR-640100"),
            title="",
            roles=["reviewer"],
            reason=REASON,
        )
    browser = client_as("police_clerk")
    page = browser.get("/")
    place = who.place("police_clerk", "AMR-640100")
    assert f'value="{place.id}"' in page.text
    answer = browser.post("/me/membership", data={"membership": place.id})
    assert answer.location == "/"
    assert browser.get("/reviews/").status_code == 200
    assert place.agency.name in browser.get("/").text
    foreign = who.place("amr_admin")
    assert browser.post("/me/membership", data={"membership": foreign.id}).status_code == 404


def test_one_of_two_memberships_can_end_and_the_last_one_cannot(act_as, who):
    person = who.id("police_clerk")
    with act_as("office") as unit:
        added = services.add_membership(
            unit, person, who.agency("AMR-640100"), title="", roles=["clerk"], reason=REASON
        )
        with pytest.raises(Refused) as refused:
            services.add_membership(
                unit, person, who.agency("AMR-640100"), title="", roles=["clerk"], reason=REASON
            )
        assert refused.value.code == "member_already"
        services.end_membership(unit, person, added.id, REASON)
        with pytest.raises(Refused) as refused:
            services.end_membership(unit, person, who.place("police_clerk").id, REASON)
        assert refused.value.code == "last_membership"
    assert [m.agency.code for m in memberships_of(who.session, person)] == ["POLICE-640100"]


ACTS = {
    "lock": lambda unit, who, name: services.lock(unit, who.id(name), REASON),
    "unlock": lambda unit, who, name: services.unlock(unit, who.id(name), REASON),
    "slip": lambda unit, who, name: services.print_slip(unit, who.id(name), REASON),
    "leave": lambda unit, who, name: services.leave(unit, who.id(name), REASON, {}),
    "title": lambda unit, who, name: services.change_facts(unit, who.id(name), who.place(name).id, "x"),
    "end": lambda unit, who, name: services.end_membership(unit, who.id(name), who.place(name).id, REASON),
    "add": lambda unit, who, name: services.add_membership(
        unit, who.id(name), unit.actor.agency_id, title="", roles=["clerk"], reason=REASON
    ),
    "ask": lambda unit, who, name: services.ask_move(
        unit, who.id(name), who.place(name).id, who.agency("AMR-640200"), title="", reason=REASON, choices={}
    ),
    "move": lambda unit, who, name: services.move(
        unit,
        who.id(name),
        who.place(name).id,
        unit.actor.agency_id,
        title="",
        roles=["clerk"],
        reason=REASON,
        choices={},
    ),
    "session": lambda unit, who, name: services.end_session_of(unit, who.id(name), _session(who, name)),
}


def _session(who, name):
    return (
        who.session.scalars(
            select(LoginSession.id).where(LoginSession.user_id == who.id(name)).limit(1)
        ).first()
        or 1
    )


# Attacker, victim: own account; a peer; a superior; another agency; another region; the three administrators.
ATTACKS = [
    ("police_admin", "police_admin"),
    ("police_admin", "office"),
    ("police_admin", "amr_clerk"),
    ("police_admin", "secadmin"),
    ("office", "office"),
    ("office", "region_office"),
    ("office", "secadmin"),
    ("secadmin", "secadmin"),
    ("secadmin", "police_clerk"),
    ("sysadmin", "secadmin"),
    ("auditadmin", "police_clerk"),
    ("police_clerk", "police_reviewer"),
    ("police_clerk", "police_clerk"),
    ("auditor", "police_clerk"),
]


@pytest.mark.rule("R-30.1")
@pytest.mark.parametrize("act", sorted(ACTS))
@pytest.mark.parametrize("attacker, victim", ATTACKS)
def test_nobody_acts_on_oneself_or_on_people_outside_the_area(act_as, client_as, who, attacker, victim, act):
    client_as(victim)
    before = _state(who, victim)
    with pytest.raises(DomainError), act_as(attacker) as unit:
        ACTS[act](unit, who, victim)
    assert _state(who, victim) == before


def _state(who, name):
    account = who.account(name)
    who.session.refresh(account)
    sessions = who.session.execute(
        select(LoginSession.id, LoginSession.ended_at).where(LoginSession.user_id == account.id)
    ).all()
    places = [(m.id, m.active, m.title) for m in memberships_of(who.session, account.id)]
    return account.password, account.active, account.left_at, account.locked_until, places, sessions


POSTS = (
    "/people/{person}/lock",
    "/people/{person}/unlock",
    "/people/{person}/slip",
    "/people/{person}/leave",
    "/people/{person}/return",
    "/people/{person}/membership",
    "/people/{person}/membership/{place}/end",
    "/people/{person}/membership/{place}/title",
    "/people/{person}/grant/{place}",
    "/people/{person}/revoke/{place}/{role}",
    "/people/{person}/move/{place}",
    "/people/{person}/ask/{place}",
    "/people/{person}/sessions/{session}/end",
)


@pytest.mark.rule("R-30.1")
@pytest.mark.parametrize("address", POSTS)
@pytest.mark.parametrize(
    "attacker, victim",
    [("police_admin", "amr_clerk"), ("office", "secadmin"), ("police_clerk", "police_reviewer")],
)
def test_every_post_about_a_foreign_person_answers_as_if_nobody_was_there(
    client_as, who, attacker, victim, address
):
    client_as(victim)
    place = who.place(victim)
    path = address.format(
        person=who.id(victim), place=place.id, role=place.roles[0].role_id, session=_session(who, victim)
    )
    before = _state(who, victim), who.roles(victim)
    data = {"reason": REASON, "role": "clerk", "roles": ["clerk"], "agency": who.agency("POLICE-640100")}
    assert client_as(attacker).post(path, data=data).status_code == 404
    assert (_state(who, victim), who.roles(victim)) == before


def test_an_own_id_with_a_foreign_membership_is_not_there_either(client_as, who):
    """The person is of the area, the place is not the person's."""
    foreign = who.place("amr_clerk")
    for tail in (f"membership/{foreign.id}/end", f"grant/{foreign.id}", f"move/{foreign.id}"):
        path = f"/people/{who.id('police_clerk')}/{tail}"
        assert (
            client_as("police_admin").post(path, data={"reason": REASON, "role": "clerk"}).status_code == 404
        )


def test_a_password_reset_does_not_reach_a_person_who_is_more_elsewhere(act_as, who):
    """A small right over one membership must not open the large one that the person holds elsewhere."""
    with act_as("region_office") as unit:
        services.add_membership(
            unit,
            who.id("office_reviewer"),
            who.agency("OFFICE-640200"),
            title="",
            roles=["clerk"],
            reason=REASON,
        )
    for act in (services.print_slip, services.lock):
        with pytest.raises(DomainError), act_as("office") as unit:
            act(unit, who.id("office_reviewer"), REASON)


def test_a_refused_attempt_stands_in_the_security_log(client_as, who):
    client_as("office").post(f"/people/{who.id('office')}/lock", data={"reason": REASON})
    assert who.logged("account_locked_by_hand")[-1] == ("refused", f"account:{who.id('office')}")


def test_everything_has_a_reason(act_as, who):
    for act in ("lock", "leave", "print_slip"):
        with pytest.raises(DomainError), act_as("office") as unit:
            extra = ({},) if act == "leave" else ()
            getattr(services, act)(unit, who.id("police_clerk"), " ", *extra)


def test_the_last_security_administrator_stays(act_as, who, session):
    with pytest.raises(DomainError), act_as("secadmin") as unit:
        services.leave(unit, who.id("secadmin"), REASON, {})
    assert session.get(Account, who.id("secadmin")).active
    assert session.scalar(select(MoveRequest.id)) is None


def test_a_person_outside_the_area_is_not_there(act_as, who):
    with pytest.raises(NotFound), act_as("amr_admin") as unit:
        services.lock(unit, who.id("police_clerk"), REASON)
