"""Verbs of the directory of inspectors."""

from app.directories.inspectors.services.certificates import add_certificate, remove_certificate
from app.directories.inspectors.services.contacts import contacts
from app.directories.inspectors.services.importing import import_inspectors
from app.directories.inspectors.services.keeping import (
    KEEPERS,
    add_inspector,
    add_leave,
    change_inspector,
    end_leave,
    leave_duty,
)
from app.directories.inspectors.services.linking import (
    accounts_without_inspector,
    invite_inspector,
    link_account,
    unlink_account,
)
from app.directories.inspectors.services.transferring import (
    accept_transfer,
    ask_transfer,
    carry_out_due,
    decline_transfer,
    withdraw_transfer,
)
from app.directories.inspectors.services.warning import tell_of_ends

__all__ = [
    "KEEPERS",
    "accept_transfer",
    "accounts_without_inspector",
    "add_certificate",
    "add_inspector",
    "add_leave",
    "ask_transfer",
    "carry_out_due",
    "change_inspector",
    "contacts",
    "decline_transfer",
    "end_leave",
    "import_inspectors",
    "invite_inspector",
    "leave_duty",
    "link_account",
    "remove_certificate",
    "tell_of_ends",
    "unlink_account",
    "withdraw_transfer",
]
