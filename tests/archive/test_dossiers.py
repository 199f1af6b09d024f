"""Closing a task, and the dossiers that come of it."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile

import pytest
from sqlalchemy import func, select, text, update

from app.archive import services
from app.archive.models import Dossier, DossierFile
from app.archive.packing import fixed_zip
from app.archive.rules import dossier_no, may_build, may_close
from app.inspections.models import CheckForm, FollowUp
from app.inspections.rules import Settlement
from app.kernel.errors import NotFound, Refused
from app.tasks.models import Task
from app.verifier import verify


def zip_of(session, dossier):
    return zipfile.ZipFile(io.BytesIO(session.get(DossierFile, dossier.id).content))


@pytest.mark.rule("R-26.1")
def test_a_task_closes_when_every_form_is_settled_and_follow_ups_do_not_hold_it():
    assert not may_close(Settlement(6, 0, 1, 0), 0)
    assert not may_close(Settlement(6, 0, 0, 2), 0)
    assert not may_close(Settlement(6, 1, 0, 0), 0)
    assert not may_close(Settlement(0, 0, 0, 0), 0)
    assert may_close(Settlement(6, 0, 0, 0), 3).facts == {"open_follow_ups": 3}


@pytest.mark.rule("R-29.1")
def test_dossiers_are_built_from_the_closing_on():
    assert [bool(may_build(state)) for state in ("checking", "closed", "archived")] == [False, True, True]
    assert dossier_no("6401-2026-0001", "AMR-640100", 2) == "6401-2026-0001-AMR-640100-2"


@pytest.mark.rule("R-29.1")
def test_equal_files_make_equal_bytes():
    files = [("a.txt", b"a"), ("目录.txt", b"b")]
    assert fixed_zip(files) == fixed_zip(list(files))
    assert fixed_zip(files) != fixed_zip(files[::-1])


@pytest.mark.rule("R-29.1")
def test_there_is_one_dossier_per_agency_and_the_task_is_archived(session, journey):
    found = session.scalars(select(Dossier).order_by(Dossier.id)).all()
    assert tuple(d.agency.code for d in found) == tuple(journey["agencies"])
    assert {d.edition for d in found} == {1}
    assert session.get(Task, journey["task"]).state == "archived"


@pytest.mark.rule("R-29.1")
def test_the_list_of_contents_matches_the_zip(session):
    for dossier in session.scalars(select(Dossier)):
        archive = zip_of(session, dossier)
        content = session.get(DossierFile, dossier.id).content
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (dossier.sha256, dossier.size)
        rows = list(csv.DictReader(io.StringIO(archive.read("contents.csv").decode("utf-8-sig"))))
        assert [row["path"] for row in rows] == [line["path"] for line in dossier.contents]
        assert set(archive.namelist()) == {row["path"] for row in rows} | {"contents.csv"}
        for row in rows:
            data = archive.read(row["path"])
            assert (len(data), hashlib.sha256(data).hexdigest()) == (int(row["bytes"]), row["sha256"])
            assert row["title"]


@pytest.mark.rule("R-29.1")
def test_a_dossier_holds_the_common_parts_and_the_own_forms_only(session):
    dossier = session.scalars(select(Dossier).order_by(Dossier.id.desc()).limit(1)).one()
    archive = zip_of(session, dossier)
    names = set(archive.namelist())
    assert {"common/01-scheme.docx", "common/03-task-record.docx", "common/04-responses.csv"} <= names
    assert {"common/07-matching.csv", "common/08-notices.docx", "own/11-check-forms.docx"} <= names
    results = list(csv.DictReader(io.StringIO(archive.read("own/12-results.csv").decode("utf-8-sig"))))
    own = session.scalars(select(CheckForm.no).where(CheckForm.agency_id == dossier.agency_id)).all()
    assert sorted(row["no"] for row in results) == sorted(own)
    scheme = (
        zipfile.ZipFile(io.BytesIO(archive.read("common/01-scheme.docx"))).read("word/document.xml").decode()
    )
    assert dossier.task.name in scheme
    assert "检查方案" in scheme


@pytest.mark.rule("R-29.1", "R-24.1")
def test_the_full_bundle_in_the_dossier_verifies(session):
    dossier = session.scalars(select(Dossier).limit(1)).one()
    archive = zip_of(session, dossier)
    (path,) = [name for name in archive.namelist() if name.endswith("bundle.zip")]
    assert verify.verify(archive.read(path))["verdict"] == "ok"


@pytest.mark.rule("R-29.1")
def test_built_again_nothing_is_added(session, act_as_system, journey):
    before = session.scalars(select(Dossier.no).order_by(Dossier.id)).all()
    with act_as_system() as unit:
        again = [d.no for d in services.build_dossiers(unit, journey["task"])]
    assert again == before
    assert session.scalar(select(func.count()).select_from(Dossier.__table__)) == len(before)


@pytest.mark.rule("R-29.1")
def test_a_follow_up_that_ends_later_adds_an_edition_to_its_agency_alone(
    session, act_as_system, journey, clock
):
    case = session.scalars(select(FollowUp).limit(1)).one()
    agency_id = case.agency_id
    with act_as_system() as unit:
        unit.session.execute(
            update(FollowUp).where(FollowUp.id == case.id).values(handled_text="再次复查合格")
        )
        clock.advance(days=3)
        services.build_dossiers(unit, journey["task"])
    editions = dict(
        session.execute(
            select(Dossier.agency_id, func.max(Dossier.edition)).group_by(Dossier.agency_id)
        ).all()
    )
    assert editions.pop(agency_id) == 2
    assert set(editions.values()) == {1}


@pytest.mark.rule("R-29.1")
def test_a_closed_follow_up_queues_the_building(session, act_as_system, journey):
    with act_as_system() as unit:
        assert services.rebuild_later(unit, journey["task"]) is not None
        unit.session.execute(update(Task.__table__).values(state="checking"))
        assert services.rebuild_later(unit, journey["task"]) is None


@pytest.mark.rule("R-26.1")
def test_only_the_initiators_clerk_closes_and_not_with_an_open_form(session, act_as, journey):
    initiator, other = (code.partition("-")[0].lower() for code in journey["agencies"][:2])
    session.execute(update(Task.__table__).values(state="checking"))
    session.execute(update(CheckForm.__table__).values(state="approved").where(CheckForm.__table__.c.id == 1))
    session.commit()
    with pytest.raises(Refused) as refusal, act_as(f"{other}_clerk") as unit:
        services.close_task(unit, journey["task"])
    assert refusal.value.code == "other_agency"
    with pytest.raises(Refused) as refusal, act_as(f"{initiator}_clerk") as unit:
        services.close_task(unit, journey["task"])
    assert refusal.value.code == "forms_unpublished"


@pytest.mark.rule("R-30.1")
def test_a_dossier_is_read_by_its_agency_the_office_above_and_nobody_else(
    session, act_as, client_as, journey
):
    own, other = (code.partition("-")[0].lower() for code in journey["agencies"][:2])
    dossier_id, no = session.execute(select(Dossier.id, Dossier.no).order_by(Dossier.id).limit(1)).one()
    assert no in client_as(f"{own}_clerk").get("/dossiers/").text
    assert client_as(f"{other}_clerk").get(f"/dossiers/{dossier_id}").status_code == 404
    with pytest.raises(NotFound), act_as(f"{other}_clerk") as unit:
        services.note_download(unit, dossier_id)
    assert client_as("office").get(f"/dossiers/{dossier_id}").status_code == 200
    answer = client_as(f"{own}_clerk").get(f"/dossiers/{dossier_id}/download")
    assert answer.mimetype == "application/zip"
    assert f"{no}.zip" in answer.headers["Content-Disposition"]
    assert client_as("sysadmin").get("/dossiers/").status_code == 404


def test_every_download_leaves_an_event(session, client_as, journey):
    own = journey["agencies"][0].partition("-")[0].lower()
    dossier_id = session.scalar(select(Dossier.id).order_by(Dossier.id).limit(1))
    count = "SELECT count(*) FROM event WHERE tag = 'dossier.downloaded'"
    before = session.scalar(text(count))
    client_as(f"{own}_clerk").get(f"/dossiers/{dossier_id}/download")
    assert session.scalar(text(count)) == before + 1


def test_the_task_page_shows_the_dossiers(client_as, session, journey):
    own = journey["agencies"][0].partition("-")[0].lower()
    no = session.scalar(select(Dossier.no).order_by(Dossier.id).limit(1))
    assert no in client_as(f"{own}_clerk").get(f"/tasks/{journey['task']}").text
