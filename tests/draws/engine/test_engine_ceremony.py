from typing import Any

import pytest

from app.draws.engine import (
    Ceremony,
    accept_beacon,
    accept_commitment,
    accept_contribution,
    close,
    make_seed,
    read_plan,
    reveal,
    who_could_steer,
)
from app.draws.engine.seed import seed
from app.kernel.errors import Refused

ROOT = b"\x0c" * 32
BEFORE, DEADLINE, AFTER = "2026-11-22T08:00:00Z", "2026-11-23T08:00:00Z", "2026-11-23T09:00:00Z"
DECLARED = {"kind": "declared", "source": "双色球 2026135 期", "not_before": "2026-11-24T13:15:00Z"}
QUICKNET_123 = {
    "kind": "drand",
    "chain": "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
    "round": 123,
}
SIGNATURE = "b75c69d0b72a5d906e854e808ba7e2accb1542ac355ae486d591aa9d43765482e26cd02df835d3546d23c4b13e0dfc92"
RANDOMNESS = "fb8f7bc29bf24db51871ec8c79f3a1e4bd0557bc0dfcee9ed1d924e69d1c60dc"
A, G = "AMR-640000", "GA-640000"


@pytest.fixture
def begin(draw):
    def at(**terms: Any) -> Ceremony:
        return Ceremony(draw.changed(**terms).frozen().plan)

    return at


@pytest.fixture
def committed(draw, begin, commitment):
    def both(witnesses=(A, G), **terms: Any) -> Ceremony:
        ceremony = begin(**terms)
        for witness in witnesses:
            digest = commitment(ceremony, witness, f"骰子 {witness}")
            ceremony = accept_commitment(ceremony, witness, digest, BEFORE)
        return ceremony

    return both


def refused(verb, *arguments: Any) -> str:
    with pytest.raises(Refused) as error:
        verb(*arguments)
    return error.value.code


def test_commit_close_reveal_gives_the_seed_in_the_order_of_the_witnesses(draw, committed) -> None:
    ceremony = close(committed((G, A)), ROOT, BEFORE)
    assert ceremony.awaited == (G, A)
    for witness in (G, A):
        assert not ceremony.is_ready
        ceremony = reveal(ceremony, witness, f"骰子 {witness}", draw.nonce, AFTER)
    plan = ceremony.plan
    values = [f"骰子 {A}", f"骰子 {G}"]
    assert make_seed(ceremony, draw.secrets.operator) == seed(
        plan.algorithm, plan.plan_hash, draw.secrets.operator, values, ROOT, b""
    )


def test_open_contributions_are_shown_as_they_come_and_closed(draw, begin) -> None:
    ceremony = accept_contribution(begin(contributions="open"), A, "3 9 0", BEFORE)
    assert ceremony.awaited == (G,)
    ceremony = close(accept_contribution(ceremony, G, "7", DEADLINE), ROOT, DEADLINE)
    assert ceremony.is_ready
    assert len(make_seed(ceremony, draw.secrets.operator)) == 32


def test_who_has_not_committed_by_the_deadline_is_absent_where_the_plan_allows(draw, committed) -> None:
    ceremony = committed((G,), beacon=DECLARED, absence_allowed=True)
    assert refused(close, ceremony, ROOT, BEFORE) == "draw.closing_too_early"
    ceremony = close(ceremony, ROOT, DEADLINE)
    ceremony = reveal(ceremony, G, f"骰子 {G}", draw.nonce, AFTER)
    assert refused(make_seed, ceremony, draw.secrets.operator) == "draw.not_ready"
    ceremony = accept_beacon(ceremony, "08 12 19", None, DECLARED["not_before"])
    plan = ceremony.plan
    assert make_seed(ceremony, draw.secrets.operator) == seed(
        plan.algorithm, plan.plan_hash, draw.secrets.operator, [None, f"骰子 {G}"], ROOT, b"08 12 19"
    )


def test_the_bytes_of_a_contribution_are_never_normalised(draw, begin) -> None:
    seeds = set()
    for value in ("é", "e\u0301", "É", " é"):
        ceremony = begin(contributions="open", witnesses=(A,))
        ceremony = close(accept_contribution(ceremony, A, value, BEFORE), ROOT, BEFORE)
        seeds.add(make_seed(ceremony, draw.secrets.operator))
    assert len(seeds) == 4


def test_steps_out_of_order_are_refused(draw, begin, committed) -> None:
    fresh, both = begin(), committed()
    closed = close(both, ROOT, BEFORE)
    shown = reveal(closed, A, f"骰子 {A}", draw.nonce, AFTER)
    digest = b"\x01" * 32
    assert refused(reveal, both, A, f"骰子 {A}", draw.nonce, BEFORE) == "draw.not_closed"
    assert refused(accept_commitment, closed, A, digest, BEFORE) == "draw.closed"
    assert refused(close, closed, ROOT, BEFORE) == "draw.closed"
    assert refused(accept_commitment, both, A, digest, BEFORE) == "draw.given_before"
    assert refused(accept_commitment, fresh, "XX", digest, BEFORE) == "draw.not_a_witness"
    assert refused(accept_commitment, fresh, A, digest, AFTER) == "draw.deadline_passed"
    assert refused(accept_commitment, fresh, A, b"short", BEFORE) == "draw.commitment_size"
    assert refused(accept_contribution, fresh, A, "1", BEFORE) == "draw.contributions_are_committed"
    assert refused(accept_commitment, begin(contributions="open"), A, digest, BEFORE) == (
        "draw.contributions_are_open"
    )
    assert refused(close, fresh, ROOT, BEFORE) == "draw.closing_too_early"
    assert refused(close, fresh, ROOT, AFTER) == "draw.witnesses_missing"
    assert refused(close, both, b"short", BEFORE) == "draw.closing_size"
    assert refused(reveal, closed, "XX", "1", draw.nonce, AFTER) == "draw.never_committed"
    assert refused(reveal, shown, A, f"骰子 {A}", draw.nonce, AFTER) == "draw.given_before"
    assert refused(reveal, closed, A, "another", draw.nonce, AFTER) == "draw.reveal_differs"
    assert refused(reveal, closed, A, f"骰子 {A}", b"\x00" * 16, AFTER) == "draw.reveal_differs"
    assert refused(reveal, closed, A, f"骰子 {A}", b"", AFTER) == "draw.nonce_size"
    assert refused(accept_beacon, closed, "1", None, AFTER) == "draw.no_beacon_in_plan"
    assert refused(make_seed, both, draw.secrets.operator) == "draw.not_ready"
    assert refused(make_seed, shown, draw.secrets.operator) == "draw.not_ready"
    done = reveal(shown, G, f"骰子 {G}", draw.nonce, AFTER)
    assert refused(make_seed, done, b"\x09" * 32) == "draw.operator_secret_differs"


def test_moments_in_another_spelling_are_a_fault_of_the_caller(begin) -> None:
    with pytest.raises(ValueError, match="moment"):
        accept_commitment(begin(), A, b"\x01" * 32, "2026-11-22T16:00:00+08:00")


@pytest.mark.parametrize("value", ["", "x" * 201, "a\nb", "a\x85", "\ud800"])
def test_values_outside_the_protocol_are_refused(begin, value: str) -> None:
    code = refused(accept_contribution, begin(contributions="open"), A, value, BEFORE)
    assert code in ("draw.contribution_length", "draw.contribution_characters")


@pytest.mark.parametrize("value", ["x", "😀" * 200, "\u200b", " "])
def test_values_at_the_edge_pass(begin, value: str) -> None:
    assert accept_contribution(begin(contributions="open"), A, value, BEFORE).contributions[0].value == value


def test_a_declared_beacon_is_taken_after_its_time_only(committed) -> None:
    ceremony = committed(beacon=DECLARED)
    assert refused(close, ceremony, ROOT, DECLARED["not_before"]) == "draw.closing_after_beacon"
    assert refused(accept_beacon, ceremony, "1", None, "2026-11-25T00:00:00Z") == "draw.not_closed"
    ceremony = close(ceremony, ROOT, DEADLINE)
    assert refused(accept_beacon, ceremony, "1", None, AFTER) == "draw.beacon_not_out_yet"
    for value, signature in (("", None), ("1", "00"), ("\ud800", None)):
        assert (
            refused(accept_beacon, ceremony, value, signature, "2026-11-25T00:00:00Z") == "draw.beacon_value"
        )
    known = accept_beacon(ceremony, "1", None, "2026-11-25T00:00:00Z")
    assert refused(accept_beacon, known, "2", None, "2026-11-25T00:00:00Z") == "draw.beacon_known"


def test_a_drand_value_must_be_the_hash_of_its_signature(draw, cases) -> None:
    case = next(case for case in cases if case["beacon"] == QUICKNET_123)
    plan = read_plan(case["plan_canonical"].encode())
    ceremony = Ceremony(plan, closing=ROOT)
    assert accept_beacon(ceremony, RANDOMNESS, SIGNATURE, "2023-08-23T15:15:33Z").beacon.value == RANDOMNESS
    assert refused(accept_beacon, ceremony, RANDOMNESS, SIGNATURE, "2023-08-23T15:15:32Z") == (
        "draw.beacon_not_out_yet"
    )
    for value, signature in (("00" * 32, SIGNATURE), (RANDOMNESS, None), (RANDOMNESS, "zz")):
        assert (
            refused(accept_beacon, ceremony, value, signature, AFTER) == "draw.beacon_differs_from_signature"
        )


@pytest.mark.parametrize(
    ("terms", "cosigned", "code", "witnesses"),
    [
        ({"contributions": "open"}, False, "operator_and_last_witness", (A, G)),
        ({}, True, "operator_and_all_witnesses", (A, G)),
        ({"beacon": DECLARED}, True, "operator_and_beacon", ()),
        ({"beacon": DECLARED, "contributions": "open"}, False, "operator_unless_closing_kept", ()),
    ],
)
def test_who_could_steer_follows_from_the_plan(begin, terms, cosigned: bool, code: str, witnesses) -> None:
    found = who_could_steer(begin(**terms).plan, cosigned)
    assert (found.code, found.operator, found.witnesses) == (code, G, witnesses)
    assert found.beacon == terms.get("beacon")
