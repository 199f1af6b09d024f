"""The second wall: row-level security in PostgreSQL, made from the walls of the choke point.

`install` turns every `scoped(...)` into policies for the role `portal_scoped`, under which `app.db.rows` lets
every transaction run that is not system work. A release calls it, so that a changed wall needs no migration;
what stands already is left alone. A subselect over another table becomes a function that runs as the tables'
owner (`wall_task_1f3a...()`): policies cannot recurse, and the planner calls it once per statement.

`WITHOUT` names the tables whose wall is the choke point alone. A policy is a security barrier: criteria that
are not leakproof (`LIKE`, `@>`, `->>`) are no longer answered from an index, so that a search of a million
targets by name took 250 to 480 ms instead of 1.2 ms, and one of a low-code list reads all of its rows. The
directories of inspectors and recusals are looked up by ids and dates, which are leakproof: they have policies.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, inspect, literal_column, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import aliased
from sqlalchemy.sql import visitors
from sqlalchemy.sql.selectable import ScalarSelect

from app.db.rows import ROLE
from app.db.watch import APPEND_ONLY
from app.security.scoping import Wall, walls_by_table
from app.security.sqlscope import SqlScope
from app.supervisor.errors import SupervisorError

WITHOUT = frozenset({"target", "list_record"})
LOCK = 7_301_003
BY_HAND = (f"CREATE ROLE {ROLE} NOLOGIN", f"GRANT {ROLE} TO {{user}}")
"""What whoever administers the database server runs once, when the portal's own account may not."""

_CALL = "(SELECT id FROM {}() AS id)"
_DIALECT = postgresql.dialect(paramstyle="named")


@dataclass(frozen=True)
class Made:
    """Everything that `install` puts up: name of the function, or (table, policy), to the statement."""

    functions: dict[str, str] = field(default_factory=dict)
    policies: dict[tuple[str, str], str] = field(default_factory=dict)


def generated() -> Made:
    """The functions and policies that follow from the registered walls.

    :raises ValueError: for a wall with a subselect that refers to the row itself; write `column IN (...)`
    """
    made = Made()
    for table, wall in sorted(walls_by_table().items()):
        if table not in WITHOUT:
            _add(made, table, wall)
    return made


def _add(made: Made, table: str, wall: Wall) -> None:
    row = aliased(wall.model, name=table)
    read, check = (_sql(made, row, rule(row, SqlScope())) for rule in (wall.read, wall.check))
    for name, rules in (
        ("wall_read", f"FOR SELECT TO {ROLE} USING ({read})"),
        ("wall_insert", f"FOR INSERT TO {ROLE} WITH CHECK ({check})"),
        # A lock (SELECT ... FOR UPDATE) is an update to PostgreSQL: whoever reads a row may lock it.
        ("wall_change", f"FOR UPDATE TO {ROLE} USING ({read}) WITH CHECK ({check})"),
        ("wall_remove", f"FOR DELETE TO {ROLE} USING (({read}) AND ({check}))"),
    ):
        made.policies[table, name] = f'CREATE POLICY {name} ON "{table}" {rules}'


def _sql(made: Made, row: Any, criterion: ColumnElement[bool]) -> str:
    """The criterion as text, its subselects over tables moved into functions."""
    own = inspect(row).selectable

    def outlined(element: Any, **_: Any) -> Any:
        tables = (
            [t for t in visitors.iterate(element) if isinstance(t, Table)] if _is_subselect(element) else []
        )
        if not tables:
            return None
        if any(getattr(part, "table", None) is own for part in visitors.iterate(element)):
            raise ValueError(f"a wall refers to its own row within a subselect: {element}")
        body = _text(element.element)
        name = f"wall_{tables[0].name}_{hashlib.sha256(body.encode()).hexdigest()[:8]}"
        kind = element.type.compile(_DIALECT)
        made.functions[name] = (
            f"CREATE FUNCTION {name}() RETURNS SETOF {kind} LANGUAGE sql STABLE PARALLEL SAFE "
            f"SECURITY DEFINER SET search_path = public, pg_temp AS $wall$ {body} $wall$"
        )
        return literal_column(_CALL.format(name), element.type)

    return _text(visitors.replacement_traverse(criterion, {}, outlined))


def _is_subselect(element: Any) -> bool:
    return isinstance(element, ScalarSelect)


def _text(element: Any) -> str:
    return str(element.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True}))


def install(connection: Connection) -> None:
    """Put role, rights, functions and policies up as the walls say now. Safe to repeat; touches only what differs.

    :raises SupervisorError: when the role is missing and this account may not make it
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    _make_role(connection)
    tables = _tables(connection)
    made = _for_tables(generated(), tables)
    for statement in _rights(tables):
        connection.exec_driver_sql(statement)
    standing = _standing(connection)
    wanted = {key: _mark(statement) for key, statement in made.policies.items()}
    for table, name in standing.policies.keys() - {
        k for k, v in wanted.items() if standing.policies.get(k) == v
    }:
        connection.exec_driver_sql(f'DROP POLICY {name} ON "{table}"')
    for name in standing.functions.keys() - made.functions.keys():
        connection.exec_driver_sql(f"DROP FUNCTION {name}()")
    for name in sorted(made.functions.keys() - standing.functions.keys()):
        _make_function(connection, name, made.functions[name])
    for key, statement in made.policies.items():
        if standing.policies.get(key) != wanted[key]:
            table, name = key
            connection.exec_driver_sql(statement.replace("%", "%%"))
            connection.exec_driver_sql(f"COMMENT ON POLICY {name} ON \"{table}\" IS '{wanted[key]}'")
    walled = {table for table, _ in made.policies}
    for table, is_walled in _switches(connection).items():
        if is_walled != (table in walled):
            verb = "ENABLE" if table in walled else "DISABLE"
            connection.exec_driver_sql(f'ALTER TABLE "{table}" {verb} ROW LEVEL SECURITY')


def remove(connection: Connection) -> None:
    """Take policies and functions away; the role stays, other databases of the server may use it."""
    standing = _standing(connection)
    for table, name in standing.policies:
        connection.exec_driver_sql(f'DROP POLICY {name} ON "{table}"')
    for table, is_walled in _switches(connection).items():
        if is_walled:
            connection.exec_driver_sql(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
    for name in standing.functions:
        connection.exec_driver_sql(f"DROP FUNCTION {name}()")


def _make_role(connection: Connection) -> None:
    known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": ROLE}).scalar()
    member = (
        known
        and connection.execute(
            text("SELECT pg_has_role(current_user, :role, 'MEMBER')"), {"role": ROLE}
        ).scalar()
    )
    if member:
        return
    user = connection.execute(text("SELECT quote_ident(current_user)")).scalar_one()
    statements = [one.format(user=user) for one in (BY_HAND[1:] if known else BY_HAND)]
    try:
        with connection.begin_nested():
            for statement in statements:
                connection.exec_driver_sql(statement)
    except ProgrammingError as fault:
        raise SupervisorError(
            f"The portal's database account may not make the role {ROLE}, under which PostgreSQL keeps people "
            f"from rows outside their scope. The server's administrator runs once: {'; '.join(statements)};"
        ) from fault


def _rights(tables: Iterable[str]) -> list[str]:
    """The role reads and writes rows; what is append-only it adds to, and the row history it reads only."""
    kept = sorted(set(APPEND_ONLY) & set(tables))
    return [
        f"GRANT USAGE ON SCHEMA public TO {ROLE}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {ROLE}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {ROLE}",
        *(f'REVOKE UPDATE, DELETE ON "{table}" FROM {ROLE}' for table in kept),
        *(
            f'REVOKE INSERT, UPDATE, DELETE ON "{table}" FROM {ROLE}'
            for table in ("row_history", "alembic_version")
            if table in tables
        ),
    ]


def _make_function(connection: Connection, name: str, statement: str) -> None:
    connection.exec_driver_sql(statement.replace("%", "%%"))
    connection.exec_driver_sql(f"REVOKE ALL ON FUNCTION {name}() FROM PUBLIC")
    connection.exec_driver_sql(f"GRANT EXECUTE ON FUNCTION {name}() TO {ROLE}")


def _for_tables(made: Made, tables: set[str]) -> Made:
    """A migration from before a table came has nothing to put its wall on."""
    policies = {key: statement for key, statement in made.policies.items() if key[0] in tables}
    used = "\n".join(policies.values())
    return Made({n: s for n, s in made.functions.items() if f"{n}()" in used}, policies)


def _tables(connection: Connection) -> set[str]:
    return set(_switches(connection))


def _switches(connection: Connection) -> dict[str, bool]:
    rows = connection.execute(
        text(
            "SELECT relname, relrowsecurity FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
    )
    return {row.relname: row.relrowsecurity for row in rows}


def _standing(connection: Connection) -> Made:
    """What stands in the database: functions, and policies with the mark of the statement that made them."""
    functions = connection.execute(
        text(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname LIKE :name"
        ).bindparams(bindparam("name", r"wall\_%"))
    ).scalars()
    policies = connection.execute(
        text(
            "SELECT c.relname, p.polname, obj_description(p.oid, 'pg_policy') FROM pg_policy p"
            " JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = 'public'::regnamespace"
        )
    )
    return Made(dict.fromkeys(functions, ""), {(table, name): mark or "" for table, name, mark in policies})


def _mark(statement: str) -> str:
    return hashlib.sha256(statement.encode()).hexdigest()[:16]
