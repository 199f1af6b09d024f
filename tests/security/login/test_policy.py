"""The policy: seen with its source, changed by one role, never below the standard; locked accounts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.security.login.rules import (
    BOUNDS,
    STANDARD,
    STANDARD_ROLES,
    needs_second_factor,
    policy_faults,
)
from tests.security.login.people import account_of, change, lines, set_policy


def sent(**changed):
    values = {name: getattr(STANDARD, name) for name in BOUNDS}
    return {**values, "expiry_days": 0, "reason": "年度安全检查要求", **changed}


def test_the_defaults_are_the_contract_s():
    assert policy_faults(STANDARD) == []
    assert (STANDARD.password_length, STANDARD.classes, STANDARD.expiry_days, STANDARD.history) == (
        10,
        3,
        90,
        5,
    )
    assert (STANDARD.failures, STANDARD.lock_minutes, STANDARD.idle_minutes, STANDARD.sessions) == (
        5,
        30,
        30,
        2,
    )


@pytest.mark.parametrize("name", sorted(BOUNDS))
def test_no_value_is_weaker_than_the_standard_outside_the_demo(name):
    least, most = BOUNDS[name].of(False)
    assert least <= getattr(STANDARD, name) <= most
    for value in (least - 1, most + 1, -1, 10**9):
        assert [f for f, _, _ in policy_faults(replace(STANDARD, **{name: value}))] == [name]


def test_administrators_auditors_and_offices_always_have_a_second_factor():
    for role in STANDARD_ROLES:
        weaker = replace(STANDARD, second_factor_roles=STANDARD_ROLES - {role})
        assert [c for _, c, _ in policy_faults(weaker)] == ["policy_factor_roles"]
        assert needs_second_factor(STANDARD, frozenset({role}), False)
    assert policy_faults(replace(STANDARD, second_factor_offices=False))
    assert needs_second_factor(STANDARD, frozenset({"reviewer"}), True)
    assert not needs_second_factor(STANDARD, frozenset({"reviewer"}), False)


def test_the_page_shows_each_value_with_its_source_and_says_that_this_is_the_demo(client_as):
    page = client_as("secadmin").get("/security-policy/").text
    assert page.count("GB/T 22239-2019") >= 10
    assert "演示" in page


@pytest.mark.parametrize("name", ["secadmin", "auditadmin"])
def test_who_reads(client_as, name):
    page = client_as(name).get("/security-policy/")
    assert page.status_code == 200
    assert ("/security-policy/change" in page.text) is (name == "secadmin")


@pytest.mark.parametrize(
    "name", ["auditadmin", "sysadmin", "office", "region_office", "police_admin", "auditor"]
)
def test_nobody_else_changes(client_as, name):
    assert client_as(name).get("/security-policy/change").status_code == 404
    assert client_as(name).post("/security-policy/change", data=sent(failures=3)).status_code == 404


def test_a_change_holds_at_once_and_stands_in_the_log_with_its_reason(client_as):
    client = client_as("secadmin")
    assert client.post("/security-policy/change", data=sent(failures=3)).status_code == 302
    line = lines("policy_changed", 1)[0]
    assert "failures: 5 → 3" in line.detail
    assert "年度安全检查要求" in line.detail
    page = client.get("/security-policy/").text
    assert "年度安全检查要求" in page
    for _ in range(3):
        client_as(None).post("/login/", data={"username": "police_clerk", "password": "x"})
    assert account_of("police_clerk").locked_until is not None


def test_outside_the_demo_the_page_refuses_weaker_values_with_sentences(client_as, app):
    set_policy(app, demo=False)
    client = client_as("secadmin")
    weak = sent(password_length=9, expiry_days=0, failures=6, idle_minutes=31)
    page = client.post("/security-policy/change", data=weak)
    assert page.status_code == 422
    for name in ("password_length", "expiry_days", "failures", "idle_minutes", "second_factor_roles"):
        assert f'id="{name}-err"' in page.text, name
    assert not lines("policy_changed")


@pytest.mark.parametrize(
    "wrong", [{"reason": ""}, {"reason": "x"}, {"failures": ""}, {"failures": "many"}, {"sessions": "9" * 40}]
)
def test_without_a_reason_or_with_nonsense_nothing_changes(client_as, wrong):
    page = client_as("secadmin").post("/security-policy/change", data=sent(**{"failures": 4, **wrong}))
    assert page.status_code == 422
    assert f'id="{next(iter(wrong))}-err"' in page.text
    assert not lines("policy_changed")


def test_nothing_changed_leaves_nothing(client_as):
    client_as("secadmin").post("/security-policy/change", data=sent())
    assert not lines("policy_changed")


def test_the_change_asks_again_who_one_is_after_a_quarter_of_an_hour(client_as, clock):
    client = client_as("secadmin")
    client.ages = True
    clock.advance(minutes=16)
    assert client.get("/security-policy/change").location.startswith("/me/confirm?next=")


def test_locked_accounts_are_shown_and_unlocked_with_a_reason(client_as, app, clock):
    change(app, "police_clerk", locked_until=clock.now() + timedelta(minutes=20), fail_login_count=5)
    account = account_of("police_clerk")
    client, path = client_as("secadmin"), f"/security-policy/locked/{account.id}/unlock"
    assert "police_clerk" in client.get("/security-policy/locked").text
    assert client.get(path).status_code == 200
    assert client.post(path, data={"reason": ""}).status_code == 422
    assert client.post(path, data={"reason": "已电话核实本人"}).status_code == 302
    assert account_of("police_clerk").locked_until is None
    line = lines("account_unlocked", 1)[0]
    assert (line.subject, line.detail) == (f"account:{account.id}", "已电话核实本人")
    assert "police_clerk" not in client.get("/security-policy/locked").text
    assert client.post(path, data={"reason": "已电话核实本人"}).status_code == 404


def test_the_audit_administrator_sees_them_and_unlocks_nobody(client_as, app, clock):
    change(app, "police_clerk", locked_until=clock.now() + timedelta(minutes=20))
    client = client_as("auditadmin")
    page = client.get("/security-policy/locked").text
    assert "police_clerk" in page
    assert "unlock" not in page.split("<main")[1]
    path = f"/security-policy/locked/{account_of('police_clerk').id}/unlock"
    assert client.post(path, data={"reason": "我想试试"}).status_code == 404
