"""Which targets a rule selects, and the libraries themselves. All within the scope."""

from app.directories.libraries.queries.people import PAGE as PEOPLE_PAGE
from app.directories.libraries.queries.people import (
    joint_inspectors,
    library_inspectors,
    people_of,
    people_picks,
)
from app.directories.libraries.queries.reading import (
    PAGE,
    changes_of,
    get_library,
    libraries,
    library_names,
    members_here,
    pick_page,
    unknown_words,
)
from app.directories.libraries.queries.selecting import (
    Count,
    count,
    count_by_class,
    count_outside,
    in_libraries,
    iter_frame_rows,
    members,
    members_by_class,
    rule_criterion,
    select_targets,
)

__all__ = [
    "Count",
    "changes_of",
    "count",
    "count_by_class",
    "count_outside",
    "get_library",
    "in_libraries",
    "iter_frame_rows",
    "joint_inspectors",
    "libraries",
    "library_inspectors",
    "library_names",
    "members",
    "members_by_class",
    "members_here",
    "PAGE",
    "PEOPLE_PAGE",
    "people_of",
    "people_picks",
    "pick_page",
    "rule_criterion",
    "select_targets",
    "unknown_words",
]
