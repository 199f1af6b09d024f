"""`/security-policy/factors`: the security administrator resets the factors of somebody who has lost them."""

from __future__ import annotations

from typing import ClassVar

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.db import db
from app.security.access import guarded
from app.security.acts import perform
from app.security.login.factors import queries, services
from app.security.login.factors.forms import ResetForm
from app.security.login.fresh import fresh
from app.security.rules import RoleName
from app.security.views import Grants, PortalView


class FactorsOffice(PortalView):
    """Look an account up, see which factors it has, take them away with a reason."""

    route_base = "/security-policy"
    grants: ClassVar[Grants] = {"can_reset": frozenset({RoleName.SECURITY_ADMIN})}

    @expose("/factors")
    @guarded("reset")
    def show(self) -> str:
        name = request.args.get("name", "")[:64]
        form = ResetForm(formdata=None, data={"name": name})
        return self._page(form, name, [])

    @expose("/factors", methods=["POST"])
    @guarded("reset")
    @fresh
    def reset(self) -> Response | str | tuple[str, int]:
        form = ResetForm()
        name = (form.name.data or "")[:64]
        holder = queries.find_holder(db.session(), name)
        if holder is None:
            return self._page(form, name, [])
        user_id = holder.account.id
        found = perform(lambda unit: services.reset_factors(unit, user_id, form.reason.data or ""), form)
        if found.done:
            flash(
                _("The second factors of %(name)s were reset; all sessions have ended.", name=name), "success"
            )
            return redirect(url_for("FactorsOffice.show"))
        return self._page(form, name, found.sentences), 422

    def _page(self, form: ResetForm, name: str, sentences: list[str]) -> str:
        holder = queries.find_holder(db.session(), name) if name else None
        return self.render(
            "security/factors/office.html", form=form, name=name, holder=holder, sentences=sentences
        )
