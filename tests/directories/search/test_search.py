"""What a text finds in the directory of targets."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

import pytest
from sqlalchemy import select, text

from app.directories.listing import queries as lists
from app.directories.listing.estimates import _Explained
from app.directories.listing.state import ListState
from app.directories.listing.ways import for_index, for_rows
from app.directories.targets.listing import LISTING
from app.directories.targets.models import Target, TargetCode
from app.directories.targets.search import as_initials, is_part_of_code, search
from app.security.models import Account
from app.security.queries import memberships_of, scope_for


@pytest.fixture
def hotel(session):
    """One target with a name, an address, a code and a number that no other has."""
    target = session.query(Target).order_by(Target.id).first()
    target.name, target.address = "囍来登KTV国际酒店", "银川市兴庆区鼓楼步行街 7 号"
    target.phone = "0951-8877665"
    session.add(
        TargetCode(
            code="MA7XQ2W19", target_id=target.id, replaced_at=datetime(2026, 1, 1, tzinfo=timezone.utc)
        )
    )
    session.flush()
    return target


def found(session, query, phones=False):
    wanted = search(session, query, phones)
    return None if wanted is None else set(session.scalars(select(Target.id).where(wanted)))


@pytest.mark.parametrize(
    "query",
    [
        "囍来登KTV国际酒店", "来登", "囍", "KTV", "ktv国际", "登KTV国", "鼓楼步行街", "步行街", "xldktv", "ldktvgj", "xl",
        "XLDKTV", "囍来登 酒店", "酒店 鼓楼步", " 囍来登 ", "MA7XQ2W19", "ma7xq2w19", "MA7XQ2",
    ],
)  # fmt: skip
def test_a_target_is_found_by_parts_of_name_address_initials_and_former_code(session, hotel, query):
    assert hotel.id in found(session, query)


@pytest.mark.parametrize(
    "query", ["来囍", "囍来登 幼儿园", "ktvx", "步行街街", "dl", "MA7XQ2W18", "100%", "_来登", "\\"]
)
def test_what_does_not_fit_finds_nothing_of_it(session, hotel, query):
    assert hotel.id not in found(session, query)


def test_any_part_of_a_code_of_four_characters_and_more_finds_it(session):
    target = session.query(Target).filter(Target.code_kind == "uscc").first()
    for start in range(15):
        assert target.id in found(session, target.code[start : start + 4]), start
    assert target.id in found(session, target.code[6:15].lower())
    assert found(session, target.code) == {target.id}


def test_an_empty_text_is_no_search(session):
    assert found(session, "   ") is None


@pytest.mark.parametrize("query", ["0951-8877665", "09518877665", "+86 0951 8877665", "7665"])
def test_a_number_finds_only_for_those_who_may(session, hotel, query):
    assert hotel.id in found(session, query, phones=True)
    assert hotel.id not in found(session, query)


@pytest.mark.parametrize(
    "query", ["酒店", "超市", "兴庆区", "nx", "ych", "6401", "9164", "店", "银川 超市", "YY12"]
)
def test_both_readings_of_a_search_find_the_same(session, query):
    """Comparisons alone, as rows are met along an order, and indexes alone, as all rows are found."""
    wanted = search(session, query)
    ids = [
        set(session.scalars(select(Target.id).where(way)))
        for way in (wanted, for_rows(wanted), for_index(wanted))
    ]
    assert ids[0]
    assert ids[0] == ids[1] == ids[2]


@pytest.mark.parametrize(
    "query", ["酒店", "囍来登", "nxl", "xldktv", "MA7XQ2W1", "鼓楼步行街", "兴庆区 酒店", "店"]
)
def test_a_search_is_answered_from_the_indexes(session, query):
    session.execute(text("SET LOCAL enable_seqscan = off"))
    statement = select(Target.__table__.c.id).where(for_index(search(session, query)))
    plan = str(session.execute(_Explained(statement)).scalar_one())
    assert "Seq Scan" not in plan
    assert "ix_target_search_" in plan


@pytest.mark.parametrize(
    ("query", "initials"),
    [
        ("nxyh", "nxyh"),
        ("NXYH", "nxyh"),
        ("3dyj", "3dyj"),
        ("123456", ""),
        ("n", ""),
        ("宁夏", ""),
        ("n x", ""),
    ],
)
def test_what_may_be_initials(query, initials):
    assert as_initials(query) == initials


def test_what_may_be_part_of_a_code():
    assert is_part_of_code("9164") and is_part_of_code("ma5k")
    assert not is_part_of_code("916") and not is_part_of_code("宁夏") and not is_part_of_code("1" * 19)


@pytest.fixture
def as_office(session, clock):
    session.execute(text("ANALYZE target"))
    account = session.scalars(select(Account).where(Account.username == "office")).one()
    membership = memberships_of(session, account.id)[0]
    session.info["scope"] = scope_for(session, membership, clock.now().date())
    return session


@pytest.mark.parametrize("query", ["酒店", "银川", "店", "nx", "兴庆区", ""])
@pytest.mark.parametrize("sort", ["name", "last_checked_on", "risk_class"])
@pytest.mark.parametrize("descending", [False, True])
def test_pages_are_the_same_whichever_way_they_are_read(as_office, monkeypatch, query, sort, descending):
    """Along the order or by finding all; and a page has one place in the order, forwards and backwards."""
    monkeypatch.setattr("app.directories.listing.density.SMALLEST_TABLE", 0)
    first = ListState(q=query, sort=sort, descending=descending, size=20)
    seen = {}
    for longest in (0, 10**9):
        monkeypatch.setattr("app.directories.listing.density.LONGEST_WALK", longest - 1)
        one, total = lists.look(as_office, LISTING, first)
        second, _ = lists.look(as_office, LISTING, replace(first, after=one.after))
        back, _ = lists.look(as_office, LISTING, replace(first, before=second.before))
        seen[longest] = [[row.id for row in page.rows] for page in (one, second, back)]
        assert seen[longest][0] == seen[longest][2]
        assert len(set(seen[longest][0] + seen[longest][1])) == 40
        assert total.n >= 40
    assert seen[0] == seen[10**9]


def test_a_sample_guesses_the_total(as_office, monkeypatch):
    monkeypatch.setattr("app.directories.listing.density.SMALLEST_TABLE", 0)
    monkeypatch.setattr("app.directories.listing.queries.COUNTED_UP_TO", 100)
    monkeypatch.setattr("app.directories.listing.density.LONGEST_WALK", 10**9)
    _, total = lists.look(as_office, LISTING, ListState(sort="name"))
    true = as_office.scalar(select(text("count(*)")).select_from(Target))
    assert total.estimated
    assert 0.7 * true < total.n < 1.4 * true


def test_a_list_takes_few_statements(as_office, monkeypatch, clock):
    from tests.security.test_criteria import heard

    monkeypatch.setattr("app.directories.listing.density.SMALLEST_TABLE", 0)
    with heard() as statements:
        lists.look(as_office, LISTING, ListState(q="6401", sort="name", descending=True))
    assert len(statements) <= 6
