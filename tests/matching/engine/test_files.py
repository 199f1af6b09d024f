"""The files are written in one form only, and anything else is refused."""

from __future__ import annotations

import hashlib

import pytest

from app.matching.engine import (
    AgencyPlan,
    Assigned,
    FileFault,
    Inspector,
    Needs,
    PlanFault,
    Recusal,
    Relaxation,
    assignment_text,
    parse_assignment,
    parse_recusals,
    parse_roster,
    recusals_nonce,
    recusals_text,
    roster_nonce,
    roster_text,
)

NONCE = "0" * 32
B = Inspector("6401-2", True, 3, 40, ("640104", "640100"), ("食品", "特种设备"))
A = Inspector("6401-1", False, 0, 12, ("640000",))
ROSTER = (
    f"#evenhand-draw/1 roster {NONCE}\ninspector_id\tleader\tload\tcap\tregions\ttags\n"
    "6401-1\t0\t0\t12\t640000\t\n6401-2\t1\t3\t40\t640104,640100\t食品,特种设备\n"
)


def test_a_roster_is_sorted_and_reads_back():
    assert roster_text([B, A], NONCE) == ROSTER
    assert parse_roster(ROSTER) == (NONCE, (A, B))


def test_recusals_are_sorted_by_inspector_then_target_and_read_back():
    rows = [Recusal("B", "T1", "RELATIVE"), Recusal("A", "T2", "ROTATION"), Recusal("A", "T1", "DECLARED")]
    text = recusals_text(rows, NONCE)
    assert text.splitlines()[2:] == ["A\tT1\tDECLARED", "A\tT2\tROTATION", "B\tT1\tRELATIVE"]
    assert parse_recusals(text) == (NONCE, tuple(sorted(rows)))


def test_an_assignment_is_sorted_and_reads_back():
    rows = [Assigned("T2", "A", "lead"), Assigned("T1", "B", "member"), Assigned("T1", "A", "lead")]
    text = assignment_text(rows)
    assert text == "target_id\tinspector_id\trole\nT1\tA\tlead\nT1\tB\tmember\nT2\tA\tlead\n"
    assert parse_assignment(text) == tuple(sorted(rows))


def test_nonces_come_from_the_list_secret_and_are_zeros_in_open_mode():
    secret = bytes(range(32))
    for word, nonce in (("roster", roster_nonce), ("recusals", recusals_nonce)):
        parts = (f"evenhand-draw/1/{word}".encode(), secret, b"AMR-640000")
        data = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        assert nonce("sha256", secret, "AMR-640000") == hashlib.sha256(data).hexdigest()[:32]
        assert nonce("sha256", None, "AMR-640000") == NONCE


@pytest.mark.parametrize(
    "text",
    [
        ROSTER.replace("\n", "\r\n"),
        ROSTER.removesuffix("\n"),
        ROSTER + "\n",
        ROSTER.replace("\t12\t", "\t012\t"),
        ROSTER.replace("\t0\t0\t", "\t2\t0\t"),
        ROSTER.replace("\t12\t", "\t-1\t"),
        ROSTER.replace("640000", "64"),
        ROSTER.replace("roster", "recusals"),
        ROSTER.replace("6401-2", "6401-1"),
        ROSTER.replace("6401-2", "6401-0"),
        ROSTER.replace("食品,特", "食品,,特"),
        ROSTER.replace(NONCE, NONCE[1:]),
        ROSTER.replace("\tregions", ""),
    ],
)
def test_a_roster_in_any_other_form_is_refused(text):
    with pytest.raises(FileFault):
        parse_roster(text)


def test_rows_that_cannot_stand_in_a_file_are_refused():
    with pytest.raises(FileFault, match="DUPLICATE_INSPECTOR"):
        roster_text([A, A], NONCE)
    with pytest.raises(FileFault, match="BAD_TAG"):
        roster_text([Inspector("A", True, 0, 1, ("640000",), ("a\tb",))], NONCE)
    with pytest.raises(FileFault, match="DUPLICATE_RECUSAL"):
        recusals_text([Recusal("A", "T", "DECLARED"), Recusal("A", "T", "RELATIVE")], NONCE)
    with pytest.raises(FileFault, match="UNKNOWN_REASON"):
        recusals_text([Recusal("A", "T", "LIKES")], NONCE)
    with pytest.raises(FileFault, match="DUPLICATE_VISIT"):
        assignment_text([Assigned("T", "A", "lead"), Assigned("T", "A", "member")])
    with pytest.raises(FileFault, match="UNKNOWN_ROLE"):
        assignment_text([Assigned("T", "A", "boss")])


ENTRY = {
    "roster": "a" * 64,
    "recusals": "b" * 64,
    "tags": ["食品"],
    "need": 2,
    "leaders": 1,
    "relax": [{"kind": "region"}, {"kind": "cap", "add": 5}, {"kind": "postpone"}],
}


def test_the_entry_of_the_plan_reads_back():
    plan = AgencyPlan.read(ENTRY)
    assert plan.needs == Needs(("食品",), 2, 1)
    assert plan.relax == (Relaxation("region"), Relaxation("cap", 5), Relaxation("postpone"))
    assert plan.document() == ENTRY


@pytest.mark.parametrize(
    "change",
    [
        {"relax": [{"kind": "recusal"}]},
        {"relax": [{"kind": "need"}]},
        {"relax": [{"kind": "cap"}]},
        {"relax": [{"kind": "cap", "add": 0}]},
        {"relax": [{"kind": "cap", "add": True}]},
        {"relax": [{"kind": "region", "add": 1}]},
        {"relax": [{"kind": ["region"]}]},
        {"relax": ["region"]},
        {"relax": {"kind": "region"}},
        {"need": 0},
        {"need": "2"},
        {"leaders": 3},
        {"leaders": -1},
        {"tags": "食品"},
        {"roster": "A" * 64},
        {"more": 1},
    ],
)
def test_an_entry_that_this_version_cannot_carry_out_is_refused(change):
    with pytest.raises(PlanFault):
        AgencyPlan.read(ENTRY | change)


def test_an_entry_without_a_field_is_refused():
    with pytest.raises(PlanFault):
        AgencyPlan.read({name: value for name, value in ENTRY.items() if name != "relax"})
