"""Who is told what about a task, and the personal links in the mails."""

from __future__ import annotations

from datetime import timedelta
from secrets import token_urlsafe
from typing import Any

from flask_babel import lazy_gettext as _l

from app.db import Unit
from app.kernel.clock import SHANGHAI, today
from app.notifications.services import notify, register_template
from app.security.models import Account
from app.security.queries import office_of, people
from app.security.rules import RoleName
from app.tasks.models import Participant, ResponseLink, Task
from app.tasks.queries import digest_of

register_template(
    "task.pushed",
    subject=_l("Please respond to task %(no)s by %(deadline)s"),
    body=_l(
        "%(initiator)s asks %(agency)s to take part in “%(name)s” (%(no)s).\n"
        "Please confirm the items and the scheme, or decline with a reason, by %(deadline)s: "
        "two working days after the push (article 23).\n"
        "The link is for you alone and can be used once; you are asked to log in."
    ),
)
register_template(
    "task.reminder",
    subject=_l("Reminder: task %(no)s waits for the response of %(agency)s until %(deadline)s"),
    body=_l(
        "“%(name)s” (%(no)s), pushed by %(initiator)s, has no response of %(agency)s yet. "
        "It is due by %(deadline)s (article 23); responses that stay overdue "
        "without a reason are made known by the regional office.\n"
        "The link is for you alone and can be used once; you are asked to log in."
    ),
)
register_template(
    "task.answered",
    subject=_l("%(agency)s: %(answer)s – task %(no)s"),
    body=_l("Response of %(agency)s to “%(name)s” (%(no)s): %(answer)s. The task is now: %(state)s."),
)
register_template(
    "task.released",
    subject=_l("%(agency)s was released from task %(no)s"),
    body=_l("%(initiator)s released %(agency)s from “%(name)s” (%(no)s). Reason: %(reason)s"),
)
register_template(
    "task.cancelled",
    subject=_l("Task %(no)s was cancelled"),
    body=_l("%(initiator)s cancelled “%(name)s” (%(no)s). Reason: %(reason)s"),
)


def deadline_text(participant: Participant) -> Any:
    """The last day with its 24:00, marked when no official calendar settles it yet."""
    assert participant.due_at is not None
    day = (participant.due_at - timedelta(seconds=1)).astimezone(SHANGHAI).date().isoformat()
    if participant.due_provisional:
        return _l("%(day)s 24:00 (provisional)", day=day)
    return _l("%(day)s 24:00", day=day)


def clerks(unit: Unit, agency_id: int) -> list[Account]:
    return people(unit.session, agency_id, {RoleName.CLERK}, today(unit.clock))


def ask_for_response(unit: Unit, task: Task, participant: Participant, kind: str) -> int:
    """Message and mail to every clerk of the participant, each with a link of the own; how many were told."""
    told = 0
    assert task.pushed_at is not None
    for account in clerks(unit, participant.agency_id):
        token = token_urlsafe(32)
        key = f"{kind}:{participant.id}:{int(task.pushed_at.timestamp())}"
        facts = {**_facts(task, participant), "deadline": deadline_text(participant)}
        if notify(unit, [account], kind, key, facts, f"/tasks/respond/{token}"):
            told += 1
            link = ResponseLink(
                digest=digest_of(token),
                participant=participant,
                user_id=account.id,
                created_at=unit.clock.now(),
            )
            unit.session.add(link)
    return told


def tell_initiator(unit: Unit, task: Task, participant: Participant, answer: Any, state: Any) -> None:
    facts = {**_facts(task, participant), "answer": answer, "state": state}
    key = f"task.answered:{participant.id}:{int(unit.clock.now().timestamp())}"
    notify(unit, clerks(unit, task.initiator_id), "task.answered", key, facts, f"/tasks/{task.id}")


def tell_released(unit: Unit, task: Task, participant: Participant) -> None:
    """The participant, and the office of the region (the reason is recorded)."""
    told = clerks(unit, participant.agency_id)
    office = office_of(unit.session, task.region_id)
    if office is not None:
        told = [*told, *people(unit.session, office.id, {RoleName.OFFICE_ADMIN}, today(unit.clock))]
    facts = {**_facts(task, participant), "reason": participant.release_reason}
    key = f"task.released:{participant.id}:{int(unit.clock.now().timestamp())}"
    notify(unit, told, "task.released", key, facts, f"/tasks/{task.id}")


def tell_cancelled(unit: Unit, task: Task) -> None:
    for participant in task.participants:
        facts = {**_facts(task, participant), "reason": task.cancel_reason}
        told = clerks(unit, participant.agency_id)
        notify(unit, told, "task.cancelled", f"task.cancelled:{participant.id}", facts, f"/tasks/{task.id}")


def _facts(task: Task, participant: Participant) -> dict[str, str]:
    return {
        "no": task.no,
        "name": task.name,
        "initiator": task.initiator.name,
        "agency": participant.agency.name,
    }
