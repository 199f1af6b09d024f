"""How a permit stands on a day, and what a row must hold."""

from __future__ import annotations

from datetime import date

import pytest

from app.directories.permits.entries import check_permit
from app.directories.permits.rules import Standing, holds, standing
from app.directories.premises.entries import check_premises, read_area

DAY = date(2026, 11, 23)
WORDS = {"food_business": "food_business", "食品经营许可证": "food_business"}
GOOD = {"kind": "食品经营许可证", "number": " JY1 ", "authority": "市场监督管理局"}


@pytest.mark.parametrize(
    ("status", "first", "last", "expected"),
    [
        ("valid", None, None, Standing.HOLDS),
        ("valid", None, date(2026, 11, 23), Standing.ENDS_SOON),
        ("valid", None, date(2027, 1, 22), Standing.ENDS_SOON),
        ("valid", None, date(2027, 1, 23), Standing.HOLDS),
        ("valid", None, date(2026, 11, 22), Standing.ENDED),
        ("valid", date(2026, 11, 24), None, Standing.NOT_YET),
        ("revoked", None, None, Standing.REVOKED),
        ("suspended", None, date(2026, 1, 1), Standing.SUSPENDED),
    ],
)
def test_a_permit_stands_by_its_status_and_its_dates(status, first, last, expected):
    assert standing(status, first, last, DAY) is expected
    assert holds(status, first, last, DAY) == (expected in (Standing.HOLDS, Standing.ENDS_SOON))


def test_words_become_codes_and_an_indefinite_time_has_no_end():
    entry, faults = check_permit({**GOOD, "valid_until": "长期", "status": "有效"}, WORDS)
    assert not faults
    assert entry == {
        "kind": "food_business",
        "number": "JY1",
        "authority": "市场监督管理局",
        "valid_from": None,
        "valid_until": None,
        "status": "valid",
    }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "魔法许可证"}, "permit_kind_unknown"),
        ({"number": ""}, "permit_number_missing"),
        ({"number": "9" * 81}, "too_long"),
        ({"valid_from": "昨天"}, "permit_date_unreadable"),
        ({"valid_from": "2026-02-01", "valid_until": "2026/1/31"}, "permit_ends_before"),
        ({"status": "好"}, "permit_status_unknown"),
    ],
)
def test_a_wrong_cell_is_named(change, code):
    entry, faults = check_permit({**GOOD, **change}, WORDS)
    assert entry is None and [fault.code for fault in faults] == [code]


@pytest.mark.parametrize(
    ("text", "area"),
    [("120", "120.00"), ("1,200.5", "1200.50"), ("85.5 ㎡", "85.50"), ("300平方米", "300.00")],
)
def test_an_area_is_read_with_its_unit(text, area):
    assert str(read_area(text)) == area


@pytest.mark.parametrize("text", ["0", "-3", "一百", "1e3", "12,34", "99999999999"])
def test_what_is_no_area_is_refused(text):
    assert read_area(text) is None
    _, faults = check_premises({"kind": "a", "name": "n", "address": "x", "area": text}, {"a": "a"})
    assert [fault.code for fault in faults] == ["premises_area_unreadable"]
