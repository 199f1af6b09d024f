"""What lay there in plain before 0002: sealed by the migration, opened again by its opposite.

The generated part of the migration turns the columns into bytes (`convert_to`) and back; here the bytes become
sealed values with their digests, a batch at a time. The rows' history and the reports of imports get a marker in
place of the old values; files waiting for their import, which hold them too, are sealed as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    BigInteger,
    LargeBinary,
    TableClause,
    and_,
    bindparam,
    column,
    func,
    literal,
    or_,
    select,
    table,
    text,
    type_coerce,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.engine import Connection
from sqlalchemy.types import Text

from app.db.history import MARKER
from app.security.protection.digests import digest_of, tail_of, text_digest_of
from app.security.protection.keyring import current_keyring

AT_ONCE = 2000
COLUMNS = {
    "ab_user": ("phone",),
    "target": ("phone", "home_address"),
    "inspector": ("phone",),
    "expert": ("phone",),
}
"""What 0001 held in plain."""
DIGESTS = {"phone": {"digest": digest_of, "tail": tail_of}, "home_address": {"digest": text_digest_of}}
FILES = "import_run.content"
HEADINGS = (
    "phone", "联系电话", "电话", "联系方式", "手机", "手机号码", "telephone",
    "home_address", "经营者住址", "家庭住址", "home address",
)  # fmt: skip
"""What the columns were called in files of those days."""
CLEAN_REPORTS = text(
    "UPDATE import_run SET report = jsonb_set(report, '{errors}', ("
    "SELECT jsonb_agg(CASE WHEN line->>'column' = ANY(:headings) AND line->>'value' <> '' "
    "THEN jsonb_set(line, '{value}', to_jsonb(CAST(:marker AS text))) ELSE line END) "
    "FROM jsonb_array_elements(report->'errors') AS line)) "
    "WHERE jsonb_typeof(report->'errors') = 'array' AND jsonb_array_length(report->'errors') > 0"
)

Change = Callable[[bytes, str], bytes]


def protect(connection: Connection) -> None:
    """Seal what is there, and take it out of the history of rows and out of the reports of imports."""
    for name in COLUMNS:
        _rewrite(connection, name, current_keyring().seal_bytes, _digests)
    _rewrite_files(connection, current_keyring().seal_bytes)
    _clean_history(connection)
    connection.execute(CLEAN_REPORTS, {"headings": list(HEADINGS), "marker": MARKER})


def unprotect(connection: Connection) -> None:
    """Back to plain bytes; what was taken out of histories and reports does not come back."""
    for name in COLUMNS:
        _rewrite(
            connection, name, current_keyring().open_bytes, lambda place, plain: dict.fromkeys(_names(place))
        )
    _rewrite_files(connection, current_keyring().open_bytes)


def _rewrite(
    connection: Connection, name: str, change: Change, beside: Callable[[str, bytes], dict[str, Any]]
) -> None:
    """Every row with something in a sealed column through `change`, without a trace in the history."""
    rows = _bare(name)
    c = rows.c
    some = or_(*(func.octet_length(c[sealed]) > 0 for sealed in COLUMNS[name]))
    batch = select(c.id, *(c[sealed] for sealed in COLUMNS[name])).order_by(c.id).limit(AT_ONCE)
    connection.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER USER"))
    last = 0
    while found := connection.execute(batch.where(and_(c.id > last, some))).mappings().all():
        changed = [{"row_id": row["id"], **_changed(name, row, change, beside)} for row in found]
        values = {key: bindparam(key) for key in changed[0] if key != "row_id"}
        connection.execute(update(rows).where(c.id == bindparam("row_id")).values(values), changed)
        last = found[-1]["id"]
    connection.execute(text(f"ALTER TABLE {name} ENABLE TRIGGER USER"))


def _bare(name: str) -> TableClause:
    """The table as it is, past the types that seal and open."""
    sealed = COLUMNS[name]
    digests = [digest for each in sealed for digest in _names(f"{name}.{each}")]
    return table(name, column("id", BigInteger), *(column(each, LargeBinary) for each in (*sealed, *digests)))


def _changed(
    name: str, row: Any, change: Change, beside: Callable[[str, bytes], dict[str, Any]]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for sealed in COLUMNS[name]:
        there = bytes(row[sealed] or b"")
        values[sealed] = None if row[sealed] is None else change(there, f"{name}.{sealed}")
        values.update(beside(f"{name}.{sealed}", there))
    return values


def _names(place: str) -> list[str]:
    sealed = place.partition(".")[2]
    return [f"{sealed}_{suffix}" for suffix in DIGESTS[sealed]]


def _digests(place: str, plain: bytes) -> dict[str, Any]:
    sealed = place.partition(".")[2]
    return {f"{sealed}_{suffix}": make(plain.decode(), place) for suffix, make in DIGESTS[sealed].items()}


def _rewrite_files(connection: Connection, change: Change) -> None:
    files = table("import_run", column("id", BigInteger), column("content", LargeBinary))
    for run_id in connection.execute(select(files.c.id).where(files.c.content.is_not(None))).scalars().all():
        one = files.c.id == run_id
        content = connection.execute(select(files.c.content).where(one)).scalar_one()
        connection.execute(update(files).where(one).values(content=change(bytes(content), FILES)))


def _clean_history(connection: Connection) -> None:
    """Append-only for everybody else: its trigger rests for this one time."""
    history = table("row_history", column("table_name"), column("before", JSONB), column("after", JSONB))
    connection.execute(text("ALTER TABLE row_history DISABLE TRIGGER USER"))
    for name, columns in COLUMNS.items():
        for sealed in columns:
            path = type_coerce([sealed], ARRAY(Text))
            for side in (history.c.before, history.c.after):
                covered = func.jsonb_set(side, path, func.to_jsonb(literal(MARKER)))
                there = side[sealed].astext.not_in(["", MARKER])
                connection.execute(
                    update(history).where(history.c.table_name == name, there).values({side.name: covered})
                )
    connection.execute(text("ALTER TABLE row_history ENABLE TRIGGER USER"))
