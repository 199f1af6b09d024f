"""The command line with what nobody should type: a sentence, the right exit code, never a trace."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import click
import pytest

GROUPS = ("import", "draw", "regulation", "audit", "demo")
REPORT = {"rows", "new", "changed", "unchanged", "closed", "bad", "errors", "committed"}
ERROR = {"sheet", "row", "column", "value", "code", "message"}


@pytest.fixture
def run(app):
    def invoke(*arguments: str):
        result = app.test_cli_runner().invoke(args=list(arguments))
        assert result.exception is None or isinstance(result.exception, SystemExit), arguments
        assert "Traceback" not in result.output
        return result

    return invoke


def _commands(group: click.Group, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))


def test_every_command_explains_itself_and_refuses_unknown_options(app, run):
    groups = {name: app.cli.commands[name] for name in GROUPS}
    found = [
        pair for name, group in groups.items() for pair in [((name,), group), *_commands(group, (name,))]
    ]
    assert len(found) > 12
    for path, command in found:
        answer = run(*path, "--help")
        assert answer.exit_code == 0, path
        assert command.help and command.help.split(".")[0].split()[0] in answer.output, path
        assert run(*path, "--no-such-option").exit_code == 2, path


@pytest.mark.parametrize("kind", ["targets", "inspectors", "items"])
def test_an_import_of_what_is_no_table_prints_the_report_and_ends_with_3(run, tmp_path, kind):
    samples = {
        "empty.csv": b"",
        "nul.csv": b"\x00\x01\x02",
        "utf16.csv": "名称,代码\n甲,乙\n".encode("utf-16"),
        "broken.xlsx": b"PK\x03\x04 no archive",
        "program.exe": b"MZ\x90",
        "headings.csv": "甲,乙\n1,2\n".encode(),
        "surrogate.csv": b"\xed\xa0\x80,\xff\n",
    }
    for name, content in samples.items():
        path = tmp_path / name
        path.write_bytes(content)
        answer = run("import", kind, str(path), "--json")
        report = json.loads(answer.stdout)
        assert answer.exit_code == 3, name
        assert report.keys() == REPORT, name
        assert report["committed"] is False and report["bad"] >= 1, name
        assert all(error.keys() == ERROR and error["message"] for error in report["errors"]), name


@pytest.mark.parametrize("kind", ["targets", "inspectors", "items"])
def test_an_import_names_what_it_does_not_know(run, tmp_path, kind):
    path = tmp_path / "a.csv"
    path.write_text("名称\n甲\n")
    assert run("import", kind).exit_code == 2
    assert run("import", kind, str(tmp_path / "none.csv")).exit_code == 2
    assert run("import", kind, str(tmp_path)).exit_code == 2
    assert run("import", kind, str(path), "--mode", "all").exit_code == 2
    assert run("import", kind, str(path), "--key", "name").exit_code == 2
    for wrong in (("--as", "nobody"), ("--as", "x" * 10_000), ("--agency", "NONE-1"), ("--agency", "")):
        answer = run("import", kind, str(path), *wrong)
        assert answer.exit_code == 1, wrong
        assert answer.stderr.startswith("Error: "), wrong


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_named(run, tmp_path):
    path = tmp_path / "closed.csv"
    path.write_text("名称\n")
    path.chmod(0)
    assert run("import", "targets", str(path)).exit_code == 2


def test_verifying_what_is_no_bundle_says_so(run, tmp_path):
    assert run("draw", "verify", str(tmp_path / "none.zip")).exit_code == 2
    assert run("draw", "verify", str(tmp_path)).exit_code == 2
    for name, content in (("empty.zip", b""), ("text.zip", b"no archive"), ("half.zip", b"PK\x03\x04")):
        path = tmp_path / name
        path.write_bytes(content)
        answer = run("draw", "verify", str(path), "--json")
        assert answer.exit_code in {1, 2}, name
        if answer.stdout:
            assert json.loads(answer.stdout)["verdict"] == "FAIL", name


def test_the_log_is_verified_in_the_shape_of_the_interface(run):
    answer = run("audit", "verify", "--json")
    report = json.loads(answer.stdout)
    assert report.keys() == {"entries", "head", "verdict", "first_bad", "detail"}
    assert (answer.exit_code == 0) == (report["verdict"] == "ok")


def test_draws_and_articles_that_are_not_there(run, tmp_path):
    out = str(tmp_path / "b.zip")
    for arguments in (
        ("draw", "bundle", "0000-2026-0001-1", "--out", out, "--as", "police_clerk"),
        ("draw", "bundle", "0000-2026-0001-1", "--out", out, "--as", "nobody"),
        ("demo", "who-is-matched", "0000-2026-0001-1"),
        ("regulation", "show", "999"),
        ("regulation", "show", "x"),
    ):
        answer = run(*arguments)
        assert answer.exit_code in {1, 2}, arguments
        assert "Error" in answer.stderr, arguments
    assert not os.path.exists(out)


def test_a_commitment_needs_a_hash_and_a_number(run):
    for arguments in (
        ("xyz", "W", "--number", "1"),
        ("ab" * 32, "W", "--number", ""),
        ("ab" * 32, "W", "--number", "1" * 500),
    ):
        assert run("draw", "commitment", *arguments).exit_code in {1, 2}, arguments
