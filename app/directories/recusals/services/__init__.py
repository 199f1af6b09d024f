"""Verbs of recusal."""

from app.directories.recusals.services.answering import (
    confirm_request,
    reject_request,
    request_recusal,
)
from app.directories.recusals.services.applying import (
    Applied,
    apply_rules,
    keep_rule,
    made_by,
    rules_of,
)
from app.directories.recusals.services.declaring import (
    DECLARERS,
    KEEPERS,
    declare,
    default_declarer,
    withdraw,
)
from app.directories.recusals.services.tying import keep_tie, remove_tie

__all__ = [
    "DECLARERS",
    "KEEPERS",
    "Applied",
    "apply_rules",
    "confirm_request",
    "declare",
    "default_declarer",
    "keep_rule",
    "keep_tie",
    "made_by",
    "reject_request",
    "remove_tie",
    "request_recusal",
    "rules_of",
    "withdraw",
]
