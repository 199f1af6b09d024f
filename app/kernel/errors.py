"""One tree of errors. Each carries a code and plain facts; the sentences stand in the domains' `messages.py`."""

from __future__ import annotations

from typing import Any


class DomainError(Exception):
    """Something the user can understand and act on.

    `code` names the sentence, `facts` fill it in. Both survive pickling, so a job can carry it back.
    """

    status = 409

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.code, self.facts))

    def __str__(self) -> str:
        if not self.facts:
            return self.code
        return f"{self.code} ({', '.join(f'{k}={v!r}' for k, v in sorted(self.facts.items()))})"


def _rebuild(kind: type[DomainError], code: str, facts: dict[str, Any]) -> DomainError:
    return kind(code, **facts)


class NotFound(DomainError):
    """Not there, or not yours: both look alike."""

    status = 404


class Forbidden(DomainError):
    """The person may see it, but this act belongs to another role or agency."""

    status = 403


class Refused(DomainError):
    """A rule of the regulation, or the state of the record, does not allow the act."""

    status = 409


class Stale(DomainError):
    """Somebody changed the record meanwhile. `facts['changes']` lists field, theirs, yours."""

    status = 409


class Invalid(DomainError):
    """Input with faults. `faults` is a list of `Fault`, all of them, not the first."""

    status = 422

    def __init__(self, code: str = "invalid", faults: list[Fault] | None = None, **facts: Any) -> None:
        super().__init__(code, **facts)
        self.faults = faults or []

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild_invalid, (self.code, self.faults, self.facts))


def _rebuild_invalid(code: str, faults: list[Fault], facts: dict[str, Any]) -> Invalid:
    return Invalid(code, faults, **facts)


class Fault:
    """One fault of one field: where, what was found, the code of the sentence and its facts."""

    __slots__ = ("code", "column", "facts", "field", "row", "sheet", "value")

    def __init__(
        self,
        field: str,
        code: str,
        *,
        value: Any = None,
        sheet: str | None = None,
        row: int | None = None,
        column: str | None = None,
        **facts: Any,
    ) -> None:
        self.field = field
        self.code = code
        self.value = value
        self.sheet = sheet
        self.row = row
        self.column = column
        self.facts = facts

    def __repr__(self) -> str:
        return f"Fault({self.field!r}, {self.code!r}, value={self.value!r}, row={self.row})"
