"""The list of recusals: its columns and filters."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, case, false, literal, null, or_, true
from sqlalchemy.orm import Session

from app.directories.inspectors.models import Inspector
from app.directories.listing.columns import Column
from app.directories.listing.filters import Filter
from app.directories.listing.listing import Listing, Preset, add_listing
from app.directories.recusals.models import Recusal
from app.directories.recusals.queries import active_in
from app.directories.recusals.rules import DeclaredBy, RecusalReason
from app.directories.recusals.services import KEEPERS
from app.directories.targets.models import Target
from app.directories.targets.search import like_pattern, matches
from app.kernel.clock import today
from app.security.context import current_actor, current_clock
from app.security.scoping import criterion, scope_of, scoped_select

_P = Recusal.__table__.c
_I = Inspector.__table__.c
_T = Target.__table__.c
_COLOURS = {"in_force": "info", "withdrawn": "none", "over": "none", "later": "warn"}


def _joins(session: Session, statement: Select[Any]) -> Select[Any]:
    """Both sides as far as they are within the scope."""
    scope = scope_of(session)
    return statement.outerjoin(
        Inspector.__table__, and_(_I.id == _P.inspector_id, criterion(Inspector, scope))
    ).outerjoin(Target.__table__, and_(_T.id == _P.target_id, criterion(Target, scope)))


def _search(session: Session, text: str) -> ColumnElement[bool] | None:
    """By the inspector's name or number, by the target's name or code."""
    wanted = text.strip()
    by_target = matches(wanted)
    if by_target is None:
        return None
    pattern = f"%{like_pattern(wanted)}%"
    people = scoped_select(session, Inspector, _I.id).where(
        or_(_I.name.like(pattern, escape="\\"), _I.certificate_no.like(pattern, escape="\\"))
    )
    # Few targets are recused at all: they are looked up from the recusals, not the other way round.
    found = scoped_select(session, Target, _T.id).where(_T.id == _P.target_id, by_target)
    return or_(_P.inspector_id.in_(people), found.exists())


def _stand() -> ColumnElement[str]:
    day = today(current_clock())
    return case(
        (_P.withdrawn_on.is_not(None), literal("withdrawn")),
        (_P.since > day, literal("later")),
        (_P.until < day, literal("over")),
        else_=literal("in_force"),
    )


def _stand_words(value: str) -> str:
    return dict(_states(None)).get(value, value)


def _states(session: Session | None) -> list[tuple[str, Any]]:
    return [
        ("in_force", _("In force")),
        ("later", _("Not in force yet")),
        ("over", _("Not in force any more")),
        ("withdrawn", _("Withdrawn")),
    ]


def _by_state(session: Session, values: tuple[str, ...]) -> ColumnElement[bool]:
    day = today(current_clock())
    known = {
        "in_force": active_in(day, day),
        "later": and_(_P.withdrawn_on.is_(None), _P.since > day),
        "over": and_(_P.withdrawn_on.is_(None), _P.until < day),
        "withdrawn": _P.withdrawn_on.is_not(None),
        "all": true(),
    }
    return or_(false(), *(known[value] for value in values if value in known))


def _words_of(states: Any) -> Any:
    return lambda value: _(states(value).label) if value in set(states) else value


def _choices_of(states: Any) -> Any:
    return lambda session: [(state.value, _(state.label)) for state in states]


def _act() -> ColumnElement[Any]:
    """What the person may do with the row: a word, or nothing."""
    if not current_actor().roles & KEEPERS:
        return null()
    return case((_P.withdrawn_on.is_(None), literal("withdraw")), else_=null())


RECUSALS = add_listing(
    Listing(
        key="recusals",
        model=Recusal,
        title=_l("Recusals"),
        joins=_joins,
        columns=(
            Column(
                "inspector",
                _l("Inspector"),
                _I.name,
                fixed=True,
                link=lambda number: url_for("InspectorView.show", inspector_id=number),
                refers=_I.id,
            ),
            Column("certificate_no", _l("Certificate number"), _I.certificate_no, kind="code"),
            Column(
                "target",
                _l("Target"),
                _T.name,
                link=lambda number: url_for("TargetView.show", target_id=number),
                refers=_T.id,
            ),
            Column(
                "reason",
                _l("Ground"),
                _P.reason,
                sortable=True,
                value=_words_of(RecusalReason),
                link=lambda number: url_for("RecusalView.show", recusal_id=number),
                refers=_P.id,
            ),
            Column("evidence", _l("What the conflict of interest is"), _P.evidence),
            Column("declared_by", _l("Declared by"), _P.declared_by, value=_words_of(DeclaredBy)),
            Column("since", _l("From"), _P.since, kind="date", sortable=True),
            Column(
                "until",
                _l("Until"),
                _P.until,
                kind="date",
                sortable=True,
                value=lambda day: day or _("for good"),
            ),
            Column(
                "state",
                _l("Status"),
                _stand,
                kind="status",
                value=_stand_words,
                colour=lambda value: _COLOURS[value],
            ),
            Column("withdrawn_reason", _l("Withdrawn because"), _P.withdrawn_reason, shown=False),
            Column(
                "act",
                _l("Act"),
                _act,
                kind="act",
                value=lambda word: _("Withdraw") if word else "",
                link=lambda number: url_for("RecusalView.withdraw", recusal_id=number),
                refers=_P.id,
            ),
        ),
        filters=(
            Filter("state", _l("Status"), "choices", _states, _by_state),
            Filter(
                "reason",
                _l("Ground"),
                "choices",
                _choices_of(RecusalReason),
                lambda session, values: _P.reason.in_(values),
            ),
            Filter(
                "declared_by",
                _l("Declared by"),
                "choices",
                _choices_of(DeclaredBy),
                lambda session, values: _P.declared_by.in_(values),
            ),
        ),
        search=_search,
        order="-since",
        permission=("can_list", "RecusalView"),
        endpoint="RecusalView.list",
        search_label=_l("Inspector or target"),
        unit=_l("recusals"),
        presets=(Preset(_l("In force"), {"state": ("in_force",)}),),
    )
)
