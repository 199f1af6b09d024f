import random
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.draws.engine import build_frame, draw_batch, result_row_proof
from app.draws.engine.selection import Tickets, rank
from app.draws.engine.sizes import apportion, quota, sizes
from app.kernel import merkle
from app.kernel.errors import Refused
from app.kernel.hashing import SHA256, enc, tag

SEED = b"\x0f" * 32
RATIO = {"kind": "ratio", "num": 1, "den": 4, "base": "rows", "round": "ceil", "min": 0}
CODES = st.sampled_from(["S1", "S2", "S3", "S10"])


def drawn(draw, seed: bytes = SEED, batch: int = 0, before=()):
    return draw_batch(draw.frozen().plan, draw.frame(), draw.secrets, seed, batch, before)


def test_the_order_of_the_input_changes_nothing(draw) -> None:
    shuffled = draw.rows[:]
    random.Random(3).shuffle(shuffled)
    assert drawn(draw.of(shuffled)) == drawn(draw)


def test_a_row_added_to_one_stratum_changes_nothing_in_another(draw) -> None:
    more = draw.of([*draw.rows, ("91640100MB00000001", "S1", 1, 1, "", "640104", "")])

    def of_s2(bent):
        return [line.split("\t")[1:] for line in drawn(bent).text.decode().split("\n") if "\tS2\t" in line]

    assert of_s2(more) == of_s2(draw)
    assert len(of_s2(draw)) == 3


def test_the_smallest_tickets_of_the_eligible_rows_are_drawn(draw) -> None:
    frame = draw.frame()
    prefix = SHA256.digest(tag("ticket") + enc(SEED) + enc(b"640000-2026-0001-1") + enc(b""))
    lines = []
    for stratum, size in (("S1", 5), ("S2", 3)):
        tickets = sorted(
            (SHA256.digest(prefix + frame.salt(index) + target_id).hex(), target_id.decode())
            for index, target_id in enumerate(frame.ids)
            if frame.eligible[index] and frame.strata[frame.stratum_of[index]] == stratum
        )
        lines += [
            f"0\t{stratum}\t{rank}\t{target_id}\t{ticket}\n"
            for rank, (ticket, target_id) in enumerate(tickets[:size], 1)
        ]
    assert drawn(draw).text.decode() == "batch\tstratum\trank\ttarget_id\tticket\n" + "".join(lines)


@given(st.integers(1, 500), st.integers(0, 500), st.integers(1, 60), st.integers(1, 60), st.integers(0, 9))
def test_ratios_are_rounded_exactly(rows: int, missing: int, num: int, den: int, least: int) -> None:
    eligible = max(0, rows - missing)
    rule = {"kind": "ratio", "num": num, "den": den, "min": least}
    for base, counted in (("rows", rows), ("eligible", eligible)):
        exact = Fraction(counted * num, den)
        shares = {"ceil": -(-exact // 1), "floor": exact // 1, "half_up": (exact + Fraction(1, 2)) // 1}
        for rounding, share in shares.items():
            chosen = rule | {"base": base, "round": rounding}
            asked = quota(chosen, rows, eligible)
            assert asked == (max(least, share) if eligible else 0)
            taken = sizes({"kind": "strata", "rules": {"S1": chosen}}, {"S1": (rows, eligible)})
            assert taken == {"S1": min(asked, eligible)}


@given(
    st.integers(1, 200), st.dictionaries(CODES, st.tuples(st.integers(0, 60), st.integers(1, 9)), min_size=1)
)
def test_a_total_gives_out_all_seats_and_none_twice(n: int, strata: dict[str, tuple[int, int]]) -> None:
    counts = {code: (eligible + 2, eligible) for code, (eligible, _) in strata.items()}
    multipliers = {code: multiplier for code, (_, multiplier) in strata.items()}
    seats = apportion(n, multipliers, counts)
    assert seats.keys() == counts.keys()
    assert sum(seats.values()) == min(n, sum(eligible for _, eligible in counts.values()))
    assert all(seats[code] <= eligible for code, (_, eligible) in counts.items())
    assert seats == apportion(n, multipliers, dict(reversed(counts.items())))


def test_a_stratum_that_is_exactly_full_does_not_leave() -> None:
    """M = 6: quotas 2, 0, 0 with remainder 4 each, so the two seats left go to S1 and S2 by code."""
    counts = {"S1": (9, 4), "S2": (9, 1), "S3": (9, 1)}
    assert apportion(4, {"S1": 1, "S2": 1, "S3": 1}, counts) == {"S1": 3, "S2": 1, "S3": 0}


def test_certain_rows_come_first_and_the_heaviest_of_them_before_the_others(draw) -> None:
    rows = [
        (f"AA{number}", "S1", weight, 1, "", "640104", "")
        for number, weight in enumerate([1, 90, 1, 90, 1, 1])
    ]
    bent = draw.of(rows).changed(selection={"kind": "weighted", "n": 4})
    result = drawn(bent)
    assert result.ids[:2] == ("AA1", "AA3")
    assert len(result.keys) == 2
    assert list(result.keys) == sorted(result.keys)
    assert result.sizes == {"-": 4}


def test_a_weighted_pool_smaller_than_n_is_taken_whole(draw) -> None:
    rows = [(f"AA{number}", "S1", number + 1, 1, "", "640104", "") for number in range(3)]
    result = drawn(draw.of(rows).changed(selection={"kind": "weighted", "n": 9}))
    assert sorted(result.ids) == ["AA0", "AA1", "AA2"]


def test_a_weighted_draw_without_any_eligible_row_is_empty(draw) -> None:
    rows = [("AA1", "S1", 1, 0, "CAP", "640104", "")]
    result = drawn(draw.of(rows).changed(selection={"kind": "weighted", "n": 2}))
    assert result.ids == ()
    assert result.root == SHA256.digest(b"")
    assert result.text == b"batch\tstratum\trank\ttarget_id\tticket\n"


@pytest.mark.parametrize("size", [1, 3])
def test_every_row_of_a_stratum_is_drawn_equally_often(size: int) -> None:
    """Chi-square over 3,000 fixed seeds, 15 degrees of freedom: 37.7 is the 0.1 % point."""
    rows = [(f"AA{number:02d}", "S1", 1, 1, "", "640104", "") for number in range(16)]
    frame = build_frame(rows, SHA256, "sealed", b"\x02" * 32)
    seen: Counter[int] = Counter()
    rounds = 3000
    for number in range(rounds):
        prefix = SHA256.digest(number.to_bytes(4, "big"))
        seen.update(rank({"kind": "strata"}, frame, Tickets(frame, prefix), "S1").order[:size])
    expected = rounds * size / 16
    assert sum((seen[index] - expected) ** 2 / expected for index in range(16)) < 37.7


def test_a_weighted_pool_is_drawn_in_proportion_to_the_weights() -> None:
    """40 rows, 8 of 3,000 draws each: inclusion within four standard errors of n * w / W."""
    rows = [(f"AA{number:02d}", "S1", 1 + number % 4, 1, "", "640104", "") for number in range(40)]
    frame = build_frame(rows, SHA256, "open", b"\x02" * 32)
    seen: Counter[int] = Counter()
    rounds = 3000
    for number in range(rounds):
        tickets = Tickets(frame, SHA256.digest(number.to_bytes(4, "big")))
        seen.update(rank({"kind": "weighted", "n": 8}, frame, tickets, "-").order[:8])
    for weight in (1, 2, 3, 4):
        expected = 8 * weight / 100
        share = sum(seen[index] for index in range(40) if frame.weights[index] == weight) / (10 * rounds)
        assert (
            abs(share - expected) < 4 * (expected * (1 - expected) / (10 * rounds)) ** 0.5 + 0.005 * expected
        )


def test_batches_of_an_order_share_nobody_and_reveal_a_chain_of_codes(draw) -> None:
    bent = draw.changed(selection={"kind": "order", "batches": [10, 20, 30]})
    plan, before, results = bent.frozen().plan, [], []
    for batch in range(3):
        results.append(drawn(bent, batch=batch, before=before))
        before += results[-1].ids
    assert [result.rows for result in results] == [10, 20, 6]
    assert len(set(before)) == 36
    assert results[0].code is None
    for result in results[1:]:
        assert plan.algorithm.repeat(result.code, result.batch) == plan.codes_tip
    assert results[2].code == draw.secrets.chain


def test_a_single_batch_has_the_chain_secret_itself_as_tip(draw) -> None:
    plan = draw.frozen().plan
    assert (plan.codes_length, plan.codes_tip) == (0, draw.secrets.chain)


def test_equal_tickets_are_settled_by_the_id(draw) -> None:
    frame = draw.frame()

    class Same(Tickets):
        def of_all(self, indexes):
            return [b"\x00" * 32 for _ in indexes]

    order = rank({"kind": "order"}, frame, Same(frame, b""), "-").order
    assert order == sorted(order)
    assert len(order) == 36


def test_result_and_drawn_files_have_the_protocols_shape(draw) -> None:
    result = drawn(draw)
    first, header, *ids = result.drawn_text.decode().split("\n")
    assert first.startswith("#evenhand-draw/1 drawn ")
    assert header == "target_id"
    assert ids == [*sorted(result.ids), ""]
    assert (result.digest, result.drawn_digest) == (
        SHA256.digest(result.text),
        SHA256.digest(result.drawn_text),
    )
    assert result.entry() == {
        "batch": 0,
        "rows": 8,
        "digest": result.digest.hex(),
        "root": result.root.hex(),
        "drawn_digest": result.drawn_digest.hex(),
    }


def test_an_owner_can_prove_his_line_of_the_result(draw) -> None:
    result, frame = drawn(draw), draw.frame()
    proof = result_row_proof(frame, draw.secrets.list, result, result.ids[4])
    leaf = SHA256.digest(b"\x00" + enc(proof.salt) + proof.row.encode())
    assert proof.row.split("\t")[3] == result.ids[4]
    assert merkle.verify_inclusion(SHA256, leaf, proof.index, proof.size, proof.path, result.root)
    with pytest.raises(KeyError):
        result_row_proof(frame, draw.secrets.list, result, "AA")


def test_nothing_is_drawn_from_another_list_or_with_other_secrets(draw) -> None:
    plan, frame = draw.frozen().plan, draw.frame()
    bends = {
        "draw.frame_not_of_plan": lambda: draw_batch(
            plan, draw.of(draw.rows[1:]).frame(), draw.secrets, SEED
        ),
        "draw.list_secret_not_of_frame": lambda: draw_batch(
            plan, frame, replace(draw.secrets, list=b"\x09" * 32), SEED
        ),
        "draw.codes_not_of_plan": lambda: draw_batch(
            plan, frame, replace(draw.secrets, chain=b"\x09" * 32), SEED
        ),
        "draw.no_such_batch": lambda: draw_batch(plan, frame, draw.secrets, SEED, 1),
        "draw.batch_drawn_before": lambda: drawn(draw, before=[draw.rows[0][0]]),
        "draw.target_not_on_list": lambda: drawn(
            draw.changed(selection={"kind": "order", "batches": [1, 1]}), batch=1, before=["AA"]
        ),
    }
    for code, attempt in bends.items():
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.code == code
