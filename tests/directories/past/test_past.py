"""Visits from before the portal: imported, counted, and silent where there are none."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.directories.importing.engine import take_at_once
from app.directories.importing.kinds import Options, import_kinds
from app.directories.inspectors.models import Certificate, Expert, Inspector
from app.directories.institutions.models import Institution
from app.directories.past.models import PastLoad, PastVisits
from app.directories.past.queries import load_before, visits_before
from app.directories.recusals.models import Recusal, Tie
from app.directories.targets.models import Target
from app.kernel.errors import Refused
from app.kernel.spreadsheet import iter_rows
from app.matching.engine import roster_text
from app.matching.parts import roster_rows
from app.security.models import Account, Agency, Region

YEAR = 2026


@pytest.fixture
def police(session) -> Agency:
    return session.scalars(select(Agency).where(Agency.code == "POLICE-640100")).one()


@pytest.fixture
def targets(session) -> list[Target]:
    query = select(Target).join(Region, Region.id == Target.region_id).where(Region.code.startswith("6401"))
    return list(session.scalars(query.order_by(Target.id).limit(3)))


@pytest.fixture
def people(session, police) -> list[Inspector]:
    query = select(Inspector).where(Inspector.agency_id == police.id, Inspector.active)
    return list(session.scalars(query.order_by(Inspector.certificate_no).limit(4)))


def take(act_as, police, key: str, lines: list[str], who: str = "police_admin"):
    kind = import_kinds[key]
    content = "\n".join(lines).encode()
    with act_as(who) as unit:
        rows = iter_rows(content, f"{key}.csv", kind.columns)
        return take_at_once(unit, kind, rows, Options(agency_id=police.id))


def test_past_visits_are_counted_and_the_last_check_is_noted(session, act_as, police, targets) -> None:
    lines = ["统一社会信用代码,检查次数,年度,最近检查日期"]
    lines += [
        f"{targets[0].code},2,2026,2026-06-01",
        f"{targets[1].code},1,,",
        f"{targets[2].code},3,2025,2025-03-01",
    ]
    assert take(act_as, police, "past_visits", lines).figures()["new"] == 3
    ids = [target.id for target in targets]
    assert visits_before(session, ids, YEAR) == {ids[0]: 2, ids[1]: 1}
    assert visits_before(session, ids, 2025) == {ids[2]: 3}
    session.expire_all()
    assert session.get_one(Target, ids[0]).last_checked_on == date(2026, 6, 1)
    again = take(act_as, police, "past_visits", lines[:1] + [f"{targets[0].code},4,2026,2026-06-01"])
    assert again.figures()["changed"] == 1
    assert visits_before(session, ids, YEAR)[ids[0]] == 4
    assert (
        session.scalars(select(PastVisits.region_id).where(PastVisits.target_id == ids[0])).one()
        == targets[0].region_id
    )


def test_bad_rows_of_past_visits_are_named(session, act_as, police, targets, people) -> None:
    found = take(
        act_as, police, "past_visits",
        ["统一社会信用代码,检查次数,年度,最近检查日期", "NOWHERE-1,1,,", f"{targets[0].code},x,,",
         f"{targets[0].code},1,2026,2025-01-01", ",1,,"],
    )  # fmt: skip
    assert not found.committed
    assert [(fault.row, fault.code) for fault in sorted(found.faults, key=lambda f: f.row or 0)] == [
        (2, "linked_target_unknown"), (3, "number_out_of_range"), (4, "past_visit_outside_year"),
        (5, "linked_target_missing"),
    ]  # fmt: skip
    assert session.scalars(select(PastVisits)).all() == []
    theirs = session.scalars(select(Inspector).where(Inspector.agency_id != police.id)).first()
    other = take(act_as, police, "past_loads", ["执法证号,检查次数", f"{theirs.certificate_no},3"])
    assert [fault.code for fault in other.faults] == ["linked_inspector_unknown"]


def test_only_the_administrator_imports_into_the_own_agency(act_as, police, people) -> None:
    with pytest.raises(Refused):
        take(
            act_as, police, "past_loads", ["执法证号,检查次数", f"{people[0].certificate_no},3"], "amr_clerk"
        )


@pytest.mark.rule("R-25.1")
def test_the_roster_is_the_same_byte_for_byte_without_past_visits_and_counts_them_with(
    session, act_as, police, people
) -> None:
    ids = [person.id for person in people]
    nonce = "0" * 32
    bare = roster_text(roster_rows(people, 20), nonce)
    assert load_before(session, ids, YEAR) == {}
    assert roster_text(roster_rows(people, 20, load_before(session, ids, YEAR)), nonce) == bare
    take(act_as, police, "past_loads", ["执法证号,检查次数", f"{people[1].certificate_no},7"])
    assert load_before(session, ids, YEAR) == {ids[1]: 7}
    assert load_before(session, ids, 2025) == {}
    rows = roster_rows(people, 20, load_before(session, ids, YEAR))
    assert [row.load for row in rows] == [p.load + (7 if p.id == ids[1] else 0) for p in people]
    assert session.scalars(select(PastLoad.agency_id)).all() == [police.id]


def test_recusals_and_ties_by_spreadsheet(session, act_as, police, people, targets) -> None:
    known = set(session.execute(select(Recusal.inspector_id, Recusal.target_id)).all())
    line = next((p, t) for p in people for t in targets if (p.id, t.id) not in known)
    heads = "执法证号,统一社会信用代码,回避事由,起始日期,截止日期,情况说明"
    row = f"{line[0].certificate_no},{line[1].code},亲属,2026-01-01,2027-01-01,配偶任职"
    assert take(act_as, police, "recusals", [heads, row]).figures()["new"] == 1
    assert take(act_as, police, "recusals", [heads, row]).figures()["unchanged"] == 1
    made = session.scalars(
        select(Recusal).where(Recusal.inspector_id == line[0].id, Recusal.target_id == line[1].id)
    ).one()
    assert (made.reason, made.declared_by, made.until) == ("RELATIVE", "agency", date(2027, 1, 1))
    bad = take(act_as, police, "recusals", [heads, f"{line[0].certificate_no},{line[1].code},好友,,,"])
    assert {fault.code for fault in bad.faults} == {"not_a_choice", "recusal_without_evidence"}
    ties = [
        "执法证号,统一社会信用代码,关系,离职日期",
        f"{line[0].certificate_no},{line[1].code},原任职单位,2025-01-01",
    ]
    assert take(act_as, police, "ties", ties).figures()["new"] == 1
    assert session.scalars(select(Tie)).one().until == date(2025, 1, 1)


def test_institutions_experts_and_certificates_by_spreadsheet(session, act_as, police, people) -> None:
    heads = "统一社会信用代码,机构名称,资质类型,有效期至,检测范围"
    row = "91640100ma7600000x,银川检测中心,检验检测机构资质认定,2027-01-01,食品"
    assert take(act_as, police, "institutions", [heads, row]).figures()["new"] == 1
    institution = session.scalars(select(Institution).where(Institution.code == "91640100MA7600000X")).one()
    experts = [
        "专家编号,姓名,所属机构,联系电话",
        "EX-1,专家甲,银川检测中心,13900000001",
        "EX-2,专家乙,别的单位,",
    ]
    assert take(act_as, police, "experts", experts).figures()["new"] == 2
    made = session.scalars(select(Expert).where(Expert.code == "EX-1")).one()
    assert (made.institution_id, made.phone) == (institution.id, "13900000001") and made.phone_digest
    theirs = session.scalars(select(Expert).where(Expert.agency_id != police.id)).first()
    taken = take(act_as, police, "experts", [experts[0], f"{theirs.code},某人,某单位,"])
    assert [fault.code for fault in taken.faults] == ["linked_of_another"]
    sheet = [
        "执法证号,证书类型,证书编号,有效期至",
        f"{people[0].certificate_no},特种设备检验员证,TS-9,2027-05-01",
    ]
    assert take(act_as, police, "certificates", sheet).figures()["new"] == 1
    other = [sheet[0], sheet[1].replace(people[0].certificate_no, people[1].certificate_no)]
    assert [f.code for f in take(act_as, police, "certificates", other).faults] == ["linked_of_another"]
    assert session.scalars(select(Certificate)).one().inspector_id == people[0].id


def test_the_pages_show_what_was_taken_over(client_as, session, act_as, police, targets, people) -> None:
    take(act_as, police, "past_visits", ["统一社会信用代码,检查次数", f"{targets[0].code},2"])
    take(act_as, police, "past_loads", ["执法证号,检查次数", f"{people[0].certificate_no},5"])
    browser = client_as("police_admin")
    assert targets[0].name in browser.get("/past/visits").text
    assert people[0].name in browser.get("/past/loads").text
    own = session.scalars(select(Account.username).where(Account.id == people[0].user_id)).one()
    assert client_as(own).get("/past/visits").status_code == 404
    for key in ("past_visits", "past_loads", "recusals", "ties", "experts", "institutions", "certificates"):
        assert browser.get(f"/imports/{key}/new").status_code == 200
