"""Compose a role of the office, change it with a look at who is affected, put it out of use."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.db import db
from app.kernel.errors import NotFound
from app.security.access import guarded
from app.security.fields import choices
from app.security.login.fresh import fresh
from app.security.models import CustomRole
from app.security.roles import queries, rules, services
from app.security.roles.forms import ArchiveForm, ComposeForm
from app.security.roles.rules import Permission
from app.security.roles.views.roles import role_of
from app.security.roles.views.shared import VIEW, current_day, me, perform_noted, permissions_from
from app.security.roles.words import by_stage
from app.security.rules import ROLE_NOTES, RoleName
from app.security.views import Grants, PortalView

Answer = Response | str | tuple[str, int]


class ComposeView(PortalView):
    """`/roles/new`, `/roles/<id>/change`, `/roles/<id>/archive`; an office changes only its own."""

    route_base = "/roles"
    class_permission_name = VIEW
    grants: ClassVar[Grants] = {"can_compose": frozenset({RoleName.OFFICE_ADMIN})}

    @expose("/new", methods=["GET", "POST"])
    @guarded("compose")
    @fresh
    def new(self) -> Answer:
        """First the standard roles, then which of their permissions; nothing is chosen beforehand."""
        bases = _bases(request.values.getlist("base"))
        if not bases:
            return self._choose(url_for(".new"), frozenset())
        form, chosen = ComposeForm(), permissions_from(request.form.getlist("permission"))
        sentences: list[str] = []
        if form.validate_on_submit():
            done = perform_noted(
                "role_composed",
                "custom_role:new",
                lambda unit: services.compose_role(
                    unit,
                    name=form.name.data or "",
                    note=form.note.data or "",
                    bases=bases,
                    permissions=chosen,
                    reason=form.reason.data or "",
                ),
                form,
            )
            if done.done and done.value is not None:
                flash(_("The role “%(name)s” can be given now.", name=done.value.name), "success")
                return redirect(url_for("RolesView.show", role_id=done.value.role_id))
            sentences = done.sentences
        page = self._page(
            form, bases, chosen, sentences, title=_("Compose a role"), back=url_for("RolesView.index")
        )
        return (page, 422) if sentences or form.errors else page

    @expose("/<int:role_id>/change", methods=["GET", "POST"])
    @guarded("compose")
    @fresh
    def change(self, role_id: int) -> Answer:
        """Twice sent: first for a look at what changes for whom, then to store it."""
        facts, custom = _own(role_id)
        bases = _bases(request.values.getlist("base")) or facts.bases
        if request.args.get("other"):
            return self._choose(url_for(".change", role_id=role_id), bases)
        form = ComposeForm(
            data={"name": custom.name, "note": custom.note, "reason": "", "seen": str(custom.version)}
        )
        sent = request.method == "POST"
        chosen = permissions_from(request.form.getlist("permission")) if sent else facts.permissions
        sentences: list[str] = []
        preview = None
        if form.validate_on_submit():
            if request.form.get("act") == "store":
                done = perform_noted(
                    "role_composed",
                    f"custom_role:{custom.id}",
                    lambda unit: services.change_role(
                        unit,
                        custom.id,
                        version=_version(form.seen.data or ""),
                        name=form.name.data or "",
                        note=form.note.data or "",
                        bases=bases,
                        permissions=chosen,
                        reason=form.reason.data or "",
                    ),
                    form,
                )
                if done.done:
                    flash(_("The role has been changed for everybody who holds it."), "success")
                    return redirect(url_for("RolesView.show", role_id=role_id))
                sentences = done.sentences
            else:
                preview = self._preview(custom, facts.permissions, chosen)
        page = self._page(
            form,
            bases,
            chosen,
            sentences,
            title=_("Change the role “%(name)s”", name=facts.label),
            back=url_for("RolesView.show", role_id=role_id),
            preview=preview,
            change_id=role_id,
        )
        return (page, 422) if sentences or form.errors else page

    @expose("/<int:role_id>/archive", methods=["GET", "POST"])
    @guarded("compose")
    @fresh
    def archive(self, role_id: int) -> Answer:
        facts, custom = _own(role_id)
        form = ArchiveForm()
        others = [r for r in queries.roles_known_to(db.session(), me()) if r.name != facts.name]
        fitting = [r for r in others if not r.bases & rules.SEPARATE and RoleName.OFFICE_ADMIN not in r.bases]
        form.move_to.choices = choices([("", _("No other role")), *((r.name, r.label) for r in fitting)])
        people = services.holders_of(db.session(), custom, current_day())
        sentences: list[str] = []
        if form.validate_on_submit():
            done = perform_noted(
                "role_composed",
                f"custom_role:{custom.id}",
                lambda unit: services.archive_role(
                    unit, custom.id, reason=form.reason.data or "", move_to=form.move_to.data or None
                ),
                form,
            )
            if done.done and done.value is not None:
                flash(_("The role is archived. %(n)s grants were moved.", n=done.value[1]), "success")
                return redirect(url_for("RolesView.index"))
            sentences = done.sentences
            db.session().expire_all()
            facts, custom = _own(role_id)
        page = self.render(
            "roles/archive.html",
            form=form,
            role=facts,
            role_id=role_id,
            units=_by_unit(people),
            count=len({m.user_id for m in people}),
            sentences=sentences,
        )
        return (page, 422) if sentences or form.errors else page

    def _choose(self, action: str, chosen: frozenset[str]) -> str:
        return self.render(
            "roles/bases.html",
            action=action,
            chosen=chosen,
            bases=[
                (name.value, _(name.label), _(ROLE_NOTES[name]))
                for name in RoleName
                if name in rules.COMPOSABLE
            ],
        )

    def _page(
        self,
        form: ComposeForm,
        bases: frozenset[str],
        chosen: frozenset[Permission],
        sentences: list[str],
        **more: Any,
    ) -> str:
        of_role = queries.permissions_by_role(db.session())
        of_bases = {base: of_role.get(base, frozenset()) for base in sorted(bases)}
        return self.render(
            "roles/compose.html",
            form=form,
            bases=[(base, _(RoleName(base).label)) for base in sorted(bases)],
            stages=by_stage(frozenset().union(*of_bases.values())),
            of_bases=of_bases,
            chosen=chosen,
            sentences=sentences,
            **{"preview": None, "change_id": None, **more},
        )

    def _preview(
        self, custom: CustomRole, before: frozenset[Permission], after: frozenset[Permission]
    ) -> dict[str, Any]:
        people = services.holders_of(db.session(), custom, current_day())
        return {
            "added": by_stage(after - before),
            "removed": by_stage(before - after),
            "units": _by_unit(people),
            "count": len({m.user_id for m in people}),
        }


def _own(role_id: int) -> tuple[Any, CustomRole]:
    """A custom role in use of the person's own office.

    :raises NotFound: any other
    """
    facts, custom = role_of(role_id)
    if custom is None or custom.office_id != me().agency_id:
        raise NotFound("not_in_scope")
    return facts, custom


def _bases(values: list[str]) -> frozenset[str]:
    return frozenset(value for value in values if value in rules.COMPOSABLE)


def _by_unit(people: list[Any]) -> list[tuple[str, int]]:
    """How many people hold it, by unit: names of other areas are not shown."""
    counts: dict[str, set[int]] = {}
    for membership in people:
        counts.setdefault(membership.agency.name, set()).add(membership.user_id)
    return [(name, len(users)) for name, users in counts.items()]


def _version(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else -1
