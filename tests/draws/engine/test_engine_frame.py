import random

import pytest

from app.draws.engine import build_frame, frame_row_proof, parse_frame
from app.draws.engine.sealing import OPEN_NONCE
from app.kernel import merkle
from app.kernel.errors import Invalid
from app.kernel.hashing import SHA256, SM3, enc, tag

XS = b"\x02" * 32


def test_the_order_of_the_input_is_irrelevant(rows) -> None:
    shuffled = rows[:]
    random.Random(7).shuffle(shuffled)
    one, two = build_frame(rows, SM3, "sealed", XS), build_frame(shuffled, SM3, "sealed", XS)
    assert (one.text, one.root, one.salts) == (two.text, two.root, two.salts)


def test_the_file_is_as_the_protocol_shows_it() -> None:
    frame = build_frame(
        [
            ("91640100MA75X0012L", "S4", 4, 0, "CAP", "640104", "食品"),
            ("91640100MA75X0004R", "S1", 1, 1, "", "640104", "食品,消防,食品"),
        ],
        SHA256,
        "open",
        XS,
    )
    assert frame.text.decode() == (
        f"#evenhand-draw/1 frame {OPEN_NONCE}\n"
        "target_id\tstratum\tweight\teligible\treason\tregion\ttags\n"
        "91640100MA75X0004R\tS1\t1\t1\t\t640104\t消防,食品\n"
        "91640100MA75X0012L\tS4\t4\t0\tCAP\t640104\t食品\n"
    )
    assert frame.counts() == {"S1": (1, 1), "S4": (1, 0)}
    assert frame.eligible_count == 1
    assert frame.salts == b""


def test_ids_of_which_one_begins_the_other_are_sorted_by_bytes() -> None:
    rows = [(target_id, "S1", 1, 1, "", "640104", "") for target_id in ("AB-1", "AB", "AB0", "AA")]
    frame = build_frame(rows, SHA256, "open", XS)
    assert frame.ids == [b"AA", b"AB", b"AB-1", b"AB0"]


def test_salts_and_root_follow_their_definition(rows) -> None:
    frame = build_frame(rows, SHA256, "sealed", XS)
    lines = frame.text.split(b"\n")[2:-1]
    salts = [SHA256.digest(tag("salt") + enc(XS) + enc(target_id))[:16] for target_id in frame.ids]
    leaves = [SHA256.digest(b"\x00" + enc(salt) + line) for salt, line in zip(salts, lines, strict=True)]
    assert frame.salts == b"".join(salts)
    assert frame.root == merkle.root(SHA256, leaves)
    assert frame.nonce == SHA256.digest(tag("frame") + enc(XS))[:16].hex()


@pytest.mark.parametrize("mode", ["sealed", "open"])
def test_a_stored_frame_is_read_back_the_same(rows, mode: str) -> None:
    frame = build_frame(rows, SM3, mode, XS)
    assert parse_frame(frame.text, SM3, mode, XS) == frame


@pytest.mark.parametrize(
    "bend",
    [
        lambda text: text[:-1],
        lambda text: text + b"\n",
        lambda text: text.replace(b"\t640104\t", b"\t64010\t", 1),
        lambda text: text.replace("消防,食品".encode(), "食品,消防".encode(), 1),
        lambda text: text.replace("消防".encode(), b"\xff", 1),
        lambda text: text.replace(b"frame ", b"drawn ", 1),
        lambda text: b"\n".join([*text.split(b"\n")[:2], *text.split(b"\n")[3:1:-1], b""]),
        lambda text: b"\n".join([*text.split(b"\n")[:3], *text.split(b"\n")[2:]]),
        lambda text: b"",
    ],
)
def test_a_frame_file_that_was_touched_is_not_read(rows, bend) -> None:
    text = build_frame(rows, SHA256, "sealed", XS).text
    with pytest.raises(Invalid) as refused:
        parse_frame(bend(text), SHA256, "sealed", XS)
    assert refused.value.code == "draw.frame_text_faulty"


def test_a_frame_is_not_read_with_another_list_secret(rows) -> None:
    with pytest.raises(Invalid):
        parse_frame(build_frame(rows, SHA256, "sealed", XS).text, SHA256, "sealed", b"\x09" * 32)


SOUND = ("91640100MA75X0004R", "S1", 1, 1, "", "640104", "")


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        (0, "A", "draw.frame_target_id"),
        (0, "A" * 41, "draw.frame_target_id"),
        (0, "91640100ma75", "draw.frame_target_id"),
        (0, "AB\tS1", "draw.frame_target_id"),
        (0, "AB\n", "draw.frame_target_id"),
        (0, "", "draw.frame_target_id"),
        (1, "", "draw.frame_stratum"),
        (1, "s1", "draw.frame_stratum"),
        (1, "S" * 17, "draw.frame_stratum"),
        (2, 0, "draw.frame_weight"),
        (2, 1_000_001, "draw.frame_weight"),
        (2, 1.5, "draw.frame_weight"),
        (2, -1, "draw.frame_weight"),
        (3, 2, "draw.frame_eligible"),
        (4, "CAP", "draw.frame_reason_unneeded"),
        (5, "6401", "draw.frame_region"),
        (5, "640104\n", "draw.frame_region"),
        (6, "食品,", "draw.frame_tags"),
        (6, "a\tb", "draw.frame_tags"),
        (6, "a\0", "draw.frame_tags"),
        (6, "\ud800", "draw.frame_tags"),
    ],
)
def test_a_faulty_field_is_named_with_its_row(column: int, value: object, code: str) -> None:
    bent = (*SOUND[:column], value, *SOUND[column + 1 :])
    other = ("91640100MA75X0005T", *SOUND[1:])
    with pytest.raises(Invalid) as refused:
        build_frame([other, bent], SHA256, "open", XS)
    faults = refused.value.faults
    assert [(fault.code, fault.row, fault.value) for fault in faults] == [(code, 2, value)]
    assert refused.value.facts == {"count": 1}


@pytest.mark.parametrize("reason", ["", "LAZY"])
def test_an_ineligible_row_needs_a_reason_of_the_list(reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        build_frame([(*SOUND[:3], 0, reason, *SOUND[5:])], SHA256, "open", XS)
    assert [(fault.code, fault.value) for fault in refused.value.faults] == [("draw.frame_reason", reason)]


def test_all_faults_are_counted_and_the_first_thousand_shown() -> None:
    rows = [("x", "S1", 0, 1, "", "640104", "")] * 700
    with pytest.raises(Invalid) as refused:
        build_frame(rows, SHA256, "open", XS)
    assert refused.value.facts == {"count": 1400}
    assert len(refused.value.faults) == 1000


def test_a_target_that_comes_twice_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        build_frame([SOUND, SOUND], SHA256, "open", XS)
    assert [(fault.code, fault.value) for fault in refused.value.faults] == [
        ("draw.frame_target_twice", SOUND[0])
    ]


def test_the_edges_of_the_fields_pass() -> None:
    rows = [("AB", "A" * 16, 1_000_000, 0, "OTHER", "000000", "x"), ("9" * 40, "_", 1, 1, "", "640104", "")]
    assert len(build_frame(rows, SHA256, "open", XS)) == 2


@pytest.mark.parametrize("mode", ["sealed", "open"])
def test_an_owner_can_prove_his_row(rows, mode: str) -> None:
    frame = build_frame(rows, SM3, mode, XS)
    proof = frame_row_proof(frame, rows[5][0])
    leaf = SM3.digest(b"\x00" + enc(proof.salt) + proof.row.encode())
    assert proof.row.startswith(rows[5][0] + "\t")
    assert merkle.verify_inclusion(SM3, leaf, proof.index, proof.size, proof.path, frame.root)
    with pytest.raises(KeyError):
        frame_row_proof(frame, "91640100MA9999")


def test_an_empty_list_has_the_empty_trees_root() -> None:
    assert build_frame([], SHA256, "open", XS).root == SHA256.digest(b"")
