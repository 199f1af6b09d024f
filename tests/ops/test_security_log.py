"""The security log: who reads it, how it is found, how it is taken out, and that nobody changes it."""

from __future__ import annotations

import ast
import csv
import io
import zipfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import delete, event, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from app.db import db
from app.jobs.execution import run_outbox
from app.jobs.files import KEPT
from app.kernel.errors import NotFound, Refused
from app.ops.models import LogExport
from app.ops.security_log import queries, services
from app.ops.security_log.actions import ACTIONS, action_name
from app.ops.security_log.filters import LogFilter
from app.security.models import SecurityLog
from app.security.services import note_security

ROOT = Path(__file__).resolve().parents[2]
DAY = datetime(2026, 11, 20, 3, tzinfo=timezone.utc)


def _codes(node: ast.expr) -> set[str]:
    """All constants that an expression of the action can give."""
    if isinstance(node, ast.IfExp):
        return _codes(node.body) | _codes(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def _calls(trees: dict[Path, ast.Module], name: str):
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
                if called == name:
                    yield path, node


def _argument(call: ast.Call, place: int, name: str) -> ast.expr | None:
    if len(call.args) > place:
        return call.args[place]
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def _handed_on(trees: dict[Path, ast.Module], path: Path, call: ast.Call, name: str):
    """Constants that reach a parameter of the function around a call, from its callers or as its default."""
    for function in ast.walk(trees[path]):
        if not isinstance(function, ast.FunctionDef) or call not in ast.walk(function):
            continue
        arguments = [*function.args.args, *function.args.kwonlyargs]
        names = [argument.arg for argument in arguments]
        if name not in names:
            continue
        for default in [*function.args.defaults, *filter(None, function.args.kw_defaults)]:
            yield from ((code, path) for code in _codes(default) if code)
        place = names.index(name) - (1 if names[0] == "self" else 0)
        # A name with an underscore is called within its own file.
        near = {path: trees[path]} if function.name.startswith("_") else trees
        for caller, outer in _calls(near, function.name):
            given = _argument(outer, place, name)
            yield from ((code, caller) for code in (_codes(given) if given is not None else ()))


def test_every_action_that_the_code_writes_has_a_sentence():
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "app").rglob("*.py")}
    found: dict[str, str] = {}
    for path, call in _calls(trees, "note_security"):
        given = _argument(call, 1, "action")
        if isinstance(given, ast.Name):
            for code, where in _handed_on(trees, path, call, given.id):
                found.setdefault(code, str(where.relative_to(ROOT)))
        for code in _codes(given) if given is not None else ():
            found.setdefault(code, f"{path.relative_to(ROOT)}:{call.lineno}")
    assert len(found) > 20
    assert {code: where for code, where in found.items() if code not in ACTIONS} == {}


def test_every_action_has_a_chinese_sentence(app):
    from flask_babel import force_locale

    with app.test_request_context(), force_locale("zh_CN"):
        for code in ACTIONS:
            assert any("\u4e00" <= c <= "\u9fff" for c in action_name(code)), code


@pytest.mark.parametrize(
    "name", ["secadmin", "sysadmin", "office", "police_clerk", "auditor", "region_office"]
)
def test_for_everybody_but_the_audit_administrator_it_is_not_there(client_as, name):
    client = client_as(name)
    assert client.get("/security-log/").status_code == 404
    assert client.post("/security-log/export", data={"format": "csv"}).status_code == 404


def test_strangers_are_asked_to_log_in(client_as):
    answer = client_as(None).get("/security-log/")
    assert answer.status_code == 302 and "/login/" in answer.location


def test_a_line_says_who_when_from_where_what_on_what_and_with_what_result(client_as, write_line, account):
    who = account("police_clerk")
    write_line(
        DAY, "role_granted", "refused", user_id=who.id, subject=f"account:{account('amr_clerk').id}",
        address="10.1.2.3", agent="Firefox on Kylin", detail="reviewer",
    )  # fmt: skip
    page = client_as("auditadmin").get("/security-log/").text
    for part in (who.get_full_name(), "police_clerk", "2026-11-20 11:00:00", "10.1.2.3", "Firefox on Kylin",
                 "授予角色", account("amr_clerk").get_full_name(), "已拒绝", "reviewer"):  # fmt: skip
        assert part in page, part


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"person": "police_clerk"}, {"a", "b"}),
        ({"action": "exported"}, {"b"}),
        ({"outcome": "refused"}, {"c"}),
        ({"address": "10.0.0.9"}, {"c"}),
        ({"since": "2026-11-21", "until": "2026-11-21"}, {"b"}),
        ({"until": "2026-11-20"}, {"a"}),
        ({"text": "targ"}, {"b"}),
        ({"text": "没有"}, set()),
        ({"person": "nobody_of_that_name"}, set()),
        ({"since": "no day", "text": "';--"}, {"a", "b", "c"}),
    ],
)
def test_filters_combine_and_nonsense_filters_nothing(session, write_line, account, asked, found):
    who = account("police_clerk").id
    write_line(DAY, "log_in", user_id=who, subject="police_clerk", detail="a")
    write_line(DAY + timedelta(days=1), "exported", user_id=who, subject="targets list", detail="b")
    write_line(DAY + timedelta(days=2), "log_in", "refused", subject="admin", address="10.0.0.9", detail="c")
    page = queries.page(session, LogFilter.read(asked))
    assert {line.detail for line in page.lines} & {"a", "b", "c"} == found


def test_pages_follow_each_other_without_gaps(session, write_line):
    for number in range(7):
        write_line(DAY + timedelta(minutes=number // 2), "log_in", detail=f"p{number}")
    seen, before = [], None
    while True:
        page = queries.page(session, LogFilter.read({"until": "2026-11-20"}), before, limit=3)
        seen += [line.detail for line in page.lines]
        before = page.after
        if before is None:
            break
    assert [d for d in seen if d.startswith("p")] == ["p6", "p5", "p4", "p3", "p2", "p1", "p0"]


@pytest.mark.rule("R-30.1")
@pytest.mark.parametrize(
    "statement",
    [
        update(SecurityLog.__table__).values(detail="changed"),
        delete(SecurityLog.__table__),
        text("TRUNCATE security_log"),
    ],
    ids=["update", "delete", "truncate"],
)
def test_the_database_refuses_to_change_delete_or_empty_the_log(session, write_line, statement):
    write_line(DAY, "log_in")
    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(statement)
    session.rollback()


@pytest.mark.rule("R-30.1")
def test_nothing_in_the_application_deletes_lines_so_they_stay_for_ever():
    """At least six months online, three years for personal data: kept without an end."""
    for path in (ROOT / "app").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"delete", "update"}:
                assert "SecurityLog" not in ast.unparse(node), path
        assert "DELETE FROM security_log" not in source and "TRUNCATE security_log" not in source, path


def test_a_short_export_comes_at_once_with_watermark_and_without_formulas(client_as, session, write_line):
    write_line(DAY, "log_in", "refused", subject="=HYPERLINK(1)", agent="@cmd", detail="+1")
    answer = client_as("auditadmin").post(
        "/security-log/export", data={"format": "csv", "until": "2026-11-20"}
    )
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert (
        "审计管理员" in rows[0][0] and "2026-11-23 09:00" in rows[0][0] and "until=2026-11-20" in rows[0][0]
    )
    line = next(row for row in rows if "'=HYPERLINK(1)" in row)
    assert "'@cmd" in line and "'+1" in line
    noted = session.scalars(select(SecurityLog).where(SecurityLog.action == "exported")).one()
    assert noted.subject == "security_log" and noted.outcome == "ok"


def test_an_export_as_xlsx_holds_texts_only(client_as, write_line):
    write_line(DAY, "log_in", subject="=1+1")
    answer = client_as("auditadmin").post("/security-log/export", data={"format": "xlsx"})
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "<f " not in sheet
    assert "'=1+1" in sheet and "审计管理员" in sheet


def test_an_unknown_format_is_refused(act_as):
    with pytest.raises(Refused, match="log_export_format"), act_as("auditadmin") as unit:
        services.take_out(unit, "pdf", LogFilter())
    with pytest.raises(Refused, match="role_missing"), act_as("secadmin") as unit:
        services.take_out(unit, "csv", LogFilter())


def test_a_long_export_is_written_by_a_job_and_fetched_by_its_owner_alone(own_app, clock):
    from tests.conftest import _unit_as

    session = db.session()
    with db.engine.begin() as connection:
        many = [
            {"at": DAY + timedelta(seconds=n), "action": "log_in", "outcome": "ok", "subject": f"n{n}",
             "address": "", "agent": "", "detail": ""}
            for n in range(services.AT_ONCE + 300)
        ]  # fmt: skip
        connection.execute(insert(SecurityLog.__table__), many)
    with _unit_as("auditadmin", clock) as unit:
        export = services.take_out(unit, "csv", LogFilter.read({"action": "log_in"}))
        assert isinstance(export, LogExport)
        number, job = export.id, export.outbox_id
    assert run_outbox(job) == "done"
    with _unit_as("auditadmin", clock) as unit:
        export, path = services.file_of(unit, number)
        assert export.rows == services.AT_ONCE + 300
        assert sum(1 for _ in path.open(encoding="utf-8-sig")) == export.rows + 2
        assert own_app.static_folder not in str(path)
    with pytest.raises(NotFound), _unit_as("secadmin", clock) as unit:
        services.file_of(unit, number)
    clock.at = clock.now() + KEPT + timedelta(days=1)
    with pytest.raises(NotFound), _unit_as("auditadmin", clock) as unit:
        services.file_of(unit, number)
    session.rollback()


def test_a_page_of_the_log_asks_few_questions(client_as, write_line, account):
    for number in range(60):
        write_line(
            DAY + timedelta(minutes=number), "log_in", user_id=account("office").id, subject="account:1"
        )
    client, asked = client_as("auditadmin"), []
    client.get("/security-log/")

    def note(connection, cursor, statement, *rest):
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            asked.append(statement)

    event.listen(db.engine.engine, "before_cursor_execute", note)
    try:
        assert client.get("/security-log/?person=office&action=log_in").status_code == 200
    finally:
        event.remove(db.engine.engine, "before_cursor_execute", note)
    assert len(asked) <= 15, [s[:70] for s in asked]


@pytest.mark.parametrize(
    "query", ["before=99999999999999", "before=1", "agency=7", "text=%25%27", "person=u1"]
)
def test_odd_arguments_break_nothing(client_as, query):
    assert client_as("auditadmin").get(f"/security-log/?{query}").status_code == 200


def test_a_person_sees_the_own_lines_only(session, act_as, write_line, account):
    from app.ops.security_log.queries import filtered

    write_line(DAY, "log_in", user_id=account("police_clerk").id, detail="mine")
    write_line(DAY, "log_in", user_id=account("amr_clerk").id, detail="theirs")
    with act_as("police_clerk") as unit:
        seen = {line.detail for line in unit.session.scalars(filtered(unit.session, LogFilter()))}
    assert "mine" in seen and "theirs" not in seen


def test_what_is_noted_carries_actor_agency_and_origin(act_as, session):
    with act_as("police_clerk") as unit:
        unit.session.info.update(address="10.9.8.7", agent="Browser/1")
        note_security(unit, "exported", "ok", subject="targets")
        person = unit.actor
    line = session.scalars(select(SecurityLog).order_by(SecurityLog.id.desc()).limit(1)).one()
    assert (line.user_id, line.agency_id) == (person.user_id, person.agency_id)
    assert (line.address, line.agent) == ("10.9.8.7", "Browser/1")
    assert session.scalar(select(func.count()).where(SecurityLog.id == line.id)) == 1
