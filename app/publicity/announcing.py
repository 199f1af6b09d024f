"""Registered in the places of lower domains: what they make public is queued in the same transaction."""

from __future__ import annotations

from typing import Any

from app.db import Unit
from app.draws.models import Draw
from app.draws.places import after_event
from app.inspections import after_approval, after_follow_up
from app.inspections.models import CheckForm, FollowUp
from app.inspections.national import after_approval as after_national
from app.inspections.national.models import NationalResult
from app.inspections.rules import FormState
from app.item_lists import after_publication as after_list
from app.plans import after_publication as after_plan
from app.publicity import services
from app.tasks.models import Task
from app.tasks.places import after_cancelled

SHOWN = frozenset({"frozen", "committed", "closing", "revealed", "drawn", "opened", "void"})
"""Steps of a draw that the public sees; a request to void it, or a replacement, is not one."""


def list_published(unit: Unit, item_list: Any) -> None:
    services.publish_list(unit, item_list)


def plan_published(unit: Unit, plan: Any) -> None:
    services.publish_plan(unit, plan)


def draw_moved(unit: Unit, draw: Draw, step: str) -> None:
    if step in SHOWN:
        services.publish_draw(unit, draw)


def result_approved(unit: Unit, form: CheckForm) -> None:
    services.publish_result(unit, form)


def national_approved(unit: Unit, result: NationalResult) -> None:
    services.publish_national(unit, result)


def problem_corrected(unit: Unit, case: FollowUp) -> None:
    """A correction shows beside the result that it belongs to, where that is public."""
    if case.form.state == FormState.PUBLISHED:
        services.publish_result(unit, case.form)


def task_cancelled(unit: Unit, task: Task) -> None:
    services.publish_cancellation(unit, task)


def register() -> None:
    after_list.add(list_published)
    after_plan.add(plan_published)
    after_event.add(draw_moved)
    after_approval.add(result_approved)
    after_national.add(national_approved)
    after_follow_up.add(problem_corrected)
    after_cancelled.add(task_cancelled)
