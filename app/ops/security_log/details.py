"""The detail of a line of the security log in words; what a person wrote there stays as it is."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext as _

from app.security.explain import sentence_of
from app.security.login.messages import OVER, REFUSED, WAYS
from app.security.models import SecurityLog
from app.security.rules import ROLE_LABELS

FACTORS = frozenset({"log_in", "authenticated_again", "factor_added", "factor_removed", "factors_reset"})
_WORD = re.compile(r"[a-z_]+(?=,|:|$| \()")
_ROLE = re.compile(r"^(\w+) @ (\S+?)(?: until (\d{4}-\d\d-\d\d))?: ")


def log_detail(line: SecurityLog) -> str:
    """Factors, roles and the codes of refusals in the language of whoever reads."""
    text = line.detail or ""
    if line.outcome != "ok":
        return ", ".join(_refusal(code) for code in text.split(","))
    if line.action == "session_ended":
        return str(OVER.get(text, text))
    if line.action in FACTORS:
        head, colon, rest = text.partition(":")
        return _WORD.sub(lambda found: str(WAYS.get(found[0], found[0])), head) + colon + rest
    if line.action in {"role_granted", "role_revoked"}:
        return _ROLE.sub(_role, text)
    if line.action == "account_invited":
        return _invited(text)
    if line.action == "recovery_code_used" and text.endswith(" left"):
        return _("%(left)s unused codes are left.", left=text.removesuffix(" left"))
    if line.action == "password_changed" and text == "temporary":
        return _("first password, to be changed")
    return text


def _refusal(code: str) -> str:
    return str(REFUSED.get(code) or sentence_of(code) or code)


def _role(found: re.Match[str]) -> str:
    label: Any = ROLE_LABELS.get(found[1])
    name = _(str(label)) if label is not None else found[1]
    until = " " + _("until %(day)s", day=found[3]) if found[3] else ""
    return f"{name} @ {found[2]}{until}: "


def _invited(text: str) -> str:
    for word, said in (("slip @ ", _("by a printed slip")), ("mail @ ", _("by a mail with a link"))):
        if text.startswith(word):
            return f"{said} @ {text.removeprefix(word)}"
    return text
