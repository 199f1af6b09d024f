"""Rules of the directories; no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from app.directories.inspectors.rules import certificate_faults, eligibility, may_lead
from app.directories.inspectors.rules import missing_fields as missing_of_inspector
from app.directories.libraries.rules import SelectionRule
from app.directories.recusals.rules import declaration_faults, is_active
from app.directories.targets.entries import Vocabulary, check_entry, read_date, split_words
from app.directories.targets.rules import (
    check_code,
    kind_of_code,
    may_upgrade,
    missing_fields,
    region_of_code,
)
from app.kernel.errors import Invalid
from app.kernel.identifiers import make_internal_code, make_uscc, organisation_check_digit

USCC = make_uscc("9", "1", "640104", "YY000001")
ORGANISATION = USCC[8:17]
INTERNAL = make_internal_code("640104", 7)
FULL = {
    "code": USCC,
    "name": "甲示例",
    "address": "银川市兴庆区一号",
    "legal_representative": "张三示例",
    "contact": "李四示例",
    "phone": "",
}
WORDS = Vocabulary(
    kinds={"enterprise": "enterprise", "企业": "enterprise"},
    prefixes={"91": "enterprise"},
    industries={"6110": "6110", "旅游饭店": "6110"},
    regions={"640104": 4, "兴庆区": 4, "640200": 9},
    reachable=frozenset({4}),
    tags=frozenset({"食品"}),
)


@pytest.mark.rule("R-11.4")
@pytest.mark.parametrize("field", ["code", "name", "address", "legal_representative", "contact"])
def test_each_mandatory_field_has_its_own_reason(field):
    faults = missing_fields({**FULL, field: " "})
    assert [(fault.field, fault.code) for fault in faults] == [(field, f"target_{field}_missing")]


@pytest.mark.rule("R-11.4")
def test_a_telephone_number_is_a_contact():
    assert missing_fields({**FULL, "contact": "", "phone": "0951-0000000"}) == []
    assert len(missing_fields({})) == 5


@pytest.mark.rule("R-11.5")
def test_a_code_gives_way_only_to_a_better_one_of_the_same_organisation():
    other = "YY000009" + organisation_check_digit("YY000009")
    internal, organisation, uscc = check_code(INTERNAL), check_code(ORGANISATION), check_code(USCC)
    assert may_upgrade(internal, organisation)
    assert may_upgrade(internal, uscc)
    assert may_upgrade(organisation, uscc)
    assert may_upgrade(check_code(other), uscc).code == "code_of_another"
    assert may_upgrade(uscc, organisation).code == "code_not_higher"
    assert may_upgrade(uscc, uscc).code == "code_not_higher"
    assert may_upgrade(internal, check_code("123")).code == "code_not_valid"


@pytest.mark.rule("R-4.1")
def test_the_kind_is_told_by_the_code():
    assert kind_of_code(check_code(USCC), {"91": "enterprise"}) == "enterprise"
    assert kind_of_code(check_code(USCC), {"92": "individual"}) is None
    assert kind_of_code(check_code(ORGANISATION), {"91": "enterprise"}) is None
    assert region_of_code(check_code(USCC)) == "640104"
    assert region_of_code(check_code(INTERNAL)) == "640104"
    assert region_of_code(check_code(ORGANISATION)) is None


@pytest.mark.rule("R-4.1")
@pytest.mark.rule("R-11.5")
def test_an_entry_takes_kind_and_region_from_the_code():
    entry, faults = check_entry(FULL, WORDS)
    assert faults == []
    assert (entry.kind, entry.region_id, entry.code_kind, entry.status) == ("enterprise", 4, "uscc", "active")
    assert "kind" not in entry.given


def test_an_entry_reports_every_fault_at_once():
    bad = {
        "code": USCC[:-1] + ("0" if USCC[-1] != "0" else "1"),
        "name": "长" * 201,
        "kind": "庙",
        "industry": "9999",
        "region": "石嘴山",
        "status": "在建",
        "registered_on": "2026-02-30",
        "tags": "食品；魔法",
    }
    _, faults = check_entry(bad, WORDS)
    assert {fault.code for fault in faults} == {
        "identifier_check_digit",
        "too_long",
        "target_kind_unknown",
        "target_industry_unknown",
        "target_region_unknown",
        "target_status_unknown",
        "target_date_unreadable",
        "target_tag_unknown",
        "target_address_missing",
        "target_legal_representative_missing",
        "target_contact_missing",
    }


def test_a_region_outside_the_reach_is_refused():
    _, faults = check_entry({**FULL, "region": "640200"}, WORDS)
    assert [fault.code for fault in faults] == ["target_region_elsewhere"]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-01-31", date(2026, 1, 31)),
        ("2026/1/3", date(2026, 1, 3)),
        ("2026年1月3日", date(2026, 1, 3)),
        ("20260131", date(2026, 1, 31)),
        ("2026-01-31 00:00:00", date(2026, 1, 31)),
        ("2026-13-01", None),
        ("46000", date(2025, 12, 9)),
        ("12", None),
        ("", None),
    ],
)
def test_dates_are_read_as_offices_write_them(text, day):
    assert read_date(text) == day


def test_a_cell_with_several_words_is_split():
    assert split_words("食品；特种设备, 食品") == ["食品", "特种设备"]


@dataclass
class Somebody:
    active: bool = True
    certified: bool = True
    certificate_from: date | None = date(2022, 1, 1)
    certificate_until: date | None = date(2026, 12, 31)


@dataclass
class Away:
    first_day: date
    last_day: date


FIRST, LAST = date(2026, 12, 1), date(2026, 12, 20)


@pytest.mark.rule("R-15.1")
@pytest.mark.parametrize(
    ("inspector", "leaves", "code"),
    [
        (Somebody(active=False), [], "INACTIVE"),
        (Somebody(certificate_until=date(2026, 12, 19)), [], "EXPIRED"),
        (Somebody(certificate_from=date(2026, 12, 2)), [], "EXPIRED"),
        (Somebody(certificate_until=None), [], "EXPIRED"),
        (Somebody(), [Away(LAST, date(2026, 12, 24))], "ABSENT"),
        (Somebody(), [Away(date(2026, 11, 1), FIRST)], "ABSENT"),
    ],
)
def test_who_is_away_or_expired_or_gone_is_out_by_itself(inspector, leaves, code):
    assert eligibility(inspector, leaves, FIRST, LAST, on_site=True).code == code


@pytest.mark.rule("R-15.1")
def test_a_certificate_through_the_last_day_and_a_leave_beside_the_period_do_not_hinder():
    somebody = Somebody(certificate_from=FIRST, certificate_until=LAST)
    leaves = [Away(date(2026, 11, 1), date(2026, 11, 30)), Away(date(2026, 12, 21), date(2026, 12, 30))]
    assert eligibility(somebody, leaves, FIRST, LAST, on_site=True)


@pytest.mark.rule("R-15.3")
def test_only_certified_inspectors_check_on_site():
    somebody = Somebody(certified=False, certificate_from=None, certificate_until=None)
    assert eligibility(somebody, [], FIRST, LAST, on_site=True).code == "UNCERTIFIED"
    assert eligibility(somebody, [], FIRST, LAST, on_site=False)


@pytest.mark.rule("R-14.1")
def test_an_inspector_has_certificate_unit_position_and_telephone():
    assert [f.field for f in missing_of_inspector({})] == [
        "certificate_no",
        "name",
        "unit",
        "position",
        "phone",
    ]
    assert certificate_faults(True, None, None)[0].code == "certificate_without_end"
    assert certificate_faults(True, date(2026, 2, 1), date(2026, 1, 1))[0].code == "days_not_in_order"
    assert certificate_faults(False, None, None) == []


@pytest.mark.rule("R-14.2")
def test_staff_without_the_certificate_do_not_lead():
    assert may_lead(certified=False, leader=True).code == "leader_without_certificate"
    assert may_lead(certified=False, leader=False)
    assert may_lead(certified=True, leader=True)


@pytest.mark.rule("R-12.1")
def test_a_selection_survives_its_stored_form():
    rule = SelectionRule.from_json(
        {"kinds": ["enterprise"], "industries": ["61", "I"], "regions": ["640100"]}
    )
    assert rule.status == ("active",)
    assert SelectionRule.from_json(rule.to_json()) == SelectionRule.from_json(
        {"regions": ["640100"], "industries": ["61", "I"], "kinds": ["enterprise"], "status": ["active"]}
    )
    assert SelectionRule.from_json({"status": []}).status == ("active",)
    assert SelectionRule.from_json({}).is_everything


@pytest.mark.rule("R-12.1")
@pytest.mark.parametrize(
    ("data", "code"),
    [
        ([], "rule_not_an_object"),
        ({"names": ["x"]}, "rule_unknown_part"),
        ({"kinds": "enterprise"}, "rule_not_a_list"),
        ({"kinds": 5}, "rule_not_a_list"),
        ({"classes": ["E"]}, "rule_value_unknown"),
        ({"status": ["gone"]}, "rule_value_unknown"),
        ({"industries": ["6' OR 1=1"]}, "rule_value_unknown"),
        ({"industries": ["%"]}, "rule_value_unknown"),
        ({"regions": [str(n) for n in range(100000, 100600)]}, "rule_too_many"),
    ],
)
def test_a_selection_outside_the_closed_vocabulary_is_refused(data, code):
    with pytest.raises(Invalid) as caught:
        SelectionRule.from_json(data)
    assert code in {fault.code for fault in caught.value.faults}


@dataclass
class Between:
    since: date = date(2026, 1, 1)
    until: date | None = None
    withdrawn_on: date | None = None


@pytest.mark.rule("R-25.2")
@pytest.mark.parametrize(
    ("recusal", "active"),
    [
        (Between(), True),
        (Between(until=FIRST), True),
        (Between(until=date(2026, 11, 30)), False),
        (Between(since=LAST), True),
        (Between(since=date(2026, 12, 21)), False),
        (Between(withdrawn_on=date(2026, 6, 1)), False),
    ],
)
def test_a_recusal_counts_on_every_day_of_its_period(recusal, active):
    assert is_active(recusal, FIRST, LAST) is active


@pytest.mark.rule("R-25.2")
def test_a_declaration_says_ground_period_and_evidence():
    faults = declaration_faults("FRIEND", "nobody", date(2026, 2, 1), date(2026, 1, 1), " ")
    assert [fault.field for fault in faults] == ["reason", "declared_by", "until", "evidence"]
    assert declaration_faults("RELATIVE", "inspector", FIRST, None, "配偶在该单位任职") == []
