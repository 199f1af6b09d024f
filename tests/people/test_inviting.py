"""Inviting: link or slip, once per person, never beyond the own rights; links that open nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from app.kernel.errors import Invalid, NotFound, Refused
from app.notifications.models import Mail
from app.people import services
from app.people.models import Invitation
from app.security.models import Account

PASSWORD = "Long-enough-2026"


def codes(error: Invalid) -> set[str]:
    return {fault.code for fault in error.faults}


def test_without_a_mail_address_the_account_is_open_and_waits_for_a_slip(act_as, entry, who):
    with act_as("office") as unit:
        invitation, token = services.invite(unit, entry(phone="138 0000 9876"))
        account, word = services.print_slip(unit, invitation.user_id, "first day")
    assert token == ""
    assert account.active and account.must_change_password
    assert account.username.startswith("police-640100-")
    assert account.phone == "13800009876"
    assert len(word) >= 10
    assert who.roles(account.username) == {"clerk"}
    assert who.logged("account_invited")[-1] == ("ok", f"account:{account.id}")


def test_with_a_mail_address_a_link_goes_out_that_is_kept_nowhere(act_as, entry, session):
    with act_as("police_admin") as unit:
        invitation, token = services.invite(unit, entry(mail="Wang@Example.invalid"))
    account = session.get(Account, invitation.user_id)
    assert account.email == "wang@example.invalid" and not account.active
    mail = session.scalars(select(Mail).where(Mail.user_id == account.id)).one()
    assert f"/invitation/{token}" in mail.body
    assert token.encode() not in (invitation.token_digest or b"")
    kept = session.execute(
        text("SELECT count(*) FROM row_history WHERE after::text LIKE :t OR before::text LIKE :t"),
        {"t": f"%{token}%"},
    ).scalar()
    assert kept == 0


def test_the_link_opens_the_account_once(act_as, entry, client_as, session, who):
    with act_as("office") as unit:
        invitation, token = services.invite(unit, entry(mail="wang@example.invalid"))
    page = client_as(None).get(f"/invitation/{token}")
    assert page.status_code == 200 and "王示例" in page.text
    answer = client_as(None).post(f"/invitation/{token}", data={"new": "short", "again": "short"})
    assert answer.status_code == 422
    answer = client_as(None).post(f"/invitation/{token}", data={"new": PASSWORD, "again": PASSWORD})
    assert answer.status_code == 302
    session.expire_all()
    account = session.get(Account, invitation.user_id)
    assert account.active and not account.must_change_password
    browser = client_as(None)
    answer = browser.post("/login/", data={"username": account.username, "password": PASSWORD})
    assert answer.status_code == 302 and browser.get("/").status_code == 200
    again = client_as(None).post(f"/invitation/{token}", data={"new": PASSWORD, "again": PASSWORD})
    assert again.status_code == 409
    assert who.logged("link_refused")[-1][0] == "refused"


@pytest.mark.parametrize("case", ["expired", "cancelled", "replaced", "forged", "foreign", "dissolved"])
def test_a_link_that_no_longer_holds_gives_a_sentence_and_a_line_in_the_log(
    act_as, entry, client_as, clock, session, who, case
):
    with act_as("office") as unit:
        invitation, token = services.invite(unit, entry(mail="wang@example.invalid"))
    client = client_as(None)
    if case == "expired":
        clock.advance(days=7)
    elif case == "cancelled":
        with act_as("office") as unit:
            services.cancel(unit, invitation.id, "changed our mind")
    elif case == "replaced":
        with act_as("office") as unit:
            services.resend(unit, invitation.id)
    elif case == "forged":
        token = token[:-2] + ("AA" if not token.endswith("AA") else "BB")
    elif case == "foreign":
        client = client_as("amr_clerk")
    else:
        with act_as("office") as unit:
            services.leave(unit, invitation.user_id, "agency dissolved", {})
    for answer in (
        client.get(f"/invitation/{token}"),
        client.post(f"/invitation/{token}", data={"new": PASSWORD, "again": PASSWORD}),
    ):
        assert answer.status_code in (404, 409)
        assert "btn-primary" in answer.text
    refused = who.logged("link_refused")
    assert len(refused) == 2 and all(token not in subject for _outcome, subject in refused)
    session.expire_all()
    assert not session.get(Account, invitation.user_id).active


def test_cancelling_frees_phone_and_mail_for_another_invitation(act_as, entry):
    wanted = {"mail": "wang@example.invalid", "phone": "13800009876"}
    with act_as("office") as unit:
        invitation, _token = services.invite(unit, entry(**wanted))
        services.cancel(unit, invitation.id, "typing error")
        services.cancel(unit, invitation.id, "typing error")
        again, _token = services.invite(unit, entry(**wanted))
    assert again.id != invitation.id


def test_the_same_person_twice_is_offered_a_membership_instead(act_as, entry, who):
    with act_as("office") as unit:
        first, _ = services.invite(unit, entry(phone="13800009876"))
        for changes in (
            {"phone": "+86 138-0000-9876", "name": "别人"},
            {"username": "police_clerk"},
        ):
            with pytest.raises(Refused) as refused:
                services.invite(unit, entry(**changes))
            assert refused.value.code == "person_known"
        with pytest.raises(Refused) as refused:
            services.invite(unit, entry())
        assert refused.value.code == "same_name" and refused.value.facts["user_id"] == first.user_id
        services.invite(unit, entry(), namesake=True)
    with act_as("police_admin") as unit, pytest.raises(Invalid) as invalid:
        services.invite(unit, entry(username="amr_clerk"))
    assert codes(invalid.value) == {"person_known_elsewhere_username"}


def test_the_page_leads_to_the_account_that_is_there(client_as, who):
    data = {
        "name": "新人",
        "agency": who.agency("POLICE-640100"),
        "roles": ["clerk"],
        "username": "police_clerk",
        "reason": "new colleague",
    }
    page = client_as("office").post("/people/invite", data=data)
    assert page.status_code == 422
    assert f"/people/{who.id('police_clerk')}/membership" in page.text and "新人" in page.text


@pytest.mark.parametrize(
    "name, changes, expected",
    [
        ("police_admin", {"roles": ["agency_admin"]}, "role_not_yours"),
        ("police_admin", {"roles": ["auditor"]}, "role_not_yours"),
        ("office", {"roles": ["office_admin"]}, "role_not_yours"),
        ("office", {"roles": ["security_admin"]}, "role_not_yours"),
        ("office", {"roles": ["clerk", "Admin"]}, "role_not_yours"),
        ("office", {"roles": []}, "roles_missing"),
        ("office", {"name": " \u200b "}, "required"),
        ("office", {"phone": "12a"}, "phone_unreadable"),
        ("office", {"mail": "not an address"}, "mail_unreadable"),
        ("office", {"username": "Name mit Raum"}, "username_unreadable"),
        ("office", {"reason": ""}, "people_reason_missing"),
        ("office", {"name": "长" * 61}, "too_long"),
    ],
)
def test_what_is_wrong_with_an_entry_is_said_and_nothing_is_stored(
    act_as, entry, session, name, changes, expected
):
    before = session.scalar(select(Invitation.id).order_by(Invitation.id.desc()).limit(1))
    with pytest.raises(Invalid) as invalid, act_as(name) as unit:
        services.invite(unit, entry(**changes))
    assert expected in codes(invalid.value)
    assert session.scalar(select(Invitation.id).order_by(Invitation.id.desc()).limit(1)) == before


@pytest.mark.parametrize("name", ["police_admin", "amr_admin", "police_clerk", "sysadmin", "auditor"])
def test_an_agency_outside_the_area_is_not_there(act_as, entry, who, name):
    code = "HEALTH-640100"
    with pytest.raises(NotFound), act_as(name) as unit:
        services.invite(unit, entry(agency_id=who.agency(code)))


def test_a_slip_is_accepted_by_the_first_own_password(act_as, entry, client_as, session):
    with act_as("office") as unit:
        invitation, _ = services.invite(unit, entry())
        account, word = services.print_slip(unit, invitation.user_id, "first day")
    browser = client_as(None)
    browser.post("/login/", data={"username": account.username, "password": word})
    new = "Another-word-77"
    answer = browser.post("/me/password", data={"old": word, "new": new, "again": new})
    assert answer.status_code == 302
    session.expire_all()
    assert session.get(Invitation, invitation.id).state == "accepted"
