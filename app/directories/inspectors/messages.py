"""Sentences of the directory of inspectors."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "INACTIVE": _l("Not on duty at the agency any more"),
    "UNCERTIFIED": _l("Without the certificate: may accompany, may not check on site (R-15.3)"),
    "EXPIRED": _l("The certificate does not cover the whole period (R-15.1)"),
    "ABSENT": _l("On leave in the period (R-15.1)"),
    "inspector_certificate_no_missing": _l(
        "The number of the certificate (or of the staff card) is missing (R-14.1)."
    ),
    "inspector_name_missing": _l("The name is missing (R-14.1)."),
    "inspector_unit_missing": _l("The unit is missing (R-14.1)."),
    "inspector_position_missing": _l("The position is missing (R-14.1)."),
    "inspector_phone_missing": _l("The telephone number is missing (R-14.1)."),
    "inspector_agency_unknown": _l("“%(value)s” is no agency that you keep."),
    "inspector_number_taken": _l("The number %(value)s belongs to an inspector of another agency."),
    "inspector_region_unknown": _l("“%(value)s” is no region that is known here."),
    "inspector_region_missing": _l("At least one region is needed; the first is the home region."),
    "certificate_without_end": _l("A certificate needs the day on which it ends."),
    "days_not_in_order": _l("The last day %(value)s lies before the first, %(first)s."),
    "leader_without_certificate": _l("Without the certificate nobody can lead a group (R-14.2)."),
    "leave_overlaps": _l("This period overlaps the leave from %(first)s to %(last)s (%(reason)s)."),
    "certificate_number_taken": _l("%(kind)s %(value)s is entered already, for this or another inspector."),
    "transfer_day_gone_by": _l("%(value)s has gone by; a transfer takes effect today or later."),
    "transfer_waits": _l("A transfer to %(agency)s waits already."),
    "transfer_goes_nowhere": _l("The inspector is at this agency already."),
    "transfer_to_office": _l("An office of the joint meeting sends no inspectors; choose a member agency."),
    "transfer_decided": _l("This transfer is answered already."),
    "transfer_of_own_request": _l("Whoever asked for the transfer cannot accept it."),
    "transfer_asker_gone": _l(
        "Whoever asked for the transfer may no longer do so. The former agency has to ask again."
    ),
    "visit_cannot_go": _l("%(label)s cannot be handed over: %(why)s"),
    "account_of_another_agency": _l("This account is no inspector's account of the agency."),
    "account_linked_already": _l("This account is linked to %(name)s already."),
    "inspector_linked_already": _l("An account is linked already. Take that link off first."),
    "specialty_unknown": _l("“%(value)s” is no specialty of the vocabulary."),
    "number_unreadable": _l("“%(value)s” is no whole number from 0 to 9999."),
    "yes_or_no_unreadable": _l("“%(value)s” is neither yes nor no."),
}
