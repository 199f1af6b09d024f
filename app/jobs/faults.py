"""A fault in words that the console may show: never the data that were in hand."""

from __future__ import annotations

import smtplib
import traceback

from sqlalchemy.exc import DBAPIError

from app.jobs.registry import GiveUp
from app.kernel.errors import DomainError
from app.security.explain import explain

LONGEST = 500


def fault_text(fault: Exception) -> str:
    """One line: the sentence of a refusal, otherwise the kind of fault and where it arose."""
    if isinstance(fault, DomainError):
        return explain(fault)[:LONGEST]
    if isinstance(fault, GiveUp):
        return str(fault)[:LONGEST]
    return f"{_what(fault)} · {_where(fault)}"[:LONGEST]


def _what(fault: Exception) -> str:
    """The name of the fault, with a number or a constraint's name; messages may quote rows or addresses."""
    name = type(fault).__name__
    if isinstance(fault, DBAPIError):
        diagnosis = getattr(fault.orig, "diag", None)
        state = getattr(fault.orig, "sqlstate", None) or ""
        return " ".join(filter(None, (name, state, getattr(diagnosis, "constraint_name", None))))
    if isinstance(fault, smtplib.SMTPResponseException):
        return f"{name} {fault.smtp_code}"
    if isinstance(fault, OSError) and fault.strerror:
        return f"{name}: {fault.strerror}"
    return name


def _where(fault: Exception) -> str:
    frames = traceback.extract_tb(fault.__traceback__)
    own = [frame for frame in frames if "/app/" in frame.filename.replace("\\", "/")]
    if not own:
        return "-"
    path = own[-1].filename.replace("\\", "/").rpartition("/app/")[2]
    return f"app/{path}:{own[-1].lineno}"
