"""Permissions of the stage “settings and supervision”, in plain words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SETTINGS = {
    "AgencyView": {
        "can_edit": _l("Change the data of units"),
    },
    "RegionView": {
        "can_edit": _l("Change the data of regions"),
    },
    "SourceView": {
        "can_list": _l("See the systems that push targets, their batches and faults"),
        "can_keep": _l("Register systems that push targets, and switch them off"),
    },
    "SourceOrderView": {
        "can_set": _l("Set whose word counts for each field of a target"),
    },
    "ConsoleDoor": {
        "can_open": _l("Open the system console"),
    },
    "RoleView": {
        "can_list": _l("See roles and what each may"),
        "can_compose": _l("Compose roles of the own office, change and archive them"),
        "can_explain": _l("Ask what a person can do and why"),
    },
    "WhoCanSeeView": {
        "can_ask": _l("Ask who can see a record"),
    },
    "PeopleView": {
        "can_keep": _l("Look after people: invite, lock, move, end accounts, give roles"),
    },
    "PolicyView": {
        "can_read": _l("Read the policy of passwords, lock-out and sessions"),
        "can_change": _l("Change the policy of passwords, lock-out and sessions"),
        "can_locked": _l("See which accounts are locked"),
        "can_unlock": _l("Unlock accounts"),
    },
    "FactorsOffice": {
        "can_reset": _l("Take away a lost second factor"),
    },
    "SecurityLogView": {
        "can_list": _l("Read the security log"),
        "can_export": _l("Export the security log"),
    },
    "SecurityLogAlertView": {
        "can_list": _l("See security alerts"),
        "can_acknowledge": _l("Take note of security alerts"),
    },
}
