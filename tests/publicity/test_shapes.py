"""What may be public is a closed set of fields, and nothing personal fits into it."""

from __future__ import annotations

from datetime import date, datetime, timezone

import pytest

from app.kernel.errors import Refused
from app.publicity.rules import (
    SHAPES,
    PublicationAct,
    PublicKind,
    after,
    check_payload,
    fields_of,
    is_late,
    may_publish_result,
    may_withdraw,
    personal_numbers,
    shown_until,
)

FORBIDDEN = {
    "risk_class",
    "risk_score",
    "classes",
    "phone",
    "address",
    "home_address",
    "contact",
    "legal_representative",
    "operator",
    "ticket",
    "stratum",
    "rank",
    "planned_on",
    "inspectors",
    "list_secret",
    "operator_secret",
}


@pytest.mark.rule("R-30.1")
@pytest.mark.parametrize("kind", list(PublicKind))
def test_no_kind_has_a_field_for_what_is_internal(kind):
    assert not FORBIDDEN & set(fields_of(SHAPES[kind]))


@pytest.mark.rule("R-30.1")
@pytest.mark.parametrize("name", sorted(FORBIDDEN))
@pytest.mark.parametrize("kind", list(PublicKind))
def test_a_field_that_is_not_of_the_closed_set_is_refused(kind, name):
    with pytest.raises(Refused) as refusal:
        check_payload(kind, {name: "x"})
    assert (refusal.value.code, refusal.value.facts["field"]) == ("public_field_unknown", name)


@pytest.mark.rule("R-30.1")
def test_a_smuggled_inner_field_is_refused_too():
    with pytest.raises(Refused) as refusal:
        check_payload(PublicKind.DRAW, {"mode": "open", "rows": [{"batch": 0, "code": "91", "ticket": "ab"}]})
    assert refusal.value.facts["field"] == "rows.ticket"


@pytest.mark.rule("R-30.1")
@pytest.mark.parametrize(
    "text",
    ["联系张某 13800138000", "电话0951-6012345", "身份证640104199001011234"],
)
def test_a_text_with_a_personal_number_is_refused_and_the_error_does_not_repeat_it(text):
    with pytest.raises(Refused) as refusal:
        check_payload(PublicKind.PLAN, {"cancelled": [{"reason": text}]})
    assert refusal.value.code == "public_personal_number"
    assert personal_numbers(text)[0] not in str(refusal.value)


@pytest.mark.parametrize(
    "text", ["91640100MA75X0004R", "2026-11-23T09:00:00+08:00", "a13800138000f", "第12345678901号"]
)
def test_codes_times_and_digests_are_no_personal_numbers(text):
    assert personal_numbers(text) == []


@pytest.mark.rule("R-24.1")
@pytest.mark.parametrize("field", ["seed", "rows"])
def test_a_sealed_draw_shows_neither_seed_nor_list_until_it_is_opened(field):
    value = "ab" if field == "seed" else [{"batch": 0, "code": "91", "name": "x"}]
    with pytest.raises(Refused) as refusal:
        check_payload(PublicKind.DRAW, {"mode": "sealed", "opened_at": "", field: value})
    assert refusal.value.code == "public_sealed"
    check_payload(PublicKind.DRAW, {"mode": "sealed", "opened_at": "2026-12-31T00:00:00+08:00", field: value})


@pytest.mark.rule("R-27.1")
def test_a_publication_goes_from_due_over_queued_to_delivered_or_failed():
    steps = [
        ("due", PublicationAct.QUEUE, "queued"),
        ("queued", PublicationAct.DELIVER, "delivered"),
        ("queued", PublicationAct.FAIL, "failed"),
        ("failed", PublicationAct.DELIVER, "delivered"),
        ("delivered", PublicationAct.WITHDRAW, "withdrawn"),
        ("withdrawn", PublicationAct.QUEUE, "queued"),
    ]
    assert [after(state, act) for state, act, _ in steps] == [end for _, _, end in steps]
    assert after("due", PublicationAct.DELIVER) is None
    assert after("withdrawn", PublicationAct.DELIVER) is None


@pytest.mark.rule("R-27.1")
def test_only_an_approved_result_is_published():
    assert [
        bool(may_publish_result(s)) for s in ("submitted", "returned", "exempt", "approved", "published")
    ] == [
        False,
        False,
        False,
        True,
        True,
    ]


@pytest.mark.rule("R-27.1")
def test_it_is_late_at_the_first_moment_after_the_period_and_not_once_delivered():
    due = datetime(2026, 12, 21, 16, tzinfo=timezone.utc)
    assert not is_late("queued", due, due.replace(hour=15))
    assert is_late("failed", due, due)
    assert not is_late("delivered", due, due)
    assert not is_late("queued", None, due)


@pytest.mark.rule("R-24.1")
def test_a_draw_is_never_withdrawn_and_nothing_without_a_reason():
    assert may_withdraw("draw", "delivered", "x").code == "draw_stays_public"
    assert may_withdraw("result", "delivered", " ").code == "withdraw_needs_reason"
    assert may_withdraw("result", "queued", "x").code == "publication_not_delivered"
    assert may_withdraw("result", "delivered", "误录")


@pytest.mark.rule("R-30.1")
@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 11, 23), 36, date(2029, 11, 23)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_a_result_leaves_the_public_pages_after_its_months(start, months, end):
    assert shown_until(start, months) == end
