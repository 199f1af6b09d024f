"""Sentences of the undo."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.directories.undoing.rules import Why

SENTENCES = {
    "undone_already": _l("This has been undone already, or the undo is on its way."),
    "nothing_to_undo": _l("Nothing was changed here, so there is nothing to undo."),
    "too_late_to_undo": _l(
        "The change lies more than %(days)s days back; it can no longer be undone as a whole."
    ),
}
WHY = {
    Why.CHANGED: _l("Somebody has changed it since"),
    Why.GONE: _l("Not there any more, or no longer within your area"),
    Why.TAKEN: _l("Another record has this value now"),
    Why.IN_USE: _l("Other records refer to it"),
}
