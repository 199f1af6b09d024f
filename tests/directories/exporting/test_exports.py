"""Exactly what a list shows, as a file that names its taker and holds no formula."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from app.audit.models import Event
from app.db import db
from app.directories.exporting import services
from app.directories.exporting.models import DirectoryExport
from app.directories.listing.chosen import Chosen
from app.directories.listing.listing import listings
from app.directories.listing.state import ListState
from app.directories.targets.models import Target
from app.jobs.execution import run_outbox
from app.jobs.files import KEPT
from app.kernel.clock import FixedClock
from app.kernel.errors import NotFound, Refused
from app.kernel.workbook import MARK, Watermark, harmless, write_sheet
from app.security.models import SecurityLog

OFFICE = "office"


def seen(unit, key="targets"):
    return listings[key].as_seen_by(unit.actor.roles)


SMALL = {"region": ["640122"]}


def of(unit, key="targets", ids=None, **args):
    args["filters"] = {**SMALL, **args.get("filters", {})}
    return Chosen(ListState.from_json(seen(unit, key), args), ids)


def rows_of_csv(body):
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))


def rows_of_xlsx(body):
    return CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()


def test_a_csv_holds_what_the_list_shows_in_its_order_with_the_watermark_last(session, act_as):
    with act_as(OFFICE) as unit:
        chosen = of(unit, filters={"status": ["active"]}, sort="-name", columns=["name", "code", "status"])
        body = services.take_out(unit, seen(unit), chosen, "csv")
        assert body.startswith(b"\xef\xbb\xbf")
        rows = rows_of_csv(body)
        expected = unit.session.execute(
            select(Target.name, Target.code)
            .where(Target.status == "active", Target.region.has(code="640122"))
            .order_by(Target.name.desc(), Target.id.desc())
        ).all()
        assert rows[0] == ["名称", "标识码", "状态"] or len(rows[0]) == 3
        assert [tuple(row[:2]) for row in rows[1:-1]] == [tuple(row) for row in expected]
        assert rows[-1][0].startswith(MARK)
        assert unit.actor.label in rows[-1][0]


def test_an_xlsx_holds_texts_only_its_taker_and_the_headings_in_the_second_line(session, act_as):
    with act_as(OFFICE) as unit:
        chosen = of(unit, columns=["name", "code"])
        body = services.take_out(unit, seen(unit), chosen, "xlsx")
        rows = rows_of_xlsx(body)
        assert unit.actor.label in rows[0][0]
        assert len(rows) - 2 == chosen.count(unit.session, seen(unit))
        properties = zipfile.ZipFile(io.BytesIO(body)).read("docProps/core.xml").decode()
        assert unit.actor.label in properties and "2026-11-23 09:00" in properties


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠a"])
def test_no_cell_becomes_a_formula(text):
    assert harmless(text) == f"'{text}"
    assert harmless("示例=1") == "示例=1"


def test_names_that_look_like_formulas_leave_as_text(session, act_as):
    with act_as(OFFICE) as unit:
        row = unit.session.scalars(select(Target).limit(1)).one()
        row.name = "=cmd|'/c calc'!A1"
        unit.session.flush()
        chosen = of(unit, ids=(row.id,), columns=["name"])
        assert rows_of_csv(services.take_out(unit, seen(unit), chosen, "csv"))[1] == ["'=cmd|'/c calc'!A1"]
        body = services.take_out(unit, seen(unit), chosen, "xlsx")
        assert b"<f>" not in zipfile.ZipFile(io.BytesIO(body)).read("xl/worksheets/sheet1.xml")


def test_only_the_ticked_rows_leave(session, act_as):
    with act_as(OFFICE) as unit:
        ids = tuple(unit.session.scalars(select(Target.id).limit(2)))
        rows = rows_of_csv(services.take_out(unit, seen(unit), of(unit, ids=ids, columns=["name"]), "csv"))
        assert len(rows) == 1 + 2 + 1


def test_telephone_numbers_stay_covered_unless_a_reason_is_given_which_the_log_keeps(session, act_as):
    with act_as(OFFICE) as unit:
        row = unit.session.scalars(select(Target).limit(1)).one()
        row.phone = "13900005678"
        unit.session.flush()
        chosen = of(unit, ids=(row.id,), columns=["name", "phone"])
        covered = rows_of_csv(services.take_out(unit, seen(unit), chosen, "csv"))
        assert covered[1][1] == "139****5678"
        with pytest.raises(Refused, match="reveal_without_reason"):
            services.take_out(unit, seen(unit), chosen, "csv", clear=True)
        clear = services.take_out(unit, seen(unit), chosen, "csv", clear=True, reason="notice of the visit")
        assert rows_of_csv(clear)[1][1] == "13900005678"
        noted = select(SecurityLog).where(SecurityLog.action == "personal_data_exported")
        assert "notice of the visit" in unit.session.scalars(noted).one().detail
        event = unit.session.scalars(select(Event).where(Event.tag == "personal_data.exported")).one()
        assert event.data == {"rows": 1}


def test_columns_that_a_role_does_not_see_are_not_in_its_file(session, act_as):
    with act_as("i_30010001") as unit:
        chosen = of(unit, columns=["name", "risk_class", "code"])
        rows = rows_of_csv(services.take_out(unit, seen(unit), chosen, "csv"))
        assert len(rows[0]) == 2


def test_every_export_stands_in_the_security_log_and_the_events(session, act_as):
    with act_as(OFFICE) as unit:
        services.take_out(unit, seen(unit), of(unit, filters={"status": ["active"]}), "csv")
        line = unit.session.scalars(select(SecurityLog).where(SecurityLog.action == "exported")).one()
        assert (line.subject, "filters: region, status" in line.detail) == ("listing:targets", True)
        assert (
            unit.session.scalars(select(Event).where(Event.tag == "directory.exported")).one().data["format"]
            == "csv"
        )


def test_an_unknown_kind_of_file_is_refused(session, act_as):
    with act_as(OFFICE) as unit, pytest.raises(Refused, match="export_format"):
        services.take_out(unit, seen(unit), of(unit), "pdf")


def test_a_long_export_is_written_by_a_job_and_fetched_by_its_owner_alone(own_app, clock, monkeypatch):
    from tests.conftest import _unit_as

    monkeypatch.setattr(services, "AT_ONCE", 3)
    with _unit_as(OFFICE, clock) as unit:
        export = services.take_out(unit, seen(unit), of(unit, columns=["name", "code"]), "xlsx")
        assert isinstance(export, DirectoryExport)
        number, job = export.id, export.outbox_id
        expected = of(unit).count(unit.session, seen(unit))
        with pytest.raises(NotFound):
            services.file_of(unit, number)
    assert run_outbox(job) == "done"
    with _unit_as(OFFICE, clock) as unit:
        export, path = services.file_of(unit, number)
        assert export.rows == expected > 3
        assert len(rows_of_xlsx(path.read_bytes())) == expected + 2
        assert own_app.static_folder not in str(path)
    with pytest.raises(NotFound), _unit_as("office_reviewer", clock) as unit:
        services.file_of(unit, number)
    late = FixedClock(clock.now() + KEPT + timedelta(days=1))
    with pytest.raises(NotFound), _unit_as(OFFICE, late) as unit:
        services.file_of(unit, number)
    db.session.rollback()


def test_the_page_shows_what_would_leave_and_hands_the_file_over(session, client_as):
    client = client_as(OFFICE)
    page = client.get("/exports/targets/new?status=active&region=640122&cols=name,code")
    assert page.status_code == 200
    data = {
        "all": "1",
        "status": "active",
        "region": "640122",
        "cols": "name,code",
        "sort": "name",
        "format": "xlsx",
    }
    answer = client.post("/exports/targets/take", data=data)
    assert (answer.status_code, answer.get_data()[:2]) == (200, b"PK")
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/exports/").status_code == 200
    without = client.post("/exports/targets/take", data={**data, "clear": "y", "reason": ""})
    assert without.status_code == 200, "no covered column is shown, so nothing needs a reason"
    asked = {**data, "cols": "name,phone", "clear": "y", "reason": ""}
    assert client.post("/exports/targets/take", data=asked).status_code == 422


def test_what_was_exported_can_be_imported_again(session, act_as):
    """The watermark is a line that a reader of tables leaves out."""
    from app.directories.targets.entries import COLUMNS
    from app.kernel.spreadsheet import read_rows

    with act_as(OFFICE) as unit:
        chosen = of(unit, columns=["name", "code", "address", "legal_representative", "contact"])
        expected = chosen.count(unit.session, seen(unit))
        for kind in ("csv", "xlsx"):
            body = services.take_out(unit, seen(unit), chosen, kind)
            assert len(read_rows(body, f"targets.{kind}", COLUMNS)) == expected, kind


def test_rows_are_written_one_by_one(tmp_path):
    mark = Watermark("示例", "张三示例", "示例单位", FixedClock.now(FixedClock(_start())))
    with (tmp_path / "x.xlsx").open("wb") as target:
        assert (
            write_sheet("xlsx", target, ["a", "b"], ([str(n), "x"] for n in range(5)), mark, title="a/b:c")
            == 5
        )
    assert len(rows_of_xlsx((tmp_path / "x.xlsx").read_bytes())) == 7


def _start():
    from tests.conftest import START

    return START
