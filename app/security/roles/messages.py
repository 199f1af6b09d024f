"""Sentences of this domain's errors and refusals."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "not_administered": _l("This unit is not in the area in which you give and take roles."),
    "beyond_own_rights": _l("The role “%(role)s” is beyond what you may give here."),
    "role_does_not_fit": _l("The role “%(role)s” does not belong at this unit."),
    "role_of_other_area": _l("The role “%(role)s” was composed by an office of another area."),
    "role_archived": _l("The role “%(role)s” is archived and no longer given."),
    "own_roles": _l("Nobody changes the own roles or account here. Your administrator does that."),
    "longer_than_own": _l("You hold this role yourself only until %(until)s, and cannot give it for longer."),
    "account_beyond_own_rights": _l(
        "This person holds a role that you may not give. Only who may give all of a person's roles"
        " administers the account."
    ),
    "end_in_the_past": _l("The last day lies in the past."),
    "unit_closed": _l("This unit is closed. Roles are no longer given there."),
    "last_security_admin": _l(
        "This is the last security administrator. Appoint another one first, without an end."
    ),
    "bases_not_composable": _l("Choose at least one standard role from which roles may be composed."),
    "no_permission_chosen": _l("Choose at least one permission."),
    "permission_beyond_bases": _l("A permission was chosen that none of the standard roles has."),
    "base_without_permission": _l("No permission of the role “%(role)s” was chosen; leave it out."),
    "change_does_not_fit": _l("The role is held at “%(agency)s”, where these standard roles do not belong."),
    "role_still_held": _l("%(count)s people hold this role. Choose the role that they get instead."),
    "cannot_move_holders": _l(
        "The role “%(role)s” is more than the people at “%(agency)s” may get from here. Choose another one."
    ),
    "set_up_done": _l("This installation is set up. The set-up is closed for ever."),
    "set_up_without_office": _l("There is no regional office yet. Bring the database up to date first."),
    "set_up_incomplete": _l("The set-up makes all four accounts at once."),
    "username_shape": _l(
        "“%(value)s”: 3 to 40 small letters, figures or underscores, and at least one letter."
    ),
}
