"""Hand a mail over to the mail server; without one (demo) it stays in the portal's own mailbox."""

from __future__ import annotations

from typing import Any

from flask import current_app

from app.db import Unit
from app.jobs.registry import GiveUp, Progress, job
from app.notifications.models import Mail
from app.notifications.smtp import send

FICTIONAL = "@example.invalid"


@job("notifications.mail")
def deliver(unit: Unit, args: dict[str, Any], progress: Progress) -> None:
    """Once sent, never again; a mail server that does not answer makes the outbox try later."""
    mail = unit.session.get(Mail, args["mail"], with_for_update=True, populate_existing=True)
    if mail is None:
        raise GiveUp(f"There is no mail {args['mail']}.")
    if mail.sent_at is not None or mail.note:
        return
    settings = current_app.extensions["settings"]
    if settings.smtp is not None:
        if mail.recipient.endswith(FICTIONAL):
            mail.note = "fictional address, not sent"
            return
        send(settings.smtp, mail, settings.base_url)
    mail.sent_at = unit.clock.now()
