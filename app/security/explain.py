"""Errors in the words of the person who reads them. The sentences are registered by the domains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError

from app.kernel.errors import DomainError, Fault

_sentences: dict[str, Any] = {
    "invalid": _l("Some of the entries are not right. They are marked below."),
    "not_in_scope": _l("This record is not there, or not within your reach."),
    "role_missing": _l("Your role does not include this act. Your administrator can tell you who may do it."),
    "other_agency": _l("This act belongs to another agency."),
    "same_person": _l("Whoever submitted cannot approve. Another reviewer has to do it."),
    "roles_apart": _l(
        "System, security and audit administrators are three different people without business roles."
    ),
    "stale": _l("Somebody changed this record meanwhile. Open it again, then repeat your change."),
    "required": _l("Please fill this in."),
    "too_long": _l("At most %(most)s characters; this has %(found)s."),
    "not_a_choice": _l("“%(value)s” is not one of the choices."),
    "duplicate": _l("“%(value)s” exists already."),
}


def register_sentences(sentences: Mapping[str, Any]) -> None:
    """Add a domain's sentences: code -> lazy message with %(name)s for the facts.

    :raises ValueError: when a code is already taken by another sentence
    """
    for code, sentence in sentences.items():
        known = _sentences.get(code)
        if known is not None and known is not sentence:
            raise ValueError(f"the code {code!r} already has a sentence")
        _sentences[code] = sentence


def known_codes() -> frozenset[str]:
    return frozenset(_sentences)


def sentence_of(code: str) -> str:
    """The sentence of a code without its facts; empty for an unknown code and where facts fill its gaps."""
    sentence = str(_sentences.get(code, ""))
    return "" if "%(" in sentence else sentence


def explain(error: DomainError) -> str:
    return _fill(error.code, error.facts)


def explain_fault(fault: Fault) -> str:
    place = {"sheet": fault.sheet or "", "row": fault.row or ""}
    return _fill(fault.code, {"value": fault.value, **place, **fault.facts})


def explain_integrity(error: IntegrityError) -> str:
    """A broken constraint, by its name where a sentence is registered for it."""
    name = getattr(getattr(error.orig, "diag", None), "constraint_name", None) or ""
    if name in _sentences:
        return str(_sentences[name])
    if name.startswith("uq_") or "_key" in name:
        return _("A record with these values exists already.")
    return _("The entries contradict a rule of the database (%(name)s). Nothing was stored.", name=name)


def _fill(code: str, facts: Mapping[str, Any]) -> str:
    sentence = _sentences.get(code)
    if sentence is None:
        return _("This is not possible (%(code)s).", code=code)
    try:
        return str(sentence) % facts if facts else str(sentence)
    except (KeyError, ValueError, TypeError):
        return str(sentence)
