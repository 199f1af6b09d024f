from dataclasses import replace
from typing import Any

import pytest

from app.draws.engine import Cut, Secrets, freeze, read_plan
from app.kernel.errors import Invalid

QUICKNET = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
DECLARED = {"kind": "declared", "source": "双色球 2026135 期", "not_before": "2026-11-24T13:15:00Z"}
# Round 33,000,000 of quicknet comes out in October 2026, round 35,000,000 in December.
DRAND_TOO_EARLY = {"kind": "drand", "chain": QUICKNET, "round": 33_000_000}
DRAND = {"kind": "drand", "chain": QUICKNET, "round": 35_000_000}
RATIO = {"kind": "ratio", "num": 1, "den": 4, "base": "rows", "round": "ceil", "min": 0}
AGENCY = {"roster": "11" * 32, "recusals": "22" * 32, "tags": ["消防"], "need": 2, "leaders": 1, "relax": []}


def strata(**rule: Any) -> dict[str, Any]:
    return {"kind": "strata", "rules": {"S1": RATIO | rule, "S2": {"kind": "all"}}}


def total(n: Any = 5, **multipliers: Any) -> dict[str, Any]:
    return {"kind": "total", "n": n, "multipliers": {"S1": 1, "S2": 1} | multipliers}


def matching(**part: Any) -> dict[str, Any]:
    return {"GA-640000": AGENCY | part}


def codes(draw, terms: dict[str, Any], circumstances: dict[str, Any] | None = None) -> set[str]:
    bent = draw.changed(**terms)
    with pytest.raises(Invalid) as refused:
        freeze(bent.terms, draw.frame(), draw.secrets, replace(draw.circumstances, **(circumstances or {})))
    assert refused.value.code == "draw.freeze_refused"
    return {fault.code for fault in refused.value.faults}


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"draw_no": ""}, "draw.identifier"),
        ({"draw_no": "抽1"}, "draw.identifier"),
        ({"initiator": "G A"}, "draw.identifier"),
        ({"task_no": "  "}, "draw.text_missing"),
        ({"task_no": "\ud800"}, "draw.text_missing"),
        ({"contributions": "later"}, "draw.not_a_choice"),
        ({"own_case": "none"}, "draw.not_a_choice"),
        ({"absence_allowed": 1}, "draw.not_a_choice"),
        ({"previous": "00"}, "draw.not_a_digest"),
        ({"previous": "AA" * 32}, "draw.not_a_digest"),
        ({"contributions_until": "2026-11-23 08:00"}, "draw.not_a_moment"),
        ({"contributions_until": "2026-02-30T08:00:00Z"}, "draw.not_a_moment"),
        ({"contributions_until": "2026-11-20T08:00:00Z"}, "draw.deadline_passed"),
        ({"open_after": "2026-13-01"}, "draw.not_a_date"),
        ({"open_after": "2026-11-22"}, "draw.opened_before_drawn"),
        ({"own_case": "full"}, "draw.own_case_with_risk"),
        ({"witnesses": ("AMR-640000", "XX-1")}, "draw.witness_unknown"),
        ({"witnesses": ("AMR-640000", "AMR-640000")}, "draw.witness_twice"),
        ({"witnesses": ("AMR-640000", "é")}, "draw.identifier"),
        ({"witnesses": ("GA-640000", "P-7")}, "draw.nobody_from_outside"),
        ({"witnesses": ()}, "draw.nobody_from_outside"),
        ({"absence_allowed": True}, "draw.absence_without_beacon"),
        ({"beacon": {"kind": "sun"}}, "draw.beacon_shape"),
        ({"beacon": "drand"}, "draw.beacon_shape"),
        ({"beacon": DECLARED | {"url": "x"}}, "draw.beacon_shape"),
        ({"beacon": DECLARED | {"source": ""}}, "draw.text_missing"),
        ({"beacon": DECLARED | {"not_before": "tomorrow"}}, "draw.not_a_moment"),
        ({"beacon": DECLARED | {"not_before": "2026-11-23T08:00:00Z"}}, "draw.beacon_too_early"),
        ({"beacon": DRAND_TOO_EARLY}, "draw.beacon_too_early"),
        ({"beacon": DRAND | {"round": 0}}, "draw.integer_out_of_range"),
        ({"beacon": DRAND | {"round": True}}, "draw.integer_out_of_range"),
        ({"beacon": DRAND | {"chain": "00" * 32}}, "draw.beacon_chain_unknown"),
        ({"selection": None}, "draw.selection_shape"),
        ({"selection": {"kind": "steps", "n": 3}}, "draw.selection_shape"),
        ({"selection": {"kind": ["total"]}}, "draw.selection_shape"),
        ({"selection": {"kind": "strata", "rules": []}}, "draw.selection_shape"),
        ({"selection": {"kind": "strata", "rules": {"S1": RATIO}}}, "draw.stratum_without_rule"),
        (
            {"selection": {"kind": "strata", "rules": {"S1": RATIO, "S2": RATIO, "s": RATIO}}},
            "draw.stratum_code",
        ),
        ({"selection": strata(kind="some")}, "draw.rule_shape"),
        ({"selection": strata(extra=1)}, "draw.rule_shape"),
        ({"selection": strata(num=0)}, "draw.integer_out_of_range"),
        ({"selection": strata(den=0)}, "draw.integer_out_of_range"),
        ({"selection": strata(num=0.5)}, "draw.integer_out_of_range"),
        ({"selection": strata(num=2**53)}, "draw.integer_out_of_range"),
        ({"selection": strata(min=-1)}, "draw.integer_out_of_range"),
        ({"selection": strata(base="all")}, "draw.not_a_choice"),
        ({"selection": strata(round="bankers")}, "draw.not_a_choice"),
        ({"selection": {"kind": "total", "n": 5, "multipliers": {"S1": 1}}}, "draw.stratum_without_rule"),
        ({"selection": total(0)}, "draw.integer_out_of_range"),
        ({"selection": total(S2=0)}, "draw.integer_out_of_range"),
        ({"selection": total(S2=True)}, "draw.integer_out_of_range"),
        ({"selection": {"kind": "weighted", "n": 0}}, "draw.integer_out_of_range"),
        ({"selection": {"kind": "weighted"}}, "draw.selection_shape"),
        ({"selection": {"kind": "order", "batches": []}}, "draw.selection_shape"),
        ({"selection": {"kind": "order", "batches": [5, 0]}}, "draw.integer_out_of_range"),
        ({"selection": {"kind": "order", "batches": [1] * 1001}}, "draw.too_many_batches"),
        ({"matching": {}}, "draw.matching_shape"),
        ({"matching": {"../x": AGENCY}}, "draw.identifier"),
        ({"matching": {"GA-640000": {"need": 2}}}, "draw.matching_shape"),
        ({"matching": matching(roster="11")}, "draw.not_a_digest"),
        ({"matching": matching(tags="消防")}, "draw.matching_shape"),
        ({"matching": matching(need=0)}, "draw.integer_out_of_range"),
        ({"matching": matching(leaders=3)}, "draw.leaders_out_of_range"),
        ({"matching": matching(relax=[{"kind": "recusal"}])}, "draw.relaxation"),
        ({"matching": matching(relax=[{"kind": "cap", "add": 0}])}, "draw.relaxation"),
        ({"matching": matching(relax=None)}, "draw.relaxation"),
    ],
)
def test_what_can_be_wrong_is_refused_at_the_freeze(draw, terms: dict[str, Any], code: str) -> None:
    assert codes(draw, terms) == {code}


def test_open_mode_is_refused_when_strata_come_from_risk_classes(draw) -> None:
    bent = draw.changed(mode="open")
    with pytest.raises(Invalid) as refused:
        freeze(bent.terms, bent.frame(), draw.secrets, draw.circumstances)
    assert [fault.code for fault in refused.value.faults] == ["draw.open_with_risk"]
    freeze(bent.terms, bent.frame(), draw.secrets, replace(draw.circumstances, risk_based=False))


def test_the_frame_must_be_built_for_the_terms_and_secrets(draw) -> None:
    assert codes(draw, {"hash": "sm3"}) == {"draw.frame_of_other_terms"}
    assert codes(draw, {"hash": "md5"}) == {"draw.frame_of_other_terms", "draw.not_a_choice"}
    other = Secrets(b"\x01" * 32, b"\x09" * 32, b"\x03" * 31)
    with pytest.raises(Invalid) as refused:
        freeze(draw.terms, draw.frame(), other, draw.circumstances)
    assert {fault.code for fault in refused.value.faults} == {
        "draw.secret_size",
        "draw.list_secret_not_of_frame",
    }


def test_an_empty_list_is_refused(draw) -> None:
    with pytest.raises(Invalid) as refused:
        draw.of([]).frozen()
    assert [fault.code for fault in refused.value.faults] == ["draw.frame_empty"]


@pytest.mark.parametrize(("mode", "reason"), [("sealed", "OTHER"), ("open", "EXCLUDED")])
def test_a_reason_of_the_other_mode_is_refused(draw, mode: str, reason: str) -> None:
    row = ("91640100MB00000001", "S1", 1, 0, reason, "640104", "")
    with pytest.raises(Invalid) as refused:
        draw.of([*draw.rows, row]).changed(mode=mode).frozen()
    assert [fault.code for fault in refused.value.faults] == ["draw.frame_reason_of_other_mode"]


def test_every_fault_is_reported_at_once(draw) -> None:
    assert codes(draw, {"draw_no": "", "witnesses": ("GA-640000",), "beacon": None, "open_after": "x"}) == {
        "draw.identifier",
        "draw.nobody_from_outside",
        "draw.not_a_date",
    }


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"beacon": DECLARED, "absence_allowed": True},
        {"beacon": DRAND, "witnesses": ()},
        {"witnesses": ("P-7",), "initiator": "AMR-640000"},
        {"open_after": None, "matching": matching(relax=[{"kind": "region"}, {"kind": "cap", "add": 1}])},
        {"selection": {"kind": "order", "batches": [1] * 1000}},
        {"selection": total()},
        {"selection": {"kind": "weighted", "n": 5}},
    ],
)
def test_sound_terms_are_frozen_into_a_plan_that_reads_back(draw, terms: dict[str, Any]) -> None:
    bent = draw.changed(**terms)
    plan = freeze(bent.terms, bent.frame(), draw.secrets, draw.circumstances).plan
    assert read_plan(plan.text) == plan


def test_a_quota_above_the_list_is_cut_and_shown(draw) -> None:
    asked = {
        "kind": "strata",
        "rules": {"S1": {"kind": "count", "n": 99}, "S2": RATIO | {"num": 8, "den": 4}},
    }
    frozen = draw.changed(selection=asked).frozen()
    assert frozen.sizes == {"S1": 20, "S2": 16}
    assert frozen.cuts == (Cut("S1", 99, 20), Cut("S2", 40, 16))
    assert draw.changed(selection=total(50)).frozen().cuts == (Cut("-", 50, 36),)
    assert draw.changed(selection={"kind": "weighted", "n": 37}).frozen().cuts == (Cut("-", 37, 36),)
    ordered = draw.changed(selection={"kind": "order", "batches": [30, 10, 2]}).frozen()
    assert ordered.cuts == (Cut("1", 10, 6), Cut("2", 2, 0))
    assert draw.frozen().cuts == ()


@pytest.mark.parametrize(
    "bend",
    [
        lambda text: text + b" ",
        lambda text: text.replace(b'"version":"evenhand-draw/1"', b'"version":"evenhand-draw/2"'),
        lambda text: text.replace(b'"hash":"sha256"', b'"hash":"md5"'),
        lambda text: text.replace(b'"beacon":null,', b""),
        lambda text: b"[]",
    ],
)
def test_a_plan_that_is_none_is_not_read(draw, bend) -> None:
    with pytest.raises(Invalid) as refused:
        read_plan(bend(draw.frozen().plan.text))
    assert refused.value.code == "draw.plan_faulty"
