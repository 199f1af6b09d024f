"""What is published, by whom, until when, and how long it stays. Pure."""

from app.publicity.rules.life import (
    Origin,
    PublicationAct,
    PublicationState,
    after,
    by_31_march,
    is_late,
    may_publish_result,
    may_withdraw,
    shown_until,
    still_shown,
)
from app.publicity.rules.shapes import KINDS, SHAPES, PublicKind, check_payload, fields_of, personal_numbers

__all__ = [
    "KINDS",
    "Origin",
    "SHAPES",
    "PublicKind",
    "PublicationAct",
    "PublicationState",
    "after",
    "by_31_march",
    "check_payload",
    "fields_of",
    "is_late",
    "may_publish_result",
    "may_withdraw",
    "personal_numbers",
    "shown_until",
    "still_shown",
]
