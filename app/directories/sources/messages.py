"""Sentences of the sources and of the synchronisation."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "source_unknown": _l("No active system has the code %(source)s."),
    "source_code_shape": _l(
        "“%(value)s” is no code of a system: 2 to 40 small letters, digits and hyphens, a letter first."
    ),
    "source_code_reserved": _l("“%(value)s” means something else in the portal. Choose another code."),
    "source_name_missing": _l("The name is missing: it stands beside every field that the system says."),
    "source_agency_elsewhere": _l("This agency lies outside your area."),
    "source_busy": _l("A batch of this system is being worked on. Send the next one when it is answered."),
    "source_flood": _l("More than %(most)s batches in a minute. Wait %(seconds)s seconds."),
    "source_order_unknown": _l("“%(value)s” is no source that is known here."),
    "source_order_twice": _l("“%(value)s” stands twice in the order."),
    "source_field_unknown": _l("“%(value)s” is no field whose source is kept."),
    "sync_body": _l("Send a JSON object with source (text) and rows (list)."),
    "sync_too_many": _l("%(found)s rows; a batch has at most %(most)s."),
    "sync_too_big": _l("The batch is bigger than %(most)s MB."),
    "sync_too_slow": _l(
        "The batch took longer than %(most)s seconds; nothing of it was taken over. Send fewer rows."
    ),
    "sync_key_shape": _l("An Idempotency-Key has 1 to 100 visible ASCII characters."),
    "sync_key_reused": _l(
        "This Idempotency-Key came with another batch before. Choose a new key for a new batch."
    ),
    "sync_row_shape": _l("The row is no JSON object."),
    "sync_source_id": _l("The row needs a source_id: a text or a number, at most %(most)s characters."),
    "sync_repeated": _l("“%(value)s” stands already in row %(first)s of this batch."),
    "sync_unknown_field": _l("“%(value)s” is no field of a target."),
    "sync_not_text": _l("The field %(value)s has to be a text."),
    "sync_not_boolean": _l("deleted has to be true or false."),
    "sync_unreadable": _l("The field %(value)s holds characters that cannot be stored."),
    "sync_other_target": _l(
        "Under this source_id stands %(held)s; the code %(value)s belongs to another target. If both are one "
        "enterprise, merge them first."
    ),
    "sync_code_differs": _l(
        "%(value)s does not take the place of %(held)s: only a code of a higher rank does (R-11.5)."
    ),
    "sync_same_target": _l("Row %(first)s of this batch is about the same target."),
    "sync_nothing_to_delete": _l("The system never brought a row with this source_id."),
    "conflict_decided": _l("This has been decided already."),
    "conflict_nothing": _l("No conflict that waits for you fits this choice."),
    "feed_cursor": _l("since is no cursor of this feed. Begin without it, and then send what stood in next."),
}
