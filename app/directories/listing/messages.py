"""Sentences of saved views."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "view_of_another": _l("This view belongs to somebody else. Save it as a view of your own to change it."),
    "view_of_a_person": _l("Only a person has views of a list."),
    "view_name_too_long": _l("At most %(most)s characters."),
    "view_name_taken": _l("A view of this name is there already."),
    "views_too_many": _l("At most %(most)s views of your own. Delete one that you no longer need."),
}
