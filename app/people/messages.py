"""Sentences of this domain's errors and refusals."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "region_into_itself": _l("A region is merged into another one, not into itself."),
    "regions_of_two_levels": _l("Only regions of the same level are merged. Choose another one."),
    "no_heir": _l(
        "%(agency)s has no counterpart in %(region)s. Dissolve it by hand first, or add the agency over there."
    ),
    "own_account": _l("Nobody administers the own account. Another administrator does that."),
    "phone_unreadable": _l("“%(value)s” is no phone number: 7 to 15 figures, with + before a foreign one."),
    "mail_unreadable": _l("“%(value)s” is no mail address."),
    "username_unreadable": _l(
        "“%(value)s” is no account name: 3 to 40 small letters, figures, dots and dashes."
    ),
    "roles_missing": _l("Choose at least one role."),
    "role_not_yours": _l("The role “%(value)s” is not yours to give at this unit."),
    "role_unknown": _l("There is no role “%(value)s”."),
    "people_reason_missing": _l("Say in a few words why; the log keeps it."),
    "agency_unknown": _l("“%(value)s” is no unit of your area."),
    "agency_missing": _l("Say to which unit the person belongs."),
    "person_known": _l(
        "%(name)s (%(username)s) has an account already. Open it and add a membership instead."
    ),
    "person_known_elsewhere_phone": _l(
        "An account outside your area has this phone number. The office above both units can add the membership."
    ),
    "person_known_elsewhere_mail": _l(
        "An account outside your area has this mail address. The office above both units can add the membership."
    ),
    "person_known_elsewhere_username": _l("This account name is taken."),
    "person_has_account": _l(
        "Somebody with “%(value)s” has an account already: add a membership there instead of a second account."
    ),
    "same_name": _l(
        "%(name)s works at this unit already (%(username)s). If this is another person of the same name, say so"
        " below; otherwise add a membership to the account that is there."
    ),
    "same_name_row": _l(
        "Somebody named %(value)s works at this unit already. Invite a person of the same name one by one."
    ),
    "person_has_left": _l("%(name)s has left. Let the person return first."),
    "person_has_not_left": _l("%(name)s has not left."),
    "person_is_locked": _l("The account of %(name)s is locked. Unlock it first."),
    "member_already": _l("%(name)s belongs to %(agency)s already."),
    "membership_ended": _l("This membership of %(name)s has ended meanwhile."),
    "last_membership": _l("This is the only membership of %(name)s. Let the person leave instead."),
    "invitation_waits": _l("%(name)s has not accepted the invitation yet. Send it again, or print a slip."),
    "invitation_closed": _l("This invitation is no longer open."),
    "invitation_is_slip": _l("This invitation has no mail address. Print a slip instead."),
    "invitation_unknown": _l(
        "This link is not known. It may be incomplete, or a newer invitation has replaced it."
    ),
    "invitation_used": _l("This link has been used already. Log in with the password that you chose."),
    "invitation_cancelled": _l("This invitation was taken back. Ask whoever invited you."),
    "invitation_expired": _l(
        "This link has expired: it is good for seven days. Ask for the invitation to be sent again."
    ),
    "invitation_of_another": _l(
        "This link is for %(name)s, and somebody else is logged in here. Log out first, then open it again."
    ),
    "work_without_successor": _l("Choose who takes over: %(label)s"),
    "work_cannot_go": _l(
        "%(label)s cannot be handed over: %(why)s Leave it with the agency, or solve it first."
    ),
    "successor_unfit": _l("Whoever takes over works at the same agency and holds the role that it needs."),
    "move_waits": _l("A move to %(agency)s waits for its answer already. Take it back first."),
    "move_decided": _l("This move has been decided already."),
    "move_of_own_request": _l("Whoever asked for a move does not accept it as well."),
    "asker_gone": _l("Whoever asked for this move may no longer do so. It has to be asked for again."),
    "agency_has_people": _l(
        "%(people)s people still belong to this agency. Move them, or let them leave, then close it."
    ),
    "own_agency": _l("Nobody closes the own agency. The office above does that."),
    "too_many_people": _l("At most %(most)s people at once. Choose fewer, then go on."),
    "no_role_goes_along": _l(
        "None of the roles of %(name)s goes along to %(agency)s. Move this person on the own page."
    ),
    "batch_forgotten": _l("This file is no longer kept. Hand it in again."),
    "batch_without_good_rows": _l("No row of the file is in order. Correct it, then hand it in again."),
    "batch_too_long": _l("The file has %(found)s rows. Hand in at most %(most)s at once."),
}
