"""Permissions of the stage “publishing”, in plain words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

PUBLISH = {
    "PublicationView": {
        "can_list": _l("List publications and their state"),
        "can_show": _l("Open a publication"),
        "can_try_again": _l("Send a publication again"),
        "can_withdraw": _l("Correct or withdraw a publication"),
    },
}
