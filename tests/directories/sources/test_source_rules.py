"""Whose word counts, and how sources are kept with the fields."""

from __future__ import annotations

from datetime import date

import pytest

from app.directories.sources.rules import (
    DEFAULT_ORDER,
    Known,
    Lower,
    Order,
    Verdict,
    joins_base,
    order_for,
    origin,
    stamped,
    weigh,
    whole,
)

KNOWN = Known({"registration": True, "police-net": False})
DAY = date(2026, 11, 23)


@pytest.mark.rule("R-6.2")
@pytest.mark.parametrize(
    ("source", "present", "verdict"),
    [
        ("registration", "registration", Verdict.TAKE),
        ("registration", "base", Verdict.TAKE),
        ("registration", "import", Verdict.TAKE),
        ("registration", "agency:POLICE-640100", Verdict.TAKE),
        ("registration", "form", Verdict.ASK),
        ("base", "agency:POLICE-640100", Verdict.TAKE),
        ("police-net", "base", Verdict.ASK),
        ("police-net", "registration", Verdict.ASK),
        ("police-net", "agency:POLICE-640100", Verdict.TAKE),
        ("agency:AMR-640100", "agency:POLICE-640100", Verdict.ASK),
        ("nobody", "base", Verdict.ASK),
    ],
)
def test_while_nothing_is_set_the_base_counts_before_agencies_and_a_person_before_all(
    source, present, verdict
):
    assert weigh(source, present, DEFAULT_ORDER, KNOWN) is verdict


@pytest.mark.rule("R-6.2")
def test_where_nothing_stands_nobody_is_contradicted():
    assert weigh("police-net", "form", DEFAULT_ORDER, KNOWN, empty=True) is Verdict.TAKE


def test_a_single_system_may_stand_before_or_behind_its_group():
    order = Order(("police-net", "base", "agency-systems"))
    assert weigh("police-net", "base", order, KNOWN) is Verdict.TAKE
    assert weigh("base", "police-net", order, KNOWN) is Verdict.ASK


def test_what_counts_less_is_left_aside_where_the_office_says_so():
    order = Order(("base", "police-net"), Lower.KEEP)
    assert weigh("police-net", "base", order, KNOWN) is Verdict.LEAVE
    assert weigh("police-net", "form", order, KNOWN) is Verdict.ASK


def test_a_field_without_an_order_follows_the_one_of_all_others():
    mine, rest = Order(("form",)), Order(("base",))
    assert order_for("name", {"name": mine, "*": rest}) is mine
    assert order_for("address", {"name": mine, "*": rest}) is rest
    assert order_for("address", {}) is DEFAULT_ORDER


def test_a_row_of_one_source_is_kept_short_and_a_field_of_another_beside_it():
    first = whole("registration", DAY)
    assert first == {"*": ["registration", "2026-11-23"]}
    second = stamped(first, ["address"], "form", date(2026, 12, 1))
    assert second == {**first, "address": ["form", "2026-12-01"]}
    assert stamped(second, ["address"], "registration", DAY) == first


def test_who_said_a_field_is_told_and_without_an_entry_the_row_s_own_source():
    present = {"*": ["registration", "2026-11-23"], "address": ["form", "2026-12-01"]}
    assert (origin(present, "address", "base").source, origin(present, "name", "base").since) == ("form", DAY)
    assert (origin({}, "name", "base").source, origin({}, "name", "base").since) == ("base", None)
    assert origin({"name": ["form", "no day"]}, "name", "base").since is None


@pytest.mark.rule("R-11.3")
def test_only_the_base_takes_an_agency_s_row_in():
    assert joins_base(True, True)
    assert not joins_base(False, True)
    assert not joins_base(True, False)
