"""Whoever may write every table is still found out."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.audit.commands import group
from app.audit.tree import Growth, nodes_of
from app.db import db
from tests.audit.conftest import publish


def _one(sql: str):
    with db.engine.connect() as connection:
        return connection.execute(text(sql)).scalar()


def test_an_untouched_log_is_good(happen, verify):
    happen(7)
    happen(6)
    verdict = verify()
    assert (verdict.verdict, verdict.first_bad) == ("ok", None), verdict.detail
    assert verdict.entries == _one("SELECT count(*) FROM event")
    assert verdict.head == _one("SELECT encode(root, 'hex') FROM log_head ORDER BY size DESC LIMIT 1")


def test_the_tables_refuse_changes_from_the_application(happen):
    happen(3)
    for statement in ("UPDATE event SET actor = 'x'", "DELETE FROM sealed_entry", "TRUNCATE log_node"):
        with db.engine.connect() as connection, pytest.raises(Exception, match="append-only"):
            connection.execute(text(statement))


CHANGES = {
    "a changed event": ("UPDATE event SET data = '{{\"n\": 99}}' WHERE id = {id}",),
    "a moved time": ("UPDATE event SET at = at + interval '1 day' WHERE id = {id}",),
    "another actor": ("UPDATE event SET actor = 'u1' WHERE id = {id}",),
    "a deleted event": ("DELETE FROM event WHERE id = {id}",),
    "a deleted entry": ("DELETE FROM sealed_entry WHERE event_id = {id}",),
    "both deleted": ("DELETE FROM sealed_entry WHERE event_id = {id}", "DELETE FROM event WHERE id = {id}"),
    "two exchanged": (
        "UPDATE sealed_entry SET event_id = -1 WHERE index = {index}",
        "UPDATE sealed_entry SET event_id = {id} WHERE index = {index} + 1",
        "UPDATE sealed_entry SET event_id = {id} + 1 WHERE index = {index}",
    ),
    "one put in between": (
        "UPDATE sealed_entry SET index = -index - 1 WHERE index >= {index}",
        "UPDATE sealed_entry SET index = -index WHERE index < 0",
        "INSERT INTO event (id, at, actor, tag, subject, data) OVERRIDING SYSTEM VALUE"
        " VALUES (999999, now(), 'x', 'test.happened', 'test:x', '{{}}')",
        "INSERT INTO sealed_entry (index, event_id, leaf) VALUES ({index}, 999999, '\\x00')",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_first_bad_entry_is_named(happen, verify, superuser, change):
    happen(9)
    happen(4)
    index = _one("SELECT max(index) FROM sealed_entry") - 8
    event_id = _one(f"SELECT event_id FROM sealed_entry WHERE index = {index}")
    superuser(*[statement.format(id=event_id, index=index) for statement in CHANGES[change]])
    verdict = verify()
    assert (verdict.verdict, verdict.first_bad) == ("FAIL", index), verdict.detail


def test_a_change_with_its_leaf_is_found_by_the_tree(happen, verify, superuser):
    happen(12)
    index = (_one("SELECT max(index) FROM sealed_entry") - 6) // 2 * 2
    _forge(superuser, index, with_nodes=False)
    verdict = verify()
    assert (verdict.verdict, verdict.first_bad) == ("FAIL", index), verdict.detail


def test_a_log_rewritten_throughout_is_found_by_its_heads(happen, verify, superuser):
    happen(5)
    before = _one("SELECT max(size) FROM log_head")
    happen(7)
    _forge(superuser, before + 3, with_nodes=True)
    verdict = verify()
    assert (verdict.verdict, verdict.first_bad) == ("FAIL", before), verdict.detail
    assert "head" in verdict.detail


def _forge(superuser, index: int, with_nodes: bool) -> None:
    """Change an event, its leaf and, with nodes, every node above it."""
    from app.audit.entries import leaf_of

    event_id = _one(f"SELECT event_id FROM sealed_entry WHERE index = {index}")
    superuser(f"UPDATE event SET actor = 'forged' WHERE id = {event_id}")
    with db.engine.connect() as connection:
        event = connection.execute(text(f"SELECT * FROM event WHERE id = {event_id}")).one()
        leaf = leaf_of(event, index)
        leaves = [
            row.leaf for row in connection.execute(text("SELECT leaf FROM sealed_entry ORDER BY index"))
        ]
    superuser(f"UPDATE sealed_entry SET leaf = '\\x{leaf.hex()}' WHERE index = {index}")
    if with_nodes:
        leaves[index] = leaf
        growth = Growth(0, [])
        made = [pair for each in leaves for pair in growth.append(each)]
        superuser(
            *[
                f"UPDATE log_node SET hash = '\\x{digest.hex()}' WHERE (level, position) = {node}"
                for node, digest in made
            ]
        )


def test_a_log_that_was_cut_off_is_found_by_the_published_heads(happen, verify, superuser):
    happen(5)
    size = _one("SELECT max(size) FROM log_head")
    happen(5)
    superuser(
        f"DELETE FROM event WHERE id IN (SELECT event_id FROM sealed_entry WHERE index >= {size})",
        f"DELETE FROM sealed_entry WHERE index >= {size}",
        f"DELETE FROM log_node WHERE (position + 1) << level > {size}",
        f"DELETE FROM log_head WHERE size > {size}",
    )
    verdict = verify()
    assert (verdict.verdict, verdict.first_bad) == ("FAIL", size), verdict.detail
    assert "cut off" in verdict.detail


def test_a_head_signed_with_another_key_is_found(happen, verify, superuser):
    happen(5)
    mark = "\u2014 evenhand.portal/log "
    superuser(f"UPDATE log_head SET note = replace(note, '{mark}', '{mark}A')")
    assert verify().verdict == "FAIL"


def test_an_event_slipped_in_before_sealed_ones_is_found_once_the_window_is_over(
    happen, verify, superuser, clock
):
    happen(3)
    last = _one("SELECT max(event_id) FROM sealed_entry")
    at = clock.now() - timedelta(seconds=61)
    superuser(
        f"INSERT INTO event (id, at, actor, tag, subject, data) OVERRIDING SYSTEM VALUE"
        f" VALUES ({last} - 100000, '{at.isoformat()}', 'x', 'test.happened', 'test:x', '{{}}')"
    )
    verdict = verify()
    assert (verdict.verdict, verdict.first_bad) == ("FAIL", 0), verdict.detail


def test_the_unsealed_tail_is_told_with_its_age(happen, verify, clock):
    happen(2)
    happen(3, seal=False)
    clock.advance(seconds=61)
    verdict = verify()
    assert verdict.verdict == "ok"
    assert "3 events wait" in verdict.detail and "61 s" in verdict.detail and "ticker" in verdict.detail


def test_a_damaged_line_of_the_published_heads_is_told(happen, verify, log_app):
    happen(2)
    path = log_app.extensions["settings"].log_key_dir / "heads.jsonl"
    path.write_text("nonsense\n" + path.read_text())
    assert "line 1" in verify().detail


def test_the_command_prints_the_fixed_fields_and_its_exit_code_tells(happen, log_app, superuser):
    happen(4)
    runner = log_app.test_cli_runner()
    good = runner.invoke(group, ["verify", "--json"])
    assert good.exit_code == 0
    assert set(json.loads(good.output)) == {"entries", "head", "verdict", "first_bad", "detail"}
    superuser("UPDATE event SET actor = 'x' WHERE id = (SELECT max(id) FROM event)")
    bad = runner.invoke(group, ["verify", "--json"])
    assert bad.exit_code == 1
    assert json.loads(bad.output)["first_bad"] == json.loads(good.output)["entries"] - 1
    assert "verdict    FAIL" in runner.invoke(group, ["verify"]).output


def test_a_torn_line_is_written_anew(happen, verify, log_app):
    happen(2)
    path = log_app.extensions["settings"].log_key_dir / "heads.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    assert publish(log_app) == 1
    assert path.read_bytes() == whole
    assert verify().verdict == "ok"


def test_the_right_edge_names_as_many_nodes_as_the_size_has_ones():
    assert [len(nodes_of(0, size)) for size in (0, 1, 6, 7, 8)] == [0, 1, 2, 3, 1]
