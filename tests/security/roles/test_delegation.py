"""Who may give which role to whom: every pair of roles at every relation of units is tried."""

from __future__ import annotations

import itertools

import pytest

from app.security.roles import rules
from app.security.roles.rules import Place, administers, may_grant, may_manage, standard
from app.security.rules import BUSINESS, SEPARATE, RoleName

REGION, CITY, OTHER_CITY, COUNTY = "640000", "640000/640100", "640000/640200", "640000/640100/640104"
PLACES = {
    "regional office": Place(1, REGION, True),
    "regional agency": Place(2, REGION, False),
    "city office": Place(3, CITY, True),
    "city agency": Place(4, CITY, False),
    "second city agency": Place(5, CITY, False),
    "other city's office": Place(6, OTHER_CITY, True),
    "other city's agency": Place(7, OTHER_CITY, False),
    "county office": Place(8, COUNTY, True),
    "county agency": Place(9, COUNTY, False),
    "prefix city's office": Place(10, "640000/6401001", True),
}
OFFICE_STAFF = {"reviewer", "clerk", "auditor"}
AGENCY_STAFF = {"clerk", "reviewer", "inspector"}
UPPER = OFFICE_STAFF | {"office_admin"}
MEMBERS = AGENCY_STAFF | {"agency_admin", "auditor"}
# (role of who gives, where) -> {receiver's unit: roles}. Whatever does not stand here is refused.
ALLOWED = {
    ("office_admin", "regional office"): {
        "regional office": OFFICE_STAFF,
        "regional agency": MEMBERS,
        "city office": UPPER,
        "other city's office": UPPER,
        "county office": UPPER,
        "prefix city's office": UPPER,
    },
    ("office_admin", "city office"): {
        "city office": OFFICE_STAFF,
        "city agency": MEMBERS,
        "second city agency": MEMBERS,
        "county office": UPPER,
    },
    ("office_admin", "other city's office"): {
        "other city's office": OFFICE_STAFF,
        "other city's agency": MEMBERS,
    },
    ("office_admin", "prefix city's office"): {"prefix city's office": OFFICE_STAFF},
    ("office_admin", "county office"): {"county office": OFFICE_STAFF, "county agency": MEMBERS},
    **{("agency_admin", unit): {unit: AGENCY_STAFF} for unit, place in PLACES.items() if not place.is_office},
    ("security_admin", "regional office"): {
        "regional office": UPPER | {"system_admin", "security_admin", "audit_admin"}
    },
}


def _allowed(giver: str, where: str, role: str, unit: str) -> bool:
    return role in ALLOWED.get((giver, where), {}).get(unit, set())


def _sets_of_roles() -> list[frozenset[str]]:
    """What one person may hold: every set of up to three business roles, and each administrator alone."""
    names = sorted(BUSINESS)
    business = [frozenset(c) for n in range(4) for c in itertools.combinations(names, n)]
    return business + [frozenset({name}) for name in SEPARATE]


@pytest.mark.rule("R-30.1")
def test_of_all_pairs_of_giver_role_and_unit_only_the_table_passes():
    tried = passed = 0
    for held in _sets_of_roles():
        for (where, actor), (unit, receiver), role in itertools.product(
            PLACES.items(), PLACES.items(), RoleName
        ):
            expected = any(_allowed(giver, where, role, unit) for giver in held)
            found = bool(may_grant(held, actor, standard(role), receiver))
            assert found == expected, (sorted(held), where, role, unit)
            tried, passed = tried + 1, passed + found
    assert tried > 40_000
    assert 0 < passed < tried / 10


@pytest.mark.rule("R-30.1")
def test_nobody_gives_a_role_of_the_own_rank_or_above():
    rank = {"office_admin": 2, "agency_admin": 1}
    for (giver, where), units in ALLOWED.items():
        if giver == "security_admin":
            continue
        for unit, roles in units.items():
            same_unit = unit == where
            assert not same_unit or all(rank.get(role, 0) < rank[giver] for role in roles)
            assert not {"system_admin", "security_admin", "audit_admin"} & roles


@pytest.mark.rule("R-5.1")
def test_the_area_of_an_office_is_its_regions_agencies_and_the_offices_below():
    office = PLACES["city office"]
    area = {unit for unit, place in PLACES.items() if administers(frozenset({"office_admin"}), office, place)}
    assert area == {"city office", "city agency", "second city agency", "county office"}


def test_a_role_that_three_administrators_exclude_is_refused_whatever_the_area():
    office, agency = PLACES["city office"], PLACES["city agency"]
    answer = may_grant(
        frozenset({"office_admin"}), office, standard("clerk"), agency, frozenset({"audit_admin"})
    )
    assert not answer
    assert answer.code == "roles_apart"


def test_a_custom_role_needs_the_right_to_give_each_of_its_bases():
    office, agency = PLACES["city office"], PLACES["city agency"]
    admin = frozenset({"agency_admin"})
    for bases, expected in (
        ({"clerk"}, True),
        ({"clerk", "inspector"}, True),
        ({"clerk", "agency_admin"}, False),
        ({"auditor"}, False),
        (set(), False),
    ):
        role = rules.RoleFacts("custom-1", "x", frozenset(bases), home=office)
        assert bool(may_grant(admin, agency, role, agency)) == expected, bases


def test_a_custom_role_is_used_in_the_area_of_its_office_and_below_only():
    role = rules.RoleFacts("custom-1", "x", frozenset({"clerk"}), home=PLACES["city office"])
    admin = frozenset({"agency_admin"})
    usable = {
        unit for unit, place in PLACES.items() if not place.is_office and may_grant(admin, place, role, place)
    }
    assert usable == {"city agency", "second city agency", "county agency"}


def test_an_archived_role_is_taken_away_but_no_longer_given():
    office, agency = PLACES["city office"], PLACES["city agency"]
    role = rules.RoleFacts("custom-1", "x", frozenset({"clerk"}), home=office, archived=True)
    admin = frozenset({"agency_admin"})
    assert may_grant(admin, agency, role, agency).code == "role_archived"
    assert rules.may_change(admin, agency, role, agency)


def test_a_whole_account_is_administered_only_by_who_may_give_all_its_roles():
    agency, office, other = PLACES["city agency"], PLACES["city office"], PLACES["second city agency"]
    clerk, boss = frozenset({"clerk"}), frozenset({"agency_admin"})
    assert may_manage(boss, agency, [(agency, clerk)])
    assert not may_manage(boss, agency, [(agency, clerk), (other, clerk)])
    assert not may_manage(boss, agency, [(agency, boss)])
    assert not may_manage(boss, agency, [(None, frozenset())])
    head = frozenset({"office_admin"})
    assert may_manage(head, office, [(agency, boss), (other, clerk)])
    assert not may_manage(head, office, [(agency, clerk), (office, head)])
    top = PLACES["regional office"]
    assert not may_manage(head, top, [(top, frozenset({"audit_admin"}))])
    assert may_manage(frozenset({"security_admin"}), top, [(top, frozenset({"audit_admin"}))])


def test_a_right_held_for_a_time_is_passed_on_for_no_longer():
    from datetime import date

    june, july = date(2027, 6, 30), date(2027, 7, 1)
    assert rules.may_last([], None)
    assert rules.may_last([None, june], None)
    assert rules.may_last([june], june)
    assert not rules.may_last([june], july)
    assert rules.may_last([june], None).code == "longer_than_own"


def test_what_an_office_composes_stays_within_its_bases():
    sees, acts = ("can_list", "TargetView"), ("can_act", "Draws")
    of_bases = frozenset({sees})
    assert rules.may_compose(frozenset({"clerk"}), frozenset({sees}), of_bases)
    assert (
        rules.may_compose(frozenset({"clerk"}), frozenset({acts}), of_bases).code == "permission_beyond_bases"
    )
    assert rules.may_compose(frozenset({"clerk"}), frozenset(), of_bases).code == "no_permission_chosen"
    for base in ("office_admin", "system_admin", "security_admin", "audit_admin", "Admin"):
        assert not rules.may_compose(frozenset({base}), frozenset({sees}), of_bases)
