"""Permissions of the stage “summing up”, in plain words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SUM_UP = {
    "DossierView": {
        "can_list": _l("List dossiers"),
        "can_show": _l("Open a dossier"),
        "can_download": _l("Download a dossier"),
        "can_close": _l("Close a task"),
        "can_build": _l("Build the dossier of a task"),
    },
    "EventsView": {
        "can_export": _l("Export events"),
        "can_list": _l("Look through the events of the units within reach"),
    },
}
