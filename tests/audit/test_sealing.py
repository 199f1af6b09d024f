"""Sealing: the stored tree is RFC 6962's, proofs hold, heads are signed and stand outside the database."""

from __future__ import annotations

import os
import threading

import pytest
from sqlalchemy import text

from app.audit import notes
from app.audit.entries import entry
from app.audit.keys import KeyMissing, log_key, read_key
from app.audit.queries import (
    consistency_proof,
    inclusion_proofs,
    index_of,
    latest_head,
    latest_root,
    log_json,
    waiting,
)
from app.audit.sealing import seal_now
from app.audit.services import record
from app.audit.tree import EMPTY_ROOT
from app.db import Actor, db, unit_of_work
from app.kernel import canonical, merkle
from app.kernel.hashing import SHA256
from app.security.scope import Scope
from app.verifier import verify as verifier


def _leaves() -> list[bytes]:
    with db.engine.connect() as connection:
        return [row.leaf for row in connection.execute(text("SELECT leaf FROM sealed_entry ORDER BY index"))]


def _system(app):
    return unit_of_work(Actor.system(), Scope.system("test"), app.extensions["clock"])


@pytest.mark.rule("R-21.2")
def test_roots_and_proofs_agree_with_the_tree_over_all_leaves(happen):
    for count in (1, 2, 5, 8, 3):
        happen(count)
    session, leaves = db.session(), _leaves()
    head = latest_head(session)
    assert head.size == len(leaves)
    assert head.root == merkle.root(SHA256, leaves)
    size = len(leaves)
    proofs = inclusion_proofs(session, range(size), size)
    for index, leaf in enumerate(leaves):
        assert merkle.verify_inclusion(SHA256, leaf, index, size, proofs[index], head.root)
    for old in range(1, size + 1):
        proof = consistency_proof(session, old, size)
        old_root = merkle.root(SHA256, leaves[:old])
        assert merkle.verify_consistency(SHA256, old, size, proof, old_root, head.root)


def test_nothing_to_seal_makes_no_new_head(happen, log_app):
    happen(3)
    with _system(log_app) as unit:
        before = latest_head(unit.session).size
        assert seal_now(unit).size == before


def test_a_draw_gets_a_head_that_covers_what_its_own_transaction_recorded(log_app):
    with _system(log_app) as unit:
        event = record(unit, "draw.frozen", "draw:1", {"draw_no": "1", "plan_hash": "00" * 32})
        head = seal_now(unit)
        assert index_of(unit.session, event.id) == head.size - 1
        assert latest_root(unit.session) == head.root.hex()
        assert not (log_app.extensions["settings"].log_key_dir / "heads.jsonl").exists()
    assert (log_app.extensions["settings"].log_key_dir / "heads.jsonl").exists()


def test_a_seal_that_was_rolled_back_is_never_published(log_app):
    with pytest.raises(RuntimeError), _system(log_app) as unit:
        record(unit, "draw.frozen", "draw:1", {})
        seal_now(unit)
        raise RuntimeError
    assert not (log_app.extensions["settings"].log_key_dir / "heads.jsonl").exists()
    assert latest_head(db.session()) is None or latest_head(db.session()).size == len(_leaves())


def test_the_bundles_log_is_accepted_by_the_verifiers_own_reader(happen, log_app):
    happen(3)
    with _system(log_app) as unit:
        for tag in ("draw.frozen", "draw.drawn"):
            record(unit, tag, "draw:7", {"draw_no": "7"})
        seal_now(unit)
    happen(4)
    found = log_json(db.session(), "draw:7", log_app.extensions["settings"].log_key_dir)
    origin, size, root, others = verifier.read_note(found["head"], bytes.fromhex(found["key"]))
    root = bytes.fromhex(root) if isinstance(root, str) else root
    assert (origin, size) == ("evenhand.portal/log", len(_leaves()))
    assert [e["event"]["tag"] for e in found["entries"]] == ["draw.frozen", "draw.drawn"]
    for item in found["entries"]:
        leaf = merkle.leaf_hash(SHA256, canonical.dumps(item["event"]))
        path = [bytes.fromhex(h) for h in item["proof"]]
        assert merkle.verify_inclusion(SHA256, leaf, item["index"], size, path, root)
        assert item["event"]["seq"] == item["index"]


def test_before_the_first_event_the_root_is_the_empty_trees(log_app, superuser):
    superuser(*[f"DELETE FROM {table}" for table in ("log_head", "log_node", "sealed_entry")])
    assert latest_root(db.session()) == EMPTY_ROOT.hex()
    with pytest.raises(LookupError):
        log_json(db.session(), "draw:1", log_app.extensions["settings"].log_key_dir)


def test_two_who_seal_at_once_make_one_log(happen, log_app, verify):
    happen(40, seal=False)
    together = threading.Barrier(3)

    def seal() -> None:
        with log_app.app_context():
            together.wait()
            with _system(log_app) as unit:
                seal_now(unit)

    threads = [threading.Thread(target=seal) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verify().verdict == "ok"
    assert waiting(db.session(), log_app.extensions["clock"].now()).count == 0


def test_an_event_of_a_slow_transaction_is_sealed_when_it_comes(happen, log_app, verify):
    with db.engine.connect() as slow:
        slow.execute(
            text(
                "INSERT INTO event (at, actor, tag, subject, data)"
                " VALUES ('2026-11-23T01:00:00Z', 'x', 'test.slow', 'test:slow', '{}')"
            )
        )
        happen(5)
        slow.commit()
    happen(1)
    assert verify().verdict == "ok"
    with db.engine.connect() as connection:
        unsealed = (
            "SELECT count(*) FROM event e WHERE NOT EXISTS (SELECT FROM sealed_entry WHERE event_id = e.id)"
        )
        assert connection.execute(text(unsealed)).scalar() == 0


def test_data_that_cannot_be_sealed_are_refused_when_they_are_recorded(log_app):
    with pytest.raises(canonical.NotCanonical), _system(log_app) as unit:
        record(unit, "test.wrong", "test:1", {"ratio": 0.5})


def test_data_put_in_past_the_application_do_not_stop_the_seal(happen, log_app, verify):
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO event (at, actor, tag, subject, data)"
                " VALUES ('2026-11-23T01:00:00Z', 'x', 'test.wrong', 'test:1', '{\"ratio\": 0.5}')"
            )
        )
    happen(1)
    assert verify().verdict == "ok"


def test_the_key_is_made_once_and_closed_to_others(tmp_path):
    with pytest.raises(KeyMissing):
        read_key(tmp_path)
    first, second = log_key(tmp_path / "k"), log_key(tmp_path / "k")
    assert first.public == second.public
    assert os.stat(tmp_path / "k" / "log_ed25519.pem").st_mode & 0o777 == 0o600
    (tmp_path / "log_ed25519.pem").write_text("nothing")
    with pytest.raises(KeyMissing):
        read_key(tmp_path)


def test_a_note_is_read_with_its_key_only(tmp_path):
    key, other = log_key(tmp_path / "a"), log_key(tmp_path / "b")
    note = notes.write(5, EMPTY_ROOT, key.sign, key.public)
    assert notes.read(note, key.public) == notes.Checkpoint(5, EMPTY_ROOT)
    for wrong in (
        note.replace("\n5\n", "\n6\n"),
        note.replace("evenhand", "others"),
        note[:-5],
        "",
        "\n\n\n",
    ):
        with pytest.raises(notes.BadNote):
            notes.read(wrong, key.public)
    with pytest.raises(notes.BadNote):
        notes.read(note, other.public)


def test_an_entry_holds_what_the_bundle_convention_names(happen):
    happen(1)
    with db.engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM event ORDER BY id DESC LIMIT 1")).one()
    found = entry(row, 4)
    assert list(found) == ["seq", "at", "actor", "tag", "subject", "data"]
    assert (found["seq"], found["at"], found["data"]) == (4, "2026-11-23T01:00:00Z", {"n": 0, "名": "示例"})
