"""`/me/factors/`: the own second factors. Every change asks who one is when that was shown too long ago."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, redirect, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.db import db
from app.kernel.clock import machine_time
from app.kernel.errors import DomainError, Invalid, NotFound
from app.security.access import signed_in
from app.security.acts import perform
from app.security.context import current_clock, current_login, person, request_unit
from app.security.explain import explain, explain_fault
from app.security.login.factors import queries, services
from app.security.login.factors.forms import CodeForm, KeyForm
from app.security.login.factors.models import TotpFactor
from app.security.login.factors.rules import PENDING_LASTS, in_groups, is_over
from app.security.login.factors.totp import key_uri, qr_svg
from app.security.login.factors.views.shared import (
    as_json,
    forget_challenge,
    fresh_or_first,
    own_party,
    party,
    remember_challenge,
)
from app.security.login.fresh import fresh
from app.security.login.services import factor_enrolled
from app.security.models import Account
from app.security.views import PortalView

Answer = Response | str
BEYOND = 2**63
"""From here on no key of the database."""


def _me() -> Account:
    who = person()
    assert who is not None, "signed in"
    return who.account


class OwnFactors(PortalView):
    """One's own factors: see, add, remove, renew the recovery codes."""

    route_base = "/me/factors"

    @expose("/")
    @signed_in
    def show(self) -> Answer:
        page = queries.factors_page(db.session(), _me().id)
        return self.render("security/factors/own.html", page=page, party=party())

    @expose("/totp/begin", methods=["POST"])
    @signed_in
    @fresh_or_first
    def begin(self) -> Answer:
        with request_unit() as unit:
            services.offer_totp(unit, _me().id)
        return redirect(url_for("OwnFactors.totp"))

    @expose("/totp", methods=["GET", "POST"])
    @signed_in
    @fresh_or_first
    def totp(self) -> Answer:
        row = db.session().get(TotpFactor, _me().id)
        now = current_clock().now()
        if row is None or row.confirmed_at is not None or is_over(row.begun_at, PENDING_LASTS, now):
            return redirect(url_for("OwnFactors.show"))
        form, sentences = CodeForm(), []
        if form.validate_on_submit():
            at = machine_time(current_clock())
            found = perform(
                lambda unit: _enrolled(
                    unit, "totp", services.confirm_totp(unit, _me().id, form.code.data or "", at)
                ),
                form,
            )
            if found.done:
                flash(
                    _("One-time codes are set up. From the next log-in on you are asked for one."), "success"
                )
                return self._codes(found.value or [])
            sentences = found.sentences
        uri = key_uri(row.secret, _me().username, _("Double-random inspections"))
        return self.render(
            "security/factors/totp.html",
            form=form,
            sentences=sentences,
            qr=qr_svg(uri),
            secret=in_groups(row.secret),
            server_time=machine_time(current_clock()),
        )

    @expose("/totp/remove", methods=["POST"])
    @signed_in
    @fresh
    def remove_totp(self) -> Answer:
        found = perform(lambda unit: services.remove_totp(unit, _me().id))
        return self._back(found.sentences, _("The one-time codes were removed."))

    @expose("/keys/options", methods=["POST"])
    @signed_in
    def options(self) -> Any:
        def ask() -> dict[str, Any]:
            with request_unit() as unit:
                number, options = services.offer_key(
                    unit, _me(), own_party(), _("Joint double-random inspections")
                )
            remember_challenge(number)
            return options

        return as_json(ask)

    @expose("/keys/new", methods=["GET", "POST"])
    @signed_in
    @fresh_or_first
    def new_key(self) -> Answer:
        if party() is None:
            return redirect(url_for("OwnFactors.show"))
        form, sentences = KeyForm(), []
        if form.validate_on_submit():
            codes = self._add_key(form, sentences)
            if codes is not None:
                flash(_("The security key “%(name)s” was added.", name=form.name.data), "success")
                return self._codes(codes)
            form.answer.data = ""
        return self.render("security/factors/key.html", form=form, sentences=sentences)

    def _add_key(self, form: KeyForm, sentences: list[str]) -> list[str] | None:
        """New recovery codes, or None with the reasons beside the fields and in `sentences`."""
        number, answer, name = forget_challenge(), form.answer.data or "", form.name.data or ""
        with request_unit() as unit:
            taken = services.take_challenge(unit, _me().id, "add", number)
        if not isinstance(taken, bytes):
            sentences.append(explain(DomainError(taken.code)))
            return None
        try:
            with request_unit() as unit:
                codes = services.add_key(unit, _me(), own_party(), taken, answer, name)[1]
                return _enrolled(unit, queries.KEY, codes)
        except Invalid as error:
            for fault in error.faults:
                if fault.field == "name":
                    form.name.errors = [explain_fault(fault)]
                else:
                    sentences.append(explain_fault(fault))
        except DomainError as error:
            sentences.append(explain(error))
        return None

    @expose("/keys/<int:key_id>/remove", methods=["POST"])
    @signed_in
    @fresh
    def remove_key(self, key_id: int) -> Answer:
        if key_id >= BEYOND:
            raise NotFound("not_in_scope", kind="security_key")
        found = perform(lambda unit: services.remove_key(unit, _me().id, key_id))
        return self._back(found.sentences, _("The security key was removed."))

    @expose("/codes", methods=["POST"])
    @signed_in
    @fresh
    def codes(self) -> Answer:
        found = perform(lambda unit: services.renew_recovery_codes(unit, _me().id))
        return self._codes(found.value) if found.value else self._back(found.sentences, "")

    def _codes(self, codes: list[str]) -> Answer:
        """The codes, in this one answer: they stand nowhere else. Without new ones, back to the list."""
        if not codes:
            return redirect(url_for("OwnFactors.show"))
        page = self.render(
            "security/factors/codes.html", codes=[in_groups(code) for code in codes], name=_me().username
        )
        answer = make_response(page)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _back(self, sentences: list[str], good: str) -> Answer:
        for sentence in sentences:
            flash(sentence, "danger")
        if not sentences:
            flash(good, "success")
        return redirect(url_for("OwnFactors.show"))


def _enrolled(unit: Any, factor: str, codes: list[str]) -> list[str]:
    """The session of whoever enrols a factor has shown it, and waits for nothing any more."""
    login = current_login()
    if login is not None:
        factor_enrolled(unit, login.id, factor=factor)
    return codes
