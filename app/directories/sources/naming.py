"""Sources as a person reads them."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.directories.sources import queries
from app.directories.sources.rules import AGENCY, AGENCY_SYSTEMS, BASE, BASE_SYSTEMS, FORM, IMPORT

GROUP_WORDS = {
    FORM: _l("Typed by a person"),
    IMPORT: _l("Imported from a file"),
    BASE: _l("Base directory"),
    BASE_SYSTEMS: _l("Systems that feed the base"),
    AGENCY_SYSTEMS: _l("Systems of agencies"),
    AGENCY: _l("Rows of agencies"),
}


def source_words(session: Session, sources: Iterable[str]) -> dict[str, str]:
    """Every source in words, two queries at most."""
    wanted = set(sources)
    names = queries.labels(session, wanted)
    return {one: str(GROUP_WORDS.get(one) or names.get(one) or one) for one in wanted}
