"""Which pairs the rules make."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.directories.recusals.making import (
    FROM_THE_BEGINNING,
    Meeting,
    Span,
    later,
    pairs_of_meetings,
    pairs_of_ties,
    span_faults,
)
from app.directories.recusals.rules import RuleKind, file_faults, kind_of_file

DAY = date(2026, 11, 23)


def tie(kind: str, until: date | None = None, inspector: int = 1, target: int = 7) -> SimpleNamespace:
    return SimpleNamespace(inspector_id=inspector, target_id=target, kind=kind, until=until)


@pytest.mark.rule("R-25.2")
def test_a_former_employer_counts_for_the_years_of_the_rule() -> None:
    ties = [
        tie("employer", date(2023, 11, 23), 1),
        tie("employer", date(2023, 11, 22), 2),
        tie("employer", None, 3),
        tie("relative", None, 4),
    ]
    found = pairs_of_ties(RuleKind.EMPLOYER, Span(years=3), ties, DAY)
    assert [(made.inspector_id, made.since, made.until) for made in found] == [
        (1, date(2023, 11, 23), date(2026, 11, 23)),
        (3, FROM_THE_BEGINNING, None),
    ]
    relatives = pairs_of_ties(RuleKind.RELATIVE, Span(), ties, DAY)
    assert [(made.inspector_id, made.reason) for made in relatives] == [(4, "RELATIVE")]


@pytest.mark.rule("R-25.2")
def test_rotation_by_months_and_by_the_number_of_visits() -> None:
    met = [
        Meeting(1, 7, 100, date(2026, 1, 10)),
        Meeting(2, 7, 100, date(2026, 1, 10)),
        Meeting(3, 7, 101, date(2026, 10, 1)),
        Meeting(1, 8, 102, date(2026, 2, 1)),
    ]
    by_months = pairs_of_meetings(Span(months=6), met, DAY)
    assert [(m.inspector_id, m.target_id, m.until) for m in by_months] == [(3, 7, date(2027, 4, 1))]
    by_visits = pairs_of_meetings(Span(visits=1), met, DAY)
    assert {(m.inspector_id, m.target_id, m.until) for m in by_visits} == {(3, 7, None), (1, 8, None)}
    assert {(m.inspector_id, m.target_id) for m in pairs_of_meetings(Span(visits=2), met, DAY)} == {
        (1, 7), (2, 7), (3, 7), (1, 8),
    }  # fmt: skip
    both = pairs_of_meetings(Span(months=12, visits=1), met, DAY)
    assert {(m.inspector_id, m.target_id, m.until) for m in both} == {
        (1, 7, date(2027, 1, 10)), (2, 7, date(2027, 1, 10)), (3, 7, None), (1, 8, None),
    }  # fmt: skip


@given(
    st.lists(
        st.builds(
            Meeting,
            st.integers(1, 4),
            st.integers(1, 3),
            st.integers(1, 6),
            st.dates(date(2025, 1, 1), date(2026, 11, 23)),
        ),
        max_size=20,
    ),
    st.integers(0, 24),
    st.integers(0, 4),
)
def test_a_pair_is_made_once_and_only_of_people_who_met(met: list[Meeting], months: int, visits: int) -> None:
    found = pairs_of_meetings(Span(months=months, visits=visits), met, DAY)
    pairs = [(made.inspector_id, made.target_id) for made in found]
    assert len(pairs) == len(set(pairs))
    assert set(pairs) <= {(m.inspector_id, m.target_id) for m in met}
    assert all(made.until is None or made.since <= made.until >= DAY for made in found)
    if visits:
        assert {m.target_id for m in met} == {made.target_id for made in found}


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 50), st.integers(0, 120))
def test_later_is_never_earlier_and_ends_in_the_month_that_is_meant(
    day: date, years: int, months: int
) -> None:
    found = later(day, years=years, months=months)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == years * 12 + months
    assert found.day <= day.day


def test_the_end_of_february() -> None:
    assert later(date(2024, 2, 29), years=3) == date(2027, 2, 28)
    assert later(date(2026, 8, 31), months=6) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("kind", "span", "codes"),
    [
        (RuleKind.EMPLOYER, Span(), ["recusal_rule_years_missing"]),
        (RuleKind.ROTATION, Span(), ["recusal_rule_span_missing"]),
        (RuleKind.ROTATION, Span(months=121), ["number_out_of_range"]),
        (RuleKind.RELATIVE, Span(), []),
        (RuleKind.EMPLOYER, Span(years=3), []),
    ],
)
def test_a_rule_that_says_nothing_is_not_kept(kind: RuleKind, span: Span, codes: list[str]) -> None:
    assert [fault.code for fault in span_faults(kind, span)] == codes


def test_evidence_is_known_by_its_first_bytes_not_by_its_name() -> None:
    assert kind_of_file(b"%PDF-1.7 ...") == "application/pdf"
    assert kind_of_file(b"<html>") is None
    many = [(f"{n}.pdf", b"%PDF-") for n in range(6)]
    assert [fault.code for fault in file_faults(many)] == ["evidence_too_many"]
    assert [fault.code for fault in file_faults([("a.pdf", b"MZ")])] == ["evidence_unknown_kind"]
    assert [f.code for f in file_faults([("a.pdf", b"%PDF-" + b"x" * 10 * 1024 * 1024)])] == [
        "evidence_too_big"
    ]
