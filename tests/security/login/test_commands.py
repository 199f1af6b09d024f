"""What an operator does at the command line, logged."""

from __future__ import annotations

import json
from datetime import timedelta

from tests.security.login.people import account_of, change, lines, log_in, password_of


def run(app, *arguments):
    return app.test_cli_runner().invoke(args=["accounts", *arguments])


def test_an_account_is_unlocked_with_a_reason(app, clock, client_as, home):
    change(app, "police_clerk", locked_until=clock.now() + timedelta(minutes=9), fail_login_count=5)
    assert run(app, "unlock", "police_clerk", "--reason", "x").exit_code == 1
    found = run(app, "unlock", "police_clerk", "--reason", "电话核实", "--json")
    assert found.exit_code == 0, found.output
    assert json.loads(found.output) == {"account": "police_clerk", "locked": False}
    assert lines("account_unlocked", 1)[0].detail == "电话核实"
    assert log_in(client_as(None), "police_clerk", password_of(home)).status_code == 302


def test_a_first_password_is_printed_once_and_has_to_be_changed(app, client_as):
    found = run(app, "reset-password", "police_clerk", "--reason", "遗忘密码", "--json")
    assert found.exit_code == 0, found.output
    word = json.loads(found.output)["first_password"]
    assert account_of("police_clerk").must_change_password
    client = client_as(None)
    assert log_in(client, "police_clerk", word).status_code == 302
    assert client.get("/").location == "/me/password"
    assert all(word not in str(line) for line in lines())
    assert "遗忘密码" in {line.detail for line in lines("password_changed")}


def test_an_unknown_name_is_a_sentence_and_an_exit_code(app):
    found = run(app, "unlock", "nobody", "--reason", "电话核实")
    assert found.exit_code == 1
    assert "nobody" in found.output
