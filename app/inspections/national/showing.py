"""Stored values of tasks and results in words, whatever they refer to: a query per kind of reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.directories.inspectors.models import Inspector
from app.directories.targets.models import Target
from app.inspections.models import Disposition, ResultVocabulary
from app.inspections.national.intake.loading import numbers, texts
from app.inspections.national.models import NationalTask

Values = Mapping[str, Any]


def texts_of(session: Session, rows: Sequence[Values]) -> list[dict[str, str]]:
    """The same rows, every value as a person reads it; what is not within reach shows as its key."""
    names = names_for(session, rows)
    return [{name: text_of(name, value, names) for name, value in row.items()} for row in rows]


def names_for(session: Session, rows: Sequence[Values]) -> dict[str, dict[Any, str]]:
    """Names by column and key."""

    def used(column: str) -> set[Any]:
        return {row[column] for row in rows if row.get(column)}

    people = {number for row in rows for number in row.get("inspector_ids") or ()}
    codes = used("disposition_code")
    by_code = select(Disposition.code, Disposition.text).where(Disposition.code == func.any(texts(codes)))
    return {
        "target_id": _named(session, Target.id, Target.name, used("target_id")),
        "task_id": _named(session, NationalTask.id, NationalTask.name, used("task_id")),
        "result_id": _named(session, ResultVocabulary.id, ResultVocabulary.text, used("result_id")),
        "inspector_ids": _named(session, Inspector.id, Inspector.name, people),
        "disposition_code": dict(session.execute(by_code).all()) if codes else {},
    }


def _named(session: Session, key: Any, name: Any, ids: set[int]) -> dict[Any, str]:
    return dict(session.execute(select(key, name).where(key == func.any(numbers(ids)))).all()) if ids else {}


def text_of(name: str, value: Any, names: Mapping[str, Mapping[Any, str]]) -> str:
    """:param names: as `names_for` gives them"""
    if value is None or value == "" or value == []:
        return ""
    if name == "random":
        return _("Yes") if value else _("No")
    if name == "items":
        return "；".join(value)
    if name == "inspector_ids":
        return "、".join(names[name].get(number, str(number)) for number in value)
    return str(names[name].get(value, value)) if name in names else str(value)
