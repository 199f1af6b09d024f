"""Sentences of mergers."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "merge_with_itself": _l("These are one and the same target."),
    "merge_changed_meanwhile": _l(
        "One of the two targets was changed while you compared them. Please look at them again."
    ),
    "merge_same_record": _l(
        "Both targets stand in the same record (%(table)s), which stays as it was written; they cannot be merged."
    ),
    "merge_still_referred": _l(
        "Something outside the directory still refers to the target; nothing was merged."
    ),
    "merge_parted_already": _l("These two targets have been parted already."),
    "merge_part_later_first": _l(
        "The kept target was merged into another one since. Part that merger first."
    ),
    "merge_code_taken": _l("The code %(value)s belongs to another target by now; the two cannot be parted."),
}
