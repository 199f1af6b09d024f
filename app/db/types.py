"""Column types and constraint makers that all tables share."""

from __future__ import annotations

from datetime import datetime, timezone
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Identity
from sqlalchemy.orm import MappedColumn, mapped_column
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """`timestamptz`; takes aware values only and gives them back in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        return value.astimezone(timezone.utc)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.astimezone(timezone.utc)


def pk() -> MappedColumn[int]:
    """The usual primary key: a 64-bit identity."""
    return mapped_column(BigInteger, Identity(), primary_key=True)


def state_check(column: str, states: type[StrEnum], name: str | None = None) -> CheckConstraint:
    """The database's own copy of a state enumeration, as a named CHECK."""
    quoted = ", ".join(f"'{s.value}'" for s in states)
    return CheckConstraint(f"{column} IN ({quoted})", name=name or f"{column}_known")
