"""One file from hand to hand: understood, compared, taken over once, resumed after a kill, undone."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.db.history import RowHistory
from app.directories.importing import checking, services
from app.directories.importing.files import bad_rows_of, bad_sheet
from app.directories.importing.models import ImportBatch, ImportKey, ImportMapping
from app.directories.importing.preview import page_of
from app.directories.importing.services import Choice
from app.directories.importing.undoing import undo_import
from app.directories.rules import ImportMode
from app.directories.targets import queries
from app.directories.targets.models import Target, TargetCode
from app.directories.targets.services import change_target, import_targets
from app.kernel.errors import Invalid, Refused
from tests.directories.importing.files import HEADINGS, code, csv_of, receive, row, work, xlsx_of


def found(unit, number):
    unit.session.expire_all()
    return queries.by_code(unit.session, code(number))


def outcome(run):
    return tuple(run.report[name] for name in ("rows", "new", "changed", "unchanged", "closed", "bad"))


def test_a_clear_file_is_checked_at_once_and_shows_old_and_new_values(act_as):
    with act_as("office") as unit:
        import_targets(unit, csv_of([row(1), row(2), row(3)]), "a.csv")
        run = receive(
            unit, csv_of([row(1), row(2, 住所="银川市新址", 联系电话="13911112222"), row(4), row(5, 住所="")])
        )
        assert (run.state, outcome(run)) == ("checked", (4, 1, 1, 1, 0, 1))
        [line] = page_of(unit, run, "changed", 1).lines
        assert (line.row, line.key, line.label) == (3, code(2), "导入第2号示例")
        values = {str(label): (old, new) for label, old, new in line.fields}
        assert values["住所（地址）"] == ("银川市兴庆区解放街一号", "银川市新址")
        assert values["联系电话"] == ("109****0000", "139****2222")
        assert "13911112222" not in str(run.report)
        assert [new.key for new in page_of(unit, run, "new", 1).lines] == [code(4)]
        assert [bad.row for bad in page_of(unit, run, "bad", 1).lines] == [5]
        assert found(unit, 4) is None
        with pytest.raises(Refused):
            services.take_over(unit, run.id, skip_bad=False)
        services.take_over(unit, run.id, skip_bad=True)
        services.take_over(unit, run.id, skip_bad=True)
        assert (run.state, found(unit, 4).name, found(unit, 2).phone) == (
            "committed",
            "导入第4号示例",
            "13911112222",
        )
        assert found(unit, 1).version == 1
        assert found(unit, 2).version == 2


def test_only_changed_rows_are_written_and_under_the_cause_of_the_run(act_as):
    with act_as("office") as unit:
        import_targets(unit, csv_of([row(n) for n in range(40)]), "a.csv")
        run = receive(unit, csv_of([row(n, **({"住所": "新"} if n == 7 else {})) for n in range(40)]))
        services.take_over(unit, run.id, skip_bad=False)
        lines = select(RowHistory).where(RowHistory.cause == run.cause)
        kept = unit.session.scalars(lines).all()
        assert [(line.table_name, line.op, line.after["address"]) for line in kept] == [
            ("target", "UPDATE", "新")
        ]


def test_the_preview_is_paged_over_batches(act_as, monkeypatch):
    monkeypatch.setattr(checking, "AT_ONCE", 30)
    with act_as("office") as unit:
        run = receive(unit, csv_of([row(n) for n in range(130)]))
        pages = [page_of(unit, run, "new", number) for number in (1, 2, 3)]
        assert [len(page.lines) for page in pages] == [50, 50, 30]
        assert [line.key for page in pages for line in page.lines] == [code(n) for n in range(130)]
        assert not pages[2].has_next


def test_a_kill_in_the_middle_of_a_check_loses_and_doubles_no_row(act_as, monkeypatch):
    monkeypatch.setattr(services, "SMALL_FILE", 10)
    monkeypatch.setattr(checking, "AT_ONCE", 5)
    step = checking.step
    monkeypatch.setattr(checking, "step", lambda unit, run, progress=None: step(unit, run, progress, 10))
    with act_as("office") as unit:
        content = csv_of([*(row(n) for n in range(33)), row(3), row(32, 住所="")])
        run = receive(unit, content)
        services.look_first(unit, run.id)
        services.go_on(unit, run.id, run.attempt)
        assert (run.state, run.done) == ("waiting", 20)

        class Killed(BaseException):
            pass

        def killed(done, total=None):
            raise Killed

        with pytest.raises(Killed), unit.session.begin_nested():
            services.go_on(unit, run.id, run.attempt, killed)
        checking._open.clear()
        unit.session.refresh(run)
        assert run.done == 20
        work(unit, run)
        assert (run.state, outcome(run)) == ("checked", (35, 33, 0, 0, 0, 2))
        assert {(e["row"], e["code"]) for e in run.report["errors"]} == {
            (35, "duplicate_in_file"),
            (36, "duplicate_in_file"),
            (36, "target_address_missing"),
        }
        services.go_on(unit, run.id, run.attempt)
        assert outcome(run) == (35, 33, 0, 0, 0, 2)
        services.take_over(unit, run.id, skip_bad=True)
        with pytest.raises(Killed), unit.session.begin_nested():
            services.write(unit, run.id, skip_bad=True, progress=killed)
        unit.session.refresh(run)
        assert (run.state, found(unit, 1)) == ("committing", None)
        work(unit, run)
        assert run.state == "committed"
        mine = select(func.count()).where(Target.code.in_([code(n) for n in range(33)]))
        assert unit.session.scalar(mine) == 33


def test_a_row_that_somebody_changed_after_the_check_stops_the_whole_file(act_as):
    with act_as("office") as unit:
        import_targets(unit, csv_of([row(1), row(2)]), "a.csv")
        run = receive(unit, csv_of([row(1, 住所="甲"), row(2, 住所="乙"), row(3)]))
        found(unit, 2).contact = "别人"
        unit.session.flush()
        with pytest.raises(Refused, match="import_directory_changed"):
            services.take_over(unit, run.id, skip_bad=False)
        assert found(unit, 3) is None
        assert found(unit, 1).address != "甲"
        services.check_again(unit, run.id)
        services.take_over(unit, run.id, skip_bad=False)
        assert (found(unit, 1).address, found(unit, 2).address) == ("甲", "乙")


def test_a_row_that_somebody_added_after_the_check_stops_the_whole_file(act_as):
    with act_as("office") as unit:
        run = receive(unit, csv_of([row(1), row(2)]))
        import_targets(unit, csv_of([row(2)]), "b.csv")
        with pytest.raises(Refused, match="import_directory_changed"):
            services.take_over(unit, run.id, skip_bad=False)
        assert found(unit, 1) is None


def test_unknown_headings_are_asked_about_and_remembered_for_the_agency(act_as, session):
    strange = ("甲", "乙", "丙", "丁", "戊", "己", "庚")
    with act_as("office") as unit:
        run = receive(unit, csv_of([row(1)], strange))
        assert (run.state, run.report["faults"][0]["code"]) == ("choosing", "import_columns_missing")
        names = ("name", "code", "address", "legal_representative", "contact", "phone", "region")
        choice = Choice([""], dict(zip(names, strange, strict=True)), "code", ImportMode.UPDATE)
        services.choose(unit, run.id, choice)
        assert (run.state, outcome(run)) == ("checked", (1, 1, 0, 0, 0, 0))
        again = receive(unit, csv_of([row(2, 住所="")], strange))
        assert again.state == "checked"
        assert again.report["errors"][0]["column"] == "丙"
    with act_as("police_admin") as unit:
        assert receive(unit, csv_of([row(1)], strange), agency_id=unit.actor.agency_id).state == "choosing"
    assert session.scalar(select(func.count()).select_from(ImportMapping)) == 1


def test_a_choice_that_cannot_be_is_refused_beside_its_field(act_as):
    with act_as("office") as unit:
        run = receive(unit, csv_of([row(1)], ("甲", "乙", "丙", "丁", "戊", "己", "庚")))
        for choice, field in (
            (Choice([], {"code": "乙", "name": "甲"}, "code", ImportMode.UPDATE), "sheets"),
            (Choice([""], {"name": "甲"}, "code", ImportMode.UPDATE), "code"),
            (Choice([""], {"code": "乙", "name": "甲"}, "x", ImportMode.UPDATE), "key"),
            (Choice([""], {"code": "乙", "name": "甲"}, "code", ImportMode.UPDATE, {"name": "丙"}), "name"),
        ):
            with pytest.raises(Invalid) as caught:
                services.choose(unit, run.id, choice)
            assert [fault.field for fault in caught.value.faults] == [field]


def test_a_hidden_sheet_is_read_when_it_is_chosen(act_as):
    with act_as("office") as unit:
        run = receive(
            unit, xlsx_of({"说明": [["无", "x"]], "旧": [HEADINGS, row(2)]}, hidden=["旧"]), "a.xlsx"
        )
        assert (run.state, run.report["faults"][0]["code"]) == ("choosing", "import_only_hidden")
        names = ("name", "code", "address", "legal_representative", "contact", "phone", "region")
        services.choose(
            unit, run.id, Choice(["旧"], dict(zip(names, HEADINGS, strict=True)), "code", ImportMode.ADD)
        )
        assert outcome(run) == (1, 1, 0, 0, 0, 0)


def test_a_person_names_the_row_of_the_heading(act_as):
    with act_as("office") as unit:
        run = receive(unit, csv_of([list("ABCDEFG"), row(1)], ("一", "二", "三", "四", "五", "六", "七")))
        assert run.state == "choosing"
        services.look_again(unit, run.id, {"": (2, 1)})
        names = ("name", "code", "address", "legal_representative", "contact", "phone", "region")
        services.choose(
            unit, run.id, Choice([""], dict(zip(names, "ABCDEFG", strict=True)), "code", ImportMode.UPDATE)
        )
        assert (outcome(run), run.settings["sheets"][0]["row"]) == ((1, 1, 0, 0, 0, 0), 2)


def test_rows_without_a_code_are_known_by_name_and_region(act_as):
    head = tuple(h for h in HEADINGS if h != "统一社会信用代码")
    with act_as("office") as unit:
        import_targets(unit, csv_of([row(1), row(2), row(3), row(4, 名称="导入第3号示例")]), "a.csv")
        lines = [[c for c in row(n, 住所="新") if c != code(n)] for n in (1, 3, 9)]
        run = receive(unit, csv_of(lines, head))
        assert run.state == "choosing"
        mapping = dict(
            zip(("name", "address", "legal_representative", "contact", "phone", "region"), head, strict=True)
        )
        services.choose(unit, run.id, Choice([""], mapping, "name", ImportMode.UPDATE))
        assert outcome(run) == (3, 0, 1, 0, 0, 2)
        assert {e["code"] for e in run.report["errors"]} == {"import_key_ambiguous", "import_key_unknown"}
        services.take_over(unit, run.id, skip_bad=True)
        assert found(unit, 1).address == "新"


def test_a_complete_file_shows_and_closes_what_it_lacks(act_as):
    with act_as("police_admin") as unit:
        agency = unit.actor.agency_id
        import_targets(unit, csv_of([row(1), row(2)]), "a.csv", agency_id=agency)
        run = receive(unit, csv_of([row(2), row(3)]), mode=ImportMode.SYNC, agency_id=agency)
        assert outcome(run) == (2, 1, 0, 1, 1, 0)
        assert [line.key for line in page_of(unit, run, "closed", 1).lines] == [code(1)]
        services.take_over(unit, run.id, skip_bad=False)
        assert [found(unit, n).status for n in (1, 2, 3)] == ["closed", "active", "active"]
        undo_import(unit, run.id, "交错了文件")
        assert [found(unit, n).status for n in (1, 2)] == ["active", "active"]


def test_bad_rows_come_back_as_the_same_sheet_with_reasons(act_as):
    with act_as("office") as unit:
        lines = [[*row(1), "x"], [*row(2, 住所=""), "=1+1"], [*row(3, 行政区域="月球"), "z"]]
        run = receive(unit, csv_of(lines, (*HEADINGS, "备注")))
        body, ending = bad_sheet(run, bad_rows_of(unit.session, run))
        text = body.decode("utf-8-sig").splitlines()
        assert (ending, len(text)) == ("csv", 3)
        assert text[0].split(",")[2:] == [*HEADINGS, "备注"]
        assert "住所" in text[1] and "'=1+1" in text[1] and "月球" in text[2]
        run = receive(unit, xlsx_of({"表": [["题"], HEADINGS, row(2, 住所="")]}), "a.xlsx")
        body, ending = bad_sheet(run, bad_rows_of(unit.session, run))
        assert ending == "xlsx"
        corrected = receive(unit, body, "bad.xlsx")
        assert (corrected.state, outcome(corrected)) == ("checked", (1, 0, 0, 0, 0, 1))


@pytest.mark.rule("R-11.5")
def test_an_import_is_undone_as_a_whole_with_sealed_values_and_codes(act_as):
    with act_as("office") as unit:
        org = code(3)[8:17]
        head = (*HEADINGS, "主体类型")
        import_targets(unit, csv_of([[*row(n), "企业"] for n in (1, 2)], head), "a.csv")
        import_targets(unit, csv_of([[*row(3, 统一社会信用代码=org), "企业"]], head), "a.csv")
        run = receive(
            unit,
            csv_of(
                [row(1, 联系电话="13911112222"), row(2, 住所="新", 联系电话="13911113333"), row(3), row(4)]
            ),
        )
        services.take_over(unit, run.id, skip_bad=False)
        assert (found(unit, 1).phone, found(unit, 3).code_kind) == ("13911112222", "uscc")
        target = found(unit, 2)
        values = {
            "name": target.name,
            "address": "又改",
            "legal_representative": "张三示例",
            "contact": "李四示例",
        }
        change_target(unit, target.id, {**values, "region": "兴庆区", "phone": "13900000009"}, target.version)
        undone = undo_import(unit, run.id, "交错了文件")
        assert run.state == "undone"
        assert found(unit, 1).phone == "10900000000"
        assert (found(unit, 2).phone, found(unit, 2).address) == ("13900000009", "又改")
        assert found(unit, 4) is None
        unit.session.expire_all()
        assert queries.by_code(unit.session, org).code == org
        assert unit.session.scalar(select(func.count()).where(TargetCode.code == org)) == 0
        assert undone.conflicts >= 1
        with pytest.raises(Refused):
            undo_import(unit, run.id, "再来一次")


def test_an_import_that_was_not_taken_over_or_is_anothers_cannot_be_undone(act_as):
    with act_as("office") as unit:
        run = receive(unit, csv_of([row(1)]))
        with pytest.raises(Refused):
            undo_import(unit, run.id, "没有理由")


def test_batches_and_keys_lie_sealed_and_within_the_own_reach(act_as, session):
    with act_as("office") as unit:
        run = receive(unit, csv_of([row(1, 联系电话="13955556666")]))
        number = run.id
    from sqlalchemy import text

    raw = session.execute(
        text("SELECT content FROM import_batch WHERE run_id = :run"), {"run": number}
    ).scalars()
    assert all(b"13955556666" not in bytes(one) for one in raw)
    with act_as("police_admin") as unit:
        for model in (ImportBatch, ImportKey):
            mine = select(func.count()).select_from(model).where(model.run_id == number)
            assert unit.session.scalar(mine) == 0


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("９１６４０１０４YY００００01", "identifier_length"),
        ("9.16401E+17", "identifier_scientific"),
    ],
)
def test_codes_that_a_spreadsheet_spoiled_are_named(act_as, value, wanted):
    with act_as("office") as unit:
        run = receive(unit, csv_of([row(1, 统一社会信用代码=value)]))
        [error] = run.report["errors"]
        assert (error["row"], error["column"], error["code"]) == (2, "统一社会信用代码", wanted) or (
            wanted == "identifier_length" and error["code"].startswith("identifier_")
        )


def test_full_width_spaced_and_small_codes_and_texts_are_understood(act_as):
    def wide(text):
        return "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalnum() else c for c in text)

    with act_as("office") as unit:
        spaced = " ".join(code(2)[i : i + 4] for i in range(0, 18, 4)).lower()
        lines = [
            [*row(1, 统一社会信用代码=wide(code(1)), 联系电话=wide("13911112222")), wide("2020-01-31")],
            [*row(2, 统一社会信用代码=spaced), "43861"],
        ]
        run = receive(unit, csv_of(lines, (*HEADINGS, "成立日期")))
        services.take_over(unit, run.id, skip_bad=False)
        assert (found(unit, 1).phone, str(found(unit, 1).registered_on)) == ("13911112222", "2020-01-31")
        assert str(found(unit, 2).registered_on) == "2020-01-31"


def test_files_are_forgotten_when_nothing_can_be_undone_any_more(act_as, act_as_system, clock):
    with act_as("office") as unit:
        taken, left = receive(unit, csv_of([row(1)])).id, receive(unit, csv_of([row(2)])).id
        services.take_over(unit, taken, skip_bad=False)
    clock.advance(days=29)
    with act_as_system() as unit:
        assert services.forget_old(unit) == 0
    clock.advance(days=2)
    with act_as_system() as unit:
        assert services.forget_old(unit) == 2
        assert services.forget_old(unit) == 0
        assert unit.session.scalar(select(func.count()).select_from(ImportBatch)) == 0
    with act_as("office") as unit:
        with pytest.raises(Refused):
            services.take_over(unit, left, skip_bad=False)
        with pytest.raises(Refused):
            undo_import(unit, taken, "太晚了")
        assert found(unit, 1) is not None
