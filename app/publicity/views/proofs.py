"""Proofs for anybody: the public bundle, what the verifier says of it, the own case, the log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Response, abort, current_app, jsonify, request
from flask_appbuilder import expose

from app.audit.keys import read_key
from app.audit.queries import heads_before, latest_head
from app.db import db
from app.publicity.checking import check_draw, own_case, public_bundle, read_proof
from app.publicity.rules import PublicKind
from app.publicity.views.common import public_page, the_record
from app.security.access import changes_nothing
from app.security.views import PortalView
from app.verifier import verify

HEADS = 20


class PublicProofs(PortalView):
    """Each of these costs work, so each is rate-limited."""

    route_base = "/public"

    @expose("/draws/<no>/bundle.zip")
    @public_page
    def bundle(self, no: str) -> Response:
        content = public_bundle(db.session(), the_record(PublicKind.DRAW, no))
        answer = Response(content, mimetype="application/zip")
        answer.headers["Content-Disposition"] = f'attachment; filename="{no}-public.zip"'
        return answer

    @expose("/draws/<no>/check")
    @public_page
    def check(self, no: str) -> str:
        record = the_record(PublicKind.DRAW, no)
        return self.render("public/check.html", record=record, found=check_draw(db.session(), record))

    @expose("/verify.py")
    @public_page
    def verifier(self) -> Response:
        answer = Response(Path(verify.__file__).read_bytes(), mimetype="text/x-python")
        answer.headers["Content-Disposition"] = 'attachment; filename="verify.py"'
        return answer

    @expose("/own-case", methods=["GET", "POST"])
    @changes_nothing
    @public_page
    def own_case(self) -> Response | str:
        """By the form, or by the address behind the drawing on the notice."""
        token = request.values.get("token", "")
        if request.method == "GET" and not token:
            return self.render("public/own_case.html", case=None, unknown=False)
        case = own_case(db.session(), token)
        page = self.render("public/own_case.html", case=case, unknown=case is None)
        return Response(page, 200 if case else 404)

    @expose("/log")
    @public_page
    def log(self) -> Response | str:
        session = db.session()
        if "size" in request.args:
            proof = read_proof(session, dict(request.args.items()))
            if proof is None:
                abort(404)
            return jsonify(proof)
        head = latest_head(session)
        key = read_key(Path(current_app.extensions["settings"].log_key_dir)).public.hex() if head else ""
        if request.args.get("format") == "json":
            return jsonify({**_head(head), "key": key})
        earlier = heads_before(session, head.size, HEADS) if head else []
        return self.render("public/log.html", head=head, key=key, earlier=earlier)


def _head(head: Any) -> dict[str, Any]:
    if head is None:
        return {"size": 0, "root": "", "head": ""}
    return {"size": head.size, "root": head.root.hex(), "head": head.note}
