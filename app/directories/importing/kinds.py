"""What can be imported. A directory registers its kind; reading, mapping, comparing in batches, the job, the pages,
templates and the undo are the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select

from app.db import Unit
from app.directories.rules import ImportMode
from app.directories.undoing.rules import Conflict
from app.kernel.errors import Fault
from app.kernel.spreadsheet import Column, SheetRow
from app.security.rules import RoleName


@dataclass(frozen=True)
class Options:
    """How one file is taken: into whose rows, by which key, what happens with known rows, under which cause.

    `agency_id` None: into the base directory, where the kind has one.
    """

    agency_id: int | None = None
    mode: ImportMode = ImportMode.UPDATE
    key: str = "code"
    cause: str = ""


@dataclass
class Change:
    """One row to write. `row_id` None: a new one. `values`: plain JSON values of the columns that are written; of a
    known row only those that differ, `before` then holds what stood there. `version`: of the row compared with.
    `contested`: what the file says and does not write, because whoever said what stands there has precedence:
    {column: [said, what stands there, by whom]}. `agreed`: columns in which file and directory agree again.
    """

    key: str
    values: dict[str, Any]
    sheet: str = ""
    row: int = 0
    label: str = ""
    row_id: int | None = None
    version: int | None = None
    before: dict[str, Any] = field(default_factory=dict)
    contested: dict[str, list[Any]] = field(default_factory=dict)
    agreed: list[str] = field(default_factory=list)


@dataclass
class Compared:
    """What some rows would do. `keys`: under which keys their known rows stand (beside those in the file)."""

    changes: list[Change] = field(default_factory=list)
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


Pair = tuple[SheetRow, Any]


@dataclass(frozen=True)
class ImportKind:
    """One kind of rows.

    :param check_row: `(row, words) -> (entry or None, faults)`: the directory's one validator
    :param write: `(unit, changes, options) -> int`: write them; how many were, fewer when a row is another by now
    :param template: `(unit, agency_id) -> {column: words}`: what the drop-downs of the template offer
    :param permission: `(unit, agency_id)`: raises Refused when the actor may not import there
    :param key_choices: (name, label) of the ways in which known rows are recognised; the first is usual
    :param compare: `(unit, [(row, entry)], options, words) -> Compared`
    :param words: `(unit, options)`: what `check_row` needs, once per batch
    :param key_of: `(row, entry or None, options) -> str`: what may stand once in the file; empty: unknown
    :param prepare: `(unit, rows, options, words) -> faults`: fill in the cells of rows that are known by another key
    :param missing: `(unit, options, named) -> select of id, key, label`: what a sync closes; `named`: the keys in the
        file, something with a column `key`
    :param close: `(unit, options, named) -> int`: close them
    :param display: `(unit, changes) -> (column, value) -> str`: stored values as a person reads them; as column
        `said_by` whoever said one
    :param tables: whose history the undo reads
    :param event: tag of the event that is left behind
    :param own_rows: `(roles, agency_id) -> agency_id`: into whose rows a person's page imports
    :param fixable: columns for which one value may be given for all rows that say nothing of it; those that the
        template offers words for are among them anyway
    :param may_undo: `(unit, cause)`: raises Refused when what the file has written has gone on since
    :param inner: values that the difference does not show; None: what a directory keeps for itself
    :param kept, restore: values that stand in tables of their own; `(unit, changes) -> conflicts` puts them back
    """

    key: str
    columns: tuple[Column, ...]
    check_row: Callable[[SheetRow, Any], tuple[Any | None, list[Fault]]]
    write: Callable[[Unit, Sequence[Change], Options], int]
    template: Callable[[Unit, int | None], Mapping[str, Iterable[str]]]
    permission: Callable[[Unit, int | None], None]
    key_choices: tuple[tuple[str, Any], ...]
    compare: Callable[[Unit, Sequence[Pair], Options, Any], Compared]
    words: Callable[[Unit, Options], Any]
    key_of: Callable[[SheetRow, Any, Options], str]
    title: Any = _l("Import")
    back: str = ""
    labels: Mapping[str, Any] = field(default_factory=dict)
    tables: tuple[str, ...] = ()
    event: str = ""
    roles: frozenset[RoleName] = frozenset({RoleName.AGENCY_ADMIN})
    modes: tuple[ImportMode, ...] = (ImportMode.UPDATE, ImportMode.ADD)
    prepare: Callable[[Unit, Sequence[SheetRow], Options, Any], Sequence[Fault]] | None = None
    missing: Callable[[Unit, Options, Any], Select[Any]] | None = None
    close: Callable[[Unit, Options, Any], int] | None = None
    display: Callable[[Unit, Sequence[Change]], Callable[[str, Any], str]] | None = None
    own_rows: Callable[[frozenset[str], int | None], int | None] = lambda roles, agency_id: agency_id
    fixable: tuple[str, ...] = ()
    may_undo: Callable[[Unit, str], None] | None = None
    inner: frozenset[str] | None = None
    kept: tuple[str, ...] = ()
    restore: Callable[[Unit, Sequence[Change]], list[Conflict]] | None = None

    def key_field(self, options: Options) -> str:
        """The column under which a fault of the key stands."""
        return next((c.name for c in self.columns if c.name == options.key), self.columns[0].name)

    def fixables(self, words: Mapping[str, Any]) -> list[Column]:
        """Columns that may get one value for all rows. `words`: what the template offers."""
        return [c for c in self.columns if c.name in self.fixable or c.name in words]

    def label(self, name: str) -> Any:
        """The word for a column on pages: the kind's own, else the first of its headings."""
        if name in self.labels:
            return self.labels[name]
        return next((c.headings[0] for c in self.columns if c.name == name), name)


import_kinds: dict[str, ImportKind] = {}


def add_import_kind(kind: ImportKind) -> ImportKind:
    """:raises ValueError: when another kind holds the key"""
    known = import_kinds.get(kind.key)
    if known is not None and known.check_row.__module__ != kind.check_row.__module__:
        raise ValueError(f"the import kind {kind.key!r} is registered twice")
    import_kinds[kind.key] = kind
    return kind
