"""Sentences of premises."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "premises_kind_missing": _l("Please choose the kind of premises."),
    "premises_name_missing": _l("The name of the premises is missing."),
    "premises_address_missing": _l("The address of the premises is missing: the visit goes there."),
    "premises_kind_unknown": _l("“%(value)s” is no kind of premises that is kept here."),
    "premises_area_unreadable": _l("“%(value)s” is no area in square metres."),
    "premises_status_unknown": _l("“%(value)s” is no status of premises."),
    "premises_there": _l("This target has premises of this kind with this name already."),
}
