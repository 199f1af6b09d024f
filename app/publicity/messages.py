"""Sentences of this domain's refusals."""

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "subject_not_published": _l("Only what its agency has published goes to the public pages."),
    "result_not_approved": _l("A result becomes public once it is approved, and never when it is exempt."),
    "draw_stays_public": _l("The record of a draw stays public; a void draw is shown with its reason."),
    "publication_not_delivered": _l("Only what stands on the public pages can be withdrawn."),
    "publication_not_failed": _l(
        "Only a publication that has failed or was withdrawn can be published again."
    ),
    "withdraw_needs_reason": _l("Say why it is withdrawn; the reason is kept."),
    "public_field_unknown": _l("The field “%(field)s” may not be published. Nothing was published."),
    "public_field_type": _l("The field “%(field)s” does not have the expected form. Nothing was published."),
    "public_personal_number": _l(
        "The field “%(field)s” contains a telephone or identity number. Nothing was published."
    ),
    "public_sealed": _l("The draw is sealed: “%(field)s” may be shown only when it is opened."),
}
