"""What stood in plain before 0002 is sealed by it, and stands there again after the way back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from app.db import db
from app.security.protection.keyring import current_keyring
from app.web import create_app
from app.web.chrome import MIGRATIONS
from tests import servers
from tests.conftest import _settings

PHONE, HOME, STAFF, EXPERT, OWN = (
    "13912345678",
    "金凤区正源北街1号",
    "0951-6041234",
    "13800000001",
    "13700000002",
)
ROWS = """
INSERT INTO region(code, name, name_en, level, path) VALUES ('640000', '宁夏', '', 'region', '640000');
INSERT INTO line_of_business(code, name, short_name, name_en) VALUES ('amr', '市场监管', '市监', '');
INSERT INTO agency(code, name, name_en, region_id, line_code, is_office, active)
  SELECT 'AMR-640000', '厅', '', id, 'amr', false, true FROM region;
INSERT INTO target_kind(code, name, name_en, classified, uscc_prefixes, position)
  VALUES ('enterprise', '企业', '', true, '{}', 0);
INSERT INTO target(code, code_kind, name, kind, region_id, address, legal_representative, contact, phone,
  home_address, status, risk_class, tags, source, updated_at)
  SELECT c, 'internal', c, 'enterprise', id, '', '', '', CASE c WHEN 'T1' THEN '13912345678' ELSE '' END,
  CASE c WHEN 'T1' THEN '金凤区正源北街1号' ELSE '' END, 'active', 'N', '{}', 'base', now()
  FROM region, unnest(ARRAY['T1', 'T2']) AS c;
INSERT INTO inspector(certificate_no, name, agency_id, unit, position, phone, certified, leader, load, regions,
  specialties, active)
  SELECT 'Z1', '王', id, '', '', '0951-6041234', false, false, 0, '{640000}', '{}', true FROM agency;
INSERT INTO expert(code, name, institution, qualification, specialties, phone, agency_id, active)
  SELECT 'E1', '李', '院', '', '{}', '13800000001', id, true FROM agency;
INSERT INTO ab_user(id, first_name, last_name, username, email, phone) VALUES
  (1, '', '', 'a', 'a@x', '13700000002'), (2, '', '', 'b', 'b@x', NULL);
INSERT INTO import_run(kind, file_name, content, mode, state, report, created_at) VALUES ('targets', 'f.csv',
  '13912345678', 'update', 'checked',
  '{"errors": [{"column": "联系电话", "value": "13912345678 错"}, {"column": "名称", "value": "甲"}]}', now());
INSERT INTO row_history(at, table_name, row_id, op, actor, txid, before, after) VALUES
  (now(), 'target', '1', 'UPDATE', 'u1', 1, '{"phone": "13912345679", "name": "甲"}', '{"phone": "13912345678"}'),
  (now(), 'target', '1', 'UPDATE', 'u1', 1, '{"phone": ""}', '{"phone": "13912345679"}');
"""
PLAIN = (PHONE, HOME, STAFF, EXPERT, OWN, "13912345679")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Flask]:
    url = servers.create_database_from_template("protect")
    app = create_app(_settings(url, tmp_path))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    servers.drop_database(url.rpartition("/")[2])


def _dump() -> str:
    """Everything that is stored, byte columns as text."""
    tables = ["target", "inspector", "expert", "ab_user", "row_history", "import_run"]
    with db.engine.connect() as connection:
        found = [
            str(row)
            for name in tables
            for row in connection.execute(text(f"SELECT to_jsonb(t)::text FROM {name} t"))  # noqa: S608
        ]
    return "\n".join(found)


def _values(app: Flask) -> list[str | None]:
    query = text(
        "SELECT phone FROM target UNION ALL SELECT home_address FROM target UNION ALL SELECT phone FROM inspector "
        "UNION ALL SELECT phone FROM expert UNION ALL SELECT phone FROM ab_user ORDER BY 1"
    )
    with db.engine.connect() as connection:
        return list(connection.execute(query).scalars())


def _to(revision: str) -> None:
    db.session.remove()
    with db.engine.connect() as connection:
        now = connection.execute(text("SELECT to_regclass('alembic_version')")).scalar()
        at = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if now else "0"
    (upgrade if revision > (at or "0") else downgrade)(directory=str(MIGRATIONS), revision=revision)


def test_rows_in_plain_survive_up_down_and_up_again(empty: Flask) -> None:
    _to("0001")
    with db.engine.begin() as connection:
        connection.connection.driver_connection.execute(ROWS)
    before = _values(empty)
    assert all(plain in _dump() for plain in PLAIN)
    for _ in range(2):
        _to("0002")
        stored = _dump()
        hexed = [plain.encode().hex() for plain in PLAIN]
        assert [plain for plain in (*PLAIN, *hexed) if plain in stored] == []
        ring = current_keyring()
        with db.engine.connect() as connection:
            row = connection.execute(
                text("SELECT phone, home_address, phone_digest, phone_tail FROM target WHERE code = 'T1'")
            ).one()
            file = connection.execute(text("SELECT content, report FROM import_run")).one()
        assert ring.open(bytes(row.phone), "target.phone") == PHONE
        assert ring.open(bytes(row.home_address), "target.home_address") == HOME
        assert bytes(row.phone_digest) == ring.digest(PHONE, "target.phone")
        assert bytes(row.phone_tail) == ring.digest("5678", "target.phone/tail")
        assert ring.open_bytes(bytes(file.content), "import_run.content") == PHONE.encode()
        assert [line["value"] for line in file.report["errors"]] == ["*", "甲"]
        _to("0001")
        assert _values(empty) == before


def test_sealing_leaves_no_trace_of_its_own_in_the_history(empty: Flask) -> None:
    _to("0001")
    with db.engine.begin() as connection:
        connection.connection.driver_connection.execute(ROWS)
    count = text("SELECT table_name, count(*) FROM row_history GROUP BY 1 ORDER BY 1")
    with db.engine.connect() as connection:
        before = dict(connection.execute(count).all())
    _to("0002")
    with db.engine.connect() as connection:
        assert {k: v for k, v in connection.execute(count).all() if k in before} == before
        changes = connection.execute(
            text(
                "SELECT before, after FROM row_history WHERE table_name = 'target' AND op = 'UPDATE' ORDER BY id"
            )
        ).all()
    assert [tuple(change) for change in changes] == [
        ({"phone": "*", "name": "甲"}, {"phone": "*"}),
        ({"phone": ""}, {"phone": "*"}),
    ]
