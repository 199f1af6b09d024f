"""What people do with rows of national systems: decide, review, send back; and what publication tells."""

from app.inspections.national.services.deciding import decide
from app.inspections.national.services.reviewing import (
    approve,
    approve_all,
    note_published,
    republish,
    send_back,
)

__all__ = ["approve", "approve_all", "decide", "note_published", "republish", "send_back"]
