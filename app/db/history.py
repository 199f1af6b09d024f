"""Row history by database trigger: whoever writes, and however (ORM, bulk, raw SQL, COPY), leaves before and after.

`install_sql(tables)` is what a migration runs. Staging tables and the log's own tables are not watched.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import UtcDateTime, pk

UNWATCHED = frozenset(
    {
        "row_history",
        "event",
        "sealed_entry",
        "log_head",
        "outbox",
        "import_run",
        "import_batch",
        "import_key",
        "undo_conflict",
        "bulk_edit_fault",
        "directory_export",
        "invite_batch",
        "invitation",
        "login_session",
        "past_password",
        "key_challenge",
        "recovery_code",
        "schedule_run",
        "job_progress",
        "sso_link",
        "sso_state",
        "totp_factor",
        "log_node",
        "draw_file",
        "dossier_file",
        "recusal_evidence",
        "source_row",
        "source_push",
        "source_conflict",
        "internal_code_counter",
        "alembic_version",
        "ab_permission",
        "ab_view_menu",
        "ab_permission_view",
        "ab_permission_view_role",
        "ab_register_user",
    }
)


# Sealed columns, by name: their bytes differ at every sealing, so what counts is the keyed digest beside them,
# `<name>_digest`; of both the history keeps only that a value was there and that it changed.
SEALED = ("phone", "home_address")
MARKER = "*"
# Mails and messages carry links that open something once: `body` and `link` of theirs are left out as well.
_LEFT_OUT = ["search_grams", "search_initials", "password", *SEALED, *(f"{name}_tail" for name in SEALED)]


class RowHistory(Base):
    """One change of one row. `row_id` is the primary key as text; of a row without a key of its own, the key of
    the membership or of the person that it hangs on.
    """

    __tablename__ = "row_history"
    __table_args__ = (
        CheckConstraint("op IN ('INSERT', 'UPDATE', 'DELETE')", name="op_known"),
        Index("ix_row_history_subject", "table_name", "row_id", "id"),
        # What the difference feed of the directory follows, in the order of transactions.
        Index(
            "ix_row_history_targets",
            "txid",
            "id",
            postgresql_where=text("table_name IN ('target', 'target_code')"),
        ),
        Index(
            "ix_row_history_cause", "cause", "table_name", "id", postgresql_where=text("cause IS NOT NULL")
        ),
    )
    id: Mapped[int] = pk()
    at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    table_name: Mapped[str] = mapped_column(String(63), nullable=False)
    row_id: Mapped[str] = mapped_column(String(80), nullable=False)
    op: Mapped[str] = mapped_column(String(6), nullable=False)
    actor: Mapped[str] = mapped_column(Text, nullable=False)
    txid: Mapped[int] = mapped_column(BigInteger, nullable=False)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    cause: Mapped[str | None] = mapped_column(Text)
    """The act that changed many rows at once ("bulk:12", "import:7"): `Unit.because` says it."""


# On an update only the columns that changed are kept: a directory of a million rows is not stored twice.
FUNCTION_SQL = f"""
CREATE OR REPLACE FUNCTION keep_history() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  b jsonb; a jsonb; rid text; covered text;
  who text := coalesce(nullif(current_setting('portal.actor', true), ''), 'sql:' || session_user);
BEGIN
  IF TG_OP <> 'INSERT' THEN b := to_jsonb(OLD) - ARRAY{_LEFT_OUT}; END IF;
  IF TG_OP <> 'DELETE' THEN a := to_jsonb(NEW) - ARRAY{_LEFT_OUT}; END IF;
  rid := coalesce(
    a->>'id', b->>'id', a->>'code', b->>'code', a->>'membership_id', b->>'membership_id',
    a->>'user_id', b->>'user_id', ''
  );
  IF TG_TABLE_NAME IN ('mail', 'message') THEN
    b := b - ARRAY['body', 'link']; a := a - ARRAY['body', 'link'];
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF a = b THEN RETURN NULL; END IF;
    SELECT jsonb_object_agg(key, value) INTO b FROM jsonb_each(b) e WHERE a->e.key IS DISTINCT FROM e.value;
    SELECT jsonb_object_agg(e.key, a->e.key) INTO a FROM jsonb_object_keys(coalesce(b, '{{}}'::jsonb)) AS e(key);
  END IF;
  FOREACH covered IN ARRAY ARRAY{list(SEALED)} LOOP
    IF b ? (covered || '_digest') THEN
      b := b || jsonb_build_object(covered, CASE WHEN b->>(covered || '_digest') IS NOT NULL THEN '{MARKER}' END);
      b := b - (covered || '_digest');
    END IF;
    IF a ? (covered || '_digest') THEN
      a := a || jsonb_build_object(covered, CASE WHEN a->>(covered || '_digest') IS NOT NULL THEN '{MARKER}' END);
      a := a - (covered || '_digest');
    END IF;
  END LOOP;
  INSERT INTO row_history(at, table_name, row_id, op, actor, txid, before, after, cause)
  VALUES (clock_timestamp(), TG_TABLE_NAME, rid, TG_OP, who, txid_current(), b, a,
          nullif(current_setting('portal.cause', true), ''));
  RETURN NULL;
END $$
"""  # noqa: S608 (names of columns, from the code)

# What stands while the tables are older than the column `cause` (earlier releases' migrations, and the way back).
CAUSELESS_SQL = FUNCTION_SQL.replace("before, after, cause)", "before, after)").replace(
    """, b, a,
          nullif(current_setting('portal.cause', true), ''));""",
    ", b, a);",
)

APPEND_ONLY_SQL = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""


def install_sql(tables: list[str], cause: bool = True) -> list[str]:
    """Statements that watch the tables.

    :param cause: whether the history has its column `cause` yet
    """
    return [FUNCTION_SQL if cause else CAUSELESS_SQL] + [
        f'CREATE OR REPLACE TRIGGER keep_history AFTER INSERT OR UPDATE OR DELETE ON "{t}" '
        "FOR EACH ROW EXECUTE FUNCTION keep_history()"
        for t in tables
    ]


def append_only_sql(tables: list[str]) -> list[str]:
    """Statements that refuse UPDATE, DELETE and TRUNCATE on the tables."""
    statements = [APPEND_ONLY_SQL]
    for table in tables:
        statements.append(
            f'CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON "{table}" '
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        statements.append(
            f'CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    return statements
