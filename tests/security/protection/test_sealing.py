"""Sealed values: both ciphers, what they are bound to, and what a key file must be."""

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

import pytest

from app.security.protection import keyfile
from app.security.protection.ciphers import CannotOpen, CipherName, key_number
from app.security.protection.digests import is_number, normal_number
from app.security.protection.keyring import KeyFault, Keyring

NOW = datetime(2026, 11, 23, tzinfo=timezone.utc)
PLACE = "target.phone"


@pytest.fixture(params=list(CipherName))
def ring(request: pytest.FixtureRequest, tmp_path: Path) -> Keyring:
    path = tmp_path / "keys" / "data_keys.json"
    keyfile.make(path, request.param, NOW)
    return Keyring(path)


@pytest.mark.rule("R-30.1")
def test_a_sealed_value_opens_in_its_place_only(ring: Keyring) -> None:
    sealed = ring.seal("13912345678", PLACE)
    assert b"13912345678" not in sealed
    assert ring.open(sealed, PLACE) == "13912345678"
    with pytest.raises(CannotOpen, match="inspector.phone"):
        ring.open(sealed, "inspector.phone")


def test_the_same_value_never_looks_the_same_twice(ring: Keyring) -> None:
    assert len({ring.seal("13912345678", PLACE) for _ in range(100)}) == 100


def test_any_changed_bit_is_noticed(ring: Keyring) -> None:
    sealed = bytearray(ring.seal("13912345678", PLACE))
    for position in range(6, len(sealed)):
        changed = bytes(sealed[:position]) + bytes([sealed[position] ^ 1]) + bytes(sealed[position + 1 :])
        with pytest.raises(CannotOpen):
            ring.open(changed, PLACE)
    for position in range(6):
        changed = bytes(sealed[:position]) + bytes([sealed[position] ^ 1]) + bytes(sealed[position + 1 :])
        with pytest.raises((CannotOpen, KeyFault)):
            ring.open(changed, PLACE)


def test_plain_text_in_a_sealed_column_is_a_fault_and_no_value(ring: Keyring) -> None:
    with pytest.raises(CannotOpen, match="should be sealed"):
        ring.open(b"13912345678", PLACE)


def test_nothing_stays_nothing(ring: Keyring) -> None:
    assert ring.seal("", PLACE) == b""
    assert ring.open(b"", PLACE) == ""


def test_values_of_all_keys_open_and_new_ones_take_the_newest(ring: Keyring) -> None:
    old = ring.seal("一", PLACE)
    other = CipherName.SM4 if ring.file.keys[0].cipher is CipherName.AES else CipherName.AES
    keyfile.add_key(ring.path, other, NOW)
    assert ring.open(old, PLACE) == "一"
    elsewhere = Keyring(ring.path).seal("二", PLACE)
    assert key_number(elsewhere) == 2
    assert ring.open(elsewhere, PLACE) == "二", "found in the file although this process read it before"
    assert key_number(ring.seal("三", PLACE)) == 2


def test_a_digest_tells_equal_values_and_nothing_across_places(ring: Keyring) -> None:
    assert ring.digest("13912345678", PLACE) == ring.digest("13912345678", PLACE)
    assert ring.digest("13912345678", PLACE) != ring.digest("13912345678", "inspector.phone")
    assert ring.digest("5678", f"{PLACE}/tail") != ring.digest("5678", PLACE)
    assert len(ring.digest("5678", PLACE)) == 16


def test_the_key_file_is_for_its_owner_alone(ring: Keyring) -> None:
    assert stat.S_IMODE(ring.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(ring.path.parent.stat().st_mode) == 0o700
    os.chmod(ring.path, 0o644)
    with pytest.raises(KeyFault, match="0600"):
        Keyring(ring.path)


def test_processes_that_start_together_read_one_file(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "data_keys.json"

    def start(_: int) -> str:
        keyfile.make(path, CipherName.AES, NOW)
        return keyfile.read(path).keys[0].fingerprint

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(start, range(64)))) == 1
    assert [p.name for p in path.parent.iterdir()] == ["data_keys.json"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[]",
        '{"format": 1, "active": 2, "keys": [], "digest": {}}',
        '{"format": 1, "active": 1, "keys": [{"number": 1, "cipher": "aes-256-gcm", "key": "AAAA", "made_at": ""}],'
        ' "digest": {"name": "hmac-sha256", "key": "AAAA"}}',
    ],
)
def test_a_damaged_file_is_refused_in_a_sentence(content: str, tmp_path: Path) -> None:
    path = tmp_path / "k.json"
    path.touch(0o600)
    path.write_text(content)
    with pytest.raises(KeyFault, match=r"damaged.*\.$"):
        keyfile.read(path)


def test_a_missing_file_says_where_it_should_be(tmp_path: Path) -> None:
    with pytest.raises(KeyFault, match=r"k\.json is missing"):
        keyfile.read(tmp_path / "k.json")


def test_a_file_of_a_newer_portal_is_not_read(ring: Keyring) -> None:
    found = json.loads(ring.path.read_text())
    ring.path.write_text(json.dumps({**found, "format": 2}))
    with pytest.raises(KeyFault, match="newer portal"):
        keyfile.read(ring.path)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("13912345678", "13912345678"),
        (" 139-1234 5678 ", "13912345678"),
        ("+86 13912345678", "13912345678"),
        ("0086 139 1234 5678", "13912345678"),
        ("１３９１２３４５６７８", "13912345678"),
        ("（0951）604-1234", "09516041234"),
        ("64010419900101123x", "64010419900101123X"),
        ("", ""),
    ],
)
def test_one_number_in_all_its_spellings(typed: str, number: str) -> None:
    assert normal_number(typed) == number


def test_what_may_be_a_number_that_somebody_looks_for() -> None:
    assert [text for text in ("5678", "13912345678", "0951-6041234") if not is_number(text)] == []
    assert [text for text in ("56", "56789", "91640104MA", "银川", "", "12 a") if is_number(text)] == []
