"""The code base keeps its own rules."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from app.security.access import access_rule
from app.security.grants import declared
from app.security.rules import SEPARATE, RoleName

ROOT = Path(__file__).resolve().parents[2]
SOURCES = list((ROOT / "app").rglob("*.py"))


def test_every_route_declares_its_access_rule(app):
    shown_by_tests = ("Stock.", "StockApi.")  # stock views of tests/security/test_traps.py in this process
    bare = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if access_rule(app, rule.endpoint) is None and not rule.endpoint.startswith(shown_by_tests)
    ]
    assert bare == []


def test_every_permission_is_granted_to_known_roles_only(app):
    known = {role.value for role in RoleName}
    for (permission, view), holders in declared(app.appbuilder.baseviews).items():
        assert {str(h) for h in holders} <= known, (permission, view)


def test_the_three_administrators_hold_no_business_permission(app):
    platform = (
        "Ops",
        "Jobs",
        "Message",
        "Mailbox",
        "SecurityLog",
        "SecurityAlert",
        "ConsoleDoor",
        "RoleView",
        "FactorsOffice",
        "PolicyView",
        # The security administrator keeps the accounts of the regional office, which have telephone numbers.
        "PeopleView",
        "PersonalDataView",
    )
    wrong = [
        (permission, view, sorted(holders & SEPARATE))
        for (permission, view), holders in declared(app.appbuilder.baseviews).items()
        if holders & SEPARATE and not view.startswith(platform) and "Reference" not in view
    ]
    assert not wrong


@pytest.mark.parametrize(
    "path", [p for p in SOURCES if p.name == "services.py" or p.parent.name == "services"], ids=str
)
def test_services_never_commit(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr in {"commit", "rollback"}:
            raise AssertionError(f"{path.relative_to(ROOT)}:{node.lineno} {node.attr}")


@pytest.mark.parametrize(
    "path", [p for p in SOURCES if p.name == "views.py" or p.parent.name == "views"], ids=str
)
def test_views_do_not_commit_and_keep_rules_out_of_hooks(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            assert not node.name.startswith(
                ("pre_add", "pre_update", "pre_delete", "post_add", "post_update", "post_delete")
            )
        if isinstance(node, ast.Attribute) and node.attr == "commit":
            raise AssertionError(f"{path.relative_to(ROOT)}:{node.lineno} commit")


@pytest.mark.parametrize(
    "path", [p for p in SOURCES if p.name == "rules.py" or p.parent.name == "rules"], ids=str
)
def test_rules_ask_neither_clock_nor_chance(path):
    forbidden = {"datetime.now", "date.today", "time.time", "random", "secrets", "uuid"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            if isinstance(node, ast.Import):
                names = {a.name for a in node.names}
            else:
                names = {node.module or ""}
            assert not names & {"random", "secrets", "uuid", "time"}, path
        if isinstance(node, ast.Attribute):
            assert ast.unparse(node) not in forbidden, f"{path}:{node.lineno}"


def test_generated_screens_derive_from_ours_only():
    stock = {"ModelView", "ModelRestApi", "MasterDetailView", "MultipleView", "RestCRUDView"}
    for path in SOURCES:
        if path.name == "crud.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("flask_appbuilder"):
                assert not {a.name for a in node.names} & stock, path


def test_only_config_reads_the_environment():
    allowed = {"supervisor"}
    for path in SOURCES:
        if allowed & set(path.parts):
            continue
        text = path.read_text(encoding="utf-8")
        assert "os.environ" not in text, path
        assert "os.getenv" not in text, path


def test_every_error_code_has_a_sentence(app):
    from app.security.explain import known_codes

    raised: dict[str, str] = {}
    names = {"Refused", "NotFound", "Forbidden", "Stale", "refused", "Refusal"}
    for path in SOURCES:
        if {"engine", "verifier", "kernel", "supervisor"} & set(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in names
                and node.args
            ):
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    raised.setdefault(first.value, f"{path.relative_to(ROOT)}:{node.lineno}")
    missing = {code: where for code, where in raised.items() if code not in known_codes()}
    assert missing == {}


def test_every_menu_line_leads_somewhere_and_has_a_drawing(app):
    from app.security.menu import menu

    sprite = (ROOT / "app/static/vendor/tabler-icons/sprite.svg").read_text()
    for item in menu:
        assert item.endpoint in app.view_functions, item
        assert f'id="{item.icon}"' in sprite, item.icon
