"""Sentences of this package."""

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "demo_in_production": _l("The demo is not loaded in production."),
    "demo_on_used_database": _l("This database already has accounts; the demo needs an empty one."),
    "demo_no_free_entry": _l(
        "Every plan entry of the demo's agencies has a task under way. Close or cancel one, then play the journey."
    ),
    "demo_no_account": _l("There is no account “%(name)s”."),
}
