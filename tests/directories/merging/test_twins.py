"""Which targets may be one enterprise, and what the rules decide when they become one."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.directories.merging.queries import twins_of
from app.directories.merging.rules import TwinReason, decide
from app.directories.targets.models import Target
from app.kernel.identifiers import make_uscc
from app.security.scope import Scope

CODE = make_uscc("9", "1", "640104", "MA000007")
SAME = {"code": "x", "code_kind": "uscc", "source": "base", "agency_id": None, "risk_class": "N"}
SAME |= {"risk_score": None, "last_checked_on": None}


@pytest.fixture
def make(session):
    session.info["scope"] = Scope.system("test")
    region = session.scalar(select(Target.region_id).where(Target.code.like("92640104%")).limit(1))

    def add(code, code_kind, name, phone=""):
        target = Target(
            code=code, code_kind=code_kind, name=name, kind="enterprise", region_id=region, address="某路",
            legal_representative="某", contact="某", phone=phone, risk_class="N",
        )  # fmt: skip
        session.add(target)
        session.flush()
        return target

    return add


def found(session, target, phones=True):
    return {twin.id: set(twin.reasons) for twin in twins_of(session, target, phones)}


def test_the_organisation_code_within_the_credit_code_is_found_from_both_sides(session, make):
    whole, part = make(CODE, "uscc", "甲示例"), make(CODE[8:17], "org", "乙示例")
    assert found(session, whole) == {part.id: {TwinReason.CODE_INSIDE}}
    assert found(session, part) == {whole.id: {TwinReason.CODE_INSIDE}}


def test_a_shared_telephone_number_is_told_to_those_who_may_know(session, make):
    one = make(CODE, "uscc", "甲示例", "0951-0123987")
    other = make("V64010488000001X", "internal", "乙示例", "0951-0123987")
    assert found(session, one) == {other.id: {TwinReason.SAME_PHONE}}
    assert found(session, one, phones=False) == {}


def test_a_target_like_no_other_has_no_twin(session, make):
    assert found(session, make(CODE, "uscc", "绝无仅有示例")) == {}


@pytest.mark.rule("R-11.5")
@pytest.mark.parametrize(
    ("kept", "gone", "changes"),
    [
        ({}, {}, {}),
        ({"code_kind": "org"}, {"code": "y"}, {"code": "y", "code_kind": "uscc"}),
        ({"code_kind": "internal"}, {"code": "y", "code_kind": "org"}, {"code": "y", "code_kind": "org"}),
        ({}, {"code": "y", "code_kind": "org"}, {}),
        ({"source": "agency", "agency_id": 3}, {}, {"source": "base", "agency_id": None}),
        ({}, {"source": "agency", "agency_id": 3}, {}),
        ({}, {"risk_class": "C", "risk_score": 600}, {"risk_class": "C", "risk_score": 600}),
        ({"risk_class": "A", "risk_score": 9}, {"risk_class": "C", "risk_score": 600}, {}),
        (
            {"last_checked_on": date(2026, 1, 1)},
            {"last_checked_on": date(2026, 2, 1)},
            {"last_checked_on": date(2026, 2, 1)},
        ),
        ({"last_checked_on": date(2026, 3, 1)}, {"last_checked_on": date(2026, 2, 1)}, {}),
    ],
)
def test_the_rules_decide_code_source_class_and_last_check(kept, gone, changes):
    assert decide({**SAME, **kept}, {**SAME, **gone}).columns == changes
