"""What can this person do, and why."""

from __future__ import annotations

from typing import ClassVar

from flask_appbuilder import expose
from sqlalchemy import select

from app.db import db
from app.kernel.errors import NotFound
from app.security.access import guarded
from app.security.models import Account
from app.security.roles.explaining import hats_of
from app.security.roles.views.shared import DELEGATES, VIEW, current_day, me
from app.security.views import Grants, PortalView


class ExplainView(PortalView):
    """`/roles/explain/<user>`: a person of the own area, or oneself."""

    route_base = "/roles/explain"
    class_permission_name = VIEW
    grants: ClassVar[Grants] = {"can_explain": DELEGATES}

    @expose("/<int:user_id>")
    @guarded("explain")
    def show(self, user_id: int) -> str:
        session = db.session()
        account = session.scalars(select(Account).where(Account.id == user_id)).first()
        hats, elsewhere = hats_of(session, me(), user_id, current_day())
        if account is None or not hats:
            raise NotFound("not_in_scope")
        return self.render(
            "roles/explain.html", account=account, hats=hats, elsewhere=elsewhere, own=me().user_id
        )
