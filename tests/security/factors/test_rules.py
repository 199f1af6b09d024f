"""What counts as a code, when it opens, where security keys work."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from app.security.login.factors.rules import (
    LOOKED_AT,
    RelyingParty,
    TypedCode,
    judge_step,
    may_remove,
    read_code,
    read_name,
    relying_party,
    step_at,
)
from app.security.login.factors.totp import find_step

NOW = datetime(2026, 11, 23, 1, 0, 10, tzinfo=timezone.utc)
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(
    "typed",
    [
        "123456",
        " 123 456 ",
        "123-456",
        "１２３４５６",
        "１２３　４５６",
        "123\u00a0456",
        "123.456",
        "123–456",
    ],
)
def test_blanks_dashes_and_full_width_digits_do_not_matter(typed):
    assert read_code(typed) == TypedCode("totp", "123456")


@pytest.mark.parametrize("typed", ["abcd-efgh-jkmn", "ABCD EFGH JKMN", "ａｂｃｄＥＦＧＨjkmn"])
def test_a_recovery_code_is_read_in_any_case_and_grouping(typed):
    assert read_code(typed) == TypedCode("recovery", "ABCDEFGHJKMN")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "12345",
        "1234567",
        "12345a",
        "１２３４５",
        "١٢٣٤٥٦",
        "一二三四五六",
        "ABCDEFGHJKM0",
        "\x00123456",
        "123456" * 40,
    ],
)
def test_what_cannot_be_a_code_is_none(typed):
    assert read_code(typed) is None


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_rfc_6238(seconds, code):
    assert find_step(RFC_SECRET, code, seconds // 30) == seconds // 30


@pytest.mark.parametrize("away", [-1, 0, 1])
def test_a_code_one_step_away_opens(away):
    assert judge_step(step_at(NOW) + away, NOW, None)


@pytest.mark.parametrize("away", [-LOOKED_AT, -2, 2, LOOKED_AT])
def test_a_code_of_another_time_tells_of_the_clock(away):
    found = judge_step(step_at(NOW) + away, NOW, None)
    assert found.code == "code_clock_differs"
    assert found.facts["time"] == "09:00:10"
    assert found.facts["minutes"] == max(1, abs(away) // 2)


def test_a_step_opens_once_and_no_earlier_one_after_it():
    step = step_at(NOW)
    assert judge_step(step, NOW, step).code == "code_used"
    assert judge_step(step - 1, NOW, step).code == "code_used"
    assert judge_step(step + 1, NOW, step)
    assert judge_step(step, NOW, None, frozenset({step})).code == "code_used"


@pytest.mark.parametrize(
    ("address", "party"),
    [
        ("https://portal.example.cn", RelyingParty("portal.example.cn", "https://portal.example.cn")),
        (
            "https://Portal.example.cn:8443/x",
            RelyingParty("portal.example.cn", "https://portal.example.cn:8443"),
        ),
        ("http://localhost:8080", RelyingParty("localhost", "http://localhost:8080")),
        ("http://portal.example.cn", None),
        ("http://127.0.0.1:8080", None),
        ("https://10.0.0.7", None),
        ("https://[::1]:8443", None),
        ("", None),
    ],
)
def test_security_keys_work_over_https_and_at_a_name(address, party):
    assert relying_party(address) == party


def test_a_name_of_a_key_is_readable_and_short():
    assert read_name("  蓝色   钥匙 ") == "蓝色 钥匙"
    assert [read_name(bad) for bad in ("", "   ", "x" * 61, "a\x00b", "\ud800")] == [None] * 5


def test_whoever_must_have_a_factor_keeps_one():
    assert may_remove(0, required=True).code == "factor_last"
    assert may_remove(1, required=True)
    assert may_remove(0, required=False)


def test_half_an_hour_of_clock_is_not_looked_at():
    far = datetime(2026, 11, 23, 1, 0, tzinfo=timezone.utc) + timedelta(minutes=30)
    assert find_step(RFC_SECRET, "287082", step_at(far)) is None
