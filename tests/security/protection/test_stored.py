"""What lies in the database: sealed, found by digests, kept in step by ORM, Core and COPY, absent from histories."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, text

from app.directories.importing.bulk import copy_upsert
from app.directories.inspectors.models import Expert, Inspector
from app.directories.targets.models import Target
from app.security.models import Account
from app.security.protection import current_keyring, digest_of, has_number, tail_of

MOBILE = re.compile(rb"1[3-9][0-9]{9}")


def _raw(session, sql: str, **values):
    return session.execute(text(sql), values)


@pytest.mark.rule("R-30.1")
@pytest.mark.parametrize("table", ["target", "inspector", "expert"])
def test_no_row_of_the_demo_holds_a_number_in_plain(session, table):
    rows = _raw(session, f"SELECT phone, phone_digest, phone_tail FROM {table} LIMIT 2000").all()  # noqa: S608
    assert rows
    ring = current_keyring()
    for phone, digest, tail in rows:
        assert not MOBILE.search(bytes(phone))
        plain = ring.open(bytes(phone), f"{table}.phone")
        assert bytes(digest) == digest_of(plain, f"{table}.phone")
        assert bytes(tail) == tail_of(plain, f"{table}.phone")


def test_the_whole_number_and_its_last_four_find_the_row(session):
    inspector = session.scalars(select(Inspector).order_by(Inspector.id).limit(1)).one()
    for typed in (inspector.phone, f"+86 {inspector.phone}", inspector.phone[-4:]):
        assert inspector.id in session.scalars(select(Inspector.id).where(has_number(Inspector, typed))).all()
    for typed in (inspector.phone[:-1], inspector.phone[-5:], "", "%"):
        assert session.scalars(select(Inspector.id).where(has_number(Inspector, typed))).all() == []


def test_comparing_a_sealed_column_is_an_error_and_not_an_empty_answer():
    for compare in (
        lambda: Target.phone == "1",
        lambda: Target.phone.like("1%"),
        lambda: Target.phone.desc(),
    ):
        with pytest.raises(TypeError, match="digest"):
            compare()
    assert "IS NULL" in str(Account.phone.is_(None))


def test_a_changed_number_takes_its_digests_along(session):
    row = session.scalars(select(Expert).limit(1)).one()
    row.phone = "13900009999"
    session.flush()
    assert session.scalars(select(Expert.id).where(has_number(Expert, "9999"))).all() == [row.id]
    row.phone = ""
    session.flush()
    stored = _raw(
        session, "SELECT phone, phone_digest, phone_tail FROM expert WHERE id = :id", id=row.id
    ).one()
    assert (bytes(stored.phone), stored.phone_digest, stored.phone_tail) == (b"", None, None)


def test_a_number_stands_once_among_the_accounts(session):
    table = Account.__table__
    accounts = session.scalars(select(Account).order_by(Account.id).limit(2)).all()
    accounts[0].phone = "13900007777"
    session.flush()
    assert session.scalars(select(table.c.id).where(has_number(Account, "139 0000 7777"))).all() == [
        accounts[0].id
    ]
    accounts[1].phone = "+86-13900007777"
    with pytest.raises(Exception, match="uq_ab_user_phone_digest"), session.begin_nested():
        session.flush()


def test_copying_the_same_rows_again_changes_nothing_and_another_number_one(session):
    columns = ("certificate_no", "phone")
    rows = [(i.certificate_no, i.phone) for i in session.scalars(select(Inspector).limit(50))]
    whole = [
        c.name
        for c in Inspector.__table__.columns
        if c.name not in ("id", "phone_digest", "phone_tail") and c.computed is None
    ]
    stored = [
        tuple(r) for r in session.execute(select(*(Inspector.__table__.c[c] for c in whole)).limit(50)).all()
    ]
    assert len(rows) == len(stored) == 50
    assert copy_upsert(session, "inspector", whole, stored, key="certificate_no") == 0
    place = whole.index("phone")
    changed = [(*stored[0][:place], "13900001111", *stored[0][place + 1 :]), *stored[1:]]
    assert copy_upsert(session, "inspector", whole, changed, key="certificate_no") == 1
    number = stored[0][whole.index(columns[0])]
    assert session.scalars(
        select(Inspector.certificate_no).where(has_number(Inspector, "13900001111"))
    ).all() == [number]


def test_the_history_says_that_it_changed_and_not_what_it_was(session):
    row = session.scalars(select(Target).where(Target.home_address_digest.is_not(None)).limit(1)).one()
    row.phone, row.home_address = "13900002222", "金凤区某巷 9 号"
    session.flush()
    line = _raw(
        session,
        "SELECT before, after FROM row_history WHERE table_name = 'target' AND row_id = :id ORDER BY id DESC LIMIT 1",
        id=str(row.id),
    ).one()
    assert {k: line.before[k] for k in ("phone", "home_address")} == {"phone": "*", "home_address": "*"}
    assert {k: line.after[k] for k in ("phone", "home_address")} == {"phone": "*", "home_address": "*"}
    assert not any(name.endswith(("_digest", "_tail")) for name in (*line.before, *line.after))


def test_no_line_of_the_history_holds_a_sealed_value_or_a_digest(session):
    kept = _raw(
        session,
        "SELECT DISTINCT key, value FROM row_history, jsonb_each_text(coalesce(after, before)) "
        "WHERE key LIKE '%phone%' OR key LIKE 'home_address%'",
    ).all()
    assert {value for _, value in kept} <= {"*", None}
    assert {key for key, _ in kept} <= {"phone", "home_address"}


def test_sealing_the_same_value_anew_is_no_change(session):
    row = session.scalars(select(Target).where(Target.phone_digest.is_not(None)).limit(1)).one()
    count = "SELECT count(*) FROM row_history WHERE table_name = 'target' AND row_id = :id"
    before = _raw(session, count, id=str(row.id)).scalar_one()
    sealed = current_keyring().seal(row.phone, "target.phone")
    _raw(session, "UPDATE target SET phone = :phone WHERE id = :id", phone=sealed, id=row.id)
    assert _raw(session, count, id=str(row.id)).scalar_one() == before
