"""What people are told about a draw."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.db import Unit
from app.draws.models import Contribution, Draw
from app.kernel.clock import SHANGHAI, today
from app.notifications.services import notify, register_template
from app.security.models import Account
from app.security.queries import people
from app.security.rules import RoleName

register_template(
    "draw.contribute",
    subject=_l("Contribution to the draw %(no)s: please commit until %(until)s"),
    body=_l(
        "The list of “%(task)s” is frozen. You are a witness of the draw %(no)s. Please commit your "
        "random number "
        "until %(until)s: your browser makes the commitment, the number itself stays with you until "
        "all have committed."
    ),
)
register_template(
    "draw.reveal",
    subject=_l("Draw %(no)s: please reveal your random number"),
    body=_l("All witnesses of the draw %(no)s (“%(task)s”) have committed. Please reveal your number now."),
)
register_template(
    "draw.ready",
    subject=_l("Draw %(no)s: all contributions are there"),
    body=_l("All witnesses have revealed their numbers. The draw %(no)s (“%(task)s”) can be run now."),
)
register_template(
    "draw.void_asked",
    subject=_l("Draw %(no)s: please confirm that it is void"),
    body=_l("%(agency)s asks to declare the draw %(no)s (“%(task)s”) void: %(reason)s"),
)


def witness_people(unit: Unit, row: Contribution) -> list[Account]:
    """Who may contribute: the person named, or the clerks of the agency."""
    if row.user is not None:
        return [row.user]
    return people(unit.session, row.agency_id or 0, {RoleName.CLERK}, today(unit.clock))


def ask_witnesses(unit: Unit, draw: Draw, kind: str) -> None:
    context = {
        "no": draw.draw_no,
        "task": draw.task.name,
        "until": draw.until.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if draw.until else "",
    }
    link = f"/draws/{draw.draw_no}/contribute"
    for row in draw.contributions:
        notify(unit, witness_people(unit, row), kind, f"{kind}:{draw.draw_no}:{row.witness}", context, link)


def tell_initiator(unit: Unit, draw: Draw) -> None:
    clerks = people(unit.session, draw.task.initiator_id, {RoleName.CLERK}, today(unit.clock))
    context = {"no": draw.draw_no, "task": draw.task.name}
    notify(unit, clerks, "draw.ready", f"draw.ready:{draw.draw_no}", context, f"/draws/{draw.draw_no}/draw")


def ask_auditors(unit: Unit, draw: Draw) -> None:
    auditors = [row.user for row in draw.contributions if row.user is not None]
    context = {
        "no": draw.draw_no,
        "task": draw.task.name,
        "agency": draw.task.initiator.name,
        "reason": draw.void_reason,
    }
    link = f"/draws/{draw.draw_no}/void"
    notify(unit, auditors, "draw.void_asked", f"draw.void_asked:{draw.draw_no}", context, link)
