"""The table of who sees which protected field, and the masks."""

from __future__ import annotations

import pytest

from app.security.protection.masks import cover_numbers, mask, shown
from app.security.protection.rules import TABLE, Kind, Sight, may_ask, sees, sight
from app.security.rules import SEPARATE, RoleName

CLERK, REVIEWER, INSPECTOR, AUDITOR = "clerk", "reviewer", "inspector", "auditor"


@pytest.mark.rule("R-30.1")
@pytest.mark.parametrize(
    ("kind", "value", "covered"),
    [
        (Kind.PHONE, "13912345678", "139****5678"),
        (Kind.PHONE, "12345", "***45"),
        (Kind.PHONE, "7", "*7"),
        (Kind.PHONE, "", ""),
        (Kind.PHONE, None, ""),
        (Kind.ACCOUNT_PHONE, "0951-6041234", "095****1234"),
        (Kind.IDENTITY_NUMBER, "640101199001011234", "6401**********1234"),
        (Kind.HOME_ADDRESS, "银川市兴庆区某街 8 号", "银川市兴庆区******"),
        (Kind.HOME_ADDRESS, "某街", "某******"),
        (Kind.RISK_CLASS, "D", "****"),
    ],
)
def test_a_mask_leaves_what_tells_records_apart_and_no_more(kind, value, covered):
    assert mask(kind, value) == covered


@pytest.mark.rule("R-30.1")
def test_no_administrator_of_the_system_sees_business_fields():
    for role in SEPARATE:
        for kind in set(Kind) - {Kind.ACCOUNT_PHONE}:
            assert sight(kind, {role}) is Sight.ABSENT
    assert sight(Kind.ACCOUNT_PHONE, {RoleName.AUDIT_ADMIN}) is Sight.ABSENT


@pytest.mark.rule("R-7.2")
def test_the_class_is_shared_with_those_who_plan_and_draw_but_not_shown_to_the_inspector():
    for role in ("office_admin", "agency_admin", CLERK, REVIEWER, AUDITOR):
        assert sight(Kind.RISK_CLASS, {role}) is Sight.CLEAR
    assert not sees(Kind.RISK_CLASS, {INSPECTOR})
    assert sees(Kind.RISK_CLASS, {INSPECTOR, CLERK})


def test_the_public_and_unknown_roles_see_nothing():
    for roles in (set(), {"public"}, {"something_composed"}):
        assert not any(sees(kind, roles) for kind in Kind)


@pytest.mark.rule("R-30.1")
def test_personal_data_is_never_clear_without_asking():
    for kind in set(Kind) - {Kind.RISK_CLASS}:
        assert TABLE[kind][0] is Sight.MASKED
        for role in RoleName:
            text = shown(kind, "13912345678", sight(kind, {role}))
            assert text is None or "1391234567" not in text


@pytest.mark.rule("R-30.1")
def test_whoever_asks_needs_the_field_and_says_why():
    assert may_ask([Kind.PHONE], {CLERK}, "核对联系方式")
    assert may_ask([Kind.PHONE], {CLERK}, "  abc ").code == "reveal_without_reason"
    assert may_ask([Kind.PHONE], {REVIEWER}, "核对联系方式").code == "personal_data_not_needed"
    assert may_ask([Kind.PHONE, Kind.RISK_CLASS], {CLERK}, "核对联系方式").code == "personal_data_not_needed"


def test_numbers_in_what_somebody_typed_are_covered_and_dates_and_codes_are_not():
    assert cover_numbers("13912345678") == "139****5678"
    assert cover_numbers("电话 139 1234 5678 错") == "电话 139****5678 错"
    assert cover_numbers("2026-01-31, 911101087Y, i_30010001") == "2026-01-31, 911101087Y, i_30010001"
