"""One act of a page: the unit of work around it, and what to say when it is not allowed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from flask_babel import gettext as _

from app.db import Unit
from app.kernel.errors import DomainError, Fault, Invalid, NotFound, Stale
from app.security.context import request_unit
from app.security.explain import explain, explain_fault
from app.security.refusals import remember

T = TypeVar("T")


@dataclass
class Outcome(Generic[T]):
    """`done` with what the act gave, or the sentences that say why not; faults of fields stand in the
    form.
    """

    done: bool
    value: T | None = None
    sentences: list[str] = field(default_factory=list)


def perform(act: Callable[[Unit], T], form: Any = None) -> Outcome[T]:
    """Run `act` in the person's unit of work. The form keeps what was entered, with its errors.

    :raises NotFound: what is not there or not yours stays a page of its own
    """
    try:
        with request_unit() as unit:
            return Outcome(True, act(unit))
    except NotFound:
        raise
    except Invalid as error:
        return Outcome(False, sentences=[*_on_fields(error.faults, form)] or _unless_marked(error))
    except Stale as error:
        return Outcome(False, sentences=[explain(error), *_differences(error, form)])
    except DomainError as error:
        remember(error)
        return Outcome(False, sentences=[explain(error)])


def _unless_marked(error: Invalid) -> list[str]:
    return [] if error.faults else [explain(error)]


def _on_fields(faults: list[Fault], form: Any) -> list[str]:
    """Put each fault beside its field; the sentences of those that have no field."""
    left = []
    for fault in faults:
        sentence = explain_fault(fault)
        found = getattr(form, fault.field, None) if form is not None else None
        if found is not None and hasattr(found, "errors"):
            found.errors = [*found.errors, sentence]
        else:
            left.append(sentence)
    return left


def _differences(error: Stale, form: Any) -> list[str]:
    return [
        _(
            "%(field)s: now “%(theirs)s”, you entered “%(yours)s”",
            field=_label(form, change["field"]),
            theirs=change["theirs"],
            yours=change["yours"],
        )
        for change in error.facts.get("changes", [])
    ]


def _label(form: Any, name: str) -> str:
    found = getattr(form, name, None) if form is not None else None
    return str(found.label.text) if hasattr(found, "label") else _(name)
