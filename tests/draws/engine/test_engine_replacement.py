import pytest

from app.draws.engine import Replacement, draw_batch, next_in_order, require_reason, write_replacements
from app.kernel.errors import Refused

SEED = b"\x0f" * 32


def following(draw, batch: int, out_id: str, drawn: list[str]) -> tuple[str, str]:
    return next_in_order(
        draw.frozen().plan, draw.frame(), draw.secrets, SEED, batch=batch, out_id=out_id, drawn=drawn
    )


def result(draw, batch: int = 0, before: tuple[str, ...] = ()):
    return draw_batch(draw.frozen().plan, draw.frame(), draw.secrets, SEED, batch, before)


def test_the_next_of_the_same_stratum_comes_in_one_after_the_other(draw) -> None:
    eight = result(draw)
    fourteen = result(
        draw.changed(
            selection={"kind": "strata", "rules": {c: {"kind": "count", "n": 7} for c in ("S1", "S2")}}
        )
    )
    assert eight.ids == (*fourteen.ids[:5], *fourteen.ids[7:10])
    # Tickets depend on seed, number, salt and id, not on the rule: the larger draw shows the order.
    of_s1 = fourteen.ids[:7]
    drawn = list(eight.ids)
    for expected in of_s1[5:]:
        stratum, in_id = following(draw, 0, eight.ids[0], drawn)
        assert (stratum, in_id) == ("S1", expected)
        drawn.append(in_id)


def test_a_weighted_draw_goes_on_by_key(draw) -> None:
    bent = draw.changed(selection={"kind": "weighted", "n": 6})
    first = result(bent)
    place, in_id = following(bent, 0, first.ids[2], list(first.ids))
    assert place == "-"
    assert in_id not in first.ids


def test_a_replacement_of_an_earlier_batch_leaves_out_whoever_was_drawn_since(draw) -> None:
    bent = draw.changed(selection={"kind": "order", "batches": [5, 20, 5]})
    first = result(bent)
    _, alone = following(bent, 0, first.ids[0], list(first.ids))
    second = result(bent, 1, first.ids)
    _, later = following(bent, 0, first.ids[0], [*first.ids, *second.ids])
    assert later not in second.ids
    third = result(bent, 2, (*first.ids, *second.ids, later))
    assert later not in third.ids
    assert alone not in first.ids


def test_when_nobody_is_left_it_is_said(draw) -> None:
    bent = draw.changed(selection={"kind": "strata", "rules": {c: {"kind": "all"} for c in ("S1", "S2")}})
    everybody = result(bent)
    with pytest.raises(Refused) as refused:
        following(bent, 0, everybody.ids[0], list(everybody.ids))
    assert (refused.value.code, refused.value.facts) == (
        "draw.replacement_exhausted",
        {"stratum": "S1", "batch": 0},
    )


def test_only_who_was_drawn_can_be_replaced(draw) -> None:
    with pytest.raises(Refused) as refused:
        following(draw, 0, draw.rows[0][0], [])
    assert refused.value.code == "draw.replacement_not_drawn"


def test_the_file_is_in_the_order_of_the_log() -> None:
    later = Replacement(0, "S1", "AA1", "AA2", "REVOKED", 12)
    earlier = Replacement(1, "-", "AA3", "AA4", "MOVED", 7)
    assert write_replacements([later, earlier]).decode() == (
        "batch\tstratum\tout_id\tin_id\treason\tlog_index\n1\t-\tAA3\tAA4\tMOVED\t7\n0\tS1\tAA1\tAA2\tREVOKED\t12\n"
    )
    assert write_replacements([]).decode() == "batch\tstratum\tout_id\tin_id\treason\tlog_index\n"


def test_not_found_is_a_result_and_no_ground_to_draw_another() -> None:
    require_reason("DEREGISTERED")
    with pytest.raises(Refused) as refused:
        write_replacements([Replacement(0, "S1", "AA1", "AA2", "NOT_FOUND", 1)])
    assert refused.value.code == "draw.replacement_reason"
