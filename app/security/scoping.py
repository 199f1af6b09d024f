"""The choke point: every ORM select gets the scope's criteria, every flush is checked.

A model is registered once, `scoped(Model, read=..., write=...)`, beside its own definition.
Subqueries inside a criterion are written over `Model.__table__`, so that they are not narrowed again.
The scope is read from the session (`session.info["scope"]`, set by the unit of work or the request);
a session without one sees nothing. Core statements go through `scoped_select`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, event, false, inspect, select, true
from sqlalchemy.orm import LoaderCriteriaOption, ORMExecuteState, Session, with_loader_criteria

from app.db import as_owner
from app.kernel.errors import NotFound
from app.security.criteria import ScopeCriteria
from app.security.scope import Scope

Read = Callable[[type[Any], Scope], ColumnElement[bool]]
Write = Callable[[Any, Scope], bool]
Within = Callable[[type[Any], Scope, Collection[int]], ColumnElement[bool]]


@dataclass(frozen=True)
class Wall:
    model: type[Any]
    read: Read
    write: Write
    check: Read
    within: Within | None = None


_walls: dict[type[Any], Wall] = {}
_by_table: dict[str, Wall] = {}
_edition: object = object()
"""Another object whenever a wall comes or goes."""
MOST_SCOPES = 256
"""Scopes whose criteria are kept ready; they depend on nothing but the scope's value and the walls."""


def scoped(
    model: type[Any], *, read: Read, write: Write, check: Read | None = None, within: Within | None = None
) -> None:
    """Register how the rows of `model` are bound to a scope.

    :param read: `(model_or_alias, scope) -> SQL criterion`; not called for system work. Written over columns
        and what `SqlScope` offers: PostgreSQL keeps the same wall (`app.security.rowsecurity`)
    :param write: `(row, scope) -> bool`: whether the scope may insert, change or delete this row
    :param check: `write` as a criterion, for PostgreSQL; without it whoever may read may write there
    :param within: `read` and the question for some regions in one criterion (see `scoped_select`)
    """
    global _edition
    wall = Wall(model, read, write, check or read, within)
    _walls[model] = wall
    _edition = object()
    _by_table.setdefault(inspect(model).local_table.name, wall)


def forget(model: type[Any]) -> None:
    """Take the wall of a model away that was mapped at run time and is no longer served."""
    global _edition
    _walls.pop(model, None)
    _edition = object()


def scoped_models() -> dict[type[Any], Wall]:
    return dict(_walls)


def walls_by_table() -> dict[str, Wall]:
    """The wall of each table; a model that is mapped at run time shares its table's."""
    return dict(_by_table)


def criterion(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    """The criterion of one model under one scope, over its table: over the model, the ORM would add it again."""
    if scope.everything:
        return true()
    return _walls[model].read(_columns(model), scope)


def _columns(model: type[Any]) -> Any:
    return inspect(model).local_table.c


def scope_of(session: Session) -> Scope:
    return session.info.get("scope") or Scope.nothing()


def scoped_select(
    session: Session, model: type[Any], *columns: Any, regions: Collection[int] | None = None
) -> Select[Any]:
    """A Core select over the model's table with the scope's criterion; for bulk reads and COPY.

    :param regions: only rows of these regions, for a model whose wall has `within`. Asked for beside the wall,
        the regions would count twice in what the planner expects, and a page of a million rows be sorted
    """
    scope = scope_of(session)
    statement = select(*(columns or (model.__table__,)))
    if regions is None:
        return statement.where(criterion(model, scope))
    within = _walls[model].within
    if within is None:
        raise TypeError(f"{model.__name__} has no wall by regions")
    return statement.where(within(_columns(model), scope, regions))


@contextmanager
def unscoped(session: Session, reason: str) -> Iterator[Session]:
    """Look past the scope for one lookup that the code itself guards; the reason is named."""
    before = session.info.get("scope")
    session.info["scope"] = Scope.system(reason)
    try:
        yield session
    finally:
        session.info["scope"] = before


@event.listens_for(Session, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> Any:
    if not (state.is_select or state.is_update or state.is_delete):
        return None
    scope = scope_of(state.session)
    if not scope.everything:
        option = _criteria(scope, _edition)
        if option not in getattr(state.statement, "_with_options", ()):
            state.statement = state.statement.options(option)
        if state.is_column_load:
            # Columns of a row that was read within reach: a rollback expires them, and a form is shown again.
            with as_owner(state.session):
                return state.invoke_statement()
    return None


@lru_cache(maxsize=MOST_SCOPES)
def _criteria(scope: Scope, edition: object) -> ScopeCriteria:
    """The criteria of all models under a scope; walls that come or go at run time make another edition."""
    return ScopeCriteria(_single(scope))


def _single(scope: Scope) -> list[LoaderCriteriaOption]:
    return [
        with_loader_criteria(model, wall.read(model, scope), include_aliases=True)
        for model, wall in list(_walls.items())
    ]


@event.listens_for(Session, "before_flush")
def _guard(session: Session, context: Any, instances: Any) -> None:
    scope = scope_of(session)
    if scope.everything:
        return
    changed = [o for o in session.dirty if session.is_modified(o)]
    for row in [*session.new, *changed, *session.deleted]:
        wall = _walls.get(type(row))
        if wall is not None and not wall.write(row, scope):
            raise NotFound("not_in_scope", kind=inspect(type(row)).local_table.name)
        _guard_references(session, row, scope)


def _guard_references(session: Session, row: Any, scope: Scope) -> None:
    """Every foreign key into a scoped table must point at a row that the scope may see, by column."""
    state = inspect(row)
    for column in state.mapper.local_table.columns:
        for key in column.foreign_keys:
            wall = _by_table.get(key.column.table.name)
            if wall is None:
                continue
            prop = state.mapper.get_property_by_column(column)
            history = state.attrs[prop.key].history
            value = history.added[0] if history.added else None
            if value is None or _is_new(session, wall.model, value):
                continue
            seen = session.execute(
                select(true())
                .select_from(wall.model.__table__)
                .where(key.column == value, wall.read(wall.model, scope))
                .limit(1),
                execution_options={"no_autoflush": True},
            ).scalar()
            if not seen:
                raise NotFound("not_in_scope", kind=wall.model.__tablename__)


def _is_new(session: Session, model: type[Any], value: Any) -> bool:
    return any(isinstance(o, model) and inspect(o).identity in (None, (value,)) for o in session.new)


def by_agency(name: str = "agency_id") -> tuple[Read, Write]:
    """The usual wall: read what belongs to an agency within reach, write what belongs to the own one."""

    def read(model: type[Any], scope: Scope) -> ColumnElement[bool]:
        return getattr(model, name).in_(scope.readable_agency_ids)

    def write(row: Any, scope: Scope) -> bool:
        return getattr(row, name) in scope.agency_ids

    return read, write


def own_agency(name: str = "agency_id") -> Read:
    """The write half of `by_agency` as a criterion."""

    def check(model: type[Any], scope: Scope) -> ColumnElement[bool]:
        return getattr(model, name).in_(scope.agency_ids)

    return check


def parent_of(row: Any, name: str) -> Any:
    """The row that another hangs on; for one that was just taken out of its list, the one it hung on."""
    found = getattr(row, name)
    if found is None:
        taken_out = inspect(row).attrs[name].history.deleted
        found = taken_out[0] if taken_out else None
    return found


def nobody(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return false()


def anybody(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return true()
