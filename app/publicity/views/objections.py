"""For whoever holds a notice: say that an inspector on it has a conflict of interest, and read the answer."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from werkzeug.wrappers import Response
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.db import Actor, db, unit_of_work
from app.directories.forms import NOT_KEPT, mark
from app.directories.recusals.forms import FILES, PICTURES
from app.directories.recusals.rules import MOST_BYTES, MOST_FILES, RequestState
from app.inspections.services.objecting import Notice, notice_of, object_to
from app.kernel.errors import DomainError
from app.security.access import public_route
from app.security.context import current_clock
from app.security.scope import Scope
from app.security.views import PortalView

_ACTOR = Actor.system("notice")
_SCOPE = Scope.system("the code on a notice, checked by its digest")


class TokenForm(FlaskForm):
    token = StringField(
        _l("Code on the notice of the inspection"),
        [InputRequired(), Length(max=60)],
        render_kw={"autocomplete": "off", "autocapitalize": "none"},
    )


class ObjectionForm(TokenForm):
    inspector = RadioField(_l("Who has the conflict of interest"), validate_choice=False)
    statement = TextAreaField(
        _l("What the conflict of interest is"), [InputRequired(), Length(max=500)], render_kw=NOT_KEPT
    )
    declarant = StringField(_l("Your name"), [InputRequired(), Length(max=80)], render_kw=NOT_KEPT)
    phone = StringField(
        _l("Telephone"), [Length(max=30)], description=_l("For questions; kept sealed."), render_kw=NOT_KEPT
    )
    files = MultipleFileField(_l("Evidence"), description=FILES, render_kw=PICTURES)


class PublicObjections(PortalView):
    """The code is never part of an address; pages are kept by no cache. Rate-limited as a whole."""

    route_base = "/public/recusal"
    default_view = "ask"

    @expose("/", methods=["GET", "POST"])
    @public_route
    def ask(self) -> Response:
        """By the code to the people on the notice; nothing is stored."""
        form = TokenForm()
        if form.validate_on_submit():
            notice = notice_of(db.session(), form.token.data or "")
            if notice is not None:
                return self._page(_offer(ObjectionForm(formdata=None, token=form.token.data), notice), notice)
            form.token.errors = [
                _("This code is not known. Check the characters on the notice of the inspection.")
            ]
            return self._page(form, None, status=404)
        return self._page(form, None, status=422 if request.method == "POST" else 200)

    @expose("/declare", methods=["POST"])
    @public_route
    def declare(self) -> Response:
        form = ObjectionForm()
        token = form.token.data or ""
        notice = notice_of(db.session(), token)
        if notice is None:
            form = TokenForm()
            form.token.errors = [
                _("This code is not known. Check the characters on the notice of the inspection.")
            ]
            return self._page(form, None, status=404)
        _offer(form, notice)
        extra: list[str] = []
        if form.validate_on_submit():
            chosen = form.inspector.data or ""
            try:
                with unit_of_work(_ACTOR, _SCOPE, current_clock()) as unit:
                    object_to(
                        unit,
                        token,
                        int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) < 19 else 0,
                        statement=form.statement.data or "",
                        declarant=form.declarant.data or "",
                        phone=form.phone.data or "",
                        files=_files(),
                    )
                flash(
                    _("The agency has your declaration. Come back with the code to read the answer."),
                    "success",
                )
                again = notice_of(db.session(), token)
                assert again is not None, "it was there"
                return self._page(_offer(ObjectionForm(formdata=None, token=token), again), again)
            except DomainError as error:
                extra = mark(form, error)
                notice = notice_of(db.session(), token) or notice
        return self._page(form, notice, extra, 422)

    def _page(
        self, form: FlaskForm, notice: Notice | None, extra: list[str] | None = None, status: int = 200
    ) -> Response:
        names = {key: name for key, name, _agency in notice.group} if notice else {}
        page = self.render(
            "public/recusal.html",
            form=form,
            notice=notice,
            names=names,
            states=RequestState,
            extra=extra or [],
        )
        answer = make_response(page, status)
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Referrer-Policy"] = "same-origin"
        return answer


def _offer(form: ObjectionForm, notice: Notice) -> ObjectionForm:
    form.inspector.choices = [(str(key), f"{name} · {agency}") for key, name, agency in notice.group]
    return form


def _files() -> list[tuple[str, bytes]]:
    given = [file for file in request.files.getlist("files") if file.filename]
    return [(file.filename or "", file.stream.read(MOST_BYTES + 1)) for file in given[: MOST_FILES + 1]]


def limit(appbuilder: Any, rate: str) -> None:
    """Nobody tries codes out: so many requests a minute from one address."""
    view = next(view for view in appbuilder.baseviews if isinstance(view, PublicObjections))
    appbuilder.sm.limiter.limit(rate)(view.blueprint)
