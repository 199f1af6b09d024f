import pytest

from app.kernel.canonical import NotCanonical, dumps, loads


def test_keys_are_sorted_by_utf16_as_in_rfc_8785_section_3_2_3() -> None:
    sample = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    assert [line.split('":"')[1] for line in dumps(sample).decode()[:-2].split('","')] == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


def test_strings_and_literals_are_written_as_in_rfc_8785_section_3_2_2() -> None:
    sample = {"string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/", "literals": [None, True, False]}
    assert dumps(sample).decode() == (
        '{"literals":[null,true,false],"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"a": [1, 0.5]}, "$.a[1]"),
        (2**53, "$"),
        (-(2**53), "$"),
        ({"a": "\ud800"}, "$.a"),
        ({"\ud800": 1}, "$"),
        ({1: 2}, "$"),
        ({"a": b"x"}, "$.a"),
        (float("nan"), "$"),
    ],
)
def test_what_has_no_canonical_form_here_is_refused_with_its_place(value: object, path: str) -> None:
    with pytest.raises(NotCanonical) as refused:
        dumps(value)
    assert refused.value.path == path


def test_the_largest_integer_passes() -> None:
    assert dumps([2**53 - 1, -(2**53) + 1]) == b"[9007199254740991,-9007199254740991]"


@pytest.mark.parametrize(
    "text",
    [
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1,"a":1}',
        b"[1.0]",
        b"[1e2]",
        b'"\\u0041"',
        b"\xff",
        b"",
        b"[-0]",
    ],
)
def test_other_spellings_are_not_read(text: bytes) -> None:
    with pytest.raises(NotCanonical):
        loads(text)


def test_what_was_written_is_read() -> None:
    value = {"名": ["宁夏", 1, None, True], "a": {}}
    assert loads(dumps(value)) == value
