"""Verbs over people. Every one asks `area` and the rules of roles itself, whoever calls it."""

from app.people.services.accepting import accept, link_of, refuse_link
from app.people.services.dissolving import close_agency, settle_people
from app.people.services.inviting import cancel, invite, resend
from app.people.services.keeping import (
    add_membership,
    change_facts,
    end_membership,
    end_session_of,
    lock,
    print_slip,
    unlock,
)
from app.people.services.leaving import come_back, leave
from app.people.services.merging import merge_region
from app.people.services.moving import accept_move, ask_move, decline_move, move, withdraw_move

__all__ = [
    "accept",
    "accept_move",
    "add_membership",
    "ask_move",
    "cancel",
    "change_facts",
    "close_agency",
    "come_back",
    "decline_move",
    "end_membership",
    "end_session_of",
    "invite",
    "leave",
    "link_of",
    "lock",
    "merge_region",
    "move",
    "print_slip",
    "refuse_link",
    "resend",
    "settle_people",
    "unlock",
    "withdraw_move",
]
