"""Published vectors and the single parts."""

from __future__ import annotations

import hashlib
import pathlib
import random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.verifier import vectors, verify

FOLDER = pathlib.Path(__file__).parents[1] / "vectors"


@pytest.mark.parametrize("name", ["draw-v1.json", "matching-v1.json"])
def test_vectors(name, capsys):
    assert vectors.main([str(FOLDER / name)]) == 0
    assert all(line.endswith(": ok") for line in capsys.readouterr().out.splitlines())


@pytest.mark.parametrize("name", ["draw-v1.json", "matching-v1.json"])
def test_vectors_name_the_first_difference(name, capsys, tmp_path):
    text = (FOLDER / name).read_text("utf-8")
    key = '"seed": "' if name.startswith("draw") else '"prefix_m": "'
    position = text.index(key) + len(key)
    changed = text[:position] + ("0" if text[position] != "0" else "1") + text[position + 1 :]
    (tmp_path / "v.json").write_text(changed, "utf-8")
    assert vectors.main([str(tmp_path / "v.json")]) == 1
    assert key[1:-4] + ": expected" in capsys.readouterr().out.splitlines()[0]


def test_sm3():
    assert verify.sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    long = "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    assert verify.sm3(b"abcd" * 16).hex() == long
    for length in range(0, 200, 9):
        assert verify.HASHES["sm3"](b"x" * length) == verify.sm3(b"x" * length)


def test_rfc_8785():
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    order = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(verify.parse_json(verify.canonical(value))) == order
    assert verify.canonical('\u20ac$\u000f\nA\'B"\\\\"/\b\x7f') == (
        '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/\\b\x7f"'.encode()
    )
    mixed = [None, True, False, -7, {"b": [], "a": {}}]
    assert verify.canonical(mixed) == b'[null,true,false,-7,{"a":{},"b":[]}]'
    for bad in (1.5, 1 << 53, "\ud800", {1: 2}.keys()):
        with pytest.raises(ValueError):
            verify.canonical(bad)
    for text in (b'{"a":1,"a":2}', b"1.0", b"NaN", b"1e3", b"\xff"):
        with pytest.raises(ValueError):
            verify.parse_json(text)


def test_rfc_6962_roots_and_proofs():
    inputs = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    leaves = [verify.sha256(b"\x00" + bytes.fromhex(item)) for item in inputs]
    roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]
    assert verify.tree_root([], verify.sha256) == hashlib.sha256(b"").digest()
    assert [verify.tree_root(leaves[:n], verify.sha256).hex() for n in range(1, 9)] == roots


def audit_path(index, leaves):
    if len(leaves) < 2:
        return []
    k = 1 << (len(leaves) - 1).bit_length() - 1
    half, other = (leaves[:k], leaves[k:]) if index < k else (leaves[k:], leaves[:k])
    return [*audit_path(index % k, half), verify.tree_root(other, verify.sha256)]


def test_proofs_and_heads_before():
    leaves = [hashlib.sha256(bytes([n])).digest() for n in range(37)]
    for size in range(1, 38):
        whole = verify.tree_root(leaves[:size], verify.sha256)
        for index in range(size):
            proof = audit_path(index, leaves[:size])
            found = verify.roots_from_proof(leaves[index], index, size, proof)
            assert found == (whole, verify.tree_root(leaves[:index], verify.sha256))
            for wrong in (proof[:-1], [*proof, whole]):
                if wrong != proof:
                    with pytest.raises(verify.Bad):
                        verify.roots_from_proof(leaves[index], index, size, wrong)


def test_ed25519():
    rng = random.Random(7)
    key = Ed25519PrivateKey.from_private_bytes(rng.randbytes(32))
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    for length in (0, 1, 64, 300):
        message = rng.randbytes(length)
        signature = key.sign(message)
        assert verify.ed25519_ok(public, message, signature)
        assert not verify.ed25519_ok(public, message + b"x", signature)
        assert not verify.ed25519_ok(public[::-1], message, signature)
        for position in (0, 31, 32, 63):
            wrong = bytearray(signature)
            wrong[position] ^= 1
            assert not verify.ed25519_ok(public, message, bytes(wrong))
        more = int.from_bytes(signature[32:], "little") + 2**252 + 27742317777372353535851937790883648493
        assert not verify.ed25519_ok(public, message, signature[:32] + more.to_bytes(32, "little"))


def test_uniqueness_is_refused_where_two_matchings_are_equal():
    costs = (0, 0, 0, 0)
    arcs = [("t:A", "j:1", 1, 1, costs), ("t:A", "j:2", 1, 0, costs), ("t:B", "j:2", 1, 1, costs)]
    assert not verify.has_cycle(arcs)
    assert verify.has_cycle([*arcs, ("t:B", "j:1", 1, 0, costs)])
    assert not verify.has_cycle([("t:A", "b:A", 2, 1, costs), ("b:A", "j:1", 1, 1, costs)])


def test_quota():
    rule = {"kind": "ratio", "num": 5, "den": 100, "base": "rows", "round": "ceil", "min": 3}
    assert [verify.quota(rule, 100, n) for n in (0, 2, 90)] == [0, 2, 5]
    assert verify.quota({**rule, "round": "half_up", "min": 0}, 30, 30) == 2
    assert verify.quota({**rule, "round": "floor", "min": 0}, 39, 30) == 1
    assert verify.quota({"kind": "count", "n": 7}, 9, 4) == 4
