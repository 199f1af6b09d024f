"""Sentences of institutions."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "INSTITUTION_INACTIVE": _l("The institution is not active any more."),
    "INSTITUTION_EXPIRED": _l("The qualification of the institution does not cover this day (%(until)s)."),
}
