"""Columns that hold personal data: the sealed value, and beside it the digests by which it is found.

    phone: Mapped[str] = mapped_column(Encrypted("target.phone"), nullable=False, default="")
    phone_digest: Mapped[bytes | None] = number_digest("target.phone")
    phone_tail: Mapped[bytes | None] = number_tail("target.phone")

and `keep_digests(Target)` below the class: a changed value gets its digests at the flush.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Table, event, false, inspect
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import MappedColumn, mapped_column
from sqlalchemy.sql import operators
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.security.protection import digests
from app.security.protection.keyring import current_keyring

Digest = Callable[[str | None, str], bytes | None]
_ANSWERABLE = frozenset({operators.is_, operators.is_not})


class Encrypted(TypeDecorator[str]):
    """Text that lies sealed in the database. Goes in and comes out in plain; None stays None, "" stays empty.

    :param place: `table.column`, bound into every value: a value carried elsewhere does not open
    """

    impl = LargeBinary
    cache_ok = True

    class Comparator(TypeDecorator.Comparator[str]):
        """Every sealing differs, so comparing would find nothing: said here instead of found out later."""

        def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
            if op in _ANSWERABLE:
                return super().operate(op, *other, **kwargs)
            raise TypeError("a sealed column is not compared or sorted; look for its digest (has_number)")

    comparator_factory = Comparator  # type: ignore[assignment]

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: str | None, dialect: Any) -> bytes | None:
        return None if value is None else current_keyring().seal(value, self.place)

    def process_result_value(self, value: bytes | None, dialect: Any) -> str | None:
        return None if value is None else current_keyring().open(value, self.place)

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        return self


class EncryptedBytes(TypeDecorator[bytes]):
    """A file that lies sealed in the database."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: bytes | None, dialect: Any) -> bytes | None:
        return None if value is None else current_keyring().seal_bytes(value, self.place)

    def process_result_value(self, value: bytes | None, dialect: Any) -> bytes | None:
        return None if value is None else current_keyring().open_bytes(bytes(value), self.place)


@dataclass(frozen=True)
class _Source:
    """In a digest column's `info`: of which sealed column, and how it is made."""

    column: str
    place: str
    make: Digest


def number_digest(place: str, **column: Any) -> MappedColumn[Any]:
    """The digest of the whole number."""
    return _digest(place, digests.digest_of, column)


def number_tail(place: str) -> MappedColumn[Any]:
    """The digest of the last four characters."""
    return _digest(place, digests.tail_of, {"index": True})


def text_digest(place: str) -> MappedColumn[Any]:
    """The digest of a text that nobody searches: equal texts are seen to be equal."""
    return _digest(place, digests.text_digest_of, {})


def _digest(place: str, make: Digest, column: dict[str, Any]) -> MappedColumn[Any]:
    source = _Source(place.rpartition(".")[2], place, make)

    def at_insert(context: DefaultExecutionContext) -> bytes | None:
        return make(context.get_current_parameters().get(source.column), place)

    return mapped_column(LargeBinary, nullable=True, default=at_insert, info={"digest_of": source}, **column)


def sources(table: Table) -> dict[str, _Source]:
    """The digest columns of a table, by name."""
    return {c.name: c.info["digest_of"] for c in table.columns if "digest_of" in c.info}


def sealed(table: Table) -> dict[str, str]:
    """The sealed columns of a table: name and place."""
    return {c.name: c.type.place for c in table.columns if isinstance(c.type, (Encrypted, EncryptedBytes))}


def keep_digests(model: type[Any]) -> None:
    """A changed value takes its digests with it; an inserted one has them from the columns' defaults."""
    made = sources(model.__table__)

    @event.listens_for(model, "before_update", propagate=True)
    def follow(mapper: Any, connection: Any, row: Any) -> None:
        state = inspect(row)
        for name, source in made.items():
            if state.attrs[source.column].history.has_changes():
                setattr(row, name, source.make(getattr(row, source.column), source.place))


def has_number(model: type[Any], text: str, column: str = "phone") -> ColumnElement[bool]:
    """Rows whose number is `text`, or ends with it when it has four characters."""
    place = f"{model.__table__.name}.{column}"
    which, wanted = digests.sought(text, place)
    return model.__table__.c[f"{column}_{which}"] == wanted if wanted is not None else false()
