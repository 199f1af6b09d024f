"""The page of one person."""

from __future__ import annotations

from flask import url_for
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _l

from app.db import db
from app.people import area
from app.people.area import get_person, memberships_of
from app.people.queries import person as queries
from app.people.queries.listing import shown_mail
from app.people.rules import PersonState, person_state
from app.people.views.shared import (
    Answer,
    PeopleBase,
    me,
    my_area,
    offered_at,
)
from app.security.access import guarded
from app.security.login.queries import sessions_of
from app.security.models import Account
from app.security.protection.rules import Kind
from app.security.protection.showing import personal_fields
from app.security.protection.subjects import Subject
from app.security.roles.queries import actor_place, held_by
from app.security.roles.rules import may_manage
from app.security.rules import RoleName

SUBJECT = Subject(
    "account",
    Account,
    {"phone": (Kind.ACCOUNT_PHONE, _l("Mobile phone"))},
    lambda user_id: url_for("PersonView.show", user_id=user_id),
    ("can_keep", "PeopleView"),
    get_person,
)


class PersonView(PeopleBase):
    route_base = "/people"

    @expose("/<int:user_id>")
    @guarded("keep")
    def show(self, user_id: int) -> Answer:
        session, where = db.session(), my_area()
        account = get_person(session, me(), user_id, where.ids)
        everywhere = memberships_of(session, user_id)
        here = [m for m in everywhere if m.agency_id in where.ids]
        invitation = queries.open_invitation(session, user_id)
        state = person_state(
            active=account.active,
            left_at=account.left_at,
            locked_until=account.locked_until,
            invited=invitation is not None,
            now=where.now,
        )
        return self.render(
            "people/show.html",
            account=account,
            state=state,
            states=PersonState,
            here=[m for m in here if m.active] or here,
            ended=[m for m in here if not m.active] if any(m.active for m in here) else [],
            elsewhere=sum(m.active and m.agency_id not in where.ids for m in everywhere),
            offered={m.id: {r.name for r in offered_at(m.agency)} for m in here if m.active},
            granters=queries.granters(session, here),
            sessions=sessions_of(session, user_id),
            log_ins=queries.log_ins(session, user_id),
            changes=queries.changes(session, user_id, [m.id for m in here]),
            invitation=invitation,
            move=queries.waiting_move(session, user_id),
            may_manage=_may_manage(account),
            is_me=account.id == me().user_id,
            personal=personal_fields(SUBJECT, account),
            mail=shown_mail(account.email),
            role_label=area.role_label,
            role_names={name.value: name.label for name in RoleName},
            day=where.day,
            now=where.now,
        )


def _may_manage(account: Account) -> bool:
    session, own = db.session(), actor_place(db.session(), me())
    held = held_by(session, account.id, my_area().day)
    return own is not None and account.id != me().user_id and bool(may_manage(me().roles, own, held))
