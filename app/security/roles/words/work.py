"""Permissions of the stage “everyday work”, in plain words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

WORK = {
    "ApiPage": {
        "can_index": _l("Read how programs use the portal (API)"),
    },
    "PortalOpenApi": {
        "can_get": _l("Get the description of the API as a file"),
    },
}
