import pytest

from app.kernel import merkle
from app.kernel.hashing import SHA256, SM3, Hash

INPUTS = [
    bytes.fromhex(data)
    for data in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
PUBLISHED_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def leaves(algorithm: Hash, count: int) -> list[bytes]:
    return [merkle.leaf_hash(algorithm, str(number).encode()) for number in range(count)]


def defined_root(algorithm: Hash, of: list[bytes]) -> bytes:
    """The recursive definition of RFC 6962 section 2.1, word for word."""
    if len(of) < 2:
        return of[0] if of else algorithm.digest(b"")
    split = 1
    while split * 2 < len(of):
        split *= 2
    left, right = defined_root(algorithm, of[:split]), defined_root(algorithm, of[split:])
    return algorithm.digest(b"\x01" + left + right)


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_published_for_certificate_transparency(size: int) -> None:
    hashed = [merkle.leaf_hash(SHA256, data) for data in INPUTS[:size]]
    assert merkle.root(SHA256, hashed).hex() == PUBLISHED_ROOTS[size]


@pytest.mark.parametrize("algorithm", [SHA256, SM3])
def test_all_ways_to_a_root_agree_with_the_definition(algorithm: Hash) -> None:
    tree, frontier, so_far = merkle.Tree(algorithm), merkle.Frontier(algorithm), []
    for leaf in [*leaves(algorithm, 70), b"\x00" * 32]:
        expected = defined_root(algorithm, so_far)
        assert merkle.root(algorithm, so_far) == tree.root() == frontier.root() == expected
        tree.append(leaf)
        frontier.append(leaf)
        so_far.append(leaf)
    assert [tree.root(size) for size in range(71)] == [
        defined_root(algorithm, so_far[:size]) for size in range(71)
    ]


def test_a_frontier_goes_on_from_what_was_stored() -> None:
    first = merkle.Frontier(SHA256)
    for leaf in leaves(SHA256, 11):
        first.append(leaf)
    again = merkle.Frontier(SHA256, first.size, first.nodes)
    again.append(b"\x05" * 32)
    assert again.root() == merkle.root(SHA256, [*leaves(SHA256, 11), b"\x05" * 32])
    with pytest.raises(ValueError, match="size"):
        merkle.Frontier(SHA256, 12, first.nodes)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 33])
def test_inclusion_is_proved_and_nothing_else_is(size: int) -> None:
    of = leaves(SHA256, size)
    root = merkle.root(SHA256, of)
    for index in range(size):
        path = merkle.inclusion_path(SHA256, of, index)
        assert merkle.verify_inclusion(SHA256, of[index], index, size, path, root)
        assert not merkle.verify_inclusion(SHA256, b"\x00" * 32, index, size, path, root)
        assert not merkle.verify_inclusion(SHA256, of[index], index, size, [*path, root], root)
        assert not merkle.verify_inclusion(SHA256, of[index], size, size, path, root)
        if path:
            assert not merkle.verify_inclusion(SHA256, of[index], index, size, path[:-1], root)
            assert not merkle.verify_inclusion(SHA256, of[index], index ^ 1, size, path, root)


def test_a_published_path_is_found() -> None:
    hashed = [merkle.leaf_hash(SHA256, data) for data in INPUTS]
    assert [node.hex() for node in merkle.inclusion_path(SHA256, hashed, 0)] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]


def test_consistency_is_proved_between_all_sizes_and_nothing_else_is() -> None:
    of = leaves(SHA256, 20)
    tree = merkle.Tree(SHA256, of)
    for new in range(21):
        for old in range(new + 1):
            proof = tree.consistency_proof(old, new)
            assert proof == merkle.consistency_proof(SHA256, of[:new], old)
            old_root, new_root = tree.root(old), tree.root(new)
            assert merkle.verify_consistency(SHA256, old, new, proof, old_root, new_root)
            assert not merkle.verify_consistency(SHA256, old, new, [*proof, new_root], old_root, new_root)
            assert not merkle.verify_consistency(SHA256, old, new, proof, b"\x00" * 32, new_root)
            if 0 < old < new:
                assert not merkle.verify_consistency(SHA256, old, new, proof, old_root, b"\x00" * 32)
                assert not merkle.verify_consistency(SHA256, old, new, proof[:-1], old_root, new_root)
    assert not merkle.verify_consistency(SHA256, 3, 2, [], tree.root(3), tree.root(2))


def test_places_outside_the_tree_are_index_errors() -> None:
    tree = merkle.Tree(SHA256, leaves(SHA256, 3))
    for ask in (
        lambda: tree.inclusion_path(3, 3),
        lambda: tree.inclusion_path(0, 4),
        lambda: tree.consistency_proof(3, 2),
        lambda: tree.root(4),
    ):
        with pytest.raises(IndexError):
            ask()
