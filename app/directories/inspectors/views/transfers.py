"""Transfers between agencies: ask, look, accept, decline, withdraw."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.db import db
from app.directories.inspectors import queries, services
from app.directories.inspectors.forms import AnswerForm, TransferForm
from app.directories.inspectors.models import Transfer
from app.directories.inspectors.places import open_visits_of
from app.directories.inspectors.rules import TransferState
from app.security.access import guarded, only_at_home
from app.security.acts import perform
from app.security.context import person
from app.security.models import Agency
from app.security.queries import agency_by_code
from app.security.scoping import unscoped
from app.security.views import PortalView


class TransferPages(PortalView):
    @expose("/<int:inspector_id>/transfer", methods=["GET", "POST"])
    @guarded("keep")
    def transfer(self, inspector_id: int) -> Any:
        session = db.session()
        inspector = queries.get_inspector(session, inspector_id)
        only_at_home(inspector.agency_id)
        form = TransferForm()
        sentences: list[str] = []
        agency = _agency(form.agency.data)
        if form.validate_on_submit():
            if agency is None:
                form.agency.errors = [*form.agency.errors, _("Please choose an agency.")]
            else:
                to_id, day, reason = agency.id, form.takes_effect_on.data, form.reason.data or ""
                act = perform(
                    lambda unit: services.ask_transfer(unit, inspector_id, to_id, day, reason), form
                )
                if act.done and act.value is not None:
                    flash(
                        _("The other agency is asked. Until it accepts everything stays as it is."), "success"
                    )
                    return redirect(url_for("InspectorView.transfer_page", transfer_id=act.value.id))
                sentences = act.sentences
        form.agency.choices = [(agency.code, agency.name)] if agency else [("", "")]
        page = self.render(
            "inspectors/transfer_ask.html",
            inspector=queries.get_inspector(session, inspector_id),
            visits=open_visits_of(session, inspector_id, inspector.agency_id),
            form=form,
            sentences=sentences,
        )
        return (page, 422) if request.method == "POST" else page

    @expose("/transfers/")
    @guarded("keep")
    def transfers(self) -> str:
        rows = queries.transfers(db.session())
        return self.render("inspectors/transfers.html", rows=rows, states=TransferState)

    @expose("/transfers/<int:transfer_id>")
    @guarded("keep")
    def transfer_page(self, transfer_id: int) -> str:
        return self._transfer(transfer_id, AnswerForm(formdata=None), [])

    @expose("/transfers/<int:transfer_id>/accept", methods=["POST"])
    @guarded("keep")
    def accept(self, transfer_id: int) -> Any:
        return self._act(transfer_id, services.accept_transfer, AnswerForm(formdata=None))

    @expose("/transfers/<int:transfer_id>/decline", methods=["POST"])
    @guarded("keep")
    def decline(self, transfer_id: int) -> Any:
        form = AnswerForm()
        answer = form.answer.data or ""
        return self._act(transfer_id, lambda unit, key: services.decline_transfer(unit, key, answer), form)

    @expose("/transfers/<int:transfer_id>/withdraw", methods=["POST"])
    @guarded("keep")
    def withdraw(self, transfer_id: int) -> Any:
        return self._act(transfer_id, services.withdraw_transfer, AnswerForm(formdata=None))

    def _act(self, transfer_id: int, act: Any, form: AnswerForm) -> Any:
        done = perform(lambda unit: act(unit, transfer_id), form)
        if done.done and done.value is not None:
            flash(_(TransferState(done.value.state).label), "success")
            return redirect(url_for("InspectorView.transfer_page", transfer_id=transfer_id))
        return self._transfer(transfer_id, form, done.sentences), 422

    def _transfer(self, transfer_id: int, form: AnswerForm, sentences: list[str]) -> str:
        """What the receiving agency has to know of somebody who is not within its reach yet."""
        session = db.session()
        transfer: Transfer = queries.get_transfer(session, transfer_id)
        with unscoped(session, "an inspector whom one agency offers to another"):
            inspector = queries.get_inspector(session, transfer.inspector_id)
            visits = open_visits_of(session, inspector.id, transfer.from_agency_id)
        who = person()
        own = who.actor.agency_id if who else None
        asked = transfer.state == TransferState.ASKED
        waits = transfer.state in (TransferState.ASKED, TransferState.ACCEPTED)
        return self.render(
            "inspectors/transfer.html",
            transfer=transfer,
            inspector=inspector,
            visits=visits if waits else [],
            state=TransferState(transfer.state),
            may_answer=asked and own == transfer.to_agency_id,
            may_withdraw=waits and own == transfer.from_agency_id,
            at_home=own == inspector.agency_id,
            form=form,
            sentences=sentences,
        )


def _agency(code: str | None) -> Agency | None:
    """By its code, as the look-up gives it."""
    return agency_by_code(db.session(), code) if code else None
