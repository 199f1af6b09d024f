"""One page of one act on one person: a form, one button, and back to the person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import flash, url_for

from app.db import Unit
from app.people.forms import ReasonForm
from app.people.views.around import back_to, trail_of
from app.people.views.shared import Answer, act_page
from app.security.acts import perform
from app.security.models import Account
from app.security.roles.views.shared import perform_noted
from app.security.views import PortalView


def act_on(
    view: PortalView,
    account: Account,
    form: Any,
    act: Callable[[Unit], Any],
    *,
    action: str,
    said: str,
    fields: Sequence[Any],
    at: Any = "",
    then: Callable[[Any], Answer] | None = None,
    **page: Any,
) -> Answer:
    """The page, or what follows when the act is done.

    :param action: the line of the security log that a refusal leaves; empty for an act without one
    :param at: the unit at which the person is meant
    :param then: another page after the act, made from what it gave
    :param page: what `act_page` takes besides
    """
    sentences: list[str] = []
    if form.validate_on_submit():
        done = perform_noted(action, f"account:{account.id}", act, form) if action else perform(act, form)
        if done.done:
            if then is not None and done.value is not None:
                return then(done.value)
            flash(said, "success")
            return back_to(account.id)
        sentences = done.sentences
    name = account.get_full_name()
    return act_page(
        view,
        form,
        sub=f"{name} · {at}" if at else name,
        back=url_for("PersonView.show", user_id=account.id),
        fields=fields,
        sentences=sentences,
        trail=trail_of(account),
        **page,
    )


def reasoned(view: PortalView, account: Account, act: Callable[[Unit, str], Any], **page: Any) -> Answer:
    """The same for an act that needs nothing but a reason."""
    form = ReasonForm()
    return act_on(
        view, account, form, lambda unit: act(unit, form.reason.data or ""), fields=[form.reason], **page
    )
