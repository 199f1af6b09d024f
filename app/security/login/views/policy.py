"""`/security-policy/`: the values that hold with their source, the change, and the accounts that are locked."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, flash, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.db import db
from app.security.access import guarded
from app.security.acts import perform
from app.security.context import current_clock
from app.security.login import queries
from app.security.login.forms import LABELS, UNITS, PolicyForm, ReasonForm
from app.security.login.fresh import fresh
from app.security.login.models import SecurityPolicy
from app.security.login.queries import policy_of
from app.security.login.rules import BOUNDS, NUMBERS, STANDARD
from app.security.login.services import change_policy, unlock
from app.security.login.sources import SOURCES
from app.security.menu import MenuItem
from app.security.models import Account
from app.security.requests import primary_key
from app.security.rules import ROLE_LABELS, RoleName
from app.security.views import Grants, PortalView

Answer = Response | str | tuple[str, int]
PAGE = 25
SECURITY = frozenset({RoleName.SECURITY_ADMIN})
MENU = MenuItem(
    "settings",
    _l("Security policy"),
    "PolicyView.index",
    "shield-lock",
    ("can_read", "PolicyView"),
    order=300,
)


class PolicyView(PortalView):
    """Read by the security and the audit administrator, changed by the security administrator alone."""

    route_base = "/security-policy"
    default_view = "index"
    grants: ClassVar[Grants] = {
        "can_read": frozenset({RoleName.SECURITY_ADMIN, RoleName.AUDIT_ADMIN}),
        "can_change": SECURITY,
        "can_locked": frozenset({RoleName.SECURITY_ADMIN, RoleName.AUDIT_ADMIN}),
        "can_unlock": SECURITY,
    }

    @expose("/")
    @guarded("read")
    def index(self) -> str:
        session = db.session()
        policy = policy_of(session)
        row = session.get(SecurityPolicy, 1)
        by = session.get(Account, row.changed_by) if row and row.changed_by else None
        numbers = [
            {
                "label": LABELS[name],
                "value": getattr(policy, name),
                "unit": UNITS[name],
                "bounds": BOUNDS[name].of(False),
                "standard": getattr(STANDARD, name),
                "weaker": not BOUNDS[name].least <= getattr(policy, name) <= BOUNDS[name].most,
                "source": SOURCES[name],
            }
            for name in NUMBERS
        ]
        roles = [_(label) for name, label in ROLE_LABELS.items() if name in policy.second_factor_roles]
        return self.render(
            "security/policy.html",
            policy=policy,
            numbers=numbers,
            roles=roles,
            sources=SOURCES,
            row=row,
            by=by.get_full_name() if by else "",
            locked=len(queries.locked_accounts(session, current_clock().now(), 0, 100)),
        )

    @expose("/change", methods=["GET", "POST"])
    @guarded("change")
    @fresh
    def change(self) -> Answer:
        policy = policy_of(db.session())
        form = PolicyForm.of(policy, filled=request.method == "GET")
        sentences: list[str] = []
        if request.method == "POST" and form.validate():
            act = perform(
                lambda unit: change_policy(unit, form.wanted(policy.demo), form.reason.data or ""), form
            )
            if act.done:
                flash(
                    _("The policy has been changed. It holds from now on.")
                    if act.value
                    else _("Nothing was changed: all values are as before."),
                    "success" if act.value else "info",
                )
                return redirect("/security-policy/")
            sentences = act.sentences
        page = self.render(
            "security/policy_change.html",
            form=form,
            sentences=sentences,
            policy=policy,
            numbers=NUMBERS,
            sources=SOURCES,
        )
        return (page, 422) if request.method == "POST" else page

    @expose("/locked")
    @guarded("locked")
    def locked(self) -> str:
        after = primary_key(request.args.get("after", "0"))
        rows = queries.locked_accounts(db.session(), current_clock().now(), after, PAGE + 1)
        return self.render(
            "security/locked.html",
            rows=rows[:PAGE],
            next_after=rows[PAGE - 1].id if len(rows) > PAGE else None,
            policy=policy_of(db.session()),
        )

    @expose("/locked/<int:user_id>/unlock", methods=["GET", "POST"])
    @guarded("unlock")
    def unlock(self, user_id: int) -> Answer:
        account = self._account(user_id)
        form, sentences = ReasonForm(), []
        if request.method == "POST" and form.validate():
            act = perform(lambda unit: unlock(unit, user_id, form.reason.data or ""), form)
            if act.done:
                flash(_("The account is open again."), "success")
                return redirect("/security-policy/locked")
            sentences = act.sentences
        page = self.render("security/unlock.html", account=account, form=form, sentences=sentences)
        return (page, 422) if request.method == "POST" else page

    def _account(self, user_id: int) -> Any:
        """A locked account; one that is not locked looks as if it were not there."""
        found = db.session.scalars(
            select(Account).where(Account.id == user_id, Account.locked_until.is_not(None))
        )
        account = found.first()
        if account is None:
            abort(404)
        return account
