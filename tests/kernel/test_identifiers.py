"""Codes of targets: check digits, positions, normalisation."""

import csv
import random
from pathlib import Path

import pytest
from stdnum.cn import uscc as stdnum_uscc

from app.kernel.identifiers import (
    MESSAGES,
    USCC_ALPHABET,
    USCC_AUTHORITIES,
    IdentifierKind,
    asks_for_code,
    check_internal_code,
    check_organisation_code,
    check_uscc,
    identify,
    make_internal_code,
    make_uscc,
    normalise,
    organisation_check_digit,
    uscc_check_digit,
)

ROOT = Path(__file__).resolve().parents[2]
# The example of python-stdnum's documentation.
KNOWN = "91110000600037341L"


def some_codes(number: int) -> list[str]:
    chance = random.Random(20221101)
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    return [
        make_uscc(
            chance.choice(USCC_AUTHORITIES),
            chance.choice("1239"),
            f"64{chance.randrange(10000):04d}",
            "".join(chance.choices(letters, k=8)),
        )
        for _ in range(number)
    ]


def test_codes_that_stdnum_accepts_are_accepted_with_the_same_check_digit():
    compared = 0
    for code in [KNOWN, *some_codes(3000)]:
        assert uscc_check_digit(code[:17]) == stdnum_uscc.calc_check_digit(code[:17])
        if stdnum_uscc.is_valid(code):
            compared += 1
            assert check_uscc(code)
    assert compared > 2000


def test_a_wrong_check_digit_is_refused_here_as_by_stdnum():
    for wrong in USCC_ALPHABET.replace(KNOWN[-1], ""):
        code = KNOWN[:-1] + wrong
        fault = check_uscc(code).fault
        assert not stdnum_uscc.is_valid(code)
        assert fault is not None
        assert (fault.code, fault.facts) == (
            "identifier_check_digit",
            {"position": 18, "found": wrong, "expected": "L"},
        )


@pytest.mark.parametrize("authority", list("123456789ANY"))
def test_every_registration_authority_of_the_standard_is_accepted(authority):
    code = make_uscc(authority, "3", "640121", "MA75ABC1")
    assert check_uscc(code)
    if authority in "ANY":
        assert not stdnum_uscc.is_valid(code)


@pytest.mark.parametrize("authority", ["0", "B", "C", "M", "X"])
def test_other_first_characters_are_refused(authority):
    fault = check_uscc(authority + KNOWN[1:]).fault
    assert fault is not None
    assert (fault.code, fault.facts["position"], fault.facts["found"]) == (
        "identifier_character",
        1,
        authority,
    )


def test_a_single_wrong_character_and_two_swapped_neighbours_are_always_found():
    for code in some_codes(40):
        for i in range(18):
            for other in USCC_ALPHABET:
                if other != code[i]:
                    assert not check_uscc(code[:i] + other + code[i + 1 :])
            if i < 17 and code[i] != code[i + 1]:
                assert not check_uscc(code[:i] + code[i + 1] + code[i] + code[i + 2 :])


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("9111000O600037341L", "identifier_confused_code", 8),
        ("91110000I00037341L", "identifier_confused", 9),
        ("9111000B600037341L", "identifier_confused", 8),
        ("9111000A600037341L", "identifier_character", 8),
        ("91110000600037341Z", "identifier_confused", 18),
        ("91110000V00037341L", "identifier_never", 9),
        ("9111000060003734汉L", "identifier_character", 17),
        ("9111000060003734L", "identifier_length", None),
        ("91110000600037341LL", "identifier_length", None),
        ("", "identifier_empty", None),
    ],
)
def test_a_faulty_social_credit_code_is_explained(text, code, position):
    checked = check_uscc(text)
    assert not checked
    assert checked.kind is IdentifierKind.USCC
    assert checked.fault is not None
    assert (checked.fault.code, checked.fault.facts.get("position")) == (code, position)
    assert MESSAGES[code] % checked.fault.facts


@pytest.mark.parametrize(
    "text",
    [
        " 9111 0000 6000 3734 1l ",
        "９１１１００００６０００３７３４１Ｌ",
        "91110000-600037341-L",
        "'91110000600037341L",
        "\ufeff91110000600037341L\u200b\r\n",
        "91110000\u3000600037341L\xa0",
    ],
)
def test_what_people_and_spreadsheets_do_to_a_code_is_undone(text):
    assert normalise(text) == KNOWN
    assert identify(text).code == KNOWN
    assert identify(text)


def test_what_was_probably_meant_is_said_but_never_taken():
    checked = check_uscc("9111OOOO6OOO37341L")
    assert not checked
    assert (checked.fault.code, checked.fault.facts["right"]) == ("identifier_confused_code", KNOWN)
    assert checked.code != KNOWN


def test_two_exchanged_characters_of_the_organisation_code_are_named_with_the_right_code():
    wrong = KNOWN[:13] + KNOWN[14] + KNOWN[13] + KNOWN[15:]
    fault = check_uscc(wrong).fault
    assert (fault.code, fault.facts["right"]) == ("identifier_swapped", KNOWN)
    assert (fault.facts["position"], fault.facts["next"]) == (14, 15)
    assert MESSAGES[fault.code] % fault.facts


def test_a_mistake_within_the_organisation_code_is_told_from_one_around_it():
    within = check_uscc(KNOWN[:10] + "9" + KNOWN[11:]).fault
    assert (within.code, within.facts["position"]) == ("identifier_inner", 17)
    assert MESSAGES[within.code] % within.facts
    around = check_uscc(KNOWN[:3] + "9" + KNOWN[4:]).fault
    assert around.code == "identifier_check_digit"


def test_characters_that_may_stand_are_named_in_ranges():
    fault = check_uscc("9111000A600037341L").fault
    assert fault.facts["expected"] == "0-9"
    fault = check_uscc("9111000060003734汉L").fault
    assert fault.facts["expected"] == "0-9 A-H J-N P-R T-U W-Y"


@pytest.mark.parametrize("text", ["new", "申请内部编码", " 无代码 ", "ＮＥＷ"])
def test_a_cell_may_ask_for_an_internal_code(text):
    assert asks_for_code(text)
    assert not asks_for_code("")
    assert not asks_for_code(KNOWN)


def test_every_authority_of_the_published_table_is_accepted():
    rows = list(csv.DictReader((ROOT / "seeds/reference/uscc_codes.csv").open(encoding="utf-8")))
    codes = {row["authority"] for row in rows}
    assert {"A", "N", "Y"} <= codes
    assert codes == set(USCC_AUTHORITIES)
    for authority in codes:
        assert check_uscc(make_uscc(authority, "1", "640121", "MA75ABC1"))


def test_letters_are_not_taken_for_digits():
    assert normalise("o1Ⅰß²") == "O1Ⅰß²"
    assert not identify("9111OOOO600037341L")


def test_the_organisation_code_in_a_social_credit_code_is_found():
    assert identify(KNOWN).organisation_code == "600037341"
    assert check_organisation_code("600037341")
    assert identify("60003734-1").organisation_code == "600037341"
    assert identify("91110000600037341K").organisation_code is None


@pytest.mark.parametrize("text", ["60003734-1", "600037341", "d2143569-x", "Ｄ２１４３５６９Ｘ"])
def test_organisation_codes_are_accepted_with_and_without_hyphen(text):
    checked = identify(text)
    assert (bool(checked), checked.kind, len(checked.code)) == (True, IdentifierKind.ORGANISATION, 9)


def test_the_worked_example_of_gb_11714():
    assert organisation_check_digit("D2143569") == "X"
    checked = check_organisation_code("D2143569-5")
    assert checked.fault is not None
    assert (checked.fault.code, checked.fault.facts) == (
        "identifier_check_digit",
        {"position": 9, "found": "5", "expected": "X"},
    )


def test_a_letter_as_check_digit_of_an_organisation_code_can_only_be_x():
    fault = check_organisation_code("D2143569A").fault
    assert fault is not None
    assert (fault.code, fault.facts["position"]) == ("identifier_character", 9)


def test_an_internal_code_is_recognised_and_guarded():
    code = make_internal_code("640100", 123)
    assert len(code) == 16
    checked = identify(code.lower())
    assert (bool(checked), checked.kind, checked.organisation_code) == (True, IdentifierKind.INTERNAL, None)
    for i in range(1, 15):
        for digit in "0123456789".replace(code[i], ""):
            assert not check_internal_code(code[:i] + digit + code[i + 1 :])
    assert len({make_internal_code("640100", serial) for serial in range(1, 2000)}) == 1999


@pytest.mark.parametrize(
    ("region", "serial"), [("64010", 1), ("64010A", 1), ("640100", 0), ("640100", 100_000_000)]
)
def test_an_internal_code_needs_a_region_and_a_serial_number(region, serial):
    with pytest.raises(ValueError, match=r"has six digits|runs from"):
        make_internal_code(region, serial)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "identifier_empty"),
        (" \u3000", "identifier_empty"),
        ("9.1110000600037E+17", "identifier_scientific"),
        ("9.11e17", "identifier_scientific"),
        ("110000000012345", "identifier_unknown_shape"),
        ("X640100000001234", "identifier_unknown_shape"),
        ("\ud800", "identifier_unknown_shape"),
        ("9" * 100_000, "identifier_unknown_shape"),
    ],
)
def test_a_text_of_no_known_shape_is_explained(text, code):
    checked = identify(text)
    assert not checked
    assert checked.kind is None
    assert checked.fault is not None
    assert checked.fault.code == code
    assert MESSAGES[code] % checked.fault.facts


def test_the_social_credit_code_comes_first_and_the_internal_code_last():
    assert [kind.rank for kind in IdentifierKind] == [1, 2, 3]
    assert IdentifierKind.USCC.outranks(IdentifierKind.ORGANISATION)
    assert IdentifierKind.ORGANISATION.outranks(IdentifierKind.INTERNAL)
    assert not IdentifierKind.INTERNAL.outranks(IdentifierKind.INTERNAL)


def test_a_code_cannot_be_made_from_parts_that_do_not_fit():
    for parts in [
        ("0", "1", "640100", "MA75ABC1"),
        ("9", "1", "6401", "MA75ABC1"),
        ("9", "1", "640100", "MA75ABCI"),
    ]:
        with pytest.raises(ValueError, match=r"characters are needed|substring not found|no unified"):
            make_uscc(*parts)


@pytest.mark.parametrize("body", ["", "123", "1" * 20])
def test_a_check_digit_needs_the_whole_code_before_it(body):
    with pytest.raises(ValueError, match="are needed"):
        uscc_check_digit(body)
    with pytest.raises(ValueError, match="are needed"):
        organisation_check_digit(body)
