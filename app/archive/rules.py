"""When a task may close, when its dossiers are built, and what they are called. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.inspections.rules import Settlement
from app.inspections.rules import may_close as forms_are_settled
from app.kernel.decisions import ALLOWED, Allowed, Decision, refused
from app.regulation import implements

VOLATILE = "bundle.zip"
"""The bundle carries the latest head of the log, so its bytes change although the draw does not."""


@implements("R-26.1", "R-29.1")
def may_close(found: Settlement, open_follow_ups: int) -> Decision:
    """Every drawn target is visited, and every form is published or exempted (R-26.1).

    :param open_follow_ups: do not hold the task: they add an edition when they end (R-29.1)
    """
    decision = forms_are_settled(found)
    return Allowed({"open_follow_ups": open_follow_ups}) if decision else decision


@implements("R-29.1")
def may_build(task_state: str) -> Decision:
    """Dossiers are built from the closing on; a task that is archived gets further editions."""
    if task_state in {"closed", "archived"}:
        return ALLOWED
    return refused("task_not_closed", rule="R-29.1")


@implements("R-29.1")
def dossier_no(task_no: str, agency_code: str, edition: int) -> str:
    return f"{task_no}-{agency_code}-{edition}"


@implements("R-29.1")
def says_the_same(old: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]]) -> bool:
    """Whether two lists of contents differ in nothing but the bundle's head of the log."""
    return _substance(old) == _substance(new)


def _substance(contents: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    kept = {}
    for line in contents:
        path = str(line["path"])
        if not path.endswith(VOLATILE) and path not in {"00-contents.docx"}:
            kept[path] = str(line["sha256"])
    return kept
