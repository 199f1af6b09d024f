import hashlib
import pickle

import pytest

from app.kernel.hashing import NAMES, SHA256, SM3, CryptographySm3, Hash, by_name, enc, tag

PUBLISHED = [
    ("sha256", b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("sha256", b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("sm3", b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
    ("sm3", b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
]


@pytest.mark.parametrize(("name", "message", "digest"), PUBLISHED)
def test_digests_are_the_published_ones(name: str, message: bytes, digest: str) -> None:
    assert by_name(name).digest(message).hex() == digest


@pytest.mark.parametrize(("name", "message", "digest"), PUBLISHED[2:])
def test_sm3_of_the_second_library_agrees_with_the_standard(name: str, message: bytes, digest: str) -> None:
    fallback = Hash(name, CryptographySm3())
    assert fallback.digest(message).hex() == digest
    assert fallback.from_prefix(message[:1])(message[1:]).hex() == digest


@pytest.mark.parametrize("name", NAMES)
def test_a_prefix_hashed_once_serves_many_messages(name: str) -> None:
    algorithm = by_name(name)
    digest = algorithm.from_prefix(b"p" * 100)
    for rest in (b"", b"a", b"b" * 1000, b"a"):
        assert digest(rest) == algorithm.digest(b"p" * 100 + rest)


def test_repeat_applies_the_hash_that_many_times() -> None:
    assert SHA256.repeat(b"x", 0) == b"x"
    assert SHA256.repeat(b"x", 3) == SHA256.digest(SHA256.digest(SHA256.digest(b"x")))


def test_a_hash_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(SM3)) is SM3


def test_an_unknown_name_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        by_name("md5")


def test_encoding_keeps_concatenations_apart() -> None:
    assert enc(b"ab") == b"\x00\x00\x00\x02ab"
    assert enc(b"a") + enc(b"b") != enc(b"ab") + enc(b"")
    assert tag("seed") == b"\x00\x00\x00\x14evenhand-draw/1/seed"
    assert SHA256.digest(b"") == hashlib.sha256(b"").digest()
